"""The table of a sheet: its columns found by their headings, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from django.core.exceptions import ValidationError
from openpyxl.utils import get_column_letter

from .cells import MERGED, Cell, place_of
from .xlsx import Area, Row

HEADINGS_WITHIN = 20  # rows from the top


class NoSuchTable(ValidationError):
    """The sheet does not have the columns; other sheets may be right all the same."""


@dataclass(frozen=True)
class TypedRow:
    """A row of a table that says something: the cells by the heading of their column."""

    number: int
    cells: dict[str, Cell]

    def text(self, column: str) -> str:
        return self.cells[column].text


def typed_rows(sheet: str, rows: Iterable[tuple[int, Row]], columns: Sequence[str]) -> Iterator[TypedRow]:
    """The rows below the headings, those without anything in these columns left out.

    Raises:
        NoSuchTable: a heading is missing or stands twice, in Danish; it names the sheet.
    """
    remaining = iter(rows)
    places = _find(sheet, remaining, columns)
    for number, row in remaining:
        cells = {name: row.get(place) for name, place in places.items()}
        if any(cells.values()):
            empty = {name: Cell(f"{get_column_letter(place)}{number}") for name, place in places.items()}
            yield TypedRow(number, {name: cell or empty[name] for name, cell in cells.items()})


def _find(sheet: str, rows: Iterator[tuple[int, Row]], columns: Sequence[str]) -> dict[str, int]:
    """The column of each heading, from the row near the top that has most of them."""
    wanted = {_plain(name): name for name in columns}
    best: dict[str, int] = {}
    for _, row in islice(rows, HEADINGS_WITHIN):
        found: dict[str, int] = {}
        for place, cell in row.items():
            if name := wanted.get(_plain(cell.text)):
                if name in found:
                    raise NoSuchTable(f"Arket “{sheet}” har to kolonner, der hedder “{name}”. Slet den ene.")
                found[name] = place
        if len(found) == len(columns):
            return found
        best = max(best, found, key=len)
    missing = ", ".join(f"“{name}”" for name in columns if name not in best)
    raise NoSuchTable(
        f"Arket “{sheet}” mangler {missing}. Overskrifterne skal stå, som de gjorde, da regnearket blev hentet."
    )


def _plain(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def marked_merged(rows: Iterable[TypedRow], merged: Sequence[Area]) -> list[TypedRow]:
    """The rows, with a fault in each cell that is merged with others."""
    return [_marked(row, [area for area in merged if area[0] <= row.number <= area[2]]) for row in rows]


def _marked(row: TypedRow, areas: list[Area]) -> TypedRow:
    if not areas:
        return row
    cells = {
        name: cell._replace(text="", fault=MERGED)
        if any(area[1] <= place_of(cell.address)[1] <= area[3] for area in areas)
        else cell
        for name, cell in row.cells.items()
    }
    return replace(row, cells=cells)
