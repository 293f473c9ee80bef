"""The one way in which a list is exported.

A list view says once which columns it has; the table on the page and the file are made from the same columns
and the same rows. So the file holds what the page shows: the same queryset, filters, order and access.

    listing = Listing("Lokale indsatser", COLUMNS, rows)
    if form := wanted_format(request):                # ?format=csv or xlsx; BadRequest for anything else
        return listing.file(form)
    context = {"listing": listing.page(request.GET.get("side"))}

with ``COLUMNS = (Column("Titel", lambda row: row.title), …)``; the template includes
``components/listing.html``, which has the links to the files too. The first column of the page is a link to
``row.get_absolute_url()``. In a demo database every file says in a last column that it is invented.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse

from flere_haender.days import danish_day, today
from stakeholders.models import Installation

from .files import download, escaped, sheet_text

BETWEEN = " | "  # between the parts of a list in one cell
DEMO_COLUMN = "demodata"
DEMO = "Opdigtede tal"
PER_PAGE = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Column:
    """A column of a list.

    Args:
        value: what stands there: text, a number, a day, a moment, a list of texts, or nothing.
        only_in_file: the page says it elsewhere, such as in its heading.
        about: on the page, small below the value.
    """

    title: str
    value: Callable[[Any], Any]
    only_in_file: bool = False
    about: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Cell:
    label: str
    text: str
    about: str = ""


@dataclass(frozen=True)
class TableRow:
    url: str
    cells: list[Cell]


class ListingPage:
    """One page of a list, for ``components/listing.html``."""

    def __init__(self, listing: Listing, page: Page[Any]) -> None:
        self.caption = listing.name
        self.columns = [column for column in listing.columns if not column.only_in_file]
        self.page = page
        self.count = page.paginator.count
        self.rows = [TableRow(row.get_absolute_url(), [_cell(c, row) for c in self.columns]) for row in page]


class Listing:
    """Rows with their columns: as pages, and as a file of all of them."""

    def __init__(self, name: str, columns: Sequence[Column], rows: Any) -> None:
        self.name, self.columns, self.rows = name, columns, rows

    def page(self, number: str | None) -> ListingPage:
        return ListingPage(self, Paginator(self.rows, PER_PAGE).get_page(number))

    def file(self, form: str) -> HttpResponse:
        """All rows in the columns, as ``csv`` or ``xlsx``."""
        demo = Installation.is_demo()
        headings = [column.title for column in self.columns] + [DEMO_COLUMN] * demo
        table = [[column.value(row) for column in self.columns] + [DEMO] * demo for row in self.rows]
        write, kind = FORMATS[form]
        return download(write(headings, table), f"{self.name} {today().isoformat()}.{form}", kind)


def wanted_format(request: HttpRequest) -> str:
    """The file that the address asks for; empty is the page.

    Raises:
        BadRequest: there is no such file.
    """
    form = request.GET.get("format", "")
    if form and form not in FORMATS:
        raise BadRequest("format")
    return form


def _cell(column: Column, row: Any) -> Cell:
    return Cell(column.title, shown(column.value(row)), shown(column.about(row)) if column.about else "")


def shown(value: Any) -> str:
    """A value as the page shows it."""
    value = danish_day(value) if isinstance(value, datetime) else value
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return "" if value is None else str(value)


def plain(value: Any) -> Any:
    """A value as a file for programs has it: the shortest number, the day as 2026-12-04, None for nothing."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        value = danish_day(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def csv_cell(value: Any) -> str:
    """A decimal comma, and no text that a spreadsheet takes for a formula."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, list):
        return str(escaped(BETWEEN.join(str(part) for part in value)))
    if isinstance(value, int | float):
        return str(value).replace(".", ",")
    return str(escaped(str(value)))


def csv_file(headings: Iterable[str], table: Iterable[Iterable[Any]]) -> bytes:
    """Semicolons and a byte order mark, as Danish Excel opens it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";")
    writer.writerow(headings)
    writer.writerows([csv_cell(value) for value in row] for row in table)
    return file.getvalue().encode("utf-8-sig")


def _xlsx_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return danish_day(value)
    if isinstance(value, list):
        value = BETWEEN.join(str(part) for part in value)
    return sheet_text(value) if isinstance(value, str) else value


def xlsx_file(headings: Iterable[str], table: Iterable[Iterable[Any]]) -> bytes:
    """A workbook in which days are days, numbers numbers, and no text is a formula."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    sheet.append(list(headings))
    for row in table:
        sheet.append([_xlsx_cell(value) for value in row])
    sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


FORMATS = {"csv": (csv_file, "text/csv; charset=utf-8"), "xlsx": (xlsx_file, XLSX)}
