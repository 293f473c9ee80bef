"""Answering the key questions of a recommendation, outside a round."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from flere_haender.access import belongs_to, is_kl, member_required
from flere_haender.days import today
from flere_haender.typed import gives_back, take_typed
from initiatives.kinds import said
from initiatives.models import ChangedSince, KeyAnswer, Progress, Question
from initiatives.models.question import newest_answer
from initiatives.question_forms import AnswerForm

from .statuses import get_editable_cell


@dataclass(frozen=True)
class Both:
    """One question that two have answered at the same time."""

    question: Question
    saved: str
    typed: str


@gives_back
@require_http_methods(["GET", "POST"])
@member_required
def answer_questions(request: HttpRequest, code: int, key: str) -> HttpResponse:
    cell = get_editable_cell(request.user, key=key, code=code)
    questions = list(Question.objects.active(on=today()).filter(recommendation=cell.recommendation))
    if not questions:
        raise Http404
    if request.method == "GET":
        if typed := take_typed(request):
            return _page(request, cell, AnswerForm(questions, typed))
        newest = newest_answer(cell.recommendation, _municipality(cell))
        form = AnswerForm.blank(questions, held=_held(cell, questions), seen=newest.pk if newest else None)
        return _page(request, cell, form)
    form = AnswerForm(questions, request.POST)
    try:
        saved = form.save(cell.recommendation, _municipality(cell), by=request.user)
    except ChangedSince as changed:
        return _ask_again(request, cell, form, changed.newest)
    if saved is None:
        return _page(request, cell, form, status=422)
    messages.success(
        request, f"Anbefaling {cell.recommendation.number}: {'Svarene er gemt.' if saved else 'Intet er ændret.'}"
    )
    return redirect(cell.get_absolute_url())


def _municipality(cell: Progress) -> Any:
    """Of a cell that was found by its municipality's code."""
    assert cell.municipality is not None
    return cell.municipality


def _held(cell: Progress, questions: list[Question]) -> dict[str, Any]:
    rows = KeyAnswer.objects.filter(question__in=questions, municipality=cell.municipality)
    return dict(rows.holding(as_of=today()).values_list("question__slug", "value"))


def _ask_again(request: HttpRequest, cell: Progress, form: AnswerForm, newest: KeyAnswer) -> HttpResponse:
    """Somebody has saved meanwhile: both versions, and the form as typed, which now has seen theirs."""
    typed = request.POST.copy()
    typed["seen"], typed["key"] = str(newest.pk), str(uuid.uuid4())
    held = _held(cell, form.questions)
    both = [
        Both(question, said(question, held.get(question.slug)), said(question, form.typed.get(question.slug)))
        for question in form.questions
        if held.get(question.slug) != form.typed.get(question.slug)
    ]
    again = AnswerForm(form.questions, typed)
    return _page(request, cell, again, status=409, newest=newest, both=both)


def _page(request: HttpRequest, cell: Progress, form: AnswerForm, *, status: int = 200, **more: Any) -> HttpResponse:
    newest = more.get("newest")
    context = {
        "form": form,
        "recommendation": cell.recommendation,
        "municipality": cell.municipality,
        "history": _history(request.user, cell),
        "on_behalf_of": cell.municipality if is_kl(request.user) else None,
        "cancel_url": cell.get_absolute_url(),
        "section": "own" if belongs_to(request.user, cell.municipality_id) else "municipalities",
        "author": newest.author_for(request.user) if newest else "",
        **more,
    }
    return TemplateResponse(request, "initiatives/answer_questions.html", context, status=status)


def _history(reader: Any, cell: Progress) -> list[tuple[KeyAnswer, str]]:
    """Every row of the log, the newest first, with its author as the reader may know them."""
    rows = KeyAnswer.objects.filter(question__recommendation=cell.recommendation, municipality=cell.municipality)
    rows = rows.with_corrected().select_related("question", "recorded_by", "recorded_for", "on_behalf_of")
    return [(row, row.author_for(reader)) for row in rows.order_by("-id")]
