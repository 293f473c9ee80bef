"""Where the work stands: the overview, what needs attention, and the tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from initiatives.status import Spread

from .shape import COUNTED, DATED, STANDING, STATED, Group, Part, ReportRow, Table, counts, signals_sentence


@dataclass(frozen=True)
class Overview(Part):
    """How many stand where: all, and by group. ``of`` says what is counted, ``by`` what the groups are."""

    template = "reports/overview.html"
    content = "overblik"
    heading: str
    label: str
    spread: Spread
    groups: tuple[Group, ...]
    of: str
    by: str

    def sentences(self) -> Iterable[str]:
        if not self.spread.counting:
            yield "Der er intet at vise på den dag."

    def tables(self) -> Iterable[Table]:
        rows = [(self.label, self.spread), *((group.title, group.spread) for group in self.groups)]
        columns = (self.by, *COUNTED, "Tæller med")
        yield Table("Overblik", columns, tuple((name, *counts(each), each.counting) for name, each in rows))


@dataclass(frozen=True)
class NationalLine(Part):
    """KL's status of one recommendation."""

    template = "reports/national_line.html"
    content = "overblik"
    heading = "Hvad siger KL?"
    row: ReportRow

    def sentences(self) -> Iterable[str]:
        if self.row.disagreement:
            yield f"KL og kommunerne ser forskelligt på det. {self.row.disagreement.sentence}"

    def tables(self) -> Iterable[Table]:
        row = self.row
        yield Table("National status", ("Nr.", "Anbefaling", *STANDING), ((row.number, row.title, *row.values),))

    def on_paper(self) -> Iterable[Table]:
        row = self.row
        yield Table("National status", ("Nr.", "Anbefaling", *STATED), ((row.number, row.title, *row.stated),))


@dataclass(frozen=True)
class Attention(Part):
    """What needs attention, the worst first; ``signals`` where no other part says how many there are of each."""

    template = "reports/attention.html"
    content = "opmaerksomhed"
    heading: str
    rows: tuple[ReportRow, ...]
    nothing: str
    signals: dict[str, int] | None = None

    def sentences(self) -> Iterable[str]:
        return *(() if self.rows else (self.nothing,)), *signals_sentence(self.signals)

    def tables(self) -> Iterable[Table]:
        rows = tuple((row.number, row.title, *row.words, row.why) for row in self.rows)
        yield Table("Opmærksomhed", ("Nr.", "Anbefaling", "Status", "Trafiklys", "Hvorfor"), rows)


def _municipalities(count: int) -> str:
    return "1 kommune" if count == 1 else f"{count} kommuner"


@dataclass(frozen=True)
class Red(Part):
    """What is red, by municipality."""

    template = "reports/red.html"
    content = "opmaerksomhed"
    rows: tuple[ReportRow, ...]

    @property
    def heading(self) -> str:
        if not self.rows:
            return "Intet er rødt"
        places = len({row.place for row in self.rows})
        return f"{len(self.rows)} svar er {'rødt' if len(self.rows) == 1 else 'røde'}, fra {_municipalities(places)}"

    def sentences(self) -> Iterable[str]:
        if not self.rows:
            yield "Ingen svar er røde på den dag."

    def tables(self) -> Iterable[Table]:
        rows = tuple((row.place, row.number, row.title, *row.values) for row in self.rows)
        yield Table("Røde", ("Kommune", "Nr.", "Anbefaling", *STANDING), rows)

    def on_paper(self) -> Iterable[Table]:
        rows = tuple((row.place, row.number, row.title, *row.stated) for row in self.rows)
        yield Table("Røde", ("Kommune", "Nr.", "Anbefaling", *STATED), rows)


@dataclass(frozen=True)
class OwnTable(Part):
    """A municipality's statuses, by theme."""

    template = "reports/own_table.html"
    content = "tabel"
    heading: str
    groups: tuple[Group, ...]

    def sentences(self) -> Iterable[str]:
        yield DATED

    def tables(self) -> Iterable[Table]:
        rows = tuple((group.title, row.number, row.title, *row.values) for group in self.groups for row in group.rows)
        yield Table("Anbefalinger", ("Tema", "Nr.", "Anbefaling", *STANDING), rows)

    def on_paper(self) -> Iterable[Table]:
        rows = tuple(
            (group.heading, row.number, row.title, *row.stated) for group in self.groups for row in group.rows
        )
        yield Table("Anbefalinger", ("Tema", "Nr.", "Anbefaling", *STATED), rows, grouped=True)


