"""What the municipalities have answered to the key questions: one of them, or all of them together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any

from flere_haender.prepared import prepared
from stakeholders.models import Municipality

from .kinds import NO, YES, Kind, danish_number, said
from .models import KeyAnswer, Question, Recommendation
from .moment import Moment


@dataclass(frozen=True)
class Reply:
    """A question to one municipality, and what it answers in words: nothing when it has not."""

    question: str
    said: str
    is_link: bool


@dataclass(frozen=True)
class Answered:
    """A question to one municipality, and what it answers: None when it has not."""

    question: Question
    row: KeyAnswer | None

    @property
    def value(self) -> Any:
        return self.row.value if self.row else None

    @property
    def reply(self) -> Reply:
        question = self.question
        return Reply(question.text, said(question, self.value), question.kind == Kind.LINK)


def answers_of(
    municipality: Municipality, moment: Moment, *, recommendations: Iterable[Any]
) -> dict[int, list[Answered]]:
    """All current answers of a municipality, with the questions that it has not answered; two queries.

    Returns:
        By the id of the recommendation, in the order of the questions. A question that hangs on another answer is
        left out where that answer is another.
    """
    questions, held = _asked_and_held(municipality, moment, recommendations)
    values = {question.slug: held[question.pk].value for question in questions if question.pk in held}
    found: dict[int, list[Answered]] = defaultdict(list)
    for question in questions:
        if question.applies(values):
            row = held.get(question.pk)
            if row is not None:
                row.question = question
            found[question.recommendation_id].append(Answered(question, row))
    return found


def asked_and_held(
    municipality: Municipality, moment: Moment, recommendations: Iterable[Any]
) -> tuple[dict[int, list[Question]], dict[str, Any]]:
    """All questions, also those that hang on another answer, by the recommendation's id; the answers by slug."""
    questions, rows = _asked_and_held(municipality, moment, recommendations)
    asked: dict[int, list[Question]] = defaultdict(list)
    for question in questions:
        asked[question.recommendation_id].append(question)
    return asked, {q.slug: rows[q.pk].value for q in questions if q.pk in rows}


def _asked_and_held(
    municipality: Municipality, moment: Moment, recommendations: Iterable[Any]
) -> tuple[list[Question], dict[int, KeyAnswer]]:
    asked = {each.pk for each in recommendations}
    questions = [each for each in _active(on=moment.as_of) if each.recommendation_id in asked]
    rows = _answers(
        questions=[each.pk for each in questions],
        municipality=municipality.pk,
        as_of=moment.as_of,
        known_at=moment.known_at,
    )
    return questions, {row.question_id: row for row in rows}


@prepared
def _active(*, on: date) -> Any:
    return Question.objects.active(on=on)


@prepared
def _answers(*, questions: Any, municipality: Any, as_of: date, known_at: datetime | None) -> Any:
    rows = KeyAnswer.objects.filter(question_id__in=questions, municipality=municipality)
    return rows.holding(as_of=as_of, known_at=known_at)


def add_answers(cells: list[Any], municipality: Municipality, moment: Moment) -> None:
    """Set ``replies`` on each of a municipality's cells; two queries, however many they are."""
    found = answers_of(municipality, moment, recommendations=[cell.recommendation for cell in cells])
    for cell in cells:
        cell.replies = tuple(one.reply for one in found.get(cell.recommendation.pk, []))


def _rows(moment: Moment, **which: Any) -> Any:
    return KeyAnswer.objects.filter(**which).holding(as_of=moment.as_of, known_at=moment.known_at)


@dataclass(frozen=True)
class Part:
    """How many have given one answer, and who; the percentage is of those who have answered."""

    label: str
    municipalities: list[Municipality]
    answered: int

    @property
    def count(self) -> int:
        return len(self.municipalities)

    @property
    def share(self) -> float:
        return 100 * self.count / self.answered

    @property
    def width(self) -> str:
        """As an attribute of an SVG."""
        return f"{self.share:.2f}%"

    @property
    def stated(self) -> str:
        return f"{self.count} ({self.share:.0f} pct.)"


