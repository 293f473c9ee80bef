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
from .extras import actions_in, answers_together
from .facts import PLAN, Brief, Report, at, compose, finding
from .parts import (
    Answers,
    Group,
    NationalLine,
    Overview,
    PlacedActions,
    PlacedChanges,
    PlacedCorrections,
    Red,
    ReportRow,
    StandingTable,
)


def recommendation_report(recommendation: Recommendation, moment: Moment, **asked: Any) -> Report:
    """The report of one recommendation across the municipalities.

    Args:
        asked: of the ``Brief``: ``front``, ``contents``, ``compared``.
    """
    brief = Brief(moment, **asked)
    real = Q(progress__municipality__is_fictional=False) | Q(progress__municipality=None)
    moment = brief.pinned(Q(progress__recommendation=recommendation) & real)
    progress = Progress.objects.filter(recommendation=recommendation)
    cells = cells_of(progress.of_municipalities().counting(**at(moment)), moment)
    rows = [row_of(cell) for cell in cells]
    spread = Spread.of(row.status for row in rows)
    groups, name = _by_kkr(cells, rows, moment), f"Anbefaling {recommendation.number}"
    line = cells_of(progress.national(), moment)[0]
    national = row_of(line, spread=spread, thresholds=Thresholds.holding(moment))
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
            (NationalLine, lambda: NationalLine(national)),
            (Red, lambda: Red(tuple(row for row in rows if row.signal == Signal.RED))),
            (StandingTable, lambda: StandingTable(f"De {len(rows)} kommuner", groups)),
            (PlacedChanges, lambda: changes_part(changed, moment, PlacedChanges)),
            (PlacedCorrections, lambda: corrections_part(cells, moment, PlacedCorrections)),
            (PlacedActions, lambda: actions_in(places.values(), moment, about=recommendation)),
            (Answers, lambda: answers_together([recommendation] if cells else [], moment)),
        ],
        url=f"{reverse('reports')}?om=anbefaling:{recommendation.number}",
        title=finding(spread, "kommuner", done="har gennemført"),
        lead=f"{name} i KL’s {PLAN}: {national.title}.",
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
