"""The pictures of a report, and a municipality beside others: from the log to frozen parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from initiatives.comparing import Comparison
from initiatives.models import Progress
from initiatives.moment import Moment
from initiatives.status import Spread
from initiatives.tilemap import CountMap
from stakeholders.models import Municipality

from .facts import NOBODY
from .parts import BesideOthers, BesideRow, MapTile, Months, PlacesMap, SideOf

PICTURE_HEIGHT = 120  # pixels


def municipal_months(recommendations: Iterable[Any], moment: Moment) -> Months | None:
    """The real municipalities' answers to several recommendations, month by month. Public."""
    asked = Progress.objects.of_municipalities().filter(recommendation__in=[each.pk for each in recommendations])
    return months(asked, moment, of="svar")


def months(cells: Any, moment: Moment, *, of: str) -> Months | None:
    """The answers in the cells, month by month; None where there are none. ``of``: what is counted, in the plural."""
    from initiatives.development import COUNTED, development_of  # which says dates as reports do

    found = development_of(cells, moment, COUNTED[of], PICTURE_HEIGHT)
    return Months(found) if found else None


def places_map(places: Iterable[Municipality], spread_of: dict[int, Spread]) -> PlacesMap | None:
    """The municipalities, which are ``placed()``, as tiles; None where none has a place on the map."""
    places = list(places)
    drawn = CountMap(places, {place.pk: spread_of.get(place.pk) or Spread.of([]) for place in places})
    tiles = tuple(
        MapTile(
            tile.municipality.name,
            tile.municipality.tile_name,
            tile.municipality.kkr.name if tile.municipality.kkr else "",
            tile.row,
            tile.column,
            tile.css_class,
            tile.text,
            spread_of.get(tile.municipality.pk) or Spread.of([]),
        )
        for tile in drawn.tiles
    )
    if not tiles:
        return None
    names = tuple(sorted(drawn.names, key=lambda name: name.text))
    return PlacesMap(drawn.heading, tiles, tuple(drawn.borders), names, tuple(drawn.classes))


def beside_others(municipality: Municipality, moment: Moment) -> BesideOthers:
    """The municipality beside its KKR and the country, as comparing does it."""
    found = Comparison(municipality, (), moment, NOBODY)
    rows = tuple(
        BesideRow(
            row.recommendation.number,
            row.recommendation.title,
            row.standings[0].status,
            tuple(other.spread or Spread.of([]) for other in row.standings[1:]),
        )
        for row in found.rows
    )
    return BesideOthers(found.heading, tuple(SideOf(side.name, side.spread) for side in found.sides), rows)
