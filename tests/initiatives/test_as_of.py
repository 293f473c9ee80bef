"""What holds as of a day, as known at a moment, against a slow computation that follows the rule word by word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flere_haender.access import Role
from flere_haender.days import danish_day, end_of_day
from initiatives.history import with_history
from initiatives.models import Addressing, Progress, Recommendation
from initiatives.models.plan import Actor
from initiatives.moment import Moment
from initiatives.overview import Answers
from initiatives.status import NOT_ASSESSED, Status
from stakeholders.models import Municipality, User
from tests.factories import THISTED, cell_of, day, make_row, make_user, moment

pytestmark = pytest.mark.django_db

FIRST_DAY = date(2026, 1, 1)
DAYS = 6
END = moment("2099-01-01 00:00")  # everything is known


@dataclass(frozen=True)
class Written:
    """A row of the log as the oracle knows it."""

    id: int
    effective_on: date
    recorded_at: datetime
    corrects: int | None
    content: Any  # None or empty: a withdrawal


def obviously_right(rows: list[Written], as_of: date, known_at: datetime) -> Any:
    """DOMAIN's sentence, read aloud: what holds as of D, known at K."""
    known = [row for row in rows if row.recorded_at <= known_at]
    corrected = {row.corrects for row in known}
    taken = [row for row in known if row.effective_on <= as_of]
    taken = [row for row in taken if row.id not in corrected]
    taken = [row for row in taken if row.content not in ("", None)]
    taken.sort(key=lambda row: (row.effective_on, row.recorded_at, row.id))
    return taken[-1].content if taken else None


# One step of a history: (hours since the step before, days that it is late, which row it corrects, what it says).
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 5, 24, 30]),
        st.integers(0, 4),
        st.one_of(st.none(), st.integers(0, 9)),
        st.sampled_from(["", *Status.values]),
    ),
    max_size=10,
)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written in here is rolled back, so that the next example starts afresh."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def play(steps: Any, write: Any) -> list[Written]:
    """Write the steps as rows; a step that would break the rules of corrections becomes one that does not."""
    rows: list[Written] = []
    recorded_at = moment("2026-01-01 09:00")
    for hours, late, wish, content in steps:
        recorded_at += timedelta(hours=hours)
        free = [row.id for row in rows if row.id not in {other.corrects for other in rows}]
        corrects = free[wish % len(free)] if wish is not None and free else None
        if content == "" and corrects is None:
            continue
        effective_on = max(danish_day(recorded_at) - timedelta(days=late), FIRST_DAY)
        pk = write(content, effective_on, recorded_at, corrects)
        rows.append(Written(pk, effective_on, recorded_at, corrects, content))
    return rows


def play_addressing(steps: Any, number: int) -> list[Written]:
    """Likewise, of whether a recommendation concerns the municipalities: what comes after ``n`` says that it does."""
    recommendation = Recommendation.objects.get(slug=number)
    actor = Actor.objects.get(slug="kommuner")

    def said(content: str) -> bool | None:
        return None if content == "" else content > "n"

    def write(content: str, effective_on: date, recorded_at: datetime, corrects: int | None) -> int:
        return Addressing.objects.create(
            recommendation=recommendation,
            actor=actor,
            basis="overview",
            addressed=said(content),
            effective_on=effective_on,
            recorded_at=recorded_at,
            corrects_id=corrects,
        ).pk

    return [replace(row, content=said(row.content)) for row in play(steps, write)]


# As of which day, and known how many hours after the first morning.
QUESTIONS = st.lists(st.tuples(st.integers(-1, DAYS), st.integers(0, DAYS * 24)), min_size=4, max_size=10).map(
    lambda pairs: [
        (FIRST_DAY + timedelta(days=days), moment("2026-01-01 08:00") + timedelta(hours=hours))
        for days, hours in pairs
    ]
)


@pytest.fixture
def writer() -> User:
    return make_user(Role.EDITOR, Municipality.objects.get(code=THISTED))


