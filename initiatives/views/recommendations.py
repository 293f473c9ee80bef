from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from flere_haender.access import is_member, membership_of
from initiatives.development import development
from initiatives.filters import RecommendationFilter
from initiatives.history import Cell, with_history
from initiatives.inspiration import shared_with
from initiatives.key_answers import distributions
from initiatives.kkr import spreads_by_kkr, who_is_ahead
from initiatives.models import (
    SHORT_PLAN,
    ActionPlan,
    Addressing,
    Progress,
    Recommendation,
    StatusUpdate,
    Thresholds,
)
from initiatives.models.action_plan import key_of
from initiatives.models.plan import retired_on
from initiatives.moment import Moment
from initiatives.overview import Disagreement, plan_rows, signal_counts, states
from initiatives.related import related_to
from initiatives.status import DISPLAY_ORDER, NOT_ASSESSED, STATUS_LABELS, Spread
from initiatives.tilemap import status_map
from stakeholders.models import MUNICIPALITIES, Municipality

from .statuses import blank_form, form_context

PER_PAGE = 26
ACTIONS_SHOWN = 5


@login_not_required
@require_safe
def recommendation_list(request: HttpRequest) -> HttpResponse:
    moment = Moment.now()
    chosen = RecommendationFilter(request.GET, queryset=_with_national_status(moment), moment=moment)
    valid = chosen.is_valid()
    found = set(chosen.qs.values_list("pk", flat=True)) if valid else set()
    membership = membership_of(request.user)
    rows = plan_rows(moment, municipality=membership.municipality if membership else None)
    page = Paginator([row for row in rows if row.recommendation.pk in found], PER_PAGE).get_page(
        request.GET.get("side")
    )
    errors = [message for messages in chosen.form.errors.values() for message in messages]
    context = {
        "section": "recommendations",
        "filter": chosen,
        "errors": errors,
        "page": page,
        "count": page.paginator.count,
        "show_own": bool(membership and membership.municipality),
        "moment": moment,
        "filtered": any(request.GET.get(name) for name in chosen.filters),
    }
    return TemplateResponse(request, "initiatives/recommendations.html", context, status=200 if valid else 400)


def _with_national_status(moment: Moment) -> Any:
    rows = StatusUpdate.objects.filter(progress__municipality=None, progress__recommendation=OuterRef("pk"))
    rows = rows.standing(as_of=moment.as_of, known_at=moment.known_at)
    texts = Recommendation.objects.with_text(as_of=moment.as_of, known_at=moment.known_at)
    return texts.in_plan(moment.plan, as_of=moment.as_of).annotate(
        national_status=Coalesce(Subquery(rows.values("status")[:1]), Value(NOT_ASSESSED))
    )


@login_not_required
@require_safe
def recommendation_detail(request: HttpRequest, number: int, plan: str = SHORT_PLAN) -> HttpResponse:
    """The plan with the short addresses has no other ones."""
    moment = Moment.from_query(request.GET)
    texts = Recommendation.objects.with_text(as_of=moment.as_of, known_at=moment.known_at)
    recommendation = get_object_or_404(texts.select_related("source"), slug=key_of(plan, number))
    national = _national_cell(recommendation, moment, request.user)
    answers = _answers(recommendation, moment)
    addressed = Recommendation.objects.asked(as_of=moment.as_of, known_at=moment.known_at, plan=plan)
    is_addressed = addressed.filter(pk=recommendation.pk).exists()
    standing = list(recommendation.texts.standing(as_of=moment.as_of, known_at=moment.known_at))
    its_plan = recommendation.focus_area.theme.plan
    spread = Spread.of(cell.status for cell in answers) if is_addressed else None
    context = {
        "section": "recommendations",
        "recommendation": recommendation,
        "plan": its_plan,
        "is_current": its_plan in ActionPlan.objects.current(as_of=moment.as_of),
        "retired_on": retired_on(standing),
        "moment": moment,
        "national": national,
        "national_history": national.rows,
        "spread": spread,
        "signals": signal_counts(answers),
        "disagreement": Disagreement.between(national.status, spread, Thresholds.holding(moment)),
        "addressed": is_addressed,
        "own": _own_cell(request.user, recommendation, moment) if is_addressed else None,
        **(_for_members(answers, moment) if is_member(request.user) and is_addressed else {}),
        "development": development(recommendation, moment),
        "distributions": distributions(recommendation, moment) if is_addressed else [],
        "signed_in": is_member(request.user),
        "texts": [row for row in standing[1:] if row.wording != standing[0].wording],
        "changed": _changed(recommendation, national, moment),
        "related": related_to(recommendation),
        "actions": _shared_actions(recommendation, request.user) if is_member(request.user) else None,
        **_addressees(recommendation, moment),
        **_national_form(national, request.user),
    }
    status = 400 if moment.errors else 200
    return TemplateResponse(request, "initiatives/recommendation.html", context, status=status)


