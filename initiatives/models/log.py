"""The bitemporal log: rows that are written once, with the day they hold from and the moment they were recorded."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from flere_haender.access import sees_inside
from flere_haender.append_only import append_only, never_emptied
from flere_haender.days import DanishDay
from flere_haender.form_keys import FORM_USED
from stakeholders.models import KL, organisation_of

LATEST_FIRST = ("-effective_on", "-recorded_at", "-id")
NOTE_LIMIT = 4000

# ``seen`` of a caller that shows nobody a form, such as an import.
UNSEEN = object()


class ChangedSince(Exception):
    """Somebody has recorded the same since the form was shown. ``newest`` is what they recorded."""

    def __init__(self, newest: Any) -> None:
        super().__init__("changed since")
        self.newest = newest


def refuse_unless_seen(newest: Any, seen: Any) -> None:
    """Raise ChangedSince when the newest row is another than the one that was shown, as for ``Progress.record``."""
    if seen is not UNSEEN and newest is not None and newest.pk != seen:
        raise ChangedSince(newest)


class LogQuerySet(models.QuerySet[Any]):
    def known(self, known_at: datetime | None) -> Self:
        """The rows recorded at or before ``known_at``; None is everything known."""
        return self if known_at is None else self.filter(recorded_at__lte=known_at)

    def deciding(self, *, as_of: date, known_at: datetime | None = None) -> Self:
        """The rows that can decide what stands on the day: effective by then, or correcting one that was."""
        return self.known(known_at).filter(Q(effective_on__lte=as_of) | Q(corrects__effective_on__lte=as_of))

    def with_corrected(self, *, known_at: datetime | None = None) -> Self:
        """Annotate ``is_corrected``: whether a row known at ``known_at`` corrects this one."""
        corrections: QuerySet[Any] = self.model._default_manager.filter(corrects=OuterRef("pk"))
        if known_at is not None:
            corrections = corrections.filter(recorded_at__lte=known_at)
        return self.annotate(is_corrected=Exists(corrections))

    def with_standing(self, *, as_of: date, known_at: datetime | None = None) -> Self:
        """Annotate ``stands``: whether a row counts on the Danish day ``as_of``, as known at ``known_at``.

        It was effective by then, not corrected by then, and is no withdrawal.
        """
        counts = Q(effective_on__lte=as_of, is_corrected=False) & ~self.model.WITHDRAWN
        rows = self.known(known_at).with_corrected(known_at=known_at)
        return rows.annotate(stands=ExpressionWrapper(counts, output_field=models.BooleanField()))

    def standing(self, *, as_of: date, known_at: datetime | None = None) -> Self:
        """The rows that stand, the one that holds first.

        Several subjects may be among them: the first row *of a subject* is what holds for it.
        """
        return self.with_standing(as_of=as_of, known_at=known_at).filter(stands=True).order_by(*LATEST_FIRST)


class Origin(models.TextChoices):
    """How something came in, when it was not typed in a form here."""

    WORKBOOK = "workbook", "fra regneark"
    SPREADSHEET = "sheet", "fra KL’s regneark"


def origin_is_known(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=Q(origin__in=["", *Origin.values]))


class LogEntry(models.Model):
    """One row of a log. Never edited, never deleted: the database refuses.

    A *correction* is a full new row that names one row of the same subject; a row is corrected at most
    once. A *withdrawal* is a correction without content. See ``LogQuerySet.standing`` for what holds.
    """

    # What a row without content looks like, and the columns that say what a row is about.
    WITHDRAWN: ClassVar[Q]

    effective_on = models.DateField("gælder fra")
    recorded_at = models.DateTimeField("registreret", db_index=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="registreret af"
    )
    recorded_for = models.ForeignKey(
        "stakeholders.Municipality",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="skrev for",
        help_text="Den kommune, som brugeren skrev for. Tom: KL.",
    )
    # Any: of the subclass's own type.
    corrects: Any = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="corrected_by", verbose_name="retter"
    )
    key = models.UUIDField("nøgle", unique=True, default=uuid.uuid4)

    objects: ClassVar[Any] = LogQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = LATEST_FIRST
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                name="%(class)s_not_effective_after_recording",
                condition=Q(effective_on__lte=DanishDay(F("recorded_at"))),
            ),
        )
        triggers: ClassVar[tuple[pgtrigger.Trigger, ...]] = (append_only, never_emptied("the log only grows"))

    @property
    def organisation(self) -> str:
        """The organisation that the user wrote for at that moment."""
        return organisation_of(self.recorded_for)


class Statement(LogEntry):
    """A row that somebody has said: a municipality, or KL for itself or on a municipality's behalf."""

    note = models.TextField("note", blank=True, max_length=NOTE_LIMIT)
    on_behalf_of = models.ForeignKey(
        "stakeholders.Municipality",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="på vegne af",
    )
    submission = models.ForeignKey(
        "initiatives.Submission",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="indberetning",
    )
    origin = models.CharField("oprindelse", max_length=10, choices=Origin.choices, blank=True, default="")

    # Of a queryset ``with_standing``.
    is_corrected: bool
    stands: bool

    class Meta(LogEntry.Meta):
        abstract = True
        constraints = (
            *LogEntry.Meta.constraints,
            models.CheckConstraint(name="%(class)s_has_author", condition=Q(recorded_by__isnull=False)),
            models.CheckConstraint(
                name="%(class)s_on_behalf_only_by_kl", condition=Q(on_behalf_of=None) | Q(recorded_for=None)
            ),
            origin_is_known("%(class)s_origin_is_known"),
            models.CheckConstraint(name="%(class)s_reason_when_correcting", condition=Q(corrects=None) | ~Q(note="")),
        )

    def repeats(self, written: Any) -> bool:
        """Whether this row, not yet written, says the same as one that is: the same form sent twice."""
        raise NotImplementedError

    def entered(self, rows: QuerySet[Any], *, seen: Any) -> Self:
        """Write the row, held against the rules, or return the one that its key has written before.

        Args:
            rows: those of the log that are about the same; they are locked.
            seen: as for ``Progress.record``, which says what is raised.
        """
        written: Any = type(self)._default_manager.filter(key=self.key).first()
        if written is not None and self.repeats(written):
            return written
        refuse_unless_seen(rows.order_by("-id").first(), seen)
        if written is not None:
            raise ValidationError(FORM_USED)
        self.clean()
        self.save(force_insert=True)
        return self

    @property
    def last_of_chain(self) -> Any:
        """The row that counts of those that correct one another, beginning with this one."""
        row: Any = self
        rows: QuerySet[Any] = type(self)._default_manager.all()
        while later := rows.filter(corrects=row.pk).first():
            row = later
        return row

    @property
    def has_correction(self) -> bool:
        """Whether a later row corrects this one; without a query of a queryset ``with_standing``."""
        annotated: bool | None = self.__dict__.get("is_corrected")
        if annotated is not None:
            return annotated
        rows: QuerySet[Any] = type(self)._default_manager.all()
        return rows.filter(corrects=self.pk).exists()

    @property
    def organisation(self) -> str:
        """Who speaks: KL, a municipality, or "KL på vegne af Korsbæk Kommune"."""
        return f"{KL} på vegne af {self.on_behalf_of}" if self.on_behalf_of else super().organisation

    def author_for(self, reader: Any) -> str:
        """The author as ``reader`` may know them: the name is for their own municipality and KL."""
        if self.recorded_by is not None and sees_inside(reader, self.recorded_for_id):
            return f"{self.recorded_by.name}, {self.organisation}"
        return self.organisation


def same_subject_trigger(*columns: str, links: tuple[str, ...] = ("corrects_id",), **others: Any) -> pgtrigger.Trigger:
    """Refuse a row that corrects (or otherwise names) a row of another subject, or one recorded later.

    Args:
        columns: the database columns that say what a row is about.
        links: the columns that name another row of the same log.
    """
    same = " AND ".join(f"named.{column} IS NOT DISTINCT FROM NEW.{column}" for column in columns)
    checks = "\n".join(
        f"""
        IF NEW.{link} IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM {{meta.db_table}} named
            WHERE named.id = NEW.{link} AND named.recorded_at <= NEW.recorded_at AND {same}
        ) THEN
            RAISE EXCEPTION 'a log row can only name an earlier row of the same subject'
                USING ERRCODE = 'check_violation';
        END IF;"""
        for link in links
    )
    return pgtrigger.Trigger(
        name="same_subject",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=pgtrigger.Func(f"{checks}\nRETURN NEW;"),
        **others,
    )
