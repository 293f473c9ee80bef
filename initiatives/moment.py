"""The moment that a page or a report is about: as of which day, known when, changes since when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from flere_haender.days import DANISH_TIME, danish_day, end_of_day, today

from .models import ActionPlan

PLAN_STARTS_ON = date(2021, 1, 1)


@dataclass(frozen=True)
class Moment:
    """As of the Danish day ``as_of``, as known at ``known_at`` (None: now), with changes since ``since``.

    ``plan`` is the code of the action plan that it is about; without one it is the plan that was current that day.
    ``since_known_at`` is when one knew what is compared with, where it is not the end of that day.
    """

    as_of: date
    known_at: datetime | None = None
    since: date | None = None
    plan: str = ""
    query: str = ""
    errors: tuple[str, ...] = ()
    since_known_at: datetime | None = None

    @classmethod
    def now(cls, *, plan: str = "") -> Moment:
        return cls(as_of=today(), plan=plan)

    @classmethod
    def from_query(cls, params: QueryDict) -> Moment:
        """Read ``pr``, ``kendt``, ``siden`` and ``plan``. What cannot be read is left out and named in ``errors``."""
        errors: list[str] = []
        as_of = _day(params.get("pr", ""), "Status pr.", errors)
        since = _day(params.get("siden", ""), "Ændringer siden", errors)
        known_at = _known_at(params.get("kendt", ""), errors)
        if since is not None and since > (as_of or today()):
            errors.append("Ændringer siden: Datoen skal ligge før den dag, der vises.")
            since = None
        plan = _plan(params.get("plan", ""), errors)
        given = {"pr": as_of, "siden": since, "kendt": params.get("kendt", "").strip() if known_at else None}
        query = urlencode({name: str(value) for name, value in {**given, "plan": plan}.items() if value})
        return cls(as_of or today(), known_at, since, plan, query, tuple(errors))

    @property
    def is_now(self) -> bool:
        """Whether the page shows what holds today, as known now: only then may one record."""
        return self.known_at is None and self.as_of >= today()

    @property
    def at_since(self) -> Moment:
        """The moment to compare with: as of ``since``, as known at the same time."""
        return replace(self, as_of=self.since or self.as_of, since=None)

    @property
    def known_then(self) -> datetime | None:
        """When one knew what is compared with: at the end of that day, or when a report was issued."""
        return self.since_known_at or (end_of_day(self.since) if self.since else None)


def _plan(text: str, errors: list[str]) -> str:
    if not (text := text.strip()):
        return ""
    if "\x00" not in text and ActionPlan.objects.filter(slug=text).exists():
        return text
    errors.append("Handleplan: Vælg en af planerne.")
    return ""


def _day(text: str, label: str, errors: list[str]) -> date | None:
    if not (text := text.strip()):
        return None
    try:
        day = parse_date(text) or datetime.strptime(text, "%d.%m.%Y").date()
    except ValueError:
        errors.append(f"{label}: Skriv en dato som 2026-05-31 eller 31.05.2026.")
        return None
    if day < PLAN_STARTS_ON:
        errors.append(f"{label}: Handleplanen gælder fra 1. januar 2021. Vælg en senere dato.")
        return None
    if day > today():
        errors.append(f"{label}: Datoen kan ikke ligge efter i dag.")
        return None
    return day


def _known_at(text: str, errors: list[str]) -> datetime | None:
    """A date means the end of that Danish day; a moment without a zone is Danish time."""
    if "T" in text:
        moment = _parse_moment(text)
        if moment is None:
            errors.append("Som kendt: Skriv en dato som 2026-05-31.")
        elif moment > timezone.now():
            errors.append("Som kendt: Tidspunktet kan ikke ligge efter nu.")
        elif _day(danish_day(moment).isoformat(), "Som kendt", errors):
            return moment
        return None
    day = _day(text, "Som kendt", errors)
    return end_of_day(day) if day else None


def _parse_moment(text: str) -> datetime | None:
    """A moment in UTC; a ``+`` of the zone may have become a space on its way through an address."""
    try:
        moment = parse_datetime(text.strip().replace(" ", "+"))
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=DANISH_TIME)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
