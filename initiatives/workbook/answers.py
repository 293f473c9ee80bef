"""The sheets of a round: *Vores status* with a row for each recommendation, *Spørgsmål* with one for each question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from initiatives.boxes import Box
from initiatives.forms import DraftForm
from initiatives.intake.items import Fault, Item, State, differences
from initiatives.intake.writing import Column, Input, Known, Sheet, stamp
from initiatives.kinds import NO, YES, Kind, said
from initiatives.models import DraftAnswer, Origin, Question
from initiatives.models.status_update import content_errors
from initiatives.our_status import Page
from initiatives.question_forms import QuestionsForm, as_typed, field_name
from initiatives.status import STATUS_LABELS, Signal, Status

from .typed import BETWEEN, Typed, chosen, parts

STATUS_SHEET, QUESTION_SHEET = "Vores status", "Spørgsmål"
AS_LAST = "Uændret"
STATUSES = {label: value for value, label in Status.choices}
SIGNALS = {label: value for value, label in Signal.choices}
YES_NO = {YES: "ja", NO: "nej"}
# The columns that are typed in, by the field of the form.
FIELDS = {
    "status": "Status",
    "signal": "Trafiklys",
    "expected_on": "Forventet dato",
    "note": "Note",
    "internal_note": "Intern note",
}
ANSWER = "Svar"

STATUS_COLUMNS = (
    Column("Nr.", Input.NOTHING, 6),
    Column("Anbefaling", Input.NOTHING, 40),
    Column("Sidste svar", Input.NOTHING, 24),
    Column("Status", Input.CHOICE, 16, tuple(STATUSES), f"Vælg fra listen. {AS_LAST}: som sidste svar."),
    Column("Trafiklys", Input.CHOICE, 11, tuple(SIGNALS), "Kun ved Planlagt og I gang."),
    Column("Forventet dato", Input.DATE, 15, help="Kun ved Planlagt og I gang. Skriv den som 31-05-2026."),
    Column("Note", Input.TEXT, 50, help="Kan ses af kommunerne og KL. Skal udfyldes ved Ikke relevant."),
    Column("Intern note", Input.TEXT, 40, help="Kan kun ses af jer og KL."),
)
QUESTION_COLUMNS = (
    Column("Nr.", Input.NOTHING, 6),
    Column("Spørgsmål", Input.NOTHING, 60),
    Column("Sådan svarer I", Input.NOTHING, 50),
    Column(ANSWER, Input.TEXT, 40),
)


def sheets(page: Page) -> list[Sheet]:
    """The round as its municipality has answered it so far."""
    questions = [_question_row(box, question) for box in page for question in box.questions]
    found = [Sheet(STATUS_SHEET, STATUS_COLUMNS, [_status_row(box) for box in page])]
    return [*found, Sheet(QUESTION_SHEET, QUESTION_COLUMNS, questions)] if questions else found


def _status_row(box: Box) -> Known:
    known = {"Nr.": box.number, "Anbefaling": box.recommendation.title, "Sidste svar": _last(box)}
    choices = (AS_LAST, *STATUSES) if box.last else tuple(STATUSES)
    own = {"Status": Column("Status", Input.CHOICE, choices=choices, help=STATUS_COLUMNS[3].help)}
    return Known(box.recommendation.slug, known | status_cells(box.draft.content if box.draft else {}), own)


def _last(box: Box) -> str:
    if box.last is None:
        return "Ikke vurderet"
    signal = f", {Signal(box.last.signal).label}" if box.last.signal else ""
    return f"{box.last.label}{signal} ({box.last.effective_on:%d.%m.%Y})"


def status_cells(content: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer says, as the cells of its row."""
    said = {FIELDS[name]: content.get(name) for name in FIELDS}
    said["Status"] = STATUS_LABELS.get(content.get("status") or "", content.get("status") or "")
    said["Trafiklys"] = dict(Signal.choices).get(content.get("signal") or "", content.get("signal") or "")
    return said


def _question_row(box: Box, question: Question) -> Known:
    known = {"Nr.": box.number, "Spørgsmål": question.text, "Sådan svarer I": how_to_answer(question)}
    return Known(question.slug, known | {ANSWER: answer_cell(question, values_of(box))}, {ANSWER: _own(question)})


def values_of(box: Box) -> dict[str, Any]:
    return box.held | box.key_answers


def answer_cell(question: Question, values: Mapping[str, Any]) -> Any:
    value = values.get(question.slug)
    if value is None:
        return ""
    if question.kind == Kind.DATE:
        return date.fromisoformat(value)
    if question.kind == Kind.CHOICES:
        return f" {BETWEEN} ".join(question.labels[one] for one in value)
    return value if question.kind == Kind.NUMBER else said(question, value)


