from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from flere_haender.access import belongs_to, member_required
from initiatives.models import Recommendation
from initiatives.moment import Moment
from initiatives.reports import FrontMatter, Report, as_pdf, file_name
from initiatives.reports import municipality_report as report_on_municipality
from initiatives.reports import national_report as report_on_country
from stakeholders.models import Municipality

FRONT_LIMIT = 120


@require_safe
@member_required
def municipality_report(request: HttpRequest, code: int) -> HttpResponse:
    municipality, moment = _municipality(code), Moment.from_query(request.GET)
    report = report_on_municipality(municipality, moment, front=_front(request.GET))
    context = {"municipality": municipality, "pdf_url": reverse("municipality_report_pdf", args=[code])}
    if not belongs_to(request.user, municipality.pk):
        context["section"] = "municipalities"
    return _page(request, report, moment, context)


@require_safe
@member_required
def municipality_report_pdf(request: HttpRequest, code: int) -> HttpResponse:
    municipality, moment = _municipality(code), Moment.from_query(request.GET)
    if moment.errors:
        return municipality_report(request, code)
    return _pdf(report_on_municipality(municipality, moment, front=_front(request.GET)))


@login_not_required
@require_safe
def national_report(request: HttpRequest) -> HttpResponse:
    moment = Moment.from_query(request.GET)
    only = _chosen(request.GET, moment)
    report = report_on_country(moment, front=_front(request.GET), only=only)
    return _page(request, report, moment, {"pdf_url": reverse("national_report_pdf")})


@login_not_required
@require_safe
def national_report_pdf(request: HttpRequest) -> HttpResponse:
    moment = Moment.from_query(request.GET)
    if moment.errors:
        return national_report(request)
    return _pdf(report_on_country(moment, front=_front(request.GET), only=_chosen(request.GET, moment)))


def _municipality(code: int) -> Municipality:
    return get_object_or_404(Municipality, code=code)


def _chosen(params: QueryDict, moment: Moment) -> list[int] | None:
    """The recommendations to report on (``kun=1,2``); None is all of them."""
    if not (text := params.get("kun", "").strip()):
        return None
    parts = [part.strip() for part in text.split(",")]
    numbers = {int(part) for part in parts if part.isdecimal() and len(part) < 4}
    plan = Recommendation.objects.in_plan(moment.plan, as_of=moment.as_of)
    found = plan.filter(number__in=numbers).count()
    if not all(part.isdecimal() for part in parts) or found < len(set(parts)):
        raise Http404
    return sorted(numbers)


def _front(params: QueryDict) -> FrontMatter:
    def text(name: str) -> str:
        return " ".join(params.get(name, "").replace("\x00", "").split())[:FRONT_LIMIT]

    return FrontMatter(to=text("til"), case_number=text("sag"), prepared_by=text("af"))


def _page(request: HttpRequest, report: Report, moment: Moment, context: dict[str, Any]) -> HttpResponse:
    """The report as a page. What could not be read in the address is named, and nothing is printed of it."""
    query = request.GET.urlencode()
    context = {
        "section": "report",
        "report": report,
        "moment": moment,
        "front": _front(request.GET),
        **context,
        "pdf_query": f"?{query}" if query else "",
    }
    return TemplateResponse(request, "reports/page.html", context, status=400 if moment.errors else 200)


def _pdf(report: Report) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(False, file_name(report)),
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(as_pdf(report), content_type="application/pdf", headers=headers)
