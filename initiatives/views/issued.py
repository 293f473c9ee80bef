"""Issued reports: issue one, the list of them, and each as it was printed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, quote_etag
from django.views.decorators.http import require_POST, require_safe

from flere_haender.access import member_required
from flere_haender.form_keys import BROKEN_FORM, form_key
from initiatives.exporting import Column, Listing, wanted_format
from initiatives.models import FactsChanged, IssuedReport, ReportOrder, TooManyOrders
from initiatives.reports.choice import Choice
from stakeholders.trail import concerns

from .reports import page_context

LARGEST = 2**63
CHANGED = "Tallene er ændret, siden I så rapporten. Her er den, som den er nu. Se den igennem, og udsted den igen."

COLUMNS = (
    Column("Nr.", lambda row: row.label),
    Column("Rapport", lambda row: row.subject_name, about=lambda row: row.title),
    Column("Status pr.", lambda row: row.as_of),
    Column("Udstedt", lambda row: row.issued_at),
    Column("Af", lambda row: row.organisation),
    Column("SHA-256", lambda row: row.sha256, only_in_file=True),
)


@require_POST
@member_required
def issue_report(request: Any) -> HttpResponse:
    """Issue the report that the address says, as it was shown."""
    choice = Choice.from_query(request.GET, user=request.user)
    try:
        if (key := form_key(request.POST.get("key", ""))) is None:
            raise ValidationError(BROKEN_FORM)
        order = ReportOrder.issue(choice, by=request.user, seen=request.POST.get("seen", "")[:64], key=key)
    except TooManyOrders:
        return _refused(request, choice, [TooManyOrders.said], 429)
    except FactsChanged:
        return _refused(request, choice, [CHANGED], 409)
    except ValidationError as refusal:
        return _refused(request, choice, refusal.messages, 422)
    return redirect(order.wait(settings.PATIENCE))  # its page says what came of it


def _refused(request: HttpRequest, choice: Choice, lines: list[str], status: int) -> HttpResponse:
    context = page_context(request, choice) | {"report": choice.report(), "refusal": lines}
    return TemplateResponse(request, "reports/page.html", context, status=status)


@login_not_required
@require_safe
def issued_list(request: HttpRequest) -> HttpResponse:
    found = IssuedReport.objects.visible_to(request.user).without_content()
    listing = Listing("Udstedte rapporter", COLUMNS, found)
    if form := wanted_format(request):
        return listing.file(form)
    context = {"section": "report", "listing": listing.page(request.GET.get("side"))}
    return TemplateResponse(request, "reports/issued.html", context)


@login_not_required
@require_safe
def issued_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they were issued. The same for ever, so a browser may keep them and ask."""
    found = IssuedReport.objects.visible_to(request.user).filter(pk=pk).first() if pk < LARGEST else None
    if found is None:
        if request.user.is_anonymous:
            return redirect_to_login(request.get_full_path())
        raise Http404
    if found.municipality:
        concerns(request, found.municipality.code)
    content, etag = bytes(found.content), quote_etag(found.sha256)
    headers = {
        "Content-Disposition": content_disposition_header(False, found.file_name),
        "Content-Length": str(len(content)),
        "ETag": etag,
        "Last-Modified": http_date(found.issued_at.timestamp()),
        "Cache-Control": "private, no-cache",
    }
    response = HttpResponse(content, content_type="application/pdf", headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response
