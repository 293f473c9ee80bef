"""The country as equal tiles: how far each municipality is with the plan, or with one recommendation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median_low
from typing import Any

from flere_haender.prepared import prepared
from stakeholders.models import Kkr, Municipality

from .moment import Moment
from .overview import Answers
from .status import MARKS, NOT_ASSESSED, STATUS_LABELS, Signal, Spread

# The fills of the map, from none to all, and how much of all belongs to each at most.
FILLS = ("q1", "q2", "q3", "q4", "q5")
SHARES = (0.15, 0.3, 0.5, 0.7, 1)
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
    def spoken(self) -> str:
        """What it says aloud: a bare number of completed ones says what it counts."""
        return self.value if self.status or self.text == "–" else f"{self.value} gennemført"

    @cached_property
    def url(self) -> str:
        return f"{self.municipality.get_absolute_url()}{self.anchor}"


@dataclass(frozen=True)
class MapClass:
    label: str
    css_class: str
    count: int


@dataclass(frozen=True)
class CountClass:
    """Some counts of what is completed, all that are drawn alike: from ``lowest`` to ``highest``."""

    lowest: int
    highest: int
    css_class: str

    @property
    def label(self) -> str:
        counts = str(self.lowest) if self.lowest == self.highest else f"{self.lowest}–{self.highest}"
        return f"{counts} gennemført"


def count_classes(asked: int) -> list[CountClass]:
    """The classes of the map when the municipalities are asked about so many: one for each count, or six at most."""
    if asked <= len(FILLS):
        highest, fills = list(range(1, asked + 1)), FILLS[len(FILLS) - asked :]
    else:
        highest, fills = [round(asked * share) for share in SHARES], FILLS
    lowest = [1, *(top + 1 for top in highest)]
    return [CountClass(0, 0, "q0"), *map(CountClass, lowest, highest, fills)]


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
        classes = count_classes(max((spread.total for spread in spread_of.values()), default=0))
        tiles = [_count_tile(municipality, spread_of[municipality.pk], classes) for municipality in municipalities]
        super().__init__(_heading(list(spread_of.values())), "Gennemført", tiles)
        counts = Counter(tile.css_class for tile in self.tiles)
        named = [*((each.css_class, each.label) for each in classes), NEVER]
        self.classes = [MapClass(label, name, counts[name]) for name, label in named]
        self.kkr = _by_kkr(self.tiles)


@prepared
def _municipalities(*, as_of: date) -> Any:
    return Municipality.objects.real().lying(as_of=as_of)


@prepared
def _all_kkr() -> Any:
    return Kkr.objects.all()


def tilemap(moment: Moment, answers: Answers) -> CountMap:
    """The map as of a moment; Korsbæk is not on it. Two queries."""
    municipalities, kkr = _municipalities(as_of=moment.as_of), {each.pk: each for each in _all_kkr()}
    for municipality in municipalities:
        municipality.kkr = kkr.get(municipality.kkr_id)
    return CountMap(municipalities, answers.by_municipality)


def status_map(heading: str, cells: Iterable[Any]) -> TileMap:
    """The status of one recommendation in each of the cells' municipalities, which are ``placed()``. No query."""
    return TileMap(heading, "Status", [_status_tile(cell) for cell in cells])


def _count_tile(municipality: Municipality, spread: Spread, classes: list[CountClass]) -> Tile:
    if spread[NOT_ASSESSED] == spread.total:
        return Tile(municipality, NEVER[0], "har ikke svaret", "–")
    css_class = next(each.css_class for each in classes if spread.completed <= each.highest)
    return Tile(municipality, css_class, f"{spread.completed} af {spread.counting}", str(spread.completed))


def _status_tile(cell: Any) -> Tile:
    words = [STATUS_LABELS[cell.status], *([Signal(cell.signal).label] if cell.signal else [])]
    anchor = f"#anbefaling-{cell.recommendation.slug}"
    return Tile(cell.municipality, MARKS[cell.status], ", ".join(words), "", cell.status, cell.signal, anchor)


def _heading(spreads: list[Spread]) -> str:
    """The finding: how many municipalities have completed more than half of what counts for them."""
    ahead = sum(spread.completed * 2 > spread.counting for spread in spreads)
    if not any(spread.answered for spread in spreads):
        return "Ingen kommuner har svaret"
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
