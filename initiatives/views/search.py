from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from initiatives.findable import FINDERS
from initiatives.search import Group
from initiatives.search import search as find
from stakeholders.words import Query

SHOWN = 5  # of each group on the page of all groups
PER_PAGE = 20
EXAMPLES = ("fuldtid", "sygefravær", "elever", "mentor", "velfærdsteknologi", "OK21", "Thisted")


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Everything public that answers to ``q``, or with ``i`` the whole of one group."""
    query = Query.of(request.GET.get("q", ""))
    only = request.GET.get("i", "")
    is_known = not only or only in FINDERS
    chosen = [FINDERS[only]] if only and is_known else list(FINDERS.values())
    groups = find(chosen, query, request.user) if is_known else []
    context = {
        "query": query,
        "only": FINDERS.get(only),
        "unknown": not is_known,
        "groups": [] if only else [_shortened(group, query) for group in groups],
        "count": sum(group.count for group in groups),
        "page": _page(groups, request) if only else None,
        "examples": EXAMPLES,
    }
    return TemplateResponse(request, "initiatives/search.html", context, status=200 if is_known else 400)


def _shortened(group: Group, query: Query) -> dict[str, Any]:
    return {
        "name": group.finder.name,
        "title": group.finder.title,
        "hits": group.hits[:SHOWN],
        "count": group.count,
        "more": query.address(i=group.finder.name) if group.count > SHOWN else "",
    }


def _page(groups: list[Group], request: HttpRequest) -> Any:
    hits = groups[0].hits if groups else []
    return Paginator(hits, PER_PAGE).get_page(request.GET.get("side"))
