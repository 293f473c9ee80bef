"""The log of statuses, to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from flere_haender.days import DANISH_TIME
from initiatives.models import StatusUpdate
from stakeholders.admin import ReadOnlyAdmin


@admin.register(StatusUpdate)
class StatusUpdateAdmin(ReadOnlyAdmin):
    """The log. It is written on the page of the cell."""

    list_display = ("label", "recommendation", "place", "signal", "holds_from", "recorded", "organisation")
    list_filter = ("status", "signal", "recorded_at", "progress__recommendation")
    list_select_related = (
        "progress__recommendation",
        "progress__municipality",
        "recorded_by",
        "recorded_for",
        "on_behalf_of",
    )
    search_fields = (
        "note",
        "progress__recommendation__short_name",
        "=progress__recommendation__number",
        "progress__municipality__name",
    )
    fields = (
        "progress",
        "label",
        "signal",
        "expected_on",
        "note",
        "for_insiders",
        "effective_on",
        "recorded_at",
        "author",
        "corrects",
        "confirms",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.reader = request.user
        return row

    @admin.display(description="gælder fra", ordering="effective_on")
    def holds_from(self, row: StatusUpdate) -> str:
        return f"{row.effective_on:%d.%m.%Y}"

    @admin.display(description="registreret", ordering="recorded_at")
    def recorded(self, row: StatusUpdate) -> str:
        return f"{row.recorded_at.astimezone(DANISH_TIME):%d.%m.%Y %H.%M}"

    @admin.display(description="status", ordering="status")
    def label(self, row: StatusUpdate) -> str:
        return row.label

    @admin.display(description="anbefaling", ordering="progress__recommendation__number")
    def recommendation(self, row: StatusUpdate) -> str:
        return str(row.progress.recommendation)

    @admin.display(description="kommune", ordering="progress__municipality__sort_order")
    def place(self, row: StatusUpdate) -> str:
        return str(row.progress.municipality or "National status")

    @admin.display(description="skrevet af")
    def author(self, row: Any) -> str:
        return row.author_for(row.reader)

    @admin.display(description="skrevet af")
    def organisation(self, row: StatusUpdate) -> str:
        return row.organisation

    @admin.display(description="intern note")
    def for_insiders(self, row: Any) -> str:
        return row.internal_note_for(row.reader) or "–"