def _national_cell(recommendation: Recommendation, moment: Moment, reader: Any) -> Cell:
    progress = Progress.objects.national().get(recommendation=recommendation)
    progress.recommendation = recommendation
    return with_history([progress], moment=moment, reader=reader)[0]


def _own_cell(user: Any, recommendation: Recommendation, moment: Moment) -> Cell | None:
    membership = membership_of(user)
    if membership is None or membership.municipality is None:
        return None
    progress = Progress.objects.get(recommendation=recommendation, municipality=membership.municipality)
    progress.recommendation = recommendation
    return with_history([progress], moment=moment, reader=user)[0]


def _answers(recommendation: Recommendation, moment: Moment) -> list[Progress]:
    found = Progress.objects.of_municipalities().filter(recommendation=recommendation)
    found = found.with_status(as_of=moment.as_of, known_at=moment.known_at)
    cells = list(found.order_by("municipality__sort_order"))
    for cell in cells:
        cell.recommendation = recommendation
    return cells


def _for_members(answers: list[Progress], moment: Moment) -> dict[str, Any]:
    """Where each municipality stands, on the map and by KKR; nothing of it is public."""
    places = Municipality.objects.real().placed(as_of=moment.as_of).in_bulk()
    for cell in answers:
        cell.municipality = places[cell.municipality_id]
    kkr = spreads_by_kkr((cell.municipality, cell.status) for cell in answers if cell.municipality)
    heading = who_is_ahead(kkr)
    return {"answers": _by_status(answers), "kkr": kkr, "map": status_map(heading, answers)}


def _by_status(answers: list[Progress]) -> list[dict[str, Any]]:
    groups: dict[str, list[Progress]] = defaultdict(list)
    for cell in answers:
        groups[cell.status].append(cell)
    return [
        {"status": status, "label": STATUS_LABELS[status], "cells": groups[status]}
        for status in DISPLAY_ORDER
        if groups[status]
    ]


def _addressees(recommendation: Recommendation, moment: Moment) -> dict[str, Any]:
    """Whom the overview page and the text itself address, and whether they disagree about the municipalities."""
    standing = Addressing.objects.standing(as_of=moment.as_of, known_at=moment.known_at)
    latest: dict[tuple[str, int], Addressing] = {}
    for row in standing.filter(recommendation=recommendation).select_related("actor"):
        latest.setdefault((row.basis, row.actor_id), row)
    rows = sorted((row for row in latest.values() if row.addressed), key=lambda row: row.actor.order)
    overview = [row for row in rows if row.basis == Addressing.Basis.OVERVIEW]
    named = [row for row in rows if row.basis == Addressing.Basis.TEXT]
    asked = any(row.actor.slug == MUNICIPALITIES for row in overview)
    return {
        "groups": [{"title": _group_title(overview), "actors": [row.actor for row in overview]}],
        "named": named,
        "not_named": asked and bool(named) and all(row.actor.slug != MUNICIPALITIES for row in named),
    }


def _group_title(rows: list[Addressing]) -> str:
    """The heading on the overview page; once the group is another than the page's, the actors' names."""
    wordings = {row.wording for row in rows if row.wording}
    first = Addressing.objects.filter(recommendation__in={row.recommendation_id for row in rows}, wording__in=wordings)
    whole = set(first.filter(basis=Addressing.Basis.OVERVIEW).values_list("actor_id", flat=True))
    if len(wordings) == 1 and whole == {row.actor_id for row in rows}:
        return wordings.pop()
    return " og ".join(row.actor.name for row in rows)


def _shared_actions(recommendation: Recommendation, reader: Any) -> dict[str, Any]:
    shared = shared_with(reader).filter(recommendations=recommendation).select_related("municipality")
    return {"rows": shared[:ACTIONS_SHOWN], "count": shared.count()}


def _changed(recommendation: Recommendation, national: Cell, moment: Moment) -> dict[str, Any] | None:
    """The national status and how many municipalities have another status or signal than on ``moment.since``."""
    if moment.since is None:
        return None
    before = states(Progress.objects.national().filter(recommendation=recommendation), moment.at_since)
    then = {cell.pk: (cell.status, cell.signal) for cell in _answers(recommendation, moment.at_since)}
    now = _answers(recommendation, moment)
    return {
        "national_before": before[recommendation.pk],
        "national_changed": (national.status, national.signal)
        != (before[recommendation.pk].status, before[recommendation.pk].signal),
        "municipalities": sum(then[cell.pk] != (cell.status, cell.signal) for cell in now),
    }


def _national_form(national: Cell, user: Any) -> dict[str, Any]:
    if not national.may_edit:
        return {}
    return {"form": blank_form(national), **form_context(national, user)}
