"""What has changed, and what was corrected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from initiatives.status import STATUS_LABELS, Spread

from ..words import danish_date
from .shape import SIGNALS, Part, Table, signals_sentence

CHANGED = ("Kommune", "Nr.", "Anbefaling", "Status før", "Trafiklys før", "Status nu", "Trafiklys nu", "Fra", "Note")
STATED = ("Kommune", "Nr.", "Anbefaling", "Før", "Nu", "Fra", "Begrundelse")


@dataclass(frozen=True)
class ReportChange:
    number: int
    title: str
    before_status: str
    before_signal: str
    status: str
    signal: str
    changed_on: date | None
    note: str
    place: str = ""

    @property
    def values(self) -> tuple[Any, ...]:
        before = STATUS_LABELS[self.before_status], SIGNALS.get(self.before_signal, "")
        now = STATUS_LABELS[self.status], SIGNALS.get(self.signal, "")
        return self.place, self.number, self.title, *before, *now, self.changed_on, self.note

    @property
    def stated(self) -> tuple[Any, ...]:
        """The same in fewer columns, as ``STATED`` names them."""
        place, number, title, *statuses, changed_on, note = self.values
        before, now = (", ".join(filter(None, pair)) for pair in (statuses[:2], statuses[2:]))
        return place, number, title, before, now, changed_on, note


@dataclass(frozen=True)
class SinceThen(Part):
    """What has changed, in a sentence; ``base`` says what has begun or ceased to count."""

    template = "reports/since.html"
    content = "aendringer"
    since: date
    sentence: str
    signals: dict[str, int] | None = None
    base: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        return f"Siden {danish_date(self.since)}"

    def sentences(self) -> Iterable[str]:
        return self.sentence, *self.base, *signals_sentence(self.signals)


@dataclass(frozen=True)
class Changes(Part):
    """What has changed, old and new side by side."""

    template = "reports/changes.html"
    content = "aendringer"
    heading: str
    rows: tuple[ReportChange, ...]
    explanation: str = ""
    rest: tuple[str, ...] = ()  # what is said of those that have not changed
    caption = "Ændringer"
    left_out = "Kommune"  # on paper, where there is no room for both names

    def sentences(self) -> Iterable[str]:
        return *((self.explanation,) if self.explanation else ()), *self.rest

    def tables(self) -> Iterable[Table]:
        yield Table(self.caption, CHANGED, tuple(row.values for row in self.rows))

    def on_paper(self) -> Iterable[Table]:
        kept = [number for number, column in enumerate(STATED) if column != self.left_out]
        rows = tuple(tuple(row.stated[number] for number in kept) for row in self.rows)
        yield Table(self.caption, tuple(STATED[number] for number in kept), rows)


class Corrections(Changes):
    """What differs only because one knows better: *Rettelser til tidligere tal*."""

    caption = "Rettelser"


class PlacedChanges(Changes):
    """The same with the municipality, where there are several."""

    template = "reports/placed_changes.html"
    left_out = "Anbefaling"


class PlacedCorrections(Corrections):
    template = "reports/placed_changes.html"
    left_out = "Anbefaling"


@dataclass(frozen=True)
class Movement:
    """One recommendation in a KKR: the spread before and now, and the municipalities that have changed."""

    number: int
    title: str
    before: Spread
    now: Spread
    places: tuple[str, ...]


@dataclass(frozen=True)
class Movements(Part):
    """What has changed in a KKR, by recommendation; those where something has."""

    template = "reports/movements.html"
    content = "aendringer"
    since: date
    rows: tuple[Movement, ...]
    base: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        return f"Ændringer siden {danish_date(self.since)}"

    def sentences(self) -> Iterable[str]:
        if not self.rows:
            yield f"{'Ingen status' if self.base else 'Intet'} er ændret siden {danish_date(self.since)}."
        yield from self.base

    def tables(self) -> Iterable[Table]:
        columns = ("Nr.", "Anbefaling", "Gennemført før", "Gennemført nu", "I gang før", "I gang nu", "Ændret i")
        rows = tuple(
            (
                row.number,
                row.title,
                row.before.completed,
                row.now.completed,
                row.before.in_progress,
                row.now.in_progress,
                ", ".join(row.places),
            )
            for row in self.rows
        )
        yield Table("Ændringer", columns, rows)
