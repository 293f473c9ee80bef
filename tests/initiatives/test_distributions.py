"""What all municipalities have answered together: public, of the 98, and without a name for visitors."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from flere_haender.days import today
from initiatives.key_answers import Distribution, answers_of, distributions
from initiatives.models import Question, Recommendation
from initiatives.moment import Moment
from initiatives.opendata import DATASETS
from stakeholders.models import Actor, Municipality, User
from tests.factories import AsUser, day, make_answer, make_question, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def places(db: None) -> list[Municipality]:
    return list(Municipality.objects.real()[:6])


@pytest.fixture
def question(db: None) -> Question:
    """Recommendation 13 has no question of its own in the reference data."""
    return make_question(13, text="Har I et fælles rum?", finding="har et fælles rum")


def of(question: Question, when: Moment | None = None) -> Distribution:
    found = distributions(question.recommendation, when or Moment.now())
    return next(one for one in found if one.question == question)


def answer(question: Question, by: User, answers: dict[Municipality, Any]) -> None:
    for municipality, value in answers.items():
        make_answer(question, municipality, value, by=by)


def parts(one: Distribution) -> list[tuple[str, int, int]]:
    return [(part.label, part.count, round(part.share)) for part in one.parts]


def test_yes_and_no(question: Question, places: list[Municipality], konsulent: User) -> None:
    assert of(question).heading == "Ingen af 98 kommuner har svaret"
    answer(question, konsulent, dict(zip(places, [True, True, False], strict=False)))
    assert of(question).heading == "3 af 98 kommuner har svaret. 2 har et fælles rum."
    assert parts(of(question)) == [("Ja", 2, 67), ("Nej", 1, 33)]
    assert len(of(question).silent) == 95


def test_options_are_counted_of_those_who_have_answered(places: list[Municipality], konsulent: User) -> None:
    one = make_question(13, kind="choice", options="a b c")
    several = make_question(13, kind="choices", options="a b ingen")
    answer(one, konsulent, dict(zip(places, "aabb", strict=False)) | {places[4]: "b"})
    answer(several, konsulent, {places[0]: ["a", "b"], places[1]: ["b"], places[2]: ["ingen"]})
    assert parts(of(one)) == [("Svar a", 2, 40), ("Svar b", 3, 60), ("Svar c", 0, 0)]
    assert of(one).heading == "5 af 98 kommuner har svaret. Flest, 3, svarer “Svar b”."
    assert parts(of(several)) == [("Svar a", 1, 33), ("Svar b", 2, 67), ("Svar ingen", 1, 33)]


def test_numbers_dates_and_links(places: list[Municipality], konsulent: User) -> None:
    number = make_question(13, kind="number", unit="hjælpere")
    answer(number, konsulent, dict(zip(places, [2, 10, 3, 4.5], strict=False)))
    assert of(number).heading == "4 af 98 kommuner har svaret. Den midterste har 3,75 hjælpere."
    assert (of(number).range, parts(of(number))) == ("Fra 2 hjælpere til 10 hjælpere", [])
    date = make_question(13, kind="date")
    answer(date, konsulent, dict(zip(places, ["2024-05-01", "2026-01-01", "2024-12-31"], strict=False)))
    assert parts(of(date)) == [("2026", 1, 33), ("2024", 2, 67)]
    assert of(date).heading == "3 af 98 kommuner har svaret. Flest, 2, svarer 2024."
    link = make_question(13, kind="link")
    answer(link, konsulent, {places[0]: "https://www.a.dk"})
    assert (of(link).heading, parts(of(link))) == ("1 af 98 kommuner har svaret med et link", [])


def test_the_fictional_municipality_counts_nowhere(
    question: Question, korsbaek: Municipality, thisted: Municipality, konsulent: User
) -> None:
    answer(question, konsulent, {korsbaek: True})
    assert of(question).heading == "Ingen af 98 kommuner har svaret"
    answer(question, konsulent, {thisted: True})
    assert [part.municipalities for part in of(question).parts] == [[thisted], []]


def test_what_is_withdrawn_is_no_answer(question: Question, thisted: Municipality, nabo: User) -> None:
    row = question.answer(thisted, True, by=nabo)
    assert of(question).answered == 1
    question.answer(thisted, None, by=nabo, corrects=row, note="Det var ikke os")
    assert of(question).answered == 0


def test_a_question_that_hangs_on_another_is_asked_of_those_alone(places: list[Municipality], konsulent: User) -> None:
    parent = make_question(13)
    child = make_question(13, kind="date", asked_if=parent, asked_if_value=True)
    answer(parent, konsulent, dict(zip(places, [True, True, True, False], strict=False)))
    answer(child, konsulent, {places[0]: "2024-05-01", places[3]: "2025-05-01", places[5]: "2025-05-01"})
    assert of(child).heading == "1 af 3 kommuner har svaret. Flest, 1, svarer 2024."
    own = answers_of(places[3], Moment.now(), recommendations=[parent.recommendation])
    assert [one.question for one in own[parent.recommendation_id]] == [parent]


def test_as_of_a_day_and_as_known_then(question: Question, thisted: Municipality, nabo: User) -> None:
    first = make_answer(question, thisted, True, by=nabo, recorded_at=moment("2026-03-01 10:00"))
    make_answer(question, thisted, False, by=nabo, corrects=first, recorded_at=moment("2026-05-01 10:00"))

    def yes_and_no(as_of: str, known_at: Any = None) -> list[int]:
        return [part.count for part in of(question, Moment(day(as_of), known_at)).parts]

    assert yes_and_no("2026-02-28") == []
    assert yes_and_no("2026-04-01", moment("2026-04-01 10:00")) == [1, 0]
    assert yes_and_no("2026-05-01") == [0, 1]


def test_a_retired_question_stays_in_the_past(question: Question, thisted: Municipality, nabo: User) -> None:
    make_answer(question, thisted, True, by=nabo, recorded_at=moment("2026-03-01 10:00"))
    question.retired_on = day("2026-06-01")
    question.save()
    assert distributions(question.recommendation, Moment.now()) == []
    assert of(question, Moment(day("2026-05-31"))).answered == 1


def page(client: Client, url: str = "/anbefalinger/13/") -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_a_visitor_sees_the_numbers_but_no_municipality(
    as_user: AsUser, gaest: Client, question: Question, places: list[Municipality], konsulent: User, hr: User
) -> None:
    link = make_question(13, kind="link")
    answer(question, konsulent, dict(zip(places, [True, True, False], strict=False)))
    answer(link, konsulent, {places[0]: "https://www.findes-her.dk/"})
    seen = page(as_user(hr))
    assert "3 af 98 kommuner har svaret. 2 har et fælles rum." in seen
    assert f"/kommuner/{places[2].code}/" in seen and "https://www.findes-her.dk/" in seen
    public = page(gaest)
    assert "3 af 98 kommuner har svaret. 2 har et fælles rum." in public
    assert "1 af 98 kommuner har svaret med et link" in public
    assert "/kommuner/" not in public.split("<main", 1)[1]
    assert "findes-her" not in public
    assert all(place.name not in public.split("<main", 1)[1].split("<aside", 1)[0] for place in places)


def test_the_page_follows_the_day(as_user: AsUser, question: Question, thisted: Municipality, nabo: User) -> None:
    make_answer(question, thisted, True, by=nabo, recorded_at=moment("2026-03-01 10:00"))
    assert "1 af 98 kommuner har svaret. 1 har et fælles rum." in page(as_user(None))
    assert "Ingen af 98 kommuner har svaret" in page(as_user(None), "/anbefalinger/13/?pr=2026-02-28")
    assert "Ingen af 98 kommuner har svaret" in page(as_user(None), "/anbefalinger/13/?kendt=2026-02-28")


def test_what_the_municipalities_are_not_asked_about_shows_nothing(
    gaest: Client, question: Question, thisted: Municipality, nabo: User, konsulent: User
) -> None:
    question.answer(thisted, True, by=nabo)
    assert "har et fælles rum" in page(gaest)
    recommendation, kommuner = Recommendation.objects.get(number=13), Actor.objects.get(slug="kommuner")
    recommendation.address(kommuner, by=konsulent, addressed=False, effective_on=today())
    assert "har et fælles rum" not in page(gaest)


def test_open_data_holds_no_answer(gaest: Client, thisted: Municipality, nabo: User, as_user: AsUser) -> None:
    question = make_question(13, kind="link")
    question.answer(thisted, "https://www.findes-her.dk/", by=nabo)
    assert "findes-her" in page(as_user(nabo))
    for name in DATASETS:
        assert "findes-her" not in gaest.get(f"/data/{name}.json").content.decode()
