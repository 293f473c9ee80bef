"""The users, and what they are members of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.functional import cached_property

from flere_haender.access import KL_ROLES, Role, enters_admin, may_manage_users, sees_inside
from flere_haender.days import today

from .access_log import AccessKind, record_about, record_access
from .personal_data import erase
from .places import Municipality
from .roles import ROLE_FITS_ORGANISATION, InOrganisation, InOrganisationQuerySet, roles_of


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
    welcomed_at = models.DateTimeField("har set velkomsten", null=True, blank=True, editable=False)
    date_joined = models.DateTimeField("oprettet", default=timezone.now)
    closed_at = models.DateTimeField("lukket, fordi den ikke blev brugt", null=True, editable=False)
    opened_at = models.DateTimeField("åbnet igen", null=True, editable=False)

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

    def shown_to(self, reader: Any) -> str:
        """The name, where ``reader`` may know it: in their own municipality, and at KL. Else the organisation."""
        if reader == self:
            return str(self)
        membership = self.membership or self.memberships.select_related("municipality").first()
        if membership is None or sees_inside(reader, membership.municipality_id):
            return str(self)
        return membership.organisation

    def welcome(self) -> None:
        """What is shown the first time has been seen."""
        if self.welcomed_at is None:
            self.welcomed_at = timezone.now()
            self.save(update_fields=["welcomed_at"])

    @property
    def is_staff(self) -> bool:
        """Whether the admin lets the user in."""
        return enters_admin(self)

    @property
    def is_last_superuser(self) -> bool:
        """Whether nobody would be left to administer without this user."""
        others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=self.pk)
        return self.is_superuser and not others.exists()

    @property
    def _erased_email(self) -> str:
        return f"tidligere-bruger-{self.pk}@example.invalid"

    @property
    def is_erased(self) -> bool:
        return self.email == self._erased_email

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
        self.email = self._erased_email
        self.is_active = self.is_superuser = False
        self.last_login = self.closed_at = None
        self.set_unusable_password()
        self.save()
        self.memberships.active().update(ended_on=Greatest(F("started_on"), Value(today())))
        self.invitations.open().update(withdrawn_at=timezone.now())
        erase(self)
        self.sign_out_everywhere()
        record_about(AccessKind.USER_ERASED, self, by=by)
        self.__dict__.pop("membership", None)

    @transaction.atomic
    def reset_second_factor(self, *, by: User) -> None:
        """Take away the user's app, passkeys and codes, when they have lost them, and end their sessions.

        Args:
            by: the superuser who does it, who is somebody else and has made sure who is asking.

        Raises:
            PermissionDenied: ``by`` is no superuser, or it is themselves.
        """
        if not by.is_superuser or by.pk == self.pk:
            raise PermissionDenied
        apps.get_model("mfa", "Authenticator").objects.filter(user=self).delete()
        self.sign_out_everywhere()
        record_about(AccessKind.FACTOR_RESET, self, by=by)

    def sign_out_everywhere(self, *, but: str | None = None) -> None:
        """End the user's sessions, but the one with this key."""
        self.sessions.exclude(session_key=but or "").delete()


class Consequence(models.TextChoices):
    """What somebody must be told before they take a role away."""

    LAST_EDITOR = "last_editor", "Kommunen har så ingen redaktør. Ingen i kommunen kan svare."
    LAST_LEADER = "last_leader", "Kommunen har så ingen leder, og her er det lederen, der indsender."
    LAST_CONSULTANT = "last_consultant", "KL har så ingen konsulent. Ingen kan invitere til KL eller skrive for KL."
    OWN_ACCESS = "own_access", "Det er dig selv. Du mister adgangen med det samme."
    OWN_ROLE = "own_role", "Det er din egen rolle. Du kan ikke selv skifte den tilbage."


class NotTold(Exception):
    """Something follows that the user has not been told of."""


class AlreadyEnded(Exception):
    """The membership has ended, or become another role."""


class MembershipQuerySet(InOrganisationQuerySet):
    def active(self) -> MembershipQuerySet:
        return self.filter(ended_on=None)


