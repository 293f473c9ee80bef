"""Makes workbooks that people fill in and send back: locked headings, drop-downs, and text that stays text.

XlsxWriter rather than openpyxl, which makes a formula of every text that begins with ``=`` and does not escape what
Excel reads as an escape (``_x0041_``). What is made here is read again by ``reading`` and ``table``.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from typing import Any

import xlsxwriter
from openpyxl.utils import get_column_letter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from .cells import as_text, fingerprint

KEY = "Nøgle"  # the hidden column by which a row is known again
IDENTITY, CHOICES = "identitet", "valg"  # hidden sheets
EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)
LINE, MOST_LINES = 15, 20  # points of a line; a row is no higher at first
LONGEST_MESSAGE = 255  # Excel's own limit
PETROL, PAPER, RULE = "#0F4C5C", "#F5F7F7", "#D5DCDE"


class Input(Enum):
    """What is typed in a cell."""

    TEXT = auto()
    DATE = auto()
    NUMBER = auto()
    CHOICE = auto()
    NOTHING = auto()  # locked: for reading only


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Args:
        width: in characters.
        choices: of ``Input.CHOICE``: what the drop-down holds.
        help: shown at the cell while it is chosen.
    """

    name: str
    input: Input = Input.TEXT
    width: int = 20
    choices: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True)
class Known:
    """A row with what is known already.

    Args:
        key: what it is known by when it comes back, without spaces.
        values: by the name of the column.
        own: the columns that are otherwise in this row, such as with choices of its own.
    """

    key: str
    values: Mapping[str, Any]
    own: Mapping[str, Column] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """A sheet with one table.

    Args:
        spare: how many empty rows there are for new ones.
        frozen: how many columns stay while one scrolls.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Known]
    spare: int = 0
    frozen: int = 2

    @property
    def typed(self) -> list[str]:
        """The columns that are typed in."""
        return typed_names(self.columns)


def typed_names(columns: Sequence[Column]) -> list[str]:
    return [column.name for column in columns if column.input is not Input.NOTHING]


def stamp(columns: Sequence[Column], values: Mapping[str, Any]) -> str:
    """The fingerprint of what is typed in a row: it tells whether the row has been changed, here or there."""
    return fingerprint(as_text(values.get(name)) for name in typed_names(columns))


def _lines(columns: Sequence[Column], row: Known) -> int:
    """About how many lines the row needs: not every program finds that out by itself."""
    texts = [(as_text(row.values.get(column.name)), column.width) for column in columns]
    needed = (sum(1 + len(line) // width for line in text.split("\n")) for text, width in texts)
    return min(max(needed), MOST_LINES)


def make_workbook(sheets: Sequence[Sheet], *, about: Sequence[str], identity: Mapping[str, Any]) -> bytes:
    """The file: a sheet that explains (``about``, the first line its heading), and the sheets."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        maker = Maker(book)
        maker.explain(about)
        for sheet in sheets:
            maker.add(sheet)
        maker.hide(identity)
    return file.getvalue()


