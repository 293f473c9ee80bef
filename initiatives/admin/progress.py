"""The cells and their log. The log is looked at here, and grows through ``Progress.record`` alone."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from flere_haender.access import is_kl, may_record
from flere_haender.days import today
from flere_haender.form_keys import whole_number
from initiatives.forms import StatusForm
from initiatives.history import Line, with_history
from initiatives.models import Progress, StatusUpdate, Theme
from initiatives.models.log import ChangedSince
from initiatives.models.recording import newest_rows
from initiatives.moment import Moment
from initiatives.status import DISPLAY_ORDER, SIGNAL_MEANINGS, STATUS_LABELS, Status
from stakeholders.admin import KeptAdmin

MOST_CELLS = 200
WITHDRAW = "withdraw"
MAY_NOT = "Du kan se status her, men ikke registrere den. Det kræver et aktivt medlemskab som KL-konsulent."


class RecordForm(StatusForm):
    """The form of one status; when it corrects a row, the row can be withdrawn too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self["corrects"].value():
            status: Any = self.fields["status"]
            status.choices = [*Status.choices, ("", "Træk svaret tilbage")]


class SelectedForm(StatusForm):
    """The form of one status for many cells, or of the withdrawal of what holds for each."""

    status = forms.ChoiceField(
        label="Status",
        widget=forms.RadioSelect,
        choices=[*Status.choices, (WITHDRAW, "Træk det gældende svar tilbage")],
        error_messages={"required": "Vælg en status.", "invalid_choice": "Vælg en status fra listen."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["corrects"], self.fields["seen"]


class LevelFilter(admin.SimpleListFilter):
    title = "niveau"
    parameter_name = "niveau"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("national", "National linje"), ("kommuner", "Kommunernes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "national":
            return queryset.filter(municipality=None)
        return queryset.filter(municipality__isnull=False) if self.value() == "kommuner" else queryset


class StatusFilter(admin.SimpleListFilter):
    """Of a queryset ``with_status``."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status, STATUS_LABELS[status]) for status in DISPLAY_ORDER]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status=self.value()) if self.value() in DISPLAY_ORDER else queryset


class ThemeFilter(admin.SimpleListFilter):
    title = "tema"
    parameter_name = "tema"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(theme.pk), f"{theme} ({theme.plan})") for theme in Theme.objects.select_related("plan")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        theme = whole_number(self.value() or "")
        return queryset if theme is None else queryset.filter(recommendation__focus_area__theme=theme)


@admin.register(Progress)
class ProgressAdmin(KeptAdmin):
    """Only the responsible unit is edited in place; a status is recorded through a form of its own."""

    change_form_template = "admin/initiatives/progress/change_form.html"
    list_display = ("recommendation", "place", "status_now", "signal_now", "responsible_unit")
    list_filter = (LevelFilter, ThemeFilter, StatusFilter, "recommendation")
    list_select_related = ("recommendation", "municipality")
    search_fields = (
        "recommendation__short_name",
        "=recommendation__number",
        "municipality__name",
        "=municipality__code",
        "responsible_unit",
    )
    search_help_text = "Anbefalingens nummer eller korte navn, kommune, ansvarlig enhed"
    fields = ("recommendation", "place", "responsible_unit")
    readonly_fields = ("recommendation", "place")
    actions = ("record_selected",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return Progress.objects.with_status(as_of=today()).select_related("recommendation", "municipality")

    @admin.display(description="kommune", ordering="municipality__sort_order")
    def place(self, cell: Progress) -> str:
        return str(cell.municipality or "National status")

    @admin.display(description="status", ordering="status")
    def status_now(self, cell: Progress) -> str:
        return STATUS_LABELS[cell.status]

    @admin.display(description="trafiklys", ordering="signal")
    def signal_now(self, cell: Progress) -> str:
        return SIGNAL_MEANINGS.get(cell.signal, "–")

    # One cell

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.record_view)
        return [path("<int:pk>/status/", view, name="initiatives_progress_record"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        cell = self.get_object(request, object_id)
        extra = self._about(request, cell) if cell is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def _about(self, request: HttpRequest, progress: Progress) -> dict[str, Any]:
        """The history of a cell as the reader may see it, and a form to record with."""
        cell = with_history([progress], moment=Moment.now(), reader=request.user)[0]
        return {
            "cell": cell,
            "may_not": "" if may_record(request.user, progress.municipality_id) else MAY_NOT,
            "record_form": RecordForm.blank(progress, seen=cell.rows[0].pk if cell.rows else None),
            "record_url": reverse("admin:initiatives_progress_record", args=[progress.pk]),
            "on_behalf_of": progress.municipality if is_kl(request.user) else None,
        }

    def record_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record a status, a correction or a withdrawal on one cell."""
        progress = self.get_object(request, str(pk))
        if progress is None:
            raise Http404
        if not self.has_change_permission(request, progress):
            raise PermissionDenied
        if not may_record(request.user, progress.municipality_id):
            return self._form_page(request, progress, None, status=403)
        if request.method != "POST":
            correcting = self._row_to_correct(request, progress)
            form = RecordForm.blank(progress, seen=newest_of(progress), correcting=correcting)
            return self._form_page(request, progress, form)
        form = RecordForm(request.POST, cell=progress)
        try:
            row = form.save(by=request.user)
        except ChangedSince as changed:
            typed = request.POST.copy()
            typed["seen"] = str(changed.newest.pk)
            line = Line.of(changed.newest, request.user)
            return self._form_page(request, progress, RecordForm(typed, cell=progress), status=409, conflict=line)
        if row is None:
            return self._form_page(request, progress, form, status=422)
        done = "Svaret er trukket tilbage." if row.is_withdrawal else "Svaret er gemt."
        self.log_change(request, progress, done)
        self.message_user(request, done, messages.SUCCESS)
        return redirect("admin:initiatives_progress_change", progress.pk)

    def _row_to_correct(self, request: HttpRequest, progress: Progress) -> StatusUpdate | None:
        asked_for = request.GET.get("corrects", "")
        if not asked_for:
            return None
        row = progress.updates.filter(pk=whole_number(asked_for) or 0, corrected_by=None).first()
        if row is None:
            raise Http404
        return row

    def _form_page(
        self,
        request: HttpRequest,
        progress: Progress,
        form: StatusForm | None,
        *,
        status: int = 200,
        conflict: Line | None = None,
    ) -> HttpResponse:
        about = self._about(request, progress)
        wanted = str(form["corrects"].value() or "") if form else ""
        context = {
            **self.admin_site.each_context(request),
            **about,
            "title": "Registrér status",
            "subtitle": str(progress),
            "opts": self.opts,
            "original": progress,
            "record_form": form,
            "conflict": conflict,
            "correcting": next((line for line in about["cell"].rows if str(line.pk) == wanted), None),
        }
        return TemplateResponse(request, "admin/initiatives/progress/record.html", context, status=status)

    # Many cells

    @admin.action(description="Registrér status på de valgte", permissions=["change"])
    def record_selected(self, request: HttpRequest, queryset: QuerySet[Progress]) -> HttpResponse | None:
        """The same status, or the withdrawal of what holds, on every chosen cell; on all of them or on none."""
        cells = list(queryset.order_by("pk")[: MOST_CELLS + 1])
        if len(cells) > MOST_CELLS:
            self.message_user(request, f"Vælg højst {MOST_CELLS} rækker ad gangen.", messages.ERROR)
            return None
        if not all(may_record(request.user, cell.municipality_id) for cell in cells):
            self.message_user(request, MAY_NOT, messages.ERROR)
            return None
        if "record" not in request.POST:
            form = SelectedForm(initial={"effective_on": today(), "key": uuid.uuid4()}, cell=cells[0])
            return self._selected_page(request, cells, form)
        form = SelectedForm(request.POST, cell=cells[0])
        if not form.is_valid():
            return self._selected_page(request, cells, form, status=422)
        refused = record_all(cells, by=request.user, seen=seen_by(request), **form.cleaned_data)
        if refused:
            return self._selected_page(request, cells, form, refused=refused, status=422)
        for cell in cells:
            self.log_change(request, cell, "Status registreret sammen med andre.")
        self.message_user(request, f"Gemt på alle {len(cells)} rækker.", messages.SUCCESS)
        return redirect(request.get_full_path())

    def _selected_page(
        self,
        request: HttpRequest,
        cells: list[Progress],
        form: SelectedForm,
        *,
        refused: list[tuple[Progress, str]] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        newest = newest_rows(cell.pk for cell in cells)
        context = {
            **self.admin_site.each_context(request),
            "title": "Registrér status på de valgte",
            "opts": self.opts,
            "record_form": form,
            "rows": [(cell, STATUS_LABELS[cell.status], newest.get(cell.pk) or "") for cell in cells],
            "refused": refused or [],
            "checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/initiatives/progress/record_selected.html", context, status=status)


def newest_of(progress: Progress) -> int | None:
    """The id of the newest row of the cell."""
    return newest_rows([progress.pk]).get(progress.pk)


def seen_by(request: Any) -> dict[int, int]:
    """What the form had seen of each cell, by the cell's id."""
    shown = ((name.removeprefix("seen-"), value) for name, value in request.POST.items() if name.startswith("seen-"))
    numbers = ((whole_number(cell), whole_number(row)) for cell, row in shown)
    return {cell: row for cell, row in numbers if cell is not None and row is not None}


@transaction.atomic
def record_all(
    cells: list[Progress], *, by: Any, status: str, key: uuid.UUID | None, seen: dict[int, int], **fields: Any
) -> list[tuple[Progress, str]]:
    """Record the same on each cell; when one refuses, on none.

    Args:
        cells: of a queryset ``with_status``, so that what holds for each can be withdrawn.
        key: of the form; each cell gets its own from it.
        seen: the newest row that the form showed of each cell.

    Returns:
        The cells that refused, and why.
    """
    list(Progress.objects.select_for_update().filter(pk__in=[cell.pk for cell in cells]).order_by("pk"))
    fields["recorded_at"] = timezone.now()
    refused = []
    for cell in cells:
        own = {"seen": seen.get(cell.pk), "key": uuid.uuid5(key, str(cell.pk)) if key else None}
        try:
            _record_one(cell, status, by=by, **fields, **own)
        except ChangedSince as changed:
            newest = changed.newest
            said = f"{newest.label}, gælder fra {newest.effective_on:%d.%m.%Y}. {newest.note}".strip()
            refused.append((cell, f"En anden har gemt imens: {said}"))
        except ValidationError as refusal:
            refused.append((cell, " ".join(refusal.messages)))
    transaction.set_rollback(bool(refused))
    return refused


def _record_one(cell: Progress, status: str, *, effective_on: Any, **fields: Any) -> None:
    if status != WITHDRAW:
        cell.record(status, effective_on=effective_on, **fields)
        return
    if StatusUpdate.objects.filter(key=fields["key"]).exists():
        return
    current = cell.updates.standing(as_of=today()).first()
    if current is None:
        raise ValidationError("Der er intet svar at trække tilbage.")
    cell.record("", effective_on=current.effective_on, corrects=current, **fields)