def _own(question: Question) -> Column:
    kind = {Kind.YES_NO: Input.CHOICE, Kind.CHOICE: Input.CHOICE, Kind.DATE: Input.DATE, Kind.NUMBER: Input.NUMBER}
    choices = tuple(YES_NO) if question.kind == Kind.YES_NO else tuple(question.labels.values())
    return Column(ANSWER, kind.get(Kind(question.kind), Input.TEXT), choices=choices, help=how_to_answer(question))


def how_to_answer(question: Question) -> str:
    options = f" {BETWEEN} ".join(question.labels.values())
    ways = {
        Kind.YES_NO: "Ja eller Nej.",
        Kind.CHOICE: "Vælg fra listen.",
        Kind.CHOICES: f"Et eller flere, med {BETWEEN} imellem: {options}",
        Kind.NUMBER: f"Et tal. {question.unit}".strip(),
        Kind.DATE: "En dato.",
        Kind.LINK: "En adresse, der begynder med https://",
    }
    condition = f"Kun når svaret på “{question.asked_if}” er {question.condition}. " if question.asked_if else ""
    return f"{condition}{ways[Kind(question.kind)]} {question.help_text}".strip()


def stamps(page: Page) -> dict[str, dict[str, str]]:
    """The fingerprint of each row as its answer is now, by the sheet and the key of the row."""
    rows = {box.recommendation.slug: box.draft.content if box.draft else {} for box in page}
    asked = [(question, values_of(box)) for box in page for question in box.questions]
    return {
        STATUS_SHEET: {slug: stamp(STATUS_COLUMNS, status_cells(content)) for slug, content in rows.items()},
        QUESTION_SHEET: {q.slug: stamp(QUESTION_COLUMNS, {ANSWER: answer_cell(q, values)}) for q, values in asked},
    }


def items(page: Page, statuses: Iterable[Typed], questions: Iterable[Typed]) -> list[Item]:
    """What the rows would change, recommendation by recommendation."""
    by_slug = {row.key: row for row in statuses}
    by_question = {row.key: row for row in questions}
    found = [Incoming(page, box, by_slug.pop(box.recommendation.slug, None), by_question).item for box in page]
    known = {question.slug for box in page for question in box.questions}
    lost = [*by_slug.values(), *(row for key, row in by_question.items() if key not in known)]
    return [*found, *(_not_asked(row) for row in lost if row.is_touched)]


def _not_asked(row: Typed) -> Item:
    fault = row.fault(None, "Runden spørger ikke om det. Hent et nyt regneark.")
    return Item(f"ukendt-{row.sheet}-{row.number}", STATUS_SHEET, f"Række {row.number}", State.REFUSED, faults=[fault])


