"""The country as equal tiles: how many recommendations each municipality has completed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median_low

from stakeholders.models import Kkr, Municipality

from .models import Progress
from .moment import Moment
from .overview import spreads_by
from .status import NOT_ASSESSED, Spread

# The classes of the map: the highest count of each, with its label.
CLASSES = (
    (0, "q0", "0 gennemført"),
    (3, "q1", "1–3 gennemført"),
    (6, "q2", "4–6 gennemført"),
    (10, "q3", "7–10 gennemført"),
    (14, "q4", "11–14 gennemført"),
    (99, "q5", "15–20 gennemført"),
)
NEVER = ("none", "– har ikke svaret")


@dataclass(frozen=True)
class Tile:
    """One municipality; ``count`` is None when it has not answered."""

    municipality: Municipality
    row: int
    column: int
    count: int | None

    @property
    def css_class(self) -> str:
        return next((name for top, name, _ in CLASSES if self.count is not None and self.count <= top), NEVER[0])


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


@dataclass(frozen=True)
class TileMap:
    heading: str
    tiles: list[Tile]
    classes: list[MapClass]
    kkr: list[KkrSummary]
    borders: list[Border]
    names: list[SeaName]
    width: int
    height: int


def tilemap(moment: Moment) -> TileMap:
    """The map as of a moment; Korsbæk is not on it. Three queries."""
    spread_of = spreads_by("municipality_id", Progress.objects.of_municipalities(), moment)
    municipalities = Municipality.objects.real().exclude(tile_row=None).placed(as_of=moment.as_of)
    tiles = [_tile(municipality, spread_of[municipality.pk]) for municipality in municipalities]
    counts = Counter(tile.css_class for tile in tiles)
    named = [*((name, label) for _, name, label in CLASSES), NEVER]
    return TileMap(
        heading=_heading(list(spread_of.values())),
        tiles=tiles,
        classes=[MapClass(label, name, counts[name]) for name, label in named],
        kkr=_by_kkr(tiles),
        borders=_borders(tiles),
        names=_names(tiles),
        width=max((tile.column for tile in tiles), default=0) + 1,
        height=max((tile.row for tile in tiles), default=0) + 1,
    )


def _tile(municipality: Municipality, spread: Spread) -> Tile:
    never = spread[NOT_ASSESSED] == spread.total
    return Tile(
        municipality, municipality.tile_row or 0, municipality.tile_column or 0, None if never else spread.completed
    )


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
    return [tile.count for tile in tiles if tile.count is not None]


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
