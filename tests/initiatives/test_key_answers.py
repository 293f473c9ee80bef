"""The log of answers to key questions: it only grows, it follows the rule of two dates, and it has one door."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from flere_haender.access import Role
from flere_haender.days import today
from initiatives.models import ChangedSince, KeyAnswer, Question, Recommendation
from initiatives.models.question import answer_all, newest_answer
from initiatives.status import Status
from stakeholders.models import Municipality, User
from tests.factories import THISTED, make_answer, make_question, make_user, moment

from .test_as_of import QUESTIONS, STEPS, obviously_right, play, undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(db: None) -> Question:
    return make_question(slug="har-i")


@pytest.fixture
def row(question: Question, korsbaek: Municipality, hr: User) -> KeyAnswer:
    return question.answer(korsbaek, True, by=hr, note="Siden foråret")


def holds(question: Question, municipality: Municipality) -> Any:
    rows = KeyAnswer.objects.filter(question=question, municipality=municipality).holding(as_of=today())
    return [row.value for row in rows]


@pytest.fixture
def writer() -> User:
    return make_user(Role.EDITOR, Municipality.objects.get(code=THISTED))


@given(steps=STEPS, questions=QUESTIONS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answers_as_of_and_known_at_agree_with_the_rule(writer: User, steps: Any, questions: Any) -> None:
    with undone():
        municipality = writer.membership.municipality
        asked = make_question(kind="choice", options=" ".join(Status.values))
        other = make_question()
        make_answer(other, municipality, False, by=writer, recorded_at=moment("2025-12-01 10:00"))

        def write(content: str, effective_on: date, recorded_at: datetime, corrects: int | None) -> int:
            said = {"effective_on": effective_on, "recorded_at": recorded_at, "corrects_id": corrects}
            return make_answer(asked, municipality, content or None, by=writer, note="Begrundelse", **said).pk

        rows = play(steps, write)
        for as_of, known_at in questions:
            expected = obviously_right(rows, as_of, known_at)
            found = KeyAnswer.objects.filter(question=asked).holding(as_of=as_of, known_at=known_at)
            assert [row.value for row in found] == ([expected] if expected else [])
            both = KeyAnswer.objects.filter(municipality=municipality).holding(as_of=as_of, known_at=None)
            assert [row.value for row in both if row.question_id == other.pk] == [False]


@pytest.mark.parametrize("statement", ["UPDATE {} SET note = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_sql_cannot_change_the_log(row: KeyAnswer, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(KeyAnswer._meta.db_table))
    assert KeyAnswer.objects.get().note == "Siden foråret"


def test_what_the_log_names_is_never_deleted(row: KeyAnswer, hr: User) -> None:
    for named in (row.question, row.municipality, hr):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            named.delete()


def test_who_may_answer(
    question: Question, korsbaek: Municipality, hr: User, konsulent: User, leder: User, laeser: User, nabo: User
) -> None:
    own = question.answer(korsbaek, True, by=hr)
    assert (own.recorded_for, own.on_behalf_of, own.effective_on) == (korsbaek, None, today())
    behalf = question.answer(korsbaek, False, by=konsulent)
    assert (behalf.recorded_for, behalf.on_behalf_of) == (None, korsbaek)
    assert behalf.organisation == "KL på vegne af Korsbæk Kommune"
    for user in (leder, laeser, nabo, make_user(), make_user(is_superuser=True)):
        with pytest.raises(PermissionDenied):
            question.answer(korsbaek, True, by=user)
    assert question.answers.count() == 2


def test_the_database_refuses_one_who_writes_for_another(
    question: Question, korsbaek: Municipality, thisted: Municipality, hr: User, konsulent: User
) -> None:
    make_answer(question, korsbaek, True, by=hr)
    for fields in (
        {"recorded_by": hr, "recorded_for": korsbaek, "on_behalf_of": None},
        {"recorded_by": konsulent, "recorded_for": None, "on_behalf_of": korsbaek},
        {"recorded_by": konsulent, "recorded_for": None, "on_behalf_of": None},
        {"recorded_by": konsulent, "recorded_for": korsbaek, "on_behalf_of": thisted},
        {"recorded_by": None, "recorded_for": thisted, "on_behalf_of": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            KeyAnswer.objects.create(
                question=question,
                municipality=thisted,
                value=True,
                effective_on=today(),
                recorded_at=timezone.now(),
                **fields,
            )


REFUSED_ROWS: dict[str, dict[str, Any]] = {
    "effective_on": {"value": True, "effective_on": today() + timedelta(days=1)},
    "value": {"value": None},
}


@pytest.mark.parametrize("field", REFUSED_ROWS)
def test_what_the_rules_refuse_is_refused_by_the_verb_and_the_database(
    question: Question, korsbaek: Municipality, hr: User, field: str
) -> None:
    said = dict(REFUSED_ROWS[field])
    value = said.pop("value")
    with pytest.raises(ValidationError) as refusal:
        question.answer(korsbaek, value, by=hr, **said)
    assert list(refusal.value.message_dict) == [field]
    with pytest.raises(IntegrityError), transaction.atomic():
        make_answer(question, korsbaek, value, by=hr, recorded_at=timezone.now(), **said)


def test_a_correction_needs_a_reason_and_a_row_of_its_own(row: KeyAnswer, hr: User, konsulent: User) -> None:
    question, korsbaek = row.question, row.municipality
    for value in (False, None):
        with pytest.raises(ValidationError, match="Skriv, hvorfor"):
            question.answer(korsbaek, value, by=hr, corrects=row)
        with pytest.raises(IntegrityError), transaction.atomic():
            make_answer(question, korsbaek, value, by=hr, corrects=row, note="", recorded_at=timezone.now())
    other, thisted = make_question(), Municipality.objects.get(code=THISTED)
    for asked, place in ((other, korsbaek), (question, thisted)):
        with pytest.raises(ValidationError, match="et andet sted"):
            asked.answer(place, True, by=konsulent, corrects=row, note="Forkert")
        with pytest.raises(IntegrityError, match="same subject"), transaction.atomic():
            make_answer(asked, place, True, by=konsulent, corrects=row, recorded_at=timezone.now())
    question.answer(korsbaek, None, by=hr, corrects=row, note="Hører til et andet sted")
    assert holds(question, korsbaek) == []
    with pytest.raises(ValidationError, match="allerede rettet"):
        question.answer(korsbaek, True, by=hr, corrects=row, note="Igen")


def test_the_same_key_writes_once(question: Question, korsbaek: Municipality, hr: User) -> None:
    key = uuid.uuid4()
    first = question.answer(korsbaek, True, by=hr, key=key, seen=None)
    assert question.answer(korsbaek, True, by=hr, key=key, seen=None) == first
    with pytest.raises(ValidationError, match="brugt før"):
        question.answer(korsbaek, False, by=hr, key=key, seen=first.pk)
    assert question.answers.count() == 1


def test_what_has_changed_since_it_was_seen_is_shown(row: KeyAnswer, hr: User, konsulent: User) -> None:
    with pytest.raises(ChangedSince) as changed:
        row.question.answer(row.municipality, False, by=konsulent, seen=None)
    assert changed.value.newest == row
    row.question.answer(row.municipality, False, by=konsulent, seen=row.pk)
    assert holds(row.question, row.municipality) == [False]


def test_one_asks_only_what_is_asked(korsbaek: Municipality, hr: User) -> None:
    to_the_state = make_question(recommendation=4)
    with pytest.raises(ValidationError, match="ikke spurgt om anbefaling 4"):
        to_the_state.answer(korsbaek, True, by=hr)
    retired = make_question(retired_on=today())
    with pytest.raises(ValidationError, match="stilles ikke længere"):
        retired.answer(korsbaek, True, by=hr)
    retired.answer(korsbaek, True, by=hr, effective_on=today() - timedelta(days=1))


# All questions of a recommendation at once


@pytest.fixture
def two(db: None) -> list[Question]:
    return [make_question(slug="et"), make_question(slug="to", kind="number")]


def all_of(two: list[Question], korsbaek: Municipality, by: User, *values: Any, **said: Any) -> list[Any]:
    recommendation = Recommendation.objects.get(number=10)
    rows = answer_all(recommendation, korsbaek, dict(zip(two, values, strict=True)), by=by, **said)
    return [(row.question.slug, row.value) for row in rows]


def test_only_what_is_new_is_written(two: list[Question], korsbaek: Municipality, hr: User) -> None:
    assert all_of(two, korsbaek, hr, True, None) == [("et", True)]
    assert all_of(two, korsbaek, hr, True, 7) == [("to", 7)]
    assert all_of(two, korsbaek, hr, True, 7) == []
    assert all_of(two, korsbaek, hr, None, 7, note="Vi ved det ikke") == [("et", None)]
    assert (holds(two[0], korsbaek), holds(two[1], korsbaek)) == ([], [7])


def test_all_or_nothing(two: list[Question], korsbaek: Municipality, hr: User) -> None:
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        all_of(two, korsbaek, hr, True, -1)
    assert refusal.value.message_dict == {"to": ["Tallet kan ikke være under 0."]}
    assert not KeyAnswer.objects.exists()


def test_a_correction_takes_the_place_of_what_was_wrong(two: list[Question], korsbaek: Municipality, hr: User) -> None:
    long_ago = today() - timedelta(days=90)
    all_of(two, korsbaek, hr, True, 7, effective_on=long_ago)
    all_of(two, korsbaek, hr, True, 8, correcting=True, note="Tastefejl")
    row = KeyAnswer.objects.latest("pk")
    assert (row.value, row.effective_on, row.corrects.value) == (8, long_ago, 7)
    with pytest.raises(ValidationError, match="Vælg den dag eller en senere"), transaction.atomic():
        all_of(two, korsbaek, hr, True, 9, effective_on=long_ago - timedelta(days=1))


def test_a_form_sent_twice_writes_once_and_a_used_one_is_refused(
    two: list[Question], korsbaek: Municipality, hr: User
) -> None:
    key = uuid.uuid4()
    first = all_of(two, korsbaek, hr, True, 7, key=key, seen=None)
    assert sorted(all_of(two, korsbaek, hr, True, 7, key=key, seen=None)) == first
    assert KeyAnswer.objects.count() == len(first) == 2
    with pytest.raises(ValidationError, match="brugt før"):
        all_of(two, korsbaek, hr, True, 8, key=key, seen=None)


def test_two_who_answer_at_once(two: list[Question], korsbaek: Municipality, hr: User, konsulent: User) -> None:
    all_of(two, korsbaek, hr, True, None, seen=None)
    with pytest.raises(ChangedSince):
        all_of(two, korsbaek, konsulent, False, 3, seen=None)
    newest = newest_answer(two[0].recommendation, korsbaek)
    assert newest is not None
    assert all_of(two, korsbaek, konsulent, False, 3, seen=newest.pk) == [("et", False), ("to", 3)]
