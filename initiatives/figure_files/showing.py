"""A file with figures as people look it through: what is new, changed, refused and left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Min, Q

from initiatives.models import FigureImport, Indicator, Outcome
from initiatives.models.figure_import import last_change
from initiatives.models.figure_rows import SHOWN, Compared, Comparison, Staged, compare
from initiatives.status import thousands
from stakeholders.models import Municipality
from stakeholders.spellings import MunicipalityNames

WORDS = (("new", "nyt tal", "nye tal"), ("changed", "ændret", "ændrede"), ("refused", "afvist", "afviste"))
LABELS = {"new": "Nye", "changed": "Ændrede"}
SAMPLE = 5


@dataclass(frozen=True)
class Line:
    """A figure beside the one that holds now, with its names."""

    address: str
    municipality: str
    year: int
    indicator: str
    before: Decimal | None
    value: Decimal


@dataclass(frozen=True)
class Group:
    """What can be chosen together: the first figures of it, and how many there are."""

    name: str
    label: str
    count: int
    lines: list[Line]

    @property
    def rest(self) -> int:
        return self.count - len(self.lines)


class Shown:
    """All that a page says of an import, in a fixed number of queries. What saving would change is worked out anew."""

    def __init__(self, job: FigureImport) -> None:
        self.job = job

    @cached_property
    def compared(self) -> Comparison:
        _ = self.seen  # read first, so that nothing slips in between
        return compare(self.job)

    @cached_property
    def seen(self) -> int:
        return last_change(self.job.chosen)

    @cached_property
    def indicators(self) -> dict[int, Indicator]:
        return Indicator.objects.in_bulk(self.job.chosen)

    @cached_property
    def municipalities(self) -> dict[int, Municipality]:
        return Municipality.objects.in_bulk()

    @cached_property
    def outcomes(self) -> dict[int, int]:
        counted = self.job.rows.order_by().values_list("outcome").annotate(count=Count("pk"))
        return dict(counted)

    @property
    def heading(self) -> str:
        """The finding."""
        counted = self.compared.counts | {"refused": self.refused_count}
        parts = [
            f"{thousands(number)} {one if number == 1 else more}"
            for name, one, more in WORDS
            if (number := counted.get(name, 0))
        ]
        return ", ".join(parts) if parts else "Ingen ændringer"

    @property
    def groups(self) -> list[Group]:
        found = ((name, label, self.compared.counts.get(name, 0)) for name, label in LABELS.items())
        return [Group(name, label, count, self._lines(name)) for name, label, count in found if count]

    def _lines(self, state: str) -> list[Line]:
        return [self._line(row) for row in self.compared.rows.get(state, [])]

    def _line(self, row: Compared) -> Line:
        place, indicator = self.municipalities[row.municipality_id], self.indicators[row.indicator_id]
        return Line(row.address, place.name, row.year, indicator.name, row.before, row.value)

    @cached_property
    def withdrawing(self) -> list[str]:
        """What would become of the figures that were saved, a sentence for each sort."""
        stays, back = Q(is_overtaken=True), Q(is_overtaken=False, has_before=True)
        counts = self.job.figures.with_neighbours().aggregate(
            gone=Count("pk", filter=~stays & ~back), back=Count("pk", filter=back), stays=Count("pk", filter=stays)
        )
        said = {
            "gone": "{} tal bliver fjernet.",
            "back": "For {} tal gælder værdien fra før igen.",
            "stays": "{} tal er senere ændret og bliver stående.",
        }
        return [sentence.format(thousands(counts[sort])) for sort, sentence in said.items() if counts[sort]]

    @property
    def same(self) -> int:
        return self.compared.counts.get("same", 0)

    @property
    def repeated(self) -> int:
        return self.compared.counts.get("repeated", 0)

    @property
    def refused_count(self) -> int:
        return self.outcomes.get(Outcome.REFUSED, 0) + self.compared.counts.get("disagrees", 0)

    @cached_property
    def refused(self) -> list[tuple[str, str]]:
        """The first ones: the cell, and why."""
        rows = self.job.rows.filter(outcome=Outcome.REFUSED)[:SHOWN]
        found = [(row.address, row.message) for row in rows]
        return (found + [(line.address, self._disagreement(line)) for line in self._lines("disagrees")])[:SHOWN]

    def _disagreement(self, line: Line) -> str:
        return f"{line.municipality} {line.year} står flere gange i filen med forskellige tal."

    @property
    def refused_rest(self) -> int:
        return self.refused_count - len(self.refused)

    @cached_property
    def left_out(self) -> list[Any]:
        """The lines that are about no municipality: what stands there, and how often."""
        return self._counted(Outcome.LEFT_OUT, "place")

    @cached_property
    def nothing(self) -> list[Any]:
        """What stands where there is no figure, and how often."""
        return self._counted(Outcome.NOTHING, "message")

    def _counted(self, outcome: Outcome, name: str) -> list[Any]:
        rows = self.job.rows.filter(outcome=outcome).order_by().values(said=F(name))
        return list(rows.annotate(count=Count("pk"), first=Min("pk")).order_by("first")[:SHOWN])

    @property
    def not_chosen(self) -> list[tuple[str, int]]:
        """The names that were left out, with how many figures they have."""
        return [(label, count) for label, count in self.job.labels if not self.job.indicators.get(label)]


@dataclass(frozen=True)
class Understood:
    """One figure of the file, as it is read."""

    staged: Staged
    municipality: str


def understood(rows: Iterable[Staged], names: MunicipalityNames) -> list[Understood]:
    """The first figures among the rows."""
    by_id = {each.pk: each.name for each in names.by_code.values()}
    figures = [row for row in rows if row.outcome == Outcome.FIGURE and row.municipality_id][:SAMPLE]
    return [Understood(row, by_id[row.municipality_id or 0]) for row in figures]
