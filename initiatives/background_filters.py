"""Filters for the figures and the case bank, and the search in their texts."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import OuterRef, Q, QuerySet, Subquery

from stakeholders.models import Municipality
from timeline.models import CarriedTheme

from .models import Case, Evidence, Indicator, Recommendation, Topic
from .search import Fold, Joined, Query


def holding(queryset: QuerySet[Any], text: str, *columns: Any) -> QuerySet[Any]:
    """The rows where every word is found: as it stands, in another form, or as a part of a longer word.

    ``uddannelser`` finds ``sundhedsuddannelserne``, ``fuldtid`` finds ``fuldtidsstillinger``, ``aeldre`` finds
    ``ældre``. A text without a letter or a digit finds nothing.
    """
    words = Query.of(text).words
    found = queryset.annotate(searched=Fold(*columns)).annotate(forms=SearchVector("searched", config="danish"))
    for word in words:
        part = min(word.inside, key=len, default=f" {word.text}")
        found = found.filter(Q(searched__contains=part) | Q(forms=SearchQuery(word.text, config="danish")))
    return found if words else queryset.none()


class RelatedFilter(django_filters.FilterSet):
    """The choices that figures and cases share."""

    anbefaling = django_filters.ModelChoiceFilter(
        label="Anbefaling",
        field_name="related__recommendation",
        to_field_name="number",
        queryset=Recommendation.objects.all(),
        empty_label="Alle anbefalinger",
        error_messages={"invalid_choice": "Anbefaling: Vælg en anbefaling fra listen."},
    )
    q = django_filters.CharFilter(
        label="Søg", method="search", max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )


class IndicatorFilter(RelatedFilter):
    emne = django_filters.ChoiceFilter(
        label="Emne",
        field_name="topic",
        choices=Topic.choices,
        empty_label="Alle emner",
        error_messages={"invalid_choice": "Emne: Vælg et emne fra listen."},
    )
    udgiver = django_filters.AllValuesFilter(
        label="Udgiver",
        field_name="publisher",
        empty_label="Alle udgivere",
        error_messages={"invalid_choice": "Udgiver: Vælg en udgiver fra listen."},
    )

    class Meta:
        model = Indicator
        fields = ("emne", "anbefaling", "udgiver", "q")

    def search(self, queryset: Any, name: str, text: str) -> Any:
        return holding(queryset, text, "name", "definition", "group", "publisher")


def _with_cases(request: Any) -> QuerySet[Municipality]:
    return Municipality.objects.filter(cases__isnull=False).distinct()


class CaseFilter(RelatedFilter):
    evidens = django_filters.ChoiceFilter(
        label="Evidens",
        field_name="evidence",
        choices=Evidence.choices,
        empty_label="Alle",
        error_messages={"invalid_choice": "Evidens: Vælg et niveau fra listen."},
    )
    kommune = django_filters.ModelChoiceFilter(
        label="Kommune",
        field_name="municipalities",
        to_field_name="code",
        queryset=_with_cases,
        empty_label="Alle kommuner",
        error_messages={"invalid_choice": "Kommune: Vælg en kommune fra listen."},
    )
    tema = django_filters.ChoiceFilter(
        label="Tema fra 2018",
        field_name="carried_theme",
        choices=CarriedTheme.choices,
        empty_label="Alle",
        error_messages={"invalid_choice": "Tema fra 2018: Vælg et tema fra listen."},
    )

    class Meta:
        model = Case
        fields = ("anbefaling", "evidens", "kommune", "tema", "q")

    def search(self, queryset: Any, name: str, text: str) -> Any:
        places = Municipality.objects.filter(cases=OuterRef("pk")).order_by().values("cases")
        names = Subquery(places.annotate(names=StringAgg("authority_name", " ")).values("names"))
        written = ("title", "where", "problem", "what", "target_group", "results")
        return holding(queryset, text, *written, Joined("mechanisms"), names)
