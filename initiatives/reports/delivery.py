"""Who has handed in to a round, by KKR. For members; what is only drafted stays with the municipality and KL."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Max, OuterRef, Q, Subquery
from django.urls import reverse

from flere_haender.days import danish_day, end_of_day
from initiatives.models import Decision, Participation, ReportingRound, Submission
from initiatives.moment import Moment
from stakeholders.models import Municipality

from .facts import Brief, Report, compose
from .parts import Delivery, DeliveryGroup, DeliveryOverview, DeliveryTable
from .words import danish_date

DEFINITIONS = (
    ("Indsendt", "Kommunen har indsendt svar på alle anbefalinger, og KL har ikke sendt dem tilbage."),
    ("Ikke indsendt", "Det siger ikke, om kommunen er begyndt."),
)


def round_report(found: ReportingRound, moment: Moment, **asked: Any) -> Report:
    """The report of a round: what had been handed in at the end of the day, as known then.

    Args:
        asked: of the ``Brief``: ``front``, ``contents``, ``compared``.
    """
    brief = Brief(replace(moment, since=None), **asked)
    cut = min(moment.known_at or end_of_day(moment.as_of), end_of_day(moment.as_of))
    last = _last_recording(found, cut)
    groups = _by_kkr(found, cut, moment)
    handed_in, count = sum(group.handed_in for group in groups), sum(len(group.rows) for group in groups)
    return compose(
        brief,
        replace(moment, known_at=last or moment.known_at, since=None),
        [
            (DeliveryOverview, lambda: DeliveryOverview(groups)),
            (DeliveryTable, lambda: DeliveryTable(groups)),
        ],
        url=f"{reverse('reports')}?om=runde:{found.pk}",
        title=f"{handed_in or 'Ingen'} af {count} kommuner har indsendt",
        lead=f"Statusrunden {found.name}. Fristen er {danish_date(found.due_on)}.",
        basis=f"Kommunerne er spurgt om {found.asked.count()} anbefalinger pr. {danish_date(found.status_on)}.",
        subject_name=f"Statusrunden {found.name}",
        definitions=DEFINITIONS,
        reading=("Hvem der har indsendt, er for KL og kommunerne og er ikke offentligt.",),
    )


def _last_recording(found: ReportingRound, cut: datetime) -> datetime | None:
    handed = Submission.objects.filter(participation__round=found, submitted_at__lte=cut)
    decided = Decision.objects.filter(participation__round=found, made_at__lte=cut, kind=Decision.Kind.RETURNED)
    found_at = handed.aggregate(last=Max("submitted_at"))["last"], decided.aggregate(last=Max("made_at"))["last"]
    return max((at for at in found_at if at), default=None)


def _by_kkr(found: ReportingRound, cut: datetime, moment: Moment) -> tuple[DeliveryGroup, ...]:
    """The real municipalities of the round; handed in is what has not been sent back since."""
    returned = Decision.objects.filter(
        participation=OuterRef("pk"), kind=Decision.Kind.RETURNED, made_at__lte=cut
    ).order_by("-made_at")
    rows = (
        Participation.objects.filter(round=found, municipality__is_fictional=False)
        .annotate(
            handed_in=Max("submissions__submitted_at", filter=Q(submissions__submitted_at__lte=cut)),
            returned=Subquery(returned.values("made_at")[:1]),
        )
        .order_by("municipality__sort_order")
    )
    places = Municipality.objects.real().placed(as_of=moment.as_of).in_bulk()
    members: dict[Any, list[Delivery]] = defaultdict(list)
    for row in rows:
        stands = row.handed_in and not (row.returned and row.returned > row.handed_in)
        place = places[row.municipality_id]
        members[place.kkr].append(Delivery(place.name, danish_day(row.handed_in) if stands else None))
    return tuple(DeliveryGroup(kkr.name, tuple(members[kkr])) for kkr in sorted(members, key=lambda each: each.order))