@dataclass(frozen=True)
class Distribution:
    """What the real municipalities have answered to one question.

    Attributes:
        asked: those whom it is put to: all 98, or those with the answer that the question hangs on.
        answers: the answer of each that has answered, in the order of the municipalities.
    """

    question: Question
    asked: list[Municipality]
    answers: list[tuple[Municipality, Any]]

    @property
    def answered(self) -> int:
        return len(self.answers)

    @property
    def silent(self) -> list[Municipality]:
        """Those who are asked and have not answered."""
        known = {municipality.pk for municipality, _ in self.answers}
        return [municipality for municipality in self.asked if municipality.pk not in known]

    @property
    def heading(self) -> str:
        """The finding: how many have answered, and what most of them say."""
        if not self.asked:
            return "Ingen kommuner er spurgt"
        of = f"{self.answered or 'Ingen'} af {len(self.asked)} kommuner har svaret"
        return f"{of}{self._finding}" if self.answered else of

    @property
    def _finding(self) -> str:
        kind = self.question.kind
        if kind == Kind.LINK:
            return " med et link"
        if kind == Kind.YES_NO:
            return f". {self.parts[0].count or 'Ingen'} {self.question.finding or 'svarer ja'}."
        if kind == Kind.NUMBER:
            return f". Den midterste har {self._number(median(self._numbers))}."
        top = max(self.parts, key=lambda part: part.count)
        label = top.label if kind == Kind.DATE else f"“{top.label}”"
        return f". Flest, {top.count}, svarer {label}."

    @property
    def parts(self) -> list[Part]:
        """How many have given each answer: all options, or the years that there are; nothing for numbers and links."""
        if not self.answered or self.question.kind in (Kind.NUMBER, Kind.LINK):
            return []
        given: dict[str, list[Municipality]] = {label: [] for label in self._labels}
        for municipality, value in self.answers:
            for label in self._labels_of(value):
                given.setdefault(label, []).append(municipality)
        return [Part(label, those, self.answered) for label, those in given.items()]

    @property
    def _labels(self) -> list[str]:
        if self.question.kind == Kind.YES_NO:
            return [YES, NO]
        if self.question.kind == Kind.DATE:
            return sorted({value[:4] for _, value in self.answers}, reverse=True)
        return list(self.question.labels.values())

    def _labels_of(self, value: Any) -> list[str]:
        if self.question.kind == Kind.YES_NO:
            return [YES if value else NO]
        if self.question.kind == Kind.DATE:
            return [value[:4]]
        labels = self.question.labels
        return [labels[option] for option in (value if isinstance(value, list) else [value])]

    @property
    def _numbers(self) -> list[Any]:
        return [value for _, value in self.answers]

    def _number(self, value: Any) -> str:
        return f"{danish_number(value)} {self.question.unit}".strip()

    @property
    def range(self) -> str:
        """From the lowest to the highest of numbers; nothing for other answers."""
        if self.question.kind != Kind.NUMBER or not self.answered:
            return ""
        return f"Fra {self._number(min(self._numbers))} til {self._number(max(self._numbers))}"

    @property
    def several(self) -> bool:
        """Whether a municipality can be in more than one part."""
        return self.question.kind == Kind.CHOICES

    @property
    def each(self) -> list[tuple[Municipality, str]]:
        """Each municipality with its own number or address, where there are no parts to be in."""
        if self.question.kind not in (Kind.NUMBER, Kind.LINK):
            return []
        return [(municipality, said(self.question, value)) for municipality, value in self.answers]


def distributions(recommendation: Recommendation, moment: Moment) -> list[Distribution]:
    """What the real municipalities answer to each question about a recommendation."""
    return distributions_of([recommendation], moment)


def distributions_of(recommendations: Iterable[Any], moment: Moment) -> list[Distribution]:
    """The same about several recommendations, in the plan's order; three queries, however many they are.

    They must be addressed to the municipalities at that moment: otherwise nobody is asked.
    """
    active = Question.objects.active(on=moment.as_of).filter(recommendation__in=recommendations)
    questions = list(active)
    if not questions:
        return []
    real = list(Municipality.objects.real())
    values = values_of(real, questions, moment)
    return [distribution(question, real, values) for question in questions]


def values_of(
    municipalities: list[Municipality], questions: list[Question], moment: Moment
) -> dict[int, dict[str, Any]]:
    """What each municipality, by its id, answers to each question, by its slug; one query."""
    values: dict[int, dict[str, Any]] = {municipality.pk: {} for municipality in municipalities}
    slugs = {question.pk: question.slug for question in questions}
    rows = _rows(moment, question__in=questions, municipality__in=municipalities)
    for question_id, municipality_id, value in rows.values_list("question_id", "municipality_id", "value"):
        values[municipality_id][slugs[question_id]] = value
    return values


def distribution(
    question: Question, municipalities: list[Municipality], values: dict[int, dict[str, Any]]
) -> Distribution:
    """What these municipalities together answer to one question, of ``values_of`` them."""
    asked = [municipality for municipality in municipalities if question.applies(values[municipality.pk])]
    answers = [(place, values[place.pk][question.slug]) for place in asked if question.slug in values[place.pk]]
    return Distribution(question, asked, answers)
