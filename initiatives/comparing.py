"""A municipality beside its KKR, the country and others of the reader's choice. For members alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from statistics import median
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from stakeholders.models import Municipality

from .answers import CellGroup, group_by_theme
from .exporting import Column, Listing
from .key_answers import distribution, values_of
from .kinds import said
from .models import LocalAction, Progress, Question, Recommendation, StatusUpdate
from .moment import Moment
from .status import NOT_ASSESSED, STATUS_LABELS, Spread, Status, share

A_YEAR = timedelta(days=365)

# How far along a status is. *Ikke vurderet* and *Ikke relevant* are nowhere on the way.
STEPS: dict[str, int] = {
    Status.NOT_STARTED: 0,
    Status.ON_HOLD: 0,
    Status.PLANNED: 1,
    Status.IN_PROGRESS: 2,
    Status.COMPLETED: 3,
}


def is_forward(before: str, now: str) -> bool:
    """Whether the work has come further. A first answer says where it is, not that it has moved."""
    return before in STEPS and now in STEPS and STEPS[now] > STEPS[before]


@dataclass(frozen=True)
class Answer:
    """What one municipality says of one recommendation, how old that is, and what it said a year before."""

    municipality: int
    recommendation: int
    status: str
    said_on: date | None
    before: str


@dataclass(frozen=True)
class Members:
    """Whom a side is made of: one municipality, or several together under a name."""

    name: str
    municipalities: list[Municipality]
    is_one: bool = False

    @classmethod
    def one(cls, municipality: Municipality) -> Members:
        return cls(municipality.name, [municipality], is_one=True)


class Side:
    """One of those who are compared."""

    def __init__(self, who: Members, answers: list[Answer], actions: list[int], a_year_ago: date) -> None:
        self.name, self.municipalities = who.name, who.municipalities
        self.municipality = who.municipalities[0] if who.is_one else None
        members = {municipality.pk for municipality in who.municipalities}
        self.answers = [answer for answer in answers if answer.municipality in members]
        self.actions = [place for place in actions if place in members]
        self.spread = Spread.of(answer.status for answer in self.answers)
        self._a_year_ago = a_year_ago

    @property
    def completed(self) -> str:
        return self.spread.share_completed if self.spread.answered else "–"

    @property
    def moved(self) -> str:
        """How many of the answers have come forward in a year."""
        moved = sum(is_forward(one.before, one.status) for one in self.answers)
        return share(moved, len(self.answers) if self.spread.answered else 0)

    @property
    def fresh(self) -> str:
        """How many of the answers that there are, were given or confirmed within a year."""
        days = [answer.said_on for answer in self.answers if answer.said_on]
        return share(sum(day > self._a_year_ago for day in days), len(days))

    @property
    def typical_day(self) -> date | None:
        """The day of the answer in the middle."""
        days = [answer.said_on.toordinal() for answer in self.answers if answer.said_on]
        return date.fromordinal(int(median(days))) if days else None

    @property
    def shared(self) -> str:
        """How many local actions they share, and how many of them share any."""
        if self.municipality:
            return str(len(self.actions))
        return f"{len(self.actions)} (i {len(set(self.actions))} af {len(self.municipalities)} kommuner)"

    @cached_property
    def _by_recommendation(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for answer in self.answers:
            found.setdefault(answer.recommendation, []).append(answer.status)
        return found

    def on(self, recommendation: Recommendation) -> Standing:
        statuses = self._by_recommendation.get(recommendation.pk, [])
        if self.municipality:
            return Standing(self.name, statuses[0] if statuses else NOT_ASSESSED)
        return Standing(self.name, "", Spread.of(statuses))


@dataclass(frozen=True)
class Standing:
    """Where one side is with a recommendation: a status, or how many of several have completed it."""

    name: str
    status: str
    spread: Spread | None = None

    @property
    def numbers(self) -> str:
        return f"{self.spread.completed} af {self.spread.counting}" if self.spread else ""

    def __str__(self) -> str:
        return f"{self.numbers} gennemført" if self.spread else STATUS_LABELS[self.status]


@dataclass(frozen=True)
class Row:
    recommendation: Recommendation
    standings: list[Standing]


@dataclass(frozen=True)
class QuestionRow:
    """What each side answers to a key question, in words; with the side's name."""

    question: Question
    answers: list[tuple[str, str]]


@dataclass(frozen=True)
class FileLine:
    part: str
    number: int | str
    what: str
    values: list[str]


