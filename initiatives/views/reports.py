"""Reports: choose one and see it, as a page or as a file. The address holds all choices."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from flere_haender.access import belongs_to, may_issue, may_order_reports, member_required
from initiatives.exporting import XLSX
from initiatives.files import download
from initiatives.models import IssuedReport, ReportingRound
from initiatives.reports import CONTENTS, as_docx, as_pptx, as_xlsx, file_name
from initiatives.reports.choice import COUNTRY, Choice, choices_for
from stakeholders.models import Kkr, Municipality
from stakeholders.trail import concerns

from .orders import printed

ROUNDS_OFFERED, ISSUED_OFFERED = 2, 30
OFFICE = "application/vnd.openxmlformats-officedocument"
# The files to work on, by their extension.
FILES = {
    "xlsx": (as_xlsx, XLSX),
    "docx": (as_docx, f"{OFFICE}.wordprocessingml.document"),
    "pptx": (as_pptx, f"{OFFICE}.presentationml.presentation"),
}


def get_choice(request: HttpRequest, about: str = "") -> Choice | None:
    """The report that the address asks for; None when one must sign in to read it."""
    choice = Choice.from_query(request.GET, user=request.user, about=about)
    if choice.municipality:
        concerns(request, choice.municipality.code)
    elif not choice.is_public:
        concerns(request)
    if choice.may_be_read_by(request.user):
        return choice
    if request.user.is_anonymous:
        return None
    raise Http404


@login_not_required
@require_safe
def report_page(request: HttpRequest) -> HttpResponse:
    choice = get_choice(request)
    return _page(request, choice) if choice else redirect_to_login(request.get_full_path())


@login_not_required
@require_safe
def report_pdf(request: HttpRequest) -> HttpResponse:
    choice = get_choice(request)
    return _pdf(request, choice) if choice else redirect_to_login(request.get_full_path())


@login_not_required
@require_safe
def report_file(request: HttpRequest, extension: str) -> HttpResponse:
    """The report as a file to work on. A presentation is not made of every kind."""
    choice = get_choice(request)
    if choice is None:
        return redirect_to_login(request.get_full_path())
    if extension == "pptx" and not choice.kind.has_slides:
        raise Http404
    if choice.errors:
        return _page(request, choice)
    report, (made, kind) = choice.report(), FILES[extension]
    response = download(made(report), file_name(report, extension), kind)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@member_required
def municipality_report(request: HttpRequest, code: int) -> HttpResponse:
    return _page(request, _of_municipality(request, code))


@require_safe
@member_required
def municipality_report_pdf(request: HttpRequest, code: int) -> HttpResponse:
    return _pdf(request, _of_municipality(request, code))


@login_not_required
@require_safe
def national_report(request: HttpRequest) -> HttpResponse:
    choice = get_choice(request, COUNTRY)
    return _page(request, choice) if choice else redirect_to_login(request.get_full_path())


@login_not_required
@require_safe
def national_report_pdf(request: HttpRequest) -> HttpResponse:
    choice = get_choice(request, COUNTRY)
    return _pdf(request, choice) if choice else redirect_to_login(request.get_full_path())


def _of_municipality(request: HttpRequest, code: int) -> Choice:
    municipality = get_object_or_404(Municipality, code=code)
    return Choice.from_query(request.GET, user=request.user, about=f"kommune:{municipality.code}")


def _page(request: HttpRequest, choice: Choice) -> HttpResponse:
    """The choices, and the report as a page. What could not be read in the address is named."""
    context = page_context(request, choice) | {"report": choice.report()}
    return TemplateResponse(request, "reports/page.html", context, status=400 if choice.errors else 200)


def page_context(request: HttpRequest, choice: Choice) -> dict[str, Any]:
    moment = choice.brief.moment
    elsewhere = choice.municipality and not belongs_to(request.user, choice.municipality.pk)
    issued = IssuedReport.objects.visible_to(request.user).without_content()
    rounds = ReportingRound.objects.opened().filter(status_on__lt=moment.as_of).order_by("-status_on")
    return {
        "section": "municipalities" if elsewhere else "report",
        "choice": choice,
        "moment": moment,
        "front": choice.brief.front,
        "subjects": choices_for(request.user, moment),
        "contents": [(name, label) for name, label in CONTENTS.items() if name in choice.kind.contents],
        "rounds": rounds[:ROUNDS_OFFERED],
        "issued": issued.filter(about=choice.about, as_of__lte=moment.as_of)[:ISSUED_OFFERED],
        "may_issue": may_issue(request.user, choice.municipality),
        "may_order": may_order_reports(request.user),
        "kkrs": Kkr.objects.all() if may_order_reports(request.user) else [],
        "key": uuid.uuid4(),
    }


def _pdf(request: HttpRequest, choice: Choice) -> HttpResponse:
    return _page(request, choice) if choice.errors else printed(request, choice)
