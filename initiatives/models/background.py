"""What the documents know around the plan: figures, programmes, lists and terms."""

from __future__ import annotations

from functools import reduce
from itertools import count
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.text import slugify

from flere_haender.access import may_import_figures
from stakeholders.models import Municipality
from stakeholders.words import fold
from timeline.models import CarriedTheme, Citation, Event

from .case import Case
from .plan import Recommendation

OWN_SLUGS = "tal-"  # those that are defined here begin so

TAKEN = "Der er allerede et nøgletal med det navn."


class Topic(models.TextChoices):
    WORKFORCE = "workforce", "Medarbejdere"
    EDUCATION = "education", "Uddannelse"
    DEMOGRAPHY = "demography", "Befolkning"
    RECRUITMENT = "recruitment", "Rekruttering"
    ABSENCE = "absence", "Sygefravær"
    WORKING_TIME = "working_time", "Arbejdstid"
    TARGET = "target", "Mål"
    NEED = "need", "Behov"
    ECONOMY = "economy", "Økonomi"
    OTHER = "other", "Andet"


class Indicator(models.Model):
    """A figure with its own definition. Figures that disagree are indicators of their own."""

    slug = models.SlugField("kode", max_length=80, unique=True)
    name = models.CharField("navn", max_length=200)
    definition = models.TextField("definition")
    unit = models.CharField("enhed", max_length=60)
    group = models.CharField("gruppe", max_length=200, blank=True)
    topic = models.CharField("emne", max_length=20, choices=Topic.choices)
    direction = models.CharField("god retning", max_length=4, choices=(("up", "Op"), ("down", "Ned")), blank=True)
    publisher = models.CharField("udgiver", max_length=200)
    defined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="oprettet af"
    )

    class Meta:
        verbose_name = "indikator"
        verbose_name_plural = "indikatorer"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("indicator", args=[self.slug])

    @classmethod
    def define(cls, *, by: Any, **said: Any) -> Indicator:
        """A figure that is not in the documents.

        Args:
            said: ``name``, ``definition``, ``unit``, ``group``, ``topic``, ``direction`` and ``publisher``.

        Raises:
            PermissionDenied: ``by`` may not read in figures.
            ValidationError: something is missing, or there is one of that name.
        """
        if not may_import_figures(by):
            raise PermissionDenied
        new = cls(defined_by=by, slug=cls._free_slug(said.get("name", "")), **said)
        if cls.objects.filter(name__iexact=new.name).exists():
            raise ValidationError({"name": TAKEN})
        if not new.group:
            raise ValidationError({"group": "Skriv, hvem det handler om."})
        new.full_clean()
        try:
            with transaction.atomic():
                new.save()
        except IntegrityError:  # the same form, sent twice at once
            raise ValidationError({"name": TAKEN}) from None
        return new

    @classmethod
    def _free_slug(cls, name: str) -> str:
        """Its own, beside those of the documents."""
        stem = f"{OWN_SLUGS}{slugify(fold(name))[:60].strip('-')}"
        taken = set(cls.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
        return next(slug for number in count(1) if (slug := stem if number == 1 else f"{stem}-{number}") not in taken)


class IndicatorValue(models.Model):
    """A value as the document states it: a number, an interval, or only words."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="values", verbose_name="indikator")
    value = models.DecimalField("værdi", max_digits=14, decimal_places=2, null=True, blank=True)
    low = models.DecimalField("fra", max_digits=14, decimal_places=2, null=True, blank=True)
    high = models.DecimalField("til", max_digits=14, decimal_places=2, null=True, blank=True)
    text = models.CharField("som kilden skriver", max_length=120)
    period = models.CharField("periode", max_length=160)
    year = models.PositiveSmallIntegerField("år")
    geography = models.CharField("geografi", max_length=120)
    note = models.TextField("note", blank=True)
    citations = models.ManyToManyField(Citation, related_name="indicator_values", verbose_name="kilder")

    class Meta:
        verbose_name = "værdi"
        verbose_name_plural = "værdier"
        ordering = ("indicator", "year", "id")
        constraints = (
            models.CheckConstraint(
                name="indicatorvalue_interval_has_two_ends",
                condition=Q(low=None, high=None) | Q(low__isnull=False, high__isnull=False),
            ),
            models.UniqueConstraint(
                name="indicatorvalue_one_per_period", fields=("indicator", "period", "geography", "text")
            ),
        )

    def __str__(self) -> str:
        return f"{self.text} ({self.period})"


class Programme(models.Model):
    """Something that municipalities take part in. Where a document gives a number and no names, the number stands."""

    slug = models.SlugField("kode", max_length=80, unique=True)
    title = models.CharField("titel", max_length=200)
    period = models.CharField("periode", max_length=160, blank=True)
    participants_text = models.CharField("deltagere, som kilden skriver", max_length=160, blank=True)
    participant_count = models.PositiveSmallIntegerField("antal deltagere", null=True, blank=True)
    known = models.ManyToManyField(
        Municipality, related_name="programmes", verbose_name="kendte deltagere", blank=True
    )
    description = models.TextField("beskrivelse")
    carried_theme = models.CharField("tema fra 2018", max_length=20, choices=CarriedTheme.choices, blank=True)
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, null=True, blank=True, related_name="programmes", verbose_name="begivenhed"
    )
    citations = models.ManyToManyField(Citation, related_name="programmes", verbose_name="kilder")

    class Meta:
        verbose_name = "program"
        verbose_name_plural = "programmer"
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class FactList(models.Model):
    """A list that the documents hold, such as the grants that a municipality can use."""

    slug = models.SlugField("kode", max_length=80, unique=True)
    title = models.CharField("titel", max_length=200)

    class Meta:
        verbose_name = "liste"
        verbose_name_plural = "lister"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.title


class ListItem(models.Model):
    list = models.ForeignKey(FactList, on_delete=models.PROTECT, related_name="items", verbose_name="liste")
    slug = models.SlugField("kode", max_length=80)
    order = models.PositiveSmallIntegerField("rækkefølge")
    title = models.CharField("titel", max_length=200)
    text = models.TextField("tekst", blank=True)
    citations = models.ManyToManyField(Citation, related_name="list_items", verbose_name="kilder")

    class Meta:
        verbose_name = "listepunkt"
        verbose_name_plural = "listepunkter"
        ordering = ("list", "order")
        constraints = (models.UniqueConstraint(name="listitem_one_per_list", fields=("list", "slug")),)

    def __str__(self) -> str:
        return self.title


class Term(models.Model):
    """A word of the field."""

    slug = models.SlugField("kode", max_length=80, unique=True)
    term = models.CharField("ord", max_length=120)
    definition = models.TextField("forklaring")
    also = ArrayField(models.CharField(max_length=120), verbose_name="også kaldt", default=list, blank=True)
    changed = models.TextField("sådan har ordet ændret sig", blank=True)
    citations = models.ManyToManyField(Citation, related_name="terms", verbose_name="kilder")

    class Meta:
        verbose_name = "ord"
        verbose_name_plural = "ordliste"
        ordering = ("term",)

    def __str__(self) -> str:
        return self.term


def _exactly_one(*names: str) -> Q:
    """Of these columns one is filled in."""
    choices = (Q(**{f"{name}__isnull": name != filled for name in names}) for filled in names)
    return reduce(or_, choices)


class Related(models.Model):
    """That a recommendation has to do with an event, a figure, a case, a programme or a list item, and who says so."""

    class Basis(models.TextChoices):
        SOURCE = "source", "Nævnt i kilden"
        OURS = "ours", "Vores vurdering"

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="related", verbose_name="anbefaling"
    )
    basis = models.CharField("grundlag", max_length=8, choices=Basis.choices)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, null=True, related_name="related")
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, null=True, related_name="related")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="related")
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, null=True, related_name="related")
    item = models.ForeignKey(ListItem, on_delete=models.CASCADE, null=True, related_name="related")

    class Meta:
        verbose_name = "sammenhæng"
        verbose_name_plural = "sammenhænge"
        ordering = ("recommendation", "id")
        constraints = (
            models.CheckConstraint(
                name="related_to_exactly_one_thing",
                condition=_exactly_one("event", "indicator", "case", "programme", "item"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.recommendation}: {self.get_basis_display()}"
