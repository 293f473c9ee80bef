"""Invitations: how somebody gets a membership."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from flere_haender.access import Role, is_kl, may_manage_users
from flere_haender.days import end_of_day, today

from .access_log import AccessKind, record_access
from .outbox import Message
from .places import Municipality
from .roles import ROLE_FITS_ORGANISATION, InOrganisation, InOrganisationQuerySet, roles_of
from .users import Membership, User

VALID_FOR = timedelta(days=14)
SIGNER = Signer(salt="invitation")


class InvitationQuerySet(InOrganisationQuerySet):
    def open(self) -> InvitationQuerySet:
        """Neither accepted nor withdrawn; the link may be out of date."""
        return self.filter(accepted_at=None, withdrawn_at=None)


class Invitation(InOrganisation, models.Model):
    """Somebody is asked to come in with a role. The membership begins when they accept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations", verbose_name="bruger")
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        related_name="invitations",
        null=True,
        blank=True,
        verbose_name="kommune",
    )
    role = models.CharField("rolle", max_length=20, choices=Role.choices)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="inviteret af")
    sent_at = models.DateTimeField("sendt")
    times_sent = models.PositiveSmallIntegerField("gange sendt", default=1)
    expires_at = models.DateTimeField("gælder til")
    accepted_at = models.DateTimeField("accepteret", null=True, blank=True)
    withdrawn_at = models.DateTimeField("trukket tilbage", null=True, blank=True)
    key = models.UUIDField("nøgle", unique=True, default=uuid.uuid4, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        verbose_name_plural = "invitationer"
        ordering = ("-sent_at",)
        constraints = (
            models.UniqueConstraint(
                name="invitation_one_open_per_user",
                fields=("user",),
                condition=Q(accepted_at=None, withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="invitation_role_fits_organisation",
                condition=ROLE_FITS_ORGANISATION,
            ),
            models.CheckConstraint(name="invitation_expires_later", condition=Q(expires_at__gt=F("sent_at"))),
            models.CheckConstraint(
                name="invitation_is_accepted_or_withdrawn", condition=Q(accepted_at=None) | Q(withdrawn_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"Invitation {self.pk}"

    @classmethod
    @transaction.atomic
    def invite(
        cls,
        email: str,
        *,
        role: str,
        municipality: Municipality | None,
        by: User,
        key: uuid.UUID | None = None,
        name: str = "",
    ) -> Invitation:
        """Ask somebody to come in, and write to them.

        Args:
            email: their work e-mail; a user is made for it unless there is one.
            role: a role of the organisation.
            municipality: where; None is KL.
            by: who invites.
            key: the same key again returns the first invitation.
            name: of the user, when one is made; they may change it when they come in.

        Raises:
            PermissionDenied: ``by`` may not invite there.
            ValidationError: the e-mail belongs to somebody who is in already, or must not come in.
        """
        if not may_manage_users(by, municipality.pk if municipality else None):
            raise PermissionDenied
        if role not in roles_of(municipality):
            raise ValidationError({"role": "Vælg en rolle fra listen."})
        earlier = cls.objects.filter(key=key, invited_by=by).first() if key else None
        if earlier is not None:
            return earlier
        user, is_new = _user_of(email, name)
        if not is_new:
            _refuse_unless_free(user, municipality, by=by)
        now = timezone.now()
        fields = {"role": role, "invited_by": by, "sent_at": now, "expires_at": _last_moment()}
        try:
            with transaction.atomic():
                invitation = cls.objects.create(
                    user=user, municipality=municipality, key=key or uuid.uuid4(), **fields
                )
        except IntegrityError as error:  # somebody else did at the same time
            raise ValidationError({"email": "E-mailen er lige blevet inviteret. Se listen."}) from error
        invitation._write()
        return invitation

    @classmethod
    def by_token(cls, token: str) -> Invitation | None:
        """The invitation whose link this is. None: no link of ours, or a newer one has been sent."""
        try:
            pk, times_sent = SIGNER.unsign(token).split("-")
        except BadSignature:
            return None
        found = cls.objects.select_related("user", "municipality").filter(pk=pk, times_sent=times_sent)
        return found.first()

    @property
    def path(self) -> str:
        """The address that accepts it. Nothing in the database gives it away."""
        return reverse("accept_invitation", args=[SIGNER.sign(f"{self.pk}-{self.times_sent}")])

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None

    @property
    def is_expired(self) -> bool:
        return timezone.now() > self.expires_at

    @transaction.atomic
    def send_again(self, *, by: User, seen: int | None) -> bool:
        """Write once more, with a new link and new days; the old link is dead.

        Args:
            by: who does it.
            seen: ``times_sent`` as they saw it: pressing twice sends once.

        Returns:
            Whether it was sent now.

        Raises:
            PermissionDenied: ``by`` may not invite there.
        """
        self._lock(by=by)
        if not self.is_open or self.times_sent != seen:
            return False
        self.times_sent += 1
        self.sent_at, self.expires_at = timezone.now(), _last_moment()
        self.save(update_fields=["times_sent", "sent_at", "expires_at"])
        self._write()
        return True

    @transaction.atomic
    def withdraw(self, *, by: User) -> bool:
        """Let the link be dead. Returns whether it was open. Raises PermissionDenied."""
        self._lock(by=by)
        if not self.is_open:
            return False
        self.withdrawn_at = timezone.now()
        self.save(update_fields=["withdrawn_at"])
        record_access(AccessKind.INVITATION_WITHDRAWN, by=by, about_user=self.user, municipality=self.municipality)
        return True

    @transaction.atomic
    def accept(self, *, name: str, password: str) -> User:
        """The invited comes in with a name and a password of their own.

        Raises:
            ValidationError: it is not open any more, or they have come in by another way.
        """
        self.refresh_from_db(from_queryset=Invitation.objects.select_for_update())
        user = User.objects.select_for_update().get(pk=self.user_id)
        if not self.is_open or self.is_expired or not user.is_active or user.membership is not None:
            raise ValidationError("Invitationen kan ikke bruges længere.")
        user.name = name
        user.set_password(password)
        user.save(update_fields=["name", "password"])
        Membership.give(user, self.role, municipality=self.municipality, by=self.invited_by)
        self.accepted_at = timezone.now()
        self.save(update_fields=["accepted_at"])
        return user

    def _lock(self, *, by: User) -> None:
        if not may_manage_users(by, self.municipality_id):
            raise PermissionDenied
        self.refresh_from_db(from_queryset=Invitation.objects.select_for_update())

    def _write(self) -> None:
        about = {"invitation": self.pk, "times_sent": self.times_sent}
        Message.queue("invitation", to=self.user, about=about, key=letter_key(self.pk, self.times_sent))


def letter_key(pk: int, times_sent: int) -> str:
    return f"invitation {pk} {times_sent}"


def _last_moment() -> Any:
    return end_of_day(today() + VALID_FOR)


def _user_of(email: str, name: str) -> tuple[User, bool]:
    """The user with this e-mail, and whether they were made now."""
    email = email.strip().lower()
    user = User.objects.filter(email__iexact=email).first()
    return (user, False) if user else User.objects.get_or_create(email=email, defaults={"password": "!", "name": name})


def _refuse_unless_free(user: User, municipality: Municipality | None, *, by: User) -> None:
    Invitation.objects.open().filter(user=user, expires_at__lte=timezone.now()).exclude(
        municipality=municipality
    ).update(withdrawn_at=timezone.now())
    pending = user.invitations.open().select_related("municipality").first()
    if said := why_not(user, user.membership or pending, municipality, by=by):
        raise ValidationError({"email": said})


def why_not(user: User, where: Membership | Invitation | None, municipality: Municipality | None, *, by: User) -> str:
    """Why somebody cannot be invited, in Danish; empty when they can. Of other organisations only KL is told more.

    Args:
        where: the active membership of the user, else the open invitation.
        municipality: where they would be invited to; None is KL.
        by: who would invite.
    """
    if where is None and user.is_active:
        return ""
    closed = user.memberships.active().filter(municipality=municipality).exists() if user.closed_at else False
    if closed and may_manage_users(by, municipality.pk if municipality else None):
        return "Kontoen er lukket, fordi den ikke blev brugt. Åbn den igen fra listen."
    is_in = isinstance(where, Membership)
    if where is not None and where.municipality == municipality:
        said = f"{user.name or user.email} har allerede adgang."
        return said if is_in else "E-mailen er inviteret. Send invitationen igen fra listen."
    if not is_kl(by):
        said = "E-mailen hører til en bruger et andet sted, eller brugeren er spærret."
        return f"{said} Skriv til {settings.CONTACT_EMAIL}."
    if where is None:
        return "Brugeren er spærret. En superbruger kan åbne for brugeren igen."
    has = "har adgang i" if is_in else "er inviteret til"
    return f"{user.name or 'Brugeren'} {has} {where.organisation}. Fjern brugeren dér først."
