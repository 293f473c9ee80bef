"""The log of statuses: who said what, from which day, and what the rules are."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pgtrigger
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from flere_haender.access import is_member, may_record, sees_inside
from flere_haender.days import today
from initiatives.status import STATUS_LABELS, UNDER_WAY, Signal, Status

from .log import NOTE_LIMIT, LogQuerySet, Statement, same_subject_trigger

if TYPE_CHECKING:
    from stakeholders.models import User

UNDO_WITHIN = timedelta(minutes=10)

# What a row says.
CONTENT = ("status", "signal", "expected_on", "note", "internal_note")


def content_errors(answer: Any) -> dict[str, str]:
    """What is wrong with a value of ``CONTENT``, by field, in Danish. What is missing is another question.

    What goes with a status that is not on the list cannot be said.
    """
    errors: dict[str, str] = {}
    if answer.status and answer.status not in Status.values:
        errors["status"] = "Vælg en status fra listen."
    may_be_under_way = answer.status in UNDER_WAY or "status" in errors
    if answer.signal and answer.signal not in Signal.values:
        errors["signal"] = "Vælg et trafiklys fra listen."
    elif answer.signal and not may_be_under_way:
        errors["signal"] = "Trafiklys kan kun vælges ved Planlagt og I gang."
    if answer.expected_on and not may_be_under_way:
        errors["expected_on"] = "En forventet dato kan kun sættes ved Planlagt og I gang."
    too_long = f"Teksten er for lang. Skriv højst {NOTE_LIMIT} tegn."
    return errors | {name: too_long for name in ("note", "internal_note") if len(getattr(answer, name)) > NOTE_LIMIT}


def reason_errors(answer: Any, *, number: int) -> dict[str, str]:
    """*Ikke relevant* needs a reason."""
    if answer.status != Status.NOT_RELEVANT or answer.note:
        return {}
    return {"note": f"Skriv, hvorfor anbefaling {number} ikke er relevant hos jer."}


class StatusUpdateQuerySet(LogQuerySet):
    def visible_to(self, user: Any) -> StatusUpdateQuerySet:
        return self if is_member(user) else self.filter(progress__municipality=None)


def _status_rules() -> tuple[models.CheckConstraint, ...]:
    """The rules that one row can be held against; ``StatusUpdate.clean`` says them in Danish."""
    rules = {
        "status_is_known": Q(status__in=["", *Status.values]),
        "signal_is_known": Q(signal__in=["", *Signal.values]),
        "signal_only_under_way": Q(signal="") | Q(status__in=UNDER_WAY),
        "expected_only_under_way": Q(expected_on=None) | Q(status__in=UNDER_WAY),
        "reason_when_not_relevant": ~Q(status=Status.NOT_RELEVANT) | ~Q(note=""),
        "withdrawal_corrects": ~Q(status="") | Q(corrects__isnull=False),
        "confirmation_is_no_correction": Q(corrects=None) | Q(confirms=None),
    }
    return tuple(
        models.CheckConstraint(name=f"statusupdate_{name}", condition=condition) for name, condition in rules.items()
    )


class StatusUpdate(Statement):
    """One dated line in the log of a cell: who said what."""

    WITHDRAWN = Q(status="")

    progress = models.ForeignKey(
        "initiatives.Progress", on_delete=models.PROTECT, related_name="updates", verbose_name="fremdrift"
    )
    status = models.CharField("status", max_length=20, choices=Status.choices, blank=True)
    signal = models.CharField("trafiklys", max_length=10, choices=Signal.choices, blank=True)
    expected_on = models.DateField("ventes", null=True, blank=True)
    internal_note = models.TextField("intern note", blank=True, max_length=NOTE_LIMIT)
    confirms = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="confirmations", verbose_name="bekræfter"
    )

    objects: ClassVar[Any] = StatusUpdateQuerySet.as_manager()

    class Meta(Statement.Meta):
        abstract = False
        verbose_name = "statusnotat"
        verbose_name_plural = "statusnotater"
        constraints = (*Statement.Meta.constraints, *_status_rules())
        indexes = (
            # ProgressQuerySet.with_status: one look-up a cell.
            models.Index(
                "progress",
                F("effective_on").desc(),
                F("recorded_at").desc(),
                F("id").desc(),
                name="statusupdate_as_of",
            ),
            # latest_changes: the newest of each cell.
            models.Index(
                "progress",
                F("recorded_at").desc(),
                F("id").desc(),
                condition=Q(confirms=None),
                name="statusupdate_newest",
            ),
        )
        triggers = (
            *Statement.Meta.triggers,
            same_subject_trigger("progress_id", links=("corrects_id", "confirms_id")),
            pgtrigger.Trigger(
                name="writes_for_its_own",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("cell", "bigint")],
                func=pgtrigger.Func(
                    """
                    SELECT municipality_id INTO cell FROM initiatives_progress WHERE id = NEW.progress_id;
                    IF cell IS NULL AND (NEW.recorded_for_id IS NOT NULL OR NEW.on_behalf_of_id IS NOT NULL) THEN
                        RAISE EXCEPTION 'only KL writes the national line' USING ERRCODE = 'check_violation';
                    ELSIF cell IS NULL AND NEW.note = '' THEN
                        RAISE EXCEPTION 'a national status needs a note' USING ERRCODE = 'check_violation';
                    ELSIF cell <> COALESCE(NEW.recorded_for_id, NEW.on_behalf_of_id, -1) THEN
                        RAISE EXCEPTION 'a municipality writes for itself, KL on its behalf'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.label}, {self.effective_on:%d.%m.%Y}"

    @property
    def label(self) -> str:
        return STATUS_LABELS[self.status] if self.status else "Trukket tilbage"

    @property
    def is_withdrawal(self) -> bool:
        return self.status == ""

    @property
    def is_correction(self) -> bool:
        return self.corrects_id is not None and not self.is_withdrawal

    @property
    def is_confirmation(self) -> bool:
        return self.confirms_id is not None

    @property
    def content(self) -> dict[str, Any]:
        """What the row says."""
        return {name: getattr(self, name) for name in CONTENT}

    def internal_note_for(self, reader: Any) -> str:
        return self.internal_note if sees_inside(reader, self.progress.municipality_id) else ""

    def repeats(self, written: StatusUpdate) -> bool:
        names = ("progress_id", "recorded_by_id", "corrects_id", "confirms_id", "effective_on", *CONTENT)
        return all(getattr(self, name) == getattr(written, name) for name in names)

    def clean(self, *, asked: Collection[int] | None = None) -> None:
        """Hold the row against the rules.

        Args:
            asked: the recommendations that the municipalities are asked about on the day, when they are at hand.

        Raises:
            ValidationError: by field, in Danish.
        """
        errors = content_errors(self)
        if not self.status and self.corrects is None:
            errors["status"] = "Vælg en status."
        if self.effective_on > today():
            errors["effective_on"] = "Datoen kan ikke ligge efter i dag."
        errors |= self._reason_errors() | self._link_errors() | self._asked_errors(asked)
        if errors:
            raise ValidationError(errors)

    def _reason_errors(self) -> dict[str, str]:
        if not self.note and self.corrects is not None:
            return {"note": "Skriv, hvorfor svaret rettes eller trækkes tilbage."}
        if not self.note and self.progress.municipality_id is None:
            return {"note": "Skriv en note. Den nationale status skal have en begrundelse."}
        return reason_errors(self, number=self.progress.recommendation.number)

    def _link_errors(self) -> dict[str, str]:
        if self.confirms is not None and any(getattr(self, n) != getattr(self.confirms, n) for n in CONTENT):
            return {"confirms": "En bekræftelse gentager det, der gælder."}
        if self.corrects is None:
            return {}
        if self.corrects.progress_id != self.progress_id:
            return {"corrects": "Svaret, der rettes, hører til et andet sted."}
        if StatusUpdate.objects.filter(corrects=self.corrects).exists():
            return {"corrects": "Svaret er allerede rettet. Ret det nyeste svar i stedet."}
        return {}

    def _asked_errors(self, asked: Collection[int] | None) -> dict[str, str]:
        """A municipality answers what it is asked; what is in the log can always be corrected or withdrawn."""
        if self.progress.municipality_id is None or self.corrects is not None or self.submission is not None:
            return {}
        is_asked = self.progress.recommendation_id in asked if asked is not None else None
        if self.progress.is_asked(as_of=self.effective_on) if is_asked is None else is_asked:
            return {}
        number = self.progress.recommendation.number
        day = f"{self.effective_on:%d.%m.%Y}"
        return {"effective_on": f"Kommunerne er ikke spurgt om anbefaling {number} den {day}."}

    def may_undo(self, user: Any, *, now: datetime) -> bool:
        """Whether ``user`` recorded the row less than ten minutes ago, still writes here, and it counts."""
        return (
            self.recorded_by_id == user.pk
            and now - self.recorded_at <= UNDO_WITHIN
            and may_record(user, self.progress.municipality_id)
            and not self.has_correction
        )

    def undo(self, *, by: User) -> StatusUpdate:
        """Take back what one has just saved: a withdrawal, or for a correction the content from before.

        Raises:
            ValidationError: it is too late, or somebody has corrected the row.
            PermissionDenied: somebody else saved it.
        """
        key = uuid.uuid5(self.key, "undo")
        if self.recorded_by_id != by.pk:
            raise PermissionDenied
        if written := StatusUpdate.objects.filter(key=key).first():
            return written
        if not self.may_undo(by, now=timezone.now()):
            raise ValidationError("Det er for sent at fortryde. Ret svaret i stedet.")
        before = self.corrects
        if before is None:
            return self.progress.record(
                "", by=by, effective_on=self.effective_on, note="Fortrudt lige efter.", corrects=self, key=key
            )
        return self.progress.record(
            before.status,
            by=by,
            effective_on=before.effective_on,
            signal=before.signal,
            expected_on=before.expected_on,
            note=before.note or "Rettelsen er fortrudt.",
            internal_note=before.internal_note,
            corrects=self,
            key=key,
        )
