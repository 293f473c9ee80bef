"""What every part is, and the rows that they share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from initiatives.overview import Disagreement
from initiatives.status import DISPLAY_ORDER, STATUS_LABELS, Signal, Spread

# What one can choose to have in a report: how the address says it, and its words.
CONTENTS = {
    "overblik": "Overblik",
    "udvikling": "Udvikling måned for måned",
    "kort": "Kort over kommunerne",
    "opmaerksomhed": "Hvad man skal lægge mærke til",
    "tabel": "Tabeller",
    "sammenligning": "Kommunen ved siden af sit KKR og landet",
    "aendringer": "Ændringer og rettelser",
    "indsatser": "Lokale indsatser",
    "svar": "Svar på nøglespørgsmål",
    "noegletal": "Nøgletal med kilde",
    "tidslinje": "Begivenheder i perioden",
    "sag": "Tekst til sagen",
}


USUAL = ("overblik", "udvikling", "opmaerksomhed", "tabel", "aendringer", "sag")


SIGNALS = dict(Signal.choices)


COUNTED = tuple(STATUS_LABELS[status] for status in DISPLAY_ORDER)


STANDING = ("Status", "Trafiklys", "Fra", "Forsinket", "Ventet", "Note")


def counts(spread: Spread) -> tuple[int, ...]:
    """How many have each status, in the order of ``COUNTED``."""
    return tuple(count for _, count in spread)


@dataclass(frozen=True)
class Table:
    """A table as a sheet has it: its values are text, whole numbers, days or nothing."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Part:
    """A part of a report. ``content`` is the choice of ``CONTENTS`` that it belongs to; each has a ``heading``."""

    template: ClassVar[str]
    content: ClassVar[str] = ""
    heading: Any

    def tables(self) -> Iterable[Table]:
        """Its figures as sheets; nothing where it only repeats those of another part."""
        return ()


@dataclass(frozen=True)
class ReportRow:
    """Where one cell stands. ``place`` is the municipality, where the report has several."""

    number: int
    title: str
    status: str
    signal: str
    since: date | None
    note: str
    is_overdue: bool
    expected_on: date | None
    addressees: str = ""
    spread: Spread | None = None
    disagreement: Disagreement | None = None
    place: str = ""

    @property
    def why(self) -> str:
        """Why the row deserves attention: its note, and that its date has passed."""
        late = f"Forsinket. Ventet {self.expected_on:%d.%m.%Y}." if self.is_overdue and self.expected_on else ""
        return " ".join(part for part in (late, self.note) if part) or "Ingen note."

    @property
    def words(self) -> tuple[str, str]:
        return STATUS_LABELS[self.status], SIGNALS.get(self.signal, "")

    @property
    def values(self) -> tuple[Any, ...]:
        """As ``STANDING`` names them."""
        return *self.words, self.since, "Ja" if self.is_overdue else "", self.expected_on, self.note


@dataclass(frozen=True)
class Group:
    """Rows under a heading: a theme with its number, a focus area, or a KKR."""

    title: str
    spread: Spread
    rows: tuple[Any, ...] = ()
    number: int = 0

    @property
    def heading(self) -> str:
        return f"Tema {self.number}: {self.title}" if self.number else self.title
