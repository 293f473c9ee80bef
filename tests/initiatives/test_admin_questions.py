"""KL edits the questions in the admin; what is answered keeps its meaning, and the log is only looked at."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from initiatives.models import KeyAnswer, Question
from stakeholders.models import Municipality, User
from tests.factories import AsUser, make_question

pytestmark = pytest.mark.django_db


def typed(question: Question, **fields: Any) -> dict[str, Any]:
    return {
        "recommendation": question.recommendation_id,
        "slug": question.slug,
        "text": question.text,
        "kind": question.kind,
        "order": 1,
        "options": "a: Svar a\nb: Svar b\n",
        "past_only": "on",
    } | fields


def url(question: Question) -> str:
    return reverse("admin:initiatives_question_change", args=[question.pk])


def test_a_question_is_added_with_its_options_as_lines(as_user: AsUser, konsulent: User) -> None:
    parent = make_question(15, slug="har")
    fields = typed(parent, slug="hvilke", kind="choices", asked_if=parent.pk, asked_if_value="Ja")
    response = as_user(konsulent).post(reverse("admin:initiatives_question_add"), fields)
    assert response.status_code == 302
    question = Question.objects.get(slug="hvilke")
    assert question.options == [{"value": "a", "label": "Svar a"}, {"value": "b", "label": "Svar b"}]
    assert (question.asked_if, question.asked_if_value) == (parent, True)
    assert "a: Svar a" in as_user(konsulent).get(url(question)).content.decode()


REFUSED = [
    ({"kind": "choice"}, "svartypen kan ikke ændres. Lad dette udgå, og opret et nyt spørgsmål."),
    ({"options": "a: Svar a\nc: Svar c"}, "Kommuner har svaret “Svar b”. Den svarmulighed skal blive stående."),
    ({"options": "a"}, "Skriv hver svarmulighed som kode: tekst"),
    ({"options": "Æ b: Svar"}, "må kun have a-z, 0-9 og -."),
    ({"options": "%d {x}: Svar"}, "Koden “%d {x}” må kun have a-z, 0-9 og -."),
    ({"options": "a: A\x00"}, "Null-tegn er ikke tilladte."),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_what_is_answered_keeps_its_kind_and_options(
    as_user: AsUser, konsulent: User, hr: User, korsbaek: Municipality, fields: dict[str, Any], message: str
) -> None:
    question = make_question(kind="choices", options="a b")
    question.answer(korsbaek, ["b"], by=hr)
    response = as_user(konsulent).post(url(question), typed(question, **fields))
    assert response.status_code == 200
    assert message in response.content.decode()
    question.refresh_from_db()
    assert (question.kind, question.labels) == ("choices", {"a": "Svar a", "b": "Svar b"})


def test_a_label_can_be_put_right_but_the_code_and_the_row_stay(
    as_user: AsUser, konsulent: User, hr: User, korsbaek: Municipality
) -> None:
    question = make_question(slug="min", kind="choices", options="a b")
    question.answer(korsbaek, ["b"], by=hr)
    fields = typed(question, slug="en-anden", options="a: Svar a\nb: Svar B\nc: Svar c")
    assert as_user(konsulent).post(url(question), fields).status_code == 302
    question.refresh_from_db()
    assert (question.slug, question.labels) == ("min", {"a": "Svar a", "b": "Svar B", "c": "Svar c"})
    delete = reverse("admin:initiatives_question_delete", args=[question.pk])
    assert as_user(konsulent).post(delete, {"post": "yes"}).status_code == 403


def test_the_log_is_only_looked_at(as_user: AsUser, konsulent: User, hr: User, korsbaek: Municipality) -> None:
    row = make_question(text="Har I?").answer(korsbaek, True, by=hr)
    client = as_user(konsulent)
    page = reverse("admin:initiatives_keyanswer_change", args=[row.pk])
    html = client.get(page).content.decode()
    assert "Har I?" in html and "Hanne Lund, Korsbæk Kommune" in html
    assert client.get(reverse("admin:initiatives_keyanswer_changelist")).status_code == 200
    assert client.post(page, {"note": "x"}).status_code == 403
    assert client.get(reverse("admin:initiatives_keyanswer_add")).status_code == 403
    assert KeyAnswer.objects.get().note == ""
