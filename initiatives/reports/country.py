"""KL's status of the plan, or of a theme, beside the spread of the municipalities' own; public facts only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from initiatives.history import Cell
from initiatives.models import Progress, Theme, Thresholds
from initiatives.models.action_plan import key_of
from initiatives.moment import Moment
from initiatives.overview import addressees, signal_counts, spreads
from initiatives.status import Spread

from .cells import by_theme, cells_of, changed_rows, changes_part, corrections_part, grouped, row_of, since_part
from .extras import answers_together
from .facts import Brief, Recipe, Report, compose, finding, in_plan, plan_of
from .municipality import attention, proposal
from .parts import (
    Answers,
    Attention,
    CaseText,
    Changes,
    Corrections,
    Group,
    NationalTable,
    Overview,
    ReportRow,
    SinceThen,
)
from .words import listed

TWO_VOICES = "KL vurderer den nationale status. Kommunernes egne svar står ved siden af og regnes ikke ind."
REAL = ~Q(progress__municipality__is_fictional=True)


@dataclass(frozen=True)
class _National:
    """The national lines of some recommendations, with what the municipalities say."""

    moment: Moment
    cells: list[Cell]
    rows: list[ReportRow]

    @classmethod
    def of(cls, moment: Moment, **which: Any) -> _National:
        cells = cells_of(Progress.objects.national().filter(**which), moment)
        spread_of, addressed, thresholds = spreads(moment), addressees(moment), Thresholds.holding(moment)
        rows = []
        for cell in cells:
            pk = cell.recommendation.pk
            spread = spread_of.get(pk)
            rows.append(row_of(cell, addressees=addressed.get(pk, ""), spread=spread, thresholds=thresholds))
        return cls(moment, cells, rows)

    @property
    def spread(self) -> Spread:
        return Spread.of(row.status for row in self.rows)

    @property
    def asked(self) -> list[Any]:
        """The recommendations that the municipalities are asked about."""
        return [cell.recommendation for cell, row in zip(self.cells, self.rows, strict=True) if row.spread is not None]

    @property
    def basis(self) -> str:
        return f"{self.spread.answered} af {self.spread.total} anbefalinger er vurderet."

    def recipe(
        self, name: str, groups: tuple[Group, ...], by: str, case_text: Callable[[], CaseText | None]
    ) -> Recipe:
        moment, rows = self.moment, self.rows
        changed = changed_rows(self.cells, moment)
        heading = "Hvor langt er KL, staten og de andre?"
        return [
            (Overview, lambda: Overview(heading, name, self.spread, groups, of="anbefalinger", by=by)),
            (Attention, lambda: attention(rows, moment, "Hvad skal man lægge mærke til?")),
            (SinceThen, lambda: since_part(changed, moment, signal_counts(rows))),
            (NationalTable, lambda: NationalTable(f"De {len(rows)} anbefalinger", groups)),
            (Changes, lambda: changes_part(changed, moment)),
            (Corrections, lambda: corrections_part(self.cells, moment)),
            (Answers, lambda: answers_together(self.asked, moment)),
            (CaseText, case_text),
        ]


def national_report(moment: Moment, *, only: Sequence[int] | None = None, **asked: Any) -> Report:
    """The report of the country.

    Args:
        only: the numbers of the recommendations to report on; all of them when None.
        asked: of the ``Brief``: ``front``, ``contents``, ``compared``.
    """
    brief = Brief(moment, **asked)
    moment = brief.pinned(REAL)
    found = _National.of(moment, **({} if only is None else {"recommendation__number__in": only}))
    themes, url = by_theme(found.cells, found.rows), reverse("national_report")
    chosen = f"anbefaling {listed(row.number for row in found.rows)}" if only is not None else ""
    plan = plan_of(moment)
    text = CaseText(proposal("Det indstilles", "den nationale status", plan, brief))
    return compose(
        brief,
        moment,
        found.recipe("Hele landet", themes, "Tema", lambda: text),
        url=f"{url}?kun={','.join(str(row.number) for row in found.rows)}" if only is not None else url,
        title=finding(found.spread, "anbefalinger"),
        lead=f"KL’s opfølgning på handleplanen {plan}.",
        basis=found.basis,
        subject_name=f"Hele landet, {chosen}" if chosen else "Hele landet",
        reading=(TWO_VOICES, *((f"Rapporten handler kun om {chosen}.",) if chosen else ())),
    )


def theme_report(theme: Theme, moment: Moment, **asked: Any) -> Report:
    """The report of one theme: the same facts, by focus area."""
    brief = Brief(in_plan(moment, theme.plan.slug), **asked)
    moment = brief.pinned(REAL)
    found = _National.of(moment, recommendation__focus_area__theme=theme)
    areas = grouped((cell.recommendation.focus_area for cell in found.cells), found.rows)
    areas = tuple(Group(area.title, area.spread, area.rows) for area in areas)
    return compose(
        brief,
        moment,
        found.recipe(theme.title, areas, "Indsatsområde", lambda: None),
        url=f"{reverse('reports')}?om=tema:{key_of(theme.plan.slug, theme.number)}",
        title=finding(found.spread, "anbefalinger"),
        lead=f"Tema {theme.number} i KL’s handleplan {theme.plan.title}: {theme.title}.",
        basis=found.basis,
        subject_name=f"Tema {theme.number}: {theme.title}",
        reading=(TWO_VOICES, f"Rapporten handler kun om tema {theme.number}."),
    )
