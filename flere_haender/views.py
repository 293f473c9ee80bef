"""The front page, which asks all the apps, and the pages that belong to none of them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from flere_haender.access import is_member, membership_of
from flere_haender.days import today
from initiatives.answers import asked_cells, group_by_theme
from initiatives.feed import followed_by, latest_changes
from initiatives.history import Cell
from initiatives.models import Participation, Recommendation, Thresholds
from initiatives.moment import Moment
from initiatives.our_status import Page, pick
from initiatives.overview import by_theme, national_heading, plan_rows
from initiatives.status import NOT_ASSESSED, Signal, Spread
from initiatives.tilemap import tilemap
from stakeholders.models import Municipality


@login_not_required
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """The state of the plan at a glance; for a municipal user their own municipality first."""
    moment = Moment.now()
    membership = membership_of(request.user)
    municipality = membership.municipality if membership else None
    rows = plan_rows(moment, municipality=municipality)
    context = {
        "section": "front",
        "moment": moment,
        "own": _own(municipality, moment, request.user) if municipality else None,
        "round": _round(municipality, request.user) if municipality else None,
        "heading": national_heading(rows),
        "themes": by_theme(rows),
        "show_own": municipality is not None,
        "map": tilemap(moment) if is_member(request.user) else None,
        "changes": latest_changes(request.user, within=followed_by(request.user), limit=8),
    }
    return TemplateResponse(request, "front.html", context)


def _round(municipality: Municipality, user: Any) -> Page | None:
    """The municipality's part in the round that is open, or that it has been given more time for."""
    found = pick(Participation.objects.visible_to(user).filter(municipality=municipality), on=today())
    return Page(found, user) if found and found.is_running else None


def _own(municipality: Municipality, moment: Moment, user: Any) -> dict[str, Any]:
    cells: list[Cell] = asked_cells(municipality, moment, user)
    spread = Spread.of(cell.status for cell in cells)
    rows = [cell.rows[0] for cell in cells if cell.rows]
    return {
        "municipality": municipality,
        "asked": len(cells),
        "answered": spread.answered,
        "missing": len(cells) - spread.answered,
        "strip": [group.cells for group in group_by_theme(cells)],
        "first_missing": next((cell for cell in cells if cell.status == NOT_ASSESSED), None),
        "spread": spread,
        "red": [cell for cell in cells if cell.signal == Signal.RED],
        "overdue": [cell for cell in cells if cell.is_overdue],
        "latest": max(rows, key=lambda row: row.recorded_at, default=None),
    }


@login_not_required
@require_safe
def about_figures(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "about_figures.html", {"thresholds": Thresholds.holding(Moment.now())})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database is migrated and the reference data are loaded, otherwise 503."""
    try:
        executor = MigrationExecutor(connection)
        migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        is_ready = migrated and Recommendation.objects.count() >= 26 and Municipality.objects.real().count() >= 98
    except DatabaseError:
        is_ready = False
    text = "klar" if is_ready else "ikke klar"
    return HttpResponse(f"{text}\n", status=200 if is_ready else 503, content_type="text/plain; charset=utf-8")
