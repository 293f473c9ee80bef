"""Many statuses at once: as exact as ``Progress.record``, in a handful of queries."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from flere_haender.access import may_record
from flere_haender.prepared import prepared

from .action_plan import ALL_PLANS
from .log import UNSEEN, ChangedSince
from .plan import Recommendation
from .progress import Progress
from .status_update import StatusUpdate

if TYPE_CHECKING:
    from stakeholders.models import User

ROWS_A_QUERY = 1_000


@dataclass(frozen=True)
class Recording:
    """A status of a cell, with the arguments of ``Progress.record``.

    Args:
        seen: the id of the cell's newest row when it was shown, None when there was none.
    """

    cell: Progress
    status: str
    effective_on: date
    signal: str = ""
    expected_on: date | None = None
    note: str = ""
    internal_note: str = ""
    seen: Any = UNSEEN


@transaction.atomic
def record_many(recordings: Sequence[Recording], *, by: User, origin: str) -> list[StatusUpdate]:
    """Record all of them, or none: what ``Progress.record`` would write, at one moment.

    Args:
        recordings: several of one cell may be among them; the later then counts as recorded after the earlier.
        by: who records.
        origin: an ``Origin``.

    Raises:
        PermissionDenied: ``by`` may not write in one of the cells.
        ValidationError: the rules refuse one, in Danish; it names the cell.
        ChangedSince: somebody has recorded in one of the cells since it was seen.
    """
    if not all(may_record(by, each.cell.municipality_id) for each in recordings):
        raise PermissionDenied
    ids = {each.cell.pk for each in recordings}
    list(Progress.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))
    _refuse_changed(recordings, newest_rows(ids))
    rows = [_row(each, by=by, origin=origin) for each in recordings]
    _refuse_by_rules(rows)
    at = timezone.now()  # the rules take a while, and what is known by then must be written by then
    for row in rows:
        row.recorded_at = at
    return StatusUpdate.objects.bulk_create(rows, batch_size=ROWS_A_QUERY)


def newest_rows(cells: Iterable[int]) -> dict[int, int]:
    """The id of the newest row of each cell that has one, by the cell's id. One query."""
    rows = StatusUpdate.objects.filter(progress__in=list(cells)).order_by()
    return dict(rows.values_list("progress").annotate(newest=Max("pk")))


def _refuse_changed(recordings: Iterable[Recording], newest: dict[int, int]) -> None:
    for each in recordings:
        now = newest.get(each.cell.pk)
        if each.seen is not UNSEEN and now is not None and now != each.seen:
            raise ChangedSince(StatusUpdate.objects.get(pk=now))


def _row(said: Recording, *, by: User, origin: str) -> StatusUpdate:
    """It says when it is recorded just before it is."""
    return said.cell.row_of(
        by,
        status=said.status,
        signal=said.signal,
        expected_on=said.expected_on,
        note=said.note,
        internal_note=said.internal_note,
        effective_on=said.effective_on,
        origin=origin,
        key=uuid.uuid4(),
    )


@prepared
def _asked(*, as_of: date) -> Any:
    return Recommendation.objects.asked(as_of=as_of, plan=ALL_PLANS).values_list("pk", flat=True)


class AskedByDay(dict[date, set[int]]):
    """The ids of the recommendations that the municipalities are asked about, by the day; each day is asked once."""

    def __missing__(self, day: date) -> set[int]:
        found = self[day] = set(_asked(as_of=day))
        return found


def _refuse_by_rules(rows: Iterable[StatusUpdate]) -> None:
    asked = AskedByDay()
    for row in rows:
        try:
            row.clean(asked=asked[row.effective_on])
        except ValidationError as refusal:
            raise ValidationError([f"{row.progress}: {message}" for message in refusal.messages]) from refusal
