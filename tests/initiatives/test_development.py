"""How the answers to a recommendation have moved: the figures of each month agree with the rule of the log."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flere_haender.access import Role
from flere_haender.days import end_of_day, today
from initiatives.development import apart, development, month_ends
from initiatives.models import Progress, Recommendation
from initiatives.models.plan import Actor
from initiatives.moment import Moment
from initiatives.overview import spreads
from initiatives.status import STATUS_LABELS, Status
from stakeholders.models import Municipality, User
from tests.factories import THISTED, AsUser, cell_of, day, make_row, make_user, moment

from .test_as_of import undone

pytestmark = pytest.mark.django_db

FIRST = moment("2026-01-02 09:00")
# (days since the step before, days that it is late, which row it corrects, in which municipality, what it says)
STEPS = st.lists(
    st.tuples(
        st.integers(0, 25),
        st.integers(0, 40),
        st.one_of(st.none(), st.integers(0, 9)),
        st.sampled_from([THISTED, 101]),
        st.sampled_from(["", *Status.values]),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture
def writer() -> User:
    return make_user(Role.KL_CONSULTANT)


def play(steps: Any, cells: dict[int, Progress], by: User) -> None:
    at, free = FIRST, {code: [] for code in cells}
    for days, late, wish, code, status in steps:
        at += timedelta(days=days)
        corrects = free[code].pop(wish % len(free[code])) if wish is not None and free[code] else None
        if status or corrects:
            on = at.date() - timedelta(days=late)
            row = make_row(
                cells[code], status, by=by, effective_on=on, recorded_at=at, corrects_id=corrects, note="Begrundelse"
            )
            free[code].append(row.pk)


@given(steps=STEPS, as_of=st.integers(0, 300), known=st.one_of(st.none(), st.integers(0, 300)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_point_is_what_the_queries_say(writer: User, steps: Any, as_of: int, known: int | None) -> None:
    with undone():
        cells = {code: cell_of(10, Municipality.objects.get(code=code)) for code in (THISTED, 101)}
        play(steps, cells, writer)
        last = FIRST.date() + timedelta(days=as_of)
        known_at = None if known is None else end_of_day(FIRST.date() + timedelta(days=known))
        found = development(cells[101].recommendation, Moment(last, known_at))
        if found is None:
            assert not spreads(Moment(last, known_at))[cells[101].recommendation_id].answered
            return
        assert found.last.day == last
        for point in found.points:
            assert point.spread == spreads(Moment(point.day, known_at))[cells[101].recommendation_id]


def test_the_days_are_the_ends_of_the_months_and_the_last_day() -> None:
    days = [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)]
    assert month_ends(date(2026, 1, 1), date(2026, 3, 1)) == [*days, date(2026, 3, 1)]
    assert month_ends(date(2026, 1, 31), date(2026, 2, 28)) == days


def test_labels_have_a_line_each_and_stay_in_the_picture() -> None:
    assert apart([2, 4, 200], 18, 260) == [2, 20, 200]
    assert apart([100, 250, 255], 18, 260) == [100, 242, 260]
    assert apart([], 18, 260) == []


def test_the_heading_says_how_many_have_completed(writer: User) -> None:
    thisted = Municipality.objects.get(code=THISTED)
    make_row(cell_of(10, thisted), "planned", by=writer, effective_on=day("2024-01-15"))
    make_row(cell_of(10, thisted), "completed", by=writer, effective_on=day("2025-06-15"))

    def heading(on: str) -> str:
        found = development(cell_of(10).recommendation, Moment(day(on)))
        return found.heading if found else ""

    assert heading("2024-01-14") == ""
    assert heading("2024-06-30") == "Ingen kommuner har gennemført endnu"
    assert heading("2025-12-31") == "Siden december 2023 er de gennemførte gået fra 0 til 1 kommune"


def test_the_fictional_municipality_is_not_in_it(hr: User, korsbaek: Municipality, writer: User) -> None:
    make_row(cell_of(10, korsbaek), "completed", by=hr, effective_on=day("2025-06-15"))
    assert development(cell_of(10).recommendation, Moment.now()) is None
    make_row(cell_of(10, Municipality.objects.get(code=THISTED)), "planned", by=writer, effective_on=day("2025-06-15"))
    found = development(cell_of(10).recommendation, Moment.now())
    assert found and (found.last.spread.total, found.last.spread.completed) == (98, 0)


def test_it_begins_when_the_municipalities_were_last_begun_asked(writer: User) -> None:
    recommendation = Recommendation.objects.get(number=10)
    municipalities = Actor.objects.get(slug="kommuner")
    make_row(cell_of(10, Municipality.objects.get(code=THISTED)), "planned", by=writer, effective_on=day("2025-01-15"))
    for on, addressed in (("2025-04-10", False), ("2025-08-10", True)):
        recommendation.address(municipalities, by=writer, addressed=addressed, effective_on=day(on))

    def days(on: str) -> list[date]:
        found = development(recommendation, Moment(day(on)))
        return [point.day for point in found.points] if found else []

    assert days("2025-03-31")[0] == day("2024-12-31")
    assert days("2025-06-30") == []
    assert days("2025-10-15") == [day("2025-08-31"), day("2025-09-30"), day("2025-10-15")]


def test_three_queries_however_long_the_history(writer: User, django_assert_num_queries: Any) -> None:
    cell = cell_of(10, Municipality.objects.get(code=THISTED))
    for month in range(1, 13):
        make_row(cell, "planned", by=writer, effective_on=date(2025, month, 3))
    with django_assert_num_queries(3):
        found = development(cell.recommendation, Moment.now())
    assert found and len(found.points) > 12


def test_it_is_public_with_its_table(as_user: AsUser, writer: User) -> None:
    url = "/anbefalinger/10/"
    assert 'id="udvikling"' not in as_user(None).get(url).content.decode()
    statuses = ["completed", "on_hold", "not_relevant"]
    for status, municipality in zip(statuses, Municipality.objects.real(), strict=False):
        make_row(cell_of(10, municipality), status, by=writer, effective_on=today() - timedelta(days=90), note="N")
    page = as_user(None).get(url).content.decode()
    assert "er de gennemførte gået fra 0 til 1 kommune</h2>" in page
    assert "De, der har svaret Ikke relevant, er ikke tegnet." in page
    for label in STATUS_LABELS.values():
        assert f'<th scope="col" class="numeric">{label}</th>' in page
    assert page.count("<polygon") == 4  # three statuses, and the edge above them
