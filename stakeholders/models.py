"""WHO: the actors, the municipalities and where they lie, the users and what they are members of."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F, Prefetch, Q, Value
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from flere_haender.access import KL_ROLES, MUNICIPAL_ROLES, Role, enters_admin
from flere_haender.days import today

from .words import fold

KL = "KL"
MUNICIPALITIES = "kommuner"  # the slug of the actor whose members answer


class Installation(models.Model):
    """What this database is. One row: whether it holds demo data is set once, and never unset."""

    is_demo_database = models.BooleanField("demodata", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "installation"
        constraints = (models.CheckConstraint(name="installation_is_one_row", condition=Q(pk=1)),)

    def __str__(self) -> str:
        return "Demodatabase" if self.is_demo_database else "Database"

    @classmethod
    def is_demo(cls) -> bool:
        return cls.objects.filter(is_demo_database=True).exists()

    @classmethod
    def become_demo(cls) -> None:
        cls.objects.update_or_create(pk=1, defaults={"is_demo_database": True})


class LoadedFixture(models.Model):
    """What a reference row's fixture said when it was last loaded, so that a user's own edit is left alone."""

    name = models.CharField("række", max_length=120, unique=True)
    digest = models.CharField("aftryk", max_length=64)

    class Meta:
        verbose_name = "indlæst referencerække"
        verbose_name_plural = "indlæste referencerækker"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Actor(models.Model):
    """Whom a recommendation can be addressed to: the state, the SOSU schools, the municipalities, KL, others."""

    slug = models.SlugField("kode", unique=True)
    name = models.CharField("navn", max_length=80)
    order = models.PositiveSmallIntegerField("rækkefølge")

    class Meta:
        verbose_name = "aktør"
        verbose_name_plural = "aktører"
        ordering = ("order",)

    def __str__(self) -> str:
        return self.name


class Region(models.Model):
    """A region, with the days on which it exists: on 1 January 2027 two of them become one."""

    name = models.CharField("navn", max_length=80, unique=True)
    code = models.CharField("kode", max_length=8, blank=True)
    starts_on = models.DateField("fra")
    ends_on = models.DateField("til og med", null=True, blank=True)

    class Meta:
        verbose_name = "region"
        verbose_name_plural = "regioner"
        ordering = ("starts_on", "name")

    def __str__(self) -> str:
        return self.name


class Kkr(models.Model):
    """Kommunekontaktråd: the municipalities of a part of the country."""

    slug = models.SlugField("kode", unique=True)
    name = models.CharField("navn", max_length=80)
    order = models.PositiveSmallIntegerField("rækkefølge")
    tile_row = models.PositiveSmallIntegerField("navnets række på kortet", null=True, blank=True)
    tile_column = models.PositiveSmallIntegerField("navnets kolonne på kortet", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "KKR"
        ordering = ("order",)

    def __str__(self) -> str:
        return self.name


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def real(self) -> MunicipalityQuerySet:
        """The 98: without the fictional one of a demo database."""
        return self.filter(is_fictional=False)

    def placed(self, *, as_of: date) -> MunicipalityQuerySet:
        """Each with its ``kkr`` and ``region`` on the Danish day ``as_of``; one query more."""
        placements = Placement.objects.filter(starts_on__lte=as_of).select_related("kkr", "region")
        return self.prefetch_related(Prefetch("placements", placements.order_by("-starts_on"), to_attr="placed_rows"))

    def called(self, text: str) -> MunicipalityQuerySet:
        """Those whose name or code holds ``text`` in any common spelling: ``Ålborg`` finds Aalborg."""
        wanted = fold(text).strip()
        found = [m.pk for m in self.only("name", "authority_name", "code") if m.answers_to(wanted)]
        return self.filter(pk__in=found)


class Municipality(models.Model):
    code = models.PositiveSmallIntegerField("kommunekode", unique=True)
    name = models.CharField("navn", max_length=80, unique=True)
    authority_name = models.CharField("myndighedsnavn", max_length=120, unique=True)
    cvr = models.CharField("CVR-nummer", max_length=8, unique=True)
    sort_order = models.PositiveSmallIntegerField("dansk rækkefølge")
    tile_row = models.PositiveSmallIntegerField("række på kortet", null=True, blank=True)
    tile_column = models.PositiveSmallIntegerField("kolonne på kortet", null=True, blank=True)
    tile_name = models.CharField("navn på kortet", max_length=6, blank=True)
    is_fictional = models.BooleanField("opdigtet", default=False)

    objects = MunicipalityQuerySet.as_manager()

    placed_rows: list[Placement]

    class Meta:
        verbose_name = "kommune"
        verbose_name_plural = "kommuner"
        ordering = ("sort_order", "name")
        constraints = (
            models.UniqueConstraint(name="municipality_one_per_tile", fields=("tile_row", "tile_column")),
            models.CheckConstraint(name="municipality_code_has_three_digits", condition=Q(code__range=(100, 999))),
            models.CheckConstraint(name="municipality_cvr_has_eight_digits", condition=Q(cvr__regex=r"^\d{8}$")),
        )

    def __str__(self) -> str:
        return self.authority_name

    def get_absolute_url(self) -> str:
        return reverse("municipality", args=[self.code])

    @property
    def placement(self) -> Placement | None:
        """Where it lies; of a queryset that is ``placed()``."""
        return self.placed_rows[0] if self.placed_rows else None

    @property
    def kkr(self) -> Kkr | None:
        return self.placement.kkr if self.placement else None

    @property
    def region(self) -> Region | None:
        return self.placement.region if self.placement else None

    def answers_to(self, folded: str) -> bool:
        return folded == str(self.code) or (folded != "" and folded in fold(f"{self.name} {self.authority_name}"))


class Placement(models.Model):
    """The KKR and the region of a municipality from a day on, until a later row."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="placements", verbose_name="kommune"
    )
    kkr = models.ForeignKey(Kkr, on_delete=models.PROTECT, related_name="placements", verbose_name="KKR")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="placements", verbose_name="region")
    starts_on = models.DateField("fra")

    class Meta:
        verbose_name = "placering"
        verbose_name_plural = "placeringer"
        ordering = ("municipality", "starts_on")
        constraints = (models.UniqueConstraint(name="placement_one_per_day", fields=("municipality", "starts_on")),)

    def __str__(self) -> str:
        return f"{self.municipality}: {self.kkr}, {self.region} fra {self.starts_on:%d.%m.%Y}"


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
