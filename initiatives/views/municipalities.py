from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from flere_haender.access import belongs_to, is_member, may_record, sees_inside
from flere_haender.days import today
from flere_haender.prepared import prepared
from initiatives.answers import all_texts, asked_cells, by_plan, progress_context
from initiatives.changes import changed_cells
from initiatives.feed import Followed, latest_changes
from initiatives.history import Cell, mark_named
from initiatives.key_answers import add_answers
from initiatives.models import ALL_PLANS, ActionPlan, LocalAction, Participation, Progress, Recommendation
from initiatives.moment import Moment
from initiatives.overview import signal_counts, spreads_by
from initiatives.related import taken_part
from initiatives.status import NOT_ASSESSED, Spread
from stakeholders.models import Municipality

from .statuses import blank_form, form_context

LINES_SHOWN = 3  # of each history; the rest is on the page of the cell


@dataclass(frozen=True)
class Row:
    """A municipality in the list; ``spread`` is for those who are signed in."""

    municipality: Municipality
    spread: Spread | None


@login_not_required
@require_safe
def municipality_list(request: HttpRequest) -> HttpResponse:
    moment = Moment.now()
    q = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    municipalities = Municipality.objects.placed(as_of=moment.as_of)
    found = list(municipalities.called(q) if q else municipalities)
    signed_in = is_member(request.user)
    spread_of = spreads_by("municipality_id", Progress.objects.all(), moment) if signed_in else {}
    groups: dict[Any, list[Row]] = defaultdict(list)
    for municipality in found:
        groups[municipality.kkr].append(Row(municipality, spread_of[municipality.pk] if signed_in else None))
    ordered = sorted(groups.items(), key=lambda item: item[0].order if item[0] else 99)
    context = {
        "section": "municipalities",
        "groups": [
            {"kkr": kkr, "rows": rows, "count": _real(row.municipality for row in rows)} for kkr, rows in ordered
        ],
        "q": q,
        "count": _real(found) if not q else len(found),
        "signed_in": signed_in,
    }
    return TemplateResponse(request, "initiatives/municipalities.html", context)


def _real(municipalities: Iterable[Municipality]) -> int:
    """How many; the fictional one of a demo database counts nowhere."""
    return sum(not municipality.is_fictional for municipality in municipalities)


@login_not_required
@require_safe
def municipality_detail(request: HttpRequest, code: int) -> HttpResponse:
    moment = Moment.from_query(request.GET)
    municipality = get_object_or_404(Municipality.objects.placed(as_of=moment.as_of), code=code)
    context: dict[str, Any] = {
        "section": "own" if belongs_to(request.user, municipality.pk) else "municipalities",
        "municipality": municipality,
        "signed_in": is_member(request.user),
        "moment": moment,
        "taken_part": taken_part(municipality),
    }
    if is_member(request.user):
        context |= _statuses(request, municipality, moment)
    status = 400 if moment.errors else 200
    return TemplateResponse(request, "initiatives/municipality.html", context, status=status)


def _statuses(request: HttpRequest, municipality: Municipality, moment: Moment) -> dict[str, Any]:
    texts = all_texts(moment)
    every = replace(moment, plan=ALL_PLANS)
    cells = asked_cells(municipality, every, request.user, shown=LINES_SHOWN, texts=texts)
    add_answers(cells, municipality, moment)
    may_edit = moment.is_now and may_record(request.user, municipality.pk)
    if may_edit:
        _add_forms(cells, request.user)
    current = next(iter(_current(as_of=moment.as_of)), None)
    plans = by_plan(cells, current)
    first = plans[0][1] if plans and plans[0][0] == current else []
    own = Followed(municipality=municipality.pk)
    return {
        **progress_context(first),
        "plans": [{"plan": plan, **progress_context(those)} for plan, those in plans],
        "current": current,
        "signals": signal_counts(first),
        "action_count": LocalAction.objects.visible_to(request.user).filter(municipality=municipality).count(),
        "changes": latest_changes(request.user, within=own, limit=8, texts=texts) if moment.is_now else [],
        "changed": changed_cells(cells, moment, request.user) if moment.since else None,
        "other": _not_asked(cells, texts, current),
        "may_edit": may_edit,
        "has_archive": sees_inside(request.user, municipality.pk),
        "in_round": Participation.objects.visible_to(request.user).filter(municipality=municipality).exists(),
    }


@prepared
def _current(*, as_of: date) -> Any:
    return ActionPlan.objects.current(as_of=as_of)


def _not_asked(cells: list[Cell], texts: list[Recommendation], current: ActionPlan | None) -> list[Recommendation]:
    """The recommendations of the current plan that are for others than the municipalities."""
    asked = {cell.recommendation.pk for cell in cells}
    here = [found for found in texts if found.focus_area.theme.plan == current and not found.retired]
    return [found for found in here if found.pk not in asked]


def _add_forms(cells: list[Cell], user: Any) -> None:
    """An unanswered cell shows its form at once."""
    mark_named(cells, as_of=today())
    for cell in cells:
        if cell.status == NOT_ASSESSED:
            cell.form = blank_form(cell)
            cell.form_context = form_context(cell, user)
