"""What every part is, and the rows that they share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from initiatives.exporting import DEMO, DEMO_COLUMN
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


STANDING = ("Status", "Trafiklys", "Fra", "Forsinket", "Forventet", "Note")


STATED = ("Status", "Trafiklys", "Fra", "Note")


DATED = "Datoen er den dag, den status begyndte."


def signals_sentence(signals: dict[str, int] | None) -> Iterable[str]:
    """How many have each signal, of those that can have one; nothing when none has."""
    if signals and signals["total"]:
        each = ", ".join(f"{label} {signals[signal]}" for signal, label in SIGNALS.items())
        total, under_way = signals["total"], signals["under_way"]
        which = f"alle {total}" if total == under_way else f"{total} af de {under_way}"
        yield f"Trafiklys er sat på {which}, der er planlagt eller i gang: {each}."


def counts(spread: Spread) -> tuple[int, ...]:
    """How many have each status, in the order of ``COUNTED``."""
    return tuple(count for _, count in spread)


@dataclass(frozen=True)
class Table:
    """A table as a sheet has it: its values are text, whole numbers, days or nothing.

    Attributes:
        grouped: the first column says which group a row belongs to; on paper that is a heading among the rows.
        is_reference: what stands in it is so also in a database of invented figures.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    grouped: bool = False
    is_reference: bool = False

    def marked(self, *, demo: bool) -> Table:
        """The same, where its figures are invented with a last column that says so."""
        if not demo or self.is_reference:
            return self
        return replace(self, columns=(*self.columns, DEMO_COLUMN), rows=tuple((*row, DEMO) for row in self.rows))


class Part:
    """A part of a report: what it is called, what it says in words, and its figures.

    A part that says these is in every format; only its template knows how it looks on a page.

    Attributes:
        content: the choice of ``CONTENTS`` that it belongs to.
        heading: a field, a property or a class attribute of each part.
    """

    template: ClassVar[str]
    content: ClassVar[str] = ""

    if TYPE_CHECKING:

        @property
        def heading(self) -> str: ...

    def sentences(self) -> Iterable[str]:
        """What stands below the heading."""
        return ()

    def sections(self) -> Iterable[tuple[str, str]]:
        """Texts with headings of their own."""
        return ()

    def tables(self) -> Iterable[Table]:
        """Its figures as sheets; nothing where it only repeats those of another part."""
        return ()

    def on_paper(self) -> Iterable[Table]:
        """Its figures for a page of text; the sheets, where those are not too wide for it."""
        return self.tables()


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
        return self.late_and_note or "Ingen note."

    @property
    def late_and_note(self) -> str:
        late = f"Forsinket. Forventet {self.expected_on:%d.%m.%Y}." if self.is_overdue and self.expected_on else ""
        return " ".join(part for part in (late, self.note) if part)

    @property
    def municipalities(self) -> str:
        """What the municipalities themselves say, in words; whom it is addressed to, where they are not asked."""
        if self.spread is None:
            return f"Rettet mod: {self.addressees}"
        return ". ".join((self.spread.spoken, *((self.disagreement.short,) if self.disagreement else ())))

    @property
    def words(self) -> tuple[str, str]:
        return STATUS_LABELS[self.status], SIGNALS.get(self.signal, "")

    @property
    def values(self) -> tuple[Any, ...]:
        """As ``STANDING`` names them."""
        return *self.words, self.since, "Ja" if self.is_overdue else "", self.expected_on, self.note

    @property
    def stated(self) -> tuple[Any, ...]:
        """The same in fewer columns, as ``STATED`` names them."""
        return *self.words, self.since, self.late_and_note


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
