"""Indicators in: upload a file with figures, choose its columns and indicators, look it through, and save it."""

from __future__ import annotations

import uuid
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from flere_haender.access import importer_required
from flere_haender.form_keys import whole_number
from initiatives.figure_files.columns import AT_FIRST, Columns, FigureFile, Head, as_before, look, proposal
from initiatives.figure_files.reading import read_rows
from initiatives.figure_files.showing import Shown, understood
from initiatives.figure_forms import (
    ColumnsForm,
    FigureFileForm,
    IndicatorForm,
    IndicatorsForm,
    WithdrawalForm,
    initial_indicators,
)
from initiatives.models import FigureImport, FiguresChanged, MovedOn, Step
from initiatives.models.figure_import import CHANGED_SINCE, CHOSEN_ANEW, MOVED_ON, ChosenAnew
from stakeholders.spellings import MunicipalityNames

PER_PAGE = 20
SHOWN_ROWS = 8


def get_import(user: Any, key: uuid.UUID) -> FigureImport:
    """404 for what is somebody else's and not saved."""
    found: FigureImport = get_object_or_404(FigureImport.objects.visible_to(user).light(), key=key)
    return found


def get_own_import(user: Any, key: uuid.UUID) -> FigureImport:
    """403 for what somebody else has saved."""
    found = get_import(user, key)
    if found.uploaded_by_id != user.pk:
        raise PermissionDenied
    return found


def _page(request: HttpRequest, template: str, job: FigureImport, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"section": "indicators", "job": job}
    return TemplateResponse(request, f"initiatives/{template}.html", context, status=status)


def _moved_on(request: HttpRequest, job: FigureImport) -> HttpResponse:
    messages.error(request, MOVED_ON)
    return redirect(job)


