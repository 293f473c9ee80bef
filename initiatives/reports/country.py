"""KL's status of the plan, or of a theme, beside the spread of the municipalities' own; public facts only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from initiatives.history import Cell
from initiatives.models import Progress, Theme, Thresholds
from initiatives.models.action_plan import key_of
from initiatives.moment import Moment
from initiatives.overview import addressees, signal_counts, spreads, spreads_by
from initiatives.status import Spread
from stakeholders.models import Municipality

from .case import Matter, case_text
from .cells import (
    base_sentences,
    by_theme,
    cells_of,
    changed_rows,
    changes_part,
    corrections_part,
    grouped,
    row_of,
    since_part,
    unchanged,
    urgent,
)
from .documents import known_events, known_figures
from .extras import answers_together
from .facts import Brief, Recipe, Report, compose, finding, in_plan, plan_of
from .municipality import attention
from .parts import (
    Answers,
    Attention,
    CaseText,
    Changes,
    Corrections,
    Group,
    KnownEvents,
    KnownFigures,
    Months,
    NationalTable,
    Overview,
    PlacesMap,
    ReportRow,
    SinceThen,
)
from .pictures import municipal_months, places_map
from .words import listed

TWO_VOICES = "KL vurderer den nationale status. Kommunernes egne svar står ved siden af og regnes ikke ind."
REAL = ~Q(progress__municipality__is_fictional=True)


@dataclass(frozen=True)
class _National:
    """The national lines of some recommendations, with what the municipalities say; ``which``: as in ``of``."""

    moment: Moment
    cells: list[Cell]
    rows: list[ReportRow]
    which: dict[str, Any]

    @classmethod
    def of(cls, moment: Moment, **which: Any) -> _National:
        cells = cells_of(Progress.objects.national().filter(**which), moment)
        spread_of, addressed, thresholds = spreads(moment), addressees(moment), Thresholds.holding(moment)
        rows = []
        for cell in cells:
            pk = cell.recommendation.pk
            spread = spread_of.get(pk)
            rows.append(row_of(cell, addressees=addressed.get(pk, ""), spread=spread, thresholds=thresholds))
        return cls(moment, cells, rows, which)

    @property
    def spread(self) -> Spread:
        return Spread.of(row.status for row in self.rows)

    @property
    def recommendations(self) -> list[Any]:
        return [cell.recommendation for cell in self.cells]

    def country_map(self) -> PlacesMap | None:
        """How many of these recommendations each municipality has completed. For members."""
        asked = Progress.objects.of_municipalities().filter(recommendation__in=[each.pk for each in self.asked])
        places = Municipality.objects.real().placed(as_of=self.moment.as_of)
        return places_map(places, spreads_by("municipality_id", asked, self.moment))

    @property
    def asked(self) -> list[Any]:
        """The recommendations that the municipalities are asked about."""
        return [cell.recommendation for cell, row in zip(self.cells, self.rows, strict=True) if row.spread is not None]

    @property
    def title(self) -> str:
        return finding(self.spread, "anbefalinger")

    @property
    def basis(self) -> str:
        return f"{self.spread.answered} af {self.spread.total} anbefalinger er vurderet."

    def recipe(self, brief: Brief, plan: str, name: str, groups: tuple[Group, ...], by: str) -> Recipe:
        moment, rows = self.moment, self.rows
        changed = changed_rows(self.cells, moment)
        base = base_sentences(moment, "i kommunernes svar", **self.which)
        since = since_part(changed, moment, signal_counts(rows), base)
        heading = "Hvor langt er KL, staten og de andre?"
        matter = Matter(name, plan, self.title, self.basis, self.spread, groups, since, urgent(rows))
        return [
            (Overview, lambda: Overview(heading, name, self.spread, groups, of="anbefalinger", by=by)),
            (Months, lambda: municipal_months(self.asked, moment)),
            (PlacesMap, self.country_map),
            (Attention, lambda: attention(rows, moment, "Hvad skal man lægge mærke til?")),
            (SinceThen, lambda: since),
            (NationalTable, lambda: NationalTable(f"De {len(rows)} anbefalinger", groups)),
            (
                Changes,
                lambda: changes_part(
                    changed, moment, rest=unchanged(self.cells, changed, moment, answered="vurderet")
                ),
            ),
            (Corrections, lambda: corrections_part(self.cells, moment)),
            (Answers, lambda: answers_together(self.asked, moment)),
            (KnownFigures, lambda: known_figures(self.recommendations, moment)),
            (KnownEvents, lambda: known_events(moment, rounds=_is_for_members(brief))),
            (CaseText, lambda: case_text(brief, moment, matter, "Det indstilles", "den nationale status")),
        ]


def _is_for_members(brief: Brief) -> bool:
    """The map names municipalities, and rounds are for members too."""
    return PlacesMap.content in brief.contents


def national_report(moment: Moment, *, only: Sequence[int] | None = None, **asked: Any) -> Report:
    """The report of the country.

    Args:
        only: the numbers of the recommendations to report on; all of them when None.
        asked: of the ``Brief``: ``front``, ``contents``, ``compared``.
    """
    brief = Brief(moment, **asked)
    moment = brief.pinned(REAL, rounds=_is_for_members(brief))
    found = _National.of(moment, **({} if only is None else {"recommendation__number__in": only}))
    themes, url = by_theme(found.cells, found.rows), reverse("national_report")
    chosen = f"anbefaling {listed(row.number for row in found.rows)}" if only is not None else ""
    plan = plan_of(moment)
    return compose(
        brief,
        moment,
        found.recipe(brief, plan, "Hele landet", themes, "Tema"),
        url=f"{url}?kun={','.join(str(row.number) for row in found.rows)}" if only is not None else url,
        title=found.title,
        lead=f"KL’s opfølgning på handleplanen {plan}.",
        basis=found.basis,
        subject_name=f"Hele landet, {chosen}" if chosen else "Hele landet",
        reading=(TWO_VOICES, *((f"Rapporten handler kun om {chosen}.",) if chosen else ())),
    )


def theme_report(theme: Theme, moment: Moment, **asked: Any) -> Report:
    """The report of one theme: the same facts, by focus area."""
    brief = Brief(in_plan(moment, theme.plan.slug), **asked)
    moment = brief.pinned(REAL, rounds=_is_for_members(brief))
    found = _National.of(moment, recommendation__focus_area__theme=theme)
    areas = grouped((cell.recommendation.focus_area for cell in found.cells), found.rows)
    areas = tuple(Group(area.title, area.spread, area.rows) for area in areas)
    return compose(
        brief,
        moment,
        found.recipe(brief, theme.plan.title, theme.title, areas, "Indsatsområde"),
        url=f"{reverse('reports')}?om=tema:{key_of(theme.plan.slug, theme.number)}",
        title=found.title,
        lead=f"Tema {theme.number} i KL’s handleplan {theme.plan.title}: {theme.title}.",
        basis=found.basis,
        subject_name=f"Tema {theme.number}: {theme.title}",
        reading=(TWO_VOICES, f"Rapporten handler kun om tema {theme.number}."),
    )
