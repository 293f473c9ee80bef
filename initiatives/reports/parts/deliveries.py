"""Who has handed in to a round."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .shape import Part, Table


@dataclass(frozen=True)
class Delivery:
    """A municipality in a round, and the day on which it handed in what stands."""

    place: str
    handed_in_on: date | None


@dataclass(frozen=True)
class DeliveryGroup:
    title: str
    rows: tuple[Delivery, ...]

    @property
    def done(self) -> list[str]:
        return [row.place for row in self.rows if row.handed_in_on is not None]

    @property
    def missing(self) -> list[str]:
        return [row.place for row in self.rows if row.handed_in_on is None]

    @property
    def handed_in(self) -> int:
        return len(self.done)

    @property
    def stated(self) -> str:
        if not self.rows:
            return "–"
        share = round(100 * self.handed_in / len(self.rows))
        return f"{share} pct. ({self.handed_in} af {len(self.rows)})"


@dataclass(frozen=True)
class DeliveryOverview(Part):
    """How many have handed in, in each KKR."""

    template = "reports/delivery_overview.html"
    content = "overblik"
    heading = "Hvor mange har indsendt?"
    groups: tuple[DeliveryGroup, ...]

    def tables(self) -> Iterable[Table]:
        rows = tuple((each.title, each.handed_in, len(each.rows)) for each in self.groups)
        yield Table("Overblik", ("KKR", "Har indsendt", "Kommuner"), rows)


@dataclass(frozen=True)
class DeliveryTable(Part):
    """Who has handed in, and who has not."""

    template = "reports/delivery_table.html"
    content = "tabel"
    heading = "Hvem har indsendt?"
    groups: tuple[DeliveryGroup, ...]

    def tables(self) -> Iterable[Table]:
        rows = tuple((group.title, row.place, row.handed_in_on) for group in self.groups for row in group.rows)
        yield Table("Kommuner", ("KKR", "Kommune", "Indsendt"), rows)
