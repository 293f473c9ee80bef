"""An uploaded file, of any kind: look through what it would change, pick, and confirm."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from flere_haender.access import member_required
from flere_haender.form_keys import BROKEN_FORM, form_key
from initiatives.files import printable
from initiatives.intake.uploads import NotSaved, confirm, may_confirm, preview
from initiatives.models import Upload
from initiatives.old_statuses import looking, words
from initiatives.status import Status
from initiatives.user_list import KIND as USERS
from initiatives.workbook import taking

from .workbook import context_of

MOST_WORDS = 200


@dataclass(frozen=True)
class Frame:
    """How the page of a kind looks.

    Args:
        done: what is said when so many things have been saved.
        context: what its template needs besides.
    """

    template: str
    done: Callable[[int], str]
    context: Callable[[HttpRequest, Upload], dict[str, Any]]


def _of_workbook(request: HttpRequest, upload: Upload) -> dict[str, Any]:
    assert upload.municipality is not None
    return context_of(request, upload.municipality)


def _of_statuses(request: HttpRequest, upload: Upload) -> dict[str, Any]:
    return {
        "statuses": [*Status.choices, (words.LEAVE_OUT, "Ikke en status: udelad cellerne")],
        "as_it_stands": words.AS_IT_STANDS,
    }


def _of_users(request: HttpRequest, upload: Upload) -> dict[str, Any]:
    return {"section": "users"}


def _rows(count: int) -> str:
    return "1 række er gemt." if count == 1 else f"{count} rækker er gemt."


FRAMES = {
    taking.KIND: Frame("initiatives/upload.html", _rows, _of_workbook),
    looking.KIND: Frame("initiatives/upload_statuses.html", lambda count: "Svarene er gemt.", _of_statuses),
    USERS: Frame(
        "initiatives/upload_users.html",
        lambda count: "1 er inviteret." if count == 1 else f"{count} er inviteret. E-mailene er på vej.",
        _of_users,
    ),
}


def get_upload(user: Any, key: uuid.UUID) -> Upload:
    """One's own: 404 for what is somebody else's or too old, 403 for who may not do what it would any more."""
    found: Upload = get_object_or_404(Upload.objects.visible_to(user).select_related("municipality"), pk=key)
    if not may_confirm(found, user):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "POST"])
@member_required
def upload(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What the file would change; what is chosen is carried out: all of it, or nothing."""
    found = get_upload(request.user, key)
    if request.method == "GET":
        return _show(request, found)
    if (form := form_key(request.POST.get("key", ""))) is None:
        return _show(request, found, faults=[BROKEN_FORM], status=422)
    try:
        saved = confirm(found, request.POST.getlist("valgt"), by=request.user, key=form)
    except NotSaved as refusal:
        return _show(request, found, faults=refusal.messages, status=409 if refusal.is_conflict else 422)
    messages.success(request, FRAMES[found.kind].done(saved))
    return redirect(found)


def _show(request: HttpRequest, found: Upload, *, faults: list[str] | None = None, status: int = 200) -> HttpResponse:
    seen = preview(found, request.user)
    chosen = request.POST.getlist("valgt") if request.method == "POST" else None
    ids = {value.rpartition(":")[0] for value in chosen} if chosen is not None else None
    for item in seen.items:
        item.is_ticked = item.is_chosen if ids is None else item.id in ids and item.can_be_chosen
    frame = FRAMES[found.kind]
    context = {"upload": found, "preview": seen, "faults": faults or [], "key": uuid.uuid4()}
    return TemplateResponse(request, frame.template, context | frame.context(request, found), status=status)


@require_POST
@member_required
def tell_words(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The owner of a spreadsheet of statuses says what its words mean, also anew; the upload remembers it."""
    found = get_upload(request.user, key)
    if found.kind != looking.KIND:
        raise Http404
    told = dict(found.rows["words"])
    for number in range(MOST_WORDS):
        word, means = printable(request.POST.get(f"word-{number}", "")), request.POST.get(f"means-{number}", "")
        if means == words.AS_IT_STANDS:
            told.pop(word, None)
        elif word and means in (*Status.values, words.LEAVE_OUT):
            told[word[: words.LONGEST]] = means
    found.note(words=told)
    return redirect(found)
