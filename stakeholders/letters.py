"""What our e-mails say. Each app has its own in a module ``letters``, which registers them here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from .models import Installation, Invitation, Message


@dataclass(frozen=True)
class Letter:
    """A subject, and the name of two templates: ``mail/<template>.txt`` and ``.html``.

    Both extend ``mail/base``, and know ``recipient`` (the user, or None for a mailbox), ``mailbox_of`` (the
    municipality, or None), ``site`` (our address, before a path) and ``contact_email``.
    """

    subject: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)


Writer = Callable[[Message], Letter | None]
_writers: dict[str, Writer] = {}


def letter(occasion: str) -> Callable[[Writer], Writer]:
    """Register who writes the letter of an occasion. It answers None when the letter has no purpose any more."""

    def register(writer: Writer) -> Writer:
        _writers[occasion] = writer
        return writer

    return register


def written(message: Message) -> EmailMultiAlternatives | None:
    """The e-mail as it is today, in plain text and HTML. None: it has no purpose any more.

    Raises KeyError for an occasion that nobody writes for, and whatever its writer raises.
    """
    found = _writers[message.occasion](message)
    return None if found is None else _mail(message, found)


def _mail(message: Message, found: Letter) -> EmailMultiAlternatives:
    context = {
        "recipient": message.recipient,
        "mailbox_of": message.mailbox_of,
        "site": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "demo": Installation.is_demo(),
        "subject": found.subject,
        **found.context,
    }
    mail = EmailMultiAlternatives(
        subject=settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + found.subject,
        body=render_to_string(f"mail/{found.template}.txt", context),
        to=[message.address],
        reply_to=[settings.CONTACT_EMAIL],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string(f"mail/{found.template}.html", context), "text/html")
    return mail


@letter("password_reset")
def password_reset(message: Message) -> Letter:
    """The key is made when the letter is written, so it is kept nowhere."""
    user = message.recipient
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    return Letter("Ny adgangskode", "password_reset", {"path": path})


@letter("invitation")
def invitation(message: Message) -> Letter | None:
    """The link is made when the letter is written, so it is kept nowhere."""
    found = Invitation.objects.select_related("municipality", "invited_by").get(pk=message.about["invitation"])
    if not found.is_open or found.is_expired or found.times_sent != message.about["times_sent"]:
        return None
    inviter = found.invited_by.membership
    by = "KL" if inviter is None or inviter.is_kl else f"{found.invited_by}, {inviter.organisation},"
    return Letter("Du er inviteret", "invitation", {"invitation": found, "by": by})
