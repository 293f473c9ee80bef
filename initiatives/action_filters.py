"""Filters for local actions, and the columns in which they are listed."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from flere_haender.days import today
from stakeholders.models import Kkr, Municipality
from timeline.filters import TextFilter, choice

from .exporting import Column
from .models import ListItem, LocalAction, Recommendation
from .models.local_action import CHALLENGES
from .models.plan import in_order
from .phases import Phase, Visibility

SORTS = {
    "titel": ("Titel", F("title").asc()),
    "start": ("Start", F("starts_on").asc(nulls_last=True)),
    "slut": ("Slut", F("ends_on").asc(nulls_last=True)),
    "enhed": ("Ansvarlig enhed", F("responsible_unit").asc()),
}


class ActionFilter(TextFilter):
    """The choices that both lists of local actions have."""

    texts = (
        "title",
        "what",
        "problem",
        "target_groups",
        "expected_effect",
        "seen_effect",
        "responsible_unit",
        "municipality__authority_name",
    )

    anbefaling = choice(
        "Anbefaling",
        "Alle anbefalinger",
        pick="Vælg en anbefaling fra listen.",
        field_name="recommendations",
        to_field_name="slug",
        queryset=Recommendation.objects.all(),
    )
    fase = choice("Fase", "Alle faser", pick="Vælg en fase fra listen.", field_name="phase", choices=Phase.choices)

    class Meta:
        model = LocalAction
        fields: tuple[str, ...] = ("anbefaling", "fase", "q")


class MunicipalActionFilter(ActionFilter):
    """One municipality's list. ``synlighed`` is for those who see its drafts."""

    synlighed = choice(
        "Synlighed", "Alle", pick="Vælg fra listen.", field_name="visibility", choices=Visibility.choices
    )
    sorter = choice(
        "Sortér efter",
        "Senest ændret",
        pick="Vælg fra listen.",
        method="sort",
        choices=[(name, label) for name, (label, _) in SORTS.items()],
    )

    class Meta(ActionFilter.Meta):
        fields = ("anbefaling", "fase", "synlighed", "sorter", "q")

    def __init__(self, *args: Any, inside: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not inside:
            del self.filters["synlighed"]

    def sort(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.order_by(SORTS[value][1], "-updated_at", "-id")


class InspirationFilter(ActionFilter):
    """What the municipalities share, across the country."""

    kkr = choice(
        "KKR",
        "Alle KKR",
        pick="Vælg et KKR fra listen.",
        method="lying_in",
        to_field_name="slug",
        queryset=Kkr.objects.all(),
    )
    udfordring = choice(
        "Udfordring",
        "Alle udfordringer",
        pick="Vælg en udfordring fra listen.",
        field_name="challenge",
        to_field_name="slug",
        queryset=ListItem.objects.filter(list__slug=CHALLENGES),
    )

    class Meta(ActionFilter.Meta):
        fields = ("anbefaling", "kkr", "fase", "udfordring", "q")

    def lying_in(self, queryset: Any, name: str, kkr: Kkr) -> Any:
        return queryset.filter(municipality__in=in_kkr(kkr))


def in_kkr(kkr: Kkr) -> QuerySet[Municipality]:
    return Municipality.objects.in_kkr(kkr, as_of=today())


def numbers_of(action: LocalAction) -> list[str]:
    """What its recommendations are known by, in order; of a queryset that has fetched them."""
    return in_order(action.recommendations.all())


def _phase(action: LocalAction) -> str:
    return f"{action.get_phase_display()}, forsinket" if action.is_late else action.get_phase_display()


COLUMNS = (
    Column("Kommune", lambda action: action.municipality.name, only_in_file=True),
    Column("Indsats", lambda action: action.title),
    Column("Anbefalinger", numbers_of),
    Column("Fase", _phase),
    Column("Start", lambda action: action.starts_on),
    Column("Slut", lambda action: action.ends_on),
    Column("Ansvarlig enhed", lambda action: action.responsible_unit),
    Column("Synlighed", lambda action: action.get_visibility_display()),
    Column("Senest ændret", lambda action: action.updated_at),
)
