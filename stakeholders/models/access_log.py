"""The access log: who signed in, read and took out what, and whose access was changed. Rows are only added.

It names people by id, and holds neither addresses of the network nor what somebody typed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from flere_haender.access import may_read_access_log
from flere_haender.append_only import never_emptied
from flere_haender.days import months_before, start_of_day, today

from .places import Municipality

# The same page read again by the same user within the same ten minutes of the clock is one row.
REPEATED_WITHIN = timedelta(minutes=10)
# Three months at the shortest, February among them, less the hour of summer time.
KEPT_AT_LEAST = timedelta(days=88)


class AccessKind(models.TextChoices):
    SIGNED_IN = "signed_in", "Loggede på"
    SIGN_IN_REFUSED = "sign_in_refused", "Login afvist"
    SIGNED_OUT = "signed_out", "Loggede af"
    PASSWORD_CHANGED = "password_changed", "Skiftede adgangskode"
    PASSWORD_RESET = "password_reset", "Valgte ny adgangskode med link"
    FACTOR_ADDED = "factor_added", "Tilføjede totrinslogin"
    FACTOR_REMOVED = "factor_removed", "Fjernede totrinslogin"
    FACTOR_RESET = "factor_reset", "Nulstillede en brugers totrinslogin"
    SESSION_ENDED = "session_ended", "Afsluttede et login på en anden enhed"
    READ = "read", "Læste"
    EXPORTED = "exported", "Hentede en fil"
    ROLE_GIVEN = "role_given", "Gav en rolle"
    ROLE_CHANGED = "role_changed", "Ændrede en rolle"
    ROLE_ENDED = "role_ended", "Fjernede en rolle"
    INVITATION_WITHDRAWN = "invitation_withdrawn", "Trak en invitation tilbage"
    ACCOUNT_CLOSED = "account_closed", "Lukkede en konto"
    ACCOUNT_OPENED = "account_opened", "Åbnede en konto igen"
    USER_CHANGED = "user_changed", "Ændrede en brugers oplysninger"
    USER_ERASED = "user_erased", "Anonymiserede en bruger"
    ERASURE_ASKED = "erasure_asked", "Bad om at blive slettet"
    OWN_DATA = "own_data", "Hentede sine egne oplysninger"
    SEEING_AS_BEGAN = "seeing_as_began", "Begyndte at se som en bruger"
    SEEING_AS_ENDED = "seeing_as_ended", "Holdt op med at se som en bruger"


class AccessQuerySet(models.QuerySet["AccessEntry"]):
    def visible_to(self, user: Any) -> AccessQuerySet:
        """All of it to KL's administrator; to a leader what concerns their municipality."""
        if not may_read_access_log(user):
            return self.none()
        return self if user.is_superuser else self.filter(municipality=user.membership.municipality)

    def expired(self) -> AccessQuerySet:
        """What has been kept for as long as it is to be kept."""
        return self.filter(at__lt=start_of_day(months_before(today(), settings.ACCESS_LOG_MONTHS)))

    def forget_expired(self) -> int:
        """Delete what has expired, without waiting for another worker that does. Returns how many rows."""
        return self.expired()._raw_delete(self.db)


