"""Filters for local actions, and the columns in which they are listed."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import F, QuerySet

from flere_haender.days import today
from stakeholders.models import Kkr, Municipality

from .background_filters import holding
from .exporting import Column
from .models import ListItem, LocalAction, Recommendation
from .models.local_action import CHALLENGES
from .phases import Phase, Visibility

SORTS = {
    "titel": ("Titel", F("title").asc()),
    "start": ("Start", F("starts_on").asc(nulls_last=True)),
    "slut": ("Slut", F("ends_on").asc(nulls_last=True)),
    "enhed": ("Ansvarlig enhed", F("responsible_unit").asc()),
}
SEARCHED = (
    "title",
    "what",
    "problem",
    "target_groups",
    "expected_effect",
    "seen_effect",
    "responsible_unit",
    "municipality__authority_name",
)


class ActionFilter(django_filters.FilterSet):
    """The choices that both lists of local actions have."""

    anbefaling = django_filters.ModelChoiceFilter(
        label="Anbefaling",
        field_name="recommendations",
        to_field_name="number",
        queryset=Recommendation.objects.all(),
        empty_label="Alle anbefalinger",
        error_messages={"invalid_choice": "Anbefaling: Vælg en anbefaling fra listen."},
    )
    fase = django_filters.ChoiceFilter(
        label="Fase",
        field_name="phase",
        choices=Phase.choices,
        empty_label="Alle faser",
        error_messages={"invalid_choice": "Fase: Vælg en fase fra listen."},
    )
    q = django_filters.CharFilter(
        label="Søg", method="search", max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )

    class Meta:
        model = LocalAction
        fields: tuple[str, ...] = ("anbefaling", "fase", "q")

    def search(self, queryset: Any, name: str, text: str) -> Any:
        return holding(queryset, text, *SEARCHED)


class MunicipalActionFilter(ActionFilter):
    """One municipality's list. ``synlighed`` is for those who see its drafts."""

    synlighed = django_filters.ChoiceFilter(
        label="Synlighed",
        field_name="visibility",
        choices=Visibility.choices,
        empty_label="Alle",
        error_messages={"invalid_choice": "Synlighed: Vælg fra listen."},
    )
    sorter = django_filters.ChoiceFilter(
        label="Sortér efter",
        choices=[(name, label) for name, (label, _) in SORTS.items()],
        empty_label="Senest ændret",
        method="sort",
        error_messages={"invalid_choice": "Sortér efter: Vælg fra listen."},
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

    kkr = django_filters.ModelChoiceFilter(
        label="KKR",
        to_field_name="slug",
        queryset=Kkr.objects.all(),
        empty_label="Alle KKR",
        method="lying_in",
        error_messages={"invalid_choice": "KKR: Vælg et KKR fra listen."},
    )
    udfordring = django_filters.ModelChoiceFilter(
        label="Udfordring",
        field_name="challenge",
        to_field_name="slug",
        queryset=ListItem.objects.filter(list__slug=CHALLENGES),
        empty_label="Alle udfordringer",
        error_messages={"invalid_choice": "Udfordring: Vælg en udfordring fra listen."},
    )

    class Meta(ActionFilter.Meta):
        fields = ("anbefaling", "kkr", "fase", "udfordring", "q")

    def lying_in(self, queryset: Any, name: str, kkr: Kkr) -> Any:
        return queryset.filter(municipality__in=in_kkr(kkr))


def in_kkr(kkr: Kkr) -> QuerySet[Municipality]:
    return Municipality.objects.in_kkr(kkr, as_of=today())


def numbers_of(action: LocalAction) -> list[int]:
    """The numbers of its recommendations; of a queryset that has fetched them."""
    return sorted(recommendation.number for recommendation in action.recommendations.all())


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
