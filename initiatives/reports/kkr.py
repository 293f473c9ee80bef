"""Where the municipalities of a KKR are, beside the country. For members: nothing by KKR is public."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.urls import reverse

from initiatives.history import Cell
from initiatives.models import Progress
from initiatives.moment import Moment
from initiatives.overview import spreads
from initiatives.status import Signal, Spread
from stakeholders.models import Kkr, Municipality

from .case import Matter, case_text
from .cells import base_sentences, cells_of, corrections_part, row_of
from .country import REAL
from .documents import known_events, known_figures
from .extras import actions_in
from .facts import Brief, Report, at, compose, finding, plan_of, texts_of
from .parts import (
    Beside,
    BesideTable,
    CaseText,
    Corrections,
    Group,
    KnownEvents,
    KnownFigures,
    Months,
    Movement,
    Movements,
    Overview,
    PlacedActions,
    PlacedCorrections,
    PlacesMap,
    PlacesTable,
    Red,
)
from .pictures import months, places_map

BESIDE = "Øverst KKR’et, nederst hele landet. Længden er andelen af dem, der tæller med."


class _Members:
    """The municipalities of a KKR on the day, and where their cells stand. The fictional one is no member."""

    def __init__(self, kkr: Kkr, moment: Moment) -> None:
        self.kkr, self.moment = kkr, moment
        self.places = {each.pk: each for each in self._members()}
        self.progress = Progress.objects.filter(municipality__in=self.places)
        self.cells = list(self.progress.counting(**at(moment), plan=moment.plan).with_status(**at(moment)))
        asked = {cell.recommendation_id for cell in self.cells}
        self.recommendations = [each for each in texts_of(moment).order_by("number") if each.pk in asked]

    def _members(self) -> Any:
        on = self.moment.as_of
        return Municipality.objects.real().placed(as_of=on).in_kkr(self.kkr, as_of=on)

    @property
    def name(self) -> str:
        return self.kkr.full_name

    @property
    def spread(self) -> Spread:
        return Spread.of(cell.status for cell in self.cells)

    def spreads_by(self, key: str) -> dict[int, Spread]:
        statuses: dict[int, list[str]] = defaultdict(list)
        for cell in self.cells:
            statuses[getattr(cell, key)].append(cell.status)
        return {value: Spread.of(those) for value, those in statuses.items()}

    def histories(self, cells: Iterable[Progress]) -> list[Cell]:
        return cells_of(Progress.objects.filter(pk__in=[cell.pk for cell in cells]), self.moment)

    def themes(self) -> tuple[Group, ...]:
        """The recommendations by theme, each beside the country."""
        here, country = self.spreads_by("recommendation_id"), spreads(self.moment)
        rows: dict[Any, list[Beside]] = defaultdict(list)
        for each in self.recommendations:
            row = Beside(each.number, each.title, here[each.pk], country[each.pk])
            rows[each.focus_area.theme].append(row)
        return tuple(
            Group(theme.title, together(row.here for row in rows[theme]), tuple(rows[theme]), number=theme.number)
            for theme in sorted(rows, key=lambda theme: theme.number)
        )

    def by_place(self) -> tuple[Group, ...]:
        spread_of = self.spreads_by("municipality_id")
        return tuple(Group(each.name, spread_of.get(each.pk, Spread.of([]))) for each in self.places.values())

    def months(self) -> Months | None:
        return months(self.progress.filter(pk__in=[cell.pk for cell in self.cells]), self.moment, of="svar")

    def map(self) -> PlacesMap | None:
        return places_map(self.places.values(), self.spreads_by("municipality_id"))

    @cached_property
    def before(self) -> dict[int, Progress]:
        """The same cells as of the day that is compared with, by their id."""
        cells = self.progress.filter(pk__in=[cell.pk for cell in self.cells])
        return {cell.pk: cell for cell in cells.with_status(**at(self.moment.at_since))}

    def movements(self) -> Movements | None:
        if self.moment.since is None:
            return None
        before, rows = self.before, []
        for each in self.recommendations:
            cells = [cell for cell in self.cells if cell.recommendation_id == each.pk]
            moved = {cell.municipality_id for cell in cells if _differ(cell, before[cell.pk])}
            then, now = (Spread.of(cell.status for cell in those) for those in ([before[c.pk] for c in cells], cells))
            names = tuple(place.name for pk, place in self.places.items() if pk in moved)
            if names:
                rows.append(Movement(each.number, each.title, then, now, names))
        return Movements(self.moment.since, tuple(rows), base_sentences(self.moment))

    def corrections(self) -> Corrections | None:
        then = self.moment.known_then
        if then is None or self.moment.since is None:
            return None
        cells = self.progress.filter(pk__in=[cell.pk for cell in self.cells])
        known = {cell.pk: cell for cell in cells.with_status(as_of=self.moment.since, known_at=then)}
        differing = [cell for pk, cell in self.before.items() if _differ(cell, known[pk])]
        return corrections_part(self.histories(differing), self.moment, PlacedCorrections)

    @cached_property
    def red(self) -> Red:
        cells = self.histories(cell for cell in self.cells if cell.signal == Signal.RED)
        order = {place.name: number for number, place in enumerate(self.places.values())}
        return Red(tuple(sorted(map(row_of, cells), key=lambda row: (order[row.place], row.number))))


def _differ(one: Progress, other: Progress) -> bool:
    return (one.status, one.signal) != (other.status, other.signal)


def together(spreads: Iterable[Spread]) -> Spread:
    """Several spreads as one."""
    totals: dict[str, int] = defaultdict(int)
    for spread in spreads:
        for status, count in spread:
            totals[status] += count
    return Spread(tuple((status, totals[status]) for status, _ in Spread.of([])))


def kkr_report(kkr: Kkr, moment: Moment, **asked: Any) -> Report:
    """The report of a KKR.

    Args:
        asked: of the ``Brief``: ``front``, ``contents``, ``compared``.
    """
    brief = Brief(moment, **asked)
    moment = brief.pinned(REAL, rounds=True)
    found = _Members(kkr, moment)
    plan = plan_of(moment)
    name, spread, themes = found.name, found.spread, found.themes()
    country = Group("Hele landet", together(row.country for group in themes for row in group.rows))
    bars = (*themes, country)
    count, title = len(found.places), finding(spread, "svar")
    basis = f"{spread.answered} af {spread.total} svar er givet. Et svar er en anbefaling i en kommune."

    def case() -> CaseText:
        matter = Matter(name, plan, title, basis, spread, themes, urgent=found.red.rows)
        return case_text(brief, moment, matter, "Det indstilles", f"status i {name}")

    return compose(
        brief,
        moment,
        [
            (
                Overview,
                lambda: Overview(f"Hvor langt er de {count} kommuner?", name, spread, bars, of="svar", by="Tema"),
            ),
            (Months, found.months),
            (PlacesMap, found.map),
            (Red, lambda: found.red),
            (PlacesTable, lambda: PlacesTable(f"De {count} kommuner", found.by_place())),
            (
                BesideTable,
                lambda: BesideTable(f"De {len(found.recommendations)} anbefalinger", name, themes),
            ),
            (Movements, found.movements),
            (PlacedCorrections, found.corrections),
            (PlacedActions, lambda: actions_in(found.places.values(), moment)),
            (KnownFigures, lambda: known_figures(found.recommendations, moment)),
            (KnownEvents, lambda: known_events(moment, rounds=True)),
            (CaseText, case),
        ],
        url=f"{reverse('reports')}?om=kkr:{kkr.slug}",
        title=title,
        lead=f"Kommunerne i {name} og KL’s handleplan {plan}.",
        basis=basis,
        subject_name=name,
        reading=(
            "Kommunerne svarer selv. KL’s nationale status indgår ikke i tallene.",
            BESIDE,
            "Tallene for et KKR og en kommune er for KL og kommunerne og er ikke offentlige.",
        ),
    )
