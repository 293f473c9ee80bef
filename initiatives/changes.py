"""What has changed since a day: the cells whose status or signal was another then, both as known now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from stakeholders.models import MUNICIPALITIES

from .history import Cell, Line, with_history
from .models import Addressing, Recommendation
from .moment import Moment


@dataclass(frozen=True)
class ChangedCell:
    recommendation: Recommendation
    before_status: str
    before_signal: str
    status: str
    signal: str
    changed_on: date | None
    row: Line | None
    place: str


def changed_cells(cells: list[Cell], moment: Moment, reader: Any) -> list[ChangedCell]:
    """Those of ``cells`` (as of ``moment``) that stood otherwise on ``moment.since``."""
    earlier = with_history([cell.progress for cell in cells], moment=moment.at_since, reader=reader, shown=0)
    return _differing(earlier, cells)


def corrected_cells(cells: list[Cell], moment: Moment, reader: Any) -> list[ChangedCell]:
    """Those whose figure for ``moment.since`` is another today than it was known to be then."""
    known_then = moment.known_then
    if known_then is None or (moment.known_at and moment.known_at <= known_then):
        return []
    progress = [cell.progress for cell in cells]
    before = with_history(progress, moment=replace(moment.at_since, known_at=known_then), reader=reader, shown=0)
    after = with_history(progress, moment=moment.at_since, reader=reader, shown=0)
    return _differing(before, after)


def base_changes(moment: Moment, **which: Any) -> list[tuple[date, bool, int]]:
    """The recommendations that the municipalities have begun or ceased to be asked about since; one query.

    Args:
        which: of the addressings, such as ``recommendation__number__in``; all those of the plan without it.

    Returns:
        The day, whether they are asked from then, and the number of the recommendation, in that order.
    """
    if moment.since is None:
        return []
    plan = Recommendation.objects.in_plan(moment.plan, as_of=moment.as_of).values("pk")
    rows = Addressing.objects.filter(recommendation__in=plan, **which)
    rows = rows.filter(actor__slug=MUNICIPALITIES, basis=Addressing.Basis.OVERVIEW)
    rows = rows.standing(as_of=moment.as_of, known_at=moment.known_at).reverse()
    before: dict[int, bool] = {}
    now: dict[int, tuple[date, bool]] = {}
    for day, number, addressed in rows.values_list("effective_on", "recommendation__number", "addressed"):
        asked = bool(addressed)
        if number not in now or now[number][1] != asked:
            now[number] = day, asked
        if day <= moment.since:
            before[number] = asked
    return sorted((day, asked, number) for number, (day, asked) in now.items() if asked != before.get(number, False))


def _differing(before: list[Cell], after: list[Cell]) -> list[ChangedCell]:
    return [
        ChangedCell(
            now.recommendation,
            then.status,
            then.signal,
            now.status,
            now.signal,
            now.changed_on,
            now.current,
            now.municipality.name if now.municipality else "",
        )
        for then, now in zip(before, after, strict=True)
        if (then.status, then.signal) != (now.status, now.signal)
    ]
