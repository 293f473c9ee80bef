"""Users and invitations: /brugere/."""

from __future__ import annotations

from typing import Any, TypeVar

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from flere_haender.access import (
    Role,
    is_kl,
    may_manage_users,
    may_read_access_log,
    member_required,
    membership_of,
    sees_inside,
)
from flere_haender.addresses import wanted_address
from flere_haender.form_keys import whole_number

from .forms import AcceptForm, ChoicesForm, InviteForm, RoleForm, seen
from .models import AlreadyEnded, Invitation, Membership, Municipality, NotTold, roles_of
from .models.closing import open_again
from .people import PeopleFilter, people_of, people_visible_to
from .requests import UserRequest
from .trail import concerns

PER_PAGE = 50

Managed = TypeVar("Managed", Membership, Invitation)


@require_safe
@member_required
def user_list(request: UserRequest) -> HttpResponse:
    return _list(request, request.GET)


def _list(
    request: UserRequest, chosen: Any, *, form: ChoicesForm | None = None, status: int = 200, conflict: bool = False
) -> HttpResponse:
    found = _narrowed(request, chosen)
    municipality = _municipality(request, found["filter"])
    concerns(request, *([municipality.code] if municipality else []))
    if municipality and form is None:
        form = ChoicesForm.of(municipality)
    page = Paginator(found["people"], PER_PAGE).get_page(request.GET.get("side"))
    context = {
        **found,
        "section": "users",
        "page": page,
        "people": people_of(page.object_list, request.user),
        "municipality": municipality,
        "form": form,
        "conflict": conflict,
        "may_invite": _may_invite(request.user),
        "may_read_log": may_read_access_log(request.user),
        "is_managed": municipality is not None and may_manage_users(request.user, municipality.pk),
        "lacks_editor": municipality is not None and not _has_editor(municipality),
    }
    return TemplateResponse(request, "stakeholders/users.html", context, status=400 if found["errors"] else status)


def _narrowed(request: UserRequest, chosen: Any) -> dict[str, Any]:
    """KL narrows the list; a municipality has its own."""
    people = people_visible_to(request.user)
    if not is_kl(request.user):
        return {"filter": None, "people": people, "errors": [], "filtered": False}
    narrowed = PeopleFilter(chosen, queryset=people, municipalities=Municipality.objects.all())
    valid = narrowed.is_valid()
    return {
        "filter": narrowed,
        "people": narrowed.qs if valid else people.none(),
        "errors": [message for messages in narrowed.form.errors.values() for message in messages],
        "filtered": any(chosen.get(name) for name in narrowed.filters),
    }


def _municipality(request: UserRequest, narrowed: PeopleFilter | None) -> Municipality | None:
    """The one municipality that the list shows."""
    if narrowed is None:
        return _own(request)
    code = narrowed.form.cleaned_data.get("kommune") if narrowed.form.is_valid() else ""
    return Municipality.objects.filter(code=code).first() if (code or "").isdecimal() else None


def _own(request: UserRequest) -> Municipality | None:
    """The reader's municipality; None is KL."""
    own: Municipality | None = membership_of(request.user).municipality
    return own


def _may_invite(user: Any) -> bool:
    return may_manage_users(user, user.membership.municipality_id)


def _has_editor(municipality: Municipality) -> bool:
    return municipality.memberships.filter(ended_on=None, role=Role.EDITOR, user__is_active=True).exists()


def _list_url(municipality: Municipality | None, reader: Any) -> str:
    """The list where one sees what one has done."""
    query = urlencode({"kommune": municipality.code}) if municipality and is_kl(reader) else ""
    return reverse("users") + (f"?{query}" if query else "")


@require_http_methods(["GET", "POST"])
@member_required
def invite_user(request: UserRequest) -> HttpResponse:
    if not _may_invite(request.user):
        raise PermissionDenied
    own = _own(request)
    if request.method == "GET":
        form = InviteForm(municipality=own, initial={"organisation": request.GET.get("kommune", "")})
        return _invite_page(request, form)
    form = InviteForm(request.POST, municipality=own)
    invitation = form.save(by=request.user)
    if invitation is None:
        return _invite_page(request, form, status=422)
    messages.success(request, f"{invitation.user.email} er inviteret. E-mailen er på vej.")
    return redirect(_list_url(invitation.municipality, request.user))


def _invite_page(request: UserRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    context = {"section": "users", "form": form, "own": _own(request)}
    return TemplateResponse(request, "stakeholders/invite.html", context, status=status)


def get_managed(kind: type[Managed], user: Any, pk: int) -> Managed:
    """A membership or an invitation: 404 when it is not theirs to see, 403 when it is not theirs to change."""
    rows = kind.objects.visible_to(user).select_related("user", "municipality")
    found: Managed = get_object_or_404(rows, pk=pk)
    if not may_manage_users(user, found.municipality_id):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "POST"])
@member_required
def remove_user(request: UserRequest, pk: int) -> HttpResponse:
    """Always asks first, and says what follows."""
    membership = get_managed(Membership, request.user, pk)
    if membership.municipality:
        concerns(request, membership.municipality.code)
    if membership.ended_on:
        return _ended(request, membership)
    if request.method == "GET":
        return _removal_page(request, membership)
    try:
        membership.end(by=request.user, told=request.POST.getlist("told"))
    except NotTold:
        return _removal_page(request, membership, status=409)
    except AlreadyEnded:
        return _ended(request, membership)
    if membership.user_id == request.user.pk:
        logout(request)
        messages.success(request, "Du har ikke længere adgang og er logget af.")
        return redirect("front")
    messages.success(request, f"{membership.user} har ikke længere adgang.")
    return redirect(_list_url(membership.municipality, request.user))


