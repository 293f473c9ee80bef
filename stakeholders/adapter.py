import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from .models import Message, User


class AccountAdapter(DefaultAccountAdapter):
    """Users are invited; nobody signs up alone. What is sent to them goes through the outbox."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        Message.queue("password_reset", to=user, about={}, key=f"password_reset {uuid.uuid4()}")
