"""A report as a workbook: a sheet for each table, with real days and numbers, and one with the definitions."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from math import ceil
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from initiatives.files import sheet_text

from .facts import Report
from .office import FONT, PETROL, sealed
from .parts import Table
from .words import BREAK

HEAD, HEAD_FILL = Font(name=FONT, size=11, bold=True, color="FFFFFF"), PatternFill("solid", fgColor=PETROL)
TOP = Alignment(vertical="top", wrap_text=True)
WIDEST, NARROWEST, ARROW = 60, 8, 4  # characters; a head has the arrow of a filter
PAGE = 220  # characters that can still be read when they are all on the width of a page
LINE, HIGHEST = 15, 409  # points


def as_xlsx(report: Report) -> bytes:
    """The report's figures. The same report gives the same bytes, and no text is a formula."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.title, book.properties.creator = f"Statusrapport: {report.subject_name}", "Flere hænder, KL"
    about = (("Rapport", report.title), ("Om", report.lead), *report.front, ("Kendt", report.known_text))
    pairs = (*about, ("Adresse", report.address), ("Fingeraftryk", report.fingerprint))
    reading = (*report.definitions, *(("Læs", sentence) for sentence in report.reading))
    for table in (
        Table("Om rapporten", ("Felt", "Indhold"), pairs),
        *report.tables,
        Table("Definitioner", ("Ord", "Betydning"), reading, is_reference=True),
    ):
        _add(book, table.marked(demo=report.demo))
    file = io.BytesIO()
    book.save(file)
    return sealed(file.getvalue(), report.as_of)


def _add(book: Any, table: Table) -> None:
    sheet = book.create_sheet(table.name)
    rows = [table.columns, *table.rows]
    for row in rows:
        sheet.append([_value(value) for value in row])
    for line in sheet.iter_rows():
        for cell in line:
            cell.alignment = TOP
            if isinstance(cell.value, date):
                cell.number_format = "dd.mm.yyyy"
    for cell in sheet[1]:
        cell.font, cell.fill = HEAD, HEAD_FILL
    widths = [_width(values) for values in zip(*rows, strict=True)]
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for number, line in enumerate(sheet.iter_rows(values_only=True), 1):
        sheet.row_dimensions[number].height = _height(line, widths)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, sum(widths) < PAGE
    sheet.print_title_rows = "1:1"


def _value(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return sheet_text(value.replace(BREAK, ""))


def _width(values: Iterable[Any]) -> int:
    head, *others = (10 if isinstance(value, date) else len(str(value or "")) for value in values)
    return min(max(head + ARROW, NARROWEST, *(length + 2 for length in others)), WIDEST)


def _height(line: Iterable[Any], widths: Iterable[int]) -> int:
    """Room for the lines into which the longest text of a row is broken, in points."""
    texts = ((value.split("\n"), width) for value, width in zip(line, widths, strict=True) if isinstance(value, str))
    lines = max((sum(max(ceil(len(part) / width), 1) for part in parts) for parts, width in texts), default=1)
    return min(LINE * lines, HIGHEST)
