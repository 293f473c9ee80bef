"""What the documents know around the plan: looked at here, written in the reference data."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from initiatives.models import (
    Case,
    FactList,
    Indicator,
    IndicatorValue,
    ListItem,
    Programme,
    Related,
    Term,
)
from stakeholders.admin import ReadOnlyAdmin, ReadOnlyInline
from timeline.admin import CitedAdmin

from .background_resources import CaseResource, IndicatorResource, IndicatorValueResource, TermResource
from .exchange import ExchangeMixin


class RelatedInline(ReadOnlyInline):
    model = Related
    fields = ("recommendation", "basis")
    verbose_name_plural = "anbefalinger, det hænger sammen med"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("recommendation")


class ValueInline(ReadOnlyInline):
    template = "admin/edit_inline/stacked.html"
    model = IndicatorValue
    fields = ("text", "value", "low", "high", "period", "year", "geography", "note")


@admin.register(Indicator)
class IndicatorAdmin(ExchangeMixin, ReadOnlyAdmin):
    resource_classes = [IndicatorResource]
    file_stem = "indikatorer"
    list_display = ("name", "group", "unit", "topic", "publisher", "value_count")
    list_filter = ("topic", "direction", "publisher")
    search_fields = ("name", "slug", "definition", "group", "publisher")
    inlines = (ValueInline, RelatedInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(value_count=Count("values"))

    @admin.display(description="værdier", ordering="value_count")
    def value_count(self, indicator: Any) -> int:
        return int(indicator.value_count)


@admin.register(IndicatorValue)
class IndicatorValueAdmin(ExchangeMixin, CitedAdmin):
    resource_classes = [IndicatorValueResource]
    file_stem = "indikatorvaerdier"
    list_display = ("text", "indicator", "period", "geography")
    list_filter = ("indicator__topic", "year", "geography")
    list_select_related = ("indicator",)
    search_fields = ("text", "period", "note", "indicator__name", "indicator__slug")


@admin.register(Case)
class CaseAdmin(ExchangeMixin, CitedAdmin):
    resource_classes = [CaseResource]
    file_stem = "cases"
    list_display = ("title", "happened_in", "evidence", "carried_theme")
    list_filter = ("evidence", "carried_theme", "related__recommendation")
    search_fields = ("title", "slug", "what", "problem", "results", "where", "municipalities__name")
    inlines = (RelatedInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("municipalities")

    @admin.display(description="hvor")
    def happened_in(self, case: Case) -> str:
        return ", ".join(municipality.name for municipality in case.municipalities.all()) or case.where


@admin.register(Programme)
class ProgrammeAdmin(CitedAdmin):
    list_display = ("title", "period", "participants_text", "participant_count", "event")
    list_filter = ("carried_theme",)
    list_select_related = ("event",)
    search_fields = ("title", "slug", "description", "known__name")
    inlines = (RelatedInline,)


class ItemInline(ReadOnlyInline):
    model = ListItem
    fields = ("order", "title", "text")


@admin.register(FactList)
class FactListAdmin(ReadOnlyAdmin):
    list_display = ("title", "slug", "item_count")
    search_fields = ("title", "slug", "items__title")
    inlines = (ItemInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(item_count=Count("items", distinct=True))

    @admin.display(description="punkter", ordering="item_count")
    def item_count(self, facts: Any) -> int:
        return int(facts.item_count)


@admin.register(ListItem)
class ListItemAdmin(CitedAdmin):
    list_display = ("title", "list", "order")
    list_filter = ("list",)
    list_select_related = ("list",)
    search_fields = ("title", "slug", "text", "list__title")
    inlines = (RelatedInline,)


@admin.register(Term)
class TermAdmin(ExchangeMixin, CitedAdmin):
    resource_classes = [TermResource]
    file_stem = "ordliste"
    list_display = ("term", "also", "definition")
    search_fields = ("term", "slug", "also", "definition", "changed")


@admin.register(Related)
class RelatedAdmin(ReadOnlyAdmin):
    """That a recommendation has to do with something, and who says so."""

    list_display = ("recommendation", "thing", "basis")
    list_filter = ("basis", "recommendation")
    list_select_related = ("recommendation", "event", "indicator", "case", "programme", "item")
    search_fields = (
        "recommendation__short_name",
        "=recommendation__number",
        "event__title",
        "indicator__name",
        "case__title",
        "programme__title",
        "item__title",
    )

    @admin.display(description="hænger sammen med")
    def thing(self, row: Related) -> str:
        return str(row.event or row.indicator or row.case or row.programme or row.item)
