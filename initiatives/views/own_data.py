"""/konto/mine-data/: what is kept about oneself, to see and to take along, and asking to be erased."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from flere_haender.days import today
from initiatives.files import packed_download
from initiatives.own_data import kept_about, packed
from stakeholders.models import AccessKind, record_own
from stakeholders.models.closing import ask_for_erasure as ask
from stakeholders.models.closing import erasure_asked_at
from stakeholders.requests import UserRequest


@never_cache
@require_safe
def own_data(request: UserRequest) -> HttpResponse:
    context = {"section": "account", "kept": kept_about(request.user), "asked_at": erasure_asked_at(request.user)}
    return TemplateResponse(request, "initiatives/own_data.html", context)


@never_cache
@require_safe
def download_own_data(request: UserRequest) -> FileResponse:
    """Written down when it is sent, so that the file has all that came before."""
    file = packed(request.user)
    record_own(AccessKind.OWN_DATA, request.user)
    return packed_download(file, f"Mine oplysninger {today().isoformat()}.zip", "application/zip")


@require_POST
def ask_for_erasure(request: UserRequest) -> HttpResponse:
    ask(request.user)
    messages.success(request, "KL har fået besked om, at du vil slettes.")
    return redirect("own_data")