class Membership(InOrganisation, models.Model):
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
    # Then the provider may give a role again; what a person has ended, a person begins again.
    ended_by_provider = models.BooleanField("afsluttet af loginnet", default=False, db_default=False, editable=False)

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
                condition=ROLE_FITS_ORGANISATION,
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
    def is_kl(self) -> bool:
        return self.role in KL_ROLES

    @property
    def is_kl_consultant(self) -> bool:
        return self.role == Role.KL_CONSULTANT

    def consequences(self, *, by: User, new_role: str = "") -> list[Consequence]:
        """What follows when it is ended, or replaced by another role."""
        found = [self.lacking] if self.lacking else []
        if self.user_id == by.pk:
            found.append(Consequence.OWN_ROLE if new_role else Consequence.OWN_ACCESS)
        return found

    @property
    def lacking(self) -> Consequence | None:
        """What the organisation lacks when nobody else who can sign in has this role there; None: nothing."""
        needed = {
            Role.EDITOR: Consequence.LAST_EDITOR,
            Role.KL_CONSULTANT: Consequence.LAST_CONSULTANT,
            Role.LEADER: Consequence.LAST_LEADER if self.municipality and self.municipality.leader_hands_in else None,
        }.get(Role(self.role))
        return None if self._peers().exclude(pk=self.pk).exists() else needed

    def _peers(self) -> MembershipQuerySet:
        """The active memberships with the same role in the same organisation, whose users can sign in."""
        return Membership.objects.active().filter(municipality=self.municipality, role=self.role, user__is_active=True)

    @classmethod
    @transaction.atomic
    def give(cls, user: User, role: str, *, municipality: Municipality | None, by: User | None) -> Membership:
        """Let the user in with a role from today.

        Args:
            municipality: where; None is KL.
            by: who wanted it; None when it follows from the municipality's own sign-on.
        """
        new = cls.objects.create(user=user, role=role, municipality=municipality, started_on=today())
        user.__dict__.pop("membership", None)
        new.trace(AccessKind.ROLE_GIVEN, by=by)
        return new

    @transaction.atomic
    def end(self, *, by: User, told: Collection[str] = ()) -> None:
        """Take the access away from today, and sign the user out everywhere. The membership is kept.

        Args:
            by: who does it.
            told: the consequences that they have been told of.

        Raises:
            PermissionDenied: ``by`` may not manage users here.
            NotTold: something follows that they have not been told of.
            AlreadyEnded: somebody was quicker.
        """
        self._close(by=by, told=told)
        self.trace(AccessKind.ROLE_ENDED, by=by)
        self.user.sign_out_everywhere()

    @transaction.atomic
    def change_role(self, role: str, *, by: User, told: Collection[str] = ()) -> Membership:
        """End it and give another role in the same organisation from today; raises as ``end`` does.

        Raises:
            ValidationError: it is no role of this organisation.
        """
        if role == self.role:
            return self
        if role not in roles_of(self.municipality):
            raise ValidationError({"role": "Vælg en rolle fra listen."})
        self._close(by=by, told=told, new_role=role)
        return self._followed_by(role, by=by)

    @transaction.atomic
    def follow_provider(self, role: str) -> Membership:
        """Another role in the same organisation from today, because its identity provider says so.

        Nobody is asked what follows: the organisation has decided.

        Raises:
            AlreadyEnded: somebody was quicker.
        """
        self._close_for_provider()
        return self._followed_by(role, by=None)

    @transaction.atomic
    def end_for_provider(self) -> None:
        """Take the access away as ``end`` does, because the identity provider gives no role; raises AlreadyEnded."""
        self._close_for_provider()
        self.trace(AccessKind.ROLE_ENDED, by=None)
        self.user.sign_out_everywhere()

    def _close_for_provider(self) -> None:
        self.refresh_from_db(fields=["ended_on"], from_queryset=Membership.objects.select_for_update())
        if self.ended_on is not None:
            raise AlreadyEnded
        self.ended_by_provider = True
        self._be_over()

    def trace(self, kind: AccessKind, *, by: User | None, before: str = "") -> None:
        """Write down in the access log that it was given, changed or taken away."""
        role = str(self.get_role_display())
        subject = f"{before} → {role}" if before else role
        record_access(kind, by=by, about_user=self.user, municipality=self.municipality, subject=subject)

    def _close(self, *, by: User, told: Collection[str], new_role: str = "") -> None:
        if not may_manage_users(by, self.municipality_id):
            raise PermissionDenied
        list(self._peers().select_for_update(of=("self",)))  # two who remove the last two take turns
        self.refresh_from_db(fields=["ended_on"])
        if self.ended_on is not None:
            raise AlreadyEnded
        if set(self.consequences(by=by, new_role=new_role)) - set(told):
            raise NotTold
        self._be_over()

    def _be_over(self) -> None:
        self.ended_on = max(self.started_on, today())
        self.save(update_fields=["ended_on", "ended_by_provider"])
        self.user.__dict__.pop("membership", None)

    def _followed_by(self, role: str, *, by: User | None) -> Membership:
        new = Membership.objects.create(user=self.user, municipality=self.municipality, role=role, started_on=today())
        new.trace(AccessKind.ROLE_CHANGED, by=by, before=str(self.get_role_display()))
        return new
