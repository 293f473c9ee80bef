"""What the documents know around a report: figures and events, each with its source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..words import danish_date
from .shape import Part, Table


@dataclass(frozen=True)
class KnownFigure:
    """A figure as the documents state it. ``sources``: where, as people cite it."""

    name: str
    group: str
    stated: str
    period: str
    numbers: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class KnownFigures(Part):
    template = "reports/known_figures.html"
    content = "noegletal"
    heading = "Nøgletal fra kilderne"
    rows: tuple[KnownFigure, ...]

    def sentences(self) -> Iterable[str]:
        yield "Tal for hele landet, som de står i dokumenterne bag planen. De følger ikke rapportens dato."

    def tables(self) -> Iterable[Table]:
        columns = ("Nøgletal", "Gruppe", "Tal", "Periode", "Anbefalinger", "Kilde")
        rows = tuple(
            (row.name, row.group, row.stated, row.period, ", ".join(row.numbers), "; ".join(row.sources))
            for row in self.rows
        )
        yield Table("Nøgletal", columns, rows, is_reference=True)

    def on_paper(self) -> Iterable[Table]:
        rows = tuple(
            (
                _lines(row.name, row.group),
                _lines(row.stated, row.period),
                ", ".join(row.numbers),
                "; ".join(row.sources),
            )
            for row in self.rows
        )
        yield Table("Nøgletal", ("Nøgletal", "Tal", "Anbefaling", "Kilde"), rows, is_reference=True)


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))


@dataclass(frozen=True)
class KnownEvent:
    """An event of the period; ``doubt`` says what of its time is not certain."""

    when: str
    doubt: str
    title: str
    kind: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class KnownRound:
    """A round that was open in the period; ``closed_on`` is None while it still was at its end."""

    name: str
    status_on: date
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True)
class KnownEvents(Part):
    """What happened from one day to another, both included."""

    template = "reports/known_events.html"
    content = "tidslinje"
    first: date
    last: date
    rows: tuple[KnownEvent, ...]
    rounds: tuple[KnownRound, ...] = ()

    @property
    def heading(self) -> str:
        events = _count(len(self.rows), "begivenhed", "begivenheder")
        if not self.rounds:
            return f"{events} i perioden"
        rounds = _count(len(self.rounds), "statusrunde", "statusrunder")
        return f"{rounds if not self.rows else f'{events} og {rounds}'} i perioden"

    def sentences(self) -> Iterable[str]:
        named = "Begivenhederne er dem, dokumenterne bag planen nævner."
        if self.rounds and not self.rows:
            named = "Dokumenterne bag planen nævner ingen begivenheder i den."
        yield f"Perioden er {danish_date(self.first)} til {danish_date(self.last)}. {named}"

    def tables(self) -> Iterable[Table]:
        if self.rows:
            rows = tuple((row.when, row.doubt, row.title, row.kind, "; ".join(row.sources)) for row in self.rows)
            columns = ("Hvornår", "Usikkert", "Begivenhed", "Type", "Kilde")
            yield Table("Tidslinje", columns, rows, is_reference=True)
        if self.rounds:
            found = tuple((each.name, each.status_on, each.opened_on, each.closed_on) for each in self.rounds)
            yield Table("Statusrunder", ("Statusrunde", "Status pr.", "Åbnet", "Lukket"), found)


def _count(number: int, one: str, many: str) -> str:
    return f"{number or 'Ingen'} {one if number == 1 else many}"
