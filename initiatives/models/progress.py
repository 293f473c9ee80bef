"""Where the work stands: the cell, its log, and the one door through which the log grows."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from flere_haender.access import is_member, may_record
from flere_haender.addresses import address
from flere_haender.days import today
from initiatives.status import NOT_ASSESSED
from stakeholders.models import Municipality

from .action_plan import ALL_PLANS
from .log import UNSEEN
from .plan import Recommendation
from .status_update import StatusUpdate

if TYPE_CHECKING:
    from stakeholders.models import User

    from .submission import Submission


class ProgressQuerySet(models.QuerySet["Progress"]):
    def visible_to(self, user: Any) -> ProgressQuerySet:
        """National lines are public; the municipalities' cells are for members."""
        return self if is_member(user) else self.national()

    def national(self) -> ProgressQuerySet:
        return self.filter(municipality=None)

    def of_municipalities(self) -> ProgressQuerySet:
        """The cells of the real municipalities: the ground of every national figure."""
        return self.filter(municipality__is_fictional=False)

    def counting(self, *, as_of: date, known_at: datetime | None = None, plan: str = "") -> ProgressQuerySet:
        """The municipal cells whose recommendation is addressed to the municipalities on that day.

        Args:
            plan: whose recommendations, as in ``Recommendation.objects.in_plan``; without it the plan of that day.
        """
        asked = Recommendation.objects.asked(as_of=as_of, known_at=known_at, plan=plan)
        return self.filter(municipality__isnull=False, recommendation__in=asked)

    def with_status(self, *, as_of: date, known_at: datetime | None = None) -> Any:
        """Annotate what holds on the Danish day ``as_of``, as known at ``known_at`` (None: now).

        Adds ``current_id`` (the row that holds, or None), ``status`` (*Ikke vurderet* when none holds)
        and ``signal``. Starts from the cells: one look-up a cell in the index ``statusupdate_as_of``.
        """
        rows = StatusUpdate.objects.filter(progress=OuterRef("pk")).standing(as_of=as_of, known_at=known_at)
        return self.with_current(as_of=as_of, known_at=known_at).annotate(
            status=Coalesce(Subquery(rows.values("status")[:1]), Value(NOT_ASSESSED)),
            signal=Coalesce(Subquery(rows.values("signal")[:1]), Value("")),
        )

    def with_current(self, *, as_of: date, known_at: datetime | None = None) -> Any:
        """Annotate ``current_id`` alone: for those who fetch the rows that hold."""
        rows = StatusUpdate.objects.filter(progress=OuterRef("pk")).standing(as_of=as_of, known_at=known_at)
        return self.annotate(current_id=Subquery(rows.values("pk")[:1]))

    def with_answer(self, *, as_of: date, known_at: datetime | None = None) -> Any:
        """Annotate ``answer``: the status, the signal and the day of what holds, or None; as ``with_status``.

        One look-up a cell where ``with_status`` has three: for those who show all cells at once.
        """
        rows = StatusUpdate.objects.filter(progress=OuterRef("pk")).standing(as_of=as_of, known_at=known_at)
        answer = JSONObject(status="status", signal="signal", effective_on="effective_on")
        return self.annotate(answer=Subquery(rows.values(answer=answer)[:1]))

    def with_change(self, *, as_of: date, known_at: datetime | None = None) -> Any:
        """Annotate ``changed_on``: the day of the last row that stands and is no confirmation."""
        rows = StatusUpdate.objects.filter(progress=OuterRef("pk"), confirms=None)
        rows = rows.standing(as_of=as_of, known_at=known_at)
        return self.annotate(changed_on=Subquery(rows.values("effective_on")[:1]))

    def fill(self) -> int:
        """Make the cells that are missing: each recommendation in each municipality, and its national line."""
        have = set(self.values_list("recommendation_id", "municipality_id"))
        places = [None, *Municipality.objects.values_list("pk", flat=True)]
        missing = [
            Progress(recommendation_id=recommendation, municipality_id=place)
            for recommendation in Recommendation.objects.values_list("pk", flat=True)
            for place in places
            if (recommendation, place) not in have
        ]
        return len(Progress.objects.bulk_create(missing, ignore_conflicts=True))


