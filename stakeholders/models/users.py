"""The users, and what they are members of."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.functional import cached_property

from flere_haender.access import KL_ROLES, MUNICIPAL_ROLES, Role, enters_admin
from flere_haender.days import today

from .places import Municipality

KL = "KL"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A user who signs in with this e-mail; without a password nobody signs in as them."""
        if not email:
            raise ValueError("En bruger skal have en e-mail.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in. The name and the work e-mail are the only personal data kept."""

    email = models.EmailField("e-mail", unique=True)
    name = models.CharField("navn", max_length=120)
    is_active = models.BooleanField("aktiv", default=True)
    date_joined = models.DateTimeField("oprettet", default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "bruger"
        verbose_name_plural = "brugere"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name or f"Bruger {self.pk}"

    @cached_property
    def membership(self) -> Membership | None:
        """The active membership, with its municipality."""
        if not self.is_active:
            return None
        return self.memberships.active().select_related("municipality").first()

    @property
    def is_staff(self) -> bool:
        """Whether the admin lets the user in."""
        return enters_admin(self)

    @transaction.atomic
    def anonymise(self, *, by: User) -> None:
        """Take away everything that says who this is; the row stays for the log that names it.

        Args:
            by: the superuser who does it, who is somebody else.

        Raises:
            PermissionDenied: ``by`` is no superuser, or it is themselves.
        """
        if not by.is_superuser or by.pk == self.pk:
            raise PermissionDenied
        self.name = f"Tidligere bruger {self.pk}"
        self.email = f"tidligere-bruger-{self.pk}@example.invalid"
        self.is_active = self.is_superuser = False
        self.last_login = None
        self.set_unusable_password()
        self.save()
        self.memberships.active().update(ended_on=Greatest(F("started_on"), Value(today())))
        EmailAddress = apps.get_model("account", "EmailAddress")
        EmailAddress.objects.filter(user=self).delete()
        self.sign_out_everywhere()
        self.__dict__.pop("membership", None)

    def sign_out_everywhere(self) -> None:
        """Delete the user's sessions."""
        for session in Session.objects.all():
            if session.get_decoded().get(SESSION_KEY) == str(self.pk):
                session.delete()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> MembershipQuerySet:
        return self.filter(ended_on=None)


class Membership(models.Model):
    """What a user is, and where: one active membership a user; former ones are kept with their days."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships", verbose_name="bruger")
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        related_name="memberships",
        null=True,
        blank=True,
        verbose_name="kommune",
        help_text="Tom: KL.",
    )
    role = models.CharField("rolle", max_length=20, choices=Role.choices)
    started_on = models.DateField("fra")
    ended_on = models.DateField("til og med", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "medlemskab"
        verbose_name_plural = "medlemskaber"
        ordering = ("user", "-started_on")
        constraints = (
            models.UniqueConstraint(
                name="membership_one_active_per_user",
                fields=("user",),
                condition=Q(ended_on=None),
                violation_error_message="Brugeren har allerede et aktivt medlemskab. Afslut det først.",
            ),
            models.CheckConstraint(
                name="membership_role_fits_organisation",
                condition=Q(municipality=None, role__in=KL_ROLES)
                | Q(municipality__isnull=False, role__in=MUNICIPAL_ROLES),
                violation_error_message="En KL-rolle har ingen kommune, og en kommunal rolle skal have en.",
            ),
            models.CheckConstraint(
                name="membership_ends_after_start",
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                violation_error_message="Medlemskabet kan ikke slutte, før det begynder.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.organisation}"

    @property
    def organisation(self) -> str:
        return self.municipality.authority_name if self.municipality else KL

    @property
    def is_kl(self) -> bool:
        return self.role in KL_ROLES

    @property
    def is_kl_consultant(self) -> bool:
        return self.role == Role.KL_CONSULTANT
