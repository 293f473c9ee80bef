"""What a municipality has answered: the cells that it is asked about, by theme."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flere_haender.prepared import prepared
from stakeholders.models import Municipality

from .history import Cell, with_history
from .models import SHORT_PLAN, ActionPlan, Progress, Recommendation, Theme
from .moment import Moment
from .overview import State
from .status import NOT_ASSESSED, Spread


@dataclass(frozen=True)
class Answer:
    """What a municipality answers to one recommendation, without its history."""

    recommendation: Recommendation
    municipality: Municipality
    state: State

    @property
    def status(self) -> str:
        return self.state.status

    @property
    def anchor(self) -> str:
        return self.recommendation.slug

    def get_absolute_url(self) -> str:
        return f"{self.municipality.get_absolute_url()}#anbefaling-{self.anchor}"


@dataclass(frozen=True)
class CellGroup:
    """The cells of one theme."""

    theme: Theme
    cells: list[Any]  # each with a recommendation and a status

    @property
    def spread(self) -> Spread:
        return Spread.of(cell.status for cell in self.cells)

    @property
    def summary(self) -> str:
        return f"{self.spread.answered} af {len(self.cells)} besvaret"


def asked_cells(
    municipality: Municipality,
    moment: Moment,
    reader: Any,
    *,
    shown: int = 1,
    texts: Iterable[Recommendation] | None = None,
) -> list[Cell]:
    """The municipality's cells that count on the day, with texts and histories; few queries, however many rows.

    Args:
        shown: how many rows of each history.
        texts: ``all_texts`` of the moment, when the caller has use for them too.
    """
    texts_of = {found.pk: found for found in (all_texts(moment) if texts is None else texts)}
    asked = _counting(municipality=municipality.pk, plan=moment.plan, as_of=moment.as_of, known_at=moment.known_at)
    cells = [cell for cell in asked if cell.recommendation_id in texts_of]
    for cell in cells:
        cell.recommendation, cell.municipality = texts_of[cell.recommendation_id], municipality
    return with_history(cells, moment=moment, reader=reader, shown=shown)


def all_texts(moment: Moment) -> list[Recommendation]:
    """The recommendations of all plans that there were then, the retired ones too, with their texts; one query."""
    return _texts(as_of=moment.as_of, known_at=moment.known_at)


@prepared
def _texts(*, as_of: date, known_at: datetime | None) -> Any:
    return Recommendation.objects.with_text(as_of=as_of, known_at=known_at)


@prepared
def _counting(*, municipality: int, as_of: date, known_at: datetime | None, plan: str) -> Any:
    cells = Progress.objects.filter(municipality=municipality).counting(as_of=as_of, known_at=known_at, plan=plan)
    return cells.order_by("recommendation__focus_area__theme__plan", "recommendation__number")


def by_plan(cells: list[Cell], current: ActionPlan | None) -> list[tuple[ActionPlan, list[Cell]]]:
    """The cells of each plan, those of the current one first, and then the newest."""
    groups: dict[ActionPlan, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.recommendation.focus_area.theme.plan, []).append(cell)
    return sorted(groups.items(), key=lambda group: (group[0] != current, -group[0].year, group[0].slug))


def group_by_theme(cells: Iterable[Any]) -> list[CellGroup]:
    groups: dict[int, CellGroup] = {}
    for cell in cells:
        theme = cell.recommendation.focus_area.theme
        groups.setdefault(theme.pk, CellGroup(theme, [])).cells.append(cell)
    return sorted(groups.values(), key=lambda group: group.theme.number)


def progress_context(cells: list[Cell]) -> dict[str, Any]:
    """How far a municipality is with one plan, for the page and for the line on it."""
    plan = cells[0].recommendation.plan_slug if cells else SHORT_PLAN
    return {
        "progress_id": "fremdrift" if plan == SHORT_PLAN else f"fremdrift-{plan}",
        "themes": group_by_theme(cells),
        "cells": cells,
        "spread": Spread.of(cell.status for cell in cells),
        "missing": sum(cell.status == NOT_ASSESSED for cell in cells),
    }
