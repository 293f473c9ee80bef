"""The municipality's workbook: fetch it, upload it, look through what it changes, and confirm."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from flere_haender.access import belongs_to, is_kl, may_record, member_required
from flere_haender.days import today
from flere_haender.form_keys import BROKEN_FORM, form_key
from initiatives.exporting import XLSX
from initiatives.files import download
from initiatives.intake.uploads import NotSaved, confirm, preview
from initiatives.models import Participation, Upload
from initiatives.our_status import Page, pick
from initiatives.workbook.making import file_name
from initiatives.workbook.making import workbook as make_workbook
from initiatives.workbook.taking import KIND, read
from stakeholders.models import Municipality

from .actions import get_writable_municipality


class UploadForm(forms.Form):
    """A workbook that comes back."""

    file = forms.FileField(
        label="Regneark",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "Vælg det regneark, du vil uploade.", "invalid": "Vælg en fil."},
    )

    def save(self, municipality: Municipality, *, by: Any) -> Upload | None:
        """Read it and keep its rows. None when it is refused; the message stands at the field."""
        if not self.is_valid():
            return None
        file = self.cleaned_data["file"]
        try:
            rows = read(file.read(), file.name, municipality)
        except ValidationError as refusal:
            self.add_error("file", refusal)
            return None
        return Upload.keep(rows, kind=KIND, by=by, municipality=municipality, file_name=file.name)


def running_page(request: HttpRequest, municipality: Municipality) -> Page | None:
    """The round that the workbook is about: ``?runde=``, else the one that comes first; None takes no answers."""
    participations = Participation.objects.visible_to(request.user).filter(municipality=municipality)
    if asked_for := request.GET.get("runde", ""):
        if not (asked_for.isdecimal() and len(asked_for) < 10):
            raise Http404
        participations = participations.filter(round=int(asked_for))
    found = pick(participations, on=today())
    page = Page(found, request.user) if found else None
    return page if page and page.may_write else None


def _context(request: HttpRequest, municipality: Municipality) -> dict[str, Any]:
    own = belongs_to(request.user, municipality.pk)
    on_behalf_of = municipality if is_kl(request.user) else None
    return {"municipality": municipality, "on_behalf_of": on_behalf_of, "section": "own" if own else "municipalities"}


@require_http_methods(["GET", "POST"])
@member_required
def workbook(request: HttpRequest, code: int) -> HttpResponse:
    municipality = get_writable_municipality(request.user, code)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST":
        kept = form.save(municipality, by=request.user)
        if kept is not None:
            return redirect(kept)
    context = _context(request, municipality) | {"form": form, "page": running_page(request, municipality)}
    return TemplateResponse(request, "initiatives/workbook.html", context, status=422 if form.errors else 200)


@require_safe
@member_required
def download_workbook(request: HttpRequest, code: int) -> HttpResponse:
    municipality = get_writable_municipality(request.user, code)
    content = make_workbook(municipality, running_page(request, municipality))
    return download(content, file_name(municipality), XLSX)


def get_upload(user: Any, key: uuid.UUID) -> Upload:
    """One's own: 404 for what is somebody else's or too old, 403 for who may not write there any more."""
    found: Upload = get_object_or_404(Upload.objects.visible_to(user).select_related("municipality"), pk=key)
    if not may_record(user, found.municipality_id):
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
    messages.success(request, "1 række er gemt." if saved == 1 else f"{saved} rækker er gemt.")
    return redirect(found)


def _show(request: HttpRequest, found: Upload, *, faults: list[str] | None = None, status: int = 200) -> HttpResponse:
    assert found.municipality is not None
    seen = preview(found, request.user)
    chosen = request.POST.getlist("valgt") if request.method == "POST" else None
    ids = {value.rpartition(":")[0] for value in chosen} if chosen is not None else None
    for item in seen.items:
        item.is_ticked = item.is_chosen if ids is None else item.id in ids and item.can_be_chosen
    context = _context(request, found.municipality)
    context |= {"upload": found, "preview": seen, "faults": faults or [], "key": uuid.uuid4()}
    return TemplateResponse(request, "initiatives/upload.html", context, status=status)
