"""What the documents know, for a report: figures of its recommendations, and events of its period."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from flere_haender.days import danish_day
from initiatives.comparing import A_YEAR
from initiatives.figures import change
from initiatives.models import Indicator, Related, ReportingRound
from initiatives.models.plan import in_order
from initiatives.moment import Moment
from timeline.models import Event, Precision, Standing
from timeline.when import SEASONS, doubt, in_full

from .extras import last_moment
from .parts import KnownEvent, KnownEvents, KnownFigure, KnownFigures, KnownRound

SEASON_MONTHS = 3


def known_figures(recommendations: Iterable[Any], moment: Moment) -> KnownFigures | None:
    """The figures that have to do with any of the recommendations; None where there are none."""
    by_id = {each.pk: each for each in recommendations}
    about: dict[int, list[Any]] = defaultdict(list)
    for indicator, recommendation in Related.objects.filter(
        indicator__isnull=False, recommendation__in=by_id
    ).values_list("indicator", "recommendation"):
        about[indicator].append(by_id[recommendation])
    found = Indicator.objects.filter(pk__in=about).prefetch_related("values__citations__source", "values__indicator")
    rows = tuple(
        KnownFigure(each.name, each.group, *change(each), tuple(in_order(about[each.pk])), _cited(each.values.all()))
        for each in found
    )
    return KnownFigures(rows) if rows else None


def known_events(moment: Moment, *, rounds: bool = False) -> KnownEvents:
    """What happened from the day that is compared with, or a year back, until the day of the report.

    Args:
        rounds: with the rounds, which are for members.
    """
    first = moment.since or moment.as_of - A_YEAR
    events = Event.objects.filter(parent=None, standing=Standing.HAPPENED, year__isnull=False).prefetch_related(
        "citations__source"
    )
    rows = tuple(
        KnownEvent(in_full(event), doubt(event), event.title, event.get_kind_display(), _cited([event]))
        for event in events
        if _begins(event) <= moment.as_of and _ends(event) >= first
    )
    return KnownEvents(first, moment.as_of, rows, _rounds(first, moment) if rounds else ())


def _rounds(first: date, moment: Moment) -> tuple[KnownRound, ...]:
    """Those that were open some time in the period, as known then."""
    until = last_moment(moment)
    found = ReportingRound.objects.filter(opened_at__lte=until).order_by("opened_at")
    rounds = (
        KnownRound(
            each.name,
            each.status_on,
            danish_day(each.opened_at),
            danish_day(each.closed_at) if each.closed_at and each.closed_at <= until else None,
        )
        for each in found
        if each.opened_at
    )
    return tuple(each for each in rounds if each.closed_on is None or each.closed_on >= first)


def _cited(things: Iterable[Any]) -> tuple[str, ...]:
    """Where it stands: each document with its places."""
    places: dict[str, dict[str, None]] = defaultdict(dict)
    for citation in (citation for thing in things for citation in thing.citations.all()):
        document, _, _ = str(citation).rpartition(f": {citation.place}")
        places[document][citation.place] = None
    return tuple(f"{document}: {', '.join(found)}" for document, found in places.items())


def _begins(event: Event) -> date:
    """The first day on which the event can have been; its year is known."""
    assert event.year is not None
    return _day(event, event.year, _first_month(event) or 1, 1)


def _ends(event: Event) -> date:
    """The last day on which it can have been."""
    assert event.year is not None
    year, month = event.end_year or event.year, 12
    if not event.end_year and (first := _first_month(event)):
        month = first if event.precision in (Precision.MONTH, Precision.DAY) else min(first + SEASON_MONTHS - 1, 12)
    return _day(event, year, month, 31)


def _day(event: Event, year: int, month: int, otherwise: int) -> date:
    """The event's day of the month, or another when it has none; never one that the month has not."""
    exact = event.day if event.precision == Precision.DAY and not event.end_year else None
    return date(year, month, min(exact or otherwise, monthrange(year, month)[1]))


def _first_month(event: Event) -> int | None:
    season = SEASONS[event.season][2] if event.precision == Precision.SEASON and event.season in SEASONS else None
    return event.month or season
