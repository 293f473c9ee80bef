"""Answering the key questions on a page of their own: 302, 422, 409; and as fields of any other form."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from flere_haender.days import today
from initiatives.models import KeyAnswer, Question
from initiatives.question_forms import QuestionsForm
from stakeholders.models import Municipality, User
from tests.factories import AsUser, make_question

pytestmark = pytest.mark.django_db

URL = "/kommuner/999/anbefalinger/15/spoergsmaal/"
STRATEGY = {
    "spg-strategi-vedtaget": "ja",
    "spg-strategi-dato": "24.09.2026",
    "spg-strategi-link": "www.korsbaek.dk/strategi",
}


def typed(**fields: Any) -> dict[str, Any]:
    return {**STRATEGY, "key": uuid.uuid4(), "seen": "", "effective_on": today()} | {
        name.replace("_", "-") if name.startswith("spg") else name: value for name, value in fields.items()
    }


def values() -> dict[str, Any]:
    return dict(KeyAnswer.objects.holding(as_of=today()).values_list("question__slug", "value"))


SAVED = {
    "strategi-vedtaget": True,
    "strategi-dato": "2026-09-24",
    "strategi-link": "https://www.korsbaek.dk/strategi",
}


def test_saved_is_302_to_the_cell_and_stands_on_the_page(as_user: AsUser, hr: User, nabo: User) -> None:
    response = as_user(hr).post(URL, typed())
    assert (response.status_code, response["Location"]) == (302, "/kommuner/999/#anbefaling-15")
    assert values() == SAVED
    for reader, may_edit in ((hr, True), (nabo, False)):
        html = as_user(reader).get("/kommuner/999/").content.decode()
        assert "24.09.2026" in html and 'href="https://www.korsbaek.dk/strategi"' in html
        assert (URL in html) == may_edit


def test_kl_answers_on_behalf(as_user: AsUser, konsulent: User, korsbaek: Municipality) -> None:
    client = as_user(konsulent)
    assert "Du svarer på vegne af Korsbæk Kommune." in client.get(URL).content.decode()
    assert client.post(URL, typed()).status_code == 302
    assert {row.organisation for row in KeyAnswer.objects.all()} == {"KL på vegne af Korsbæk Kommune"}


REFUSALS = [
    ({"spg_strategi_vedtaget": "måske"}, "Vælg et svar fra listen."),
    ({"spg_strategi_dato": "i går"}, "Skriv en dato som 2026-05-31 eller 31.05.2026."),
    ({"spg_strategi_dato": "2999-01-01"}, "Datoen kan ikke ligge efter i dag."),
    ({"spg_strategi_dato": "0001-01-01"}, "Datoen kan ikke ligge før 1990."),
    ({"spg_strategi_link": "javascript:alert(1)"}, "Skriv en adresse, der begynder med https:// eller http://."),
    ({"spg_strategi_link": "nul\x00tegn"}, "Null-tegn er ikke tilladte."),
    ({"note": "nul\x00tegn"}, "Null-tegn er ikke tilladte."),
    ({"note": "x" * 4001}, "Teksten er for lang. Skriv højst 4000 tegn."),
    ({"effective_on": "2999-01-01"}, "Datoen kan ikke ligge efter i dag."),
    ({"effective_on": "2019-05-31"}, "Kommunerne er ikke spurgt om anbefaling 15 den 31.05.2019."),
    ({"effective_on": "0001-01-01"}, "Datoen kan ikke ligge før 2018."),
    ({"key": "ikke-en-nøgle"}, "Formularen er ikke hel."),
    ({"seen": "abc"}, "Formularen er ikke hel."),
]


@pytest.mark.parametrize(("fields", "message"), REFUSALS)
def test_refused_is_422_with_the_form_as_typed(
    as_user: AsUser, hr: User, fields: dict[str, Any], message: str
) -> None:
    response = as_user(hr).post(URL, typed(**{"note": "Bliver stående"} | fields))
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    if "note" not in fields:
        assert "Bliver stående" in html
    if "spg_strategi_link" not in fields:
        assert "www.korsbaek.dk/strategi" in html
    assert not KeyAnswer.objects.exists()


def test_taking_an_answer_away_needs_a_reason(as_user: AsUser, hr: User) -> None:
    client = as_user(hr)
    client.post(URL, typed())
    away = typed(spg_strategi_link="", seen=KeyAnswer.objects.latest("pk").pk)
    refused = client.post(URL, away)
    assert refused.status_code == 422
    assert "Skriv, hvorfor svaret rettes eller trækkes tilbage." in refused.content.decode()
    assert client.post(URL, away | {"note": "Siden er nedlagt"}).status_code == 302
    assert "strategi-link" not in values()


def test_changed_since_is_409_with_both(as_user: AsUser, hr: User, konsulent: User) -> None:
    as_user(hr).post(URL, typed())
    mine = typed(spg_strategi_vedtaget="nej")
    response = as_user(konsulent).post(URL, mine)
    html = response.content.decode()
    assert response.status_code == 409
    assert "En anden har gemt imens. Her er begge svar." in html
    assert '<td data-label="Gemt">Ja</td><td data-label="Dit svar">Nej</td>' in html
    assert values() == SAVED
    again = response.context["form"]
    assert (
        as_user(konsulent).post(URL, mine | {name: again[name].value() for name in ("seen", "key")}).status_code == 302
    )
    assert values()["strategi-vedtaget"] is False


def test_what_is_no_longer_asked_is_left_alone_and_comes_back(as_user: AsUser, hr: User) -> None:
    """Whoever answers no keeps the old date in the log, without seeing it."""
    client = as_user(hr)
    client.post(URL, typed())
    no = typed(spg_strategi_vedtaget="nej", spg_strategi_dato="vrøvl", seen=KeyAnswer.objects.latest("pk").pk)
    assert client.post(URL, no).status_code == 302
    assert values() == SAVED | {"strategi-vedtaget": False}
    html = client.get("/kommuner/999/").content.decode()
    assert "Har I en politisk vedtaget strategi" in html and "24.09.2026" not in html


@pytest.mark.parametrize("path", ["/kommuner/999/anbefalinger/1/", "/kommuner/100/anbefalinger/15/"])
def test_what_is_not_there_is_404(as_user: AsUser, hr: User, path: str) -> None:
    assert as_user(hr).get(f"{path}spoergsmaal/").status_code == 404


# As fields of another form


def asked(*questions: Question) -> list[Question]:
    return list(Question.objects.active(on=today()).filter(pk__in=[question.pk for question in questions]))


def filled(questions: list[Question], query: str) -> QuestionsForm:
    return QuestionsForm(questions, QueryDict(query))


CLEANED = [
    ("yes_no", {}, "spg-s=ja", True),
    ("yes_no", {}, "spg-s=nej", False),
    ("yes_no", {}, "spg-s=", None),
    ("yes_no", {}, "", None),
    ("choice", {"options": "a b"}, "spg-s=b", "b"),
    ("choices", {"options": "a b c"}, "spg-s=c&spg-s=a", ["a", "c"]),
    ("choices", {"options": "a b c"}, "", None),
    ("number", {}, "spg-s=12", 12),
    ("number", {}, "spg-s=1.234,5", 1234.5),
    ("number", {}, "spg-s=+0%20", 0),
    ("number", {}, "spg-s=", None),
    ("date", {}, "spg-s=31.05.2024", "2024-05-31"),
    ("date", {}, "spg-s=2024-05-31", "2024-05-31"),
    ("link", {}, "spg-s=www.korsbaek.dk", "https://www.korsbaek.dk"),
    ("link", {}, "spg-s=", None),
]


@pytest.mark.parametrize(("kind", "fields", "query", "value"), CLEANED)
def test_what_is_typed_becomes_a_value_for_json(kind: str, fields: dict, query: str, value: Any) -> None:
    questions = asked(make_question(slug="s", kind=kind, **fields))
    form = filled(questions, query)
    assert form.is_valid(), form.errors
    assert json.loads(json.dumps(form.values)) == {"s": value}
    again = QuestionsForm(questions, held=form.values)
    shown = again["spg-s"].value()
    sent = QueryDict(mutable=True)
    sent.setlist("spg-s", shown if isinstance(shown, list) else [str(shown or "")])
    form = QuestionsForm(questions, sent)
    assert form.is_valid() and form.values == {"s": value}


NOT_UNDERSTOOD = [
    ("number", {}, ["12.5", "1,2,3", "1e5", "tolv", "NaN", "1234567890123", "-1", "1,234"]),
    ("choices", {"options": "a ingen"}, ["x", "a&spg-s=ingen"]),
    ("choice", {"options": "a b"}, ["x"]),
    ("date", {}, ["31-05-2024", "31.02.2024"]),
]


@pytest.mark.parametrize(("kind", "fields", "wrong"), NOT_UNDERSTOOD)
def test_what_is_not_understood_is_said_at_the_field(kind: str, fields: dict, wrong: list[str]) -> None:
    questions = asked(make_question(slug="s", kind=kind, **fields))
    for text in wrong:
        form = filled(questions, f"spg-s={text}")
        assert (text, list(form.errors)) == (text, ["spg-s"])


def test_a_question_that_hangs_on_another_is_let_go_where_it_is_not_asked() -> None:
    questions = list(Question.objects.active(on=today()).filter(recommendation__number=15))
    form = filled(questions, "spg-strategi-vedtaget=nej&spg-strategi-dato=vrøvl")
    assert form.is_valid() and form.values == {"strategi-vedtaget": False}
    form = filled(questions, "spg-strategi-vedtaget=ja")
    assert form.is_valid()
    assert form.values == {"strategi-vedtaget": True, "strategi-dato": None, "strategi-link": None}


def test_the_fields_are_native_and_the_answer_that_opens_more_is_marked() -> None:
    questions = list(Question.objects.active(on=today()).filter(recommendation__number=15))
    form = QuestionsForm(questions, held={"strategi-vedtaget": True, "strategi-dato": "2026-09-24"})
    html = render_to_string("initiatives/_questions.html", {"questions": form})
    (opening,) = [tag for tag in html.split("<") if "data-opens" in tag]
    assert 'value="ja"' in opening and "checked" in opening
    assert 'type="date" name="spg-strategi-dato"' in html and 'value="2026-09-24"' in html
    assert html.index("question__then") < html.index("spg-strategi-dato")
