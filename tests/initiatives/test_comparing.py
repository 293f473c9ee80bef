"""A municipality beside its KKR, the country and up to four others: for members, and all in the address."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flere_haender.access import Role
from flere_haender.days import today
from initiatives.comparing import Comparison, is_forward
from initiatives.moment import Moment
from initiatives.status import NOT_ASSESSED
from stakeholders.models import Municipality, User
from tests.factories import AsUser, cell_of, make_action, make_answer, make_question, make_row, make_user

pytestmark = pytest.mark.django_db

TWO_YEARS_AGO, LAST_MONTH = today() - timedelta(days=730), today() - timedelta(days=30)
URL = "/sammenlign/"


@pytest.fixture
def samsoe() -> Municipality:
    return Municipality.objects.get(code=741)


def side_by_name(comparison: Comparison) -> dict[str, Any]:
    return {side.name: side for side in comparison.sides}


def test_the_own_municipality_stands_first_beside_its_kkr_and_the_country(
    hr: User, nabo: User, korsbaek: Municipality, thisted: Municipality
) -> None:
    make_row(cell_of(10, korsbaek), "completed", by=hr)
    make_row(cell_of(11, korsbaek), "not_relevant", by=hr, note="Begrundelse")
    make_row(cell_of(10, thisted), "completed", by=nabo)
    sides = side_by_name(Comparison(korsbaek, [thisted], Moment.now(), hr))
    assert list(sides) == ["Korsbæk", "KKR Sjælland", "Hele landet", "Thisted"]
    # The fictional municipality is compared, and counts in no figure but its own.
    assert sides["Korsbæk"].completed == "5 pct. (1 af 19)"
    assert sides["KKR Sjælland"].completed == "–"
    assert sides["Hele landet"].completed == "0 pct. (1 af 1.960)"
    assert sides["Thisted"].completed == "5 pct. (1 af 20)"


FORWARD = [
    ("not_started", "planned", True),
    ("on_hold", "in_progress", True),
    ("in_progress", "completed", True),
    ("completed", "in_progress", False),
    ("planned", "planned", False),
    ("in_progress", "on_hold", False),
    (NOT_ASSESSED, "completed", False),
    ("planned", "not_relevant", False),
]


@pytest.mark.parametrize(("before", "now", "forward"), FORWARD)
def test_what_is_a_step_forward(before: str, now: str, forward: bool) -> None:
    assert is_forward(before, now) == forward


def test_pace_and_freshness_are_of_the_last_year(nabo: User, thisted: Municipality) -> None:
    for number, then, now in ((10, "planned", "completed"), (11, "planned", "planned"), (12, "completed", None)):
        make_row(cell_of(number, thisted), then, by=nabo, effective_on=TWO_YEARS_AGO)
        if now:
            make_row(cell_of(number, thisted), now, by=nabo, effective_on=LAST_MONTH)
    side = side_by_name(Comparison(thisted, [], Moment.now(), nabo))["Thisted"]
    assert (side.moved, side.fresh, side.typical_day) == ("5 pct. (1 af 20)", "67 pct. (2 af 3)", LAST_MONTH)


def test_only_local_actions_that_are_shared_are_counted_and_the_fictional_in_no_country(
    hr: User, nabo: User, korsbaek: Municipality, thisted: Municipality
) -> None:
    for visibility in ("shared", "shared", "draft"):
        make_action(thisted, by=nabo, visibility=visibility)
        make_action(korsbaek, by=hr, visibility=visibility)
    sides = side_by_name(Comparison(korsbaek, [thisted], Moment.now(), hr))
    assert (sides["Korsbæk"].shared, sides["Thisted"].shared) == ("2", "2")
    assert sides["Hele landet"].shared == "2 (i 1 af 98 kommuner)"


def test_key_answers_stand_side_by_side(hr: User, nabo: User, korsbaek: Municipality, thisted: Municipality) -> None:
    question = make_question(10)
    follow_up = make_question(10, asked_if=question, asked_if_value=True)
    make_answer(question, thisted, False, by=nabo)
    make_answer(question, korsbaek, True, by=hr)
    rows = {row.question: dict(row.answers) for row in Comparison(korsbaek, [thisted], Moment.now(), hr).questions}
    assert (rows[question]["Korsbæk"], rows[question]["Thisted"]) == ("Ja", "Nej")
    assert rows[question]["Hele landet"] == "1 af 98 kommuner har svaret. Ingen svarer ja."
    assert (rows[follow_up]["Korsbæk"], rows[follow_up]["Thisted"]) == ("Ikke besvaret", "Ikke spurgt")


def test_the_heading_says_who_has_completed_more(nabo: User, thisted: Municipality) -> None:
    assert Comparison(thisted, [], Moment.now(), nabo).heading == "Thisted Kommune har ikke svaret endnu"
    make_row(cell_of(10, thisted), "completed", by=nabo)
    heading = Comparison(thisted, [], Moment.now(), nabo).heading.replace("\N{NO-BREAK SPACE}", " ")
    assert heading == (
        "Thisted Kommune har gennemført en større del end landet: 5 pct. (1 af 20) mod 0 pct. (1 af 1.960)"
    )


def test_a_municipality_begins_with_itself_and_kl_chooses(
    as_user: AsUser, hr: User, konsulent: User, thisted: Municipality
) -> None:
    own = as_user(hr).get(URL)
    assert own.context["comparison"].first.code == 999
    assert as_user(hr).get(f"{URL}?kommune=").context["comparison"].first.code == 999
    assert as_user(konsulent).get(URL).context["comparison"] is None
    chosen = as_user(konsulent).get(f"{URL}?kommune=787&med=&med=741&med=101&med=741&med=787").context
    assert [side.name for side in chosen["comparison"].sides if side.municipality] == ["Thisted", "Samsø", "København"]


BAD = [
    ("kommune=100", "Kommune: Vælg en kommune fra listen."),
    ("kommune=%00", "Null-tegn er ikke tilladte."),
    ("kommune=787&med=100", "Sammenlign med: Vælg en kommune fra listen."),
    ("med=99999999999999999999", "Sammenlign med: Vælg en kommune fra listen."),
    ("med=%00", "Null-tegn er ikke tilladte."),
    ("med=x' OR 1=1", "Sammenlign med: Vælg en kommune fra listen."),
    ("med=741&med=101&med=851&med=151&med=147", "Sammenlign med: Vælg højst fire kommuner."),
]


@pytest.mark.parametrize(("query", "message"), BAD)
def test_what_cannot_be_used_is_said_and_nothing_is_shown_instead(
    as_user: AsUser, hr: User, query: str, message: str
) -> None:
    for suffix in ("", "&format=csv"):
        response = as_user(hr).get(f"{URL}?{query}{suffix}")
        assert (response.status_code, message in response.content.decode()) == (400, True)
        assert response.context["comparison"] is None


def test_the_file_holds_what_the_page_shows(as_user: AsUser, nabo: User, thisted: Municipality) -> None:
    make_row(cell_of(10, thisted), "completed", by=nabo)
    client = as_user(nabo)
    text = client.get(f"{URL}?med=741&format=csv").getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0] == ["Del", "Nr.", "Hvad", "Thisted", "KKR Nordjylland", "Hele landet", "Samsø"]
    assert rows[1][2:] == ["Gennemført", "5 pct. (1 af 20)", "0 pct. (1 af 220)", "0 pct. (1 af 1.960)", "–"]
    tenth = next(row for row in rows if row[:2] == ["Anbefaling", "10"])
    assert tenth[3:] == ["Gennemført", "1 af 11 gennemført", "1 af 98 gennemført", "Ikke vurderet"]
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{URL}?med=741&format=xlsx").getvalue()))
    assert len(list(book.active.rows)) == len(rows)
    assert client.get(f"{URL}?format=pdf").status_code == 400


def test_it_costs_the_same_however_many_are_compared(
    as_user: AsUser, hr: User, nabo: User, korsbaek: Municipality, thisted: Municipality
) -> None:
    client = as_user(hr)

    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    one = f"{URL}?med=741"
    queries(one)
    alone = queries(one)
    for number in (10, 11, 12):
        make_row(cell_of(number, thisted), "completed", by=nabo)
        make_action(thisted, by=nabo)
    others = "&".join(f"med={code}" for code in (787, 741, 101, 851))
    together = queries(f"{URL}?{others}")
    assert (together - alone, together <= 18) == (0, True), (alone, together)


def test_nothing_of_it_is_public(as_user: AsUser) -> None:
    assert as_user(None).get(f"{URL}?kommune=787").status_code == 302
    assert as_user(make_user(Role.KL_READER)).get(f"{URL}?kommune=787").status_code == 200
    assert URL not in as_user(None).get("/kommuner/").content.decode()


def test_as_of_an_earlier_day(as_user: AsUser, hr: User, korsbaek: Municipality) -> None:
    make_row(cell_of(10, korsbaek), "completed", by=hr, effective_on=TWO_YEARS_AGO)
    make_row(cell_of(11, korsbaek), "completed", by=hr, effective_on=LAST_MONTH)
    make_action(korsbaek, by=hr)
    client, day = as_user(hr), today() - timedelta(days=40)
    page = client.get(f"{URL}?pr={day}")
    assert page.context["comparison"].sides[0].completed == "5 pct. (1 af 20)"
    html = page.content.decode()
    assert "Vis status nu" in html and f'value="{day}"' in html and f"/kommuner/999/?pr={day}" in html
    assert "Lokale indsatser, der er delt" not in html
    assert "Lokale indsatser, der er delt" not in client.get(f"{URL}?pr={day}&format=csv").getvalue().decode()
    assert client.get(URL).context["comparison"].sides[0].completed == "10 pct. (2 af 20)"
    assert "Lokale indsatser, der er delt" in client.get(URL).content.decode()
    wrong = client.get(f"{URL}?pr=2999-01-01")
    assert wrong.status_code == 400 and "Datoen kan ikke ligge efter i dag." in wrong.content.decode()
