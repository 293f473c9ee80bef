"""The matrix as of a day and since another, against a slow computation that follows the rule word by word."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from initiatives.matrix import Matrix, matrix
from initiatives.matrix_form import MatrixForm
from initiatives.moment import Moment
from initiatives.status import NOT_ASSESSED, UNDER_WAY, Status
from stakeholders.models import Municipality, User
from tests.factories import cell_of, make_row

from .test_as_of import QUESTIONS, STEPS, Written, obviously_right, play, play_addressing, undone

pytestmark = pytest.mark.django_db

# Two that the municipalities are asked about, and one that they may come to be asked about; in two municipalities.
NUMBERS, CODES = (10, 12, 4), (787, 101)
HISTORIES = st.dictionaries(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(CODES)), STEPS, max_size=4)
EVERYTHING: dict[str, Any] = dict.fromkeys(MatrixForm.base_fields, "") | {"kkr": None, "tema": None}


@pytest.fixture
def writer(konsulent: User) -> User:
    return konsulent


def row_of(number: int, code: int, writer: User) -> Any:
    cell = cell_of(number, Municipality.objects.get(code=code))

    def write(content: str, effective_on: date, recorded_at: datetime, corrects: int | None) -> int:
        signal = "red" if content in UNDER_WAY and effective_on.day % 2 else ""
        fields: dict[str, Any] = {"corrects_id": corrects, "note": "Begrundelse", "signal": signal}
        row = make_row(cell, content, by=writer, effective_on=effective_on, recorded_at=recorded_at, **fields)
        return int(row.pk)

    return write


def slow_state(rows: list[Written], as_of: date, known_at: datetime) -> tuple[str, str]:
    status = obviously_right(rows, as_of, known_at)
    holding = [row for row in rows if row.content == status and row.recorded_at <= known_at]
    if not status:
        return NOT_ASSESSED, ""
    corrected = {row.corrects for row in rows if row.recorded_at <= known_at}
    taken = [row for row in holding if row.effective_on <= as_of and row.id not in corrected]
    last = max(taken, key=lambda row: (row.effective_on, row.recorded_at, row.id))
    return status, "red" if status in UNDER_WAY and last.effective_on.day % 2 else ""


def found_states(found: Matrix) -> dict[tuple[int, int], tuple[Any, Any]]:
    return {
        (recommendation.number, row.municipality.code): ((cell.status, cell.signal), cell.before)
        for row in found.rows
        for recommendation, cell in zip(found.recommendations, row.cells, strict=True)
        if cell and recommendation.number in NUMBERS and row.municipality.code in CODES
    }


@given(
    histories=HISTORIES,
    addressing=st.lists(
        st.tuples(st.sampled_from([0, 5, 24]), st.integers(0, 3), st.none(), st.sampled_from(["", *Status.values])),
        max_size=5,
    ),
    questions=QUESTIONS,
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_matrix_agrees_with_the_rule(writer: User, histories: Any, addressing: Any, questions: Any) -> None:
    with undone():
        rows: dict[tuple[int, int], list[Written]] = defaultdict(list)
        for (number, code), steps in histories.items():
            rows[number, code] = play(steps, row_of(number, code, writer))
        asked_rows = play_addressing(addressing, 4)
        days = [as_of for as_of, _ in questions]
        for as_of, known_at in questions:
            since = min(days)
            found = matrix(Moment(as_of, known_at, since), EVERYTHING, writer)
            asked = {10, 12} | ({4} if obviously_right(asked_rows, as_of, known_at) else set())
            expected = {}
            for number in asked:
                for code in CODES:
                    now = slow_state(rows[number, code], as_of, known_at)
                    then = slow_state(rows[number, code], since, known_at)
                    expected[number, code] = (now, then if then != now else None)
            assert found_states(found) == expected
            changed = {(change.recommendation.number, change.municipality.code) for change in found.changes}
            assert changed == {key for key, (_, before) in expected.items() if before}
            completed = sum(now[0] == Status.COMPLETED for now, _ in expected.values())
            assert sum(spread.completed for spread in found.spreads) == completed
