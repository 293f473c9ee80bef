"""The municipality's workbook: fetch it, and upload it. What it changes is shown by ``uploads``."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from flere_haender.access import belongs_to, is_kl, member_required
from flere_haender.days import today
from flere_haender.form_keys import whole_number
from initiatives.exporting import XLSX
from initiatives.file_forms import FileForm, file_field
from initiatives.files import download
from initiatives.models import Participation, Upload
from initiatives.our_status import Page, pick
from initiatives.workbook.making import file_name
from initiatives.workbook.making import workbook as make_workbook
from initiatives.workbook.taking import KIND, read
from stakeholders.models import Municipality

from .actions import get_writable_municipality


class UploadForm(FileForm):
    """A workbook that comes back."""

    file = file_field("Regneark", accept=".xlsx", missing="Vælg det regneark, du vil uploade.")

    def save(self, municipality: Municipality, *, by: Any) -> Upload | None:
        """Read it and keep its rows. None when it is refused."""

        def keep(content: bytes, name: str) -> Upload:
            rows = read(content, name, municipality)
            return Upload.keep(rows, kind=KIND, by=by, municipality=municipality, file_name=name)

        return self.kept(keep)


def running_page(request: HttpRequest, municipality: Municipality) -> Page | None:
    """The round that the workbook is about: ``?runde=``, else the one that comes first; None takes no answers."""
    participations = Participation.objects.visible_to(request.user).filter(municipality=municipality)
    if asked_for := request.GET.get("runde", ""):
        if (number := whole_number(asked_for)) is None:
            raise Http404
        participations = participations.filter(round=number)
    found = pick(participations, on=today())
    page = Page(found, request.user) if found else None
    return page if page and page.may_write else None


def context_of(request: HttpRequest, municipality: Municipality) -> dict[str, Any]:
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
    context = context_of(request, municipality) | {"form": form, "page": running_page(request, municipality)}
    return TemplateResponse(request, "initiatives/workbook.html", context, status=422 if form.errors else 200)


@require_safe
@member_required
def download_workbook(request: HttpRequest, code: int) -> HttpResponse:
    municipality = get_writable_municipality(request.user, code)
    content = make_workbook(municipality, running_page(request, municipality))
    return download(content, file_name(municipality), XLSX)
