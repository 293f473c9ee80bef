import time
import uuid
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from flere_haender.client_address import client_address

from .identity.providers import answering_for
from .models import AccessKind, Message, User, record_own
from .sign_ins import held_back

REAUTHENTICATION = {
    "reauthenticate": "Brug din adgangskode",
    "mfa_reauthenticate": "Brug en kode",
    "mfa_reauthenticate:webauthn": "Brug en adgangsnøgle",
}


class AccountAdapter(DefaultAccountAdapter):
    """Users are invited; nobody signs up alone. What is sent to them goes through the outbox."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "E-mailen eller adgangskoden er forkert.",
        "too_many_login_attempts": "Der er prøvet for mange gange med denne e-mail. Vent fem minutter, og prøv igen.",
        "rate_limited": "Der er prøvet for mange gange. Vent fem minutter, og prøv igen.",
        "incorrect_password": "Adgangskoden passer ikke.",
        "enter_current_password": "Det er ikke din nuværende adgangskode.",
        "invalid_password_reset": "Linket virker ikke længere. Få et nyt.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Who signs in through their organisation does so always: there it is decided whether they still may."""
        through_provider = "sociallogin" in (kwargs.get("signal_kwargs") or {})
        if not (through_provider or user.is_superuser) and (names := answering_for(user)):
            record_own(AccessKind.SIGN_IN_REFUSED, user, "Login med adgangskode")
            messages.error(request, f"Du logger på gennem {' eller '.join(names)}. Brug knappen her på siden.")
            return redirect("account_login")
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            held_back(credentials)
            raise

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        Message.queue("password_reset", to=user, about={}, key=f"password_reset {uuid.uuid4()}")

    def set_password(self, user: User, password: str) -> None:
        """A new password ends all sessions but the one in which it was chosen."""
        super().set_password(user, password)
        user.sign_out_everywhere(but=context.request.session.session_key)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has signed in a moment ago has just shown who they are."""
        records = get_authentication_records(context.request, context.request.user)
        is_fresh = bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
        return not is_fresh and bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods = super().get_reauthentication_methods(user)
        return [each | {"description": REAUTHENTICATION[each["id"]]} for each in methods]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Attempts are counted per e-mail, under whatever host name and spelling the database takes for the same."""
        return str(credentials.get("email", "")).upper().lower()
