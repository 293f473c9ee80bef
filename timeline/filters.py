from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, Q

from stakeholders.models import Actor

from .models import Commitment, Event, Kind, Source, Standing

# What the plain timeline leaves out, so that its lines can be seen.
PARTS, PLANNED, ANALYSES, EVERYTHING = "dele", "planlagt", "analyser", "alt"
SHOW = [
    (PARTS, "Også dele af aftaler"),
    (PLANNED, "Også planlagte milepæle"),
    (ANALYSES, "Også analyser"),
    (EVERYTHING, "Alt"),
]
RECOMMENDATIONS = 26


class EventFilter(django_filters.FilterSet):
    vis = django_filters.ChoiceFilter(
        label="Vis",
        choices=SHOW,
        empty_label="De store linjer",
        method="leave_as_is",
        error_messages={"invalid_choice": "Vis: Vælg fra listen."},
    )
    art = django_filters.ChoiceFilter(
        label="Art",
        field_name="kind",
        choices=Kind.choices,
        empty_label="Alle arter",
        error_messages={"invalid_choice": "Art: Vælg en art fra listen."},
    )
    aktoer = django_filters.ModelChoiceFilter(
        label="Aktør",
        field_name="actors",
        to_field_name="slug",
        queryset=Actor.objects.all(),
        empty_label="Alle aktører",
        error_messages={"invalid_choice": "Aktør: Vælg en aktør fra listen."},
    )
    anbefaling = django_filters.ChoiceFilter(
        label="Anbefaling",
        field_name="related__recommendation__number",
        choices=lambda: recommendation_choices(),
        empty_label=f"Alle {RECOMMENDATIONS}",
        error_messages={"invalid_choice": f"Anbefaling: Vælg et nummer fra 1 til {RECOMMENDATIONS}."},
    )
    stand = django_filters.ChoiceFilter(
        label="Stand",
        field_name="standing",
        choices=Standing.choices,
        empty_label="Alle",
        error_messages={"invalid_choice": "Stand: Vælg fra listen."},
    )
    kilde = django_filters.ModelChoiceFilter(
        label="Kilde",
        field_name="citations__source",
        to_field_name="slug",
        queryset=Source.objects.all(),
        empty_label="Alle fem",
        error_messages={"invalid_choice": "Kilde: Vælg en kilde fra listen."},
    )
    q = django_filters.CharFilter(
        label="Søg", method="search", max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )

    class Meta:
        model = Event
        fields = ()

    def leave_as_is(self, queryset: Any, name: str, value: str) -> Any:
        """``vis`` says how much of what is found is drawn: ``leaves_out``."""
        return queryset

    def search(self, queryset: Any, name: str, text: str) -> Any:
        """Every word must be there: as a Danish word form or as part of a word, also in the commitments."""
        queryset = queryset.annotate(words=SearchVector("title", "description", "conflicts", config="danish"))
        for word in text.split():
            commits = Commitment.objects.filter(event=OuterRef("pk")).filter(
                Q(what__icontains=word) | Q(who__icontains=word) | Q(amount_text__icontains=word)
            )
            found = Q(words=SearchQuery(word, config="danish")) | Q(title__icontains=word)
            found |= Q(description__icontains=word) | Q(other_names__icontains=word) | Q(Exists(commits))
            queryset = queryset.filter(found)
        return queryset

    @property
    def narrows(self) -> bool:
        """Whether anything but ``vis`` is chosen."""
        return any(self.data.get(name) for name in self.filters if name != "vis")

    def leaves_out(self, event: Event) -> bool:
        """Whether the plain timeline leaves the event out. A search shows all it finds, unless ``vis`` is chosen."""
        show = self.data.get("vis") or (EVERYTHING if self.narrows else "")
        if show == EVERYTHING:
            return False
        return (
            (event.parent_id is not None and show != PARTS)
            or (event.standing == Standing.PLANNED and show != PLANNED)
            or (event.kind == Kind.ANALYSIS and show != ANALYSES)
        )


def recommendation_choices() -> list[tuple[str, str]]:
    """All numbers, with the short name where an event has to do with the recommendation. One query."""
    names = ("related__recommendation__number", "related__recommendation__short_name")
    known = dict(Event.objects.filter(related__isnull=False).order_by().values_list(*names).distinct())
    numbers = range(1, RECOMMENDATIONS + 1)
    return [(str(number), f"{number}. {known[number]}" if number in known else str(number)) for number in numbers]
