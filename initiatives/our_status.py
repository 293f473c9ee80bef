"""*Vores status*: what a municipality is asked in a round, what it said last time and what it has typed now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from flere_haender.access import is_kl, may_hand_in, may_record
from flere_haender.days import today
from stakeholders.models import KL, Municipality

from .answers import CellGroup, group_by_theme
from .forms import DraftForm
from .history import Cell, Line, mark_named, with_history
from .key_answers import asked_and_held
from .kinds import said
from .models import (
    Decision,
    DraftAnswer,
    Participation,
    Progress,
    Question,
    Recommendation,
    State,
    StatusUpdate,
    Submission,
)
from .moment import Moment
from .question_forms import QuestionsForm
from .status import NOT_ASSESSED


@dataclass
class Box:
    """One recommendation on the page: an open form, or the line of an answer that is there.

    Attributes:
        before: the answer of last time, with its history.
        outside: what has been recorded outside the round since it was handed in, and holds now.
        questions: the recommendation's key questions.
        held: what the municipality has answered to them, by slug.
        form: None when the answer stands as a line.
        conflict: what a colleague has saved meanwhile.
        saved: what was done just now.
        is_kept: whether what was sent last is kept, though it may not be whole.
    """

    before: Cell
    draft: DraftAnswer | None
    outside: Line | None = None
    questions: list[Question] = field(default_factory=list)
    held: dict[str, Any] = field(default_factory=dict)
    form: DraftForm | None = None
    questions_form: QuestionsForm | None = None
    conflict: DraftAnswer | None = None
    saved: str = ""
    is_kept: bool = False
    reader: Any = None

    @property
    def recommendation(self) -> Recommendation:
        return self.before.recommendation

    @property
    def number(self) -> int:
        return self.recommendation.number

    @property
    def last(self) -> Line | None:
        return self.before.current

    @property
    def answer(self) -> DraftAnswer | None:
        """The whole answer, when there is one."""
        return self.draft if self.draft and self.draft.is_complete else None

    @property
    def status(self) -> str:
        return self.answer.status if self.answer else NOT_ASSESSED

    @property
    def is_unchanged(self) -> bool:
        """Whether status and signal are as last time."""
        return bool(
            self.answer
            and self.last
            and (self.answer.status, self.answer.signal) == (self.last.status, self.last.signal)
        )

    @property
    def fingerprint(self) -> str:
        """Of what the fields hold: it tells a box that somebody has typed in from one that only stands there."""
        forms = [form for form in (self.form, self.questions_form) if form is not None]
        fields = [bound for form in forms for bound in form if bound.name != "seen"]
        held = [str(bound.value() or "").replace("\r\n", "\n").strip() for bound in fields]
        return hashlib.sha256("\n".join(held).encode()).hexdigest()[:16]

    @property
    def shown(self) -> str:
        """The fingerprint of what is saved, for the page to send back."""
        sent = self.form.data.get(f"{self.number}-was", "") if self.form is not None and self.form.is_bound else ""
        return self.fingerprint if self.is_kept or not sent else sent

    @property
    def is_touched(self) -> bool:
        """Whether something else was sent than was shown."""
        if self.form is None or f"{self.number}-was" not in self.form.data:
            return bool(self.form and self.form.says_anything)
        return bool(self.form.data[f"{self.number}-was"] != self.fingerprint)

    def open(self, data: Any = None) -> DraftForm:
        """Show the form: with what was sent, or with what is saved."""
        if data is None:
            self.form = DraftForm.showing(self.recommendation, self.draft)
        else:
            self.form = DraftForm(data, recommendation=self.recommendation)
        if self.questions:
            asked = data if data is not None and f"{self.number}-spg" in data else None
            self.questions_form = QuestionsForm(self.questions, asked, held=self.held | self.key_answers)
        return self.form

    @property
    def key_answers(self) -> dict[str, Any]:
        """What is answered to the questions in this round, by slug."""
        return self.draft.key_answers if self.draft else {}

    @property
    def said(self) -> list[tuple[Question, str]]:
        """The answers to the questions in words."""
        values = self.held | self.key_answers
        asked = [q for q in self.questions if values.get(q.slug) is not None and q.applies(values)]
        return [(question, said(question, values[question.slug])) for question in asked]

    @property
    def has_errors(self) -> bool:
        forms = (self.form, self.questions_form)
        return any(form is not None and form.errors for form in forms)

    @property
    def conflict_by(self) -> str:
        return self.conflict.updated_by.shown_to(self.reader) if self.conflict else ""

    @property
    def is_own_conflict(self) -> bool:
        """Whether it is oneself who has saved meanwhile, in another window."""
        return self.conflict is not None and self.conflict.updated_by_id == getattr(self.reader, "pk", None)

    @property
    def faults(self) -> list[Any]:
        """The fields with errors, of both forms."""
        forms = [form for form in (self.form, self.questions_form) if form is not None]
        return [bound for form in forms for bound in form if bound.errors]

    def save(self, participation: Participation, *, by: Any) -> bool:
        """Keep what the form holds; a whole answer becomes a line. False when something is left to do.

        Raises:
            DraftChanged: a colleague has saved since the form was shown.
        """
        assert self.form is not None
        draft = self.form.save(participation, by=by, **self._answered())
        if draft is None:
            return False
        self.is_kept = True
        self.draft = draft if draft.pk else None
        if lacks := draft.lacks:
            self.form = DraftForm(self.form.data, recommendation=self.recommendation)
            self.form.is_valid()
            for name, message in lacks.items():
                self.form.add_error(name, message)
            return False
        if self.questions_form is not None and self.questions_form.errors:
            return False
        self.form = self.questions_form = None
        return True

    def keep(self, participation: Participation, *, by: Any) -> bool:
        """Answer as last time; what else the form holds goes along. Like ``save``."""
        assert self.form is not None
        if self.last is None:
            return self.save(participation, by=by)
        refused = self.form.save(participation, by=by, **self._answered()) is None
        if refused or (self.questions_form is not None and self.questions_form.errors):
            return False
        [self.draft] = participation.keep_unchanged([self.recommendation], by=by, also_answered=True)
        self.form = self.questions_form = None
        return True

    def _answered(self) -> dict[str, Any]:
        """The answers to the questions that can be understood; nothing where the page did not ask them."""
        form = self.questions_form
        if form is None or not form.is_bound:
            return {}
        form.is_valid()
        faulty = {name.removeprefix("spg-") for name in form.errors}
        values = {slug: value for slug, value in form.values.items() if slug not in faulty}
        changed = {slug: value for slug, value in values.items() if value != self.held.get(slug)}
        kept = {slug: value for slug, value in self.key_answers.items() if slug in faulty}
        return {"key_answers": changed | kept}


@dataclass(frozen=True)
class Step:
    """Something that happened to a municipality's answer: handed in, sent back, accepted…"""

    when: datetime
    what: str
    who: str
    comment: str = ""
    due_on: date | None = None
    kind: str = ""


