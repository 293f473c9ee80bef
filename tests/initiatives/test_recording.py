"""The fixed interface for writing a status: 302, 422, 409, 403, 404."""

from __future__ import annotations

from typing import Any

import pytest

from flere_haender.days import today
from initiatives.models import Progress, StatusUpdate
from stakeholders.models import Municipality, User
from tests.factories import THISTED, AsUser, cell_of, status_form

pytestmark = pytest.mark.django_db

URL = "/kommuner/999/anbefalinger/10/status/"


def test_saved_is_302_to_the_cell(as_user: AsUser, hr: User, cell: Progress) -> None:
    response = as_user(hr).post(URL, status_form(internal_note="Kun os", expected_on="2027-05-01"))
    assert (response.status_code, response["Location"]) == (302, "/kommuner/999/#anbefaling-10")
    row = cell.updates.get()
    assert (row.status, row.signal, row.note, row.internal_note) == (
        "in_progress",
        "yellow",
        "Vi er i gang.",
        "Kun os",
    )
    assert (row.effective_on, row.recorded_by) == (today(), hr)


def test_htmx_gets_the_fragment(as_user: AsUser, hr: User, cell: Progress) -> None:
    response = as_user(hr).post(URL, status_form(), headers={"HX-Request": "true"})
    html = response.content.decode()
    assert response.status_code == 200
    assert 'id="anbefaling-10"' in html and "<html" not in html
    assert f"/statusnotat/{cell.updates.get().pk}/fortryd/" in html


REFUSALS = [
    ({"status": ""}, "Vælg en status."),
    ({"status": "faerdig"}, "Vælg en status fra listen."),
    ({"status": "not_relevant", "signal": "", "note": " "}, "Skriv, hvorfor anbefaling 10 ikke er relevant hos jer."),
    ({"status": "completed"}, "Trafiklys kan kun vælges ved Planlagt og I gang."),
    ({"signal": "lilla"}, "Vælg et trafiklys fra listen."),
    ({"effective_on": "2999-01-01"}, "Datoen kan ikke ligge efter i dag."),
    ({"effective_on": "i går"}, "Skriv en dato som 2026-05-31 eller 31.05.2026."),
    ({"effective_on": "0001-01-01"}, "Datoen kan ikke ligge før 2018."),
    ({"effective_on": "2019-05-31"}, "Kommunerne er ikke spurgt om anbefaling 10 den 31.05.2019."),
    ({"status": "completed", "signal": "", "expected_on": "2027-01-01"}, "En forventet dato kan kun sættes ved"),
    ({"corrects": "7777777777777777777777"}, "Svaret, der rettes, findes ikke her."),
    ({"key": "ikke-en-nøgle"}, "Formularen er ikke hel."),
    ({"seen": "abc"}, "Formularen er ikke hel."),
    ({"note": "x" * 4001}, "Teksten er for lang. Skriv højst 4000 tegn."),
    ({"note": "nul\x00tegn"}, "Null-tegn er ikke tilladte."),
]


@pytest.mark.parametrize(("fields", "message"), REFUSALS)
def test_refused_is_422_with_the_form_as_typed(
    as_user: AsUser, hr: User, cell: Progress, fields: dict[str, Any], message: str
) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        response = as_user(hr).post(URL, status_form(internal_note="Bliver stående") | fields, headers=headers)
        html = response.content.decode()
        assert response.status_code == 422
        assert message in html
        assert "Bliver stående" in html
    assert not cell.updates.exists()


def test_changed_since_is_409_with_both_versions(as_user: AsUser, hr: User, konsulent: User, cell: Progress) -> None:
    shown = cell.record("planned", by=hr)
    theirs = cell.record("completed", by=konsulent, note="KL ringede og spurgte.")
    response = as_user(hr).post(URL, status_form(note="Min egen note", seen=shown.pk))
    html = response.content.decode()
    assert response.status_code == 409
    assert "En anden har gemt imens. Her er begge svar." in html
    assert "KL ringede og spurgte." in html and "Min egen note" in html
    assert cell.updates.count() == 2
    # The form has now seen the other version: saving again is a choice.
    assert f'name="seen" value="{theirs.pk}"' in html
    assert as_user(hr).post(URL, status_form(note="Min egen note", seen=theirs.pk)).status_code == 302


