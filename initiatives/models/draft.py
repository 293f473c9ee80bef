"""What a municipality has typed in a round and not yet handed in: editable, and outside the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from flere_haender.days import today
from initiatives.status import Signal, Status
from stakeholders.models import Municipality

from .key_answer import KeyAnswer
from .log import Origin, origin_is_known
from .plan import Recommendation
from .progress import Progress
from .question import Question
from .status_update import CONTENT, NOTE_LIMIT, StatusUpdate, content_errors, reason_errors
from .submission import Submission

if TYPE_CHECKING:
    from stakeholders.models import User


class DraftChanged(Exception):
    """A colleague has saved the draft since the form was shown. ``draft`` is what they saved."""

    def __init__(self, draft: DraftAnswer) -> None:
        super().__init__("changed since")
        self.draft = draft


class DraftAnswer(models.Model):
    """What a municipality has typed for one recommendation in a round: editable, not in the log, and its own."""

    participation = models.ForeignKey(
        "initiatives.Participation", on_delete=models.PROTECT, related_name="drafts", verbose_name="deltagelse"
    )
    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="drafts", verbose_name="anbefaling"
    )
    status = models.CharField("status", max_length=20, choices=Status.choices, blank=True)
    signal = models.CharField("trafiklys", max_length=10, choices=Signal.choices, blank=True)
    expected_on = models.DateField("ventes", null=True, blank=True)
    note = models.TextField("note", blank=True, max_length=NOTE_LIMIT)
    internal_note = models.TextField("intern note", blank=True, max_length=NOTE_LIMIT)
    key_answers = models.JSONField("svar på spørgsmål", default=dict, blank=True)
    is_complete = models.BooleanField("hel", default=False)
    version = models.PositiveIntegerField("version", default=0)
    origin = models.CharField("oprindelse", max_length=10, choices=Origin.choices, blank=True, default="")
    updated_at = models.DateTimeField("gemt")
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="gemt af"
    )

    class Meta:
        verbose_name = "udkast"
        verbose_name_plural = "udkast"
        ordering = ("participation", "recommendation__number")
        constraints = (
            models.UniqueConstraint(
                name="draftanswer_one_per_recommendation", fields=("participation", "recommendation")
            ),
            models.CheckConstraint(
                name="draftanswer_whole_has_status", condition=Q(is_complete=False) | ~Q(status="")
            ),
            origin_is_known("draftanswer_origin_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.recommendation}, {self.participation}"

    @property
    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in CONTENT}

    @property
    def notes(self) -> dict[str, str]:
        """The notes that say something."""
        return {name: text for name in ("note", "internal_note") if (text := getattr(self, name))}

    def tidy(self) -> None:
        self.note, self.internal_note = self.note.strip(), self.internal_note.strip()

    def repeats(self, other: DraftAnswer) -> bool:
        """Whether it says the same as another draft, also to the questions."""
        return self.says_the_same_as(other) and self.key_answers == other.key_answers

    @property
    def says_anything(self) -> bool:
        return any([*self.content.values(), *self.key_answers.values()])

    def says_the_same_as(self, other: Any) -> bool:
        return bool(self.content == other.content)

    @property
    def lacks(self) -> dict[str, str]:
        """What is missing before the answer is whole, by field, in Danish."""
        if not self.status:
            return {"status": f"Vælg en status for anbefaling {self.recommendation.number}."}
        return reason_errors(self, number=self.recommendation.number)

    def take(self, typed: DraftAnswer, *, by: User) -> DraftAnswer:
        """Keep what was typed. Raises ValidationError, by field, for a value that is none."""
        for name, value in typed.content.items():
            setattr(self, name, value)
        self.key_answers, self.origin = typed.key_answers, typed.origin
        if errors := content_errors(self):
            raise ValidationError(errors)
        self.is_complete = not self.lacks
        self.version += 1
        self.updated_at, self.updated_by = timezone.now(), by
        self.save()
        return self

    def write(self, cell: Progress, earlier: StatusUpdate | None, submission: Submission) -> StatusUpdate | None:
        """Write the answer to the log as part of a submission.

        Args:
            earlier: the row of the submission before this one. When the answer says the same, nothing is written,
                and what has been recorded outside the round since stands.
        """
        if earlier is not None and self._repeats_row(earlier):
            return None
        day = min(today(), self.participation.round.status_on)
        standing = cell.updates.standing(as_of=day).first()
        corrects = earlier.last_of_chain if earlier else None
        if corrects is not None and standing == corrects:
            day = corrects.effective_on
        content = self.content
        if corrects is not None:
            content["note"] = content["note"] or corrected_in(submission)
        unchanged = corrects is None and standing is not None and self.says_the_same_as(standing)
        return cell.record(
            content.pop("status"),
            by=submission.submitted_by,
            effective_on=day,
            corrects=corrects,
            confirms=standing if unchanged else None,
            submission=submission,
            recorded_at=submission.submitted_at,
            origin=self.origin,
            **content,
        )

    def _repeats_row(self, earlier: StatusUpdate) -> bool:
        """Whether it says what was handed in; the note that a correction without one was given does not count."""
        given = earlier.submission is not None and earlier.note == corrected_in(earlier.submission)
        return bool(self.content == earlier.content | ({"note": ""} if given and not self.note else {}))

    def write_answers(self, municipality: Municipality, submission: Submission) -> None:
        """Write to the log what is new among the answers to the recommendation's questions.

        What this round has written before is corrected; what is taken away is withdrawn.

        Raises:
            ValidationError: an answer is none any more; it names the question.
        """
        questions = Question.objects.active(on=today()).filter(recommendation=self.recommendation_id)
        for question in questions:
            if question.slug in self.key_answers:
                try:
                    self._write_answer(question, municipality, submission)
                except ValidationError as refusal:
                    said = " ".join(refusal.messages)
                    where = f"Anbefaling {self.recommendation.number}, “{question.text}”"
                    raise ValidationError(f"{where}: {said}") from refusal

    def _write_answer(self, question: Question, municipality: Municipality, submission: Submission) -> None:
        day = min(today(), self.participation.round.status_on)
        value = self.key_answers[question.slug]
        rows = KeyAnswer.objects.filter(question=question, municipality=municipality)
        ours = rows.filter(submission__participation=self.participation_id).order_by("-submission__number").first()
        if ours is not None and ours.value == value:
            return  # what has been recorded outside the round since stands
        said: dict[str, Any] = {
            "by": submission.submitted_by,
            "submission": submission,
            "recorded_at": submission.submitted_at,
            "origin": self.origin,
        }
        row = rows.holding(as_of=day).first()
        if value is None:
            while row is not None:  # an older answer does not hold again either
                gone = {"effective_on": row.effective_on, "corrects": row, "note": corrected_in(submission)}
                question.answer(municipality, None, **gone, **said)
                row = rows.holding(as_of=day).first()
            return
        if row is not None and row.value == value:
            return
        corrects = ours.last_of_chain if ours else None
        if corrects is not None and corrects == row:
            day = corrects.effective_on
        note = corrected_in(submission) if corrects else ""
        question.answer(municipality, value, effective_on=day, corrects=corrects, note=note, **said)


def corrected_in(submission: Submission) -> str:
    """The reason of a correction for which none was written."""
    return f"Rettet i indberetning nr. {submission.number}."
