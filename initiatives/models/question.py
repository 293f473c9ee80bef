"""Key questions: facts about a recommendation that compare across the country, and the door to their log."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from flere_haender.access import may_record
from flere_haender.days import today
from flere_haender.form_keys import FORM_USED
from initiatives.kinds import CAN_OPEN, FROM_A_LIST, Kind, opens, said
from stakeholders.models import Municipality

from .action_plan import ALL_PLANS
from .key_answer import KeyAnswer
from .log import UNSEEN, refuse_unless_seen
from .plan import Recommendation
from .progress import Progress

if TYPE_CHECKING:
    from stakeholders.models import User

    from .submission import Submission

# What has been answered keeps its meaning, also against SQL.
KEEPS_ITS_ANSWERS = """
    IF (OLD.kind, OLD.recommendation_id, OLD.slug) IS DISTINCT FROM (NEW.kind, NEW.recommendation_id, NEW.slug)
        AND EXISTS (SELECT 1 FROM initiatives_keyanswer WHERE question_id = OLD.id)
    THEN
        RAISE EXCEPTION 'a question that has been answered keeps its kind and its place'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.options IS DISTINCT FROM OLD.options AND EXISTS (
        SELECT 1 FROM initiatives_keyanswer answer
        CROSS JOIN jsonb_array_elements(
            CASE jsonb_typeof(answer.value) WHEN 'array' THEN answer.value ELSE jsonb_build_array(answer.value) END
        ) AS used
        WHERE answer.question_id = OLD.id AND answer.value IS NOT NULL
            AND NOT NEW.options @> jsonb_build_array(jsonb_build_object('value', used))
    ) THEN
        RAISE EXCEPTION 'an option that has been chosen stays' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class QuestionQuerySet(models.QuerySet["Question"]):
    def active(self, *, on: date) -> QuestionQuerySet:
        """Those that are asked on a Danish day, in their order, each with ``recommendation`` and ``asked_if``."""
        asked = self.filter(Q(retired_on=None) | Q(retired_on__gt=on))
        return asked.select_related("recommendation", "asked_if")


