"""Recording a status: one form, for a municipality's cell and for the national line."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.middleware import HtmxDetails

from flere_haender.access import belongs_to, is_kl, may_record, member_required
from flere_haender.days import today
from flere_haender.form_keys import whole_number
from flere_haender.typed import gives_back, take_typed
from initiatives.answers import asked_cells, progress_context
from initiatives.forms import StatusForm
from initiatives.history import Cell, Line, mark_named, with_history
from initiatives.key_answers import add_answers
from initiatives.models import ChangedSince, Progress, Recommendation, StatusUpdate
from initiatives.moment import Moment


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


NOT_NAMED = "Anbefalingens tekst nævner ikke kommunerne."


def get_editable_cell(user: Any, *, key: str, code: int | None = None) -> Progress:
    """The cell that the user may write to: 404 when it does not exist, 403 when it is not theirs to change."""
    moment = Moment.now()
    cells = Progress.objects.visible_to(user).select_related("municipality", "recommendation")
    where = {"municipality": None} if code is None else {"municipality__code": code}
    cell = get_object_or_404(cells, recommendation__slug=key, **where)
    cell.recommendation = get_object_or_404(Recommendation.objects.with_text(as_of=moment.as_of), slug=key)
    if not may_record(user, cell.municipality_id):
        raise PermissionDenied
    return cell


@gives_back
@require_http_methods(["GET", "POST"])
@member_required
def record_status(request: HtmxRequest, code: int, key: str) -> HttpResponse:
    return _record(request, get_editable_cell(request.user, code=code, key=key))


@gives_back
@require_http_methods(["GET", "POST"])
@member_required
def record_national(request: HtmxRequest, key: str) -> HttpResponse:
    return _record(request, get_editable_cell(request.user, key=key))


def _record(request: HtmxRequest, progress: Progress) -> HttpResponse:
    if request.method == "GET":
        typed = take_typed(request)
        if typed:
            return _form_page(request, _cell(request, progress), StatusForm(typed, cell=progress))
        return _ask(request, progress)
    form = StatusForm(request.POST, cell=progress)
    try:
        row = form.save(by=request.user)
    except ChangedSince as changed:
        return _ask_again(request, progress, changed.newest)
    if row is None:
        return _form_page(request, _cell(request, progress), form, status=422)
    return _saved(request, progress, "Svaret er trukket tilbage." if row.is_withdrawal else "Svaret er gemt.")


def _ask(request: HtmxRequest, progress: Progress) -> HttpResponse:
    correcting = _row_to_correct(request, progress)
    cell = _cell(request, progress)
    return _form_page(request, cell, blank_form(cell, correcting=correcting))


def blank_form(cell: Cell, *, correcting: StatusUpdate | None = None) -> StatusForm:
    """A form that has seen what the cell shows."""
    return StatusForm.blank(cell.progress, seen=cell.rows[0].pk if cell.rows else None, correcting=correcting)


def _row_to_correct(request: HtmxRequest, progress: Progress) -> StatusUpdate | None:
    asked_for = request.GET.get("corrects", "")
    if not asked_for:
        return None
    return get_object_or_404(progress.updates.filter(corrected_by=None), pk=whole_number(asked_for) or 0)


def _ask_again(request: HtmxRequest, progress: Progress, newest: StatusUpdate) -> HttpResponse:
    """Somebody has saved meanwhile: both versions, and the form as typed, which now has seen theirs."""
    typed = request.POST.copy()
    typed["seen"], typed["key"] = str(newest.pk), str(uuid.uuid4())
    form = StatusForm(typed, cell=progress)
    return _form_page(request, _cell(request, progress), form, status=409, conflict=Line.of(newest, request.user))


def _form_page(
    request: HtmxRequest, cell: Cell, form: StatusForm, *, status: int = 200, conflict: Line | None = None
) -> HttpResponse:
    lines = {str(line.pk): line for line in cell.rows}
    context = {
        "form": form,
        "cell": cell,
        "moment": Moment.now(),
        "conflict": conflict,
        "section": _section(request, cell.progress),
        "correcting": lines.get(str(form["corrects"].value())),
        **form_context(cell, request.user),
    }
    template = "initiatives/_status_form.html" if request.htmx else "initiatives/record_status.html"
    return TemplateResponse(request, template, context, status=status)


def _section(request: HtmxRequest, progress: Progress) -> str:
    if progress.municipality is None:
        return "recommendations"
    return "own" if belongs_to(request.user, progress.municipality_id) else "municipalities"


def form_context(cell: Cell, user: Any) -> dict[str, Any]:
    """What the form shows beside its fields."""
    return {
        "action": cell.form_url,
        "newest": cell.current,
        "on_behalf_of": cell.municipality if is_kl(user) else None,
        "not_named_reason": "" if cell.named else NOT_NAMED,
        "cancel_url": cell.get_absolute_url(),
    }


def _cell(request: HtmxRequest, progress: Progress) -> Cell:
    cells = with_history([progress], moment=Moment.now(), reader=request.user)
    mark_named(cells, as_of=today())
    if progress.municipality is not None:
        add_answers(cells, progress.municipality, Moment.now())
    return cells[0]


def _saved(request: HtmxRequest, progress: Progress, message: str) -> HttpResponse:
    if request.htmx:
        context = {"moment": Moment.now(), "saved": message, **_cell_and_progress(request, progress)}
        return TemplateResponse(request, "initiatives/_cell.html", context)
    messages.success(request, f"Anbefaling {progress.recommendation.number}: {message}")
    return redirect(progress.get_absolute_url())


def _cell_and_progress(request: HtmxRequest, progress: Progress) -> dict[str, Any]:
    """The cell, and the line on its page that says how many are answered."""
    if progress.municipality is None:
        return {"cell": _cell(request, progress)}
    moment = Moment.now(plan=progress.recommendation.plan_slug)
    cells = asked_cells(progress.municipality, moment, request.user)
    add_answers(cells, progress.municipality, Moment.now())
    own = next((cell for cell in cells if cell.progress.pk == progress.pk), None)
    return {"cell": own or _cell(request, progress), **progress_context(cells)}


@require_POST
@member_required
def undo_status(request: HtmxRequest, pk: int) -> HttpResponse:
    """Take back what one saved less than ten minutes ago."""
    rows = StatusUpdate.objects.visible_to(request.user).select_related("progress__municipality", "corrects")
    row = get_object_or_404(rows, pk=pk)
    row.progress.recommendation = Recommendation.objects.with_text(as_of=Moment.now().as_of).get(
        pk=row.progress.recommendation_id
    )
    try:
        row.undo(by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(row.progress.get_absolute_url())
    holds = row.progress.updates.standing(as_of=today()).exists()
    return _saved(
        request, row.progress, f"Fortrudt. {'Svaret fra før gælder igen.' if holds else 'Der er intet svar nu.'}"
    )
