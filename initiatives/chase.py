"""A round as KL follows it: how far each municipality is, its last sign of life, and who can be asked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from flere_haender.days import danish_day, today
from stakeholders.models import Kkr, Message, Municipality, User

from .models import Participation, ReportingRound, State
from .reminders import OCCASIONS, People
from .reports.words import listed

NOT_BEGUN, READY = "not_begun", "ready"
STAGES: dict[str, str] = {
    NOT_BEGUN: "Ikke begyndt",
    State.DRAFTING: "I gang",
    READY: "Besvaret, ikke indsendt",
    State.WITH_LEADER: "Hos lederen",
    State.RETURNED: "Sendt tilbage",
    State.SUBMITTED: "Indsendt",
    State.ACCEPTED: "Godkendt",
}


@dataclass(frozen=True)
class Chased:
    """One municipality in the round.

    Attributes:
        people: who is asked to act; empty when nobody active is left.
        mails: how many e-mails about rounds they have been sent since the round opened.
    """

    here: Participation
    municipality: Municipality
    asked: int
    answered: int
    latest: datetime | None
    people: list[User]
    mails: int
    last_mail: datetime | None

    @property
    def stage(self) -> str:
        if self.here.state != State.DRAFTING:
            return self.here.state
        if self.answered == self.asked:
            return READY
        return State.DRAFTING if self.latest else NOT_BEGUN

    @property
    def label(self) -> str:
        return STAGES[self.stage]

    @property
    def is_owing(self) -> bool:
        return not self.here.is_handed_in

    @property
    def is_late(self) -> bool:
        return self.is_owing and self.here.deadline < today()

    @property
    def is_reachable(self) -> bool:
        return bool(self.people or self.municipality.unit_mailbox)


def chased(found: ReportingRound, *, moment: date) -> list[Chased]:
    """Every municipality in the round, in the Danish order; few queries, however many they are."""
    rows = list(
        found.participations.select_related("round")
        .annotate(
            answered=Count("drafts", filter=Q(drafts__is_complete=True, drafts__recommendation__in=found.asked.all())),
            drafted_at=Max("drafts__updated_at"),
        )
        .order_by("municipality__sort_order", "municipality__name")
    )
    places = Municipality.objects.placed(as_of=moment).in_bulk([row.municipality_id for row in rows])
    people = People(places)
    mails = _mails(found, people)
    asked = found.asked.count()
    for row in rows:
        row.municipality = places[row.municipality_id]
    return [
        Chased(
            here=row,
            municipality=row.municipality,
            asked=asked,
            answered=row.answered,
            latest=row.drafted_at,
            people=[to for to in people.to_act(row) if isinstance(to, User)],
            mails=len(mails[row.municipality_id]),
            last_mail=max(mails[row.municipality_id], default=None),
        )
        for row in rows
    ]


def _mails(found: ReportingRound, people: People) -> dict[int, list[datetime]]:
    """When something about rounds was sent to a municipality since this one opened, by its id."""
    home = {user.pk: place for (place, _), users in people.by_role.items() for user in users}
    rows = Message.objects.filter(occasion__in=OCCASIONS, sent_at__gte=found.opened_at)
    sent: dict[int, list[datetime]] = defaultdict(list)
    for user, mailbox, at in rows.values_list("recipient_id", "mailbox_of_id", "sent_at"):
        place = mailbox or home.get(user)
        if place and at:
            sent[place].append(at)
    return sent


@dataclass(frozen=True)
class Rate:
    """How many of a KKR's municipalities have handed in, by the day from ``begun`` on."""

    kkr: Kkr
    municipalities: int
    handed_in: int
    begun: date
    days: tuple[int, ...]

    @property
    def last(self) -> date:
        return self.begun + timedelta(days=len(self.days) - 1)

    @property
    def words(self) -> str:
        return f"{self.share} pct. ({self.handed_in} af {self.municipalities})"

    @property
    def share(self) -> int:
        return round(100 * self.handed_in / self.municipalities) if self.municipalities else 0

    def points(self, *, width: int = 320, height: int = 60) -> str:
        """The curve, as the points of an SVG line: the share of all, day by day."""
        step = width / max(len(self.days) - 1, 1)
        shares = [count / self.municipalities if self.municipalities else 0 for count in self.days]
        return " ".join(f"{number * step:.1f},{height - share * height:.1f}" for number, share in enumerate(shares))


def rates(found: ReportingRound, rows: Iterable[Chased]) -> list[Rate]:
    """The answer rate of each KKR over the days of the round; the fictional municipality counts nowhere."""
    first_time = Max("submissions__submitted_at", filter=Q(submissions__number=1))
    handed_in = found.participations.annotate(first=first_time).exclude(first=None)
    first = {pk: danish_day(at) for pk, at in handed_in.values_list("pk", "first")}
    begun = danish_day(found.opened_at) if found.opened_at else found.opens_on
    last = danish_day(found.closed_at) if found.closed_at else min(today(), found.closes_on)
    days = [begun + timedelta(days=n) for n in range(max((last - begun).days, 0) + 1)]
    by_kkr: dict[Any, list[Chased]] = defaultdict(list)
    for row in rows:
        if not row.municipality.is_fictional and row.municipality.kkr:
            by_kkr[row.municipality.kkr].append(row)
    return [
        Rate(
            kkr,
            len(members),
            sum(row.here.is_handed_in for row in members),
            begun,
            tuple(sum(first.get(row.here.pk, date.max) <= day for row in members) for day in days),
        )
        for kkr, members in sorted(by_kkr.items(), key=lambda item: item[0].order)
    ]


def who_has_answered_most(found: list[Rate]) -> str:
    """The finding: the KKR with the largest share handed in, with its numbers."""
    best = max((rate.share for rate in found), default=0)
    if not best:
        return "Ingen kommuner har indsendt endnu"
    ahead = [rate for rate in found if rate.share == best]
    return f"{listed(rate.kkr.name for rate in ahead)} er nået længst: {listed(rate.words for rate in ahead)}"


def stage_counts(rows: Iterable[Chased]) -> list[tuple[str, str, int]]:
    """Each stage with its word and how many real municipalities are there."""
    counts = Counter(row.stage for row in rows if not row.municipality.is_fictional)
    return [(stage, label, counts[stage]) for stage, label in STAGES.items()]
