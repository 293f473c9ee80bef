"""What our e-mails say. Each app has its own in a module ``letters``, which registers them here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dateformat import format as as_text

from flere_haender.days import danish_day

from .models import EditableText, Installation, Invitation, Message
from .texts import Lines, Link, Text, Values, as_html, as_plain, known_texts, register

# None: the letter has no purpose any more.
Writer = Callable[[Message], Values | None]


_writers: dict[str, Writer] = {}


def slug_of(occasion: str) -> str:
    """What the text of a letter is known by."""
    return f"e-mail-{occasion.replace('_', '-')}"


def letter(occasion: str, title: str, *, subject: str, body: str, **examples: Any) -> Callable[[Writer], Writer]:
    """Register the letter of an occasion. Its writer says what each placeholder says, or None when the letter has no
    purpose any more.

    Args:
        title: when it is sent.
        subject, body: the standard text; KL can change it.
        examples: what each placeholder can say. Without the links among them the letter cannot be.
    """
    required = tuple(name for name, example in examples.items() if isinstance(example, Link | Lines))
    register(Text(slug_of(occasion), title, body.strip(), subject, examples, required))

    def add(writer: Writer) -> Writer:
        _writers[occasion] = writer
        return writer

    return add


def title_of(occasion: str) -> str:
    """What the letter of an occasion is called; the occasion itself when nobody writes for it any more."""
    text = known_texts().get(slug_of(occasion))
    return text.title if text else occasion


def to_page(label: str, path: str) -> Link:
    """A link to one of our pages."""
    return Link(label, f"{settings.SITE_URL}{path}")


def on_day(day: date) -> str:
    """fredag den 4. december 2026"""
    return as_text(day, r"l \d\e\n j. F Y")


def written(message: Message) -> EmailMultiAlternatives | None:
    """The e-mail as it is today, in plain text and HTML. None: it has no purpose any more.

    Raises KeyError for an occasion that nobody writes for, and whatever its writer raises.
    """
    values = _writers[message.occasion](message)
    if values is None:
        return None
    return _mail(message, *EditableText.holding(known_texts()[slug_of(message.occasion)]), values)


def _mail(message: Message, subject: str, body: str, values: Values) -> EmailMultiAlternatives:
    subject = " ".join(as_plain(subject, values).split())
    context = {
        "recipient": message.recipient,
        "site": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "demo": Installation.is_demo(),
        "subject": subject,
    }
    mail = EmailMultiAlternatives(
        subject=settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + subject,
        body=render_to_string("mail/letter.txt", context | {"body": as_plain(body, values)}),
        to=[message.address],
        reply_to=[settings.CONTACT_EMAIL],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    page = render_to_string("mail/letter.html", context | {"body": as_html(body, values)})
    mail.attach_alternative(page, "text/html")
    return mail


@letter(
    "password_reset",
    "Når nogen har glemt sin adgangskode",
    subject="Ny adgangskode",
    body="""
Du har bedt om en ny adgangskode. Vælg den her:

{link}

Linket virker i 24 timer. Har du ikke bedt om det, skal du ikke gøre noget.""",
    link=to_page("Vælg din nye adgangskode", "/konto/adgangskode/ny/…"),
)
def password_reset(message: Message) -> Values:
    """The key is made when the letter is written, so it is kept nowhere."""
    user = message.recipient
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    return {"link": to_page("Vælg din nye adgangskode", path)}


@letter(
    "invitation",
    "Når nogen bliver inviteret",
    subject="Du er inviteret",
    body="""
{afsender} har inviteret dig til Flere hænder.

I Flere hænder følger kommunerne og KL op på anbefalingerne i handleplanen. Du er inviteret som {rolle}.

Vælg dit navn og din adgangskode her:

{link}

Linket virker til og med {sidste_dag}. Kender du ikke til det, skal du ikke gøre noget.""",
    afsender="KL",
    rolle="redaktør i Korsbæk Kommune",
    sidste_dag="fredag den 7. maj 2027",
    link=to_page("Vælg dit navn og din adgangskode", "/brugere/invitation/…"),
)
def invitation(message: Message) -> Values | None:
    """The link is made when the letter is written, so it is kept nowhere."""
    found = Invitation.objects.select_related("municipality", "invited_by").get(pk=message.about["invitation"])
    if not found.is_open or found.is_expired or found.times_sent != message.about["times_sent"]:
        return None
    inviter = found.invited_by.membership
    by = "KL" if inviter is None or inviter.is_kl else f"{found.invited_by}, {inviter.organisation},"
    return {
        "afsender": by,
        "rolle": found.role_in_text,
        "sidste_dag": on_day(danish_day(found.expires_at)),
        "link": to_page("Vælg dit navn og din adgangskode", found.path),
    }
