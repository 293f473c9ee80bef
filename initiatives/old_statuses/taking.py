"""Reads a spreadsheet of statuses into the rows of an upload; what they mean is worked out when they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice, takewhile
from typing import Any

from django.core.exceptions import ValidationError

from initiatives.files import unescaped
from initiatives.intake.cells import MERGED, Cell, as_text
from initiatives.intake.reading import is_csv, read_csv, read_workbook
from initiatives.intake.table import HEADINGS_WITHIN, typed_rows
from initiatives.intake.xlsx import Area, Row
from stakeholders.spellings import MunicipalityNames

from .columns import Headings

WIDE, LONG = "wide", "long"
MOST_ROWS = 10_000
# The long form, as the log is exported; the first three must be there.
PLACE, NUMBER, STATUS, DAY = "Kommune", "Anbefaling", "Status", "Gælder fra"
SIGNAL, EXPECTED, NOTE, INTERNAL = "Trafiklys", "Forventet dato", "Note", "Intern note"
MUST, MAY = (PLACE, NUMBER, STATUS), (DAY, SIGNAL, EXPECTED, NOTE, INTERNAL)

NO_TABLE = (
    "Vi fandt ingen tabel med statusser. Arket skal have kommunerne nedad og anbefalingerne henad, "
    "med anbefalingens nummer eller titel som overskrift."
)
NO_PLAN = "Der var ingen handleplan den dag. Vælg en senere dato."
NO_PLACES = "Vi fandt ingen kolonne med kommuner. Skriv kommunernes navne eller koder i en kolonne."
TOO_MANY = f"Filen har flere end {MOST_ROWS} rækker. Del den i flere."

Table = list[tuple[int, Row]]


def read(content: bytes, name: str, *, as_of: date) -> dict[str, Any]:
    """The rows of a spreadsheet, for ``Upload.rows``.

    Args:
        as_of: the day that a wide sheet is about, and a row of the long form that does not say.

    Raises:
        ValidationError: the file as a whole cannot be used, in Danish.
    """
    headings = Headings(as_of)
    if not headings.by_number:
        raise ValidationError(NO_PLAN)
    sheets = _sheets(content, name)
    kept: dict[str, Any] = {"as_of": as_of.isoformat(), "words": {}}
    for sheet, rows in sheets.items():
        if columns := _long_columns(rows):
            return kept | {"layout": LONG, "sheet": sheet, "rows": _long(sheet, rows, columns)}
    names = MunicipalityNames()
    counted = {sheet: _heading_row(rows, headings, names) for sheet, rows in sheets.items()}
    sheet = max(counted, key=lambda each: counted[each][1])
    at, found = counted[sheet]
    if not found:
        raise ValidationError(NO_TABLE)
    others = [other for other in sheets if other != sheet and sheets[other]]
    return kept | {"layout": WIDE, "sheet": sheet, "others": others} | _wide(sheets[sheet], at, headings, names)


def _sheets(content: bytes, name: str) -> dict[str, Table]:
    """All rows of each sheet, with a fault in the cells that are merged with others."""
    if is_csv(content, name):
        return {"CSV": _taken(read_csv(content))}
    book, found = read_workbook(content), {}
    for sheet in book.parts:
        reader = book.rows(sheet)
        rows = _taken(reader)
        found[sheet] = [(number, _right(number, row, reader.merged)) for number, row in rows]
    return found


def _taken(rows: Iterable[tuple[int, Row]]) -> Table:
    table = list(islice(rows, MOST_ROWS + HEADINGS_WITHIN + 1))
    if len(table) > MOST_ROWS + HEADINGS_WITHIN:
        raise ValidationError(TOO_MANY)
    return table


def _right(number: int, row: Row, merged: Sequence[Area]) -> Row:
    """The row without our own apostrophes; a cell that is merged with others says nothing for sure."""
    areas = [area for area in merged if area[0] <= number <= area[2]]
    inside = {place for area in areas for place in row if area[1] <= place <= area[3]}
    return {
        place: cell._replace(
            text=as_text(unescaped(cell.text)), fault=cell.fault or (MERGED if place in inside else "")
        )
        for place, cell in row.items()
    }


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _long_columns(rows: Table) -> list[str]:
    """The columns of the long form that the sheet has; none when it is not in that form."""
    for _, row in rows[:HEADINGS_WITHIN]:
        said = {_plain(cell.text) for cell in row.values()}
        if all(_plain(column) in said for column in MUST):
            return [column for column in (*MUST, *MAY) if _plain(column) in said]
    return []


def _long(sheet: str, rows: Table, columns: Sequence[str]) -> list[Any]:
    return [
        [row.number, {name: _kept(cell) for name, cell in row.cells.items()}]
        for row in typed_rows(sheet, rows, columns)
    ]


def _heading_row(rows: Table, headings: Headings, names: MunicipalityNames) -> tuple[int, int]:
    """Where the row with most recommendations stands above the first municipality, and how many they are."""
    top = takewhile(lambda each: not any(names.find(cell.text) for cell in each[1].values()), rows[:HEADINGS_WITHIN])
    counted = [
        len({match.recommendation.pk for cell in row.values() if (match := headings.find(cell.text)).recommendation})
        for _, row in top
    ]
    most = max(counted, default=0)
    return (counted.index(most), most) if most else (0, 0)


def _wide(rows: Table, at: int, headings: Headings, names: MunicipalityNames) -> dict[str, Any]:
    _, top = rows[at]
    found = {place: headings.find(cell.text).recommendation for place, cell in top.items()}
    below = rows[at + 1 :]
    taken = {place for place, recommendation in found.items() if recommendation}
    first = _names_column(below, taken, names)
    columns = [[place, *_kept(cell)] for place, cell in sorted(top.items()) if place != first]
    kept: list[Any] = [[number, _kept(row.get(first, Cell(""))), _cells(row, first)] for number, row in below]
    return {
        "columns": columns,
        "rows": [row for row in kept if row[1][1] or row[2]],
        "untitled": _untitled({*top, first}, below),
    }


def _names_column(rows: Table, taken: set[int], names: MunicipalityNames) -> int:
    """The column in which most rows name a municipality."""
    counted: dict[int, int] = {}
    for _, row in rows:
        for place, cell in row.items():
            if place not in taken and cell.text and names.find(cell.text):
                counted[place] = counted.get(place, 0) + 1
    if not counted:
        raise ValidationError(NO_PLACES)
    return max(counted, key=lambda place: (counted[place], -place))


def _cells(row: Row, first: int) -> dict[str, list[str]]:
    return {str(place): _kept(cell) for place, cell in row.items() if place != first}


def _untitled(titled: set[int], below: Table) -> int:
    """How many columns say something without a heading."""
    return len({place for _, row in below for place in row} - titled)


def _kept(cell: Cell) -> list[str]:
    return [cell.address, cell.text, cell.fault]
