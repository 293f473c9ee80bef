"""Where the municipalities are with one recommendation. For members: it names municipalities."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Q
from django.urls import reverse

from initiatives.history import Cell
from initiatives.models import Progress, Recommendation, Thresholds
from initiatives.moment import Moment
from initiatives.status import Signal, Spread
from stakeholders.models import Municipality

from .cells import cells_of, changed_rows, changes_part, corrections_part, row_of
from .country import TWO_VOICES
from .documents import known_events, known_figures
from .extras import actions_in, answers_together
from .facts import Brief, Report, at, compose, finding, in_plan, plan_of
from .parts import (
    Answers,
    Group,
    KnownEvents,
    KnownFigures,
    Months,
    NationalLine,
    Overview,
    PlacedActions,
    PlacedChanges,
    PlacedCorrections,
    Red,
    ReportRow,
    StandingTable,
)
from .pictures import months


def recommendation_report(recommendation: Recommendation, moment: Moment, **asked: Any) -> Report:
    """The report of one recommendation across the municipalities.

    Args:
        asked: of the ``Brief``: ``front``, ``contents``, ``compared``.
    """
    brief = Brief(in_plan(moment, recommendation.plan_slug), **asked)
    real = Q(progress__municipality__is_fictional=False) | Q(progress__municipality=None)
    moment = brief.pinned(Q(progress__recommendation=recommendation) & real, rounds=True)
    progress = Progress.objects.filter(recommendation=recommendation)
    text = Recommendation.objects.with_text(**at(moment)).filter(pk=recommendation.pk)  # also when it is retired
    counting = progress.of_municipalities().counting(**at(moment), plan=moment.plan)
    cells = cells_of(counting, moment, among=text)
    rows = [row_of(cell) for cell in cells]
    spread = Spread.of(row.status for row in rows)
    groups, name = _by_kkr(cells, rows, moment), f"Anbefaling {recommendation.number}"
    thresholds = Thresholds.holding(moment)
    lines = cells_of(progress.national(), moment, among=text)
    national = next((row_of(line, spread=spread, thresholds=thresholds) for line in lines), None)
    title = national.title if national else recommendation.short_name
    changed = changed_rows(cells, moment)
    places = {cell.municipality.pk: cell.municipality for cell in cells if cell.municipality}
    return compose(
        brief,
        moment,
        [
            (
                Overview,
                lambda: Overview("Hvor langt er kommunerne?", name, spread, groups, of="kommuner", by="KKR"),
            ),
            (Months, lambda: months(counting, moment, of="kommuner")),
            (NationalLine, lambda: NationalLine(national) if national else None),
            (Red, lambda: Red(tuple(row for row in rows if row.signal == Signal.RED))),
            (StandingTable, lambda: StandingTable(f"De {len(rows)} kommuner", groups)),
            (PlacedChanges, lambda: changes_part(changed, moment, PlacedChanges)),
            (PlacedCorrections, lambda: corrections_part(cells, moment, PlacedCorrections)),
            (PlacedActions, lambda: actions_in(places.values(), moment, about=recommendation)),
            (Answers, lambda: answers_together([recommendation] if cells else [], moment)),
            (KnownFigures, lambda: known_figures([recommendation], moment)),
            (KnownEvents, lambda: known_events(moment, rounds=True)),
        ],
        url=f"{reverse('reports')}?om=anbefaling:{recommendation.slug}",
        title=finding(spread, "kommuner", done="har gennemført"),
        lead=f"{name} i KL’s handleplan {plan_of(moment)}: {title}.",
        basis=f"{spread.answered} af {spread.total} kommuner har svaret.",
        subject_name=name,
        reading=(TWO_VOICES, "En kommunes tal er for KL og kommunerne og er ikke offentlige."),
    )


def _by_kkr(cells: list[Cell], rows: list[ReportRow], moment: Moment) -> tuple[Group, ...]:
    places = Municipality.objects.real().placed(as_of=moment.as_of).in_bulk()
    found: dict[Any, list[ReportRow]] = defaultdict(list)
    for cell, row in zip(cells, rows, strict=True):
        assert cell.municipality is not None
        found[places[cell.municipality.pk].kkr].append(row)
    return tuple(
        Group(kkr.name, Spread.of(row.status for row in found[kkr]), tuple(found[kkr]))
        for kkr in sorted(found, key=lambda kkr: kkr.order)
    )
