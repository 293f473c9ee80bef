"""The pictures of a report, and what it stands beside: months, the map, other municipalities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.dateformat import format as format_date

from initiatives.status import STATUS_LABELS, Spread
from initiatives.tilemap import Border, MapClass, SeaName

from .shape import COUNTED, Part, Table, counts

if TYPE_CHECKING:
    from initiatives.development import Development, Point

SHOWN, MONTHS_BETWEEN = 5, 3  # points in the report's own table; the files have them all


@dataclass(frozen=True)
class Months(Part):
    """How the answers have moved, month by month."""

    template = "reports/months.html"
    content = "udvikling"
    development: Development

    @property
    def heading(self) -> str:
        return self.development.heading

    def sentences(self) -> Iterable[str]:
        unit = self.development.unit.many
        whose = "Svarene" if unit == "anbefalinger" else "Kommunernes egne svar"
        yield f"{whose} ved udgangen af hver måned fra {format_date(self.development.first.day, 'F Y')}, antal {unit}."

    @property
    def shown(self) -> tuple[Point, ...]:
        """Quarter by quarter for a year back, the newest first."""
        return self.development.points[::-MONTHS_BETWEEN][:SHOWN]

    def tables(self) -> Iterable[Table]:
        yield self._table(self.development.points)

    def on_paper(self) -> Iterable[Table]:
        yield self._table(self.shown)

    def _table(self, points: Iterable[Point]) -> Table:
        rows = tuple((point.day, *counts(point.spread)) for point in points)
        return Table("Udvikling", ("Dag", *COUNTED), rows)


@dataclass(frozen=True)
class MapTile:
    """A municipality on the map; ``css_class`` is that of the class of its count, ``text`` what stands in the tile."""

    place: str
    short: str
    kkr: str
    row: int
    column: int
    css_class: str
    text: str
    spread: Spread


@dataclass(frozen=True)
class PlacesMap(Part):
    """How many recommendations each municipality has completed, as equal tiles. For members alone."""

    template = "reports/places_map.html"
    content = "kort"
    heading: str
    tiles: tuple[MapTile, ...]
    borders: tuple[Border, ...]
    names: tuple[SeaName, ...]
    classes: tuple[MapClass, ...]

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The part of the grid that is drawn: left, top, width and height, in tiles."""
        columns = [*(tile.column for tile in self.tiles), *(name.column for name in self.names)]
        rows = [*(tile.row for tile in self.tiles), *(name.row for name in self.names)]
        left, top = min(columns), min(rows)
        width = max((each.column + 1 for each in self.tiles), default=1)
        named = max((each.column + 4 for each in self.names), default=0)
        return left, top, max(width, named) - left, max(rows) + 1 - top

    @property
    def members(self) -> list[tuple[MapClass, str]]:
        """The municipalities of each class, by name."""
        return [
            (each, ", ".join(tile.place for tile in self.tiles if tile.css_class == each.css_class))
            for each in self.classes
            if each.count
        ]

    def sentences(self) -> Iterable[str]:
        yield "Tallet er, hvor mange anbefalinger kommunen har gennemført."

    @property
    def spoken(self) -> str:
        said = "; ".join(f"{each.label}: {each.count}" for each, _ in self.members)
        return f"{self.heading}. Antal kommuner i hver klasse: {said}. Kommunerne står i tabellen."

    def tables(self) -> Iterable[Table]:
        rows = tuple((tile.place, tile.kkr, tile.spread.completed, tile.spread.counting) for tile in self.tiles)
        yield Table("Kort", ("Kommune", "KKR", "Gennemført", "Tæller med"), rows)


@dataclass(frozen=True)
class SideOf:
    """One of those who are compared: a municipality, or several together."""

    name: str
    spread: Spread


@dataclass(frozen=True)
class BesideRow:
    """A recommendation: the municipality's own status, and the spread of each of the others."""

    number: int
    title: str
    status: str
    others: tuple[Spread, ...]


@dataclass(frozen=True)
class BesideOthers(Part):
    """A municipality beside its KKR and the country. ``sides`` begin with the municipality itself."""

    template = "reports/beside_others.html"
    content = "sammenligning"
    heading: str
    sides: tuple[SideOf, ...]
    rows: tuple[BesideRow, ...]

    @property
    def others(self) -> tuple[SideOf, ...]:
        return self.sides[1:]

    def sentences(self) -> Iterable[str]:
        yield "For de andre står, hvor mange kommuner der har gennemført."

    def tables(self) -> Iterable[Table]:
        rows = tuple((side.name, *counts(side.spread), side.spread.counting) for side in self.sides)
        yield Table("Sammenligning", ("Hvem", *COUNTED, "Tæller med"), rows)
        columns = [text for side in self.others for text in (f"{side.name}: gennemført", f"{side.name}: tæller med")]
        lines = tuple(
            (
                row.number,
                row.title,
                STATUS_LABELS[row.status],
                *(number for spread in row.others for number in (spread.completed, spread.counting)),
            )
            for row in self.rows
        )
        yield Table("Sammenligning, anbefalinger", ("Nr.", "Anbefaling", "Status", *columns), lines)
