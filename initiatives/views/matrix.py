"""All answers at once, and one of them with its history."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from flere_haender.access import belongs_to, member_required
from initiatives import matrix as answers
from initiatives.exporting import wanted_format
from initiatives.history import with_history
from initiatives.matrix_form import MatrixForm
from initiatives.models import ALL_PLANS, ActionPlan, Progress, Recommendation
from initiatives.moment import Moment
from stakeholders.models import Municipality


@require_safe
@member_required
def matrix(request: HttpRequest) -> HttpResponse:
    """Municipalities by recommendations; a choice or a date that cannot be used shows nothing."""
    moment = Moment.from_query(request.GET)
    form = MatrixForm(request.GET, as_of=moment.as_of, plan=moment.plan)
    valid = form.is_valid() and not moment.errors
    found = answers.matrix(moment, form.cleaned_data, request.user) if valid else None
    if (kind := wanted_format(request)) and found:
        return found.listing().file(kind)
    context = {
        "section": "matrix",
        "moment": moment,
        "page": f"{reverse('matrix')}{f'?plan={moment.plan}' if moment.plan else ''}",
        "plan": ActionPlan.objects.get(slug=moment.plan) if moment.plan else None,
        "form": form,
        "errors": [*(error for errors in form.errors.values() for error in errors), *moment.errors],
        "matrix": found,
        "chosen": form.narrows or not moment.is_now or moment.since,
    }
    return TemplateResponse(request, "initiatives/matrix.html", context, status=200 if valid else 400)


@require_safe
@member_required
def cell_detail(request: HttpRequest, code: int, key: str) -> HttpResponse:
    """One recommendation in one municipality: what holds, and every row of its log."""
    moment = Moment.from_query(request.GET)
    municipality = get_object_or_404(Municipality, code=code)
    texts = Recommendation.objects.with_text(as_of=moment.as_of, known_at=moment.known_at)
    recommendation = get_object_or_404(texts, slug=key)
    progress = get_object_or_404(Progress, municipality=municipality, recommendation=recommendation)
    progress.recommendation, progress.municipality = recommendation, municipality
    asked = Recommendation.objects.asked(as_of=moment.as_of, known_at=moment.known_at, plan=ALL_PLANS)
    context: dict[str, Any] = {
        "section": "own" if belongs_to(request.user, municipality.pk) else "municipalities",
        "moment": moment,
        "cell": with_history([progress], moment=moment, reader=request.user)[0],
        "is_asked": asked.filter(pk=recommendation.pk).exists(),
    }
    return TemplateResponse(request, "initiatives/cell.html", context, status=400 if moment.errors else 200)
