"""*Min side*: what I owe, by when, what has happened to what was handed in, and what has gone quiet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from flere_haender.access import is_kl_consultant, member_required, membership_of
from flere_haender.days import today
from initiatives.models import LocalAction, Participation, Progress, State
from initiatives.models.rounds import ReportingRound
from initiatives.our_status import Page
from stakeholders.models import Municipality

# A local action, or a national status, that nobody has touched for so long.
QUIET_AFTER = timedelta(days=182)
SHOWN = 10


@require_safe
@member_required
def my_page(request: HttpRequest) -> HttpResponse:
    municipality = membership_of(request.user).municipality
    context = _municipal(request, municipality) if municipality else _at_kl(request)
    return TemplateResponse(request, "initiatives/my_page.html", {"section": "mine", **context})


def _municipal(request: HttpRequest, municipality: Municipality) -> dict[str, Any]:
    visible = Participation.objects.visible_to(request.user).filter(municipality=municipality)
    visible = visible.select_related("round", "municipality")
    owing = sorted(visible.owing(on=today()), key=lambda here: here.deadline)
    actions = LocalAction.objects.visible_to(request.user).filter(municipality=municipality)
    return {
        "municipality": municipality,
        "owed": [Page(here, request.user) for here in owing],
        "handed_in": [Page(here, request.user) for here in visible.exclude(submissions=None).order_by("-pk")[:3]],
        "late": actions.late(on=today()).order_by("ends_on", "pk")[:SHOWN],
        "quiet": actions.untouched_since(today() - QUIET_AFTER).order_by("touched_at")[:SHOWN],
        "today": today(),
    }


def _at_kl(request: HttpRequest) -> dict[str, Any]:
    """KL's own: what waits for a receipt, and national statuses that nobody has looked at for long."""
    day = today()
    waiting = Participation.objects.filter(state=State.SUBMITTED, municipality__is_fictional=False)
    lines = Progress.objects.national().with_status(as_of=day).select_related("recommendation")
    touched = Progress.objects.national().filter(updates__effective_on__gte=day - QUIET_AFTER)
    fresh = set(touched.values_list("pk", flat=True))
    return {
        "rounds": ReportingRound.objects.open().with_progress(),
        "waiting": waiting.select_related("round", "municipality").order_by("pk")[:SHOWN],
        "waiting_count": waiting.count(),
        "stale": [line for line in lines if line.pk not in fresh],
        "may_write": is_kl_consultant(request.user),
        "today": day,
    }
