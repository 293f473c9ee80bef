"""The actors, and the municipalities and where they lie."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import OuterRef, Prefetch, Q, Subquery

from flere_haender.access import Role, may_manage_users
from flere_haender.addresses import address

from ..words import fold

MUNICIPALITIES = "kommuner"  # the slug of the actor whose members answer


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

    @property
    def full_name(self) -> str:
        """Such as "KKR Sjælland"; the one of Hovedstaden has the word in its name already."""
        return self.name if self.name.startswith("KKR") else f"KKR {self.name}"


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def real(self) -> MunicipalityQuerySet:
        """The 98: without the fictional one of a demo database."""
        return self.filter(is_fictional=False)

    def placed(self, *, as_of: date) -> MunicipalityQuerySet:
        """Each with its ``kkr`` and ``region`` on the Danish day ``as_of``; one query more."""
        placements = Placement.objects.filter(starts_on__lte=as_of).select_related("kkr", "region")
        return self.prefetch_related(Prefetch("placements", placements.order_by("-starts_on"), to_attr="placed_rows"))

    def lying(self, *, as_of: date) -> MunicipalityQuerySet:
        """Each with the ``kkr_id`` of the Danish day ``as_of``."""
        return self.annotate(kkr_id=_kkr_on(as_of))

    def in_kkr(self, kkr: Kkr, *, as_of: date) -> MunicipalityQuerySet:
        """Those that lie in the KKR on the Danish day ``as_of``."""
        return self.alias(kkr_id=_kkr_on(as_of)).filter(kkr_id=kkr.pk)

    def called(self, text: str) -> MunicipalityQuerySet:
        """Those whose name or code holds ``text`` in any common spelling: ``Ålborg`` finds Aalborg."""
        wanted = fold(text).strip()
        found = [m.pk for m in self.only("name", "authority_name", "code") if m.answers_to(wanted)]
        return self.filter(pk__in=found)


def _kkr_on(day: date) -> Subquery:
    placements = Placement.objects.filter(municipality=OuterRef("pk"), starts_on__lte=day).order_by("-starts_on")
    return Subquery(placements.values("kkr")[:1])


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
    leader_hands_in = models.BooleanField(
        "lederen indsender", default=False, help_text="Redaktøren sender svarene til lederen, som indsender dem."
    )
    unit_mailbox = models.EmailField(
        "enhedens postkasse",
        blank=True,
        help_text="En fælles postkasse, ikke en persons. Her skrives til, når ingen kan nås.",
    )

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
        return address("municipality", self.code)

    @property
    def marked_name(self) -> str:
        """The name, and that the municipality is invented when it is."""
        return f"{self.name} (opdigtet)" if self.is_fictional else self.name

    @property
    def placement(self) -> Placement | None:
        """Where it lies; of a queryset that is ``placed()``."""
        return self.placed_rows[0] if self.placed_rows else None

    @cached_property
    def kkr(self) -> Kkr | None:
        """Of a queryset that is ``placed()``, or as the one who knows has said."""
        return self.placement.kkr if self.placement else None

    @property
    def region(self) -> Region | None:
        return self.placement.region if self.placement else None

    def choose(self, *, leader_hands_in: bool, unit_mailbox: str, by: Any) -> None:
        """Say who hands in, and where to write when nobody can be reached.

        Raises:
            PermissionDenied: ``by`` is neither the municipality's leader nor a consultant of KL's.
            ValidationError: it is no e-mail, or there is no leader to hand in.
        """
        if not may_manage_users(by, self.pk):
            raise PermissionDenied
        leaders = self.memberships.filter(role=Role.LEADER, ended_on=None, user__is_active=True)
        if leader_hands_in and not leaders.exists():
            raise ValidationError({"leader_hands_in": "Kommunen har ingen leder endnu. Inviter først en leder."})
        self.leader_hands_in, self.unit_mailbox = leader_hands_in, unit_mailbox
        self.clean_fields(exclude={field.name for field in self._meta.fields} - {"unit_mailbox"})
        self.save(update_fields=["leader_hands_in", "unit_mailbox"])

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
