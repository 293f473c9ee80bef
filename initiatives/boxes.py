"""One recommendation in a round: the answer of last time, the draft, and the form while it is open."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from .forms import DraftForm
from .history import Cell, Line
from .kinds import said
from .models import DraftAnswer, Participation, Question, Recommendation
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
    def anchor(self) -> str:
        """What it is called on the page: a round asks about one plan."""
        return str(self.number)

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
    def forms(self) -> list[Any]:
        """The form of the answer and the one of the questions, while they are open."""
        return [form for form in (self.form, self.questions_form) if form is not None]

    @property
    def fingerprint(self) -> str:
        """Of what the fields hold: it tells a box that somebody has typed in from one that only stands there."""
        fields = [bound for form in self.forms for bound in form if bound.name != "seen"]
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
            return self.says_anything
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
        return any(form.errors for form in self.forms)

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
        return [bound for form in self.forms for bound in form if bound.errors]

    @property
    def says_anything(self) -> bool:
        """Whether something has been typed or chosen, also to the questions."""
        asked = self.questions_form
        replies = asked is not None and asked.is_bound and (self._answered()["key_answers"] or asked.errors)
        return bool(replies or (self.form is not None and self.form.says_anything))

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
