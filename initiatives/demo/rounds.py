"""The round that is open in the demo: who has handed in, who is under way, and Korsbæk's drafts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from flere_haender.access import is_kl
from flere_haender.days import DANISH_TIME, danish_day, today
from initiatives.models import Decision, DraftAnswer, Participation, Recommendation, ReportingRound, State, Submission
from stakeholders.models import Municipality, User

from .cast import DEMO_USER, KONSULENT, KORSBAEK
from .history import REPEATED, History

SEED = "flere-haender/round"
ANSWERS_FOR = timedelta(days=12)
STAYS_OPEN_FOR = timedelta(days=14)
ACCEPTED_AFTER = timedelta(days=4)

Sitting = tuple[datetime, User]


def add_round(script: dict[str, Any]) -> ReportingRound:
    """The round, open as ``open()`` leaves it. A demo that is loaded later gets a later deadline."""
    due_on = max(script["due"], today() + ANSWERS_FOR)
    opened = datetime.combine(script["opens"], time(8), tzinfo=DANISH_TIME)
    found = ReportingRound.objects.create(
        name=script["name"],
        status_on=due_on,
        opens_on=script["opens"],
        due_on=due_on,
        closes_on=due_on + STAYS_OPEN_FOR,
        message=script["message"],
        opened_at=opened,
    )
    found.asked.set(Recommendation.objects.asked(as_of=script["opens"]))
    found.participations.bulk_create(
        Participation(round=found, municipality=each) for each in Municipality.objects.all()
    )
    return found


def hand_in(found: ReportingRound, sittings: dict[int, Sitting], users: dict[str, User]) -> dict[int, Submission]:
    """A handing-in for each municipality that has answered everything, by its code; most are accepted by now."""
    submissions = {}
    for here in found.participations.filter(municipality__code__in=sittings).select_related("municipality"):
        at, by = sittings[here.municipality.code]
        submissions[here.municipality.code] = here.submissions.create(
            number=1,
            submitted_at=at,
            submitted_by=by,
            submitted_for=None if is_kl(by) else here.municipality,
        )
        here.state = State.SUBMITTED
        accepted_at = at + ACCEPTED_AFTER
        if accepted_at <= datetime.now(UTC):
            here.state = State.ACCEPTED
            here.decisions.create(kind=Decision.Kind.ACCEPTED, made_at=accepted_at, made_by=users[KONSULENT])
        here.save()
    return submissions


def name_submissions(histories: Iterable[History], submissions: dict[int, Submission]) -> None:
    """What was recorded at the moment of a handing-in is part of it, and was typed before."""
    drafts = []
    for history in histories:
        submission = submissions.get(history.cell.municipality.code) if history.cell.municipality else None
        for row in history.rows:
            if submission is not None and row.recorded_at == submission.submitted_at:
                row.submission = submission
                content = {name: getattr(row, name) for name in REPEATED}
                at, by = submission.submitted_at, submission.submitted_by
                drafts.append(_draft(submission.participation, history, content, at, by))
    DraftAnswer.objects.bulk_create(drafts, ignore_conflicts=True)


def begin(found: ReportingRound, histories: list[History], shares: list[float], users: dict[str, User]) -> None:
    """Some of those who have not handed in have begun: drafts as last time for a share of what is asked."""
    waiting = list(found.participations.filter(state=State.DRAFTING, municipality__is_fictional=False))
    Random(SEED).shuffle(waiting)
    share_of = {here.municipality_id: (here, share) for here, share in zip(waiting, shares, strict=False)}
    drafts = []
    for history in histories:
        place = history.cell.municipality_id
        if place is None or place not in share_of:
            continue
        here, share = share_of[place]
        number = history.cell.recommendation.number
        if history.current and Random(f"{SEED}/{here.pk}/{number}").random() < share:
            content = {name: getattr(history.current, name) for name in REPEATED}
            at = datetime.combine(found.opens_on + timedelta(days=number % 9 + 3), time(10), tzinfo=DANISH_TIME)
            drafts.append(_draft(here, history, content, at, users[DEMO_USER]))
    DraftAnswer.objects.bulk_create(drafts)


def draft_for_korsbaek(
    found: ReportingRound, histories: Iterable[History], lines: list[dict[str, Any]], by: User
) -> None:
    """What Korsbæk's script says since the round opened has been typed and not handed in."""
    here = found.participations.get(municipality__code=KORSBAEK)
    drafts = []
    for history, line in zip(histories, lines, strict=True):
        for row in line["rows"]:
            if not is_draft(row, found.opens_on):
                continue
            repeated = {name: getattr(history.current, name) for name in REPEATED} if row.get("repeats") else {}
            content = repeated or {name: row[name] for name in REPEATED if name in row}
            drafts.append(_draft(here, history, content, row["at"].replace(tzinfo=DANISH_TIME), by))
    DraftAnswer.objects.bulk_create(drafts)


def is_draft(row: dict[str, Any], opens_on: date) -> bool:
    return danish_day(row["at"].replace(tzinfo=DANISH_TIME)) >= opens_on


def _draft(here: Participation, history: History, content: dict[str, Any], at: datetime, by: User) -> DraftAnswer:
    return DraftAnswer(
        participation=here,
        recommendation=history.cell.recommendation,
        is_complete=True,
        version=1,
        updated_at=at,
        updated_by=by,
        **content,
    )