class Question(models.Model):
    """A question to the municipalities about a recommendation. KL edits it; ``KeyAnswer`` is what they answer."""

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="questions", verbose_name="anbefaling"
    )
    slug = models.SlugField("kode", unique=True, max_length=60)
    text = models.CharField("spørgsmål", max_length=200)
    help_text = models.CharField("hjælp til spørgsmålet", max_length=300, blank=True)
    kind = models.CharField("svartype", max_length=10, choices=Kind.choices)
    options = models.JSONField("svarmuligheder", default=list, blank=True)
    unit = models.CharField("enhed", max_length=40, blank=True, help_text="Kun ved tal, for eksempel hjælpere.")
    allows_negative = models.BooleanField("må være under 0", default=False, help_text="Kun ved tal.")
    past_only = models.BooleanField(
        "ligger bagud", default=True, help_text="Kun ved dato: Datoen kan ikke ligge efter i dag."
    )
    finding = models.CharField(
        "overskrift ved ja",
        max_length=120,
        blank=True,
        help_text="Kun ved ja eller nej. Det, der står efter antallet: 40 “har en politisk vedtaget strategi”.",
    )
    asked_if = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name="stilles kun ved svar på",
    )
    asked_if_value = models.JSONField("når svaret er", null=True, blank=True)
    order = models.PositiveSmallIntegerField("rækkefølge", default=1)
    retired_on = models.DateField(
        "stilles ikke fra", null=True, blank=True, help_text="Svarene bliver stående i opgørelser om dagene før."
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "spørgsmål"
        verbose_name_plural = "spørgsmål"
        ordering = ("recommendation__number", "order", "pk")
        constraints = (
            models.CheckConstraint(name="question_kind_is_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="question_options_when_from_a_list", condition=Q(options=[]) ^ Q(kind__in=FROM_A_LIST)
            ),
            models.CheckConstraint(
                name="question_hangs_on_a_value",
                condition=Q(asked_if=None, asked_if_value__isnull=True)
                | Q(asked_if__isnull=False, asked_if_value__isnull=False) & ~Q(asked_if=F("id")),
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="keeps_its_answers",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=KEEPS_ITS_ANSWERS,
            ),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def labels(self) -> dict[str, str]:
        """The options in their order: what is stored, and what is shown."""
        return {option["value"]: option["label"] for option in self.options}

    @property
    def condition(self) -> str:
        """In words: the answer that the question hangs on."""
        if self.asked_if is None:
            return ""
        return self.asked_if.labels.get(str(self.asked_if_value)) or said(self.asked_if, self.asked_if_value)

    def is_active(self, *, on: date) -> bool:
        return self.retired_on is None or self.retired_on > on

    def is_asked(self, *, as_of: date) -> bool:
        """Whether the municipalities are asked about the recommendation on that day."""
        return Recommendation.objects.asked(as_of=as_of, plan=ALL_PLANS).filter(pk=self.recommendation_id).exists()

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether the question is asked at all, given the answers to the others by slug."""
        if self.asked_if is None:
            return True
        return opens(self.asked_if, values.get(self.asked_if.slug), self.asked_if_value)

    def clean(self) -> None:
        """Hold the question against the rules, and against what has been answered already.

        Raises:
            ValidationError: by field, in Danish.
        """
        errors = self._option_errors() | self._follow_up_errors() | self._answered_errors()
        if errors:
            raise ValidationError(errors)

    def _option_errors(self) -> dict[str, str]:
        if self.kind not in FROM_A_LIST:
            return {"options": "Kun svar fra en liste har svarmuligheder."} if self.options else {}
        if len(self.options) < 2:
            return {"options": "Skriv mindst to svarmuligheder."}
        if not len(self.options) == len(self.labels) == len(set(self.labels.values())):
            return {"options": "Hver svarmulighed skal have sin egen kode og sin egen tekst."}
        return {}

    def _follow_up_errors(self) -> dict[str, str]:
        asked_if, value = self.asked_if, self.asked_if_value
        if asked_if is None:
            return {} if value is None else {"asked_if": "Vælg det spørgsmål, som svaret hører til."}
        if asked_if.pk == self.pk or asked_if.asked_if_id or asked_if.kind not in CAN_OPEN:
            return {"asked_if": "Vælg et andet spørgsmål med faste svar, som selv altid stilles."}
        if asked_if.recommendation_id != self.recommendation_id:
            return {"asked_if": "De to spørgsmål skal høre til samme anbefaling."}
        if self.pk and self.follow_ups.exists():
            return {"asked_if": "Andre spørgsmål hænger på dette. Derfor skal det altid stilles."}
        possible = [True, False] if asked_if.kind == Kind.YES_NO else list(asked_if.labels)
        return {} if value in possible else {"asked_if_value": "Skriv et af de svar, som spørgsmålet har."}

    def _answered_errors(self) -> dict[str, str]:
        before = Question.objects.filter(pk=self.pk).first() if self.pk else None
        if before is None or not before.answers.exists():
            return {}
        new = "Lad dette udgå, og opret et nyt spørgsmål."
        errors = {}
        if before.kind != self.kind:
            errors["kind"] = f"Spørgsmålet er besvaret, så svartypen kan ikke ændres. {new}"
        if before.recommendation_id != self.recommendation_id:
            errors["recommendation"] = f"Spørgsmålet er besvaret, så det kan ikke flyttes. {new}"
        lost = [label for option, label in before.labels.items() if option in before.used - set(self.labels)]
        if lost and "kind" not in errors:
            named = ", ".join(f"“{label}”" for label in lost)
            errors["options"] = f"Kommuner har svaret {named}. Den svarmulighed skal blive stående."
        return errors

    @property
    def used(self) -> set[str]:
        """The options that any row of the log holds, also a corrected one."""
        values = self.answers.filter(value__isnull=False).values_list("value", flat=True)
        return {option for value in values for option in (value if isinstance(value, list) else [str(value)])}

    @transaction.atomic
    def answer(
        self,
        municipality: Municipality,
        value: Any,
        *,
        by: User,
        effective_on: date | None = None,
        note: str = "",
        corrects: KeyAnswer | None = None,
        seen: Any = UNSEEN,
        key: uuid.UUID | None = None,
        recorded_at: datetime | None = None,
        submission: Submission | None = None,
        origin: str = "",
    ) -> KeyAnswer:
        """Record a municipality's answer. The only way in which the log of answers grows.

        Args:
            value: as ``initiatives.kinds.checked`` wants it; None for a withdrawal, which must correct a row.
            by: who records; the row keeps the organisation that they write for.
            effective_on: the Danish day from which it holds; today when it is not given.
            corrects: the municipality's row for this question that the new one replaces.
            seen: the id of its newest row when the form was shown, None when there was none.
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
        if not (may_record(by, municipality.pk) or hands_in):
            raise PermissionDenied
        lock_cell(self.recommendation_id, municipality)
        membership = by.membership
        assert membership is not None  # may_record, or hands in
        row = KeyAnswer(
            question=self,
            municipality=municipality,
            value=value,
            note=note.strip(),
            effective_on=effective_on or today(),
            recorded_at=recorded_at or timezone.now(),
            recorded_by=by,
            recorded_for=membership.municipality,
            on_behalf_of=municipality if membership.is_kl else None,
            corrects=corrects,
            submission=submission,
            origin=origin,
            key=key or uuid.uuid4(),
        )
        return row.entered(self.answers.filter(municipality=municipality), seen=seen)


def lock_cell(recommendation_id: int, municipality: Municipality) -> None:
    """Hold what a municipality says about a recommendation until the transaction ends."""
    Progress.objects.select_for_update().get(recommendation=recommendation_id, municipality=municipality)


def newest_answer(recommendation: Recommendation, municipality: Municipality) -> KeyAnswer | None:
    """The row that was written last: what a form for all questions of the recommendation has seen."""
    rows = KeyAnswer.objects.filter(question__recommendation=recommendation, municipality=municipality)
    return rows.select_related("question", "recorded_by", "recorded_for", "on_behalf_of").order_by("-id").first()


@transaction.atomic
def answer_all(
    recommendation: Recommendation,
    municipality: Municipality,
    values: Mapping[Question, Any],
    *,
    by: User,
    effective_on: date | None = None,
    note: str = "",
    correcting: bool = False,
    seen: Any = UNSEEN,
    key: uuid.UUID | None = None,
) -> list[KeyAnswer]:
    """Record what is new among the answers to a recommendation's questions: all of it, or nothing.

    An answer that already holds is left alone. One that is taken away (None) is withdrawn.

    Args:
        values: by question; a question that is not there is not touched.
        correcting: what holds was wrong; the new answers replace it, from the same day.
        seen: the id of ``newest_answer`` when the form was shown, None when there was none.
        key: of the form; each answer gets its own from it.

    Returns:
        The rows written; the same ones again for the same key.

    Raises:
        PermissionDenied: ``by`` may not write here.
        ValidationError: by the question's slug, ``effective_on`` or ``note``, in Danish.
        ChangedSince: somebody has recorded since ``seen``.
    """
    if not may_record(by, municipality.pk):
        raise PermissionDenied
    lock_cell(recommendation.pk, municipality)
    keys = {question: uuid.uuid5(key or uuid.uuid4(), question.slug) for question in values}
    rows = KeyAnswer.objects.filter(question__in=values, municipality=municipality).holding(as_of=today())
    held = {row.question_id: row for row in rows}
    new = {q: value for q, value in values.items() if value != (held[q.pk].value if q.pk in held else None)}
    if written := list(KeyAnswer.objects.filter(key__in=keys.values()).select_related("question")):
        return _same_again(written, values, new, by=by)
    if not new:
        return []
    refuse_unless_seen(newest_answer(recommendation, municipality), seen)
    saved: list[KeyAnswer] = []
    errors: dict[str, Any] = {}
    said: dict[str, Any] = {"by": by, "note": note, "recorded_at": timezone.now()}
    for question, value in new.items():
        current = held.get(question.pk)
        replaced = current if correcting or value is None else None
        try:
            day = replaced.effective_on if replaced else _day_after(current, effective_on or today())
            row = question.answer(municipality, value, effective_on=day, corrects=replaced, key=keys[question], **said)
            saved.append(row)
        except ValidationError as refusal:
            named = refusal.message_dict
            errors |= {question.slug if name in ("value", "corrects") else name: named[name] for name in named}
    if errors:
        raise ValidationError(errors)
    return saved


def _day_after(current: KeyAnswer | None, day: date) -> date:
    """The day of a new answer. Raises ValidationError: the one that holds is of a later day."""
    if current is not None and day < current.effective_on:
        raise ValidationError(
            {
                "effective_on": f"Et svar gælder fra {current.effective_on:%d.%m.%Y}. Vælg den dag eller en senere, "
                "eller sæt kryds ved, at det var forkert."
            }
        )
    return day


def _same_again(
    written: list[KeyAnswer], values: Mapping[Question, Any], new: Mapping[Question, Any], *, by: User
) -> list[KeyAnswer]:
    """What the form wrote the first time, when it says the same now."""
    same = all(row.recorded_by_id == by.pk and row.value == values[row.question] for row in written)
    if not same or set(new) - {row.question for row in written}:
        raise ValidationError(FORM_USED)
    return written
