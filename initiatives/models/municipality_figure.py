"""Figures per municipality and year, as their publishers state them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from flere_haender.append_only import append_only, never_emptied
from stakeholders.models import Municipality

from .background import Indicator
from .figure_import import FigureImport

FIRST_YEAR, LAST_YEAR = 1970, 2100
ONE = ("indicator_id", "municipality_id", "year")  # what a figure is about
DIGITS, DECIMALS = 15, 4  # so many that every program keeps them apart


class MunicipalityFigureQuerySet(models.QuerySet[Any]):
    def kept(self, *, known_at: datetime | None = None) -> Self:
        """Without those that have been withdrawn.

        Args:
            known_at: as it was known then; None is now.
        """
        if known_at is None:
            return self.filter(source__withdrawn_at=None)
        later = Q(source__withdrawn_at=None) | Q(source__withdrawn_at__gt=known_at)
        return self.filter(later, source__saved_at__lte=known_at)

    def standing(self, *, known_at: datetime | None = None) -> Self:
        """What holds: of each indicator, municipality and year the row that was saved last; as ``kept``."""
        return self.kept(known_at=known_at).order_by(*ONE, "-id").distinct(*ONE)

    def with_neighbours(self) -> Self:
        """Annotate ``is_overtaken`` and ``has_before``: whether a later row holds instead, and whether one would."""
        same = MunicipalityFigure.objects.kept().filter(**{name: OuterRef(name) for name in ONE}).order_by()
        return self.annotate(
            is_overtaken=Exists(same.filter(pk__gt=OuterRef("pk"))),
            has_before=Exists(same.filter(pk__lt=OuterRef("pk"))),
        )


class MunicipalityFigure(models.Model):
    """One figure. A publisher that revises it makes a new row; the earlier one stays, and says when it was known."""

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="figures", db_index=False, verbose_name="nøgletal"
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="figures", db_index=False, verbose_name="kommune"
    )
    year = models.PositiveSmallIntegerField("år")
    value = models.DecimalField("tal", max_digits=DIGITS, decimal_places=DECIMALS)
    source = models.ForeignKey(
        FigureImport, on_delete=models.PROTECT, related_name="figures", db_index=False, verbose_name="indlæsning"
    )

    objects: ClassVar[Any] = MunicipalityFigureQuerySet.as_manager()

    class Meta:
        verbose_name = "tal for en kommune"
        verbose_name_plural = "tal for kommuner"
        ordering = ("indicator", "municipality", "year", "-id")
        constraints = (
            models.CheckConstraint(
                name="municipalityfigure_year_is_one", condition=Q(year__range=(FIRST_YEAR, LAST_YEAR))
            ),
            models.UniqueConstraint(
                name="municipalityfigure_once_an_import", fields=("source", "indicator", "municipality", "year")
            ),
        )
        # `standing`, and how an upload is compared with what is there.
        indexes = (
            models.Index("indicator", "municipality", "year", models.F("id").desc(), name="municipalityfigure_newest"),
        )
        triggers = (append_only, never_emptied("figures are only added"))

    def __str__(self) -> str:
        return f"{self.indicator}, {self.municipality}, {self.year}"
