"""The figures of the municipalities as people read them: the newest years side by side, and all of them in a file."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import Exists, Max, OuterRef, Subquery

from stakeholders.models import Municipality

from .exporting import Column, Listing
from .figures import danish
from .models import FigureImport, Indicator, MunicipalityFigure, Step

YEARS = 5
COLUMNS = (
    Column("Kommunekode", lambda row: row.municipality.code),
    Column("Kommune", lambda row: row.municipality.name),
    Column("År", lambda row: row.year),
    Column("Tal", lambda row: row.value),
    Column("Nøgletal", lambda row: row.indicator.name),
    Column("Enhed", lambda row: row.indicator.unit),
    Column("Kilde", lambda row: row.source.origin),
    Column("Indlæst", lambda row: row.source.saved_at),
)


def newest_year() -> Subquery:
    """The newest year that an indicator has figures of municipalities for; None when it has none."""
    rows = MunicipalityFigure.objects.kept().filter(indicator=OuterRef("pk")).order_by()
    return Subquery(rows.values("indicator").annotate(newest=Max("year")).values("newest"))


def listing_of(indicator: Indicator) -> Listing:
    """All that hold, for a file that can be read in again."""
    rows = MunicipalityFigure.objects.filter(indicator=indicator).standing()
    return Listing(indicator.name, COLUMNS, rows.select_related("municipality", "indicator", "source"))


@dataclass(frozen=True)
class FigureTable:
    """The newest years of an indicator, a row for each municipality.

    Args:
        rows: each municipality with its figures, as the years stand; None where there is none.
        sources: where the figures come from, the newest first.
    """

    heading: str
    years: list[int]
    rows: list[tuple[Municipality, list[Decimal | None]]]
    sources: list[FigureImport]


def figure_table(indicator: Indicator) -> FigureTable | None:
    """Three queries; None when there are no figures."""
    every = MunicipalityFigure.objects.kept().filter(indicator=indicator)
    newest = every.aggregate(newest=Max("year"))["newest"]
    if newest is None:
        return None
    held = every.filter(year__gt=newest - YEARS).standing().select_related("municipality")
    figures = sorted(held, key=lambda row: (row.municipality.sort_order, row.municipality.code))
    years = sorted({row.year for row in figures})
    rows = []
    for municipality, own in groupby(figures, lambda row: row.municipality):
        by_year = {row.year: row.value for row in own}
        rows.append((municipality, [by_year.get(year) for year in years]))
    of_it = Exists(every.filter(source=OuterRef("pk")))
    sources = FigureImport.objects.light().filter(of_it, step=Step.SAVED).order_by("-saved_at")
    return FigureTable(_heading(figures, newest, indicator.unit), years, rows, list(sources[:YEARS]))


def _heading(figures: list[Any], year: int, unit: str) -> str:
    """The finding: how far the municipalities are from each other in the newest year."""
    real = [row for row in figures if row.year == year and not row.municipality.is_fictional]
    if not real:
        return f"Tal til og med {year}"
    low, high = min(real, key=lambda row: row.value), max(real, key=lambda row: row.value)
    if low.value == high.value:
        where = f"i {low.municipality.name}" if len(real) == 1 else f"i alle {len(real)} kommuner"
        return f"{year}: {danish(low.value)} {unit} {where}"
    return (
        f"{year}: fra {danish(low.value)} {unit} i {low.municipality.name} til {danish(high.value)} {unit} i "
        f"{high.municipality.name}"
    )
