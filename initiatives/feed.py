"""What has been said in the log of statuses, as a reader may see it. A query over the log, not a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Func, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from flere_haender.access import is_kl, is_member, membership_of
from flere_haender.days import DanishDay, today
from flere_haender.prepared import prepared

from .models import Progress, Recommendation, StatusUpdate
from .models.log import LATEST_FIRST
from .status import NOT_ASSESSED

BETWEEN = "/"
WINDOW = 20  # rows that a feed looks at first


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
        place: what the municipality is called; empty is KL's own.
        sentences: what was done, when no change of a status says it.
        note: of a status; shared with all who may see the status.
    """

    key: str
    at: datetime
    title: str
    url: str
    place: str
    author: str
    change: Change | None = None
    sentences: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Followed:
    """Which statuses a feed is about: everybody's, or KL's own and those of one municipality, or one of the two."""

    everybody: bool = False
    national: bool = False
    municipality: int | None = None

    @property
    def cells(self) -> Any:
        national = Q(municipality=None) if self.national else Q(pk=None)
        own = Q(municipality=self.municipality) if self.municipality is not None else Q(pk=None)
        return Progress.objects.all() if self.everybody else Progress.objects.filter(national | own)

    @property
    def statuses(self) -> Any:
        """The rows of the log."""
        return StatusUpdate.objects.all() if self.everybody else StatusUpdate.objects.filter(progress__in=self.cells)


def followed_by(reader: Any) -> Followed:
    """The statuses that a reader follows: KL everybody's; a municipality its own and KL's; the public KL's."""
    membership = membership_of(reader)
    return Followed(is_kl(reader), True, membership.municipality_id if membership else None)


def latest_changes(reader: Any, *, within: Followed, limit: int, texts: Iterable[Recommendation] = ()) -> list[Deed]:
    """The last rows that changed what holds for a cell, the newest first.

    What a row changed is asked of the newest rows, and of all of them only when these have too few changes.

    Args:
        texts: recommendations with today's texts, when the caller has them; the others are asked for.
    """
    within = within if is_member(reader) else Followed(national=True)
    newest = _newest(**vars(within)) if limit < WINDOW else None
    changes = [row for row in newest or [] if row[1] != row[2]]
    if newest is None or (len(changes) < limit and len(newest) == WINDOW):
        changes = list(_with_change(_newest_first(within.statuses)).exclude(after=F("before"))[:limit])
    return list(_deeds(changes[:limit], reader, texts).values())


def _newest_first(rows: Any) -> Any:
    """Without the confirmations, which change nothing."""
    return rows.filter(confirms=None).order_by("-recorded_at", "-id")


@prepared
def _newest(*, everybody: bool, national: bool, municipality: int | None) -> Any:
    """The newest of all are among the newest of each cell, and those are in an index."""
    within = Followed(everybody, national, municipality)
    if everybody:
        return _with_change(_newest_first(within.statuses))[:WINDOW]
    of_cell = _newest_first(StatusUpdate.objects.filter(progress=OuterRef("pk"))).values("pk")[:WINDOW]
    ids = Func(ArraySubquery(of_cell), function="unnest", set_returning=True)
    rows = StatusUpdate.objects.filter(pk__in=within.cells.order_by().values(newest=ids))
    return _with_change(_newest_first(rows))[:WINDOW]


def status_deeds(keys: Iterable[int], reader: Any) -> dict[int, Deed]:
    """What was done with these rows of the log, by their id; three queries, however many they are."""
    return _deeds(_with_change(StatusUpdate.objects.visible_to(reader).filter(pk__in=list(keys))), reader)


def _with_change(rows: Any) -> Any:
    """The id of each row, and what held before it and after it."""
    before, after = _standing("recorded_at__lt"), _standing("recorded_at__lte")
    return rows.annotate(before=_held(before), after=_held(after)).values_list("pk", "before", "after")


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


def _deeds(
    changes: Iterable[tuple[int, str, str]], reader: Any, texts: Iterable[Recommendation] = ()
) -> dict[int, Deed]:
    """By the id of the row, in the order of the changes."""
    changes = list(changes)
    rows = {row.pk: row for row in _rows(ids=[pk for pk, _, _ in changes])}
    found = {each.pk: each for each in texts}
    if missing := {row.progress.recommendation_id for row in rows.values()} - found.keys():
        found |= {each.pk: each for each in _texts(as_of=today(), recommendations=list(missing))}
    for row in rows.values():
        row.progress.recommendation = found[row.progress.recommendation_id]
    return {
        pk: _deed(rows[pk], Change(*before.split(BETWEEN), *after.split(BETWEEN)), reader)
        for pk, before, after in changes
    }


@prepared
def _rows(*, ids: list[int]) -> Any:
    rows = StatusUpdate.objects.filter(pk__in=ids)
    return rows.select_related("progress__municipality", "recorded_by", "recorded_for", "on_behalf_of")


@prepared
def _texts(*, as_of: date, recommendations: list[int]) -> Any:
    return Recommendation.objects.with_text(as_of=as_of).filter(pk__in=recommendations)


def _deed(row: Any, change: Change, reader: Any) -> Deed:
    cell = row.progress
    return Deed(
        key=f"statusnotat-{row.pk}",
        at=row.recorded_at,
        title=f"{cell.recommendation.number} {cell.recommendation.title}",
        url=cell.get_absolute_url(),
        place=cell.municipality.marked_name if cell.municipality else "",
        author=row.author_for(reader),
        change=change,
        sentences=_said(row),
        note=row.note,
    )


def _said(row: StatusUpdate) -> tuple[str, ...]:
    if row.is_withdrawal:
        return ("Trukket tilbage",)
    if row.is_correction:
        return ("Rettelse",)
    return ("Bekræftet",) if row.is_confirmation else ()