class AccessEntry(models.Model):
    """Somebody did something that one must be able to see afterwards."""

    at = models.DateTimeField("tidspunkt", db_index=True)
    kind = models.CharField("hændelse", max_length=30, choices=AccessKind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="hvem",
        help_text="Tom: en, tjenesten ikke kender, eller tjenesten selv.",
    )
    about_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="hvis adgang",
    )
    # By its code, which stands in the addresses: so a row is one insert, and no look-up.
    municipality = models.ForeignKey(
        Municipality,
        to_field="code",
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="hvis oplysninger",
        help_text="Kommunen, som det vedrører. Tom: KL, alle eller ingen bestemt.",
    )
    subject = models.CharField("hvad", max_length=300, blank=True)
    detail = models.CharField("nærmere", max_length=300, blank=True)
    within = models.DateTimeField("det første af ti minutter", null=True, editable=False)

    objects = AccessQuerySet.as_manager()

    class Meta:
        verbose_name = "linje i adgangsloggen"
        verbose_name_plural = "adgangslog"
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(
                F("by"),
                F("within"),
                F("subject"),
                Coalesce("municipality", 0),
                name="access_read_once_in_ten_minutes",
                condition=Q(within__isnull=False),
            ),
            models.CheckConstraint(
                name="access_only_reading_repeats", condition=Q(within=None) | Q(kind=AccessKind.READ)
            ),
        )
        # For a municipality's own part of the log, and a user's.
        indexes = (
            models.Index(fields=("municipality", "-at"), name="access_of_municipality"),
            models.Index(fields=("by", "-at"), name="access_by_user"),
            models.Index(
                fields=("about_user", "-at"), name="access_about_user", condition=Q(about_user__isnull=False)
            ),
        )
        triggers = (
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update),
            pgtrigger.Trigger(
                name="kept_long_enough",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=f"""
                    IF OLD.at > now() - interval '{KEPT_AT_LEAST.days} days' THEN
                        RAISE EXCEPTION 'the access log is kept' USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN OLD;
                """,
            ),
            never_emptied("the access log is kept"),
        )

    def __str__(self) -> str:
        return f"Adgangslog {self.pk}"


def record_access(
    kind: AccessKind,
    *,
    by: Any = None,
    municipality: Municipality | None = None,
    about_user: Any = None,
    subject: str = "",
    detail: str = "",
) -> AccessEntry:
    """Write a row of the access log. It is taken back with the transaction that it is written in.

    Args:
        by: the user who did it; None, or nobody who is signed in, for one we do not know and for the service itself.
        municipality: the one whose data or users it concerns; None is KL, all of them or none in particular.
        about_user: whose access it is about, when that is somebody else's.
        subject: what: an address of ours or a few words. Never what somebody typed, never a name.
        detail: what else there is to know, under the same condition. Both are cut off at 300 characters.
    """
    return AccessEntry.objects.create(
        at=timezone.now(),
        kind=kind,
        by=by if getattr(by, "is_authenticated", False) else None,
        municipality=municipality,
        about_user=about_user,
        subject=clipped(subject),
        detail=clipped(detail),
    )


def record_reading(
    by: Any, codes: Collection[int | None], *, subject: str, export: str = "", about_user: Any = None
) -> None:
    """Write down that somebody has read a page or taken out a file. One query, however many it concerns.

    Args:
        by: the reader, who is signed in.
        codes: the municipalities that it is about; None is all of them or none in particular.
        subject: the address, without what stands after ``?``.
        export: the name of the file. A page is written down once in ten minutes, a file each time.
        about_user: as whom they saw it, when that is somebody else.
    """
    now = timezone.now()
    fields: dict[str, Any] = {"at": now, "by": by, "about_user": about_user}
    fields |= {"subject": clipped(subject), "detail": clipped(export)}
    if export:
        fields |= {"kind": AccessKind.EXPORTED}
    else:
        fields |= {
            "kind": AccessKind.READ,
            "within": now - timedelta(seconds=now.timestamp() % REPEATED_WITHIN.seconds),
        }
    rows = [AccessEntry(municipality_id=code, **fields) for code in codes]
    AccessEntry.objects.bulk_create(rows, ignore_conflicts=not export)


def clipped(text: str) -> str:
    return text.replace("\x00", "")[:300]


def home_of(user: Any) -> Municipality | None:
    """The municipality that a user is, or was last, a member of: whom their signing in concerns."""
    membership = user.membership or user.memberships.select_related("municipality").first()
    municipality: Municipality | None = membership.municipality if membership else None
    return municipality


def record_own(kind: AccessKind, user: Any, subject: str = "") -> None:
    """Somebody has done something with their own access. Nobody, when they were not signed in any more."""
    if user is not None:
        record_access(kind, by=user, municipality=home_of(user), subject=subject)


def record_about(kind: AccessKind, user: Any, *, by: Any = None, subject: str = "", detail: str = "") -> None:
    """Somebody, or the service itself, has done something with a user's access."""
    record_access(kind, by=by, about_user=user, municipality=home_of(user), subject=subject, detail=detail)
