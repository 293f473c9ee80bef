"""What has changed last, as a reader may see it. A query over the log, not a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from flere_haender.days import DanishDay
from stakeholders.models import Municipality

from .models import Recommendation, StatusUpdate
from .models.log import LATEST_FIRST
from .moment import Moment
from .status import NOT_ASSESSED

BETWEEN = "/"


@dataclass(frozen=True)
class Change:
    when: datetime
    recommendation: Recommendation
    municipality: Municipality | None
    before_status: str
    before_signal: str
    status: str
    signal: str
    author: str
    url: str


def latest_changes(reader: Any, *, within: Q, limit: int) -> list[Change]:
    """The last rows that changed what holds for a cell, the newest first.

    Args:
        within: which rows, such as ``Q(progress__municipality=None)`` for KL's own.
    """
    before, after = _standing("recorded_at__lt"), _standing("recorded_at__lte")
    rows = (
        StatusUpdate.objects.visible_to(reader)
        .filter(within, confirms=None)
        .annotate(before=_held(before), after=_held(after))
        .exclude(after=F("before"))
        .select_related("progress__municipality", "recorded_by", "recorded_for", "on_behalf_of")
        .order_by("-recorded_at", "-id")[:limit]
    )
    moment = Moment.now()
    texts = Recommendation.objects.with_text(as_of=moment.as_of).in_bulk(
        {row.progress.recommendation_id for row in rows}
    )
    return [_change(row, texts[row.progress.recommendation_id], reader) for row in rows]


def _held(rows: Any) -> Coalesce:
    """The status and the signal of the first row as one text: both are compared, and asked for once."""
    held = rows.values(held=Concat("status", Value(BETWEEN), "signal"))[:1]
    return Coalesce(Subquery(held), Value(f"{NOT_ASSESSED}{BETWEEN}"))


def _standing(known: str) -> Any:
    """The rows of the same cell that stood on the day of the recording, as known just before it or just after."""
    corrected = StatusUpdate.objects.filter(corrects=OuterRef("pk"), **{known: OuterRef(OuterRef("recorded_at"))})
    return (
        StatusUpdate.objects.filter(
            progress=OuterRef("progress"),
            effective_on__lte=DanishDay(OuterRef("recorded_at")),
            **{known: OuterRef("recorded_at")},
        )
        .exclude(StatusUpdate.WITHDRAWN)
        .filter(~Exists(corrected))
        .order_by(*LATEST_FIRST)
    )


def _change(row: Any, recommendation: Recommendation, reader: Any) -> Change:
    cell = row.progress
    before_status, before_signal = row.before.split(BETWEEN)
    status, signal = row.after.split(BETWEEN)
    cell.recommendation = recommendation
    return Change(
        when=row.recorded_at,
        recommendation=recommendation,
        municipality=cell.municipality,
        before_status=before_status,
        before_signal=before_signal,
        status=status,
        signal=signal,
        author=row.author_for(reader),
        url=cell.get_absolute_url(),
    )
