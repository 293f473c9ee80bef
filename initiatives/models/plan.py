"""WHAT was recommended, to whom: the recommendations of the plans, their texts and whom they are addressed to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from flere_haender.addresses import address
from flere_haender.days import today
from stakeholders.models import MUNICIPALITIES, Actor
from timeline.models import Source

from .action_plan import ALL_PLANS, FROM_ONE, SHORT_PLAN, ActionPlan, FocusArea, key_of, plan_and_number
from .log import LogEntry, same_subject_trigger

if TYPE_CHECKING:
    from stakeholders.models import User


# What a version of a recommendation's texts says.
WORDING = ("title", "overview_title", "summary")


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def with_text(self, *, as_of: date, known_at: datetime | None = None) -> RecommendationQuerySet:
        """Those that there were then, annotated with their texts as they were, and whether they were ``retired``."""
        texts = RecommendationText.objects.standing(as_of=as_of, known_at=known_at)
        texts = texts.filter(recommendation=OuterRef("pk"))
        return (
            self.select_related("focus_area__theme__plan")
            .filter(texts=Subquery(texts.values("pk")[:1]))
            .annotate(**{name: F(f"texts__{name}") for name in (*WORDING, "retired")})
        )

    def in_force(self) -> RecommendationQuerySet:
        """Of a queryset ``with_text``: without those that had been retired."""
        return self.filter(retired=False)

    def in_plan(self, plan: str = "", *, as_of: date) -> RecommendationQuerySet:
        """Those of the plan with this code; without one, of the plan that was current that day."""
        if plan == ALL_PLANS:
            return self
        found = ActionPlan.objects.called(plan, as_of=as_of).values("pk")
        return self.filter(focus_area__theme__plan=Subquery(found))

    def addressed_to(
        self, actor: str, *, as_of: date, known_at: datetime | None = None, basis: str = "overview"
    ) -> RecommendationQuerySet:
        """Those addressed to the actor with this slug, on that day, as known then."""
        rows = Addressing.objects.standing(as_of=as_of, known_at=known_at)
        rows = rows.filter(recommendation=OuterRef("pk"), actor__slug=actor, basis=basis)
        return self.alias(addressed=Subquery(rows.values("addressed")[:1])).filter(addressed=True)

    def asked(self, *, as_of: date, known_at: datetime | None = None, plan: str = "") -> RecommendationQuerySet:
        """Those of a plan (``in_plan``) that the municipalities are asked about: whose group on the overview page
        holds them."""
        return self.in_plan(plan, as_of=as_of).addressed_to(MUNICIPALITIES, as_of=as_of, known_at=known_at)


class Recommendation(models.Model):
    """Known by its number in its plan, and by ``slug`` among all plans; both stay what they are."""

    number = models.PositiveSmallIntegerField("nummer", validators=[FROM_ONE])
    slug = models.SlugField("kode", max_length=60, unique=True, editable=False)
    focus_area = models.ForeignKey(
        FocusArea, on_delete=models.PROTECT, related_name="recommendations", verbose_name="indsatsområde"
    )
    short_name = models.CharField("kort navn", max_length=40)
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="recommendations",
        verbose_name="kilde",
        help_text="Tom, når planen ikke er en af de fem kilder.",
    )
    place = models.CharField("sted i kilden", max_length=120, blank=True)
    lines = models.CharField("linjer i filen", max_length=40, blank=True)

    objects = RecommendationQuerySet.as_manager()

    # Of a queryset ``with_text``.
    title: str
    overview_title: str
    summary: str
    retired: bool

    class Meta:
        verbose_name = "anbefaling"
        verbose_name_plural = "anbefalinger"
        ordering = ("focus_area__theme__plan", "number")

    def __str__(self) -> str:
        name = f"{self.number}. {self.short_name}"
        return name if self.plan_slug == SHORT_PLAN else f"{name} ({self.plan_slug})"

    def get_absolute_url(self) -> str:
        if self.plan_slug == SHORT_PLAN:
            return address("recommendation", self.number)
        return address("plan_recommendation", self.plan_slug, self.number)

    @property
    def plan_slug(self) -> str:
        """The code of its plan, without a look-up."""
        return plan_and_number(self.slug)[0]

    def clean(self) -> None:
        """The number is free in the plan, and a recommendation stays in its plan."""
        if self.number is None or not self.focus_area_id:
            return
        slug = key_of(self.focus_area.theme.plan.slug, self.number)
        if self._state.adding and Recommendation.objects.filter(slug=slug).exists():
            raise ValidationError({"number": "Planen har allerede en anbefaling med det nummer."})
        if not self._state.adding and slug != self.slug:
            raise ValidationError({"focus_area": "Indsatsområdet hører til en anden handleplan."})

    @transaction.atomic
    def reword(
        self,
        *,
        by: User | None,
        title: str,
        summary: str,
        overview_title: str = "",
        effective_on: date | None = None,
        retired: bool | None = None,
    ) -> RecommendationText | None:
        """A new version of the texts. The old one stays, for the reports that rest on it.

        Args:
            by: who did it; None is the reference data.
            effective_on: the Danish day from which the version holds; today when it is not given.
            retired: whether it is retired from that day; None leaves it as it is.

        Returns:
            The version, or None when it says the same as the one that holds.
        """
        Recommendation.objects.select_for_update().get(pk=self.pk)
        day = effective_on or today()
        now = self.texts.standing(as_of=day).first()
        if retired is None:
            retired = now is not None and now.retired
        says = {"title": title, "overview_title": overview_title, "summary": summary, "retired": retired}
        if now is not None and all(getattr(now, name) == value for name, value in says.items()):
            return None
        return self.texts.create(
            **says,
            effective_on=day,
            recorded_at=timezone.now(),
            recorded_by=by,
            corrects=now if now is not None and now.effective_on == day else None,
        )

    @transaction.atomic
    def retire(self, *, by: User, effective_on: date) -> RecommendationText | None:
        """Take it out of the plan from a day on: out of the lists and of what is asked. Its page and history stay.

        Returns:
            The version of its texts that says so; None when it was retired already.

        Raises:
            ValidationError: it did not exist on that day, or something about it holds from a later one.
        """
        Recommendation.objects.select_for_update().get(pk=self.pk)
        if any(log.filter(effective_on__gt=effective_on).exists() for log in (self.texts, self.addressings)):
            raise ValidationError(
                {"effective_on": "Noget ved anbefalingen gælder fra en senere dag. Vælg en dag efter."}
            )
        for actor in Actor.objects.all():
            for basis in Addressing.Basis:
                self.address(actor, by=by, addressed=False, effective_on=effective_on, basis=basis)
        return self._say_retired(True, by, effective_on)

    def take_up_again(self, *, by: User, effective_on: date) -> RecommendationText | None:
        """Put it back from a day on. Whom it is addressed to is said anew. None: it was not retired."""
        return self._say_retired(False, by, effective_on)

    def _say_retired(self, retired: bool, by: User, day: date) -> RecommendationText | None:
        now = self.texts.standing(as_of=day).first()
        if now is None:
            raise ValidationError({"effective_on": "Anbefalingen fandtes ikke den dag."})
        return self.reword(by=by, effective_on=day, retired=retired, **{name: getattr(now, name) for name in WORDING})

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
    retired = models.BooleanField("udgået", default=False)

    class Meta(LogEntry.Meta):
        abstract = False
        verbose_name = "tekstversion"
        verbose_name_plural = "tekstversioner"
        triggers = (*LogEntry.Meta.triggers, same_subject_trigger("recommendation_id"))

    def __str__(self) -> str:
        return self.title

    @property
    def wording(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in WORDING)


def retired_on(texts: list[RecommendationText]) -> date | None:
    """The day on which a recommendation was retired, of its standing texts, the newest first; None: it is not."""
    since = None
    for row in texts:
        if not row.retired:
            break
        since = row.effective_on
    return since


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


def in_order(recommendations: Iterable[Recommendation]) -> list[str]:
    """What they are known by, such as 9, 10 and flere-haender-3-1: plan by plan."""
    ordered = sorted(recommendations, key=lambda one: (one.plan_slug != SHORT_PLAN, one.plan_slug, one.number))
    return [one.slug for one in ordered]


def add_recommendation(
    *, by: User, title: str, summary: str, overview_title: str = "", **fields: Any
) -> Recommendation:
    """Add a recommendation with its first text and a cell for every municipality and the national line."""
    from .progress import Progress

    with transaction.atomic():
        slug = key_of(fields["focus_area"].theme.plan.slug, fields["number"])
        recommendation = Recommendation.objects.create(slug=slug, **fields)
        recommendation.reword(by=by, title=title, summary=summary, overview_title=overview_title)
        Progress.objects.fill()
    return recommendation
