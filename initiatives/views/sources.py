from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from initiatives.models import Case, Indicator, ListItem, Programme, Recommendation, Term
from timeline.models import Commitment, Event, Source

# What rests on a source: the rows, the way from them to it, and their name for one and for many.
RESTING: tuple[tuple[Any, str, str, str], ...] = (
    (Recommendation, "source", "anbefaling", "anbefalinger"),
    (Event, "citations__source", "begivenhed", "begivenheder"),
    (Commitment, "citations__source", "forpligtelse", "forpligtelser"),
    (Indicator, "values__citations__source", "indikator", "indikatorer"),
    (Case, "citations__source", "case", "cases"),
    (Programme, "citations__source", "program", "programmer"),
    (ListItem, "citations__source", "listepunkt", "listepunkter"),
    (Term, "citations__source", "ord i ordlisten", "ord i ordlisten"),
)

# What the address of a row takes from the row above it.
ABOVE: dict[Any, str] = {Commitment: "event", ListItem: "list"}


@login_not_required
@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    """The documents, and what rests on each of them; one query a kind."""
    sources = list(Source.objects.order_by("pk"))
    resting: dict[int, list[dict[str, Any]]] = {source.pk: [] for source in sources}
    for model, path, one, many in RESTING:
        for pk, rows in _by_source(model, path).items():
            resting[pk].append({"word": one if len(rows) == 1 else many, "rows": [_link(row) for row in rows]})
    context = {
        "section": "sources",
        "sources": [{"source": source, "resting": resting[source.pk]} for source in sources],
        "fact_count": sum(model.objects.count() for model, *_ in RESTING),
    }
    return TemplateResponse(request, "initiatives/sources.html", context)


def _by_source(model: Any, path: str) -> dict[int, list[Any]]:
    """The rows by the key of the source, each once for every source that it rests on."""
    rows = model.objects.annotate(source_pk=F(path)).filter(source_pk__isnull=False).distinct()
    if model in ABOVE:
        rows = rows.select_related(ABOVE[model])
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.source_pk].append(row)
    return found


def _link(row: Any) -> dict[str, str]:
    match row:
        case Recommendation():
            return {"title": f"{row.number}. {row.short_name}", "url": row.get_absolute_url()}
        case Commitment():
            return {"title": row.what, "url": row.event.get_absolute_url()}
        case Term():
            return {"title": row.term, "url": f"{reverse('glossary')}#{row.slug}"}
        case ListItem():
            return {"title": row.title, "url": f"{reverse('lists')}#{row.list.slug}-{row.slug}"}
        case Programme():
            return {"title": row.title, "url": f"{reverse('cases')}#program-{row.slug}"}
    return {"title": str(row), "url": row.get_absolute_url()}
