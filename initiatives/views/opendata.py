"""Open data: a page that describes the files, and the files. Everybody may fetch them, programs too."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from initiatives.moment import Moment
from initiatives.opendata import DATASETS, FORMATS, Dataset, etag_of
from stakeholders.models import Installation

SHORT = "public, max-age=300"


@login_not_required
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What can be fetched, and what the columns mean."""
    datasets = [
        {
            "dataset": dataset,
            "files": [
                {"name": kind.name, "url": reverse("dataset", args=[dataset.name, extension])}
                for extension, kind in FORMATS.items()
            ],
        }
        for dataset in DATASETS.values()
    ]
    return TemplateResponse(request, "initiatives/data.html", {"datasets": datasets})


@login_not_required
@require_safe
def dataset(request: HttpRequest, name: str, extension: str) -> HttpResponse:
    """One dataset in one format; 304 to those who have it already."""
    chosen = DATASETS.get(name)
    if chosen is None or extension not in FORMATS:
        names = ", ".join(DATASETS)
        return _refused(request, f"Det datasæt findes ikke. Vælg et af disse, som .json eller .csv: {names}.", 404)
    moment = Moment.from_query(request.GET)
    faults = [*_unknown(request, chosen), *moment.errors]
    if faults:
        return _refused(request, " ".join(faults), 400)
    return _file(request, chosen, extension, moment)


def _unknown(request: HttpRequest, chosen: Dataset) -> list[str]:
    """What is asked for that the dataset does not know: better refused than answered with everything."""
    asked = [name for name in request.GET if name not in chosen.parameters]
    return [f"{chosen.name} kan ikke spørges om “{name[:40]}”." for name in asked]


def _file(request: HttpRequest, chosen: Dataset, extension: str, moment: Moment) -> HttpResponse:
    kind = FORMATS[extension]
    about = _about(chosen, moment)
    content = kind.write(chosen, chosen.rows(moment), about)
    response = HttpResponse(content, content_type=kind.content_type)
    response["ETag"] = etag_of(content)
    response["Cache-Control"] = SHORT
    if extension == "csv":
        file_name = f"{chosen.name}{' demodata' if about.get('demo') else ''}.csv"
        response["Content-Disposition"] = content_disposition_header(True, file_name) or "attachment"
    answer = get_conditional_response(request, etag=response["ETag"], response=response) or response
    return _open(answer)


def _about(chosen: Dataset, moment: Moment) -> dict[str, Any]:
    if not chosen.holds_progress:
        return {}
    about: dict[str, Any] = {"pr": date.isoformat(moment.as_of)}
    if Installation.is_demo():
        about |= {"demo": True, "bemaerk": "Demodata: opdigtede tal. Ingen status eller dato er virkelig."}
    return about


def _refused(request: HttpRequest, message: str, status: int) -> HttpResponse:
    response = JsonResponse({"fejl": message}, status=status, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return _open(response)


def _open(response: HttpResponse) -> HttpResponse:
    """Pages of other hosts may read it."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag"
    return response
