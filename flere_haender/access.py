"""Who may do what: the roles, the questions that views, templates and verbs ask, and the decorators.

Imports no app. A *member* is a user with an active membership of KL or of one municipality
(``user.membership``); everybody else sees what is public.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import SimpleLazyObject


class Role(TextChoices):
    KL_CONSULTANT = "kl_consultant", "KL-konsulent"
    KL_READER = "kl_reader", "KL-læser"
    EDITOR = "editor", "Kommunal redaktør"
    LEADER = "leader", "Kommunal leder"

    @property
    def in_text(self) -> str:
        """As it stands within a sentence."""
        return str(self.label) if self.label.startswith("KL") else self.label.lower()


KL_ROLES = (Role.KL_CONSULTANT, Role.KL_READER)
MUNICIPAL_ROLES = (Role.EDITOR, Role.LEADER)


def membership_of(user: Any) -> Any:
    """The user's active membership, or None."""
    return getattr(user, "membership", None)


def is_member(user: Any) -> bool:
    """May see every municipality's statuses and shared notes."""
    return membership_of(user) is not None


def is_kl(user: Any) -> bool:
    membership = membership_of(user)
    return membership is not None and membership.role in KL_ROLES


def is_kl_consultant(user: Any) -> bool:
    membership = membership_of(user)
    return membership is not None and membership.role == Role.KL_CONSULTANT


def belongs_to(user: Any, municipality_id: int | None) -> bool:
    """Is a member of this municipality (of KL, when it is None)."""
    membership = membership_of(user)
    return membership is not None and membership.municipality_id == municipality_id


def may_record(user: Any, municipality_id: int | None) -> bool:
    """May write statuses for this municipality; None is the national line.

    KL's consultants write the national line, and on behalf of every municipality. A municipality's
    editors write for that municipality alone. Nobody else writes.
    """
    if is_kl_consultant(user):
        return True
    membership = membership_of(user)
    return (
        membership is not None
        and membership.role == Role.EDITOR
        and municipality_id is not None
        and membership.municipality_id == municipality_id
    )


def may_record_at_home(user: Any) -> bool:
    """Writes for the municipality that they are a member of."""
    membership = membership_of(user)
    return membership is not None and membership.role == Role.EDITOR


def may_hand_in(user: Any, municipality: Any) -> bool:
    """May hand in for the municipality: its editors, or its leader where it has chosen that; KL on its behalf."""
    if is_kl_consultant(user):
        return True
    membership = membership_of(user)
    role = Role.LEADER if municipality.leader_hands_in else Role.EDITOR
    return membership is not None and membership.role == role and membership.municipality_id == municipality.pk


def may_issue(user: Any, municipality: Any) -> bool:
    """May issue a report on the municipality: its editors and its leader; KL's consultants on anything (None too)."""
    if is_kl_consultant(user):
        return True
    return municipality is not None and belongs_to(user, municipality.pk)


def may_order_reports(user: Any) -> bool:
    """May have the reports of many municipalities printed at once: KL."""
    return is_kl(user)


def sees_inside(user: Any, municipality_id: int | None) -> bool:
    """May see the internal notes and the users' names of this municipality (of KL, when it is None)."""
    return is_kl(user) or (municipality_id is not None and belongs_to(user, municipality_id))


def may_manage_users(user: Any, municipality_id: int | None) -> bool:
    """May invite and remove users of this municipality, and make its choices; None is KL itself.

    KL's consultants may everywhere, a leader in the own municipality.
    """
    if is_kl_consultant(user):
        return True
    membership = membership_of(user)
    return membership is not None and membership.role == Role.LEADER and belongs_to(user, municipality_id)


def enters_admin(user: Any) -> bool:
    return bool(user.is_active and (getattr(user, "is_superuser", False) or is_kl_consultant(user)))


def may_read_access_log(user: Any) -> bool:
    """May see who has signed in, read and exported: KL's administrator all of it, a leader the own municipality's."""
    membership = membership_of(user)
    return bool(getattr(user, "is_superuser", False)) or (membership is not None and membership.role == Role.LEADER)


def may_see_as(user: Any, seen: Any) -> bool:
    """May look at the pages as ``seen`` sees them: KL's administrator, and only as a member without the admin."""
    return bool(getattr(user, "is_superuser", False)) and is_member(seen) and not enters_admin(seen)


def may_import_figures(user: Any) -> bool:
    """May read in figures that others publish: KL's consultants, and the administrators."""
    return enters_admin(user)


View = Callable[..., HttpResponse]


def member_required(view: View) -> View:
    """Only for members. Who is not signed in has been sent to sign in by LoginRequiredMiddleware."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_member(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def importer_required(view: View) -> View:
    """Only for those who may read in figures."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_import_figures(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


class MembershipMiddleware:
    """A user who is signed in without a membership gets a page that says whom to write to.

    The superuser gets in to the admin all the same; everyone may sign out, change password and read what concerns
    them.
    """

    OPEN = (
        *("/konto/", "/brugere/invitation/", "/static/", "/sundhed/", "/data/", "/favicon.ico"),
        *("/privatliv/", "/tilgaengelighed/", "/was", "/.well-known/"),
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(self.OPEN):
            return self.get_response(request)
        from django.contrib.auth.middleware import get_user  # it needs the models, which import this

        # The user itself: a page asks it hundreds of times, and each question to a lazy one goes through a proxy.
        # Whoever has been signed out on the way here stays out.
        if isinstance(request.user, SimpleLazyObject):
            request.user = get_user(request)
        user = request.user
        if user.is_anonymous or is_member(user) or user.is_superuser:
            return self.get_response(request)
        return TemplateResponse(request, "no_membership.html", status=403).render()
