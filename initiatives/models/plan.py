"""WHAT was recommended, to whom: the plan, its recommendations, their texts and whom they are addressed to."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from flere_haender.days import today
from stakeholders.models import MUNICIPALITIES, Actor
from timeline.models import Source

from .log import LogEntry, same_subject_trigger

if TYPE_CHECKING:
    from stakeholders.models import User


class ActionPlan(models.Model):
    slug = models.SlugField("kode", unique=True)
    title = models.CharField("titel", max_length=200)
    year = models.PositiveSmallIntegerField("år")
    initiative_count = models.PositiveSmallIntegerField("antal initiativer")

    class Meta:
        verbose_name = "handleplan"
        verbose_name_plural = "handleplaner"
        ordering = ("year",)

    def __str__(self) -> str:
        return f"{self.title} ({self.year})"


class Theme(models.Model):
    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="themes", verbose_name="handleplan")
    number = models.PositiveSmallIntegerField("nummer", unique=True)
    title = models.CharField("titel", max_length=200)

    class Meta:
        verbose_name = "tema"
        verbose_name_plural = "temaer"
        ordering = ("number",)

    def __str__(self) -> str:
        return f"Tema {self.number}: {self.title}"


class FocusArea(models.Model):
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="focus_areas", verbose_name="tema")
    number = models.PositiveSmallIntegerField("nummer", unique=True)
    title = models.CharField("titel", max_length=200)

    class Meta:
        verbose_name = "indsatsområde"
        verbose_name_plural = "indsatsområder"
        ordering = ("number",)

    def __str__(self) -> str:
        return self.title


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def with_text(self, *, as_of: date, known_at: datetime | None = None) -> RecommendationQuerySet:
        """Those that there were then, annotated with ``title``, ``overview_title`` and ``summary`` as they were."""
        texts = RecommendationText.objects.standing(as_of=as_of, known_at=known_at)
        texts = texts.filter(recommendation=OuterRef("pk"))
        return (
            self.select_related("focus_area__theme", "source")
            .filter(texts=Subquery(texts.values("pk")[:1]))
            .annotate(**{name: F(f"texts__{name}") for name in ("title", "overview_title", "summary")})
        )

    def addressed_to(
        self, actor: str, *, as_of: date, known_at: datetime | None = None, basis: str = "overview"
    ) -> RecommendationQuerySet:
        """Those addressed to the actor with this slug, on that day, as known then."""
        rows = Addressing.objects.standing(as_of=as_of, known_at=known_at)
        rows = rows.filter(recommendation=OuterRef("pk"), actor__slug=actor, basis=basis)
        return self.alias(addressed=Subquery(rows.values("addressed")[:1])).filter(addressed=True)

    def asked(self, *, as_of: date, known_at: datetime | None = None) -> RecommendationQuerySet:
        """Those that the municipalities are asked about: whose group on the overview page holds them."""
        return self.addressed_to(MUNICIPALITIES, as_of=as_of, known_at=known_at)


class Recommendation(models.Model):
    number = models.PositiveSmallIntegerField("nummer", unique=True)
    focus_area = models.ForeignKey(
        FocusArea, on_delete=models.PROTECT, related_name="recommendations", verbose_name="indsatsområde"
    )
    short_name = models.CharField("kort navn", max_length=40)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="recommendations", verbose_name="kilde")
    place = models.CharField("sted i kilden", max_length=120)
    lines = models.CharField("linjer i filen", max_length=40, blank=True)

    objects = RecommendationQuerySet.as_manager()

    # Of a queryset ``with_text``.
    title: str
    overview_title: str
    summary: str

    class Meta:
        verbose_name = "anbefaling"
        verbose_name_plural = "anbefalinger"
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number}. {self.short_name}"

    def get_absolute_url(self) -> str:
        return reverse("recommendation", args=[self.number])

    @transaction.atomic
    def reword(
        self,
        *,
        by: User | None,
        title: str,
        summary: str,
        overview_title: str = "",
        effective_on: date | None = None,
    ) -> RecommendationText | None:
        """A new version of the texts. The old one stays, for the reports that rest on it.

        Args:
            by: who did it; None is the reference data.
            effective_on: the Danish day from which the version holds; today when it is not given.

        Returns:
            The version, or None when it says the same as the one that holds.
        """
        Recommendation.objects.select_for_update().get(pk=self.pk)
        day = effective_on or today()
        wording = {"title": title, "overview_title": overview_title, "summary": summary}
        now = self.texts.standing(as_of=day).first()
        if now is not None and all(getattr(now, name) == text for name, text in wording.items()):
            return None
        return self.texts.create(
            **wording,
            effective_on=day,
            recorded_at=timezone.now(),
            recorded_by=by,
            corrects=now if now is not None and now.effective_on == day else None,
        )

    @transaction.atomic
    def address(
        self,
        actor: Actor,
        *,
        by: User | None,
        addressed: bool,
        effective_on: date,
        basis: str = "overview",
        wording: str = "",
    ) -> Addressing | None:
        """Say from a day on whether the recommendation is addressed to an actor. None when it says so already."""
        Recommendation.objects.select_for_update().get(pk=self.pk)
        rows = self.addressings.filter(actor=actor, basis=basis)
        now = rows.standing(as_of=effective_on).first()
        says = (now.addressed, now.wording) if now is not None else (False, "")
        if says == (addressed, wording if addressed else says[1]):
            return None
        return Addressing.objects.create(
            recommendation=self,
            actor=actor,
            basis=basis,
            addressed=addressed,
            wording=wording,
            effective_on=effective_on,
            recorded_at=timezone.now(),
            recorded_by=by,
            corrects=now if now is not None and now.effective_on == effective_on else None,
        )


class RecommendationText(LogEntry):
    """A version of a recommendation's official title and of our own summary."""

    WITHDRAWN = Q(title="")

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="texts", verbose_name="anbefaling"
    )
    title = models.CharField("titel", max_length=200, blank=True)
    overview_title = models.CharField(
        "titel i oversigten", max_length=200, blank=True, help_text="Kun hvis den afviger."
    )
    summary = models.TextField("resumé")

    class Meta(LogEntry.Meta):
        abstract = False
        verbose_name = "tekstversion"
        verbose_name_plural = "tekstversioner"
        triggers = (*LogEntry.Meta.triggers, same_subject_trigger("recommendation_id"))

    def __str__(self) -> str:
        return self.title


