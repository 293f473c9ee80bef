"""The case bank's desk: what municipalities propose, KL's copy of it, and what KL decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from flere_haender.access import is_kl, is_kl_consultant, member_required
from flere_haender.form_keys import whole_number
from initiatives.case_forms import CaseForm
from initiatives.case_history import history_of_case
from initiatives.models import Case, CaseChangedSince, CaseState, LocalAction, Related
from initiatives.phases import Visibility
from stakeholders.trail import concerns

from .background import titled


def get_proposal(user: Any, pk: int, *, to_change: bool = False) -> LocalAction:
    """A local action that is proposed, or has been a case. KL reads; its consultants decide. Others: 404."""
    if not is_kl(user):
        raise Http404
    found = Q(visibility=Visibility.PROPOSED) | Q(case__isnull=False)
    action: LocalAction = get_object_or_404(LocalAction.objects.select_related("municipality"), found, pk=pk)
    if to_change and not is_kl_consultant(user):
        raise PermissionDenied
    return action


@require_safe
@member_required
def proposals(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first; and what has been published and withdrawn."""
    if not is_kl(request.user):
        raise Http404
    waiting = LocalAction.objects.filter(visibility=Visibility.PROPOSED).exclude(case__state=CaseState.PUBLISHED)
    cases = Case.objects.municipal().exclude(state=CaseState.DRAFT).select_related("from_action__municipality")
    context = {
        "section": "cases",
        "waiting": list(waiting.select_related("municipality", "case").order_by("updated_at", "pk")),
        "cases": list(cases.order_by("-published_on", "title")),
        "may_change": is_kl_consultant(request.user),
    }
    return TemplateResponse(request, "initiatives/proposals.html", context)


@require_http_methods(["GET", "POST"])
@member_required
def edit_case(request: HttpRequest, pk: int) -> HttpResponse:
    action = get_proposal(request.user, pk, to_change=True)
    if request.method == "GET":
        return _form_page(request, action, CaseForm.of(action, anew="forfra" in request.GET))
    form = CaseForm(request.POST, instance=Case.of(action), action=action)
    try:
        written = form.save(by=request.user)
    except CaseChangedSince as changed:
        return _ask_again(request, action, form, changed.newest)
    if written is None:
        return _form_page(request, action, form, status=422)
    messages.success(request, "Casen er rettet for alle." if written.is_published else "Kladden er gemt.")
    return redirect("preview_case", action.pk)


def _ask_again(request: HttpRequest, action: LocalAction, form: CaseForm, newest: Case) -> HttpResponse:
    """Somebody has saved meanwhile: both versions, and the form as typed, which now has seen theirs."""
    typed = request.POST.copy()
    typed["seen"] = str(newest.version)
    again = CaseForm(typed, instance=Case.of(action), action=action)
    conflict = {"changes": form.differences_from(newest), "theirs": history_of_case(newest)[0]}
    return _form_page(request, action, again, status=409, conflict=conflict)


def _form_page(
    request: HttpRequest, action: LocalAction, form: CaseForm, *, status: int = 200, conflict: Any = None
) -> HttpResponse:
    concerns(request, action.municipality.code)
    case = Case.of(action)
    context = {
        "section": "cases",
        "action": action,
        "case": case,
        "form": form,
        "conflict": conflict,
        "is_behind": bool(case.pk) and case.copied_version != action.version,
    }
    return TemplateResponse(request, "initiatives/case_form.html", context, status=status)


@require_safe
@member_required
def preview_case(request: HttpRequest, pk: int) -> HttpResponse:
    """The case as everybody will see it, and what can be decided."""
    return _preview(request, get_proposal(request.user, pk))


def _preview(request: HttpRequest, action: LocalAction, *, status: int = 200, **typed: Any) -> HttpResponse:
    concerns(request, action.municipality.code)
    case = Case.of(action)
    context = {
        "section": "cases",
        "action": action,
        "case": case,
        "municipalities": [action.municipality],
        "related": titled(_related(case, action)),
        "is_proposed": action.visibility == Visibility.PROPOSED,
        "may_change": is_kl_consultant(request.user),
        "decisions": action.case_decisions.select_related("made_by"),
        "history": history_of_case(case) if case.pk else [],
        **typed,
    }
    return TemplateResponse(request, "initiatives/case_preview.html", context, status=status)


def _related(case: Case, action: LocalAction) -> list[Related]:
    """What the case has to do with; before there is one, what the action is about."""
    if case.pk:
        return list(case.related.all())
    return [Related(recommendation=one, basis=Related.Basis.OURS) for one in action.recommendations.all()]


@require_POST
@member_required
def decide_case(request: Any, pk: int) -> HttpResponse:
    """KL publishes, sends back or withdraws."""
    action = get_proposal(request.user, pk, to_change=True)
    wanted, comment = request.POST.get("action", ""), request.POST.get("comment", "")
    try:
        done = _decide(action, wanted, comment, request)
    except CaseChangedSince:
        error = "En anden har rettet casen, siden du så den. Her er den, som den er nu."
        return _preview(request, action, status=409, error=error, comment=comment)
    except ValidationError as refusal:
        return _preview(request, action, status=422, error=" ".join(refusal.messages), comment=comment, wanted=wanted)
    messages.success(request, done)
    return redirect("proposals")


def _decide(action: LocalAction, wanted: str, comment: str, request: HttpRequest) -> str:
    by: Any = request.user
    case = Case.objects.filter(from_action=action).first()
    if wanted == "return":
        Case.send_back(action, by=by, comment=comment)
        return "Forslaget er sendt tilbage. Kommunens redaktører får en e-mail."
    if case is None or wanted not in ("publish", "withdraw"):
        raise ValidationError(
            "Gem casen, før du publicerer den." if wanted == "publish" else "Vælg, hvad der skal ske."
        )
    if wanted == "withdraw":
        case.withdraw(by=by, comment=comment)
        return "Casen er trukket tilbage."
    case.publish(by=by, seen=whole_number(request.POST.get("seen", "")))
    return "Casen er publiceret. Kommunens redaktører får en e-mail."
