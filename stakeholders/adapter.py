import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from .identity.providers import answering_for
from .models import AccessKind, Message, User, home_of, record_access


class AccountAdapter(DefaultAccountAdapter):
    """Users are invited; nobody signs up alone. What is sent to them goes through the outbox."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Who signs in through their organisation does so always: there it is decided whether they still may."""
        through_provider = "sociallogin" in (kwargs.get("signal_kwargs") or {})
        if not (through_provider or user.is_superuser) and (names := answering_for(user)):
            record_access(
                AccessKind.SIGN_IN_REFUSED, by=user, municipality=home_of(user), subject="Login med adgangskode"
            )
            messages.error(request, f"Du logger på gennem {' eller '.join(names)}. Brug knappen her på siden.")
            return redirect("account_login")
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        Message.queue("password_reset", to=user, about={}, key=f"password_reset {uuid.uuid4()}")
