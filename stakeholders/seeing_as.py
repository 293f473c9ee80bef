"""Support sees the pages as a user sees them, and can only look.

The administrator stays signed in as themselves: their session says whom they see as and until when, and what is
written down names them. Whatever could change something, hand out a file or touch the user's account is closed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.middleware import get_user
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from flere_haender.access import may_see_as

from .models import AccessKind, User, UserSession, home_of, record_access
from .second_factor import may_pass

MARK = "seeing_as"  # in the administrator's session
MINUTES = 30
TIME_IS_UP, CHANGED, SIGNED_OUT = "De 30 minutter var gået", "Adgangen var ændret", "Loggede af"
# What the administrator does as themselves meanwhile.
ENDING = ("stop_seeing_as", "account_logout")
# What hands out a file, some of it after ordering one; so does everything with ``?format=``.
FILES = (
    *("dataset", "download_workbook", "download_archive", "report_pdf", "report_xlsx", "report_docx", "report_pptx"),
    *("national_report_pdf", "municipality_report_pdf", "report_order", "order_zip", "issued_report"),
)
ONLY_LOOKING = "Du ser siderne som en anden og kan ikke ændre noget. Intet er gemt."
IT_IS_OVER = "Du ser ikke længere siderne som en anden. Intet er gemt. Hent siden igen."


@dataclass(frozen=True)
class Seeing:
    """Who sees as whom, and until when, in seconds since 1970."""

    by: Any
    user: User
    until: int

    @classmethod
    def kept_in(cls, request: HttpRequest) -> Seeing:
        mark = request.session[MARK]
        return cls(get_user(request), User.objects.get(pk=mark["user"]), mark["until"])

    @property
    def ends_at(self) -> datetime:
        return datetime.fromtimestamp(self.until, UTC)

    def over(self, request: HttpRequest) -> str:
        """Why it is; empty while it is not. ``request`` still has the administrator as its user."""
        if time.time() >= self.until:
            return TIME_IS_UP
        return "" if may_see_as(self.by, self.user) and may_pass(request) else CHANGED


def seeing_of(request: Any) -> Seeing | None:
    """As whom this page is seen, when that is not the one who is signed in."""
    return getattr(request, "seeing_as", None)


def begin(request: HttpRequest, user: User) -> None:
    """See as the user from the next page on.

    Raises:
        PermissionDenied: whoever is signed in may not.
    """
    if not may_see_as(request.user, user):
        raise PermissionDenied
    request.session[MARK] = {"user": user.pk, "until": int(time.time()) + MINUTES * 60}
    rotate_token(request)
    record_access(
        AccessKind.SEEING_AS_BEGAN,
        by=request.user,
        about_user=user,
        municipality=home_of(user),
        subject=f"I højst {MINUTES} minutter",
    )


@transaction.atomic
def end(request: HttpRequest, why: str = "") -> None:
    """See as oneself again; once, however many requests find out at the same time.

    Forms of pages that were seen as the user are too old to be sent from now on.
    """
    row = UserSession.objects.select_for_update().filter(pk=request.session.session_key).first()
    mark = request.session.pop(MARK)
    if row is None or MARK not in row.kept:
        return
    user = User.objects.get(pk=mark["user"])
    by = get_user(request)
    record_access(AccessKind.SEEING_AS_ENDED, by=by, about_user=user, municipality=home_of(user), subject=why)
    request.session.save()
    rotate_token(request)


def signed_out(sender: Any, request: Any = None, **_: Any) -> None:
    """Whoever signs out sees as nobody any more."""
    if request is not None and MARK in request.session:
        end(request, SIGNED_OUT)


class SeeingAsMiddleware:
    """Shows the pages to the administrator as the user sees them, while their session says so and both still may."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if MARK not in request.session:
            return self.get_response(request)
        seeing = Seeing.kept_in(request)
        why = seeing.over(request)
        if not why:
            request.seeing_as, request.user = seeing, seeing.user  # type: ignore[attr-defined]  # ours
            return self.get_response(request)
        if _is_part(request):  # the next page says it
            return _in_short(IT_IS_OVER)
        end(request, why)
        if request.path == reverse("account_logout"):
            return self.get_response(request)
        return _refusal(request, "seeing_over", user_seen=seeing.user, time_is_up=why == TIME_IS_UP)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        seeing, match = seeing_of(request), request.resolver_match
        if seeing is None or match is None:
            return None
        if request.method == "POST" and match.url_name in ENDING:
            request.user = seeing.by
            return None
        if match.url_name == "see_as" and kwargs["pk"] == seeing.user.pk:
            return redirect("front")  # pressed twice
        closed = request.path.startswith("/konto/") or match.url_name in FILES or request.GET.get("format")
        if closed or request.method not in ("GET", "HEAD"):
            return _in_short(ONLY_LOOKING) if _is_part(request) else _refusal(request, "only_looking")
        return None


def _is_part(request: HttpRequest) -> bool:
    """Whether a page that stands asks for a part of itself."""
    return bool(request.headers.get("HX-Request"))


def _in_short(text: str) -> HttpResponse:
    return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")


def _refusal(request: HttpRequest, page: str, **context: Any) -> HttpResponse:
    return TemplateResponse(request, f"stakeholders/{page}.html", context, status=403).render()


@require_http_methods(["GET", "POST"])
def see_as(request: Any, pk: int) -> HttpResponse:
    """Says what it means, and begins when that is confirmed."""
    if not request.user.is_superuser:
        raise PermissionDenied
    user = get_object_or_404(User, pk=pk)
    if not may_see_as(request.user, user):
        messages.warning(request, f"Du kan ikke se siderne som {user}. Det kræver en rolle uden administration.")
        return redirect("admin:stakeholders_user_change", pk)
    if request.method == "POST":
        begin(request, user)
        return redirect("front")
    context = {"user_seen": user, "minutes": MINUTES}
    return TemplateResponse(request, "stakeholders/see_as.html", context)


@require_POST
def stop_seeing_as(request: HttpRequest) -> HttpResponse:
    seeing = seeing_of(request)
    if seeing is None:
        return redirect("front")
    end(request)
    messages.success(request, "Du ser igen siderne som dig selv.")
    return redirect("admin:stakeholders_user_change", seeing.user.pk)
