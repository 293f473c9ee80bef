"""What a municipality has answered: the cells that it is asked about, by theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stakeholders.models import Municipality

from .history import Cell, with_history
from .models import SHORT_PLAN, ActionPlan, Progress, Recommendation, Theme
from .moment import Moment
from .status import NOT_ASSESSED, Spread


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


def asked_cells(municipality: Municipality, moment: Moment, reader: Any, *, shown: int = 1) -> list[Cell]:
    """The municipality's cells that count on the day, with texts and histories; few queries, however many rows.

    Args:
        shown: how many rows of each history.
    """
    counting = Progress.objects.filter(municipality=municipality).counting(
        as_of=moment.as_of, known_at=moment.known_at, plan=moment.plan
    )
    texts = Recommendation.objects.with_text(as_of=moment.as_of, known_at=moment.known_at).in_bulk()
    cells = list(
        counting.filter(recommendation__in=texts).order_by(
            "recommendation__focus_area__theme__plan", "recommendation__number"
        )
    )
    for cell in cells:
        cell.recommendation, cell.municipality = texts[cell.recommendation_id], municipality
    return with_history(cells, moment=moment, reader=reader, shown=shown)


def by_plan(cells: list[Cell], current: ActionPlan | None) -> list[tuple[ActionPlan, list[Cell]]]:
    """The cells of each plan, those of the current one first, and then the newest."""
    groups: dict[ActionPlan, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.recommendation.focus_area.theme.plan, []).append(cell)
    return sorted(groups.items(), key=lambda group: (group[0] != current, -group[0].year, group[0].slug))


def group_by_theme(cells: list[Any]) -> list[CellGroup]:
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
