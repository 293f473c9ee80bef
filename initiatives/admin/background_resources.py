"""What a file of what the documents know holds. It goes out only: it is written in the reference data."""

from __future__ import annotations

from typing import Any

from import_export.fields import Field

from initiatives.models import Case, Indicator, IndicatorValue, Term

from .columns import number_column, text_column
from .exchange import VerbResource

PLACES = "Steder i kilderne"
BETWEEN = " | "


def places_of(row: Any) -> str:
    """Where it stands: file and lines, of a queryset that has fetched them."""
    return BETWEEN.join(f"{each.source.file_name}:{each.lines}" for each in row.citations.all())


class CitedResource(VerbResource):
    places = Field(column_name=PLACES)

    def dehydrate_places(self, row: Any) -> str:
        return places_of(row)


class IndicatorResource(VerbResource):
    slug = text_column("slug", "Kode")
    name = text_column("name", "Navn")
    definition = text_column("definition", "Definition")
    unit = text_column("unit", "Enhed")
    group = text_column("group", "Gruppe")
    topic = text_column("get_topic_display", "Emne")
    direction = text_column("get_direction_display", "God retning")
    publisher = text_column("publisher", "Udgiver")

    class Meta(VerbResource.Meta):
        model = Indicator
        name = "Indikatorer"
        fields = ("slug", "name", "definition", "unit", "group", "topic", "direction", "publisher")


class IndicatorValueResource(CitedResource):
    indicator = text_column("indicator__slug", "Indikatorens kode")
    text = text_column("text", "Som kilden skriver")
    value = Field("value", "Værdi")
    low = Field("low", "Fra")
    high = Field("high", "Til")
    period = text_column("period", "Periode")
    year = number_column("year", "År")
    geography = text_column("geography", "Geografi")
    note = text_column("note", "Note")

    class Meta(VerbResource.Meta):
        model = IndicatorValue
        name = "Værdier"
        fields = ("indicator", "text", "value", "low", "high", "period", "year", "geography", "note", "places")


class CaseResource(CitedResource):
    slug = text_column("slug", "Kode")
    title = text_column("title", "Titel")
    municipalities = Field(column_name="Kommuner")
    where = text_column("where", "Hvor")
    what = text_column("what", "Hvad")
    problem = text_column("problem", "Problemet")
    results = text_column("results", "Resultater")
    evidence = text_column("get_evidence_display", "Grundlag")

    class Meta(VerbResource.Meta):
        model = Case
        name = "Cases"
        fields = ("slug", "title", "municipalities", "where", "what", "problem", "results", "evidence", "places")

    def dehydrate_municipalities(self, case: Case) -> str:
        return BETWEEN.join(each.name for each in case.municipalities.all())


class TermResource(CitedResource):
    slug = text_column("slug", "Kode")
    term = text_column("term", "Ord")
    definition = text_column("definition", "Forklaring")
    also = Field(column_name="Også kaldt")
    changed = text_column("changed", "Sådan har ordet ændret sig")

    class Meta(VerbResource.Meta):
        model = Term
        name = "Ordliste"
        fields = ("slug", "term", "definition", "also", "changed", "places")

    def dehydrate_also(self, term: Term) -> str:
        return BETWEEN.join(term.also)