@dataclass
class Incoming:
    """What came back about one recommendation: the row of its status, and those of its questions."""

    page: Page
    box: Box
    row: Typed | None
    questions: Mapping[str, Typed]

    @property
    def item(self) -> Item:
        title = f"{self.box.number} {self.box.recommendation.title}"
        found = Item(f"anbefaling-{self.box.recommendation.slug}", STATUS_SHEET, title, State.SAME)
        if not (self.is_touched or self.answered):
            return found
        content, answers, faults = self.read()
        if not self.page.may_write:
            faults = [self.first.fault(None, self.page.participation.why_closed)]
        if faults:
            found.state, found.faults = State.REFUSED, faults
            return found
        draft = self.box.draft
        found.differences = differences(self.status_before, status_cells(content)) + self.answer_differences(answers)
        if not found.differences:
            return found
        found.state = State.CONFLICT if self.is_old else State.CHANGED if draft else State.NEW
        found.notices = list(DraftAnswer(recommendation=self.box.recommendation, **content).lacks.values())
        said = content | ({"key_answers": answers} if answers is not None else {})
        seen = draft.version if draft else 0
        save = self.page.participation.draft
        found.save = partial(
            save, self.box.recommendation, by=self.page.reader, seen=seen, origin=Origin.WORKBOOK, **said
        )
        return found

    @property
    def is_touched(self) -> bool:
        return self.row is not None and self.row.is_touched

    @property
    def answered(self) -> dict[str, Typed]:
        """The rows of its questions that somebody has touched, by slug."""
        asked = [question.slug for question in self.box.questions if question.slug in self.questions]
        return {slug: self.questions[slug] for slug in asked if self.questions[slug].is_touched}

    @property
    def first(self) -> Typed:
        rows = [*([self.row] if self.row and self.row.is_touched else []), *self.answered.values()]
        return rows[0]

    @property
    def current(self) -> dict[str, Any]:
        return self.box.draft.content if self.box.draft else {}

    @property
    def status_before(self) -> dict[str, Any]:
        return status_cells(self.current)

    @property
    def is_old(self) -> bool:
        """Whether what was touched has been saved otherwise since the workbook was made."""
        old = self.is_touched and self.row is not None and self.row.is_older_than(STATUS_COLUMNS, self.status_before)
        values, asked = values_of(self.box), {question.slug: question for question in self.box.questions}
        return old or any(
            row.is_older_than(QUESTION_COLUMNS, {ANSWER: answer_cell(asked[slug], values)})
            for slug, row in self.answered.items()
        )

    def read(self) -> tuple[dict[str, Any], dict[str, Any] | None, list[Fault]]:
        """What is said, as ``Participation.draft`` takes it, and what is wrong; None: the answers are not touched."""
        content, faults = self._read_status()
        answers, more = self._read_answers()
        return content, answers, [*faults, *more]

    def _read_status(self) -> tuple[dict[str, Any], list[Fault]]:
        row = self.row
        if row is None or not self.is_touched:
            return {name: self.current.get(name) or (None if name == "expected_on" else "") for name in FIELDS}, []
        if row.faults:
            return {}, row.faults
        typed = self._typed_status(row)
        data = {f"{self.box.number}-{name}": value for name, value in typed.items()}
        form = DraftForm(data, recommendation=self.box.recommendation)
        form.is_valid()
        errors = {name: " ".join(map(str, messages)) for name, messages in form.errors.items()}
        said = DraftAnswer(**{name: typed[name] for name in ("status", "signal", "note", "internal_note")})
        said.expected_on = typed["expected_on"] or None
        errors = content_errors(said) | errors
        faults = [row.fault(FIELDS.get(name), message) for name, message in errors.items()]
        return {name: form.cleaned_data.get(name) for name in FIELDS}, faults

    def _typed_status(self, row: Typed) -> dict[str, Any]:
        typed = {name: row.text(column) for name, column in FIELDS.items()}
        typed["signal"] = chosen(typed["signal"], SIGNALS)
        last = self.box.last
        if last is not None and chosen(typed["status"], {AS_LAST: AS_LAST}) == AS_LAST:
            as_last = {name: getattr(last, name) for name in FIELDS}
            notes = {name: typed[name] for name in ("note", "internal_note") if typed[name]}
            return {name: value or "" for name, value in (as_last | notes).items()}
        return typed | {"status": chosen(typed["status"], STATUSES)}

    def _read_answers(self) -> tuple[dict[str, Any] | None, list[Fault]]:
        touched, values = self.answered, values_of(self.box)
        if not touched:
            return None, []
        if broken := [fault for row in touched.values() for fault in row.faults]:
            return None, broken
        data = {field_name(q): as_typed(q, values.get(q.slug)) for q in self.box.questions}
        asked = [question for question in self.box.questions if question.slug in touched]
        data |= {field_name(q): _as_field(q, touched[q.slug].text(ANSWER)) for q in asked}
        form = QuestionsForm(self.box.questions, data)
        form.is_valid()
        faults = []
        for question in self.box.questions:
            row = touched.get(question.slug)
            if row is not None and (messages := form.errors.get(field_name(question))):
                faults.append(row.fault(ANSWER, " ".join(map(str, messages))))
            elif row is not None and row.text(ANSWER) and not question.applies(form.typed):
                faults.append(row.fault(ANSWER, f"Stilles kun, når “{question.asked_if}” er {question.condition}."))
        held = self.box.held
        return {slug: value for slug, value in form.typed.items() if value != held.get(slug)}, faults

    def answer_differences(self, answers: dict[str, Any] | None) -> list[Any]:
        if answers is None:
            return []
        before, after = values_of(self.box), self.box.held | answers
        return differences(
            {q.text: answer_cell(q, before) for q in self.box.questions},
            {q.text: answer_cell(q, after) for q in self.box.questions if q.slug in after or q.slug in before},
        )


def _as_field(question: Question, text: str) -> Any:
    """What is typed in the cell, as the question's field takes it."""
    labels = {label: value for value, label in question.labels.items()}
    if question.kind == Kind.CHOICES:
        return [chosen(part, labels) for part in parts(text)]
    if question.kind == Kind.YES_NO:
        return chosen(text, YES_NO)
    return chosen(text, labels) if question.kind == Kind.CHOICE else text
