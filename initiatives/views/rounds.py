"""KL runs status rounds: plans, opens, follows, reminds, accepts, closes."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from flere_haender.access import is_kl, is_kl_consultant, member_required
from flere_haender.days import today
from flere_haender.form_keys import form_key, whole_number
from initiatives.chase import STAGES, Chased, chased, rates, stage_counts, who_has_answered_most
from initiatives.forms import RoundForm
from initiatives.models import Participation, ReportingRound
from stakeholders.models import Kkr
from stakeholders.words import fold

CHOSEN = {"accept": "er godkendt", "remind": "får en påmindelse"}
SORTS = {"kommune": "Kommune", "svar": "Færrest svar først", "sidst": "Længst uden livstegn"}


def get_round(user: Any, pk: int, *, to_change: bool = False) -> ReportingRound:
    """KL reads rounds, and its consultants run them. To others they do not exist."""
    if not is_kl(user):
        raise Http404
    found = get_object_or_404(ReportingRound, pk=pk)
    if to_change and not is_kl_consultant(user):
        raise PermissionDenied
    return found


@require_safe
@member_required
def round_list(request: HttpRequest) -> HttpResponse:
    if not is_kl(request.user):
        raise Http404
    context = {
        "section": "rounds",
        "rounds": ReportingRound.objects.with_progress(),
        "may_change": is_kl_consultant(request.user),
    }
    return TemplateResponse(request, "initiatives/rounds.html", context)


@require_http_methods(["GET", "POST"])
@member_required
def add_round(request: Any) -> HttpResponse:
    if not is_kl_consultant(request.user):
        raise PermissionDenied if is_kl(request.user) else Http404
    form = RoundForm(request.POST if request.method == "POST" else None)
    if found := form.save(by=request.user):
        messages.success(request, "Runden er planlagt. Den åbner af sig selv på dagen.")
        return redirect(found)
    return _form(request, form, None)


def _form(request: HttpRequest, form: RoundForm, found: ReportingRound | None) -> HttpResponse:
    context = {"section": "rounds", "form": form, "round": found}
    return TemplateResponse(request, "initiatives/round_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@member_required
def change_round(request: Any, pk: int) -> HttpResponse:
    found = get_round(request.user, pk, to_change=True)
    form = RoundForm(request.POST if request.method == "POST" else None, instance=found)
    if form.save(by=request.user, to=found):
        messages.success(request, "Runden er ændret.")
        return redirect(found)
    return _form(request, form, found)


@require_safe
@member_required
def round_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The chaser view: how far everybody is, and what to do about it."""
    found = get_round(request.user, pk)
    return TemplateResponse(request, "initiatives/round.html", _chaser(request, found))


def _chaser(request: HttpRequest, found: ReportingRound) -> dict[str, Any]:
    everyone = chased(found, moment=today()) if found.opened_at else []
    rows, errors = _narrowed(everyone, request.GET)
    answered = rates(found, everyone)
    return {
        "section": "rounds",
        "round": found,
        "rows": rows,
        "errors": errors,
        "real": [row for row in everyone if not row.municipality.is_fictional],
        "handed_in": sum(row.here.is_handed_in and not row.municipality.is_fictional for row in everyone),
        "stages": stage_counts(everyone),
        "rates": answered,
        "rates_heading": who_has_answered_most(answered),
        "unreachable": [row for row in everyone if row.is_owing and not row.is_reachable],
        "kkrs": Kkr.objects.all(),
        "sorts": SORTS,
        "chosen": request.GET,
        "filtered": any(request.GET.get(name) for name in ("stade", "kkr", "q")),
        "may_change": is_kl_consultant(request.user),
        "picked": {row.here.pk for row in rows} if "valgt" in request.GET else set(),
        "key": uuid.uuid4(),
        "today": today(),
    }


def _narrowed(everyone: list[Chased], chosen: QueryDict) -> tuple[list[Chased], list[str]]:
    """Those that the choices leave. A choice that is none leaves nobody, and says so."""
    stage, kkr, q, sort = (chosen.get(name, "").strip() for name in ("stade", "kkr", "q", "sorter"))
    errors = []
    if stage and stage not in STAGES:
        errors.append("Stade: Vælg fra listen.")
    if kkr and kkr not in Kkr.objects.values_list("slug", flat=True):
        errors.append("KKR: Vælg fra listen.")
    if sort and sort not in SORTS:
        errors.append("Rækkefølge: Vælg fra listen.")
    if errors:
        return [], errors
    rows = [
        row
        for row in everyone
        if (not stage or row.stage == stage)
        and (not kkr or (row.municipality.kkr is not None and row.municipality.kkr.slug == kkr))
        and (not q or row.municipality.answers_to(fold(q[:100]).strip()))
    ]
    if sort == "svar":
        rows.sort(key=lambda row: row.answered)
    elif sort == "sidst":
        rows.sort(key=lambda row: row.latest.timestamp() if row.latest else 0)
    return rows, []


@require_POST
@member_required
def run_round(request: Any, pk: int) -> HttpResponse:
    """Open or close it, or do something with the chosen municipalities."""
    found = get_round(request.user, pk, to_change=True)
    action = request.POST.get("action", "")
    if action in CHOSEN:
        return _with_chosen(request, found, action)
    try:
        if action == "open":
            found.open(by=request.user)
            messages.success(request, "Runden er åben. Redaktørerne får en e-mail.")
        elif action == "close":
            found.close(by=request.user)
            messages.success(request, "Runden er lukket. Det, der ikke er indsendt, er bevaret som udkast.")
        else:
            messages.error(request, "Vælg, hvad der skal ske.")
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return _back(request, found)


def _back(request: HttpRequest, found: ReportingRound) -> HttpResponse:
    query = request.GET.copy()
    query.pop("valgt", None)
    return redirect(f"{found.get_absolute_url()}{'?' + query.urlencode() if query else ''}")


def _with_chosen(request: Any, found: ReportingRound, action: str) -> HttpResponse:
    """Remind or accept each of the chosen. What is refused is named and still chosen, and the rest is done."""
    chosen = _numbers(request.POST.getlist("valgt"))
    participations = list(Participation.objects.filter(round=found, pk__in=chosen).select_related("municipality"))
    refused = {}
    for here in participations:
        try:
            if action == "accept":
                here.accept(by=request.user)
            else:
                key = form_key(request.POST.get("key", ""))
                here.remind(by=request.user, comment=request.POST.get("comment", ""), key=key)
        except ValidationError as refusal:
            refused[here.pk] = f"{here.municipality.name}: {' '.join(refusal.messages)}"
    if done := len(participations) - len(refused):
        messages.success(request, f"{done} {'kommune' if done == 1 else 'kommuner'} {CHOSEN[action]}.")
    if participations and not refused:
        return _back(request, found)
    context = _chaser(request, found) | {
        "refused": list(refused.values()) or ["Vælg mindst én kommune på listen."],
        "picked": set(refused),
        "comment": request.POST.get("comment", ""),
    }
    return TemplateResponse(request, "initiatives/round.html", context, status=422)


def _numbers(texts: list[str]) -> list[int]:
    return [number for text in texts if (number := whole_number(text)) is not None]
