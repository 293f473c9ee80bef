"""Din konto: how one signs in, and where one is signed in."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from .models import AccessKind, User, UserSession, record_own
from .requests import UserRequest
from .second_factor import factors_of

CODES_ARE_AT_HAND_FOR = 10 * 60  # seconds after they were shown


@require_safe
def account(request: UserRequest) -> HttpResponse:
    """What belongs to one's own sign-in, with the way to change it."""
    found = factors_of(request.user)
    context = {
        "section": "account",
        "app": found.filter(type=Authenticator.Type.TOTP).first(),
        "passkeys": found.filter(type=Authenticator.Type.WEBAUTHN),
        "session_count": len(UserSession.objects.running(request.user)),
    }
    return TemplateResponse(request, "stakeholders/account.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: UserRequest) -> HttpResponse:
    """Where one is signed in. A POST ends the one with ``session``, or all but this one."""
    here = request.session.session_key
    found = UserSession.objects.running(request.user)
    if request.method == "POST":
        handle = request.POST.get("session")
        chosen = [each.pk for each in found if each.pk != here and handle in (None, each.handle)]
        request.user.sessions.filter(pk__in=chosen).delete()
        if chosen:
            record_own(AccessKind.SESSION_ENDED, request.user)
        messages.success(request, _ended(len(chosen)))
        return redirect("sessions")
    found.sort(key=lambda each: (each.pk != here, -each.seen_at.timestamp()))
    hours = settings.SESSION_COOKIE_AGE // 3600
    context = {"section": "account", "sessions": found, "here": here, "hours": hours}
    return TemplateResponse(request, "stakeholders/sessions.html", context)


def _ended(count: int) -> str:
    if not count:
        return "Der var ingen andre at logge af."
    return "Du er logget af det andet sted." if count == 1 else f"Du er logget af {count} andre steder."


@never_cache
@require_safe
def recovery_codes_file(request: UserRequest) -> HttpResponse:
    """The codes as a text file, for as long as they are at hand after they were shown the one time."""
    raise_if_reauthentication_required(request, app="allauth.mfa")
    codes = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.RECOVERY_CODES).first()
    if codes is None:
        raise Http404
    if time.time() - codes.data.get("viewed_at", 0) > CODES_ARE_AT_HAND_FOR:
        messages.warning(request, "Nødkoderne vises kun én gang. Lav nye, hvis du har mistet dem.")
        return redirect("mfa_index")
    lines = ["Nødkoder til Flere hænder. Hver kode virker én gang.", "", *codes.wrap().get_unused_codes()]
    return HttpResponse(
        "\r\n".join([*lines, ""]),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="noedkoder-flere-haender.txt"'},
    )


class RemovePasskeyView(RemoveWebAuthnView):
    """Not the last one of those who need two steps."""

    http_method_names = ["get", "head", "post"]  # allauth's would take DELETE, and ask nothing

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.request.user.pk)  # two who remove the last two take turns
            adapter = get_adapter()
            if adapter.can_delete_authenticator(self.object):
                return super().form_valid(form)
        messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
        return redirect("mfa_index")


remove_passkey = RemovePasskeyView.as_view()
