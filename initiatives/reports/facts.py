"""The frame of every report: its front, its parts, and the address that makes it again. No request, no PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import takewhile
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Max, Q
from django.utils import timezone

from initiatives.models import (
    ActionPlan,
    Addressing,
    Recommendation,
    RecommendationText,
    StatusUpdate,
    Thresholds,
)
from initiatives.moment import Moment
from initiatives.status import Spread, thousands
from stakeholders.models import Installation

from .extras import recordings
from .parts import USUAL, Attention, Months, Part, PlacesMap, Table
from .words import danish_date

# About how long a report is.
LINES_OF_HEADING, LINES_OF_SEVEN_PAGES = 8, 175

# A report is for everybody who gets the paper: it knows no reader, no names, no internal notes.
NOBODY = AnonymousUser()

SomePart = TypeVar("SomePart", bound=Part)
# The parts of a report in their order, made only when they are asked for; a part may turn out to be nothing.
Recipe = list[tuple[type[Part], Callable[[], Part | None]]]

DEFINITIONS = (
    ("Gennemført", "Vises som antal af dem, der tæller med."),
    ("Ikke relevant", "Kræver en begrundelse og tæller ikke med."),
    ("Ikke vurderet", "Der er ikke svaret. Det tæller med."),
    ("Trafiklys", "Gives kun til det, der er planlagt eller i gang."),
    ("Forsinket", "Planlagt eller i gang, og den forventede dag er gået."),
)


@dataclass(frozen=True)
class FrontMatter:
    """What the user writes on the front: free text, kept in what is printed, and in an order until it expires."""

    to: str = ""
    case_number: str = ""
    prepared_by: str = ""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        return ("Til", self.to), ("Sagsnr.", self.case_number), ("Udarbejdet af", self.prepared_by)


@dataclass(frozen=True)
class Compared:
    """The issued report that a report is compared with."""

    pk: int
    label: str


@dataclass(frozen=True)
class Brief:
    """What is asked for: the moment, the front, which contents, and an issued report to compare with."""

    moment: Moment
    front: FrontMatter = field(default_factory=FrontMatter)
    contents: tuple[str, ...] = USUAL
    compared: Compared | None = None

    def pinned(self, statuses: Q, *, rounds: bool = False) -> Moment:
        """The moment, known at the last recording that the report can rest on; ``rounds``: it names those too.

        What is recorded of later days than the report's is not among them. So a row that comes while the report is
        made is not half in it, and the same facts give the same report.
        """
        moment = self.moment
        recorded = [
            log.deciding(**at(moment)).aggregate(last=Max("recorded_at"))["last"]
            for log in (
                StatusUpdate.objects.filter(statuses),
                RecommendationText.objects,
                Addressing.objects,
                Thresholds.objects,
            )
        ]
        recorded = [at for at in (*recorded, *recordings(self.contents, moment, rounds=rounds)) if at]
        return replace(moment, known_at=max(recorded)) if recorded else moment

    def parts(self, recipe: Recipe) -> tuple[Part, ...]:
        """Those of the parts that are asked for and hold something."""
        made = [make() for kind, make in recipe if kind.content in self.contents]
        return tuple(part for part in made if part is not None)

    def address(self, url: str, known_at: datetime | None) -> str:
        """The address that makes the same report again: as of the same day, as known at the same moment."""
        query = urlencode(self.choices(known_at), safe=":")
        return f"{settings.SITE_URL}{url}{'&' if '?' in url else '?'}{query}"

    def choices(self, known_at: datetime | None) -> list[tuple[str, str]]:
        moment, front = self.moment, self.front
        pairs = [
            ("pr", moment.as_of.isoformat()),
            ("plan", moment.plan),
            ("kendt", known_at.astimezone(UTC).isoformat().replace("+00:00", "Z") if known_at else ""),
            ("siden", moment.since.isoformat() if moment.since and not self.compared else ""),
            ("mod", str(self.compared.pk) if self.compared else ""),
            *((("med", content) for content in self.contents) if self.contents != USUAL else ()),
            ("til", front.to),
            ("sag", front.case_number),
            ("af", front.prepared_by),
        ]
        return [pair for pair in pairs if pair[1]]


@dataclass(frozen=True)
class Report:
    """What is printed. ``reading`` says how to read it: in sentences, and as terms with their definitions."""

    title: str
    lead: str
    subject_name: str
    demo: bool
    fictional: bool
    as_of: date
    since: date | None
    known_at: datetime | None
    known_text: str
    front: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    reading: tuple[str, ...]
    definitions: tuple[tuple[str, str], ...]
    address: str

    def part(self, kind: type[SomePart]) -> SomePart | None:
        return next((part for part in self.parts if type(part) is kind), None)

    def __getitem__(self, kind: type[SomePart]) -> SomePart:
        found = self.part(kind)
        if found is None:
            raise KeyError(kind)
        return found

    @property
    def has_statuses(self) -> bool:
        """Whether the signs of statuses and signals are in it."""
        return self.definitions is DEFINITIONS

    @property
    def front_fits(self) -> bool:
        """Whether what comes before the tables fills a page at most, so that they begin on a new one."""
        found = self.part(Attention)
        first = takewhile(lambda part: not isinstance(part, Attention), self.parts)
        return (found is None or len(found.rows) < 7) and not any(
            isinstance(part, Months | PlacesMap) for part in first
        )

    @property
    def is_long(self) -> bool:
        """Whether it takes so many pages that one looks for a part by its page."""
        lines = [0 if isinstance(part, Months) else _lines(part) for part in self.parts]
        return sum(LINES_OF_HEADING + count for count in lines) > LINES_OF_SEVEN_PAGES

    @property
    def tables(self) -> tuple[Table, ...]:
        """The figures of all its parts."""
        return tuple(table for part in self.parts for table in part.tables())

    @property
    def fingerprint(self) -> str:
        """Of the facts alone: two reports with the same one say the same."""
        facts = (self.subject_name, self.as_of, self.since, self.title, self.parts)
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _lines(part: Part) -> int:
    return sum(len(table.rows) for table in part.tables())


def at(moment: Moment) -> dict[str, Any]:
    return {"as_of": moment.as_of, "known_at": moment.known_at}


def texts_of(moment: Moment) -> Any:
    """The recommendations of the plan that the report is about."""
    return Recommendation.objects.with_text(**at(moment)).in_force().in_plan(moment.plan, as_of=moment.as_of)


def plan_of(moment: Moment) -> str:
    """What the plan that the report is about is called."""
    plan = ActionPlan.objects.called(moment.plan, as_of=moment.as_of).first()
    return plan.title if plan else "Flere hænder"


def in_plan(moment: Moment, plan: str) -> Moment:
    """The moment with the plan of what the report is about, named only where it is not the one meant anyway."""
    meant = ActionPlan.objects.called(moment.plan, as_of=moment.as_of).first()
    return moment if meant and meant.slug == plan else replace(moment, plan=plan)


def compose(
    brief: Brief,
    moment: Moment,
    recipe: Recipe,
    *,
    url: str,
    lead: str,
    basis: str,
    definitions: tuple[tuple[str, str], ...] = DEFINITIONS,
    fictional: bool = False,
    **said: Any,
) -> Report:
    """The report of these parts. ``moment`` is that of the brief, as ``pinned``; ``basis`` what it rests on."""
    compared = brief.compared.label if brief.compared else ""
    since = danish_date(moment.since) if moment.since else ""
    front = (
        *brief.front.pairs,
        ("Sammenlignet med", compared),
        ("Ændringer siden", since),
        ("Grundlag", basis),
    )
    return Report(
        lead=f"{lead} Status pr. {danish_date(moment.as_of)}.",
        demo=Installation.is_demo(),
        fictional=fictional,
        as_of=moment.as_of,
        since=moment.since,
        known_at=moment.known_at,
        known_text=_known_text(moment, brief.moment),
        front=tuple(pair for pair in front if pair[1]),
        parts=brief.parts(recipe),
        definitions=definitions,
        address=brief.address(url, moment.known_at),
        **said,
    )


def finding(spread: Spread, of: str, *, done: str = "er gennemført") -> str:
    """The heading of a report: how many are completed, and how many in progress. ``of``: what is counted."""
    if not spread.counting:
        return f"Ingen {of} tæller med på denne dag"
    if not spread.answered:
        return f"Ingen af de {spread.total} {of} er vurderet endnu"
    begun = f", {thousands(spread.in_progress)} er i gang" if spread.in_progress else ""
    return f"{spread.completed_of_counting} {of} {done}{begun}"


def _known_text(moment: Moment, asked_at: Moment) -> str:
    """What was known: by the moment asked for, when it has passed, and the last recording that is in the report."""
    last = f"Seneste registrering, der er med: {danish_date(moment.known_at, time=True)}." if moment.known_at else ""
    if asked_at.known_at is None or asked_at.known_at > timezone.now():
        return last
    return f"Som kendt {danish_date(asked_at.known_at, time=True)}. {last}"
