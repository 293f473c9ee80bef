"""Vores status when something has happened meanwhile: in another window, at KL, or to the session."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from flere_haender.days import today
from initiatives.models import Participation, State
from stakeholders.models import Municipality, User
from tests.factories import (
    AsUser,
    answer_all,
    draft,
    make_question,
    recommendation,
)

from .our_status import BOX, HTMX, PAGE, drafts

pytestmark = pytest.mark.django_db


def test_a_box_that_only_stands_there_is_no_answer(as_user: AsUser, here: Participation, hr: User) -> None:
    """In another window the answer was given meanwhile; this one is sent for the sake of another box."""
    draft(here, recommendation(10), by=hr, status="planned", note="Den gamle")
    page = as_user(hr).get(f"{PAGE}?ret=10").content.decode()
    shown = dict(re.findall(r'name="(1[016]-(?:was|seen))" value="([^"]*)"', page))
    draft(here, recommendation(10), by=hr, status="completed", note="Den nye")
    draft(here, recommendation(16), by=hr, status="on_hold", note="Svaret imens")
    typed = shown | {"gem": "alle", "10-status": "planned", "10-note": "Den gamle", "11-status": "completed"}
    assert as_user(hr).post(PAGE, typed | {"16-status": "", "16-note": ""}).status_code == 302
    assert drafts(here) == {10: "completed", 11: "completed", 16: "on_hold"}


def test_what_one_has_saved_oneself_in_another_window_is_not_overwritten(
    as_user: AsUser, here: Participation, hr: User
) -> None:
    draft(here, recommendation(10), by=hr, status="completed")
    response = as_user(hr).post(BOX, {"10-status": "on_hold", "10-seen": "0"}, headers=HTMX)
    assert response.status_code == 409
    assert "Du har gemt svaret et andet sted imens." in response.content.decode()
    assert drafts(here) == {10: "completed"}


def test_a_faulty_answer_leaves_the_one_before(as_user: AsUser, here: Participation, hr: User) -> None:
    make_question(10, "antal", "number")
    typed = {"10-status": "planned", "10-spg": "1"}
    as_user(hr).post(BOX, typed | {"10-seen": "0", "spg-antal": "77"}, headers=HTMX)
    assert as_user(hr).post(BOX, typed | {"10-seen": "1", "spg-antal": "syv"}, headers=HTMX).status_code == 422
    assert here.drafts.get().key_answers["antal"] == 77


def test_no_password_is_kept_when_the_session_has_run_out(gaest: Client, hr: User) -> None:
    gaest.post("/konto/adgangskode/", {"oldpassword": "hemmelig", "password1": "nyhemmelig"})
    assert "typed" not in gaest.session


def test_a_local_action_that_was_typed_when_the_session_ran_out_is_given_back(
    hr: User, korsbaek: Municipality
) -> None:
    client = Client()
    client.post("/kommuner/999/indsatser/ny/", {"title": "Skrevet for sent"})
    client.post("/konto/login/", {"login": hr.email, "password": "en-lang-adgangskode-1"})
    assert "Skrevet for sent" in client.get("/kommuner/999/indsatser/ny/").content.decode()


def test_who_at_kl_has_decided_is_not_named_to_the_municipality(
    as_user: AsUser, here: Participation, hr: User, konsulent: User
) -> None:
    answer_all(here, by=konsulent)
    here.hand_in(by=konsulent)
    here.return_it(by=konsulent, comment="Igen", due_on=today())
    assert konsulent.name in as_user(konsulent).get(PAGE).content.decode()
    text = as_user(hr).get(PAGE).content.decode()
    assert konsulent.name not in text
    assert "KL på vegne af Korsbæk Kommune" in text


def test_an_old_look_decides_nothing(as_user: AsUser, here: Participation, hr: User, konsulent: User) -> None:
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    seen = here.decision_mark
    here.accept(by=konsulent)
    data = {"action": "return", "comment": "Fra i går", "due_on": f"{today()}", "seen": seen}
    response = as_user(konsulent).post(f"{PAGE}afgoerelse/", data)
    assert response.status_code == 422
    assert "Der er sket noget nyt" in response.content.decode()
    here.refresh_from_db()
    assert here.state == State.ACCEPTED


def test_what_was_handed_in_is_not_denied_when_the_round_has_closed(
    as_user: AsUser, here: Participation, hr: User, konsulent: User
) -> None:
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    here.return_it(by=konsulent, comment="Igen", due_on=today())
    with time_machine.travel(here.round.closes_on + timedelta(days=1)):
        text = as_user(hr).get(PAGE).content.decode()
    assert "I har ikke indsendt" not in text
    assert "Det, der blev indsendt, står ved magt." in text