def _ended(request: UserRequest, membership: Membership) -> HttpResponse:
    """Somebody was quicker, or pressed twice."""
    messages.warning(request, f"Adgangen for {membership.user} er allerede ændret. Se listen.")
    return redirect(_list_url(membership.municipality, request.user))


def _removal_page(request: UserRequest, membership: Membership, *, status: int = 200) -> HttpResponse:
    context = {
        "section": "users",
        "membership_shown": membership,
        "consequences": membership.consequences(by=request.user),
        "back": _list_url(membership.municipality, request.user),
        "changed": status == 409,
    }
    return TemplateResponse(request, "stakeholders/remove.html", context, status=status)


@require_http_methods(["GET", "POST"])
@member_required
def change_role(request: UserRequest, pk: int) -> HttpResponse:
    membership = get_managed(Membership, request.user, pk)
    if membership.municipality:
        concerns(request, membership.municipality.code)
    if membership.ended_on:
        return _ended(request, membership)
    roles = roles_of(membership.municipality)
    if request.method == "GET":
        return _role_page(request, membership, RoleForm(roles=roles, initial={"role": membership.role}))
    form = RoleForm(request.POST, roles=roles)
    if not form.is_valid():
        return _role_page(request, membership, form, status=422)
    try:
        new = membership.change_role(form.cleaned_data["role"], by=request.user, told=request.POST.getlist("told"))
    except NotTold:
        return _role_page(request, membership, form, status=409)
    except AlreadyEnded:
        return _ended(request, membership)
    messages.success(request, f"{new.user} er nu {new.role_in_text}.")
    return redirect(_list_url(new.municipality, request.user))


def _role_page(request: UserRequest, membership: Membership, form: RoleForm, *, status: int = 200) -> HttpResponse:
    context = {
        "section": "users",
        "membership_shown": membership,
        "form": form,
        "consequences": membership.consequences(by=request.user, new_role="another"),
        "back": _list_url(membership.municipality, request.user),
        "changed": status == 409,
    }
    return TemplateResponse(request, "stakeholders/change_role.html", context, status=status)


@require_POST
@member_required
def open_account(request: UserRequest, pk: int) -> HttpResponse:
    """Open an account again that was closed because nobody used it."""
    membership = get_managed(Membership, request.user, pk)
    if open_again(membership, by=request.user):
        messages.success(request, f"{membership.user} kan logge på igen.")
    else:
        messages.warning(request, "Kontoen er ikke lukket længere. Se listen.")
    return redirect(_list_url(membership.municipality, request.user))


@require_POST
@member_required
def send_again(request: UserRequest, pk: int) -> HttpResponse:
    invitation = get_managed(Invitation, request.user, pk)
    if invitation.send_again(by=request.user, seen=whole_number(request.POST.get("seen", ""))):
        messages.success(request, f"Invitationen til {invitation.user.email} er på vej igen. Det gamle link er dødt.")
    else:
        messages.warning(request, "Invitationen er allerede sendt igen, brugt eller trukket tilbage. Se listen.")
    return redirect(_list_url(invitation.municipality, request.user))


@require_POST
@member_required
def withdraw(request: UserRequest, pk: int) -> HttpResponse:
    invitation = get_managed(Invitation, request.user, pk)
    if invitation.withdraw(by=request.user):
        messages.success(request, f"Invitationen til {invitation.user.email} er trukket tilbage.")
    else:
        messages.warning(request, "Invitationen er allerede brugt eller trukket tilbage.")
    return redirect(_list_url(invitation.municipality, request.user))


@require_POST
@member_required
def choose(request: UserRequest, code: int) -> HttpResponse:
    """The municipality's choices. What was typed stands there still when it is refused."""
    municipality = get_object_or_404(Municipality, code=code)
    if not sees_inside(request.user, municipality.pk):
        raise Http404
    if not may_manage_users(request.user, municipality.pk):
        raise PermissionDenied
    where = {"kommune": str(code)}
    if request.POST.get("seen") != seen(municipality):
        typed = request.POST.copy()
        typed["seen"] = seen(municipality)
        return _list(request, where, form=ChoicesForm(typed), status=409, conflict=True)
    form = ChoicesForm(request.POST)
    if not form.save(municipality, by=request.user):
        return _list(request, where, form=form, status=422)
    messages.success(request, "Kommunens valg er gemt.")
    return redirect(_list_url(municipality, request.user))


@sensitive_post_parameters()
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Name and password; then they are in. ``next`` says where they land."""
    invitation = Invitation.by_token(token)
    if invitation is None or not invitation.is_open or invitation.is_expired or not invitation.user.is_active:
        return _dead_link(request, invitation)
    form = AcceptForm(request.POST or None, invitation=invitation, initial={"name": invitation.user.name})
    try:
        user = form.save() if request.method == "POST" else None
    except ValidationError:
        return _dead_link(request, invitation)
    if user is None:
        context = {"form": form, "invitation": invitation, "next": wanted_address(request)}
        return TemplateResponse(
            request, "stakeholders/accept.html", context, status=422 if request.method == "POST" else 200
        )
    messages.success(request, f"Velkommen. Du er {membership_of(user).role_in_text}.")
    record_authentication(request, user, "invitation")
    return perform_login(request, user, redirect_url=wanted_address(request) or reverse("front"))


def _dead_link(request: HttpRequest, invitation: Invitation | None) -> HttpResponse:
    context = {"invitation": invitation}
    return TemplateResponse(request, "stakeholders/dead_link.html", context, status=410 if invitation else 404)


@require_POST
@member_required
def welcomed(request: UserRequest) -> HttpResponse:
    """The user has seen what is shown the first time."""
    request.user.welcome()
    return redirect("front")