class Addressing(LogEntry):
    """Whether a recommendation is addressed to an actor: by its group on the overview page, or named in its text."""

    class Basis(models.TextChoices):
        OVERVIEW = "overview", "Oversigten"
        TEXT = "text", "Teksten"

    WITHDRAWN = Q(addressed=None)

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="addressings", verbose_name="anbefaling"
    )
    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="addressings", verbose_name="aktør")
    basis = models.CharField("grundlag", max_length=10, choices=Basis.choices)
    addressed = models.BooleanField("rettet mod", null=True)
    wording = models.CharField("kildens ord", max_length=200, blank=True)

    class Meta(LogEntry.Meta):
        abstract = False
        verbose_name = "adressering"
        verbose_name_plural = "adresseringer"
        triggers = (*LogEntry.Meta.triggers, same_subject_trigger("recommendation_id", "actor_id", "basis"))
        indexes = (
            # Recommendation.objects.addressed_to
            models.Index(name="addressing_as_of", fields=("recommendation", "actor", "basis", "-effective_on")),
        )

    def __str__(self) -> str:
        return f"{self.recommendation}: {self.actor} ({self.get_basis_display()})"


def add_recommendation(
    *, by: User, title: str, summary: str, overview_title: str = "", **fields: Any
) -> Recommendation:
    """Add a recommendation with its first text and a cell for every municipality and the national line."""
    from .progress import Progress

    with transaction.atomic():
        recommendation = Recommendation.objects.create(**fields)
        recommendation.reword(by=by, title=title, summary=summary, overview_title=overview_title)
        Progress.objects.fill()
    return recommendation
