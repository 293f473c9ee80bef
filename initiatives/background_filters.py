"""Filters for the figures and the case bank."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import OuterRef, QuerySet, Subquery

from stakeholders.models import Municipality
from stakeholders.words import Joined
from timeline.filters import TextFilter, choice
from timeline.models import CarriedTheme

from .models import Case, Evidence, Indicator, Recommendation, Topic


class RelatedFilter(TextFilter):
    """The choice that figures and cases share."""

    anbefaling = choice(
        "Anbefaling",
        "Alle anbefalinger",
        pick="Vælg en anbefaling fra listen.",
        field_name="related__recommendation",
        to_field_name="slug",
        queryset=Recommendation.objects.all(),
    )


class IndicatorFilter(RelatedFilter):
    texts = ("name", "definition", "group", "publisher")

    emne = choice("Emne", "Alle emner", pick="Vælg et emne fra listen.", field_name="topic", choices=Topic.choices)
    udgiver = django_filters.AllValuesFilter(
        label="Udgiver",
        field_name="publisher",
        empty_label="Alle udgivere",
        error_messages={"invalid_choice": "Udgiver: Vælg en udgiver fra listen."},
    )

    class Meta:
        model = Indicator
        fields = ("emne", "anbefaling", "udgiver", "q")


def _with_cases(request: Any) -> QuerySet[Municipality]:
    return Municipality.objects.filter(cases__in=Case.objects.published()).distinct()


def _places() -> Subquery:
    """The names of the municipalities of a case, as one text."""
    places = Municipality.objects.filter(cases=OuterRef("pk")).order_by().values("cases")
    return Subquery(places.annotate(names=StringAgg("authority_name", " ")).values("names"))


class CaseFilter(RelatedFilter):
    texts = ("title", "where", "problem", "what", "target_group", "results", Joined("mechanisms"), _places())

    evidens = choice(
        "Evidens", "Alle", pick="Vælg et niveau fra listen.", field_name="evidence", choices=Evidence.choices
    )
    kommune = choice(
        "Kommune",
        "Alle kommuner",
        pick="Vælg en kommune fra listen.",
        field_name="municipalities",
        to_field_name="code",
        queryset=_with_cases,
    )
    tema = choice(
        "Tema fra 2018",
        "Alle",
        pick="Vælg et tema fra listen.",
        field_name="carried_theme",
        choices=CarriedTheme.choices,
    )

    class Meta:
        model = Case
        fields = ("anbefaling", "evidens", "kommune", "tema", "q")