class Maker:
    """One workbook under way."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        base = {"font_name": "Calibri", "font_size": 11, "text_wrap": True, "valign": "top"}
        lined = base | {"border": 1, "border_color": RULE}
        self.plain = book.add_format(base)
        self.title = book.add_format(base | {"bold": True, "font_size": 16, "font_color": PETROL})
        self.heading = book.add_format(lined | {"bold": True, "bg_color": PETROL, "font_color": "#FFFFFF"})
        self.locked = book.add_format(lined | {"bg_color": PAPER})
        typed = lined | {"locked": False}
        self.formats: dict[Input, Format] = {
            Input.TEXT: book.add_format(typed | {"num_format": "@"}),
            Input.CHOICE: book.add_format(typed | {"num_format": "@"}),
            Input.DATE: book.add_format(typed | {"num_format": "dd.mm.yyyy", "align": "left"}),
            Input.NUMBER: book.add_format(typed | {"num_format": "General", "align": "left"}),
            Input.NOTHING: self.locked,
        }
        self.lists: dict[tuple[str, ...], str] = {}

    def explain(self, about: Sequence[str]) -> None:
        page = self.book.add_worksheet("Læs mig")
        page.set_column(0, 0, 100)
        for number, line in enumerate(about):
            page.write_string(number, 0, line, self.plain if number else self.title)
        page.hide_gridlines(2)
        page.protect()

    def add(self, sheet: Sheet) -> None:
        page = self.book.add_worksheet(sheet.name)
        page.write_string(0, 0, KEY, self.heading)
        page.set_column(0, 0, None, None, {"hidden": True})
        for place, column in enumerate(sheet.columns, 1):
            page.set_column(place, place, column.width)
            page.write_string(0, place, column.name, self.heading)
        for number, row in enumerate(sheet.rows, 1):
            page.set_row(number, LINE * _lines(sheet.columns, row))
            page.write_string(number, 0, f"{row.key} {stamp(sheet.columns, row.values)}", self.locked)
            for place, column in enumerate(sheet.columns, 1):
                own = row.own.get(column.name, column)
                self.write(page, number, place, row.values.get(column.name), own)
                self.ask(page, number, number, place, own)
        self.add_spare(page, sheet)
        self.finish(page, sheet)

    def add_spare(self, page: Worksheet, sheet: Sheet) -> None:
        first, last = len(sheet.rows) + 1, len(sheet.rows) + sheet.spare
        for place, column in enumerate(sheet.columns, 1):
            for number in range(first, last + 1):
                page.write_blank(number, place, None, self.formats[column.input])
            if sheet.spare:
                self.ask(page, first, last, place, column)

    def finish(self, page: Worksheet, sheet: Sheet) -> None:
        page.freeze_panes(1, 1 + sheet.frozen)
        page.autofilter(0, 1, max(len(sheet.rows) + sheet.spare, 1), len(sheet.columns))
        allowed = ("format_columns", "format_rows", "autofilter")
        page.protect("", dict.fromkeys(allowed, True))
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        page.set_footer("&L&A&RSide &P af &N")

    def write(self, page: Worksheet, row: int, place: int, value: Any, column: Column) -> None:
        shape = self.formats[column.input]
        if isinstance(value, date):
            page.write_datetime(row, place, value, shape)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            page.write_number(row, place, value, shape)
        elif text := as_text(value):
            if page.write_string(row, place, text, shape):
                raise ValueError(f"no cell holds {len(text)} characters")
        else:
            page.write_blank(row, place, None, shape)

    def ask(self, page: Worksheet, first: int, last: int, place: int, column: Column) -> None:
        """The drop-down, or what else a cell takes, and the help at it."""
        wanted = self._wanted(column)
        if column.help:
            wanted |= {"input_title": column.name[:32], "input_message": column.help[:LONGEST_MESSAGE]}
        if wanted:
            page.data_validation(first, place, last, place, {"validate": "any"} | wanted)

    def _wanted(self, column: Column) -> dict[str, Any]:
        if column.input is Input.CHOICE:
            return {
                "validate": "list",
                "source": self._source(column.choices),
                "error_title": column.name[:32],
                "error_message": "Vælg fra listen, eller lad cellen være tom.",
            }
        if column.input is Input.DATE:
            return {
                "validate": "date",
                "criteria": "between",
                "minimum": EARLIEST,
                "maximum": LATEST,
                "error_title": column.name[:32],
                "error_message": "Skriv en dato som 31-05-2026, eller lad cellen være tom.",
            }
        return {}

    def _source(self, choices: tuple[str, ...]) -> str:
        """A list lies in a hidden sheet: written in the cell's rule it could hold but 255 characters."""
        if choices not in self.lists:
            letters = get_column_letter(len(self.lists) + 1)
            self.lists[choices] = f"={CHOICES}!${letters}$1:${letters}${len(choices)}"
        return self.lists[choices]

    def hide(self, identity: Mapping[str, Any]) -> None:
        lists = self.book.add_worksheet(CHOICES)
        for place, choices in enumerate(self.lists):
            for number, choice in enumerate(choices):
                lists.write_string(number, place, choice)
        known = self.book.add_worksheet(IDENTITY)
        for number, (name, value) in enumerate(identity.items()):
            known.write_string(number, 0, name)
            known.write_string(number, 1, str(value))
        for page in (lists, known):
            page.very_hidden()
            page.protect()