class Page:
    """All of it, for one reader. Few queries, however many recommendations are asked."""

    def __init__(self, participation: Participation, reader: Any) -> None:
        self.participation = participation
        self.round = participation.round
        self.municipality = participation.municipality
        self.reader = reader

    @cached_property
    def boxes(self) -> list[Box]:
        drafts = {draft.recommendation_id: draft for draft in self.participation.drafts.select_related("updated_by")}
        first = self.participation.submissions.order_by("number").first()
        outside = self._outside() if first else {}
        boxes = [
            Box(cell, drafts.get(cell.recommendation.pk), outside.get(cell.recommendation.pk))
            for cell in self._cells(first)
        ]
        moment = Moment(as_of=self.participation.effective_on)
        asked, held = asked_and_held(self.municipality, moment, [box.recommendation for box in boxes])
        for box in boxes:
            box.questions = asked.get(box.recommendation.pk, [])
            box.held = {question.slug: held[question.slug] for question in box.questions if question.slug in held}
            box.reader = self.reader
            if box.draft:
                box.draft.recommendation = box.recommendation
        return boxes

    def _outside(self) -> dict[int, Line]:
        """What holds now and is not an answer to this round, by the recommendation's id."""
        cells = Progress.objects.filter(municipality=self.municipality, recommendation__in=self.round.asked.all())
        holding = cells.with_status(as_of=today()).values_list("current_id", flat=True)
        rows = StatusUpdate.objects.filter(pk__in=[pk for pk in holding if pk])
        rows = rows.exclude(submission__participation=self.participation)
        named = ("progress__recommendation", "recorded_by", "recorded_for", "on_behalf_of", "corrects")
        return {row.progress.recommendation_id: Line.of(row, self.reader) for row in rows.select_related(*named)}

    def _cells(self, first: Submission | None) -> list[Cell]:
        """What was said before this round's first handing-in."""
        texts = Recommendation.objects.with_text(as_of=today()).filter(rounds=self.round).in_bulk()
        cells = Progress.objects.filter(municipality=self.municipality, recommendation__in=texts)
        rows = list(cells.order_by("recommendation__number"))
        for row in rows:
            row.recommendation, row.municipality = texts[row.recommendation_id], self.municipality
        moment = Moment(
            as_of=self.participation.effective_on,
            known_at=first.submitted_at - timedelta(microseconds=1) if first else None,
        )
        found = with_history(rows, moment=moment, reader=self.reader)
        mark_named(found, as_of=today())
        return found

    def __iter__(self) -> Iterator[Box]:
        return iter(self.boxes)

    def box(self, number: int) -> Box | None:
        return next((box for box in self.boxes if box.number == number), None)

    def open(self, *, everything: bool = False) -> None:
        """Show the form of what has no whole answer, or of everything."""
        for box in self.boxes:
            if self.may_write and box.form is None and (everything or box.answer is None):
                box.open()

    @property
    def url(self) -> str:
        return self.participation.get_absolute_url()

    @cached_property
    def is_writer(self) -> bool:
        """Whether the reader types answers here."""
        return may_record(self.reader, self.municipality.pk)

    @cached_property
    def is_hander_in(self) -> bool:
        """Whether the reader is who hands in here."""
        return may_hand_in(self.reader, self.municipality)

    @property
    def may_write(self) -> bool:
        return self.is_writer and self.participation.takes_answers()

    @property
    def on_behalf_of(self) -> Municipality | None:
        return self.municipality if is_kl(self.reader) else None

    @property
    def themes(self) -> list[CellGroup]:
        return group_by_theme(self.boxes)

    @property
    def answered(self) -> int:
        return sum(box.answer is not None for box in self.boxes)

    @property
    def missing(self) -> list[Box]:
        return [box for box in self.boxes if box.answer is None]

    @property
    def unchanged_left(self) -> list[Box]:
        """What nobody has begun to answer otherwise, but was answered last time."""
        return [box for box in self.missing if box.last is not None and not (box.draft and box.draft.status)]

    @property
    def latest(self) -> DraftAnswer | None:
        """What was saved last, by whomever."""
        drafts = [box.draft for box in self.boxes if box.draft]
        return max(drafts, key=lambda draft: draft.updated_at, default=None)

    @property
    def changed(self) -> list[Box]:
        """What is answered otherwise than last time."""
        return [box for box in self.boxes if box.answer is not None and not box.is_unchanged]

    @cached_property
    def history(self) -> list[Step]:
        """What has been handed in and decided, the newest first."""
        here = self.participation
        steps = [self._handed_in(each) for each in here.submissions.select_related("submitted_by", "submitted_for")]
        steps += [self._decided(each) for each in here.decisions.select_related("made_by")]
        return sorted(steps, key=lambda step: step.when, reverse=True)

    def _handed_in(self, each: Submission) -> Step:
        name = each.submitted_by.shown_to(self.reader)
        who = name if each.submitted_for else f"{name}, {each.organisation}" if name != KL else each.organisation
        return Step(each.submitted_at, f"Indberetning nr. {each.number}", who)

    def _decided(self, each: Decision) -> Step:
        who = each.made_by.shown_to(self.reader)
        return Step(each.made_at, each.get_kind_display(), who, each.comment, each.due_on, each.kind)

    @property
    def has_handed_in(self) -> bool:
        return self.participation.submissions.exists()

    @property
    def latest_by(self) -> str:
        return self.latest.updated_by.shown_to(self.reader) if self.latest else ""

    @property
    def returned(self) -> Step | None:
        """KL's comment, while the answers are sent back."""
        return self._newest(Decision.Kind.RETURNED) if self.participation.state == State.RETURNED else None

    @property
    def sent_back(self) -> Step | None:
        """The leader's comment, while the editor corrects."""
        step = self._newest(Decision.Kind.TAKEN_BACK, Decision.Kind.SENT_TO_LEADER)
        is_back = step is not None and step.kind == Decision.Kind.TAKEN_BACK and bool(step.comment)
        return step if is_back and self.participation.takes_answers() else None

    def _newest(self, *kinds: str) -> Step | None:
        return next((step for step in self.history if step.kind in kinds), None)

    @property
    def goes_to_leader(self) -> bool:
        """Whether the reader sends it to the leader rather than handing it in."""
        return self.may_write and not self.is_hander_in

    @property
    def may_hand_in(self) -> bool:
        here = self.participation
        ready = here.takes_answers() or (here.state == State.WITH_LEADER and here.is_running)
        return ready and self.is_hander_in

    @property
    def may_take_back(self) -> bool:
        return self.participation.state == State.WITH_LEADER and (self.is_writer or self.is_hander_in)


def pick(participations: Any, *, on: date) -> Participation | None:
    """The one to show first: what can be answered, the soonest deadline first; else the newest."""
    rows = list(participations.select_related("round", "municipality").order_by("-round__opens_on"))
    running = [row for row in rows if row.is_running_on(on) and not row.is_handed_in]
    return min(running, key=lambda row: row.deadline) if running else next(iter(rows), None)
