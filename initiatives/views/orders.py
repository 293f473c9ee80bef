"""Orders: a report that is on its way, and many in one ZIP."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from flere_haender.access import may_order_reports, member_required
from flere_haender.form_keys import BROKEN_FORM, form_key
from initiatives.models import ReportOrder, Stage, StoredReport, TooManyOrders
from initiatives.reports.bundle import as_zip, size_of_zip
from initiatives.reports.choice import Choice, codes_in
from initiatives.reports.sameness import digests
from initiatives.reports.words import danish_date
from stakeholders.models import Kkr, Municipality
from stakeholders.trail import concerns

EVERYWHERE = "landet"
PER_PAGE = 20
ON_ITS_WAY = 202


def printed(request: HttpRequest, choice: Choice) -> HttpResponse:
    """The report as a PDF, when it has been printed or soon is; otherwise a page that waits for it."""
    report = choice.report()
    digest = digests(choice, report).exact
    if file := StoredReport.objects.filter(exact=digest).first():
        return _pdf(file)
    try:
        order = ReportOrder.show(choice, by=request.user, title=report.subject_name, digest=digest)
    except TooManyOrders:
        context = {"section": "report", "said": TooManyOrders.said, "url": request.get_full_path()}
        return TemplateResponse(request, "reports/too_many.html", context, status=429)
    return _order_page(request, order.wait(settings.PATIENCE))


def _pdf(file: StoredReport) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(False, file.file_name),
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(bytes(file.content), content_type="application/pdf", headers=headers)


def _order_page(request: Any, order: ReportOrder) -> HttpResponse:
    """Where an order stands; a report that is done is shown itself."""
    phase = order.phase
    if codes := codes_in(order.query):
        concerns(request, *codes)
    if phase == "done" and not order.is_zip and not request.htmx:
        return _handed_over(request, order)
    rows = order.reports.all()
    context = {
        "section": "report",
        "order": order,
        "phase": phase,
        "is_news": phase != request.GET.get("sagt"),
        "ahead": order.ahead() if phase in ("waiting", "making") and not order.is_zip else 0,
        "failures": [row for row in rows if row.stage == Stage.FAILED],
        "done": [row for row in rows if row.stage == Stage.DONE],
        "reused": sum(row.is_reused for row in rows),
        "total": len(rows),
    }
    template = "reports/_order.html" if request.htmx else "reports/order.html"
    status = 200 if order.is_over or order.is_zip else ON_ITS_WAY
    return TemplateResponse(request, template, context, status=status)


def _handed_over(request: HttpRequest, order: ReportOrder) -> HttpResponse:
    if order.issued is not None:
        messages.success(request, f"Rapporten er udstedt som nr. {order.issued.label}.")
        return redirect("issued_reports")
    file = order.only_file
    assert file is not None  # the order is done
    return _pdf(file)


@login_not_required
@never_cache
@require_safe
def order_detail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    order = ReportOrder.objects.visible_to(request.user).counted().filter(key=key).first()
    if order is not None:
        return _order_page(request, order)
    if request.user.is_anonymous and not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    raise Http404


@require_POST
@member_required
def order_reports(request: Any) -> HttpResponse:
    """Order the reports of all municipalities, or of those of a KKR, with the choices that the address says."""
    if not may_order_reports(request.user):
        raise PermissionDenied
    choice = Choice.from_query(request.GET, user=request.user)
    title, places = _places(request.POST.get("hos", EVERYWHERE), choice)
    try:
        if (key := form_key(request.POST.get("key", ""))) is None:
            raise ValidationError(BROKEN_FORM)
        order = ReportOrder.of_many(choice, places, by=request.user, title=title, key=key)
    except TooManyOrders:
        messages.error(request, TooManyOrders.said)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        return redirect(order)
    return redirect("report_orders")


def _places(hos: str, choice: Choice) -> tuple[str, list[Municipality]]:
    """What the order is called, and the municipalities. Raises Http404 when there is no such KKR."""
    real, as_of = Municipality.objects.real(), choice.brief.moment.as_of
    name, places = "Alle kommuner", list(real) if hos == EVERYWHERE else []
    if hos != EVERYWHERE:
        if "\x00" in hos:
            raise Http404
        kkr = get_object_or_404(Kkr, slug=hos)
        name, places = kkr.full_name, list(real.in_kkr(kkr, as_of=as_of))
    return f"{name}, {len(places)} rapporter pr. {danish_date(as_of)}", places


@require_safe
@member_required
def order_list(request: HttpRequest) -> HttpResponse:
    if not may_order_reports(request.user):
        raise Http404
    found = ReportOrder.objects.zips_of(request.user).counted().order_by("-ordered_at", "-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("side"))
    return TemplateResponse(request, "reports/orders.html", {"section": "report", "page": page})


def _own_zip(user: Any, key: uuid.UUID) -> ReportOrder:
    found: ReportOrder = get_object_or_404(ReportOrder.objects.zips_of(user), key=key)
    return found


@require_safe
@member_required
def order_zip(request: HttpRequest, key: uuid.UUID) -> Any:
    """The reports that are done, in one file, sent while it is put together."""
    order = _own_zip(request.user, key)
    files = list(StoredReport.objects.without_content().filter(ordered__order=order).order_by("ordered__pk"))
    if not order.finished_at or not files:
        raise Http404
    concerns(request, *codes_in(*order.reports.values_list("query", flat=True)))
    headers = {
        "Content-Disposition": content_disposition_header(True, f"{order.title}.zip"),
        "Content-Length": str(size_of_zip(files)),
        "Content-Encoding": "identity",  # it holds PDFs, which no packing makes smaller
        "Cache-Control": "private, no-store",
    }
    content = as_zip(files) if request.method == "GET" else ()
    return StreamingHttpResponse(content, content_type="application/zip", headers=headers)


@require_POST
@member_required
def cancel_order(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    order = _own_zip(request.user, key)
    if not order.cancel() and not order.cancelled_at:
        messages.error(request, "Rapporterne er allerede færdige.")
    return redirect(order)
