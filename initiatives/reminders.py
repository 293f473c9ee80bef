"""Who is to be told what about a round: that it is open, what is owed and by when, what KL has said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import holidays
from django.db.models import Max

from flere_haender.access import Role
from flere_haender.days import danish_day
from stakeholders.models import Membership, Message, Municipality, User

from .models import CaseDecision, Decision, Participation, State

# Days from the deadline.
STEPS = (-14, -3, 1, 7, 14)
# A reminder whose day the worker slept through is sent within these days, and after that not at all.
LATEST = timedelta(days=3)
DENMARK = holidays.country_holidays("DK", categories=("public", "optional"))

Recipient = User | Municipality


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in DENMARK


def working_day(day: date, *, later: bool) -> date:
    """The day itself, or the next working day, or the one before."""
    while not is_working_day(day):
        day += timedelta(days=1 if later else -1)
    return day


def day_of(step: int, deadline: date) -> date:
    """The day of a reminder: before the deadline rather earlier, after it rather later."""
    return working_day(deadline + timedelta(days=step), later=step > 0)


@dataclass(frozen=True)
class Reminder:
    """One e-mail to one recipient, about everything that is to be reminded of today."""

    to: Recipient
    steps: tuple[tuple[Participation, int], ...]

    @property
    def key(self) -> str:
        about = ",".join(f"{here.pk}:{here.deadline}:{step}" for here, step in self.steps)
        return f"reminder/{_name(self.to)}/{about}"

    @property
    def is_late(self) -> bool:
        return any(step > 0 for _, step in self.steps)

    def queue(self) -> Message:
        about = {"municipality": self.steps[0][0].municipality_id}
        return Message.queue("reminder", to=self.to, about=about, key=self.key)


def _name(to: Recipient) -> str:
    return f"user-{to.pk}" if isinstance(to, User) else f"mailbox-{to.pk}"


def due_reminders(on: date) -> list[Reminder]:
    """The reminders to send on a Danish day, one a recipient; none on a day that is no working day."""
    if not is_working_day(on):
        return []
    found: dict[Recipient, list[tuple[Participation, int]]] = defaultdict(list)
    owing = Participation.objects.owing(on=on).select_related("round", "municipality")
    steps = [
        (here, step) for here in owing.annotate(decided_at=Max("decisions__made_at")) if (step := _step(here, on))
    ]
    people = People(here.municipality_id for here, _ in steps)
    for here, step in steps:
        for to in people.to_act(here, late=step > 0):
            found[to].append((here, step))
    return [Reminder(to, tuple(about)) for to, about in found.items()]


def _step(here: Participation, on: date) -> int:
    """The reminder whose turn it is; 0 when there is none. The mail that set the deadline is enough for its day."""
    begun = max(danish_day(at) for at in (here.round.opened_at, getattr(here, "decided_at", None)) if at)
    days = {step: day_of(step, here.deadline) for step in STEPS}
    return max((step for step, day in days.items() if begun < day and on - LATEST < day <= on), default=0)


class People:
    """The active members of some municipalities; one query."""

    def __init__(self, municipalities: Iterable[int]) -> None:
        self.by_role: dict[tuple[int | None, str], list[User]] = defaultdict(list)
        rows = Membership.objects.active().filter(municipality__in=set(municipalities), user__is_active=True)
        for row in rows.select_related("user").order_by("pk"):
            self.by_role[row.municipality_id, row.role].append(row.user)

    def editors(self, municipality_id: int) -> list[User]:
        return self.by_role[municipality_id, Role.EDITOR]

    def leaders(self, municipality_id: int) -> list[User]:
        return self.by_role[municipality_id, Role.LEADER]

    def to_act(self, here: Participation, *, late: bool = False) -> list[Recipient]:
        """Those who must act, and the leader when it is late; the unit's mailbox when there is nobody."""
        editors, leaders = self.editors(here.municipality_id), self.leaders(here.municipality_id)
        act = leaders if here.state == State.WITH_LEADER else editors
        found: list[Recipient] = [*act, *(leader for leader in leaders if late and leader not in act)]
        return found or ([here.municipality] if here.municipality.unit_mailbox else [])


def tell_of_opening(participations: Iterable[Participation]) -> None:
    """Tell those who must act that a round is open."""
    rows = list(participations)
    people = People(here.municipality_id for here in rows)
    for here in rows:
        for to in people.to_act(here):
            Message.queue(
                "round_opened", to=to, about={"participation": here.pk}, key=f"round_opened/{here.pk}/{_name(to)}"
            )


TOLD_OF_CASE = {CaseDecision.Kind.RETURNED: "case_returned", CaseDecision.Kind.PUBLISHED: "case_published"}


def tell_of_case(decision: CaseDecision) -> None:
    """Tell the municipality's editors what KL has said to their proposal."""
    occasion = TOLD_OF_CASE.get(CaseDecision.Kind(decision.kind))
    if occasion is None:
        return
    for editor in People([decision.action.municipality_id]).editors(decision.action.municipality_id):
        key = f"{occasion}/{decision.pk}/{_name(editor)}"
        Message.queue(occasion, to=editor, about={"case_decision": decision.pk}, key=key)


TOLD: dict[str, str] = {
    Decision.Kind.RETURNED: "returned",
    Decision.Kind.ACCEPTED: "accepted",
    Decision.Kind.REOPENED: "extended",
    Decision.Kind.EXTENDED: "extended",
    Decision.Kind.SENT_TO_LEADER: "with_leader",
    Decision.Kind.TAKEN_BACK: "taken_back",
    Decision.Kind.REMINDED: "nudge",
}
# Everything that is written about rounds.
OCCASIONS = ("round_opened", "reminder", *sorted(set(TOLD.values())))


def tell_of_decision(decision: Decision) -> None:
    """Tell those whom a decision concerns; the one who made it knows it."""
    occasion = TOLD.get(Decision.Kind(decision.kind))
    here = decision.participation
    if occasion is None:
        return
    for to in People([here.municipality_id]).to_act(here):
        if to != decision.made_by:
            key = f"{occasion}/{decision.pk}/{_name(to)}"
            Message.queue(occasion, to=to, about={"decision": decision.pk}, key=key)
