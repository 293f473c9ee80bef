from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from . import when
from .bands import Entry, bands_of
from .filters import EventFilter
from .models import Citation, Commitment, Event, Lane


@login_not_required
@require_safe
def timeline(request: HttpRequest) -> HttpResponse:
    chosen = EventFilter(request.GET, queryset=Event.objects.all())
    valid = chosen.is_valid()
    found = list(_counted(Event.objects.filter(pk__in=chosen.qs.values("pk")))) if valid else []
    shown = [event for event in found if not chosen.leaves_out(event)]
    context = {
        "section": "timeline",
        "filter": chosen,
        "errors": [message for messages in chosen.form.errors.values() for message in messages],
        "narrowed": chosen.narrows,
        "chosen": any(request.GET.get(name) for name in chosen.filters),
        "bands": bands_of(shown, found),
        "lanes": Lane.labels,
        "count": len(shown),
        "left_out": len(found) - len(shown),
    }
    return TemplateResponse(request, "timeline/timeline.html", context, status=200 if valid else 400)


@login_not_required
@require_safe
def event_detail(request: HttpRequest, slug: str) -> HttpResponse:
    citations = Prefetch("citations", Citation.objects.select_related("source"))
    commitments = Prefetch("commitments", Commitment.objects.prefetch_related(citations))
    events = _counted(Event.objects.all()).prefetch_related("actors", citations, commitments)
    event = get_object_or_404(events, slug=slug)
    related = event.related.select_related("recommendation").order_by("recommendation__number")
    context = {
        "section": "timeline",
        "event": event,
        "time": when.in_full(event),
        "doubt": when.doubt(event),
        "is_uncertain": when.is_uncertain(event),
        "parts": [_part(part) for part in _counted(event.parts.all())],
        "commitments": [_commitment(row) for row in event.commitments.all()],
        "sources": _by_source(event),
        "related": related,
    }
    return TemplateResponse(request, "timeline/event.html", context)


def _counted(events: QuerySet[Event]) -> QuerySet[Event]:
    """With the parent, and how many documents mention each and how many parts it has."""
    return events.select_related("parent").annotate(
        source_count=Count("citations__source", distinct=True), part_count=Count("parts", distinct=True)
    )


def _part(part: Event) -> dict[str, Any]:
    return {"event": part, "entry": Entry(part), "time": when.in_full(part)}


def _commitment(row: Commitment) -> dict[str, Any]:
    return {"row": row, "citations": list(dict.fromkeys(str(citation) for citation in row.citations.all()))}


def _by_source(event: Event) -> list[dict[str, Any]]:
    """The documents that mention the event, each with its places."""
    places: dict[Any, dict[str, None]] = {}
    for citation in sorted(event.citations.all(), key=lambda c: (c.source_id, int(c.lines.split("-")[0]))):
        places.setdefault(citation.source, {})[citation.place] = None
    return [{"source": source, "places": list(names)} for source, names in places.items()]
