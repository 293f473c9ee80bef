"""The plan at a glance: the recommendations with KL's status, the municipalities' spread and one's own status."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Count, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from flere_haender.prepared import prepared
from stakeholders.models import Municipality

from .models import Addressing, Progress, Recommendation, StatusUpdate, Theme, Thresholds
from .moment import Moment
from .status import NOT_ASSESSED, STATUS_LABELS, UNDER_WAY, Signal, Spread, Status


@dataclass(frozen=True)
class Disagreement:
    """KL's national status does not fit what the municipalities say themselves."""

    status: str
    against: int
    assessed: int

    @classmethod
    def between(cls, national: str, spread: Spread | None, thresholds: Thresholds) -> Disagreement | None:
        """None when they agree, or when too few of the municipalities that count have assessed."""
        if spread is None or not spread.assessed:
            return None
        if 100 * spread.assessed < thresholds.assessed_at_least * spread.counting:
            return None
        if national == Status.COMPLETED:
            against = spread.assessed - spread.completed
        elif national == Status.NOT_STARTED:
            against = spread.in_progress + spread.completed
        else:
            return None
        is_many = 100 * against > thresholds.disagree_above * spread.assessed
        return cls(national, against, spread.assessed) if is_many else None

    @property
    def _claim(self) -> str:
        return "er ikke færdige" if self.status == Status.COMPLETED else "er i gang eller har gennemført"

    @property
    def sentence(self) -> str:
        label = STATUS_LABELS[self.status]
        return (
            f"KL vurderer {label}. {self.against} af de {self.assessed} kommuner, der har vurderet det, {self._claim}."
        )

    @property
    def short(self) -> str:
        return f"KL siger {STATUS_LABELS[self.status]}, men {self.against} af {self.assessed} kommuner {self._claim}"


@dataclass(frozen=True)
class State:
    """What holds for a cell: its status, its signal and the row that says so."""

    status: str = NOT_ASSESSED
    signal: str = ""
    expected_on: date | None = None
    current: StatusUpdate | None = None


@dataclass(frozen=True)
class PlanRow:
    recommendation: Recommendation
    national: State
    spread: Spread | None
    addressees: str
    own: State | None
    thresholds: Thresholds

    @property
    def is_asked(self) -> bool:
        return self.spread is not None

    @property
    def disagreement(self) -> Disagreement | None:
        return Disagreement.between(self.national.status, self.spread, self.thresholds)


@dataclass(frozen=True)
class ThemeGroup:
    theme: Theme
    rows: list[PlanRow]

    @property
    def summary(self) -> str:
        spread = Spread.of(row.national.status for row in self.rows)
        return f"{spread.completed} af {spread.counting} gennemført, {spread.in_progress} i gang"


def signal_counts(cells: Iterable[Any]) -> dict[str, int]:
    """How many of the cells have each signal, any signal, and are under way and so could have one."""
    cells = list(cells)
    counts = Counter(cell.signal for cell in cells)
    return {
        **{signal.value: counts[signal] for signal in Signal},
        "total": sum(counts[signal] for signal in Signal),
        "under_way": sum(cell.status in UNDER_WAY for cell in cells),
    }


def spreads_by(key: str, cells: Any, moment: Moment) -> defaultdict[int, Spread]:
    """The spread of those of the cells that count, for each value of ``key``; an empty one where there are none."""
    counting = cells.counting(as_of=moment.as_of, known_at=moment.known_at, plan=moment.plan)
    rows = counting.with_status(as_of=moment.as_of, known_at=moment.known_at).order_by()
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for value, status, count in rows.values_list(key, "status").annotate(count=Count("pk")):
        counts[value][status] = count
    found = {value: Spread.of(those.elements()) for value, those in counts.items()}
    return defaultdict(lambda: Spread.of([]), found)


def spreads(moment: Moment) -> dict[int, Spread]:
    """The spread of the real municipalities for each recommendation that they are asked about, by its id."""
    return spreads_by("recommendation_id", Progress.objects.of_municipalities(), moment)


def states(cells: Any, moment: Moment) -> dict[int, State]:
    """What holds for each of the cells, by the id of its recommendation; two queries."""
    cells = cells.with_current(as_of=moment.as_of, known_at=moment.known_at).order_by()
    current = dict(cells.values_list("recommendation_id", "current_id"))
    rows = StatusUpdate.objects.in_bulk([pk for pk in current.values() if pk])
    held = {recommendation: rows.get(pk) for recommendation, pk in current.items()}
    return {
        found: State(row.status, row.signal, row.expected_on, row) if row else State() for found, row in held.items()
    }


@prepared
def _addressings(*, as_of: date, known_at: datetime | None) -> Any:
    rows = Addressing.objects.standing(as_of=as_of, known_at=known_at)
    return rows.filter(basis=Addressing.Basis.OVERVIEW).select_related("actor")


