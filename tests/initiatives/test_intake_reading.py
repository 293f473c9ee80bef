"""How cells are read, whatever they mean: what a person sees in them, and no more of them than the limits say."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
import xlsxwriter
from django.core.exceptions import ValidationError

from initiatives.intake.archive import Limits
from initiatives.intake.plain import LONGEST_ROW, PlainRows
from initiatives.intake.reading import read_csv, read_workbook


@pytest.mark.parametrize(
    ("value", "shown_as", "text"),
    [(0.042, "0%", "4,2"), (0.042, "0.0 %", "4,2"), (1, "0%", "100"), (-0.5, "0%", "-50"), (0.042, "0.000", "0,042")],
)
def test_a_percentage_is_read_as_it_is_shown(value: float, shown_as: str, text: str) -> None:
    book = openpyxl.Workbook()
    cell = book.active.cell(1, 1, value)
    cell.number_format = shown_as
    file = io.BytesIO()
    book.save(file)
    [(_, row)] = list(read_workbook(file.getvalue()).rows("Sheet"))
    assert (row[1].text, row[1].is_number) == (text, True)


def test_a_csv_of_more_cells_than_the_limit_is_refused() -> None:
    content = b"a;b;c\n" * 4
    assert len(list(read_csv(content, Limits(elements=12)))) == 4
    with pytest.raises(ValidationError, match="højst 11 udfyldte celler"):
        list(read_csv(content, Limits(elements=11)))


def _rewritten(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The file with another sheet."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            after.writestr(name, change(part) if name == "xl/worksheets/sheet1.xml" else part)
    return file.getvalue()


def _sheet_of_everything() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet("Sheet")
        formats = [None, *(book.add_format({"num_format": shape}) for shape in ("0 %", "yyyy-mm-dd"))]
        for row in range(400):
            page.write_row(row, 0, [f"Række {row}", "æ < ø & å", " to  ord\nlinje ", "_x000D_", True])
            for place, style in enumerate(formats, 5):
                page.write_number(row, place, row * 1.25 - 40 * (place == 5), style)
            if row % 7 == 0:
                page.write_formula(row, 8, "=A1", value="gammel")
                page.write_formula(row, 9, "=NA()", value="#N/A")
    return file.getvalue()


# Each keeps all rows from the pattern that takes plain ones, so that the parser reads them.
THROUGH_THE_PARSER = {
    "a comment": lambda sheet: sheet.replace(b"<sheetData>", b"<!-- . --><sheetData>"),
    "another encoding": lambda sheet: sheet.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16"),
    "a line break in each tag": lambda sheet: sheet.replace(b"<row ", b"<row\n"),
    "CDATA": lambda sheet: sheet.replace(b"<sheetData>", b"<sheetData><![CDATA[ ]]>"),
}


@pytest.mark.parametrize("how", THROUGH_THE_PARSER)
def test_plain_rows_are_read_as_the_parser_reads_them(how: str) -> None:
    content = _sheet_of_everything()
    rows = list(read_workbook(content).rows("Sheet"))
    assert len(rows) == 400
    assert [cell.text for cell in rows[5][1].values()][:5] == [
        "Række 5",
        "æ < ø & å",
        "to  ord\nlinje",
        "_x000D_",
        "Ja",
    ]
    assert rows == list(read_workbook(_rewritten(content, THROUGH_THE_PARSER[how])).rows("Sheet"))


def test_what_is_commented_out_is_no_row() -> None:
    hidden = b'<!-- <row r="900"><c r="A900"><v>1</v></c></row> --></sheetData>'
    content = _rewritten(_sheet_of_everything(), lambda sheet: sheet.replace(b"</sheetData>", hidden))
    assert [number for number, _ in read_workbook(content).rows("Sheet")] == list(range(1, 401))


HIDDEN = b'!-- </row><row r="7"><c r="A7"><v>999</v></c></row> --></sheetData></worksheet>'


@pytest.mark.parametrize(
    "chunks",
    [
        [b"<worksheet><sheetData>", b" " * LONGEST_ROW + b"<", HIDDEN],
        [b"<worksheet><sheetData>", b'<row r="1"><c r="A1"><v>\xe6</v></c></row><', HIDDEN],
    ],
)
def test_nothing_is_plain_after_what_the_parser_had_to_take(chunks: list[bytes]) -> None:
    taken: list[int] = []
    parsed: list[bytes] = []
    rows = PlainRows(parsed.append, lambda number, cells: taken.append(number))
    for chunk in chunks:
        rows.feed(chunk)
    rows.end()
    assert (taken, b"".join(parsed)) == ([], b"".join(chunks))


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(rows=399), "flere end 399 rækker"),
        (Limits(columns=7), "flere end 7 kolonner"),
        (Limits(longest=2), "for lang en tekst"),
        (Limits(elements=2_000), "fylder for meget"),
    ],
)
def test_plain_rows_keep_to_the_limits(limits: Limits, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        list(read_workbook(_sheet_of_everything(), limits).rows("Sheet"))
