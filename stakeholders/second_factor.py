"""Two-step sign-in: who must have it, how it is kept, and what somebody without it meets."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString, mark_safe

from flere_haender.access import MembershipMiddleware, enters_admin
from flere_haender.typed import keep_typed

from .models import Installation, User

ISSUER = "Flere hænder"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # the codes alone are none
# What of a factor is kept encrypted.
SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}
AFTER_SETUP = "after_setup"  # in the session: where they were going
WAIT = "Du skal sætte totrinslogin op. Åbn Din konto i en anden fane, gør det dér, og prøv igen her."


def is_required() -> bool:
    """Whether KL's writers need two steps: ``REQUIRE_MFA``; when it is not set, everywhere but in a demo."""
    required = settings.REQUIRE_MFA
    return not Installation.is_demo() if required is None else bool(required)


def needs_two_steps(user: Any) -> bool:
    """KL's consultants and the superusers, who can write for everybody."""
    return user.is_authenticated and enters_admin(user) and is_required()


def factors_of(user: User) -> QuerySet[Authenticator]:
    """The app and the passkeys."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS)


def came_through_provider(request: HttpRequest, user: Any) -> bool:
    """Signed in by their own organisation in this session: how many steps that takes is its business."""
    return any(each.get("method") == "socialaccount" for each in get_authentication_records(request, user))


def may_pass(request: HttpRequest) -> bool:
    """Whether nothing more is asked of who is signed in; what costs a query is asked last.

    Who has a factor has shown it in this session: the others end when it is added (``sessions.end_others``).
    """
    user = request.user
    if not user.is_authenticated or not enters_admin(user):
        return True
    return came_through_provider(request, user) or factors_of(user).exists() or not is_required()


class SecondFactorMiddleware:
    """Those who must sign in in two steps set it up before they do anything else.

    What they send meanwhile is kept and given back afterwards, as when a session has run out.
    """

    OPEN = MembershipMiddleware.OPEN

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.path.startswith(self.OPEN) or may_pass(request):
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(WAIT, status=403, content_type="text/plain; charset=utf-8")
        if request.method == "POST":
            keep_typed(request, view)
        if request.method in ("GET", "HEAD") or getattr(view, "gives_back", False):
            request.session[AFTER_SETUP] = request.get_full_path()
        return redirect("mfa_index")


class MFAAdapter(DefaultMFAAdapter):
    """How allauth keeps the factors (``MFA_ADAPTER``)."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "Din rolle kræver totrinslogin. Tilføj en anden måde først.",
        "cannot_generate_recovery_codes": "Sæt først en app eller en adgangsnøgle op.",
        "incorrect_code": "Det passer ikke. En kode fra appen gælder i 30 sekunder og kun én gang.",
    }

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Whether they have such a factor; who comes from a provider is not asked for one on the way in."""
        request = context.request
        on_the_way_in = request is not None and request.user.is_anonymous
        if on_the_way_in and came_through_provider(request, user):
            return False
        return bool(super().is_mfa_enabled(user, types=types))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if authenticator.type not in FACTORS or not needs_two_steps(authenticator.user):
            return True
        return factors_of(authenticator.user).exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return f"Adgangsnøgle {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def get_totp_issuer(self) -> str:
        return ISSUER

    def _get_site_name(self) -> str:
        return ISSUER

    def build_totp_svg(self, url: str) -> SafeString:
        """The QR code as an element of the page."""
        import qrcode
        from qrcode.image.svg import SvgPathImage

        drawn = qrcode.make(url, image_factory=SvgPathImage).to_string(encoding="unicode")
        return mark_safe(drawn.replace("<svg ", '<svg class="qr" role="img" aria-label="QR-kode til appen" ', 1))

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. What was kept under a key that is gone fits no code, rather than a known one."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()


def _cipher() -> MultiFernet:
    """What the apps and the codes are made from is kept encrypted with SECRET_KEY: a backup does not give it away."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (hashlib.sha256(b"second factor" + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


@transaction.atomic
def renew_secrets() -> None:
    """Encrypt under the newest key what an older one of ``SECRET_KEY_FALLBACKS`` still opens, which may then go."""
    cipher = _cipher()
    for found in Authenticator.objects.select_for_update().filter(type__in=SECRETS):
        name = SECRETS[found.type]
        with suppress(KeyError, InvalidToken):  # kept as codes, or under a key that is gone
            found.data[name] = cipher.rotate(found.data[name].encode()).decode()
            found.save(update_fields=["data"])
