"""The country as equal tiles: how far each municipality is with the plan, or with one recommendation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from stakeholders.models import Kkr, Municipality

from .models import Progress
from .moment import Moment
from .overview import spreads_by
from .status import MARKS, NOT_ASSESSED, STATUS_LABELS, Signal, Spread

# The classes of the map: the highest count of each, with its label.
CLASSES = (
    (0, "q0", "0 gennemført"),
    (3, "q1", "1–3 gennemført"),
    (6, "q2", "4–6 gennemført"),
    (10, "q3", "7–10 gennemført"),
    (14, "q4", "11–14 gennemført"),
    (99, "q5", "15–20 gennemført"),
)
NEVER = ("unk", "– har ikke svaret")


@dataclass(frozen=True)
class Tile:
    """One municipality.

    Attributes:
        css_class: its fill, of a class of counts or of a status.
        value: what it says, in words; the name and this are what the link is called.
        text: what stands in the tile below the name; empty where the sign of the status stands.
        anchor: where on the municipality's page the link leads.
    """

    municipality: Municipality
    css_class: str
    value: str
    text: str = ""
    status: str = ""
    signal: str = ""
    anchor: str = ""

    @property
    def row(self) -> int:
        return self.municipality.tile_row or 0

    @property
    def column(self) -> int:
        return self.municipality.tile_column or 0

    @property
    def url(self) -> str:
        return f"{self.municipality.get_absolute_url()}{self.anchor}"


@dataclass(frozen=True)
class MapClass:
    label: str
    css_class: str
    count: int


@dataclass(frozen=True)
class KkrSummary:
    name: str
    median: int | None
    size: int


@dataclass(frozen=True)
class Border:
    """An edge between two tiles of different KKR, in tiles."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True)
class SeaName:
    """The name of a KKR, written in the sea beside it."""

    text: str
    row: int
    column: int


class TileMap:
    """Tiles on their places, with the edges between the KKR and their names."""

    def __init__(self, heading: str, column: str, tiles: Iterable[Tile]) -> None:
        self.heading, self.column = heading, column
        self.tiles = [tile for tile in tiles if tile.municipality.tile_row is not None]
        self.borders, self.names = _borders(self.tiles), _names(self.tiles)
        self.width = max((tile.column for tile in self.tiles), default=0) + 1
        self.height = max((tile.row for tile in self.tiles), default=0) + 1


class CountMap(TileMap):
    """How many recommendations each municipality has completed."""

    def __init__(self, municipalities: Iterable[Municipality], spread_of: dict[int, Spread]) -> None:
        tiles = [_count_tile(municipality, spread_of[municipality.pk]) for municipality in municipalities]
        super().__init__(_heading(list(spread_of.values())), "Gennemført", tiles)
        counts = Counter(tile.css_class for tile in self.tiles)
        named = [*((name, label) for _, name, label in CLASSES), NEVER]
        self.classes = [MapClass(label, name, counts[name]) for name, label in named]
        self.kkr = _by_kkr(self.tiles)


def tilemap(moment: Moment) -> CountMap:
    """The map as of a moment; Korsbæk is not on it. Three queries."""
    spread_of = spreads_by("municipality_id", Progress.objects.of_municipalities(), moment)
    return CountMap(Municipality.objects.real().placed(as_of=moment.as_of), spread_of)


def status_map(heading: str, cells: Iterable[Any]) -> TileMap:
    """The status of one recommendation in each of the cells' municipalities, which are ``placed()``. No query."""
    return TileMap(heading, "Status", [_status_tile(cell) for cell in cells])


def _count_tile(municipality: Municipality, spread: Spread) -> Tile:
    if spread[NOT_ASSESSED] == spread.total:
        return Tile(municipality, NEVER[0], "har ikke svaret", "–")
    css_class = next(name for top, name, _ in CLASSES if spread.completed <= top)
    return Tile(municipality, css_class, f"{spread.completed} af {spread.counting}", str(spread.completed))


def _status_tile(cell: Any) -> Tile:
    words = [STATUS_LABELS[cell.status], *([Signal(cell.signal).label] if cell.signal else [])]
    anchor = f"#anbefaling-{cell.recommendation.slug}"
    return Tile(cell.municipality, MARKS[cell.status], ", ".join(words), "", cell.status, cell.signal, anchor)


def _heading(spreads: list[Spread]) -> str:
    """The finding: how many municipalities have completed more than half of what counts for them."""
    ahead = sum(spread.completed * 2 > spread.counting for spread in spreads)
    if not any(spread.answered for spread in spreads):
        return "Ingen kommuner har svaret endnu"
    who = "1 kommune" if ahead == 1 else f"{ahead or 'Ingen'} kommuner"
    return f"{who} har gennemført mere end halvdelen"


def _by_kkr(tiles: list[Tile]) -> list[KkrSummary]:
    """The municipality in the middle of each KKR, of those that have answered."""
    members: dict[Kkr, list[Tile]] = defaultdict(list)
    for tile in tiles:
        if tile.municipality.kkr:
            members[tile.municipality.kkr].append(tile)
    return [
        KkrSummary(kkr.name, median_low(counts) if (counts := _counts(members[kkr])) else None, len(members[kkr]))
        for kkr in sorted(members, key=lambda kkr: kkr.order)
    ]


def _counts(tiles: list[Tile]) -> list[int]:
    return [int(tile.text) for tile in tiles if tile.css_class != NEVER[0]]


def _names(tiles: list[Tile]) -> list[SeaName]:
    found = {tile.municipality.kkr for tile in tiles}
    return [
        SeaName(kkr.name, kkr.tile_row, kkr.tile_column)
        for kkr in found
        if kkr and kkr.tile_row is not None and kkr.tile_column is not None
    ]


def _borders(tiles: list[Tile]) -> list[Border]:
    """The edges where two neighbouring tiles lie in different KKR."""
    at = {(tile.column, tile.row): tile.municipality.kkr for tile in tiles}
    borders = []
    for (x, y), kkr in at.items():
        if at.get((x + 1, y), kkr) != kkr:
            borders.append(Border(x + 1, y, x + 1, y + 1))
        if at.get((x, y + 1), kkr) != kkr:
            borders.append(Border(x, y + 1, x + 1, y + 1))
    return borders
