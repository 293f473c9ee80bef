"""The beginning of a file with figures: its sheets, its headings, and what its columns may be."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from openpyxl.utils import get_column_letter

from initiatives.intake.archive import NOT_WHOLE, Limits
from initiatives.intake.cells import Cell
from initiatives.intake.reading import encoding_of, is_csv, read_csv, read_workbook
from initiatives.intake.xlsx import Row, SheetReader, Workbook
from stakeholders.spellings import MunicipalityNames, is_larger_area
from stakeholders.words import plain

from .numbers import style_of, year_in

# The first rows, in a request; all of them, by the worker.
AT_FIRST = Limits(unpacked=100_000_000)
ALL = Limits(unpacked=100_000_000, elements=2_500_000, rows=260_000)
LOOKED_AT = 60  # rows
HEADINGS_WITHIN = 20  # rows of them
MOST_SHEETS = 20
LONGEST_HEADING = 120
ENCODINGS = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
NO_ROWS = "Der er ingen rækker i filen."
NO_SUCH_SHEET = "Arket findes ikke i filen."


class Layout(TextChoices):
    LONG = "long", "Ét tal i hver række: året står i en kolonne for sig"
    WIDE = "wide", "Et tal for hvert år i hver række: årene er overskrifter"


@dataclass(frozen=True)
class Columns:
    """What somebody has said that the columns are, by their numbers from 1.

    Args:
        head: the row of the headings; 0 when there are none.
        years: of a wide table, each column with figures and its year.
        label: the column that names the indicator, where a file has several.
    """

    sheet: str
    head: int
    layout: str
    place: int
    style: str
    year: int | None = None
    value: int | None = None
    label: int | None = None
    years: list[tuple[int, int]] = field(default_factory=list)
    dash_is_zero: bool = False

    @property
    def used(self) -> list[int]:
        single = (self.place, self.year, self.value, self.label)
        return [number for number in (*single, *(number for number, _ in self.years)) if number]

    @property
    def kept(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> Columns:
        """What ``FigureImport.columns`` holds: ``kept``, and what the columns were ``named``."""
        years = [(number, year) for number, year in kept["years"]]
        return cls(**{name: value for name, value in kept.items() if name != "named"} | {"years": years})


class FigureFile:
    """A file, whichever sort it is. Raises ValidationError, in Danish, when it cannot be read."""

    def __init__(self, content: bytes, name: str, limits: Limits) -> None:
        self.content, self.limits = content, limits
        self.book: Workbook | None = None if is_csv(content, name) else read_workbook(content, limits)
        self.encoding = "" if self.book else ENCODINGS[encoding_of(content)]

    @property
    def sheets(self) -> list[str]:
        return list(self.book.parts)[:MOST_SHEETS] if self.book else [""]

    def rows(self, sheet: str) -> SheetReader | Iterator[tuple[int, Row]]:
        if self.book is None:
            return read_csv(self.content, self.limits)
        if sheet not in self.book.parts:
            raise ValidationError(NO_SUCH_SHEET)
        return self.book.rows(sheet)

    def count(self, sheet: str) -> int:
        """About how many rows there are, for a progress bar."""
        if self.book is None:
            return self.content.count(b"\n")
        try:
            with self.book.archive.open(self.book.parts[sheet]) as part:
                return sum(chunk.count(b"<row") for chunk in iter(lambda: part.read(1 << 16), b""))
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise ValidationError(NOT_WHOLE) from error


@dataclass(frozen=True)
class Head:
    """The beginning of one sheet.

    Args:
        number: the row of the headings; 0 when there are none.
        headings: by the number of the column.
        rows: the first ones below.
    """

    sheet: str
    number: int
    headings: dict[int, str]
    rows: list[tuple[int, Row]]

    @property
    def fingerprint(self) -> str:
        """The same for a file of the same sort: headings in any order, whichever years there are."""
        said = sorted({plain(text) for text in self.headings.values() if year_in(text) is None})
        return hashlib.sha256("\n".join(said).encode()).hexdigest()

    @property
    def years(self) -> list[tuple[int, int]]:
        found = ((number, year_in(text)) for number, text in self.headings.items())
        return [(number, year) for number, year in found if year]

    def named(self, number: int) -> str:
        return f"{get_column_letter(number)}: {self.headings[number]}"

    def cells(self, number: int) -> list[Cell]:
        return [row[number] for _, row in self.rows if number in row]


def look(file: FigureFile, sheet: str | None = None, number: int | None = None) -> Head:
    """The beginning of the sheet that is asked for, or of the first that names a municipality.

    Args:
        number: the row of the headings; None when it is to be found: the one above the first municipality.
    """
    names = MunicipalityNames()
    sheets = file.sheets if sheet is None else [sheet]
    heads = (_head(each, list(islice(file.rows(each), LOOKED_AT)), number, names) for each in sheets)
    found = [head for head in heads if head]
    if not found:
        raise ValidationError(NO_ROWS)
    return next((head for head in found if _places(head, names)), found[0])


def _head(sheet: str, rows: list[tuple[int, Row]], number: int | None, names: MunicipalityNames) -> Head | None:
    if not rows:
        return None
    if number is None:
        first = next((place for place, (_, row) in enumerate(rows) if _names_a_place(row, names)), 1)
        number = rows[first - 1][0] if first else 0
    above = next((row for each, row in rows if each == number), {})
    below = [(each, row) for each, row in rows if each > number]
    places = sorted({*above, *(place for _, row in below for place in row)})
    said = {place: above[place].text if place in above else "" for place in places}
    headings = {place: (text or "uden overskrift")[:LONGEST_HEADING] for place, text in said.items()}
    return Head(sheet, number, headings, below) if headings else None


def _names_a_place(row: Row, names: MunicipalityNames) -> bool:
    return any(names.find(cell.text) or is_larger_area(cell.text) for cell in row.values())


def _places(head: Head, names: MunicipalityNames) -> dict[int, int]:
    """How many municipalities each column names."""
    counted = {number: sum(bool(names.find(c.text)) for c in head.cells(number)) for number in head.headings}
    return {number: count for number, count in counted.items() if count}


def proposal(head: Head) -> dict[str, Any]:
    """What the columns seem to be, for the form. What can be read in two ways is left open."""
    places = _places(head, MunicipalityNames())
    place = max(places, key=lambda number: (places[number], not head.cells(number)[0].text.isdecimal()), default=None)
    others = [number for number in head.headings if number != place and number not in places]
    year = _only(others, lambda number: _all(head.cells(number), lambda cell: year_in(cell.text) is not None))
    found: dict[str, Any] = {"place": place}
    if head.years and year is None:
        found["layout"] = Layout.WIDE
        figures = [number for number, _ in head.years]
    else:
        value = _only(others, lambda number: number != year and _all(head.cells(number), _has_digits))
        found |= {"layout": Layout.LONG if year else None, "year": year, "value": value}
        figures = [value] if value else others
    return found | {"style": style_of(cell for number in figures for cell in head.cells(number))}


def _has_digits(cell: Cell) -> bool:
    return cell.is_number or (bool(cell.text) and cell.text[-1].isdigit() and not any(c.isalpha() for c in cell.text))


def _all(cells: list[Cell], rule: Callable[[Cell], bool]) -> bool:
    return bool(cells) and all(rule(cell) for cell in cells)


def _only(numbers: Iterable[int], rule: Callable[[int], bool]) -> int | None:
    found = [number for number in numbers if rule(number)]
    return found[0] if len(found) == 1 else None


def as_before(head: Head, kept: dict[str, Any]) -> dict[str, Any]:
    """What was chosen for a file with the same headings, for the form: its columns found by their headings."""
    by_heading = {text: number for number, text in reversed(head.headings.items())}
    found = {role: by_heading.get(kept["named"].get(role, "")) for role in ("place", "year", "value", "label")}
    found |= {name: kept[name] for name in ("layout", "dash_is_zero")}
    return found | {"style": proposal(head)["style"]}


def sample_numbers(head: Head, numbers: Iterable[int]) -> Cell | None:
    """A cell that shows how the file writes numbers: one with a comma or a point, if there is any."""
    cells = [cell for number in numbers for cell in head.cells(number) if _has_digits(cell) and not cell.is_number]
    return next((cell for cell in cells if "," in cell.text or "." in cell.text), None)