def addressees(moment: Moment) -> dict[int, str]:
    """Whom each recommendation is addressed to by the overview page, by its id."""
    latest: dict[tuple[int, int], Addressing] = {}
    for row in _addressings(as_of=moment.as_of, known_at=moment.known_at):
        latest.setdefault((row.recommendation_id, row.actor_id), row)
    names: dict[int, list[Any]] = defaultdict(list)
    for row in latest.values():
        if row.addressed:
            names[row.recommendation_id].append(row.actor)
    return {
        recommendation: " og ".join(actor.name for actor in sorted(actors, key=lambda actor: actor.order))
        for recommendation, actors in names.items()
    }


BETWEEN = "/"


@prepared
def _held(*, as_of: date, known_at: datetime | None, plan: str) -> Any:
    """Each cell that counts and each national line, with what holds for it as one text, which is fetched quickly."""
    cells = Progress.objects.national() | Progress.objects.counting(as_of=as_of, known_at=known_at, plan=plan)
    rows = StatusUpdate.objects.filter(progress=OuterRef("pk")).standing(as_of=as_of, known_at=known_at)
    parts = Concat("status", Value(BETWEEN), "signal", Value(BETWEEN), Cast("expected_on", CharField()))
    held = Subquery(rows.values(held=parts)[:1])
    return cells.order_by().values_list("recommendation_id", "municipality_id", "municipality__is_fictional", held)


class Answers:
    """What holds at a moment for every cell that counts, and what KL says itself; one query."""

    def __init__(self, moment: Moment) -> None:
        self._held = _held(as_of=moment.as_of, known_at=moment.known_at, plan=moment.plan)

    def of(self, municipality: Municipality | None) -> dict[int, State]:
        """What holds in a municipality, or in the national lines (None), by the id of the recommendation."""
        place = municipality and municipality.pk
        return {recommendation: _state(held) for recommendation, its, _, held in self._held if its == place}

    @property
    def by_recommendation(self) -> dict[int, Spread]:
        """The spread of the real municipalities for each recommendation that they are asked about."""
        return self._spreads(0)

    @property
    def by_municipality(self) -> defaultdict[int, Spread]:
        """The spread of each real municipality; an empty one where none counts."""
        return defaultdict(lambda: Spread.of([]), self._spreads(1))

    def _spreads(self, key: int) -> dict[int, Spread]:
        statuses: dict[int, list[str]] = defaultdict(list)
        for row in self._held:
            if row[2] is False:
                statuses[row[key]].append(row[3].partition(BETWEEN)[0] if row[3] else NOT_ASSESSED)
        return {value: Spread.of(those) for value, those in statuses.items()}


def _state(held: str | None) -> State:
    if held is None:
        return State()
    status, signal, expected_on = held.split(BETWEEN)
    return State(status, signal, date.fromisoformat(expected_on) if expected_on else None)


@prepared
def _texts(*, as_of: date, known_at: datetime | None, plan: str) -> Any:
    texts = Recommendation.objects.with_text(as_of=as_of, known_at=known_at)
    return texts.in_force().in_plan(plan, as_of=as_of)


def plan_texts(moment: Moment) -> list[Recommendation]:
    """The recommendations of the moment's plan that are in force, with their texts as they were; one query."""
    return _texts(as_of=moment.as_of, known_at=moment.known_at, plan=moment.plan)


def plan_rows(
    moment: Moment, *, municipality: Municipality | None = None, answers: Answers | None = None
) -> list[PlanRow]:
    """The plan's recommendations as they stood; with ``municipality`` its own status too. Few queries.

    Args:
        answers: of the moment, when the caller has use for them too.
    """
    answers = answers or Answers(moment)
    national, own = answers.of(None), answers.of(municipality) if municipality else {}
    spread_of, addressed, thresholds = answers.by_recommendation, addressees(moment), Thresholds.holding(moment)
    return [
        PlanRow(
            recommendation=recommendation,
            national=national.get(recommendation.pk, State()),
            spread=spread_of.get(recommendation.pk),
            addressees=addressed.get(recommendation.pk, ""),
            own=own.get(recommendation.pk),
            thresholds=thresholds,
        )
        for recommendation in plan_texts(moment)
    ]


def by_theme(rows: Iterable[PlanRow]) -> list[ThemeGroup]:
    groups: dict[int, ThemeGroup] = {}
    for row in rows:
        theme = row.recommendation.focus_area.theme
        groups.setdefault(theme.pk, ThemeGroup(theme, [])).rows.append(row)
    return sorted(groups.values(), key=lambda group: group.theme.number)


def national_heading(rows: list[PlanRow]) -> str:
    """The finding: how many of the recommendations KL says are completed and in progress."""
    spread = Spread.of(row.national.status for row in rows)
    if not spread.answered:
        return f"KL har endnu ikke vurderet de {spread.total} anbefalinger"
    return f"{spread.completed} af {spread.counting} anbefalinger er gennemført, {spread.in_progress} er i gang"