class Comparison:
    """The figures of all who are compared, as of a moment. The number of queries does not depend on how many."""

    def __init__(self, first: Municipality, others: Iterable[Municipality], moment: Moment, reader: Any) -> None:
        real = list(Municipality.objects.real().placed(as_of=moment.as_of))
        chosen = [first, *others]
        a_year_ago = moment.as_of - A_YEAR
        answers = _answers(chosen, moment, a_year_ago)
        shared = LocalAction.objects.visible_to(reader).shared()
        actions = list(shared.order_by().values_list("municipality", flat=True))
        sides = [Members.one(first), *_together(first, real, moment), *map(Members.one, chosen[1:])]
        self.first = first
        self.sides = [Side(who, answers, actions, a_year_ago) for who in sides]
        self.country = next(side for side in self.sides if side.name == COUNTRY)
        self._moment, self._known = moment, {place.pk: place for place in [*real, *chosen]}

    @property
    def is_now(self) -> bool:
        """What was shared on an earlier day is not known."""
        return self._moment.is_now

    @property
    def heading(self) -> str:
        """The finding: whether the municipality has completed more or less than the country, with the numbers."""
        own, country = self.sides[0].spread, self.country.spread
        name = self.first.authority_name
        if not own.answered:
            return f"{name} har ikke svaret endnu"
        mine, theirs = own.completed * country.counting, country.completed * own.counting
        word = "en større del" if mine > theirs else "en mindre del" if mine < theirs else "lige så stor en del"
        than = "som" if mine == theirs else "end"
        shares = f"{own.share_completed} mod {country.share_completed}".replace(" pct.", "\N{NO-BREAK SPACE}pct.")
        return f"{name} har gennemført {word} {than} landet: {shares}"

    @cached_property
    def _recommendations(self) -> list[Recommendation]:
        asked = {answer.recommendation for side in self.sides for answer in side.answers}
        texts = Recommendation.objects.with_text(as_of=self._moment.as_of, known_at=self._moment.known_at)
        return list(texts.filter(pk__in=asked).order_by("number"))

    @cached_property
    def rows(self) -> list[Row]:
        return [Row(one, [side.on(one) for side in self.sides]) for one in self._recommendations]

    @property
    def themes(self) -> list[CellGroup]:
        return group_by_theme(self.rows)

    @cached_property
    def questions(self) -> list[QuestionRow]:
        asked = Question.objects.active(on=self._moment.as_of).filter(recommendation__in=self._recommendations)
        questions = list(asked)
        values = values_of(list(self._known.values()), questions, self._moment)
        return [
            QuestionRow(question, [(side.name, _said(question, side, values)) for side in self.sides])
            for question in questions
        ]

    def listing(self) -> Listing:
        """What the page shows, a line a row and a column a side."""
        columns = [
            Column("Del", lambda line: line.part),
            Column("Nr.", lambda line: line.number),
            Column("Hvad", lambda line: line.what),
            *(_column(side.name, at) for at, side in enumerate(self.sides)),
        ]
        return Listing(f"Sammenligning {self.first.name}", columns, list(self._lines()))

    def _lines(self) -> Iterable[FileLine]:
        for title, name in MEASURES if self.is_now else MEASURES[:-1]:
            yield FileLine("Samlet", "", title, [_text(getattr(side, name)) for side in self.sides])
        for status in STATUS_LABELS:
            counts = [str(side.spread[status]) for side in self.sides]
            yield FileLine("Antal svar", "", STATUS_LABELS[status], counts)
        for row in self.rows:
            one = row.recommendation
            yield FileLine("Anbefaling", one.number, one.title, [str(standing) for standing in row.standings])
        for asked in self.questions:
            number = asked.question.recommendation.number
            yield FileLine("Spørgsmål", number, asked.question.text, [answer for _, answer in asked.answers])


COUNTRY = "Hele landet"
MEASURES = (
    ("Gennemført", "completed"),
    ("Rykket frem på et år", "moved"),
    ("Svar fra det seneste år", "fresh"),
    ("Midterste svar er fra", "typical_day"),
    ("Lokale indsatser, der er delt", "shared"),
)


def _column(name: str, at: int) -> Column:
    return Column(name, lambda line: line.values[at])


def _text(value: Any) -> str:
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else value or "–"


def _together(first: Municipality, real: list[Municipality], moment: Moment) -> list[Members]:
    """The KKR that the municipality lies in, and the country: the real municipalities alone."""
    kkr = Municipality.objects.placed(as_of=moment.as_of).get(pk=first.pk).kkr
    neighbours = [Members(kkr.name, [place for place in real if place.kkr == kkr])] if kkr else []
    return [*neighbours, Members(COUNTRY, real)]


def _answers(chosen: list[Municipality], moment: Moment, a_year_ago: date) -> list[Answer]:
    """What counts for the real municipalities and the chosen ones; two queries."""
    known_at = moment.known_at
    cells = Progress.objects.filter(Q(municipality__is_fictional=False) | Q(municipality__in=chosen))
    cells = cells.counting(as_of=moment.as_of, known_at=known_at, plan=moment.plan)
    then = dict(cells.with_status(as_of=a_year_ago, known_at=known_at).values_list("pk", "status"))
    said = StatusUpdate.objects.filter(pk=OuterRef("current_id")).values("effective_on")
    now = cells.with_status(as_of=moment.as_of, known_at=known_at).annotate(said_on=Subquery(said))
    rows = now.values_list("pk", "municipality_id", "recommendation_id", "status", "said_on")
    return [Answer(place, one, status, day, then.get(pk, NOT_ASSESSED)) for pk, place, one, status, day in rows]


def _said(question: Question, side: Side, values: dict[int, dict[str, Any]]) -> str:
    """The answer of a municipality, or the finding about several."""
    if side.municipality is None:
        return distribution(question, side.municipalities, values).heading
    own = values[side.municipality.pk]
    if not question.applies(own):
        return "Ikke spurgt"
    return said(question, own[question.slug]) if question.slug in own else "Ikke besvaret"
