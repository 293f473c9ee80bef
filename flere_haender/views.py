"""The front page, which asks all the apps, and the pages that belong to none of them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from flere_haender.access import is_kl, is_member, membership_of
from flere_haender.days import today
from flere_haender.logs import request_id
from initiatives.answers import Answer, group_by_theme
from initiatives.feed import followed_by, latest_changes
from initiatives.history import is_overdue, latest_line
from initiatives.models import Participation, Recommendation, Thresholds
from initiatives.moment import Moment
from initiatives.our_status import HowFar, pick
from initiatives.overview import Answers, PlanRow, by_theme, national_heading, plan_rows
from initiatives.status import NOT_ASSESSED, Signal, Spread
from initiatives.tilemap import tilemap
from stakeholders.models import Municipality
from stakeholders.seeing_as import seeing_of
from stakeholders.trail import concerns

SECURITY_TEXT_HOLDS = timedelta(days=180)


@login_not_required
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """The state of the plan at a glance; for a municipal user their own municipality first."""
    moment = Moment.now()
    membership = membership_of(request.user)
    municipality = membership.municipality if membership else None
    answers = Answers(moment)
    rows = plan_rows(moment, municipality=municipality, answers=answers)
    changes = latest_changes(
        request.user, within=followed_by(request.user), limit=8, texts=[row.recommendation for row in rows]
    )
    if is_kl(request.user) and changes:
        concerns(request)  # what the municipalities have answered
    context = {
        "section": "front",
        "moment": moment,
        "own": _own(municipality, rows, moment) if municipality else None,
        **(_round_or_latest(municipality, rows, request.user) if municipality else {}),
        "heading": national_heading(rows),
        "themes": by_theme(rows),
        "show_own": municipality is not None,
        "map": tilemap(moment, answers) if is_member(request.user) else None,
        "changes": changes,
    }
    return TemplateResponse(request, "front.html", context)


def _round_or_latest(municipality: Municipality, rows: list[PlanRow], user: Any) -> dict[str, Any]:
    """The municipality's part in the round that is open, or that it has been given more time for.

    Without one: what it saved last.
    """
    found = pick(Participation.objects.visible_to(user).filter(municipality=municipality), on=today())
    if found and found.is_running:
        return {"round": HowFar(found, user, (row.recommendation for row in rows))}
    asked = [row.recommendation.pk for row in rows if row.own]
    return {"latest": latest_line(municipality, asked, user)}


def _own(municipality: Municipality, rows: list[PlanRow], moment: Moment) -> dict[str, Any]:
    cells = [Answer(row.recommendation, municipality, row.own) for row in rows if row.own]
    spread = Spread.of(cell.status for cell in cells)
    return {
        "municipality": municipality,
        "asked": len(cells),
        "answered": spread.answered,
        "missing": len(cells) - spread.answered,
        "strip": [group.cells for group in group_by_theme(cells)],
        "first_missing": next((cell for cell in cells if cell.status == NOT_ASSESSED), None),
        "spread": spread,
        "red": [cell for cell in cells if cell.state.signal == Signal.RED],
        "overdue": [cell for cell in cells if is_overdue(cell.state, moment.as_of)],
    }


@login_not_required
@require_safe
def about_figures(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "about_figures.html", {"thresholds": Thresholds.holding(Moment.now())})


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "access_log_months": settings.ACCESS_LOG_MONTHS,
        "unused_months": settings.ACCOUNT_UNUSED_MONTHS,
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
    }
    return TemplateResponse(request, "privacy.html", context)


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "accessibility.html")


@login_not_required
@require_safe
def accessibility_statement(request: HttpRequest) -> HttpResponse:
    """Where Danish public sites have their accessibility statement found: ours, or the one that is published."""
    return redirect(settings.ACCESSIBILITY_STATEMENT or "accessibility")


@login_not_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a hole in the service (RFC 9116)."""
    expires = datetime.combine(today() + SECURITY_TEXT_HOLDS, time(), UTC)
    lines = {
        "Contact": f"mailto:{settings.CONTACT_EMAIL}",
        "Expires": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages": "da, en",
        "Canonical": f"{settings.SITE_URL}{reverse('security')}",
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon where no page names it, as when a browser shows a PDF."""
    return redirect(static("icon.svg"))


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """What allauth answers when its limits are passed. What was typed goes along to the next attempt, but secrets."""
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not any(secret in name for secret in ("password", "token", "code", "credential"))
    ]
    response = TemplateResponse(request, "429.html", {"typed": typed}, status=429, headers={"Retry-After": "300"})
    return response.render()


def server_error(request: HttpRequest) -> HttpResponse:
    """What nobody foresaw, with the number under which it stands in the log."""
    return _alone(request, "500.html", status=500)


def too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token of the page, or with that of an earlier sign-in."""
    return _alone(request, "403_csrf.html", status=403)


def _alone(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    """A page that asks nobody, for whoever would be asked may be what is broken."""
    known: dict[str, Any] = {"request_id": request_id.get(), "seeing_as": seeing_of(request)}
    if known["seeing_as"]:
        known["csrf_token"] = get_token(request)
    return HttpResponse(render_to_string(template, known), status=status)


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """200 while this process answers; it asks nobody else."""
    return HttpResponse("lever\n", content_type="text/plain; charset=utf-8")


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
