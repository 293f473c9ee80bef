"""The log of statuses, to look at and to export. KL's own spreadsheets are taken in as new rows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from flere_haender.access import is_kl_consultant
from flere_haender.days import DANISH_TIME, today
from initiatives.file_forms import FileForm, file_field
from initiatives.forms import DayField
from initiatives.models import StatusUpdate, Upload
from initiatives.old_statuses.looking import KIND
from initiatives.old_statuses.taking import read
from stakeholders.admin import ReadOnlyAdmin

from .exchange import ExchangeMixin
from .log_resources import StatusUpdateResource


class StatusesForm(FileForm):
    """A spreadsheet of statuses, and the day that it is about."""

    file = file_field(
        "Regneark",
        accept=".xlsx,.csv",
        missing="Vælg det regneark, du vil indlæse.",
        help_text="Excel (.xlsx) eller CSV, højst 10 MB.",
    )
    as_of = DayField(
        label="Svarene gælder pr.",
        help_text="Skriv den som 31.05.2023. En række med sin egen dato (kolonnen Gælder fra) beholder den.",
    )

    def clean_as_of(self) -> Any:
        day = self.cleaned_data["as_of"]
        if day > today():
            raise ValidationError("Datoen kan ikke ligge efter i dag.")
        return day

    def save(self, *, by: Any) -> Upload | None:
        """Read the file and keep its rows. None when it is refused."""

        def keep(content: bytes, name: str) -> Upload:
            rows = read(content, name, as_of=self.cleaned_data["as_of"])
            return Upload.keep(rows, kind=KIND, by=by, municipality=None, file_name=name)

        return self.kept(keep)


@admin.register(StatusUpdate)
class StatusUpdateAdmin(ExchangeMixin, ReadOnlyAdmin):
    """The log. It is written on the page of the cell, or all at once from a spreadsheet; never changed."""

    resource_classes = [StatusUpdateResource]
    file_stem = "statusnotater"
    list_display = ("label", "recommendation", "place", "signal", "holds_from", "recorded", "organisation")
    list_filter = ("status", "signal", "recorded_at", "progress__recommendation")
    list_select_related = (
        "progress__recommendation",
        "progress__municipality",
        "recorded_by",
        "recorded_for",
        "on_behalf_of",
        "corrects",
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

    def has_import_permission(self, request: HttpRequest) -> bool:
        return is_kl_consultant(request.user)

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Upload a spreadsheet; it is looked through and confirmed as every upload is."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = StatusesForm(request.POST, request.FILES) if is_sent else StatusesForm()
        kept = form.save(by=request.user) if is_sent else None
        if kept is not None:
            return redirect(kept)
        context = {**self.admin_site.each_context(request), "title": "Indlæs statusser fra et regneark"}
        context |= {"opts": self.opts, "form": form}
        template = "admin/initiatives/statusupdate/import.html"
        return TemplateResponse(request, template, context, status=422 if is_sent else 200)

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.import_action(request)

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
