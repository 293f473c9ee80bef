"""What it means to change whom a recommendation is for, or to retire it: tried, looked at and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from initiatives.models import Progress, Recommendation, ReportingRound
from initiatives.moment import Moment
from initiatives.overview import addressees
from initiatives.reports.words import danish_date
from initiatives.status import NOT_ASSESSED

from .preview import Preview


@dataclass(frozen=True)
class Situation:
    """How a recommendation stands on a day. ``asked``: how many of its plan the municipalities are asked about."""

    addressees: str
    is_asked: bool
    asked: int
    is_retired: bool

    @classmethod
    def of(cls, recommendation: Recommendation, day: date) -> Situation:
        asked = Recommendation.objects.asked(as_of=day, plan=recommendation.plan_slug)
        retired = recommendation.texts.standing(as_of=day).values_list("retired", flat=True).first()
        named = addressees(Moment(as_of=day, plan=recommendation.plan_slug)).get(recommendation.pk, "ingen")
        return cls(named, asked.filter(pk=recommendation.pk).exists(), asked.count(), bool(retired))


def consequences(recommendation: Recommendation, day: date, write: Callable[[], Any]) -> Preview:
    """What ``write`` would change from a day on. Nothing stays written. Raises what ``write`` raises."""
    before = Situation.of(recommendation, day)
    with transaction.atomic():
        said = write()
        after = Situation.of(recommendation, day)
        transaction.set_rollback(True)
    notes = list(_notes(recommendation, day, before, after)) if said else ["Sådan er det allerede den dag."]
    return Preview(str(recommendation), f"Fra {danish_date(day)}", "", notes)


def _notes(recommendation: Recommendation, day: date, before: Situation, after: Situation) -> list[str]:
    notes = []
    if before.addressees != after.addressees:
        notes.append(f"Oversigten siger rettet mod: {after.addressees}. Før: {before.addressees}.")
    if before.is_retired != after.is_retired:
        notes.append(
            "Anbefalingen står ikke længere på listerne. Dens side og historik bliver."
            if after.is_retired
            else "Anbefalingen står på listerne igen. Hvem den er rettet mod, skal siges på ny."
        )
    if before.is_asked != after.is_asked:
        notes += _for_municipalities(recommendation, day, before, after)
    else:
        notes.append("Kommunerne bliver spurgt om de samme anbefalinger som før.")
    return [*notes, "Sider og rapporter om dagene før viser det, som det var."]


def _for_municipalities(recommendation: Recommendation, day: date, before: Situation, after: Situation) -> list[str]:
    cells = Progress.objects.of_municipalities().filter(recommendation=recommendation)
    answered = cells.with_status(as_of=day).exclude(status=NOT_ASSESSED).count()
    asked = "1 anbefaling" if after.asked == 1 else f"{after.asked} anbefalinger"
    notes = [f"Kommunerne bliver spurgt om {asked} i planen. Før: {before.asked}."]
    if answered:
        again = "tæller med igen" if after.is_asked else "tæller ikke længere med, men bliver stående"
        notes.append(f"Svar fra {answered} af {cells.count()} kommuner {again}.")
    for found in ReportingRound.objects.open():
        asks = "spørger stadig om den" if found.asked.filter(pk=recommendation.pk).exists() else "spørger ikke om den"
        notes.append(f"Runden “{found}” er åben og {asks}. Det, en runde spørger om, ligger fast, når den åbner.")
    return notes
