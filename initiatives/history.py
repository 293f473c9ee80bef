"""The history of a cell as a reader may see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from flere_haender.access import may_record
from flere_haender.prepared import prepared
from stakeholders.models import MUNICIPALITIES, Municipality

from .key_answers import Reply
from .models import Addressing, Origin, Progress, Recommendation, StatusUpdate
from .moment import Moment
from .status import NOT_ASSESSED, UNDER_WAY


@dataclass(frozen=True)
class Line:
    """One row of the log for one reader: the author and the internal note as that reader may know them."""

    pk: int
    status: str
    signal: str
    expected_on: date | None
    note: str
    internal_note: str
    effective_on: date
    recorded_at: datetime
    author: str
    origin: str
    label: str
    is_withdrawal: bool
    is_correction: bool
    is_confirmation: bool
    corrects: StatusUpdate | None
    corrected: bool
    may_correct: bool
    may_undo: bool

    @classmethod
    def of(cls, row: StatusUpdate, reader: Any, *, may_edit: bool = False) -> Line:
        """``may_edit``: whether the reader may correct and undo here."""
        return cls(
            **{name: getattr(row, name) for name in _AS_IS},
            internal_note=row.internal_note_for(reader),
            author=row.author_for(reader),
            origin=Origin(row.origin).label if row.origin else "",
            corrected=row.has_correction,
            may_correct=may_edit and not row.has_correction,
            may_undo=may_edit and row.may_undo(reader, now=timezone.now()),
        )


_AS_IS = (
    "pk",
    "status",
    "signal",
    "expected_on",
    "note",
    "effective_on",
    "recorded_at",
    "label",
    "is_withdrawal",
    "is_correction",
    "is_confirmation",
    "corrects",
)


@dataclass(frozen=True)
class Told:
    """What a cell says to one reader, with the newest ``rows`` of its history, of which there are ``row_count``."""

    anchor: str
    number: int
    title: str
    url: str
    responsible_unit: str
    status: str
    since: date | None
    current: Line | None
    is_overdue: bool
    rows: tuple[Line, ...]
    row_count: int
    replies: tuple[Reply, ...]
    may_edit: bool
    form_url: str
    history_url: str
    questions_url: str

    @property
    def has_replied(self) -> bool:
        return any(reply.said for reply in self.replies)


class Cell:
    """A cell with its history, for a template.

    Attributes:
        rows: the rows known that were effective by then, the newest first; as many as were asked for.
        row_count: how many there are.
        current: the row that holds, or None.
        since: the day on which the unbroken run of the status began.
        replies: the key questions and what is answered, once ``add_answers`` has been asked for them.
        changed_on: the day on which the status or the signal last changed.
        named: whether the recommendation's own text names the municipalities.
    """

    named = True

    def __init__(
        self, progress: Progress, log: list[Any], rows: Mapping[int, StatusUpdate], moment: Moment, reader: Any
    ) -> None:
        """``log`` has what ``MARKS`` names of every row, ``rows`` the whole rows that are shown."""
        self.progress = progress
        self.recommendation = progress.recommendation
        self.municipality = progress.municipality
        self.responsible_unit = progress.responsible_unit
        self.form_url = progress.form_url
        self.form: Any = None
        self.form_context: dict[str, Any] = {}
        self.replies: tuple[Reply, ...] = ()
        self.may_edit = moment.is_now and may_record(reader, progress.municipality_id)
        standing = _standing(log)
        self.since = _run_start(standing, "status")
        self.changed_on = _run_start(standing, "status", "signal")
        shown = [rows[row.pk] for row in _newest(log) if row.pk in rows]
        lines = {row.pk: Line.of(row, reader, may_edit=self.may_edit) for row in shown}
        self.rows = list(lines.values())
        self.row_count = len(log)
        self.current = lines[standing[-1].pk] if standing else None
        self.status = self.current.status if self.current else NOT_ASSESSED
        self.signal = self.current.signal if self.current else ""
        self.is_overdue = is_overdue(self.current, moment.as_of)

    def get_absolute_url(self) -> str:
        return self.progress.get_absolute_url()

    @property
    def anchor(self) -> str:
        """What it is called on a page that may hold several plans."""
        return self.recommendation.slug

    @property
    def told(self) -> Told:
        return Told(
            anchor=self.anchor,
            number=self.recommendation.number,
            title=self.recommendation.title,
            url=self.recommendation.get_absolute_url(),
            responsible_unit=self.responsible_unit,
            status=self.status,
            since=self.since,
            current=self.current,
            is_overdue=self.is_overdue,
            rows=tuple(self.rows),
            row_count=self.row_count,
            replies=self.replies,
            may_edit=self.may_edit,
            form_url=self.form_url,
            history_url=self.progress.history_url,
            questions_url=self.progress.questions_url,
        )

    @property
    def undoable(self) -> Line | None:
        """The newest row, while its author may take it back."""
        return self.rows[0] if self.rows and self.rows[0].may_undo else None


def is_overdue(row: Any, as_of: date) -> bool:
    """Whether the work should have started, or ended, by then."""
    return bool(row and row.status in UNDER_WAY and row.expected_on and row.expected_on < as_of)


def _standing(log: list[Any]) -> list[Any]:
    """The rows that stand, in order of time: the last one holds."""
    return sorted((row for row in log if row.stands), key=lambda row: (row.effective_on, row.recorded_at, row.pk))


def _newest(log: list[Any]) -> list[Any]:
    return sorted(log, key=lambda row: -row.pk)


def _run_start(standing: list[Any], *names: str) -> date | None:
    """The first day of the unbroken run of what the last row says; ``standing`` is in order of time."""
    start = None
    for row in reversed(standing):
        if any(getattr(row, name) != getattr(standing[-1], name) for name in names):
            break
        start = row.effective_on
    return start


SAID_BY = ("recorded_by", "recorded_for", "on_behalf_of")
# What is read of every row; the whole of it only of those that are shown.
MARKS = ("progress_id", "pk", "status", "signal", "effective_on", "recorded_at", "stands", "is_corrected")


def with_history(cells: Iterable[Progress], *, moment: Moment, reader: Any, shown: int | None = None) -> list[Cell]:
    """The cells with their histories; at most two queries, however many they are.

    Args:
        shown: how many of its newest rows each cell has at least; None is all of them.
    """
    own = {cell.pk: cell for cell in cells}
    known = {"cells": list(own), "as_of": moment.as_of, "known_at": moment.known_at}
    log = _whole(**known) if shown is None else _marks(**known)
    by_cell: dict[int, list[Any]] = defaultdict(list)
    for row in log:
        by_cell[row.progress_id].append(row)
    rows = {row.pk: row for row in log} if shown is None else _wanted(by_cell.values(), shown)
    for row in rows.values():
        row.progress = own[row.progress_id]
    return [Cell(cell, by_cell[cell.pk], rows, moment, reader) for cell in own.values()]


def _wanted(logs: Iterable[list[Any]], shown: int) -> dict[int, StatusUpdate]:
    """The newest rows of each log, and the one that holds; whole, by their ids."""
    marks = {row.pk: row for log in logs for row in (*_newest(log)[:shown], *_standing(log)[-1:])}
    rows = {row.pk: row for row in _with_ids(ids=list(marks))}
    for pk, row in rows.items():
        row.is_corrected = marks[pk].is_corrected
    return rows


def _log(*, cells: Any, as_of: date, known_at: datetime | None) -> Any:
    """What was known and effective, of these cells."""
    rows = StatusUpdate.objects.filter(progress_id__in=cells, effective_on__lte=as_of)
    return rows.with_standing(as_of=as_of, known_at=known_at).order_by()


@prepared
def _marks(**which: Any) -> Any:
    return _log(**which).values_list(*MARKS, named=True)


@prepared
def _whole(**which: Any) -> Any:
    return _log(**which).select_related(*SAID_BY, "corrects")


@prepared
def _with_ids(*, ids: Any) -> Any:
    return StatusUpdate.objects.filter(pk__in=ids).select_related(*SAID_BY, "corrects").order_by()


def latest_line(municipality: Municipality, recommendations: list[int], reader: Any) -> Line | None:
    """What a municipality saved last about the recommendations with these ids."""
    rows = StatusUpdate.objects.filter(
        progress__municipality=municipality, progress__recommendation__in=recommendations
    )
    row = rows.select_related(*SAID_BY, "progress").order_by("-recorded_at", "-pk").first()
    return Line.of(row, reader) if row else None


@prepared
def _named(*, as_of: date) -> Any:
    """The ids of those whose text names the municipalities, or of which nobody said whom it names."""
    named = Recommendation.objects.addressed_to(MUNICIPALITIES, as_of=as_of, basis=Addressing.Basis.TEXT)
    unsaid = ~Q(addressings__basis=Addressing.Basis.TEXT)
    return Recommendation.objects.filter(Q(pk__in=named.values("pk")) | unsaid).values_list("pk", flat=True)


def mark_named(cells: Iterable[Cell], *, as_of: date) -> None:
    """Set ``named`` on each: whether the text names the municipalities, or nobody said whom it names. One query."""
    ids = set(_named(as_of=as_of))
    for cell in cells:
        cell.named = cell.recommendation.pk in ids