@given(steps=STEPS, questions=QUESTIONS)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_status_as_of_and_known_at_agree_with_the_rule(writer: User, steps: Any, questions: Any) -> None:
    with undone():
        cell = cell_of(10, writer.membership.municipality)

        def write(content: str, effective_on: date, recorded_at: datetime, corrects: int | None) -> int:
            row = make_row(
                cell,
                content,
                by=writer,
                effective_on=effective_on,
                recorded_at=recorded_at,
                corrects_id=corrects,
                note="Begrundelse",
            )
            return row.pk

        rows = play(steps, write)
        for as_of, known_at in questions:
            expected = obviously_right(rows, as_of, known_at) or NOT_ASSESSED
            found = Progress.objects.with_status(as_of=as_of, known_at=known_at).get(pk=cell.pk)
            assert found.status == expected
            history = with_history([cell], moment=Moment(as_of, known_at), reader=writer)[0]
            assert history.status == expected
            held = Answers(Moment(as_of)).of(writer.membership.municipality)[cell.recommendation_id]
            assert held.status == (obviously_right(rows, as_of, END) or NOT_ASSESSED)


@given(steps=STEPS, questions=QUESTIONS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_addressing_follows_the_same_rule(writer: User, steps: Any, questions: Any) -> None:
    """Recommendation 4 is the state's; in the examples it comes to concern the municipalities, and not, and again."""
    with undone():
        rows = play_addressing(steps, 4)
        for as_of, known_at in questions:
            expected = bool(obviously_right(rows, as_of, known_at))
            asked = Recommendation.objects.asked(as_of=as_of, known_at=known_at)
            assert asked.filter(number=4).exists() == expected
            cells = Progress.objects.of_municipalities().counting(as_of=as_of, known_at=known_at)
            assert cells.filter(recommendation__number=4).count() == (98 if expected else 0)


def test_a_correction_changes_today_but_not_what_was_known_before(writer: User) -> None:
    cell = cell_of(10, writer.membership.municipality)
    wrong = make_row(
        cell, "completed", by=writer, effective_on=day("2026-06-01"), recorded_at=moment("2026-06-02 10:00")
    )
    make_row(
        cell,
        "in_progress",
        by=writer,
        effective_on=day("2026-03-01"),
        recorded_at=moment("2026-07-01 10:00"),
        corrects=wrong,
    )

    def status(as_of: str, known_at: datetime | None = None) -> str:
        return Progress.objects.with_status(as_of=day(as_of), known_at=known_at).get(pk=cell.pk).status

    assert status("2026-11-21") == "in_progress"
    assert status("2026-04-01") == "in_progress"
    assert status("2026-11-21", moment("2026-06-30 10:00")) == "completed"
    assert status("2026-04-01", moment("2026-06-30 10:00")) == NOT_ASSESSED


def test_a_day_of_knowledge_ends_when_the_danish_day_ends() -> None:
    assert end_of_day(day("2026-06-30")) == moment("2026-06-30 23:59:59.999999")
    assert danish_day(datetime.fromisoformat("2026-06-30T22:30:00+00:00")) == day("2026-07-01")


def test_the_run_of_a_status_is_broken_by_another_status(writer: User) -> None:
    cell = cell_of(10, writer.membership.municipality)
    for text, status in [
        ("2026-01-10", "in_progress"),
        ("2026-02-10", "on_hold"),
        ("2026-03-10", "in_progress"),
        ("2026-04-10", "in_progress"),
    ]:
        make_row(cell, status, by=writer, effective_on=day(text), recorded_at=moment(f"{text} 10:00"))
    history = with_history([cell], moment=Moment(day("2026-11-01")), reader=writer)[0]
    assert (history.since, history.current.effective_on) == (day("2026-03-10"), day("2026-04-10"))


def test_the_status_of_all_cells_is_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        list(Progress.objects.with_status(as_of=day("2026-11-21")))
