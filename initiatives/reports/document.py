"""A report as a document for those who edit it further: headings, text and tables, with styles."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from . import office
from .document_tables import HEAD, ROW, SMALL, TABLE_STYLE, add_pairs, add_table
from .facts import Report
from .office import LANGUAGE, plain
from .parts import Part, Table

A4 = Mm(210), Mm(297)
MARGIN = Mm(20)
LAST = "sag"  # stands after how to read the report
NEWEST = "15"  # the compatibility mode of every Word since 2013
WIDE = 9  # columns; a table with more of them lies down
EXPLANATION, LEAD, BAND = "Forklaring", "Manchet", "Demodata"
# Size, points before and after.
HEADINGS: dict[int, tuple[float, float, float]] = {1: (23, 0, 6), 2: (15, 18, 4), 3: (12, 10, 2)}
STYLES: dict[str, tuple[float, str, float]] = {  # size, colour, points after
    SMALL: (8.5, office.INK, 0),
    HEAD: (8.5, "FFFFFF", 0),
    ROW: (8.5, office.INK, 0),
    EXPLANATION: (9, office.MUTED, 6),
    LEAD: (12, office.INK, 6),
    BAND: (9, office.INK, 0),
}


def as_docx(report: Report) -> bytes:
    """The report as a Word document. The same report gives the same bytes."""
    document = docx.Document()
    _dress(document)
    office.describe(document, report)
    _lay(document.sections[0], lying=False)
    _running_heads(document.sections[0], report)
    document.add_heading(plain(report.title), 1)
    document.add_paragraph(plain(report.lead), LEAD)
    front = [
        (label, f"{value} {report.known_text}" if label == "Grundlag" else value) for label, value in report.front
    ]
    add_pairs(document, "Om rapporten", front)
    for part in report.parts:
        if part.content != LAST:
            _add_part(document, part)
    _add_reading(document, report)
    for part in report.parts:
        if part.content == LAST:
            _add_part(document, part)
    file = io.BytesIO()
    document.save(file)
    return office.sealed(file.getvalue(), report.as_of)


def _add_part(document: Any, part: Part) -> None:
    tables = [_filled(table) for table in part.on_paper() if table.rows]
    _turn(document, lying=any(len(table.columns) > WIDE for table in tables))
    document.add_heading(plain(part.heading), 2)
    for sentence in part.sentences():
        document.add_paragraph(plain(sentence), EXPLANATION if tables else None)
    for table in tables:
        add_table(document, table)
    for heading, text in part.sections():
        document.add_heading(plain(heading), 3)
        for paragraph in filter(None, plain(text).split("\n")):
            document.add_paragraph(paragraph)


def _add_reading(document: Any, report: Report) -> None:
    _turn(document, lying=False)
    document.add_heading("Sådan læses rapporten", 2)
    for term, meaning in report.definitions:
        line = document.add_paragraph(style="List Bullet")
        line.add_run(f"{term}: ").bold = True
        line.add_run(plain(meaning))
    for sentence in report.reading:
        document.add_paragraph(plain(sentence))
    said = f"Fingeraftryk af tallene: {report.fingerprint}. Den samme rapport kan laves igen på {report.address}"
    document.add_paragraph(plain(said), EXPLANATION)


def _filled(table: Table) -> Table:
    """The table without the columns in which nothing stands."""
    kept = [number for number in range(len(table.columns)) if any(row[number] not in ("", None) for row in table.rows)]
    rows = tuple(tuple(row[number] for number in kept) for row in table.rows)
    columns = tuple(table.columns[number] for number in kept)
    return replace(table, columns=columns, rows=rows, grouped=table.grouped and 0 in kept)


def _turn(document: Any, *, lying: bool) -> None:
    """Go on on a page that stands or lies, as the next table needs it."""
    if (document.sections[-1].orientation == WD_ORIENT.LANDSCAPE) != lying:
        _lay(document.add_section(), lying=lying)


def _lay(section: Any, *, lying: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = reversed(A4) if lying else A4
    section.left_margin = section.right_margin = section.bottom_margin = MARGIN
    section.top_margin, section.header_distance, section.footer_distance = Mm(24), Mm(10), Mm(10)


def _running_heads(section: Any, report: Report) -> None:
    """Who and whom on every page, that figures are invented where they are, and the number of the page."""
    head = section.header.paragraphs[0]
    head.add_run("Flere hænder").bold = True
    head.add_run(f"  {plain(report.subject_name)}")
    if notice := office.demo_notice(report):
        section.header.add_paragraph(plain(notice), BAND)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    foot.add_run(f"{office.dated(report)}.  Side ")
    for field, between in (("PAGE", " af "), ("NUMPAGES", "")):
        foot._p.append(_field(field))
        foot.add_run(between)


def _field(name: str) -> Any:
    return parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="{name}"><w:r><w:t>1</w:t></w:r></w:fldSimple>')


def _dress(document: Any) -> None:
    """Our typeface, sizes and colours as styles, and Danish as the language."""
    theme = document.part.part_related_by("http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme")
    office.in_theme(theme, office.FONT)
    styles = document.styles
    for tongue in (*styles.element.iter(qn("w:lang")), *document.settings.element.iter(qn("w:themeFontLang"))):
        tongue.set(qn("w:val"), LANGUAGE)
    _set(styles["Normal"], 10.5, office.INK, after=6)
    for level, (size, before, after) in HEADINGS.items():
        _set(styles[f"Heading {level}"], size, office.INK, before=before, after=after)
        whole = OxmlElement("w:suppressAutoHyphens")
        styles[f"Heading {level}"].element.pPr.insert_element_before(whole, "w:spacing")
    for name, (size, colour, after) in STYLES.items():
        _set(styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH), size, colour, after=after)
        styles[name].base_style = styles["Normal"]
        styles[name].paragraph_format.keep_with_next = name in (HEAD, ROW, EXPLANATION) or None
        styles[name].font.bold = name in (HEAD, ROW) or None
    for name in (SMALL, HEAD, ROW):
        styles[name].paragraph_format.line_spacing = 1
    band = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{office.DEMO}"/>')
    styles[BAND].element.pPr.insert_element_before(band, "w:spacing")
    for name in ("Header", "Footer"):
        _set(styles[name], 9, office.MUTED)
    styles.element.append(parse_xml(TABLE_STYLE))
    _settle(document.settings.element)


def _set(style: Any, size: float, colour: str, *, before: float = 0, after: float = 0) -> None:
    style.font.size, style.font.color.rgb = Pt(size), RGBColor.from_string(colour)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)


def _settle(settings: Any) -> None:
    """Long words are hyphenated, and the compatibility mode is not that of an old Word."""
    settings.find(qn("w:defaultTabStop")).addnext(OxmlElement("w:autoHyphenation"))
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), NEWEST)
