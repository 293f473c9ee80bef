"""*Vores status*: a municipality answers a round."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from flere_haender.access import belongs_to, is_kl_consultant, member_required, sees_inside
from flere_haender.days import today
from flere_haender.form_keys import whole_number
from flere_haender.typed import gives_back, take_typed
from initiatives.boxes import Box
from initiatives.forms import DecisionForm
from initiatives.models import DraftChanged, Participation
from initiatives.our_status import Page, pick
from stakeholders.models import Municipality

from .statuses import NOT_NAMED, HtmxRequest


def get_page(request: HttpRequest, code: int) -> Page:
    """The municipality's part in a round, as its reader may see it: ``?runde=``, else the one that comes first.

    404 when there is none, or when it is somebody else's.
    """
    participations = Participation.objects.visible_to(request.user).filter(municipality__code=code)
    if asked_for := request.GET.get("runde", ""):
        participations = participations.filter(round=whole_number(asked_for) or 0)
    found = pick(participations, on=today())
    if found is None:
        raise Http404
    return Page(found, request.user)


def get_writable_page(request: HttpRequest, code: int) -> Page:
    """403 when it is not the reader's to write. Whether the round takes answers is the verbs' question."""
    page = get_page(request, code)
    if not page.is_writer:
        raise PermissionDenied
    return page


@gives_back
@require_http_methods(["GET", "POST"])
@member_required
def our_status(request: HttpRequest, code: int) -> HttpResponse:
    municipality = get_object_or_404(Municipality, code=code)
    visible = Participation.objects.visible_to(request.user)
    if not visible.filter(municipality=municipality).exists():
        return _no_round(request, municipality)
    if request.method == "POST":
        return _save_all(request, get_writable_page(request, code))
    page = get_page(request, code)
    if typed := take_typed(request):
        _give_back(page, typed)
        messages.warning(request, "Det, du skrev, før du blev logget af, står her. Det er ikke gemt endnu.")
    return _show(request, page)


def _give_back(page: Page, typed: Any) -> None:
    """Show what was typed; where something else has been saved meanwhile, both."""
    for box in page:
        form = box.open(typed)
        if not (form.is_sent and box.is_touched):
            box.form = box.questions_form = None
        elif box.draft and str(box.draft.version) != form["seen"].value():
            box.conflict = box.draft


def _no_round(request: HttpRequest, municipality: Municipality) -> HttpResponse:
    if request.method != "GET" or not sees_inside(request.user, municipality.pk):
        raise Http404
    context = {"municipality": municipality, "section": "own"}
    return TemplateResponse(request, "initiatives/no_round.html", context)


def _show(request: HttpRequest, page: Page, *, status: int = 200) -> HttpResponse:
    asked_for = whole_number(request.GET.get("ret", ""))
    box = None if asked_for is None else page.box(asked_for)
    if box is not None and page.may_write and box.form is None:
        box.open()
    page.open(everything=_is_dense(request) and page.may_write)
    return TemplateResponse(request, "initiatives/our_status.html", _context(request, page), status=status)


def _context(request: HttpRequest, page: Page) -> dict[str, Any]:
    own = belongs_to(request.user, page.municipality.pk)
    return {
        "page": page,
        "faults": [box for box in page if box.has_errors or box.conflict],
        "section": "own" if own else "municipalities",
        "own": own,
        "dense": _is_dense(request),
        "query": _query(request, page),
        "not_named_reason": NOT_NAMED,
        "decision": DecisionForm(initial={"seen": page.participation.decision_mark})
        if is_kl_consultant(request.user)
        else None,
    }


def _is_dense(request: HttpRequest) -> bool:
    return request.GET.get("vis") == "tabel"


def _query(request: HttpRequest, page: Page) -> str:
    """What every address on the page carries: the round, and how it is shown."""
    dense = [("vis", "tabel")] if _is_dense(request) else []
    return urlencode([("runde", page.round.pk), *dense])


def _save_all(request: HttpRequest, page: Page) -> HttpResponse:
    """The whole page was sent: keep everything that says something, and then what is to stand unchanged."""
    sent = [box for box in page if box.open(request.POST).is_sent and _matters(box, request)]
    for box in page:
        if box not in sent:
            box.form = box.questions_form = None
    whole = [_save(request, page, box) for box in sent]
    refusal = _keep_unchanged(request, page)
    if refusal:
        messages.error(request, refusal)
    if refusal or not all(whole):
        return _show(request, page, status=409 if any(box.conflict for box in page) else 422)
    messages.success(request, f"{page.answered} af {len(page.boxes)} er besvaret.")
    return redirect(f"{reverse('our_status', args=[page.municipality.code])}?{_query(request, page)}#fremdrift")


def _matters(box: Box, request: HttpRequest) -> bool:
    """Whether it was asked for, or something was typed or taken away. What only stands there is no answer."""
    return str(box.number) in (request.POST.get("gem"), request.POST.get("uaendret")) or box.is_touched


def _save(request: HttpRequest, page: Page, box: Box) -> bool:
    save = box.keep if _stays(request, box) else box.save
    try:
        return save(page.participation, by=request.user)
    except DraftChanged as changed:
        box.conflict = box.draft = changed.draft
        return False


def _stays(request: HttpRequest, box: Box) -> bool:
    """Whether the answer of last time is asked for: for this one, or for all that have no status."""
    wanted = request.POST.get("uaendret")
    chosen = box.form["status"].value() if box.form else ""
    return wanted == str(box.number) or (wanted == "alle" and not chosen)


def _keep_unchanged(request: Any, page: Page) -> str:
    """Answer all that are left as last time, when that is asked for. Returns why not, in Danish."""
    boxes = [box for box in page.unchanged_left if box.form is None]
    if request.POST.get("uaendret") != "alle" or not boxes:
        return ""
    try:
        kept = page.participation.keep_unchanged([box.recommendation for box in boxes], by=request.user)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    drafts = {draft.recommendation_id: draft for draft in kept}
    for box in boxes:
        box.draft = drafts.get(box.recommendation.pk, box.draft)
    return ""


@require_http_methods(["GET", "POST"])
@member_required
def draft_answer(request: HtmxRequest, code: int, number: int) -> HttpResponse:
    """One box: ask for its form, or save it. ``?kladde`` keeps what is being typed and leaves the form open."""
    page = get_writable_page(request, code)
    box = page.box(number)
    if box is None:
        raise Http404
    if not request.htmx:
        return redirect(f"{page.url}?{_query(request, page)}&ret={number}#anbefaling-{number}")
    if request.method == "GET":
        if page.may_write and "luk" not in request.GET:
            box.open()
        return _box(request, page, box)
    return _save_one(request, page, box)


def _save_one(request: HtmxRequest, page: Page, box: Box) -> HttpResponse:
    box.open(request.POST)
    whole = _save(request, page, box)
    if box.conflict:
        response = _box(request, page, box, status=409)
        response["HX-Retarget"], response["HX-Reswap"] = f"#anbefaling-{box.number}", "outerHTML"
        return response
    if "kladde" in request.GET:
        return _kept(request, page, box)
    return _box(request, page, box, saved="Gemt." if whole else "", status=200 if whole else 422)


def _box(
    request: HtmxRequest, page: Page, box: Box, *, saved: str = "", refusal: str = "", status: int = 200
) -> HttpResponse:
    box.saved = saved
    context = _context(request, page) | {"box": box, "refusal": refusal, "swap": True}
    return TemplateResponse(request, "initiatives/_box.html", context, status=status)


def _kept(request: HtmxRequest, page: Page, box: Box) -> HttpResponse:
    """What is being typed is kept; a value that is none is not, and says why."""
    errors = box.form.errors if box.form is not None and not box.is_kept else {}
    if box.questions_form is not None and box.questions_form.is_bound:
        errors = {**errors, **box.questions_form.errors}
    context = _context(request, page) | {"box": box, "errors": errors, "swap": True}
    return TemplateResponse(request, "initiatives/_kept.html", context, status=422 if errors else 200)


@require_safe
@member_required
def round_progress(request: HttpRequest, code: int) -> HttpResponse:
    """How far the municipality is; the page asks now and then what a colleague has saved."""
    page = get_page(request, code)
    return TemplateResponse(request, "initiatives/_round_progress.html", _context(request, page))


@require_http_methods(["GET", "POST"])
@member_required
def hand_in(request: HttpRequest, code: int) -> HttpResponse:
    """A last look, and then hand in, or send to the leader who does."""
    page = get_page(request, code)
    if not (page.is_writer or page.is_hander_in):
        raise PermissionDenied
    if request.method == "POST":
        try:
            return _handed_in(request, page)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            changed = refusal.code == "changed" if hasattr(refusal, "code") else False
            return _last_look(request, get_page(request, code), status=409 if changed else 422)
    return _last_look(request, page)


def _handed_in(request: Any, page: Page) -> HttpResponse:
    if not page.is_hander_in:
        page.participation.send_to_leader(by=request.user)
        messages.success(request, "Svarene er sendt til lederen, som indsender dem.")
    else:
        page.participation.hand_in(by=request.user, seen=whole_number(request.POST.get("seen", "")))
        messages.success(request, "Svarene er indsendt og låst.")
    return redirect(f"{page.url}?{_query(request, page)}")


def _last_look(request: HttpRequest, page: Page, *, status: int = 200) -> HttpResponse:
    return TemplateResponse(request, "initiatives/hand_in.html", _context(request, page), status=status)


@require_POST
@member_required
def decide(request: HttpRequest, code: int) -> HttpResponse:
    """KL accepts, takes that back, sends back with a comment, or gives a municipality more time."""
    if not is_kl_consultant(request.user):
        raise PermissionDenied
    page = get_page(request, code)
    form = DecisionForm(request.POST)
    if not form.save(page.participation, by=request.user):
        return TemplateResponse(
            request, "initiatives/our_status.html", _context(request, page) | {"decision": form}, status=422
        )
    messages.success(request, form.done)
    return redirect(f"{page.url}?{_query(request, page)}")


@require_POST
@member_required
def take_back(request: Any, code: int) -> HttpResponse:
    """From the leader to the editor again, with a comment if there is one."""
    page = get_page(request, code)
    try:
        page.participation.take_back(
            by=request.user, comment=request.POST.get("comment", "")[:2000].replace("\x00", "")
        )
        messages.success(request, "Svarene kan rettes igen.")
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect(f"{page.url}?{_query(request, page)}")
