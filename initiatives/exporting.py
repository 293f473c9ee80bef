"""The one way in which a list is exported.

A list view says once which columns it has; the table on the page and the file are made from the same columns
and the same rows. So the file holds what the page shows: the same queryset, filters, order and access.

    listing = Listing("Lokale indsatser", COLUMNS, rows)
    if form := wanted_format(request):                # ?format=csv or xlsx; BadRequest for anything else
        return listing.file(form)
    context = {"listing": listing.page(request.GET.get("side"))}

with ``COLUMNS = (Column("Titel", lambda row: row.title), …)``; the template includes
``components/listing.html``, which has the links to the files too. The first column of the page is a link to
``row.get_absolute_url()``, where a row has one. In a demo database every file says in a last column that it is
invented.

Of a query no more than ``CHUNK`` rows are held at once, however many there are. CSV is sent while it is read; its
first rows are read before the answer begins, and if a later one fails, the last line says that the file is not whole.
XLSX is written to a temporary file first, and its length goes along.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, count, islice
from tempfile import TemporaryDirectory
from typing import IO, Any

import xlsxwriter
from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from flere_haender.days import danish_day, today
from stakeholders.models import Installation

from .files import escaped, packed_download, printable, streamed_download, temporary_file

BETWEEN = " | "  # between the parts of a list in one cell
DEMO_COLUMN = "demodata"
DEMO = "Opdigtede tal"
PER_PAGE = 20
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 500  # rows that are read at once
SHEET_ROWS = 1_048_575  # that Excel has room for below the headings
BROKEN_OFF = "FEJL: Filen er ikke hel. Hent den igen."


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
        self.rows = [TableRow(_address(row), [_cell(c, row) for c in self.columns]) for row in page]


class Listing:
    """Rows with their columns: as pages, and as a file of all of them."""

    def __init__(self, name: str, columns: Sequence[Column], rows: Any) -> None:
        self.name, self.columns, self.rows = name, columns, rows

    def page(self, number: str | None) -> ListingPage:
        return ListingPage(self, Paginator(self.rows, PER_PAGE).get_page(number))

    def file(self, form: str) -> Any:
        """All rows in the columns, as ``csv`` or ``xlsx``: a ``StreamingHttpResponse``."""
        demo = Installation.is_demo()
        headings = [column.title for column in self.columns] + [DEMO_COLUMN] * demo
        table = ([column.value(row) for column in self.columns] + [DEMO] * demo for row in each(self.rows))
        return FORMATS[form](headings, table, f"{self.name} {today().isoformat()}.{form}")


def each(rows: Any) -> Iterator[Any]:
    """The rows one by one; those of a query in chunks, each with what is to be fetched along with it."""
    return rows.iterator(chunk_size=CHUNK) if isinstance(rows, QuerySet) else iter(rows)


def wanted_format(request: HttpRequest) -> str:
    """The file that the address asks for; empty is the page.

    Raises:
        BadRequest: there is no such file.
    """
    form = request.GET.get("format", "")
    if form and form not in FORMATS:
        raise BadRequest("format")
    return form


def _address(row: Any) -> str:
    return row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""


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


def csv_pieces(headings: Iterable[str], table: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """Semicolons and a byte order mark, as Danish Excel opens it; ``CHUNK`` whole lines at a time."""
    lines = chain([headings], ([csv_cell(value) for value in row] for row in table))
    mark = "\ufeff"
    while part := list(islice(lines, CHUNK)):
        file = io.StringIO(newline="")
        csv.writer(file, delimiter=";").writerows(part)
        yield f"{mark}{file.getvalue()}".encode()
        mark = ""


def csv_file(headings: Iterable[str], table: Iterable[Iterable[Any]]) -> bytes:
    return b"".join(csv_pieces(headings, table))


def _csv_download(headings: Iterable[str], table: Iterable[Iterable[Any]], name: str) -> StreamingHttpResponse:
    """What fails among the first rows is an ordinary error, for nothing has been sent."""
    pieces = csv_pieces(headings, table)
    return streamed_download(_marked_if_broken(next(pieces), pieces), name, CSV)


def _marked_if_broken(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    """What fails later breaks the connection off. A proxy may hide that, and so the file says it too."""
    yield first
    try:
        yield from others
    except Exception:
        yield f"{BROKEN_OFF}\r\n".encode()
        raise


def _xlsx_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return danish_day(value)
    if isinstance(value, list):
        value = BETWEEN.join(str(part) for part in value)
    return escaped(printable(value)) if isinstance(value, str) else value


def xlsx_file(headings: Sequence[str], table: Iterable[Iterable[Any]], *, sheet_rows: int = SHEET_ROWS) -> IO[bytes]:
    """A workbook as a temporary file, in which days are days, numbers numbers, and no text is a formula.

    Args:
        sheet_rows: how many rows a sheet has room for; the others go on the next one.
    """
    file = temporary_file()
    rows = iter(table)
    with TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(file, {**XLSX_OPTIONS, "tmpdir": folder})
        book.set_properties({"created": datetime.combine(today(), time.min)})
        for number in count(1):
            name = "Data" if number == 1 else f"Data {number}"
            if _write_sheet(book.add_worksheet(name), headings, islice(rows, sheet_rows)) < sheet_rows:
                break
        book.close()
    file.seek(0)
    return file


XLSX_OPTIONS = {
    "constant_memory": True,
    "default_date_format": "yyyy-mm-dd",
    **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
}


def _write_sheet(sheet: Any, headings: Sequence[str], rows: Iterable[Iterable[Any]]) -> int:
    """Returns how many rows there were."""
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, headings)
    number = 0
    for number, row in enumerate(rows, 1):
        sheet.write_row(number, 0, [_xlsx_cell(value) for value in row])
    return number


def _xlsx_download(headings: Sequence[str], table: Iterable[Iterable[Any]], name: str) -> StreamingHttpResponse:
    return packed_download(xlsx_file(headings, table), name, XLSX)


FORMATS = {"csv": _csv_download, "xlsx": _xlsx_download}
