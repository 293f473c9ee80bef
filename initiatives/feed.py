"""What has been said in the log of statuses, as a reader may see it. A query over the log, not a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from flere_haender.access import is_kl, membership_of
from flere_haender.days import DanishDay
from stakeholders.models import Municipality

from .models import Recommendation, StatusUpdate
from .models.log import LATEST_FIRST
from .moment import Moment
from .status import NOT_ASSESSED

BETWEEN = "/"


@dataclass(frozen=True)
class Change:
    """What held for a cell before a row of the log, and after it."""

    before_status: str
    before_signal: str
    status: str
    signal: str

    @property
    def is_one(self) -> bool:
        return (self.before_status, self.before_signal) != (self.status, self.signal)


@dataclass(frozen=True)
class Deed:
    """What somebody did, as one reader may know it.

    Attributes:
        key: what it is known by for ever.
        place: the municipality; None is KL's own.
        sentences: what was done, when no change of a status says it.
        note: of a status; shared with all who may see the status.
    """

    key: str
    at: datetime
    title: str
    url: str
    place: Municipality | None
    author: str
    change: Change | None = None
    sentences: tuple[str, ...] = ()
    note: str = ""


def followed_by(reader: Any) -> Q:
    """The statuses that a reader follows: KL everybody's; a municipality its own and KL's; the public KL's."""
    if is_kl(reader):
        return Q()
    national = Q(progress__municipality=None)
    membership = membership_of(reader)
    return national | Q(progress__municipality=membership.municipality) if membership else national


def latest_changes(reader: Any, *, within: Q, limit: int) -> list[Deed]:
    """The last rows that changed what holds for a cell, the newest first.

    Args:
        within: which rows, such as ``Q(progress__municipality=None)`` for KL's own.
    """
    rows = _with_change(StatusUpdate.objects.visible_to(reader).filter(within, confirms=None))
    rows = rows.exclude(after=F("before"))
    return _deeds(rows.order_by("-recorded_at", "-id")[:limit], reader)


def status_deeds(keys: Iterable[int], reader: Any) -> dict[int, Deed]:
    """What was done with these rows of the log, by their id; two queries, however many they are."""
    rows = list(_with_change(StatusUpdate.objects.visible_to(reader).filter(pk__in=list(keys))))
    return dict(zip((row.pk for row in rows), _deeds(rows, reader), strict=True))


def _with_change(rows: Any) -> Any:
    before, after = _standing("recorded_at__lt"), _standing("recorded_at__lte")
    rows = rows.annotate(before=_held(before), after=_held(after))
    return rows.select_related("progress__municipality", "recorded_by", "recorded_for", "on_behalf_of")


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


def _deeds(rows: Any, reader: Any) -> list[Deed]:
    rows = list(rows)
    texts = Recommendation.objects.with_text(as_of=Moment.now().as_of)
    titled = texts.in_bulk({row.progress.recommendation_id for row in rows})
    return [_deed(row, titled[row.progress.recommendation_id], reader) for row in rows]


def _deed(row: Any, recommendation: Recommendation, reader: Any) -> Deed:
    cell = row.progress
    cell.recommendation = recommendation
    return Deed(
        key=f"statusnotat-{row.pk}",
        at=row.recorded_at,
        title=f"{recommendation.number} {recommendation.title}",
        url=cell.get_absolute_url(),
        place=cell.municipality,
        author=row.author_for(reader),
        change=Change(*row.before.split(BETWEEN), *row.after.split(BETWEEN)),
        sentences=_said(row),
        note=row.note,
    )


def _said(row: StatusUpdate) -> tuple[str, ...]:
    if row.is_withdrawal:
        return ("Trukket tilbage",)
    if row.is_correction:
        return ("Rettelse",)
    return ("Bekræftet",) if row.is_confirmation else ()
