"""Where the work stands: the overview, what needs attention, and the tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from initiatives.status import Spread

from .shape import COUNTED, STANDING, Group, Part, ReportRow, Table, counts


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

    def tables(self) -> Iterable[Table]:
        row = self.row
        yield Table("National status", ("Nr.", "Anbefaling", *STANDING), ((row.number, row.title, *row.values),))


@dataclass(frozen=True)
class Attention(Part):
    """What needs attention, the worst first; ``signals`` where no other part says how many there are of each."""

    template = "reports/attention.html"
    content = "opmaerksomhed"
    heading: str
    rows: tuple[ReportRow, ...]
    nothing: str
    signals: dict[str, int] | None = None

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

    def tables(self) -> Iterable[Table]:
        rows = tuple((row.place, row.number, row.title, *row.values) for row in self.rows)
        yield Table("Røde", ("Kommune", "Nr.", "Anbefaling", *STANDING), rows)


@dataclass(frozen=True)
class OwnTable(Part):
    """A municipality's statuses, by theme."""

    template = "reports/own_table.html"
    content = "tabel"
    heading: str
    groups: tuple[Group, ...]

    def tables(self) -> Iterable[Table]:
        rows = tuple((group.title, row.number, row.title, *row.values) for group in self.groups for row in group.rows)
        yield Table("Anbefalinger", ("Tema", "Nr.", "Anbefaling", *STANDING), rows)


@dataclass(frozen=True)
class NationalTable(Part):
    """KL's status of each recommendation beside the municipalities' own."""

    template = "reports/national_table.html"
    content = "tabel"
    heading: str
    groups: tuple[Group, ...]

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
        yield Table("Anbefalinger", ("Tema", "Nr.", "Anbefaling", "Hvor", *COUNTED, "Tæller med"), rows)


@dataclass(frozen=True)
class PlacesTable(Part):
    """How far each municipality of a KKR is."""

    template = "reports/places_table.html"
    content = "tabel"
    heading: str
    groups: tuple[Group, ...]

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

    def tables(self) -> Iterable[Table]:
        rows = tuple((group.title, row.place, *row.values) for group in self.groups for row in group.rows)
        yield Table("Kommuner", ("KKR", "Kommune", *STANDING), rows)
