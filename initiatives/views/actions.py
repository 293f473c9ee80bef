"""Local actions: one municipality's list, everybody's as inspiration, one action, and its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from flere_haender.access import belongs_to, is_kl, may_record, may_record_at_home, member_required, sees_inside
from flere_haender.days import today
from flere_haender.form_keys import whole_number
from flere_haender.typed import gives_back, take_typed
from initiatives.action_filters import COLUMNS, InspirationFilter, MunicipalActionFilter
from initiatives.action_forms import ActionForm
from initiatives.action_history import history_of
from initiatives.exporting import Listing, wanted_format
from initiatives.inspiration import COLUMNS as IDEA_COLUMNS
from initiatives.inspiration import followed, ideas, shared_with
from initiatives.models import ActionChangedSince, Case, LocalAction
from stakeholders.models import Municipality
from stakeholders.trail import concerns

from .background import filtered


def get_visible_action(user: Any, pk: int) -> LocalAction:
    """404 when there is none that the user may see."""
    related = ("municipality", "challenge", "builds_on", "copied_from__municipality", "inspired_by")
    actions = LocalAction.objects.visible_to(user).with_lateness(on=today()).with_followers()
    action: LocalAction = get_object_or_404(actions.select_related(*related), pk=pk)
    return action


def get_editable_action(user: Any, pk: int) -> LocalAction:
    """404 as above, 403 when it is not theirs to change."""
    action = get_visible_action(user, pk)
    if not may_record(user, action.municipality_id):
        raise PermissionDenied
    return action


def get_writable_municipality(user: Any, code: int) -> Municipality:
    municipality = get_object_or_404(Municipality, code=code)
    if not may_record(user, municipality.pk):
        raise PermissionDenied
    return municipality


def _section(user: Any, municipality: Municipality) -> str:
    return "own" if belongs_to(user, municipality.pk) else "municipalities"


@require_safe
@member_required
def action_list(request: HttpRequest, code: int) -> HttpResponse:
    municipality = get_object_or_404(Municipality, code=code)
    actions = LocalAction.objects.visible_to(request.user).filter(municipality=municipality)
    actions = actions.with_lateness(on=today()).select_related("municipality").prefetch_related("recommendations")
    inside = sees_inside(request.user, municipality.pk)
    context = filtered(request, MunicipalActionFilter(request.GET, queryset=actions, inside=inside))
    listing = Listing(f"Lokale indsatser i {municipality.authority_name}", COLUMNS, context["found"])
    if (form := wanted_format(request)) and context["status"] == 200:
        return listing.file(form)
    context |= {
        "section": _section(request.user, municipality),
        "municipality": municipality,
        "listing": listing.page(request.GET.get("side")),
        "late": context["found"].filter(is_late=True).count(),
        "may_edit": may_record(request.user, municipality.pk),
    }
    return TemplateResponse(request, "initiatives/actions.html", context, status=context["status"])


@require_safe
@member_required
def inspiration(request: HttpRequest) -> HttpResponse:
    """Lad dig inspirere: what the municipalities share, and the published cases."""
    chosen = InspirationFilter(request.GET, queryset=shared_with(request.user))
    context = filtered(request, chosen)
    name, found = "Lad dig inspirere", ideas(chosen)
    if (form := wanted_format(request)) and context["status"] == 200:
        return Listing(name, IDEA_COLUMNS, found).file(form)
    context |= {
        "section": "cases",
        "listing": Listing(name, IDEA_COLUMNS, list(found)).page(request.GET.get("side")),
        "may_use": may_record_at_home(request.user),
    }
    return TemplateResponse(request, "initiatives/inspiration.html", context, status=context["status"])


@require_safe
@member_required
def action_detail(request: HttpRequest, pk: int) -> HttpResponse:
    action = get_visible_action(request.user, pk)
    concerns(request, action.municipality.code)
    may_edit = may_record(request.user, action.municipality_id)
    context = {
        "section": _section(request.user, action.municipality),
        "action": action,
        "recommendations": _titled(action),
        "milestones": action.milestones.all(),
        "history": history_of(action, request.user),
        "followed": followed(action.followers),
        "case": _published_case(action),
        "decisions": action.case_decisions.all() if sees_inside(request.user, action.municipality_id) else [],
        "origin": _visible_origin(action, request.user),
        "may_edit": may_edit,
        "may_copy": may_record_at_home(request.user) and not may_edit and not action.is_draft,
    }
    return TemplateResponse(request, "initiatives/action.html", context)


def _titled(action: LocalAction) -> Any:
    """Its recommendations with the titles of today."""
    related = action.recommendations.all()
    return related.model.objects.with_text(as_of=today()).filter(pk__in=related.values("pk"))


def _published_case(action: LocalAction) -> Case | None:
    found: Case | None = Case.objects.published().filter(from_action=action).first()
    return found


def _visible_origin(action: LocalAction, user: Any) -> LocalAction | None:
    """What it was copied from, unless that has become a draft again."""
    origin = action.copied_from
    return origin if origin and LocalAction.objects.visible_to(user).filter(pk=origin.pk).exists() else None


@dataclass(frozen=True)
class Origin:
    """Where a new action comes from: another action, a case, or nothing."""

    action: LocalAction | None = None
    case: Case | None = None
    was_lost: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> Origin:
        """Read ``fra`` and ``case``: 404 for what is not shared. What was typed is never lost, only the link."""
        pk, slug = request.GET.get("fra", ""), request.GET.get("case", "")
        shared = shared_with(request.user).select_related("municipality")
        action = shared.filter(pk=whole_number(pk) or 0).first() if pk else None
        case = Case.objects.published().filter(slug=slug.replace("\x00", "")).first() if slug and not pk else None
        was_lost = bool(pk and action is None) or bool(slug and not pk and case is None)
        if was_lost and request.method != "POST":
            raise Http404
        return cls(action, case, was_lost)

    @property
    def link(self) -> dict[str, Any]:
        return {"copied_from": self.action, "inspired_by": self.case}


@gives_back
@require_http_methods(["GET", "POST"])
@member_required
def add_action(request: HttpRequest, code: int) -> HttpResponse:
    municipality = get_writable_municipality(request.user, code)
    origin = Origin.of(request)
    if request.method == "GET":
        typed = take_typed(request)
        form = ActionForm(typed) if typed else ActionForm.blank(copied_from=origin.action, case=origin.case)
        return _form_page(request, form, municipality, origin=origin)
    form = ActionForm(request.POST)
    action = form.start(municipality, by=request.user, **origin.link)
    if action is None:
        return _form_page(request, form, municipality, origin=origin, status=422)
    messages.success(request, "Indsatsen er gemt." if action.is_draft else "Indsatsen er gemt og delt.")
    if origin.was_lost:
        messages.warning(request, "Det, I gik ud fra, er ikke længere delt. Linket til det er ikke gemt.")
    return redirect(action)


@gives_back
@require_http_methods(["GET", "POST"])
@member_required
def change_action(request: HttpRequest, pk: int) -> HttpResponse:
    action = get_editable_action(request.user, pk)
    if request.method == "GET":
        typed = take_typed(request)
        form = ActionForm(typed, instance=action) if typed else ActionForm.of(action)
        return _form_page(request, form, action.municipality, action=action)
    form = ActionForm(request.POST, instance=action)
    try:
        written = form.change(action, by=request.user)
    except ActionChangedSince as changed:
        return _ask_again(request, form, changed.newest)
    if written is None:
        return _form_page(request, form, action.municipality, action=action, status=422)
    messages.success(request, "Ændringerne er gemt.")
    return redirect(action)


def _ask_again(request: HttpRequest, form: ActionForm, newest: LocalAction) -> HttpResponse:
    """Somebody has saved meanwhile: both versions, and the form as typed, which now has seen theirs."""
    typed = request.POST.copy()
    typed["seen"] = str(newest.version)
    again = ActionForm(typed, instance=get_editable_action(request.user, newest.pk))
    conflict = {"changes": form.differences_from(newest), "theirs": history_of(newest, request.user)[0]}
    return _form_page(request, again, newest.municipality, action=newest, status=409, conflict=conflict)


def _form_page(
    request: HttpRequest,
    form: ActionForm,
    municipality: Municipality,
    *,
    action: LocalAction | None = None,
    origin: Origin | None = None,
    status: int = 200,
    conflict: dict[str, Any] | None = None,
) -> HttpResponse:
    concerns(request, municipality.code)
    context = {
        "section": _section(request.user, municipality),
        "municipality": municipality,
        "form": form,
        "action": action,
        "origin": origin,
        "conflict": conflict,
        "on_behalf_of": municipality if is_kl(request.user) else None,
    }
    return TemplateResponse(request, "initiatives/action_form.html", context, status=status)


@require_POST
@member_required
def confirm_action(request: Any, pk: int) -> HttpResponse:
    """Stadig aktuel: nothing is changed but the day."""
    action = get_editable_action(request.user, pk)
    action.confirm(by=request.user)
    messages.success(request, f"“{action.title}” er bekræftet som stadig aktuel.")
    return redirect(action)