def test_the_same_key_twice_writes_once(as_user: AsUser, hr: User, cell: Progress) -> None:
    fields = status_form()
    assert [as_user(hr).post(URL, fields).status_code for _ in range(2)] == [302, 302]
    assert cell.updates.count() == 1


def test_a_correction_and_a_withdrawal(as_user: AsUser, hr: User, cell: Progress) -> None:
    first = cell.record("planned", by=hr)
    as_user(hr).post(URL, status_form(corrects=first.pk, seen=first.pk, note="Vi var længere"))
    correction = cell.updates.get(corrects=first)
    assert correction.status == "in_progress"
    response = as_user(hr).post(
        URL, status_form(status="", signal="", corrects=correction.pk, seen=correction.pk, note="Hører ikke til her")
    )
    assert response.status_code == 302
    assert cell.updates.get(corrects=correction).is_withdrawal


def test_a_row_of_another_cell_cannot_be_corrected(
    as_user: AsUser, hr: User, nabo: User, thisted: Municipality
) -> None:
    other = cell_of(10, thisted).record("planned", by=nabo)
    response = as_user(hr).post(URL, status_form(corrects=other.pk))
    assert response.status_code == 422
    assert as_user(hr).get(f"{URL}?corrects={other.pk}").status_code == 404


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000, "x", "-1"])
def test_a_row_that_is_none_cannot_be_corrected(as_user: AsUser, hr: User, cell: Progress, number: str) -> None:
    client = as_user(hr)
    response = client.post(URL, status_form(corrects=number, note="Skrevet"))
    assert response.status_code == 422 and "Skrevet" in response.content.decode()
    assert client.get(f"{URL}?corrects={number}").status_code == 404
    assert not cell.updates.exists()


@pytest.mark.parametrize("url", [URL, "/anbefalinger/10/status/"])
def test_every_write_for_others_is_refused(
    as_user: AsUser, nabo: User, leder: User, laeser: User, cell: Progress, url: str
) -> None:
    for user in (nabo, leder, laeser):
        for headers in ({}, {"HX-Request": "true"}):
            assert as_user(user).post(url, status_form(), headers=headers).status_code == 403
    response = as_user(None).post(url, status_form())
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/konto/login/")
    assert not StatusUpdate.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "/kommuner/100/anbefalinger/10/status/",
        "/kommuner/99999999999999999999/anbefalinger/10/status/",
        f"/kommuner/{THISTED}/anbefalinger/27/status/",
        "/anbefalinger/0/status/",
    ],
)
def test_what_does_not_exist_is_404(as_user: AsUser, konsulent: User, url: str) -> None:
    assert as_user(konsulent).post(url, status_form()).status_code == 404


def test_kl_records_nationally_and_on_behalf(as_user: AsUser, konsulent: User, cell: Progress) -> None:
    response = as_user(konsulent).post("/anbefalinger/10/status/", status_form())
    assert (response.status_code, response["Location"]) == (302, "/anbefalinger/10/")
    assert as_user(konsulent).post(URL, status_form()).status_code == 302
    assert cell.updates.get().organisation == "KL på vegne af Korsbæk Kommune"


def test_undo(as_user: AsUser, hr: User, nabo: User, cell: Progress) -> None:
    row = cell.record("completed", by=hr)
    url = f"/statusnotat/{row.pk}/fortryd/"
    assert as_user(nabo).post(url).status_code == 403
    assert as_user(hr).get(url).status_code == 405
    assert as_user(hr).post(url).status_code == 302
    assert cell.updates.get(corrects=row).is_withdrawal


def test_the_editor_may_undo_on_the_page_and_others_may_not(
    as_user: AsUser, hr: User, leder: User, cell: Progress
) -> None:
    row = cell.record("completed", by=hr)
    assert f"/statusnotat/{row.pk}/fortryd/" in as_user(hr).get("/kommuner/999/").content.decode()
    assert f"/statusnotat/{row.pk}/fortryd/" not in as_user(leder).get("/kommuner/999/").content.decode()
