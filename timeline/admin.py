"""WHEN, and from where. The documents are reference data: the admin looks at what rests on them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from stakeholders.admin import KeptAdmin, ReadOnlyAdmin, ReadOnlyInline

from .models import Citation, Commitment, Event, Source


@admin.register(Source)
class SourceAdmin(KeptAdmin):
    list_display = ("title", "publisher", "published", "kind")
    list_filter = ("kind", "publisher")
    search_fields = ("title", "publisher", "slug", "file_name")
    key_fields = ("slug",)


class CitedAdmin(ReadOnlyAdmin):
    """Rows that cite the documents; where they do stands with file name and lines."""

    exclude = ("citations",)
    readonly_fields = ("places",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("citations__source")

    @admin.display(description="steder i kilderne")
    def places(self, row: Any) -> str:
        return "\n".join(f"{c.source.file_name}, linje {c.lines}: {c.place}" for c in row.citations.all()) or "–"


@admin.register(Citation)
class CitationAdmin(ReadOnlyAdmin):
    """Places come from the fixtures, where ``check_citations`` holds them against the documents."""

    list_display = ("source", "place", "lines", "file_name")
    list_display_links = ("place",)
    list_filter = ("source",)
    list_select_related = ("source",)
    search_fields = ("place", "lines", "source__title", "source__file_name")

    @admin.display(description="filens eget navn", ordering="source__file_name")
    def file_name(self, citation: Citation) -> str:
        return citation.source.file_name


class CommitmentInline(ReadOnlyInline):
    template = "admin/edit_inline/stacked.html"
    model = Commitment
    fields = ("who", "what", "amount_text", "unit", "frequency", "period", "due")


@admin.register(Event)
class EventAdmin(CitedAdmin):
    list_display = ("title", "kind", "year", "month", "certainty", "standing", "parent", "cited")
    list_filter = ("kind", "standing", "certainty", "precision", "lane", "year", "actors", "carried_theme")
    list_select_related = ("parent",)
    search_fields = ("title", "other_names", "slug", "description", "conflicts")
    inlines = (CommitmentInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(cited_count=Count("citations__source", distinct=True))

    @admin.display(description="kilder", ordering="cited_count")
    def cited(self, event: Any) -> int:
        return int(event.cited_count)


@admin.register(Commitment)
class CommitmentAdmin(CitedAdmin):
    list_display = ("what", "event", "who", "amount_text", "unit", "frequency", "period", "due")
    list_filter = ("frequency", "event__kind")
    list_select_related = ("event",)
    search_fields = ("what", "who", "slug", "amount_text", "event__title")
