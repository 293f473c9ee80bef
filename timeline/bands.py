"""The timeline as it is drawn: a band for each year, three lanes in it, and in each the events."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from . import when
from .models import Event, Kind, Lane, Standing

LAST = 9999


@dataclass(frozen=True)
class Entry:
    """An event in a lane. ``event`` carries ``source_count`` and ``part_count``."""

    event: Event

    @property
    def time(self) -> str:
        """``Maj``, ``Maj (udledt)``, ``Årstal usikkert``. In a band of its own the band says it."""
        time, doubt = when.in_year(self.event), when.doubt(self.event)
        if not doubt or _key(self.event)[1]:
            return time
        return f"{time} ({doubt.split()[-1]})" if time else doubt

    @property
    def is_uncertain(self) -> bool:
        return when.is_uncertain(self.event)

    @property
    def is_planned(self) -> bool:
        return self.event.standing == Standing.PLANNED

    @property
    def is_plan(self) -> bool:
        return self.event.kind == Kind.ACTION_PLAN

    @property
    def summary(self) -> str:
        """The first sentence. A full stop before a small letter or a digit ends none."""
        return re.split(r"(?<=[.:!?])\s+(?=[A-ZÆØÅ”])", self.event.description, maxsplit=1)[0]


@dataclass(frozen=True)
class LaneEntries:
    code: str
    name: str
    entries: list[Entry]
    is_empty_in_sources: bool


@dataclass(frozen=True)
class Band:
    title: str
    anchor: str
    is_year: bool
    lanes: list[LaneEntries]


def bands_of(shown: Iterable[Event], known: Iterable[Event]) -> list[Band]:
    """The bands of the events that are shown. ``known`` are all that a lane may hold, shown or not."""
    by_place: dict[tuple[int, int], dict[str, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in shown:
        by_place[_key(event)][event.lane].append(event)
    filled = {(_key(event), event.lane) for event in known}
    return [_band(key, by_place[key], filled) for key in sorted(by_place)]


def _band(key: tuple[int, int], lanes: dict[str, list[Event]], filled: set[tuple[tuple[int, int], str]]) -> Band:
    first = next(event for events in lanes.values() for event in events)
    entries = {lane: [Entry(event) for event in sorted(lanes[lane], key=when.order_in_year)] for lane in Lane}
    return Band(
        title=_title(first),
        anchor=f"aar-{key[0]}-{key[1]}" if key[1] else f"aar-{key[0]}",
        is_year=not key[1],
        lanes=[LaneEntries(lane.value, lane.label, entries[lane], (key, lane.value) not in filled) for lane in Lane],
    )


def _key(event: Event) -> tuple[int, int]:
    """Where the band stands: the year, and whether it is a band of its own after it."""
    if event.standing == Standing.UNDECIDED or event.year is None:
        return LAST, 1 if event.standing == Standing.UNDECIDED else 2
    if when.either_year(event):
        return event.end_year or event.year, 1
    return event.year, 0


def _title(event: Event) -> str:
    if event.standing == Standing.UNDECIDED:
        return "Uafklaret"
    if when.either_year(event):
        return f"{event.year} eller {event.end_year}"
    return str(event.year) if event.year else "Årstal ukendt"
