"""Tables of a document: real ones, whose head repeats, whose rows stay whole, and which say what they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm

from . import office
from .office import shown
from .parts import Table

TABLE, HEAD, ROW, SMALL = "Rapporttabel", "Tabelhoved", "Gruppe", "Tabeltekst"
NUMBER = "Nr."
LONGEST = 45  # characters that a column may ask for
LETTER, AROUND = Mm(1.55), 2.8  # the width of a character of the small text; what stands around, in characters
WORD = 16  # characters; a longer word may be hyphenated
EDGE = f'w:val="single" w:sz="4" w:space="0" w:color="{office.RULE}"'
TABLE_STYLE = f"""<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="{TABLE}">
  <w:name w:val="{TABLE}"/><w:basedOn w:val="TableNormal"/><w:qFormat/>
  <w:tblPr><w:tblBorders><w:bottom {EDGE}/><w:insideH {EDGE}/></w:tblBorders>
    <w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>
      <w:bottom w:w="40" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>
  <w:tblStylePr w:type="firstRow">
    <w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{office.PETROL}"/><w:vAlign w:val="bottom"/></w:tcPr>
  </w:tblStylePr>
  <w:tblStylePr w:type="firstCol"><w:rPr><w:b/></w:rPr></w:tblStylePr>
</w:style>"""


def add_table(document: Any, table: Table) -> None:
    """The table with a head; where it is grouped, each group begins with a row of its own."""
    columns, rows = table.columns, table.rows
    if table.grouped:
        columns, rows = columns[1:], tuple(row[1:] for row in rows)
    made = _made(document, table.name, [columns, *rows], head=True)
    right = _at_the_right(columns, rows)
    _write(made.rows[0], columns, right, style=HEAD)
    _mark(made.rows[0], "w:tblHeader")
    before = None
    for line, row, whole in zip(made.rows[1:], rows, table.rows, strict=True):
        _write(line, row, right)
        if table.grouped and whole[0] != before:
            before = whole[0]
            line._tr.addprevious(_group_row(made, shown(before), len(columns)))


def add_pairs(document: Any, name: str, pairs: Sequence[tuple[str, str]]) -> None:
    """A table whose rows have their heads at the left."""
    made = _made(document, name, pairs, head=False)
    for line, pair in zip(made.rows, pairs, strict=True):
        _write(line, pair, frozenset())


def _made(document: Any, name: str, rows: Sequence[Sequence[Any]], *, head: bool) -> Any:
    section = document.sections[-1]
    width = section.page_width - section.left_margin - section.right_margin
    made = document.add_table(len(rows), len(rows[0]), TABLE)
    made.autofit = False
    for number, share in enumerate(_shares(rows, width / LETTER)):
        made.columns[number].width = Emu(round(width * share))
        for line in made._tbl.tr_lst:
            line.tc_lst[number].width = made.columns[number].width
    look = made._tbl.tblPr.find(qn("w:tblLook"))
    for key in list(look.attrib):
        del look.attrib[key]
    for key, is_on in (("firstRow", head), ("firstColumn", not head), ("noHBand", True), ("noVBand", True)):
        look.set(qn(f"w:{key}"), str(int(is_on)))
    look.set(qn("w:val"), "0620" if head else "0680")
    for tag in ("w:tblCaption", "w:tblDescription"):
        said = OxmlElement(tag)
        said.set(qn("w:val"), name)
        made._tbl.tblPr.append(said)
    return made


def _shares(rows: Sequence[Sequence[Any]], room: float) -> list[float]:
    """How much of the width each column has: its longest word, and of the rest what its texts ask for.

    Args:
        room: characters that stand beside each other in the whole width.
    """
    texts = [[shown(value) for value in column] for column in zip(*rows, strict=True)]
    words = [max((len(word) for text in column for word in text.split()), default=1) for column in texts]
    least = [AROUND + min(longest, WORD) for longest in words]
    asking = [
        AROUND + min(max(len(line) for text in column for line in text.split("\n")), LONGEST) for column in texts
    ]
    wanted = [max(pair) for pair in zip(asking, least, strict=True)]
    spare = max(room - sum(least), 0)
    asked = sum(wanted) - sum(least) or 1
    widths = [low + spare * (much - low) / asked for low, much in zip(least, wanted, strict=True)]
    return [width / sum(widths) for width in widths]


def _at_the_right(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> frozenset[int]:
    """The columns of days and of numbers; the number of a recommendation is a name."""
    kinds = (date, int, type(None))
    found = {number for number in range(len(columns)) if all(isinstance(row[number], kinds) for row in rows)}
    return frozenset(number for number in found if columns[number] != NUMBER)


def _write(line: Any, values: Sequence[Any], right: Collection[int], *, style: str = SMALL) -> None:
    _mark(line, "w:cantSplit")
    for number, (cell, value) in enumerate(zip(line._tr.tc_lst, values, strict=True)):
        paragraph = cell.p_lst[0]
        paragraph.style = style
        paragraph.add_r().text = shown(value)
        if number in right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _mark(line: Any, what: str) -> None:
    line._tr.get_or_add_trPr().append(OxmlElement(what))


def _group_row(made: Any, heading: str, span: int) -> Any:
    line = made.add_row()
    cells = line._tr.tc_lst
    cells[0].width = Emu(sum(column.width for column in made.columns))
    for cell in cells[1:]:
        line._tr.remove(cell)
    properties = cells[0].get_or_add_tcPr()
    properties.grid_span = span
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", office.TINT)):
        shade.set(qn(f"w:{key}"), value)
    cells[0].p_lst[0].style = ROW
    cells[0].p_lst[0].add_r().text = heading
    properties.append(shade)
    _mark(line, "w:cantSplit")
    return line._tr
