"""What has changed since a day: the cells whose status or signal was another then, both as known now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from .history import Cell, Line, with_history
from .models import Recommendation
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
