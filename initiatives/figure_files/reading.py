"""A file with figures, as rows that say which figure they are, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from django.core.exceptions import ValidationError
from openpyxl.utils import get_column_letter

from initiatives.intake.cells import Cell
from initiatives.intake.xlsx import Row, SheetReader
from initiatives.models.figure_import import LONGEST_LABEL
from initiatives.models.figure_rows import Outcome, Staged
from stakeholders.spellings import MunicipalityNames, is_larger_area

from .columns import Columns, FigureFile, Layout
from .numbers import NoFigure, is_nothing, number_in, year_in

MOST_FIGURES = 250_000
LONGEST_PLACE = 100
TOO_MANY = "Filen har flere end 250.000 tal. Del den i to."
NO_PLACE, NO_LABEL = "Kommunen mangler.", "Navnet på nøgletallet mangler."
LONG_LABEL = f"Navnet på nøgletallet er længere end {LONGEST_LABEL} tegn."


def read_rows(file: FigureFile, columns: Columns, names: MunicipalityNames) -> Iterator[tuple[int, list[Staged]]]:
    """Each row with its number and what was read in it.

    Raises:
        ValidationError: the file is broken further down, has too much, or cells that are merged, in Danish.
    """
    rows = file.rows(columns.sheet)
    reader, count = RowReader(columns, names), 0
    for number, row in rows:
        if number > columns.head:
            found = reader.read(number, row)
            count += len(found)
            if count > MOST_FIGURES:
                raise ValidationError(TOO_MANY)
            yield number, found
    if isinstance(rows, SheetReader):
        _refuse_merged(rows, columns)


def _refuse_merged(rows: SheetReader, columns: Columns) -> None:
    for first_row, first, last_row, last in rows.merged:
        if last_row > columns.head and any(first <= number <= last for number in columns.used):
            where = f"række {first_row}" if first_row == last_row else f"række {first_row}-{last_row}"
            raise ValidationError(f"Arket har flettede celler i {where}. Ophæv fletningen, og upload filen igen.")


class RowReader:
    """Reads rows with the columns that were chosen."""

    def __init__(self, columns: Columns, names: MunicipalityNames) -> None:
        self.columns, self.names = columns, names
        self.number = lru_cache(maxsize=50_000)(self._number)
        self.year = lru_cache(maxsize=1_000)(year_in)

    def read(self, number: int, row: Row) -> list[Staged]:
        figures = list(self._figures(number, row))
        place = self._cell(number, row, self.columns.place)
        municipality = self.names.find(place.text)
        if municipality is None:
            is_empty = all(is_nothing(cell.text, dash_is_zero=False) and not cell.fault for cell, _ in figures)
            # A title, a note below the table, an empty row; or one that is about no municipality.
            return [] if is_empty and not is_larger_area(place.text) else [self._without_place(number, place)]
        label = self._cell(number, row, self.columns.label) if self.columns.label else None
        return [self._figure(number, place.text, municipality.pk, label, cell, year) for cell, year in figures]

    def _figures(self, number: int, row: Row) -> Iterable[tuple[Cell, Cell | int]]:
        """The cells with figures, each with its year, or with the cell where the year stands."""
        if self.columns.layout == Layout.WIDE:
            return ((self._cell(number, row, column), year) for column, year in self.columns.years)
        assert self.columns.value and self.columns.year  # of a long table
        return [(self._cell(number, row, self.columns.value), self._cell(number, row, self.columns.year))]

    @staticmethod
    def _cell(number: int, row: Row, column: int) -> Cell:
        return row.get(column) or Cell(f"{get_column_letter(column)}{number}")

    def _without_place(self, number: int, place: Cell) -> Staged:
        """A row that is about no municipality."""
        said, outcome = place.text[:LONGEST_PLACE], Outcome.REFUSED
        if is_larger_area(place.text):
            message, outcome = "", Outcome.LEFT_OUT
        elif not said:
            message = place.fault or NO_PLACE
        else:
            message = f"“{said[:60]}” er ikke en kommune."
        return Staged(number, place.address, said, None, None, "", None, outcome, message)

    def _figure(
        self, number: int, place: str, municipality: int, label: Cell | None, cell: Cell, year: Cell | int
    ) -> Staged:
        name = label.text if label else ""
        base = (number, cell.address, place[:LONGEST_PLACE], municipality)
        try:
            if label and (not name or len(name) > LONGEST_LABEL):
                raise NoFigure(label.fault or (LONG_LABEL if name else NO_LABEL))
            when = year if isinstance(year, int) else self._year_in(year)
            if cell.fault:
                raise NoFigure(cell.fault)
            if is_nothing(cell.text, dash_is_zero=self.columns.dash_is_zero):
                return Staged(*base, when, name, None, Outcome.NOTHING, cell.text)
            value = self.number(cell.text, cell.is_number)
        except NoFigure as refusal:
            return Staged(*base, None, name[:LONGEST_LABEL], None, Outcome.REFUSED, str(refusal)[:200])
        return Staged(*base, when, name, value, Outcome.FIGURE)

    def _year_in(self, cell: Cell) -> int:
        found = self.year(cell.text)
        if found is None:
            said = f"“{cell.text[:40]}” er ikke et årstal." if cell.text else "Årstallet mangler."
            raise NoFigure(cell.fault or said)
        return found

    def _number(self, text: str, is_number: bool) -> Decimal:
        cell = Cell("", text, is_number=is_number)
        return number_in(cell, self.columns.style, dash_is_zero=self.columns.dash_is_zero)