@dataclass(frozen=True)
class NationalTable(Part):
    """KL's status of each recommendation beside the municipalities' own."""

    template = "reports/national_table.html"
    content = "tabel"
    heading: str
    groups: tuple[Group, ...]

    def sentences(self) -> Iterable[str]:
        yield f"National status er KL’s vurdering. Kommunernes egne svar regnes ikke ind i den. {DATED}"

    def tables(self) -> Iterable[Table]:
        rows = tuple(
            (
                group.title,
                row.number,
                row.title,
                *row.values,
                *(counts(row.spread) if row.spread else (None,) * len(COUNTED)),
                row.disagreement.short if row.disagreement else "",
            )
            for group in self.groups
            for row in group.rows
        )
        columns = ("Gruppe", "Nr.", "Anbefaling", *STANDING, *(f"Kommuner: {word}" for word in COUNTED), "Uenighed")
        yield Table("Anbefalinger", columns, rows)

    def on_paper(self) -> Iterable[Table]:
        rows = tuple(
            (group.heading, row.number, row.title, *row.words, row.since, row.municipalities, row.late_and_note)
            for group in self.groups
            for row in group.rows
        )
        columns = ("Gruppe", "Nr.", "Anbefaling", *STATED[:-1], "Kommunernes egne svar", "KL’s note")
        yield Table("Anbefalinger", columns, rows, grouped=True)


@dataclass(frozen=True)
class Beside:
    """One recommendation: the spread in a part of the country beside that of all of it."""

    number: int
    title: str
    here: Spread
    country: Spread


@dataclass(frozen=True)
class BesideTable(Part):
    """Each recommendation's spread in a KKR beside the country."""

    template = "reports/beside_table.html"
    content = "tabel"
    heading: str
    name: str
    groups: tuple[Group, ...]

    def tables(self) -> Iterable[Table]:
        rows = tuple(
            (group.title, row.number, row.title, where, *counts(spread), spread.counting)
            for group in self.groups
            for row in group.rows
            for where, spread in ((self.name, row.here), ("Hele landet", row.country))
        )
        yield Table("Anbefalinger", ("Tema", "Nr.", "Anbefaling", "Hvor", *COUNTED, "Tæller med"), rows, grouped=True)


@dataclass(frozen=True)
class PlacesTable(Part):
    """How far each municipality of a KKR is."""

    template = "reports/places_table.html"
    content = "tabel"
    heading: str
    groups: tuple[Group, ...]

    def sentences(self) -> Iterable[str]:
        yield "Antal anbefalinger. Ikke relevant tæller ikke med."

    def tables(self) -> Iterable[Table]:
        rows = tuple((each.title, *counts(each.spread), each.spread.counting) for each in self.groups)
        yield Table("Kommuner", ("Kommune", *COUNTED, "Tæller med"), rows)


@dataclass(frozen=True)
class StandingTable(Part):
    """Where each municipality stands with one recommendation, by KKR."""

    template = "reports/standing_table.html"
    content = "tabel"
    heading: str
    groups: tuple[Group, ...]

    def sentences(self) -> Iterable[str]:
        yield DATED if self.groups else "Kommunerne er ikke spurgt om anbefalingen på den dag."

    def tables(self) -> Iterable[Table]:
        rows = tuple((group.title, row.place, *row.values) for group in self.groups for row in group.rows)
        yield Table("Kommuner", ("KKR", "Kommune", *STANDING), rows)

    def on_paper(self) -> Iterable[Table]:
        rows = tuple((group.heading, row.place, *row.stated) for group in self.groups for row in group.rows)
        yield Table("Kommuner", ("KKR", "Kommune", *STATED), rows, grouped=True)
