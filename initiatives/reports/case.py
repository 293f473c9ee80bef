"""The text that a case officer pastes into the agenda system, computed from the same facts as the report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from initiatives.moment import Moment
from initiatives.status import Spread

from .facts import Brief
from .parts import CasePiece, CaseText, Group, ReportRow, SinceThen
from .words import danish_date, listed

ECONOMY = (
    "Statusrapporten har ikke i sig selv økonomiske konsekvenser.",
    "[Forslag, der skal udfyldes: Er der udgifter til de enkelte indsatser? De fremgår ikke af rapporten.]",
)
DAY_OF_MEETING = re.compile(r",\s*(\w+dag\s+)?(den\s+|d\.\s*)?\d.*", re.DOTALL)  # after whom it is to
MOST_NAMED, LONGEST = 10, 300  # of what needs attention, and letters of each; the report has it all


@dataclass(frozen=True)
class Matter:
    """What the text is about.

    Attributes:
        subject: whom the report is about; ``plan``: the title of the plan.
        title: the finding of the report; ``basis``: what it rests on.
        spread: how many stand where; ``groups``: the same by theme.
        urgent: what needs attention, the worst first.
    """

    subject: str
    plan: str
    title: str
    basis: str
    spread: Spread
    groups: tuple[Group, ...]
    since: SinceThen | None = None
    urgent: tuple[ReportRow, ...] = ()


def case_text(brief: Brief, moment: Moment, matter: Matter, opening: str, what: str) -> CaseText:
    """Resume, Indstilling, Sagsfremstilling, Økonomi and Bilag.

    Args:
        opening: who recommends, such as ``Det indstilles``; ``what``: what is to be noted.
    """
    as_of = danish_date(moment.as_of)
    moved = _moved(matter.since) if matter.since else ""
    resume = (f"Status pr. {as_of} for {matter.subject} på KL’s handleplan {matter.plan}: {matter.title}.", moved)
    stands = f"De fordeler sig sådan: {matter.spread.spoken}." if matter.spread.answered else ""
    story = (" ".join(_kept((matter.basis, stands))), *_groups(matter.groups), moved, *_named(matter.urgent))
    return CaseText(
        (
            CasePiece("Resume", _kept(resume)),
            CasePiece("Indstilling", (_proposal(opening, what, matter.plan, brief),)),
            CasePiece("Sagsfremstilling", _kept(story)),
            CasePiece("Økonomi", ECONOMY),
            CasePiece("Bilag", (f"Statusrapport: {matter.subject}, status pr. {as_of}.",)),
        )
    )


def _proposal(opening: str, what: str, plan: str, brief: Brief) -> str:
    to = f" til {DAY_OF_MEETING.sub('', brief.front.to)}" if brief.front.to else ""
    return f"{opening}{to}, at {what} på handleplanen {plan} tages til efterretning."


def _moved(since: SinceThen) -> str:
    """What has changed; a sentence that says since when says it once."""
    day = danish_date(since.since)
    said = since.sentence if day in since.sentence else f"Ændringer siden {day}: {since.sentence}"
    return " ".join((said, *since.base))


def _kept(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """Those that say something."""
    return tuple(paragraph for paragraph in paragraphs if paragraph)


def _groups(groups: Iterable[Group]) -> Iterable[str]:
    for group in groups:
        if group.spread.answered:
            yield f"{group.heading}: {group.spread.completed} af {group.spread.counting} er gennemført."


def _named(urgent: Iterable[ReportRow]) -> Iterable[str]:
    """What needs attention, with why; the rest by number."""
    rows = list(urgent)
    if not rows:
        return
    several = len({row.place for row in rows}) > 1
    yield "Det skal man lægge mærke til:"
    for row in rows[:MOST_NAMED]:
        where = f"{row.place}, anbefaling" if several else "Anbefaling"
        yield f"{where} {row.number}, {row.title} ({', '.join(word for word in row.words if word)}): {_short(row.why)}"
    if rest := rows[MOST_NAMED:]:
        yield f"Desuden {len(rest)} mere, som står i rapporten: {listed(dict.fromkeys(row.number for row in rest))}."


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} …"
