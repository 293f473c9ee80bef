"""The plans, and how they are divided: themes and focus areas, each with a number in its plan."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse

from flere_haender.days import today

# The plan whose recommendations have short addresses, for ever: /anbefalinger/10/.
SHORT_PLAN = "flere-haender-2"
# Instead of the code of one plan: all plans.
ALL_PLANS = "*"
FROM_ONE = MinValueValidator(1, "Skriv et tal fra 1 og op.")


def key_of(plan: str, number: int) -> str:
    """What addresses, files and filters call a recommendation: ``10``, or ``flere-haender-3-10`` in another plan."""
    return str(number) if plan == SHORT_PLAN else f"{plan}-{number}"


def plan_and_number(key: str) -> tuple[str, str]:
    """The code of the plan, and the number in it."""
    plan, _, number = key.rpartition("-")
    return plan or SHORT_PLAN, number


class ActionPlanQuerySet(models.QuerySet["ActionPlan"]):
    def current(self, *, as_of: date) -> ActionPlanQuerySet:
        """The plan that the front page, the lists and the reports were about on that day: one, or none."""
        return self.filter(current_from__lte=as_of).order_by("-current_from")[:1]

    def called(self, slug: str, *, as_of: date) -> ActionPlanQuerySet:
        """The plan with this code; without one the plan that was current that day."""
        return self.filter(slug=slug) if slug else self.current(as_of=as_of)


class ActionPlan(models.Model):
    """A plan with its themes, focus areas and recommendations. Its numbers, addresses and history are its own."""

    slug = models.SlugField(
        "kode",
        unique=True,
        help_text="Står i adresserne, fx flere-haender-3. Kan ikke ændres.",
        validators=[RegexValidator(r"^[a-z][a-z0-9-]*$", "Skriv små bogstaver a-z, tal og -. Begynd med et bogstav.")],
    )
    title = models.CharField("titel", max_length=200)
    year = models.PositiveSmallIntegerField("år")
    initiative_count = models.PositiveSmallIntegerField(
        "antal initiativer", null=True, blank=True, help_text="Kun når planens initiativer ikke er opregnet her."
    )
    current_from = models.DateField(
        "gældende fra",
        null=True,
        blank=True,
        unique=True,
        help_text="Fra den dag viser forsiden, listerne, rapporterne og nye runder denne plan. "
        "Tom: Planen har sine egne sider og kan besvares, men de andre sider viser den ikke.",
    )

    objects: ClassVar[Any] = ActionPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "handleplan"
        verbose_name_plural = "handleplaner"
        ordering = ("year", "id")

    def __str__(self) -> str:
        return f"{self.title} ({self.year})"

    def get_absolute_url(self) -> str:
        return reverse("plan", args=[self.slug])

    @property
    def has_begun(self) -> bool:
        """Whether reports may rest on the names in it."""
        return self.current_from is not None and self.current_from <= today()


class Theme(models.Model):
    plan = models.ForeignKey(ActionPlan, on_delete=models.PROTECT, related_name="themes", verbose_name="handleplan")
    number = models.PositiveSmallIntegerField("nummer", validators=[FROM_ONE])
    title = models.CharField("titel", max_length=200)

    class Meta:
        verbose_name = "tema"
        verbose_name_plural = "temaer"
        ordering = ("plan", "number")
        constraints = (
            models.UniqueConstraint(
                name="theme_numbered_in_its_plan",
                fields=("plan", "number"),
                violation_error_message="Planen har allerede et tema med det nummer.",
            ),
        )

    def __str__(self) -> str:
        return f"Tema {self.number}: {self.title}"

    @property
    def plan_key(self) -> str:
        """What files call it: as ``key_of``."""
        return key_of(self.plan.slug, self.number)


class FocusArea(models.Model):
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="focus_areas", verbose_name="tema")
    number = models.PositiveSmallIntegerField("nummer", validators=[FROM_ONE])
    title = models.CharField("titel", max_length=200)

    class Meta:
        verbose_name = "indsatsområde"
        verbose_name_plural = "indsatsområder"
        ordering = ("theme", "number")
        constraints = (models.UniqueConstraint(name="focusarea_numbered_in_its_theme", fields=("theme", "number")),)

    def __str__(self) -> str:
        return self.title

    @property
    def plan_key(self) -> str:
        """What files call it: as ``key_of``."""
        return key_of(self.theme.plan.slug, self.number)

    def clean(self) -> None:
        """The numbers run through the whole plan."""
        if self.theme_id and self.number is not None:
            others = FocusArea.objects.filter(theme__plan=self.theme.plan_id, number=self.number).exclude(pk=self.pk)
            if others.exists():
                raise ValidationError({"number": "Planen har allerede et indsatsområde med det nummer."})
