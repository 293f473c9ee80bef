"""The log agrees with what was handed in, whatever happens between the handings-in."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from flere_haender.access import Role
from flere_haender.days import DANISH_TIME, today
from initiatives.models import Progress, ReportingRound, StatusUpdate, Submission
from initiatives.models.status_update import CONTENT
from stakeholders.models import User
from tests.factories import (
    cell_of,
    draft,
    make_korsbaek,
    make_round,
    make_user,
    participation_of,
    recommendation,
)

pytestmark = pytest.mark.django_db


STATUSES = st.sampled_from(["planned", "in_progress", "completed", "on_hold", "not_started"])
# What happens between the handings-in, on days that pass: an answer outside, a correction of the newest row, nothing.
BETWEEN = st.lists(st.tuples(st.sampled_from(["record", "correct", "withdraw"]), STATUSES), max_size=3)


class TheLogAgreesWithTheSubmission(TestCase):
    """As of the round's status date, known at the moment of handing in: the answers of the submission.

    But where something was recorded outside the round since the first handing-in, and the answer was not changed
    afterwards: that stands.
    """

    @settings(max_examples=30, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    @given(
        status_in=st.integers(-5, 12),
        steps=st.lists(st.tuples(st.integers(0, 6), BETWEEN, STATUSES), min_size=1, max_size=3),
    )
    def test(self, status_in: int, steps: list[tuple[int, list[tuple[str, str]], str]]) -> None:
        korsbaek = make_korsbaek()
        hr, konsulent = make_user(Role.EDITOR, korsbaek), make_user(Role.KL_CONSULTANT)
        cell, start = cell_of(10, korsbaek), today()
        found = make_round(status_on=start + timedelta(days=status_in))
        found.asked.set([recommendation(10), recommendation(11)])
        here = participation_of(korsbaek)
        noon, elapsed = datetime.combine(start, time(12), tzinfo=DANISH_TIME), 0
        touched, answered, stands = False, "", {}
        for hour, (days, between, status) in enumerate(steps):
            elapsed += days
            with time_machine.travel(noon + timedelta(days=elapsed, hours=hour), tick=True):
                for what, other in between:
                    happen(cell, what, other, by=hr)
                again = here.submissions.exists()
                touched = (touched or bool(between)) and again and answered == status
                if again:
                    participation_of(korsbaek).return_it(by=konsulent, comment="Igen", due_on=today())
                for number in (10, 11):
                    draft(here, recommendation(number), by=hr, status=status)
                submission = participation_of(korsbaek).hand_in(by=hr)
                answered, stands[submission.pk] = status, touched
        for submission in Submission.objects.all():
            held_then, said = held(submission, found), handed_in(submission)
            assert said[recommendation(11).pk] == held_then[recommendation(11).pk]
            if not stands[submission.pk]:
                assert said[recommendation(10).pk] == held_then[recommendation(10).pk]


def happen(cell: Progress, what: str, status: str, *, by: User) -> None:
    newest = cell.updates.filter(corrected_by=None).exclude(status="").order_by("-id").first()
    if what == "record" or newest is None:
        cell.record(status, by=by)
    else:
        content = status if what == "correct" else ""
        cell.record(content, by=by, note="Rettet", corrects=newest, effective_on=newest.effective_on)


def held(submission: Submission, found: ReportingRound) -> dict[int, dict[str, Any]]:
    cells = Progress.objects.filter(
        municipality=submission.participation.municipality, recommendation__in=found.asked.all()
    ).with_status(as_of=found.status_on, known_at=submission.submitted_at)
    rows = StatusUpdate.objects.in_bulk([cell.current_id for cell in cells if cell.current_id])
    return {
        cell.recommendation_id: {name: getattr(rows.get(cell.current_id), name, None) for name in CONTENT}
        for cell in cells
    }


def handed_in(submission: Submission) -> dict[int, dict[str, Any]]:
    return {pk: row.content for pk, row in submission.answers().items()}
