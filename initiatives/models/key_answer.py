"""The log of answers to key questions: which municipality said what, from which day."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from flere_haender.access import is_member
from flere_haender.days import today
from initiatives.kinds import checked, said
from stakeholders.models import Municipality

from .log import LATEST_FIRST, NOTE_LIMIT, LogQuerySet, Statement, same_subject_trigger

if TYPE_CHECKING:
    from .question import Question

# The value must be of the question's kind, and its options those of the question. The row of the question is held
# until the answer is written, so that nobody takes an option away meanwhile.
VALUE_FITS = """
    SELECT kind, options INTO asked FROM initiatives_question WHERE id = NEW.question_id FOR SHARE;
    IF NEW.value IS NOT NULL AND NOT COALESCE(CASE asked.kind
        WHEN 'yes_no' THEN jsonb_typeof(NEW.value) = 'boolean'
        WHEN 'number' THEN jsonb_typeof(NEW.value) = 'number'
        WHEN 'choice' THEN asked.options @> jsonb_build_array(jsonb_build_object('value', NEW.value))
        WHEN 'choices' THEN CASE jsonb_typeof(NEW.value)
            WHEN 'array' THEN jsonb_array_length(NEW.value) > 0 AND NOT EXISTS (
                SELECT 1 FROM jsonb_array_elements(NEW.value) AS one
                WHERE NOT asked.options @> jsonb_build_array(jsonb_build_object('value', one))
            )
        END
        WHEN 'date' THEN NEW.value #>> '{}' ~ '^\\d{4}-\\d\\d-\\d\\d$'
        WHEN 'link' THEN jsonb_typeof(NEW.value) = 'string' AND NEW.value #>> '{}' ~ '^https?://'
    END, FALSE) THEN
        RAISE EXCEPTION 'the value is no answer to the question' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class KeyAnswerQuerySet(LogQuerySet):
    def visible_to(self, user: Any) -> KeyAnswerQuerySet:
        """What a municipality has answered is for members. What all have answered together is public."""
        return self if is_member(user) else self.none()

    def holding(self, *, as_of: date, known_at: datetime | None = None) -> KeyAnswerQuerySet:
        """The row that holds for each question and municipality that has one."""
        subject = ("question_id", "municipality_id")
        rows = self.standing(as_of=as_of, known_at=known_at)
        return rows.order_by(*subject, *LATEST_FIRST).distinct(*subject)


class KeyAnswer(Statement):
    """One dated line in the log of a municipality's answers to a question. Without a value it is a withdrawal."""

    WITHDRAWN = Q(value__isnull=True)

    question = models.ForeignKey(
        "initiatives.Question", on_delete=models.PROTECT, related_name="answers", verbose_name="spørgsmål"
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="key_answers", verbose_name="kommune"
    )
    value = models.JSONField("svar", null=True, blank=True)

    objects: ClassVar[Any] = KeyAnswerQuerySet.as_manager()

    class Meta(Statement.Meta):
        abstract = False
        verbose_name = "svar på spørgsmål"
        verbose_name_plural = "svar på spørgsmål"
        constraints = (
            *Statement.Meta.constraints,
            models.CheckConstraint(
                name="keyanswer_withdrawal_corrects", condition=Q(value__isnull=False) | Q(corrects__isnull=False)
            ),
            models.CheckConstraint(
                name="keyanswer_writes_for_its_own",
                condition=Q(recorded_for__isnull=False, municipality=F("recorded_for"))
                | Q(on_behalf_of__isnull=False, municipality=F("on_behalf_of")),
            ),
        )
        indexes = (
            # KeyAnswerQuerySet.holding: all municipalities' answers to the questions of a recommendation.
            models.Index(
                "question",
                "municipality",
                F("effective_on").desc(),
                F("recorded_at").desc(),
                F("id").desc(),
                name="keyanswer_as_of",
            ),
        )
        triggers = (
            *Statement.Meta.triggers,
            same_subject_trigger("question_id", "municipality_id"),
            pgtrigger.Trigger(
                name="value_fits",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("asked", "record")],
                func=VALUE_FITS,
            ),
        )

    def __str__(self) -> str:
        return f"{self.municipality}: {self.said or 'Trukket tilbage'}, {self.effective_on:%d.%m.%Y}"

    @property
    def said(self) -> str:
        """The answer in words; nothing for a withdrawal."""
        return said(self.question, self.value)

    @property
    def is_withdrawal(self) -> bool:
        return self.value is None

    def repeats(self, written: KeyAnswer) -> bool:
        names = ("question_id", "municipality_id", "recorded_by_id", "corrects_id", "effective_on", "value", "note")
        return all(getattr(self, name) == getattr(written, name) for name in names)

    def clean(self) -> None:
        """Hold the row against the rules.

        Raises:
            ValidationError: by field, in Danish.
        """
        errors = self._value_errors() | self._link_errors() | self._asked_errors()
        if self.effective_on > today():
            errors["effective_on"] = "Datoen kan ikke ligge efter i dag."
        if len(self.note) > NOTE_LIMIT:
            errors["note"] = f"Teksten er for lang. Skriv højst {NOTE_LIMIT} tegn."
        elif self.corrects is not None and not self.note:
            errors["note"] = "Skriv, hvorfor svaret rettes eller trækkes tilbage."
        if errors:
            raise ValidationError(errors)

    def _value_errors(self) -> dict[str, str]:
        if self.value is None:
            return {} if self.corrects is not None else {"value": "Svar på spørgsmålet."}
        try:
            self.value = checked(self.question, self.value)
        except ValidationError as refusal:
            return {"value": str(refusal.message)}
        return {}

    def _link_errors(self) -> dict[str, str]:
        if self.corrects is None:
            return {}
        same = ("question_id", "municipality_id")
        if any(getattr(self.corrects, name) != getattr(self, name) for name in same):
            return {"corrects": "Svaret, der rettes, hører til et andet sted."}
        if self.corrects.has_correction:
            return {"corrects": "Svaret er allerede rettet. Ret det nyeste svar i stedet."}
        return {}

    def _asked_errors(self) -> dict[str, str]:
        """A municipality answers what it is asked; what is in the log can always be corrected or withdrawn."""
        question: Question = self.question
        if self.corrects is not None or self.submission is not None:
            return {}
        if not question.is_active(on=self.effective_on):
            return {"value": "Spørgsmålet stilles ikke længere."}
        if question.is_asked(as_of=self.effective_on):
            return {}
        number, day = question.recommendation.number, f"{self.effective_on:%d.%m.%Y}"
        return {"effective_on": f"Kommunerne er ikke spurgt om anbefaling {number} den {day}."}
