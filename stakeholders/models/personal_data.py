"""Everything that is kept about a user, and what becomes of it when the user is erased.

Every key to a user in the database is in ``HELD`` (``tests/initiatives/test_own_data.py`` walks the models). Rows that
are not deleted stay, and name the user by id alone. Models are named as text, since most of them import this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet


@dataclass(frozen=True)
class Held:
    """Rows that name a user.

    Attributes:
        model, key: the model, and its field that names the user.
        title: what the user calls them.
        columns: what is handed out to the user; no secrets, and nothing about others.
        is_erased: deleted when the user is erased.
    """

    model: str
    key: str
    title: str
    columns: tuple[str, ...]
    is_erased: bool = False

    def rows(self, user: Any) -> QuerySet[Any] | None:
        """The user's, the oldest first. None: this installation has no such thing."""
        try:
            model = apps.get_model(self.model)
        except LookupError:
            return None
        found: QuerySet[Any] = model._default_manager.filter(**{self.key: user}).order_by("pk")
        return found


LOGGED = ("pk", "effective_on", "recorded_at")
CELL = ("progress__recommendation__slug", "progress__municipality__name")

HELD: tuple[Held, ...] = (
    Held("stakeholders.Membership", "user", "Dine roller", ("role", "municipality__name", "started_on", "ended_on")),
    Held(
        "stakeholders.Invitation",
        "user",
        "Invitationer til dig",
        ("role", "municipality__name", "sent_at", "accepted_at", "withdrawn_at"),
    ),
    Held("stakeholders.Invitation", "invited_by", "Invitationer fra dig", ("pk", "role", "sent_at")),
    Held("stakeholders.Message", "recipient", "E-mails til dig", ("occasion", "state", "created_at", "sent_at")),
    Held(
        "stakeholders.AccessEntry",
        "by",
        "Adgangsloggen: det, du har gjort",
        ("at", "kind", "municipality__name", "subject", "detail"),
    ),
    Held(
        "stakeholders.AccessEntry",
        "about_user",
        "Adgangsloggen: det, andre har gjort med din adgang",
        ("at", "kind", "subject", "detail"),
    ),
    Held("account.EmailAddress", "user", "Din e-mail til login", ("email", "verified"), is_erased=True),
    Held("mfa.Authenticator", "user", "Dit totrinslogin", ("type", "created_at", "last_used_at"), is_erased=True),
    Held("socialaccount.SocialAccount", "user", "Login fra kommunen", ("provider", "date_joined"), is_erased=True),
    Held("stakeholders.UserSession", "user", "Steder, hvor du er logget på", ("expire_date",), is_erased=True),
    Held("initiatives.Upload", "uploaded_by", "Filer, du har uploadet", ("kind", "uploaded_at"), is_erased=True),
    Held("initiatives.FigureImport", "uploaded_by", "Tal, du har indlæst", ("pk", "uploaded_at", "saved_at")),
    Held("initiatives.FigureImport", "withdrawn_by", "Tal, du har trukket tilbage", ("pk", "withdrawn_at")),
    Held("initiatives.StatusUpdate", "recorded_by", "Statusnotater, du har skrevet", (*LOGGED, *CELL)),
    Held(
        "initiatives.KeyAnswer", "recorded_by", "Svar på spørgsmål", (*LOGGED, "question__slug", "municipality__name")
    ),
    Held("initiatives.DraftAnswer", "updated_by", "Udkast, du sidst har rettet", ("pk", "updated_at")),
    Held("initiatives.Submission", "submitted_by", "Indberetninger", ("pk", "submitted_at")),
    Held("initiatives.Decision", "made_by", "Afgørelser om indberetninger", ("pk", "made_at")),
    Held("initiatives.LocalAction", "created_by", "Lokale indsatser, du har lavet", ("pk", "title", "created_at")),
    Held("initiatives.LocalAction", "updated_by", "Indsatser, du sidst har rettet", ("pk", "title", "updated_at")),
    Held("initiatives.Case", "published_by", "Cases, du har publiceret", ("slug", "published_on")),
    Held("initiatives.CaseDecision", "made_by", "Afgørelser om cases", ("pk", "made_at")),
    Held("initiatives.IssuedReport", "issued_by", "Rapporter, du har udstedt", ("pk", "about", "issued_at")),
    Held("initiatives.ReportOrder", "ordered_by", "Rapporter, du har bestilt", ("title", "ordered_at")),
    Held("initiatives.Indicator", "defined_by", "Nøgletal, du har defineret", ("slug",)),
    Held("initiatives.RecommendationText", "recorded_by", "Planens tekster", LOGGED),
    Held("initiatives.Addressing", "recorded_by", "Hvem anbefalinger er rettet mod", LOGGED),
    Held("initiatives.Thresholds", "recorded_by", "Grænser for forskel", LOGGED),
    Held("stakeholders.EditableText", "changed_by", "Tekster, du sidst har rettet", ("slug", "changed_at")),
    Held(
        "admin.LogEntry",
        "user",
        "Det, du har gjort i administrationen",
        ("action_time", "content_type__model", "object_id", "action_flag"),
    ),
)


def held_about(user: Any) -> Iterator[tuple[Held, QuerySet[Any]]]:
    """All that is kept about the user."""
    for held in HELD:
        rows = held.rows(user)
        if rows is not None:
            yield held, rows


def erase(user: Any) -> None:
    """Delete the rows that are not kept when the user is erased."""
    for held, rows in held_about(user):
        if held.is_erased:
            rows.delete()
