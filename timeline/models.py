"""WHEN, and from where: the events of 2018-2024 and the documents that everything rests on."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from stakeholders.models import Actor


class Source(models.Model):
    """One of the documents, and how people cite it."""

    slug = models.SlugField("kode", max_length=60, unique=True)
    title = models.CharField("titel", max_length=200)
    publisher = models.CharField("udgiver", max_length=120)
    published = models.CharField(
        "udgivet", max_length=40, blank=True, help_text="Som kilden selv skriver. Tom: udateret."
    )
    kind = models.CharField("slags", max_length=60)
    file_name = models.CharField("filens eget navn", max_length=120)
    about = models.TextField("om kilden", blank=True)

    class Meta:
        verbose_name = "kilde"
        verbose_name_plural = "kilder"
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.title


class Citation(models.Model):
    """A place in a source that says what cites it."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="citations", verbose_name="kilde")
    place = models.CharField("sted", max_length=200, help_text="Som man citerer: dias, afsnit.")
    lines = models.CharField("linjer i filen", max_length=20)
    digest = models.CharField("aftryk", max_length=64, help_text="SHA-256 af linjerne, mellemrum foldet.")

    class Meta:
        verbose_name = "kildehenvisning"
        verbose_name_plural = "kildehenvisninger"
        ordering = ("source", "id")
        constraints = (
            models.UniqueConstraint(name="citation_one_per_place", fields=("source", "lines", "place")),
            models.CheckConstraint(name="citation_lines_are_a_range", condition=Q(lines__regex=r"^\d+-\d+$")),
        )

    def __str__(self) -> str:
        year = f" ({self.source.published})" if self.source.published else " (udateret)"
        return f"{self.source.title}{year}: {self.place}"


class Kind(models.TextChoices):
    COLLECTIVE_AGREEMENT = "overenskomst", "Overenskomst"
    AGREEMENT = "aftale", "Aftale"
    ACTION_PLAN = "handleplan", "Handleplan"
    CAMPAIGN = "kampagne", "Kampagne"
    CONFERENCE = "konference", "Konference"
    PROJECT = "projekt", "Projekt"
    ANALYSIS = "analyse", "Analyse"
    LEGISLATION = "lovgivning", "Lovgivning"
    BUDGET = "finanslov", "Finanslov"
    COMMISSION = "kommission", "Kommission"
    POLICY = "politik", "Politik"
    MATERIAL = "materiale", "Materiale"
    COOPERATION = "samarbejde", "Samarbejde"


class Precision(models.TextChoices):
    YEAR = "year", "År"
    SEASON = "season", "Årstid"
    MONTH = "month", "Måned"
    DAY = "day", "Dag"
    UNKNOWN = "unknown", "Årstal ukendt"


class Certainty(models.TextChoices):
    SURE = "sure", "Sikker"
    REASONED = "reasoned", "Udledt"
    UNCERTAIN = "uncertain", "Usikker"


class Standing(models.TextChoices):
    HAPPENED = "happened", "Sket"
    PLANNED = "planned", "Planlagt"
    UNDECIDED = "undecided", "Uafklaret"


class Lane(models.TextChoices):
    AGREEMENTS = "agreements", "Aftaler og overenskomster"
    KL = "kl", "KL og kommunerne"
    COMMON = "common", "Fælles og andre"


class CarriedTheme(models.TextChoices):
    """The themes of the plan of 2018 that go on beside the 26 recommendations."""

    FULL_TIME = "fuldtid", "Flere på fuldtid"
    ABSENCE = "sygefravaer", "Nedbring sygefravær"
    SENIORS = "seniorer", "Seniorer skal fastholdes"
    REPUTATION = "omdoemme", "Bedre omdømme"
    TASKS = "opgavefordeling", "Hensigtsmæssig opgavefordeling"


class Event(models.Model):
    """One thing that happened, or was planned; merged across the documents that mention it."""

    slug = models.SlugField("kode", max_length=80, unique=True)
    title = models.CharField("titel", max_length=200)
    other_names = ArrayField(models.CharField(max_length=200), verbose_name="andre navne", default=list, blank=True)
    kind = models.CharField("art", max_length=20, choices=Kind.choices)
    year = models.PositiveSmallIntegerField("år", null=True, blank=True)
    month = models.PositiveSmallIntegerField("måned", null=True, blank=True)
    day = models.PositiveSmallIntegerField("dag", null=True, blank=True)
    season = models.CharField("årstid", max_length=20, blank=True)
    end_year = models.PositiveSmallIntegerField("slutår", null=True, blank=True)
    precision = models.CharField("præcision", max_length=10, choices=Precision.choices)
    certainty = models.CharField("sikkerhed", max_length=10, choices=Certainty.choices)
    certainty_note = models.TextField("hvorfor ikke sikker", blank=True)
    standing = models.CharField("stand", max_length=10, choices=Standing.choices)
    description = models.TextField("beskrivelse")
    lane = models.CharField("bane", max_length=12, choices=Lane.choices)
    carried_theme = models.CharField("tema fra 2018", max_length=20, choices=CarriedTheme.choices, blank=True)
    conflicts = models.TextField("hvor kilderne er uenige", blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="del af"
    )
    actors = models.ManyToManyField(Actor, related_name="events", verbose_name="aktører", blank=True)
    citations = models.ManyToManyField(Citation, related_name="events", verbose_name="kilder")

    class Meta:
        verbose_name = "begivenhed"
        verbose_name_plural = "begivenheder"
        ordering = (
            F("year").asc(nulls_last=True),
            F("month").asc(nulls_last=True),
            F("day").asc(nulls_last=True),
            "id",
        )
        constraints = (
            models.CheckConstraint(
                name="event_month_and_day_exist",
                condition=(Q(month=None) | Q(month__range=(1, 12))) & (Q(day=None) | Q(day__range=(1, 31))),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("event", args=[self.slug])


class Commitment(models.Model):
    """What an agreement or a budget commits somebody to, or the money in it, as a source states it."""

    slug = models.SlugField("kode", max_length=80, unique=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="commitments", verbose_name="begivenhed")
    who = models.CharField("hvem", max_length=200, blank=True)
    what = models.TextField("hvad")
    amount = models.DecimalField("beløb eller antal", max_digits=14, decimal_places=2, null=True, blank=True)
    amount_text = models.CharField("som kilden skriver", max_length=120, blank=True)
    unit = models.CharField("enhed", max_length=60, blank=True)
    frequency = models.CharField(
        "hvor ofte", max_length=10, choices=(("once", "Engangs"), ("yearly", "Årligt")), blank=True
    )
    period = models.CharField("periode", max_length=120, blank=True)
    due = models.CharField("frist", max_length=120, blank=True)
    citations = models.ManyToManyField(Citation, related_name="commitments", verbose_name="kilder")

    class Meta:
        verbose_name = "forpligtelse"
        verbose_name_plural = "forpligtelser"
        ordering = ("event", "id")

    def __str__(self) -> str:
        return self.what
