"""Key questions: what may be answered to each kind, what KL may change, and the reference data."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from flere_haender.days import today
from initiatives.kinds import checked, said
from initiatives.models import Question
from initiatives.reference import load_questions
from stakeholders.models import Municipality, User
from tests.factories import make_answer, make_question

pytestmark = pytest.mark.django_db

FIELDS: dict[str, dict[str, Any]] = {
    "choice": {"options": "a b"},
    "choices": {"options": "a b ingen"},
    "number": {"unit": "hjælpere"},
}

TAKEN = [
    ("yes_no", True, True, "Ja"),
    ("yes_no", False, False, "Nej"),
    ("choice", "b", "b", "Svar b"),
    ("choices", ["b", "a"], ["a", "b"], "Svar a, Svar b"),
    ("choices", ["ingen"], ["ingen"], "Svar ingen"),
    ("number", 0, 0, "0 hjælpere"),
    ("number", 1234.5, 1234.5, "1.234,5 hjælpere"),
    ("number", 12.0, 12, "12 hjælpere"),
    ("date", "1990-01-01", "1990-01-01", "01.01.1990"),
    ("date", today().isoformat(), today().isoformat(), f"{today():%d.%m.%Y}"),
    ("link", "https://www.korsbaek.dk/a?b=c#d", "https://www.korsbaek.dk/a?b=c#d", "https://www.korsbaek.dk/a?b=c#d"),
    ("link", "http://æø.dk", "http://æø.dk", "http://æø.dk"),
]

REFUSED = [
    *(("yes_no", value) for value in (1, "ja", "true", [], None)),
    *(("choice", value) for value in ("c", "", "Svar a", ["a"], True, {"a": 1})),
    *(("choices", value) for value in ([], ["a", "a"], ["a", "c"], "a", ["a", "ingen"], [["a"]], {"a": 1})),
    *(("number", value) for value in (-1, math.nan, math.inf, 10**9, 10**400, 1.234, "12", True, [1])),
    *(("date", value) for value in ("1989-12-31", "2999-01-01", "20260101", "2026-W01-1", "31.05.2026", 5, None)),
    *(
        ("link", value)
        for value in (
            "javascript:alert(1)",
            "JaVaScRiPt://korsbaek.dk/%0aalert(1)",
            "data:text/html,x",
            "ftp://korsbaek.dk",
            "//korsbaek.dk",
            "www.korsbaek.dk",
            "https://",
            "https://localhost",
            "https://navn@korsbaek.dk",
            "https://navn:kode@korsbaek.dk",
            "https://god.dk\\@ond.dk",
            "https://korsbaek.dk/a b",
            "https://korsbaek.dk/\n",
            "https://korsbaek.dk:port",
            "https://[korsbaek.dk",
            "https://korsbaek.dk/" + "x" * 500,
            None,
            7,
        )
    ),
]


def of_kind(kind: str) -> Question:
    return make_question(kind=kind, **FIELDS.get(kind, {}))


@pytest.mark.parametrize(("kind", "value", "kept", "words"), TAKEN)
def test_what_may_be_answered(korsbaek: Municipality, hr: User, kind: str, value: Any, kept: Any, words: str) -> None:
    question = of_kind(kind)
    assert said(question, checked(question, value)) == words
    row = question.answer(korsbaek, value, by=hr)
    row.refresh_from_db()
    assert (row.value, type(row.value)) == (kept, type(kept))


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_what_may_not(kind: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        checked(of_kind(kind), value)
    assert str(refusal.value.message).endswith(".")


WRONG_IN_SQL = [
    ("yes_no", "ja"),
    ("choice", "c"),
    ("choice", ["a"]),
    ("choices", "a"),
    ("choices", []),
    ("choices", ["a", "c"]),
    ("number", "12"),
    ("date", "31.05.2026"),
    ("date", 20260531),
    ("link", "javascript:alert(1)"),
    ("link", {"href": "https://korsbaek.dk"}),
]


@pytest.mark.parametrize(("kind", "value"), WRONG_IN_SQL)
def test_the_database_refuses_another_kind_of_value(korsbaek: Municipality, hr: User, kind: str, value: Any) -> None:
    with pytest.raises(IntegrityError, match="no answer to the question"), transaction.atomic():
        make_answer(of_kind(kind), korsbaek, value, by=hr)


def test_a_number_below_zero_and_a_day_to_come_only_where_the_question_allows(korsbaek: Municipality) -> None:
    assert checked(make_question(kind="number", allows_negative=True), -3) == -3
    assert checked(make_question(kind="date", past_only=False), "2999-01-01") == "2999-01-01"


# What KL may change


def refused(question: Question) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        question.clean()
    return refusal.value.message_dict


def test_what_is_answered_keeps_its_kind_and_its_options(korsbaek: Municipality, hr: User) -> None:
    question = make_question(kind="choices", options="a b c")
    question.answer(korsbaek, ["a", "b"], by=hr)
    changes: dict[str, Any] = {
        "kind": "choice",
        "recommendation_id": question.recommendation_id + 1,
        "options": question.options[1:],
    }
    for field, value in changes.items():
        before = getattr(question, field)
        setattr(question, field, value)
        assert list(refused(question)) == [field.removesuffix("_id")]
        with pytest.raises(IntegrityError), transaction.atomic():
            question.save()
        setattr(question, field, before)
    question.options = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}, {"value": "d", "label": "D"}]
    question.clean()
    question.save()


def test_an_option_of_a_corrected_answer_stays(korsbaek: Municipality, hr: User) -> None:
    question = make_question(kind="choice", options="a b c")
    row = question.answer(korsbaek, "a", by=hr)
    question.answer(korsbaek, "b", by=hr, corrects=row, note="Tastefejl")
    question.options = question.options[1:]
    assert refused(question) == {"options": ["Kommuner har svaret “Svar a”. Den svarmulighed skal blive stående."]}


def test_what_nobody_has_answered_can_be_changed(db: None) -> None:
    question = make_question(kind="choice", options="a b")
    question.kind, question.options = "yes_no", []
    question.clean()
    question.save()


def test_a_question_holds_together(db: None) -> None:
    parent = make_question(recommendation=15, slug="har")
    child = make_question(recommendation=15, asked_if=parent, asked_if_value=True)
    child.clean()
    one, same, alike = ({"value": "a", "label": "A"}, {"value": "a", "label": "B"}, {"value": "b", "label": "A"})
    cases: list[tuple[dict[str, Any], str]] = [
        ({"kind": "choice", "options": []}, "options"),
        ({"kind": "yes_no", "options": [one]}, "options"),
        ({"kind": "choice", "options": [one, same]}, "options"),
        ({"kind": "choice", "options": [one, alike]}, "options"),
        ({"asked_if": child, "asked_if_value": True}, "asked_if"),
        ({"asked_if_value": True}, "asked_if"),
        ({"asked_if": make_question(), "asked_if_value": True}, "asked_if"),
        ({"asked_if": parent, "asked_if_value": "ja"}, "asked_if_value"),
    ]
    for fields, field in cases:
        question = Question(**{"recommendation": parent.recommendation, "kind": "date"} | fields)
        assert list(refused(question)) == [field]


# The reference data


def test_the_questions_of_the_fixture_hold_together_and_concern_the_municipalities(db: None) -> None:
    questions = list(Question.objects.active(on=today()))
    assert {q.recommendation.number for q in questions} == {10, 11, 12, 14, 15, 18, 19, 20, 21, 24, 26}
    for question in questions:
        question.full_clean()
        assert question.is_asked(as_of=today())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(settings.FIXTURE_DIR / "questions.toml", tmp_path)
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "questions.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_loading_again_changes_nothing_and_a_change_is_loaded(folder: Path) -> None:
    assert load_questions(folder) == 0
    change(folder, "Hvornår blev strategien vedtaget?", "Hvornår vedtog I strategien?")
    assert load_questions(folder) == 1
    assert Question.objects.get(slug="strategi-dato").text == "Hvornår vedtog I strategien?"


def test_what_a_user_has_edited_is_never_replaced(folder: Path) -> None:
    question = Question.objects.get(slug="strategi-dato")
    question.help_text = "KL’s egen hjælp"
    question.save()
    change(folder, "Hvornår blev strategien vedtaget?", "Hvornår vedtog I strategien?")
    load_questions(folder)
    question.refresh_from_db()
    assert (question.text, question.help_text) == ("Hvornår blev strategien vedtaget?", "KL’s egen hjælp")
    change(folder, "Hvornår vedtog I strategien?", "Og igen?")
    load_questions(folder)
    question.refresh_from_db()
    assert question.help_text == "KL’s egen hjælp"
