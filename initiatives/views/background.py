"""Figures, the case bank, the words of the field and the lists: what the documents know around the plan."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from flere_haender.access import is_kl, is_member, may_import_figures, may_record_at_home
from initiatives.background_filters import CaseFilter, IndicatorFilter
from initiatives.exporting import wanted_format
from initiatives.figures import belonging, chart_of, newest
from initiatives.inspiration import followed, followers_of
from initiatives.models import (
    Case,
    CaseState,
    Evidence,
    FactList,
    Indicator,
    IndicatorValue,
    ListItem,
    Programme,
    Recommendation,
    Related,
    Term,
    Topic,
)
from initiatives.moment import Moment
from initiatives.municipal_figures import figure_table, listing_of, newest_year
from timeline.models import Source

PER_PAGE = 30


def filtered(request: HttpRequest, chosen: Any) -> dict[str, Any]:
    """What a filter found; nothing when a choice cannot be used. ``status`` is for the response."""
    valid = chosen.is_valid()
    return {
        "filter": chosen,
        "found": chosen.qs if valid else chosen.queryset.none(),
        "errors": [message for messages in chosen.form.errors.values() for message in messages],
        "filtered": any(request.GET.get(name) for name in chosen.filters),
        "status": 200 if valid else 400,
    }


def titled(related: list[Related]) -> list[Related]:
    """Rows of ``Related`` whose recommendations have the titles of today; one query."""
    texts = Recommendation.objects.with_text(as_of=Moment.now().as_of)
    titled = texts.in_bulk([row.recommendation_id for row in related])
    for row in related:
        row.recommendation = titled[row.recommendation_id]
    return related


def _numbered() -> Prefetch:
    return Prefetch("related", Related.objects.select_related("recommendation"))


@login_not_required
@require_safe
def indicator_list(request: HttpRequest) -> HttpResponse:
    context = filtered(request, IndicatorFilter(request.GET, queryset=Indicator.objects.all()))
    groups: dict[str, list[Indicator]] = defaultdict(list)
    with_values = context["found"].prefetch_related("values__citations__source", "values__indicator")
    found = list(with_values.annotate(figures_until=newest_year()))
    for indicator in found:
        indicator.newest = newest(indicator)
        groups[indicator.topic].append(indicator)
    context |= {
        "section": "indicators",
        "may_import": may_import_figures(request.user),
        "count": len(found),
        "source_count": Source.objects.count(),
        "topics": [
            {"slug": topic.value, "label": topic.label, "indicators": groups[topic]}
            for topic in Topic
            if groups[topic]
        ],
    }
    return TemplateResponse(request, "initiatives/indicators.html", context, status=context["status"])


@login_not_required
@require_safe
def indicator_detail(request: HttpRequest, slug: str) -> HttpResponse:
    if (form := wanted_format(request)) and not is_member(request.user):
        return redirect_to_login(request.get_full_path())
    if form:
        return listing_of(get_object_or_404(Indicator, slug=slug)).file(form)
    values = IndicatorValue.objects.select_related("indicator").prefetch_related("citations__source")
    indicators = list(Indicator.objects.prefetch_related(Prefetch("values", values)))
    indicator = next((one for one in indicators if one.slug == slug), None) or get_object_or_404(Indicator, slug=slug)
    companions: list[Any] = belonging(indicator, indicators)
    for companion in companions:
        companion.newest = newest(companion)
    context = {
        "section": "indicators",
        "indicator": indicator,
        "newest": newest(indicator),
        "figures": figure_table(indicator) if is_member(request.user) else None,
        "may_import": may_import_figures(request.user),
        "chart": chart_of(indicator, companions),
        "companions": companions,
        "addresses": {one.name: one.get_absolute_url() for one in indicators},
        "related": titled(list(indicator.related.all())),
    }
    return TemplateResponse(request, "initiatives/indicator.html", context)


@login_not_required
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    cases = Case.objects.published().select_related("from_action__municipality")
    context = filtered(request, CaseFilter(request.GET, queryset=cases))
    strongest = sorted(
        context["found"].prefetch_related("municipalities", _numbered()),
        key=lambda case: (Evidence.values.index(case.evidence), case.title),
    )
    real = [case for case in strongest if not (case.from_action and case.from_action.municipality.is_fictional)]
    page = Paginator(strongest, PER_PAGE).get_page(request.GET.get("side"))
    context |= {
        "section": "cases",
        "page": page,
        "count": page.paginator.count if context["filtered"] else len(real),
        "effective": sum(case.evidence == Evidence.EFFECTIVE for case in real),
        "may_publish": is_kl(request.user),
        "programmes": [] if context["filtered"] else _programmes(),
    }
    return TemplateResponse(request, "initiatives/cases.html", context, status=context["status"])


def _programmes() -> list[Programme]:
    programmes = Programme.objects.select_related("event")
    return list(programmes.prefetch_related("known", "citations__source", _numbered()))


@login_not_required
@require_safe
def case_detail(request: HttpRequest, slug: str) -> HttpResponse:
    cases = (
        Case.objects.exclude(state=CaseState.DRAFT)
        .select_related("from_action__municipality")
        .prefetch_related("municipalities", "citations__source")
    )
    case = get_object_or_404(cases, slug=slug)
    if case.is_withdrawn:
        return TemplateResponse(
            request, "initiatives/case_withdrawn.html", {"section": "cases", "case": case}, status=410
        )
    context = {
        "section": "cases",
        "case": case,
        "related": titled(list(case.related.all())),
        "followed": followed(followers_of(case)) if is_member(request.user) else "",
        "may_use": may_record_at_home(request.user),
        "signed_in": is_member(request.user),
    }
    return TemplateResponse(request, "initiatives/case.html", context)


DANISH_ORDER = str.maketrans({"æ": "{", "ø": "|", "å": "}"})


@login_not_required
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    terms = Term.objects.prefetch_related("citations__source")
    letters: dict[str, list[Term]] = defaultdict(list)
    for term in sorted(terms, key=lambda term: term.term.casefold().translate(DANISH_ORDER)):
        letters[term.term[0].upper()].append(term)
    context = {"letters": dict(letters), "count": len(terms)}
    return TemplateResponse(request, "initiatives/glossary.html", context)


@login_not_required
@require_safe
def fact_lists(request: HttpRequest) -> HttpResponse:
    items = ListItem.objects.prefetch_related("citations__source", _numbered())
    lists = list(FactList.objects.prefetch_related(Prefetch("items", items)))
    return TemplateResponse(request, "initiatives/lists.html", {"lists": lists})
