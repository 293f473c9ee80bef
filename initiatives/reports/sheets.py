"""A report as a workbook: a sheet for each table, with real days and numbers, and one with the definitions."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from initiatives.admin.files import escaped
from initiatives.exporting import DEMO, DEMO_COLUMN

from .facts import Report
from .parts import Table
from .words import BREAK

HEAD, HEAD_FILL = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0F4C5C")
TOP = Alignment(vertical="top", wrap_text=True)
WIDEST, NARROWEST = 60, 8  # characters
MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


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
        Table("Definitioner", ("Ord", "Betydning"), reading),
    ):
        _add(book, table, demo=report.demo)
    file = io.BytesIO()
    book.save(file)
    return _timeless(file.getvalue(), report.as_of)


def _add(book: Any, table: Table, *, demo: bool) -> None:
    sheet = book.create_sheet(table.name)
    rows = [(*table.columns, *((DEMO_COLUMN,) if demo else ()))]
    rows += [(*row, *((DEMO,) if demo else ())) for row in table.rows]
    for row in rows:
        sheet.append([_value(value) for value in row])
    for line in sheet.iter_rows():
        for cell in line:
            cell.alignment = TOP
            if isinstance(cell.value, date):
                cell.number_format = "dd.mm.yyyy"
    for cell in sheet[1]:
        cell.font, cell.fill = HEAD, HEAD_FILL
    for number, values in enumerate(zip(*rows, strict=True), 1):
        sheet.column_dimensions[get_column_letter(number)].width = _width(values)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.print_title_rows = "1:1"


def _value(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return escaped(ILLEGAL_CHARACTERS_RE.sub("", value.replace(BREAK, "")))


def _width(values: Iterable[Any]) -> int:
    longest = max(10 if isinstance(value, date) else len(str(value or "")) for value in values)
    return min(max(longest + 2, NARROWEST), WIDEST)


def _timeless(content: bytes, day: date) -> bytes:
    """The same workbook without the times at which it was made."""
    stamp = rb"\g<1>" + day.isoformat().encode() + b"T00:00:00Z"
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            entry = made.read(name)
            entry = MODIFIED.sub(stamp, entry) if name == "docProps/core.xml" else entry
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(info, entry)
    return packed.getvalue()
