from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q

from stakeholders.models import Actor

from .models import FocusArea, Recommendation, Theme
from .status import DISPLAY_ORDER, STATUS_LABELS


class RecommendationFilter(django_filters.FilterSet):
    """Filters recommendations ``with_text``, annotated with ``national_status``, as of a moment."""

    tema = django_filters.ModelChoiceFilter(
        label="Tema",
        field_name="focus_area__theme",
        to_field_name="number",
        queryset=Theme.objects.all(),
        empty_label="Alle temaer",
        error_messages={"invalid_choice": "Tema: Vælg et tema fra listen."},
    )
    indsatsomraade = django_filters.ModelChoiceFilter(
        label="Indsatsområde",
        field_name="focus_area",
        to_field_name="number",
        queryset=FocusArea.objects.all(),
        empty_label="Alle indsatsområder",
        error_messages={"invalid_choice": "Indsatsområde: Vælg et indsatsområde fra listen."},
    )
    aktoer = django_filters.ModelChoiceFilter(
        label="Rettet mod",
        to_field_name="slug",
        queryset=Actor.objects.all(),
        empty_label="Alle aktører",
        method="addressed_to",
        error_messages={"invalid_choice": "Rettet mod: Vælg en aktør fra listen."},
    )
    status = django_filters.ChoiceFilter(
        label="National status",
        field_name="national_status",
        choices=[(status, STATUS_LABELS[status]) for status in DISPLAY_ORDER],
        empty_label="Alle statusser",
        error_messages={"invalid_choice": "National status: Vælg en status fra listen."},
    )
    q = django_filters.CharFilter(
        label="Søg", method="search", max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )

    class Meta:
        model = Recommendation
        fields = ()

    def __init__(self, *args: Any, moment: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moment = moment

    def addressed_to(self, queryset: Any, name: str, actor: Actor) -> Any:
        return queryset.addressed_to(actor.slug, as_of=self.moment.as_of, known_at=self.moment.known_at)

    def search(self, queryset: Any, name: str, text: str) -> Any:
        """Every word must be there: as a Danish word form, as part of a word, or as the number."""
        queryset = queryset.annotate(words=SearchVector("title", "summary", "short_name", config="danish"))
        for word in text.split():
            found = Q(words=SearchQuery(word, config="danish")) | Q(title__icontains=word)
            found |= Q(summary__icontains=word) | Q(short_name__icontains=word)
            if word.isdecimal() and len(word) < 5:
                found |= Q(number=int(word))
            queryset = queryset.filter(found)
        return queryset