@require_http_methods(["GET", "POST"])
@importer_required
def figure_imports(request: HttpRequest) -> HttpResponse:
    form = FigureFileForm(request.POST, request.FILES) if request.method == "POST" else FigureFileForm()
    if request.method == "POST" and (kept := form.save(by=request.user)) is not None:
        return redirect(kept)
    found = FigureImport.objects.visible_to(request.user).light().select_related("uploaded_by")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("side"))
    context = {"section": "indicators", "form": form, "page": page}
    return TemplateResponse(request, "initiatives/figure_imports.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
@importer_required
def figure_import(request: Any, key: uuid.UUID) -> HttpResponse:
    """Where it stands: what is to be chosen, how far the worker is, what it would change, or what became of it."""
    job = get_import(request.user, key)
    if request.htmx and not job.is_working:
        return HttpResponseClientRefresh()
    if job.step in (Step.COLUMNS, Step.INDICATORS):
        return redirect("figure_columns" if job.step == Step.COLUMNS else "figure_indicators", key)
    if job.is_working:
        return _page(request, "_figure_progress" if request.htmx else "figure_progress", job)
    if job.step == Step.LOOKING:
        return _show(request, job)
    return _page(request, "figure_import", job, shown=Shown(job), form=WithdrawalForm())


def _show(request: HttpRequest, job: FigureImport, status: int = 200, fault: str = "") -> HttpResponse:
    ticked = request.POST.getlist("grupper") if request.method == "POST" else ["new", "changed"]
    return _page(request, "figure_preview", job, status, shown=Shown(job), ticked=ticked, fault=fault or job.error)


def _head(request: HttpRequest, job: FigureImport) -> tuple[FigureFile, Head]:
    """The beginning of the sheet that the address asks for."""
    file = FigureFile(bytes(job.content or b""), job.file_name, AT_FIRST)
    return file, look(file, request.GET.get("ark") or None, whole_number(request.GET.get("raekke", ""), digits=3))


@require_http_methods(["GET", "POST"])
@importer_required
def figure_columns(request: Any, key: uuid.UUID) -> HttpResponse:
    """What the columns are. Chosen before, for a file with the same headings: offered again."""
    job = get_own_import(request.user, key)
    if job.is_working or job.is_over:
        return _moved_on(request, job)
    try:
        file, head = _head(request, job)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("figure_columns", key) if request.GET else redirect("figure_imports")
    before = FigureImport.objects.light().with_columns_like(head.fingerprint)
    known = before.columns if before else {}
    initial = {name: value for name, value in job.columns.items() if name in ColumnsForm.base_fields}
    if not initial or initial.get("place") not in head.headings:
        initial = as_before(head, known) if known else proposal(head)
    form = ColumnsForm(head, request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            form.save(job, by=request.user)
        except MovedOn:
            return _moved_on(request, job)
        return redirect(job)
    table = [(number, [row.get(place) for place in head.headings]) for number, row in head.rows[:SHOWN_ROWS]]
    context = {"form": form, "file": file, "head": head, "table": table, "before": before}
    return _page(request, "figure_columns", job, 422 if form.is_bound else 200, **context)


@require_http_methods(["GET", "POST"])
@importer_required
def figure_indicators(request: Any, key: uuid.UUID) -> HttpResponse:
    """Which indicator each name in the file stands for."""
    job = get_own_import(request.user, key)
    if job.step not in (Step.INDICATORS, Step.LOOKING):
        return _moved_on(request, job)
    before = FigureImport.objects.light().with_columns_like(job.headings)
    data = request.POST if request.method == "POST" else None
    if data is not None and data.get("laest", job.reading) != job.reading:  # the names are others now
        messages.error(request, CHOSEN_ANEW)
        return redirect("figure_indicators", key)
    form = IndicatorsForm(job, data, initial=initial_indicators(job, before))
    try:
        if form.is_bound and (asked := request.POST.get("nyt", "")):
            form.is_valid()
            job.keep_indicators(form.chosen, origin=str(form.cleaned_data.get("origin", "")), by=request.user)
            return redirect(f"{reverse('new_indicator', args=[key])}?nr={asked}")
        if form.is_valid():
            job.choose_indicators(form.chosen, origin=form.cleaned_data["origin"], by=request.user)
            return redirect(job)
    except MovedOn:
        return _moved_on(request, job)
    except ValidationError as refusal:
        form.add_error(None, refusal)
    context = {"form": form, "before": before, "sample": _sample(job)}
    return _page(request, "figure_indicators", job, 422 if form.errors else 200, **context)


def _sample(job: FigureImport) -> list[Any]:
    """The first figures, as they are understood."""
    file = FigureFile(bytes(job.content or b""), job.file_name, AT_FIRST)
    columns = Columns.from_kept(job.columns)
    names = MunicipalityNames()
    rows = islice(read_rows(file, columns, names), 60)
    return understood([staged for _, found in rows for staged in found], names)


@require_http_methods(["GET", "POST"])
@importer_required
def new_indicator(request: Any, key: uuid.UUID) -> HttpResponse:
    """An indicator that is not there yet, for a name in the file."""
    job = get_own_import(request.user, key)
    if job.step not in (Step.INDICATORS, Step.LOOKING):
        return _moved_on(request, job)
    place = whole_number(request.GET.get("nr", "")) or 0
    label = job.labels[place][0] if place < len(job.labels) else ""
    form = IndicatorForm(request.POST if request.method == "POST" else None, initial={"name": label})
    if form.is_valid() and (made := form.save(by=request.user)) is not None:
        try:
            job.keep_indicators(job.indicators | {label: made.pk}, origin=job.origin, by=request.user)
        except MovedOn:
            return _moved_on(request, job)
        messages.success(request, f"Nøgletallet “{made.name}” er oprettet.")
        return redirect("figure_indicators", key)
    return _page(request, "new_indicator", job, 422 if form.errors else 200, form=form, called=label)


@require_POST
@importer_required
def save_figures(request: Any, key: uuid.UUID) -> HttpResponse:
    job = get_own_import(request.user, key)
    seen, choices = whole_number(request.POST.get("set", "")), request.POST.get("valg", "")
    try:
        job.save_figures(request.POST.getlist("grupper"), seen=seen, choices=choices, by=request.user)
    except MovedOn:
        return _moved_on(request, job)
    except ValidationError as refusal:
        return _show(request, job, 422, " ".join(refusal.messages))
    except (FiguresChanged, ChosenAnew) as changed:
        job.refresh_from_db()
        return _show(request, job, 409, CHOSEN_ANEW if isinstance(changed, ChosenAnew) else CHANGED_SINCE)
    return redirect(job)


@require_POST
@importer_required
def cancel_figures(request: Any, key: uuid.UUID) -> HttpResponse:
    job = get_own_import(request.user, key)
    try:
        job.cancel(by=request.user)
    except MovedOn:
        return _moved_on(request, job)
    messages.success(request, f"{job.file_name} er ikke indlæst. Intet er gemt.")
    return redirect("figure_imports")


@require_POST
@importer_required
def withdraw_figures(request: Any, key: uuid.UUID) -> HttpResponse:
    """Also what somebody else has saved: it is everybody's."""
    job = get_import(request.user, key)
    form = WithdrawalForm(request.POST)
    try:
        if not form.save(job, by=request.user):
            return _page(request, "figure_import", job, 422, shown=Shown(job), form=form)
    except MovedOn:
        return _moved_on(request, job)
    return redirect(job)
