"""The municipality's archive: what is in it, and the ZIP."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from flere_haender.access import belongs_to, member_required, sees_inside
from flere_haender.days import today
from initiatives.archive import REASONS, TABLES
from initiatives.archive.packing import archive as pack
from initiatives.files import packed_download
from stakeholders.models import Municipality


def get_own_municipality(user: Any, code: int) -> Municipality:
    """404 to those who do not see its internal notes."""
    municipality = get_object_or_404(Municipality, code=code)
    if not sees_inside(user, municipality.pk):
        raise Http404
    return municipality


@require_safe
@member_required
def archive(request: HttpRequest, code: int) -> HttpResponse:
    municipality = get_own_municipality(request.user, code)
    section = "own" if belongs_to(request.user, municipality.pk) else "municipalities"
    context = {"section": section, "municipality": municipality, "tables": TABLES, "reasons": REASONS}
    return TemplateResponse(request, "initiatives/archive.html", context)


@require_safe
@member_required
def download_archive(request: HttpRequest, code: int) -> Any:
    municipality = get_own_municipality(request.user, code)
    name = f"{municipality.authority_name} arkiv {today().isoformat()}.zip"
    return packed_download(pack(municipality, request.user), name, "application/zip")
