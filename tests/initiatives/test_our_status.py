"""Vores status: the page on which a municipality answers a round, with and without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from flere_haender.access import Role
from flere_haender.days import today
from initiatives.models import DraftAnswer, KeyAnswer, Participation, State, StatusUpdate
from stakeholders.models import Municipality, User
from tests.factories import (
    AsUser,
    answer_all,
    cell_of,
    make_question,
    make_round,
    make_user,
    participation_of,
    recommendation,
)

from .our_status import BOX, HTMX, PAGE, drafts

pytestmark = pytest.mark.django_db


def test_the_page_asks_the_twenty_and_shows_the_answer_of_last_time(as_user: AsUser, hr: User, korsbaek) -> None:
    cell_of(10, korsbaek).record("in_progress", signal="green", note="Otte af tolv vejledere", by=hr)
    make_round()
    text = as_user(hr).get(PAGE).content.decode()
    assert text.count('class="answer answer--open"') == 20
    assert "0 af 20 besvaret" in text
    assert text.count("Otte af tolv vejledere") == 1
    assert text.count('name="uaendret"') == 2  # of the one, and of all that are left


def test_nobody_else_sees_what_is_a_draft(
    as_user: AsUser, here: Participation, hr: User, nabo: User, laeser: User, leder: User
) -> None:
    here.draft(recommendation(10), by=hr, status="completed", note="Kun vores", internal_note="Meget internt")
    for reader in (hr, leder, laeser):
        assert b"Kun vores" in as_user(reader).get(PAGE).content
    assert as_user(nabo).get(PAGE).status_code == 404
    for address in (
        "/",
        "/kommuner/",
        "/kommuner/999/",
        "/anbefalinger/10/",
        "/soeg/?q=vores",
        "/kommuner/999/rapport/",
        "/data/status.json",
        "/data/status.csv",
        "/min-side/",
        "/kommuner/999/indsatser/?format=csv",
    ):
        assert b"Kun vores" not in as_user(nabo).get(address).getvalue()
        assert b"Kun vores" not in as_user(None).get(address).getvalue()


def test_one_box_is_saved_and_becomes_a_line(as_user: AsUser, here: Participation, hr: User) -> None:
    response = as_user(hr).post(BOX, {"10-status": "planned", "10-seen": "0", "10-note": "Ny"}, headers=HTMX)
    assert response.status_code == 200
    assert b"answer--open" not in response.content
    assert "1 af 20 besvaret" in response.content.decode()
    assert drafts(here) == {10: "planned"}
    theme = recommendation(10).focus_area.theme
    beside = f'<p id="tema-{theme.pk}"'
    assert f'{beside} hx-swap-oob="true">1 af 8 besvaret</p>' in response.content.decode()
    assert f"{beside}>1 af 8 besvaret</p>" in as_user(hr).get(PAGE).content.decode()


def test_what_is_being_typed_is_kept_though_it_is_not_whole(as_user: AsUser, here: Participation, hr: User) -> None:
    response = as_user(hr).post(f"{BOX}?kladde", {"10-note": "Halv sætn", "10-seen": "0"}, headers=HTMX)
    assert (response.status_code, here.drafts.get().note) == (200, "Halv sætn")
    assert "Svaret er ikke færdigt" in response.content.decode()
    assert "0 af 20 besvaret" in as_user(hr).get(PAGE).content.decode()
    assert "Halv sætn" in as_user(hr).get(PAGE).content.decode()


def test_a_refused_value_says_why_and_loses_nothing(as_user: AsUser, here: Participation, hr: User) -> None:
    typed = {"10-status": "planned", "10-expected_on": "i morgen", "10-note": "Står her", "10-seen": "0"}
    response = as_user(hr).post(BOX, typed, headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 422
    assert "Skriv en dato som 2026-05-31 eller 31.05.2026." in text
    assert "Står her" in text
    assert 'value="i morgen"' in text


def test_a_missing_reason_is_said_and_the_rest_is_kept(as_user: AsUser, here: Participation, hr: User) -> None:
    response = as_user(hr).post(f"{PAGE}25/", {"25-status": "not_relevant", "25-seen": "0"}, headers=HTMX)
    assert response.status_code == 422
    assert "Skriv, hvorfor anbefaling 25 ikke er relevant hos jer." in response.content.decode()
    assert drafts(here) == {25: "not_relevant"}


def test_without_javascript_everything_on_the_page_is_saved_with_one_button(
    as_user: AsUser, here: Participation, hr: User
) -> None:
    typed = {"gem": "alle", "10-seen": "0", "10-status": "planned", "11-seen": "0", "11-status": "completed"}
    empty = {"12-seen": "0", "12-status": "", "12-note": ""}
    response = as_user(hr).post(PAGE, typed | empty)
    assert response.status_code == 302
    assert drafts(here) == {10: "planned", 11: "completed"}


def test_without_javascript_one_fault_keeps_the_others(as_user: AsUser, here: Participation, hr: User) -> None:
    typed = {"gem": "alle", "10-seen": "0", "10-status": "planned", "25-seen": "0", "25-status": "not_relevant"}
    response = as_user(hr).post(PAGE, typed)
    text = response.content.decode()
    assert response.status_code == 422
    assert "Der mangler noget i 1 svar" in text
    assert "Alt andet er gemt." in text
    assert drafts(here) == {10: "planned", 25: "not_relevant"}


def test_one_or_all_that_are_left_stand_unchanged(as_user: AsUser, korsbaek: Municipality, hr: User) -> None:
    for number in (10, 11, 12):
        cell_of(number, korsbaek).record("in_progress", by=hr)
    make_round()
    here = participation_of(korsbaek)
    assert as_user(hr).post(BOX, {"uaendret": "10"}, headers=HTMX).status_code == 200
    assert drafts(here) == {10: "in_progress"}
    assert "Bekræft 2 svar som uændrede" in as_user(hr).get(PAGE).content.decode()  # of the 19 that are missing
    here.draft(recommendation(11), by=hr, status="completed")
    assert as_user(hr).post(PAGE, {"uaendret": "alle"}).status_code == 302
    assert drafts(here) == {10: "in_progress", 11: "completed", 12: "in_progress"}


def test_unchanged_takes_the_note_along_and_goes_before_another_status(
    as_user: AsUser, korsbaek: Municipality, hr: User
) -> None:
    cell_of(10, korsbaek).record("in_progress", signal="green", note="Fra sidst.", by=hr)
    make_round()
    here = participation_of(korsbaek)
    typed = {"10-seen": "0", "10-status": "on_hold", "10-note": "Skrevet nu.", "uaendret": "10"}
    for address, headers in ((BOX, HTMX), (PAGE, {})):
        as_user(hr).post(address, typed, headers=headers)
        draft = here.drafts.get()
        assert (draft.status, draft.signal, draft.note) == ("in_progress", "green", "Skrevet nu.")
        draft.delete()


def test_all_that_are_left_leaves_what_has_been_begun(
    as_user: AsUser, korsbaek: Municipality, hr: User, konsulent: User
) -> None:
    """A note goes along; a status that lacks its reason waits; what a colleague has answered meanwhile stands."""
    for number in (10, 11, 12):
        cell_of(number, korsbaek).record("in_progress", by=hr)
    make_round()
    here = participation_of(korsbaek)
    here.draft(recommendation(12), by=konsulent, status="completed")
    typed = {"10-seen": "0", "10-note": "Skrevet nu.", "11-seen": "0", "11-status": "not_relevant", "12-seen": "0"}
    response = as_user(hr).post(PAGE, typed | {"uaendret": "alle"})
    assert response.status_code == 422
    assert drafts(here) == {10: "in_progress", 11: "not_relevant", 12: "completed"}
    assert here.drafts.get(recommendation=recommendation(10)).note == "Skrevet nu."


def test_a_colleague_has_saved_meanwhile(
    as_user: AsUser, here: Participation, hr: User, korsbaek: Municipality
) -> None:
    colleague = make_user(Role.EDITOR, korsbaek, name="Ulla Kollega")
    here.draft(recommendation(10), by=colleague, status="completed", note="Hendes")
    for address, data in ((BOX, {}), (f"{BOX}?kladde", {}), (PAGE, {"gem": "alle"})):
        typed = {"10-status": "on_hold", "10-note": "Mine", "10-seen": "0"} | data
        response = as_user(hr).post(address, typed, headers={} if data else HTMX)
        text = response.content.decode()
        assert response.status_code == 409
        assert "En anden har gemt imens. Her er begge svar." in text
        assert "Ulla Kollega" in text
        assert "Hendes" in text
        assert "Mine" in text
    assert drafts(here) == {10: "completed"}
    seen = here.drafts.get().version
    as_user(hr).post(BOX, {"10-status": "on_hold", "10-note": "Mine", "10-seen": seen}, headers=HTMX)
    assert drafts(here) == {10: "on_hold"}


def test_what_was_typed_when_the_session_ran_out_is_given_back(here: Participation, hr: User) -> None:
    client = Client()
    response = client.post(
        PAGE, {"gem": "alle", "10-seen": "0", "10-note": "Skrevet for sent", "10-status": "planned"}
    )
    assert response["Location"] == f"/konto/login/?next={PAGE}"
    client.post("/konto/login/", {"login": hr.email, "password": "en-lang-adgangskode-1"})
    text = client.get(PAGE).content.decode()
    assert "Skrevet for sent" in text
    assert "Det, du skrev, før du blev logget af, står her." in text
    assert "Skrevet for sent" not in client.get(PAGE).content.decode()
    assert not DraftAnswer.objects.exists()


def test_a_part_of_a_page_is_refused_when_the_session_ran_out(gaest: Client, here: Participation) -> None:
    assert gaest.post(BOX, {"10-status": "planned"}, headers=HTMX).status_code == 401


def test_the_last_look_and_handing_in(as_user: AsUser, here: Participation, hr: User) -> None:
    client = as_user(hr)
    assert "Der mangler 20 svar" in client.get(f"{PAGE}indsend/").content.decode()
    assert client.post(f"{PAGE}indsend/").status_code == 422
    answer_all(here, by=hr)
    assert "20 af 20 svar er ændret siden sidst" in client.get(f"{PAGE}indsend/").content.decode()
    assert client.post(f"{PAGE}indsend/").status_code == 302
    text = client.get(PAGE).content.decode()
    assert "Svarene er indsendt og låst." in text
    assert "answer--open" not in text
    assert StatusUpdate.objects.filter(progress__municipality=here.municipality).count() == 20
    assert client.post(BOX, {"10-status": "on_hold", "10-seen": "1"}, headers=HTMX).status_code == 422


def test_what_is_typed_after_a_colleague_has_handed_in_is_not_said_to_be_kept(
    as_user: AsUser, here: Participation, hr: User
) -> None:
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    typed = {"10-status": "on_hold", "10-note": "For sent", "10-seen": "1"}
    response = as_user(hr).post(f"{BOX}?kladde", typed, headers=HTMX)
    assert response.status_code == 422
    assert "Ikke gemt. Svarene er indsendt og låst." in response.content.decode()
    assert "Udkast gemt" not in response.content.decode()


def test_sending_to_the_leader_twice_is_sending_once(as_user: AsUser, here: Participation, hr: User) -> None:
    Municipality.objects.filter(pk=here.municipality_id).update(leader_hands_in=True)
    answer_all(here, by=hr)
    assert [as_user(hr).post(f"{PAGE}indsend/").status_code for _ in range(2)] == [302, 302]
    assert here.decisions.count() == 1


def test_the_editor_sends_to_the_leader_who_hands_in(
    as_user: AsUser, here: Participation, hr: User, leder: User
) -> None:
    Municipality.objects.filter(pk=here.municipality_id).update(leader_hands_in=True)
    answer_all(here, by=hr)
    assert as_user(leder).post(f"{PAGE}indsend/").status_code == 302  # the leader may also do it at once
    here.refresh_from_db()
    assert here.state == State.SUBMITTED


def test_sending_to_the_leader_and_back(as_user: AsUser, here: Participation, hr: User, leder: User) -> None:
    Municipality.objects.filter(pk=here.municipality_id).update(leader_hands_in=True)
    answer_all(here, by=hr)
    as_user(hr).post(f"{PAGE}indsend/")
    here.refresh_from_db()
    assert here.state == State.WITH_LEADER
    as_user(leder).post(f"{PAGE}tag-tilbage/", {"comment": "Se på 10"})
    assert "Se på 10" in as_user(hr).get(PAGE).content.decode()
    as_user(hr).post(f"{PAGE}indsend/")
    as_user(leder).post(f"{PAGE}indsend/")
    here.refresh_from_db()
    assert here.state == State.SUBMITTED


def test_kl_returns_with_a_comment_and_the_editor_hands_in_again(
    as_user: AsUser, here: Participation, hr: User, konsulent: User
) -> None:
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    url = f"{PAGE}afgoerelse/"
    refused = as_user(konsulent).post(url, {"action": "return", "comment": "Uden frist"})
    assert refused.status_code == 422
    assert "Uden frist" in refused.content.decode()
    until = today() + timedelta(days=5)
    as_user(konsulent).post(url, {"action": "return", "comment": "Hvad med 10?", "due_on": f"{until:%d.%m.%Y}"})
    text = as_user(hr).get(PAGE).content.decode()
    assert "KL har sendt svarene tilbage:" in text
    assert "Hvad med 10?" in text
    as_user(hr).post(BOX, {"10-status": "completed", "10-seen": "1"}, headers=HTMX)
    as_user(hr).post(f"{PAGE}indsend/")
    assert [each.number for each in here.submissions.all()] == [2, 1]
    as_user(konsulent).post(url, {"action": "accept"})
    assert "KL har godkendt indberetningen." in as_user(hr).get(PAGE).content.decode()


@pytest.mark.parametrize("query", ["?runde=x", "?runde=99999", "?runde=1e9", f"?runde={'9' * 40}", "?runde=-1"])
def test_a_round_that_is_none_is_not_found(as_user: AsUser, here: Participation, hr: User, query: str) -> None:
    assert as_user(hr).get(PAGE + query).status_code == 404


@pytest.mark.parametrize("query", ["?ret=x", "?ret=4", "?ret=99999999999", "?vis=alt", "?vis=tabel", "?ret=%00"])
def test_other_parameters_do_no_harm(as_user: AsUser, here: Participation, hr: User, query: str) -> None:
    assert as_user(hr).get(PAGE + query).status_code == 200


@pytest.mark.parametrize(
    "content", [{"10-note": "a\x00b"}, {"10-seen": "x"}, {"10-status": "gone"}, {"10-note": "x" * 5000}]
)
def test_hostile_values_are_refused(as_user: AsUser, here: Participation, hr: User, content: dict[str, str]) -> None:
    typed = {"10-status": "planned", "10-seen": "0"} | content
    for address in (BOX, f"{BOX}?kladde"):
        assert as_user(hr).post(address, typed, headers=HTMX).status_code == 422
    assert as_user(hr).post(PAGE, typed | {"gem": "alle"}).status_code == 422


def test_the_dense_form_saves_the_same(as_user: AsUser, here: Participation, hr: User) -> None:
    here.draft(recommendation(11), by=hr, status="planned", expected_on=today())
    text = as_user(hr).get(f"{PAGE}?vis=tabel").content.decode()
    assert text.count("<select") == 40
    typed = {"gem": "alle", "10-seen": "0", "10-status": "planned", "11-seen": "1", "11-status": "completed"}
    assert as_user(hr).post(f"{PAGE}?vis=tabel", typed | {"11-expected_on": f"{today()}"}).status_code == 302
    assert drafts(here) == {10: "planned", 11: "completed"}


def test_before_the_first_round_the_page_says_so(as_user: AsUser, hr: User, korsbaek: Municipality) -> None:
    assert "Ingen statusrunde er åben" in as_user(hr).get(PAGE).content.decode()


def test_a_closed_round_is_read_only(as_user: AsUser, here: Participation, hr: User) -> None:
    here.draft(recommendation(10), by=hr, status="planned", note="Stod i udkastet")
    with time_machine.travel(here.round.closes_on + timedelta(days=1)):
        client = as_user(hr)
        text = client.get(PAGE).content.decode()
        assert "Runden er lukket, og I har ikke indsendt" in text
        assert "Stod i udkastet" in text
        assert "answer--open" not in text
        response = client.post(PAGE, {"gem": "alle", "11-seen": "0", "11-status": "planned", "11-note": "For sent"})
        assert response.status_code == 422
        assert "For sent" in response.content.decode()


def test_key_questions_are_asked_in_the_box_and_handed_in_with_the_answer(
    as_user: AsUser, here: Participation, hr: User, konsulent: User
) -> None:
    question = make_question(10, "vejledning", "choice", options="fuldtid deltid")
    client = as_user(hr)
    assert 'name="spg-vejledning"' in client.get(PAGE).content.decode()
    typed = {"10-status": "planned", "10-seen": "0", "10-spg": "1", "spg-vejledning": "deltid"}
    assert "Svar deltid" in client.post(BOX, typed, headers=HTMX).content.decode()
    assert here.drafts.get().key_answers["vejledning"] == "deltid"
    assert not KeyAnswer.objects.filter(question=question).exists()
    answer_all(here, by=hr)
    first = here.hand_in(by=hr)
    row = KeyAnswer.objects.get(question=question)
    assert (row.value, row.submission, row.recorded_at) == ("deltid", first, first.submitted_at)
    here.return_it(by=konsulent, comment="Igen", due_on=today())
    client.post(BOX, typed | {"spg-vejledning": "fuldtid", "10-seen": "1"}, headers=HTMX)
    second = here.hand_in(by=hr)
    correction = KeyAnswer.objects.get(submission=second)
    assert (correction.value, correction.corrects) == ("fuldtid", row)
    assert not StatusUpdate.objects.filter(submission=second).exists()


def test_a_faulty_answer_to_a_question_is_said_and_the_status_is_kept(
    as_user: AsUser, here: Participation, hr: User
) -> None:
    make_question(10, "dato", "date")
    typed = {"10-status": "planned", "10-seen": "0", "10-spg": "1", "spg-dato": "i går"}
    for address in (BOX, f"{BOX}?kladde"):
        response = as_user(hr).post(address, typed, headers=HTMX)
        assert response.status_code == 422
        assert "Skriv en dato" in response.content.decode()
    assert drafts(here) == {10: "planned"}


def test_the_dense_form_asks_the_questions(as_user: AsUser, here: Participation, hr: User) -> None:
    make_question(10, "dato", kind="date")
    client, url = as_user(hr), f"{PAGE}?vis=tabel"
    html = client.get(url).content.decode()
    assert html.count('name="10-spg"') == 1 and "1 spørgsmål" in html
    typed = {"gem": "alle", "10-seen": "0", "10-status": "planned", "10-spg": "1"}
    refused = client.post(url, typed | {"spg-dato": "i går"})
    assert refused.status_code == 422
    assert '<details class="more" open>' in refused.content.decode() and 'value="i går"' in refused.content.decode()
    assert client.post(url, typed | {"10-seen": "1", "spg-dato": "2026-05-31"}).status_code == 302
    assert (drafts(here), here.drafts.get().key_answers["dato"]) == ({10: "planned"}, "2026-05-31")
    assert 'value="2026-05-31"' in client.get(url).content.decode()


def test_the_dense_form_leaves_the_questions_alone(as_user: AsUser, here: Participation, hr: User) -> None:
    make_question(10, "ja")
    as_user(hr).post(BOX, {"10-status": "planned", "10-seen": "0", "10-spg": "1", "spg-ja": "ja"}, headers=HTMX)
    as_user(hr).post(f"{PAGE}?vis=tabel", {"gem": "alle", "10-seen": "1", "10-status": "completed"})
    assert (drafts(here), here.drafts.get().key_answers["ja"]) == ({10: "completed"}, True)
