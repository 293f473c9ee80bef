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

from flere_haender.access import Role
from flere_haender.days import danish_day, today

from .models import EditableText, Installation, Invitation, Membership, Message, User
from .models.closing import ERASURE, FIRST, LAST_OF_ROLE, SECOND, WARNING, unused_since
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


@letter(
    WARNING,
    "30 og 7 dage før en konto lukkes, fordi den ikke bruges",
    subject="Din konto lukkes {dag}",
    body="""
Du har ikke brugt Flere hænder siden {sidst}. En konto lukkes efter {maaneder} måneder uden brug, og din lukkes {dag}.

Vil du beholde den, skal du bare logge på:

{link}

Bliver den lukket, kan jeres leder eller KL åbne den igen. Det, du har skrevet, bliver stående.""",
    sidst="den 2. maj 2026",
    dag="fredag den 7. maj 2027",
    maaneder=12,
    link=to_page("Log på", "/konto/login/"),
)
def account_unused(message: Message) -> Values | None:
    """The day counts from when it is sent, since it may have waited."""
    user = message.recipient
    if user is None or unused_since(user).isoformat() != message.about["since"]:
        return None
    closes_on = today() + (FIRST if message.about["number"] == 1 else SECOND)
    return {
        "sidst": on_day(danish_day(unused_since(user))),
        "dag": on_day(closes_on),
        "maaneder": settings.ACCOUNT_UNUSED_MONTHS,
        "link": to_page("Log på", reverse("account_login")),
    }


@letter(
    LAST_OF_ROLE,
    "Når den sidste med en rolle er lukket, fordi kontoen ikke bruges",
    subject="{organisation} har ingen {rolle}",
    body="""
{bruger} har ikke brugt Flere hænder i {maaneder} måneder, så kontoen er lukket.

{foelge}

Åbn kontoen igen, eller inviter en anden:

{link}""",
    bruger="Hanne Lund i Korsbæk Kommune",
    organisation="Korsbæk Kommune",
    rolle="kommunal redaktør",
    foelge="Kommunen har så ingen redaktør. Ingen i kommunen kan svare.",
    maaneder=12,
    link=to_page("Brugere i Korsbæk Kommune", "/brugere/?kommune=999"),
)
def last_of_role_closed(message: Message) -> Values | None:
    closed = Membership.objects.select_related("user", "municipality").get(pk=message.about["membership"])
    lacking = closed.lacking
    if lacking is None or closed.user.is_active or message.recipient is None:
        return None
    return {
        "bruger": f"{closed.user} i {closed.organisation}",
        "organisation": closed.organisation,
        "rolle": Role(closed.role).in_text,
        "foelge": lacking.label,
        "maaneder": settings.ACCOUNT_UNUSED_MONTHS,
        "link": to_users(closed, message.recipient),
    }


def to_users(closed: Membership, reader: User) -> Link:
    """Where this reader opens the account again."""
    if reader.membership is None:
        return to_page(
            "Brugeren i administrationen", f"{reverse('admin:stakeholders_user_changelist')}?id={closed.user_id}"
        )
    page = reverse("users")
    if reader.membership.is_kl and closed.municipality:
        page += f"?kommune={closed.municipality.code}"
    return to_page(f"Brugere i {closed.organisation}", page)


@letter(
    ERASURE,
    "Når en bruger beder om at blive slettet",
    subject="En bruger vil slettes",
    body="""
{bruger} har bedt om at blive slettet. Åbn listen over brugere, vælg brugeren, og vælg “Anonymisér de valgte brugere”:

{link}

Det kan ikke fortrydes. Det, brugeren har skrevet, bliver stående uden navn.""",
    bruger="Hanne Lund, Korsbæk Kommune,",
    link=to_page("Brugere i administrationen", "/admin/stakeholders/user/"),
)
def erasure_asked(message: Message) -> Values | None:
    user = User.objects.get(pk=message.about["user"])
    if user.is_erased:
        return None
    membership = user.membership
    path = f"{reverse('admin:stakeholders_user_changelist')}?id={user.pk}"
    return {
        "bruger": f"{user}, {membership.organisation}," if membership else str(user),
        "link": to_page("Brugeren i administrationen", path),
    }
