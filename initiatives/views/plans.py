"""The action plans, and each with its recommendations."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from flere_haender.access import membership_of
from flere_haender.days import today
from initiatives.models import ActionPlan, Recommendation
from initiatives.moment import Moment
from initiatives.overview import by_theme, national_heading, plan_rows


@login_not_required
@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    in_force = Recommendation.objects.with_text(as_of=today()).in_force()
    count = Count("themes__focus_areas__recommendations", filter=Q(themes__focus_areas__recommendations__in=in_force))
    context = {
        "section": "recommendations",
        "plans": ActionPlan.objects.annotate(count=count).order_by("-year", "-pk"),
        "current": ActionPlan.objects.current(as_of=today()).first(),
    }
    return TemplateResponse(request, "initiatives/plans.html", context)


@login_not_required
@require_safe
def plan_detail(request: HttpRequest, plan: str) -> HttpResponse:
    """One plan: its recommendations with the national status, the municipalities' answers and one's own."""
    found = get_object_or_404(ActionPlan, slug=plan)
    membership = membership_of(request.user)
    municipality = membership.municipality if membership else None
    rows = plan_rows(Moment.now(plan=plan), municipality=municipality)
    context = {
        "section": "recommendations",
        "plan": found,
        "is_current": found in ActionPlan.objects.current(as_of=today()),
        "heading": national_heading(rows) if rows else "",
        "themes": by_theme(rows),
        "show_own": municipality is not None,
    }
    return TemplateResponse(request, "initiatives/plan.html", context)
