"""How the municipalities' answers to a recommendation have moved, month by month."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate, takewhile
from typing import Any

from django.utils.dateformat import format as format_date

from stakeholders.models import MUNICIPALITIES

from .models import Addressing, Progress, Recommendation, StatusUpdate
from .moment import Moment
from .reports.words import danish_date
from .status import BAR_ORDER, DISPLAY_ORDER, STATUS_LABELS, Spread, thousands

PLOT_HEIGHT = 260  # pixels; the width is the page's
LABEL_HEIGHT = 18
GRID_STEPS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)


@dataclass(frozen=True)
class Unit:
    """What is counted, in Danish: one, several, and what they are or have done when they are completed."""

    one: str
    many: str
    done: str

    def how_many(self, count: int) -> str:
        return f"1 {self.one}" if count == 1 else f"{thousands(count) if count else 'ingen'} {self.many}"


COUNTED_MUNICIPALITIES = Unit("kommune", "kommuner", "har gennemført")
COUNTED = {
    unit.many: unit
    for unit in (
        COUNTED_MUNICIPALITIES,
        Unit("anbefaling", "anbefalinger", "er gennemført"),
        Unit("svar", "svar", "er gennemført"),
    )
}


@dataclass(frozen=True)
class Point:
    """What was answered as of a day."""

    day: date
    spread: Spread


@dataclass(frozen=True)
class Area:
    """One status over time. ``points`` are a polygon in days and pixels, 0 at the top."""

    status: str
    points: str


@dataclass(frozen=True)
class EndLabel:
    """The last number of a status, with a line from ``y`` at the edge to ``at`` where it has room; in pixels."""

    label: str
    count: int
    y: float
    at: float


@dataclass(frozen=True)
class Development:
    """The answers at the end of each month and on the last day, for as long as the municipalities have been asked.

    Attributes:
        height: of the picture, in pixels.
    """

    points: tuple[Point, ...]
    unit: Unit = COUNTED_MUNICIPALITIES
    height: int = PLOT_HEIGHT

    @property
    def first(self) -> Point:
        return self.points[0]

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def heading(self) -> str:
        """The finding: how many have completed, then and now."""
        before, now = self.first.spread.completed, self.last.spread.completed
        if before == now == 0:
            return f"Ingen {self.unit.many} {self.unit.done} endnu"
        if before == now:
            return f"{self.unit.how_many(now)} {self.unit.done}, lige så mange som i {self._begun}"
        return f"Siden {self._begun} er de gennemførte gået fra {thousands(before)} til {self.unit.how_many(now)}"

    @property
    def _begun(self) -> str:
        """The month at whose end the first point stands."""
        return format_date(self.first.day, "F Y")

    @cached_property
    def total(self) -> int:
        """All that are asked, also those with the answer *Ikke relevant*, which are not drawn."""
        return max(point.spread.total for point in self.points)

    @property
    def days(self) -> int:
        return self._x(self.last)

    def _x(self, point: Point) -> int:
        return (point.day - self.first.day).days

    @property
    def areas(self) -> list[Area]:
        """From the bottom up, in the order of the bars; a status that nobody has had is left out."""
        tops = [list(accumulate(point.spread[status] for status in BAR_ORDER)) for point in self.points]
        areas = []
        for place, status in enumerate(BAR_ORDER):
            if any(point.spread[status] for point in self.points):
                upper = [(self._x(point), top[place]) for point, top in zip(self.points, tops, strict=True)]
                lower = [(x, top - point.spread[status]) for (x, top), point in zip(upper, self.points, strict=True)]
                areas.append(Area(status, self._polygon(upper + lower[::-1])))
        return areas

    @property
    def above(self) -> str:
        """A polygon over those who are drawn: they answer *Ikke relevant*, and there is nothing there."""
        edge = [(self._x(point), point.spread.counting) for point in self.points]
        return self._polygon([*edge, (self.days, self.total), (0, self.total)])

    def _polygon(self, corners: Iterable[tuple[int, int]]) -> str:
        return " ".join(f"{x},{self.height * (1 - count / self.total):g}" for x, count in corners)

    @property
    def labels(self) -> list[EndLabel]:
        """The last numbers, from the top down, each moved as far as it must to have a line of its own."""
        scale, height, found = self.height / self.total, 0, []
        for status in BAR_ORDER:
            if count := self.last.spread[status]:
                found.append((STATUS_LABELS[status], count, self.height - scale * (height + count / 2)))
                height += count
        found.reverse()
        places = apart([y for _, _, y in found], LABEL_HEIGHT, self.height)
        return [EndLabel(label, count, y, at) for (label, count, y), at in zip(found, places, strict=True)]

    @property
    def scale(self) -> list[tuple[int, float]]:
        """The numbers of the axis, from 0 to all, with their height in pixels."""
        between = next((step for step in GRID_STEPS if self.total <= 4 * step), GRID_STEPS[-1])
        steps = [*range(0, self.total - between // 2, between), self.total]
        return [(step, self.height * (1 - step / self.total)) for step in steps]

    @property
    def years(self) -> list[tuple[int, str, bool]]:
        """Each new year, its place in per cent of the width, and whether the last day, written out, may reach it on a
        phone; not where the last day is written."""
        found = []
        for year in range(self.first.day.year + 1, self.last.day.year + 1):
            place = 100 * (date(year, 1, 1) - self.first.day).days / self.days
            if place <= 90:
                found.append((year, f"{place:.2f}%", place > 50))
        return found

    @property
    def spoken(self) -> str:
        """The picture in a sentence."""
        return f"{self.heading}. {danish_date(self.last.day)}: {self.last.spread.spoken}. Alle tal står i tabellen."

    @property
    def has_irrelevant(self) -> bool:
        return any(point.spread.not_relevant for point in self.points)

    @property
    def statuses(self) -> list[str]:
        """The columns of the table."""
        return [STATUS_LABELS[status] for status in DISPLAY_ORDER]


def apart(places: Sequence[float], room: float, lowest: float) -> list[float]:
    """The same places, in their order, at least ``room`` from one another and none below ``lowest``."""
    down = list(accumulate(places, lambda above, place: max(place, above + room)))
    up = accumulate(reversed(down), lambda below, place: min(place, below - room), initial=lowest + room)
    return list(up)[:0:-1]


def month_ends(first: date, last: date) -> list[date]:
    """The last day of each month from before ``first`` until ``last``, and ``last`` itself."""
    days = [first.replace(day=1) - timedelta(days=1)]
    while (day := _end_of_month(days[-1] + timedelta(days=1))) < last:
        days.append(day)
    return [*days, last]


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def held(rows: Iterable[tuple[date, Any, Any]], days: Iterable[date]) -> Iterator[dict[Any, Any]]:
    """What held for each subject on each of ``days``, which are in order.

    Args:
        rows: effective from, subject and content of the rows that stand on the last of the days, the one that holds
            last. Those that were effective by an earlier day are the ones that stood then, as known at that moment.
    """
    waiting, now = deque(rows), {}
    for day in days:
        while waiting and waiting[0][0] <= day:
            _, subject, now[subject] = waiting.popleft()
        yield dict(now)


def development(recommendation: Recommendation, moment: Moment) -> Development | None:
    """How the real municipalities' answers have moved until the moment; three queries, however many rows.

    None when nobody has answered, or when they are not asked on that day.
    """
    return development_of(Progress.objects.of_municipalities().filter(recommendation=recommendation), moment)


def development_of(
    cells: Any, moment: Moment, unit: Unit = COUNTED_MUNICIPALITIES, height: int = PLOT_HEIGHT
) -> Development | None:
    """How the answers in these cells have moved until the moment; three queries, however many rows.

    A cell is in it on the days on which its recommendation was addressed to the municipalities. None when nobody has
    answered, or when they are not asked on the last day.
    """
    about = dict(cells.order_by().values_list("pk", "recommendation_id"))
    answers = _standing(StatusUpdate.objects.filter(progress__in=about), moment, "progress", "status")
    if not answers:
        return None
    overview = Addressing.objects.filter(recommendation__in=set(about.values()), basis=Addressing.Basis.OVERVIEW)
    asked = _standing(overview.filter(actor__slug=MUNICIPALITIES), moment, "recommendation", "addressed")
    days = month_ends(answers[0][0], moment.as_of)
    points = [
        _point(day, statuses, [cell for cell, recommendation in about.items() if addressed.get(recommendation)])
        for day, statuses, addressed in zip(days, held(answers, days), held(asked, days), strict=True)
    ]
    since_asked = tuple(point for point in takewhile(bool, reversed(points)) if point)[::-1]
    return Development(since_asked, unit, height) if len(since_asked) > 1 else None


def _point(day: date, statuses: dict[Any, Any], asked: list[int]) -> Point | None:
    return Point(day, Spread.of(statuses.get(cell) for cell in asked)) if asked else None


def _standing(rows: Any, moment: Moment, subject: str, content: str) -> list[tuple[date, Any, Any]]:
    standing = rows.standing(as_of=moment.as_of, known_at=moment.known_at).reverse()
    return list(standing.values_list("effective_on", subject, content))
