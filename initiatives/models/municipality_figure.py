"""Figures per municipality and year, as their publishers state them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from flere_haender.append_only import append_only, never_emptied
from stakeholders.models import Municipality

from .background import Indicator
from .figure_import import FigureImport

FIRST_YEAR, LAST_YEAR = 1970, 2100
DIGITS, DECIMALS = 15, 4  # so many that every program keeps them apart


class MunicipalityFigureQuerySet(models.QuerySet[Any]):
    def standing(self, *, known_at: datetime | None = None) -> Self:
        """What holds: of each indicator, municipality and year the row that was saved last.

        Args:
            known_at: as it was known then; None is now.
        """
        rows = self if known_at is None else self.filter(source__saved_at__lte=known_at)
        one = ("indicator_id", "municipality_id", "year")
        return rows.order_by(*one, "-id").distinct(*one)


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