class Progress(models.Model):
    """One recommendation in one municipality, or its national line: the thing that has a status and a history."""

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="cells", verbose_name="anbefaling"
    )
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        related_name="cells",
        null=True,
        blank=True,
        verbose_name="kommune",
        help_text="Tom: den nationale linje.",
    )
    responsible_unit = models.CharField(
        "ansvarlig enhed", max_length=120, blank=True, help_text="En afdeling eller et team, ikke en person."
    )

    objects = ProgressQuerySet.as_manager()

    # Of a queryset ``with_status``.
    current_id: int | None
    status: str
    signal: str

    class Meta:
        verbose_name = "fremdrift"
        verbose_name_plural = "fremdrift"
        ordering = ("recommendation__number", "municipality__sort_order")
        constraints = (
            models.UniqueConstraint(name="progress_one_per_cell", fields=("recommendation", "municipality")),
            models.UniqueConstraint(
                name="progress_one_national_line", fields=("recommendation",), condition=Q(municipality=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.recommendation}, {self.municipality or 'national status'}"

    def get_absolute_url(self) -> str:
        if self.municipality is None:
            return self.recommendation.get_absolute_url()
        return f"{self.municipality.get_absolute_url()}#anbefaling-{self.recommendation.slug}"

    @property
    def history_url(self) -> str:
        """Where the whole history of a municipality's cell is."""
        if self.municipality is None:
            return self.get_absolute_url()
        return address("cell", self.municipality.code, self.recommendation.slug)

    @property
    def questions_url(self) -> str:
        """Where a municipality answers the key questions of the recommendation."""
        assert self.municipality is not None
        return address("answer_questions", self.municipality.code, self.recommendation.slug)

    @property
    def form_url(self) -> str:
        if self.municipality is None:
            return address("record_national", self.recommendation.slug)
        return address("record_status", self.municipality.code, self.recommendation.slug)

    @transaction.atomic
    def record(
        self,
        status: str,
        *,
        by: User,
        effective_on: date | None = None,
        signal: str = "",
        expected_on: date | None = None,
        note: str = "",
        internal_note: str = "",
        corrects: StatusUpdate | None = None,
        confirms: StatusUpdate | None = None,
        seen: Any = UNSEEN,
        key: uuid.UUID | None = None,
        recorded_at: datetime | None = None,
        submission: Submission | None = None,
        origin: str = "",
    ) -> StatusUpdate:
        """Record a status. The only way in which the log of statuses grows.

        Args:
            status: a ``Status``; empty for a withdrawal, which must correct a row.
            by: who records; the row keeps the organisation that they write for.
            effective_on: the Danish day from which it holds; today when it is not given.
            corrects: the row of this cell that the new one replaces.
            confirms: the row of this cell that the new one repeats.
            seen: the id of the newest row when the form was shown, None when there was none.
            key: of the form. The same key with the same answer returns the row that it wrote, and writes nothing.
            recorded_at: for work that writes many rows: one moment, taken when all its cells are locked.
            submission: the handing-in of a round that it is part of; its author may be a leader.
            origin: an ``Origin``, when it was not typed in a form.

        Raises:
            PermissionDenied: ``by`` may not write here.
            ValidationError: the rules refuse it, by field, in Danish.
            ChangedSince: somebody has recorded since ``seen``.
        """
        hands_in = submission is not None and submission.submitted_by_id == by.pk
        if not (may_record(by, self.municipality_id) or hands_in):
            raise PermissionDenied
        Progress.objects.select_for_update().get(pk=self.pk)
        row = self.row_of(
            by,
            status=status,
            signal=signal,
            expected_on=expected_on,
            note=note,
            internal_note=internal_note,
            effective_on=effective_on,
            recorded_at=recorded_at or timezone.now(),
            corrects=corrects,
            confirms=confirms,
            submission=submission,
            origin=origin,
            key=key or uuid.uuid4(),
        )
        return row.entered(self.updates.all(), seen=seen)

    def row_of(
        self, by: User, *, note: str, internal_note: str, effective_on: date | None, **content: Any
    ) -> StatusUpdate:
        """A row of this cell that is not held against the rules yet, nor written: that is for ``record``.

        Args:
            by: a member. The row says for whom they write, and on whose behalf.
        """
        membership = by.membership
        assert membership is not None  # may_record, or hands in
        return StatusUpdate(
            progress=self,
            note=note.strip(),
            internal_note=internal_note.strip(),
            effective_on=effective_on or today(),
            recorded_by=by,
            recorded_for=membership.municipality,
            on_behalf_of=self.municipality if membership.is_kl else None,
            **content,
        )

    def confirm(self, row: StatusUpdate, *, by: User, key: uuid.UUID | None = None) -> StatusUpdate:
        """Say that ``row`` still holds today: a new row that repeats it and names it."""
        return self.record(
            row.status,
            by=by,
            signal=row.signal,
            expected_on=row.expected_on,
            note=row.note,
            internal_note=row.internal_note,
            confirms=row,
            key=key,
        )

    def is_asked(self, *, as_of: date) -> bool:
        """Whether the municipalities are asked about the recommendation on that day."""
        return Recommendation.objects.asked(as_of=as_of, plan=ALL_PLANS).filter(pk=self.recommendation_id).exists()
