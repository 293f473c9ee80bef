"""What the documents know that has to do with a recommendation or a municipality."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from flere_haender.prepared import prepared
from stakeholders.models import Municipality
from timeline.models import Event
from timeline.when import in_full, order_in_year

from .figures import change
from .models import Case, CaseState, Evidence, Programme, Recommendation, Related

# The lists that help on a recommendation's own page; the others stand on the page of lists.
LISTS_SHOWN = ("grants", "agreement-options", "bottom-lines", "ramboll-tracks", "guidance-reasons")
SHOWN = 5


def related_to(recommendation: Recommendation) -> dict[str, Any]:
    """Events, figures, cases, programmes and list items of a recommendation, each a row of ``Related``."""
    rows: list[Any] = list(
        Related.objects.filter(Q(case=None) | Q(case__state=CaseState.PUBLISHED), recommendation=recommendation)
        .select_related("event", "indicator", "case", "programme", "item__list")
        .prefetch_related("case__municipalities", "indicator__values__indicator")
    )
    figures = [row for row in rows if row.indicator]
    for row in figures:
        row.figure, row.period = change(row.indicator)
    events = sorted((row for row in rows if row.event), key=lambda row: _when(row.event))
    for row in events:
        row.when = in_full(row.event)
    return {
        "cases": _some(sorted((row for row in rows if row.case), key=lambda row: _strength(row.case))),
        "events": _some(events),
        "figures": _some(figures),
        "programmes": [row for row in rows if row.programme],
        "lists": _lists([row for row in rows if row.item]),
    }


def _some(rows: list[Any]) -> dict[str, Any]:
    return {"rows": rows[:SHOWN], "count": len(rows), "has_more": len(rows) > SHOWN}


def _strength(case: Case) -> tuple[int, str]:
    return Evidence.values.index(case.evidence), case.title


def _when(event: Event) -> tuple[int, ...]:
    return event.year or 9999, *order_in_year(event)


def _lists(rows: list[Any]) -> list[dict[str, Any]]:
    groups: dict[str, list[Any]] = {slug: [] for slug in LISTS_SHOWN}
    for row in sorted(rows, key=lambda row: row.item.order):
        groups.get(row.item.list.slug, []).append(row)
    return [{"list": members[0].item.list, "rows": members} for members in groups.values() if members]


def taken_part(municipality: Municipality) -> dict[str, list[Any]]:
    """The cases from a municipality, and the programmes that a document names it in."""
    return {
        "cases": _cases(municipality=municipality.pk),
        "programmes": _programmes(municipality=municipality.pk),
    }


@prepared
def _cases(*, municipality: int) -> Any:
    return Case.objects.published().filter(municipalities=municipality)


@prepared
def _programmes(*, municipality: int) -> Any:
    return Programme.objects.filter(known=municipality)
