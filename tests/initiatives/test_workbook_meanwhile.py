"""A workbook that is older than what others have saved since: seen row by row, and never overwritten unasked."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from flere_haender.access import Role
from initiatives.intake.items import State
from initiatives.intake.uploads import confirm, preview
from initiatives.models import Participation
from stakeholders.models import Municipality, User
from tests.factories import AsUser, draft, make_action, make_user, recommendation

from .workbooks import ACTIONS, STATUS, edited, fetch, look, newest, send, shown, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_user: AsUser, hr: User) -> Client:
    return as_user(hr)


@pytest.fixture
def colleague(korsbaek: Municipality) -> User:
    return make_user(Role.EDITOR, korsbaek)


def both(book: Any) -> None:
    typed(STATUS, recommendation(9).title, Status="Planlagt")(book)
    typed(STATUS, recommendation(10).title, Status="Planlagt")(book)


def test_both_versions_are_shown_and_the_newer_stays(
    client: Client, here: Participation, hr: User, colleague: User
) -> None:
    content = edited(fetch(client), both)
    draft(here, recommendation(10), by=colleague, status="completed", note="Kollegaens")
    found = look(client, content, hr)
    assert [(item.state, item.is_chosen) for item in found.items] == [(State.NEW, True), (State.CONFLICT, False)]
    assert found.items[1].differences[0].before == "Gennemført"
    page = client.get(newest().get_absolute_url()).content.decode()
    assert "Kollegaens" in page and "Ændret af andre imens (1)" in page
    assert page.count(" checked") == 1
    confirm(newest(), [found.items[0].value], by=hr, key=uuid.uuid4())
    assert here.drafts.get(recommendation__slug=10).note == "Kollegaens"


def test_the_own_version_can_be_chosen(client: Client, here: Participation, hr: User, colleague: User) -> None:
    content = edited(fetch(client), both)
    draft(here, recommendation(10), by=colleague, status="completed")
    found = look(client, content, hr)
    assert confirm(newest(), [item.value for item in found.items], by=hr, key=uuid.uuid4()) == 2
    assert here.drafts.get(recommendation__slug=10).status == "planned"


def test_what_a_colleague_saves_between_preview_and_confirmation_stops_all(
    client: Client, here: Participation, hr: User, colleague: User
) -> None:
    found = look(client, edited(fetch(client), both), hr)
    draft(here, recommendation(10), by=colleague, status="completed")
    form = {"valgt": [item.value for item in found.items], "key": uuid.uuid4()}
    response = client.post(newest().get_absolute_url(), form)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Noget er ændret, siden du så det igennem. Intet er gemt." in page
    assert "Ændret af andre imens (1)" in page
    assert here.drafts.count() == 1


def test_rows_that_nobody_touched_take_nothing_back(
    client: Client, here: Participation, hr: User, colleague: User, korsbaek: Municipality
) -> None:
    action = make_action(korsbaek, by=hr, title="Mentor")
    content = edited(fetch(client), typed(STATUS, recommendation(9).title, Status="Planlagt"))
    draft(here, recommendation(10), by=colleague, status="completed")
    action.change(by=colleague, phase="running")
    found = look(client, content, hr)
    assert [item.state for item in found.items] == [State.NEW]
    assert [notice.split(",")[0] for notice in found.notices] == ["2 rækker"]


def test_an_action_that_a_colleague_changed(client: Client, hr: User, colleague: User, korsbaek: Municipality) -> None:
    action = make_action(korsbaek, by=hr, title="Mentor")
    content = edited(fetch(client), typed(ACTIONS, "Mentor", Fase="I drift"))
    action.change(by=colleague, problem="Nyt")
    found = look(client, content, hr)
    assert [item.state for item in found.items] == [State.CONFLICT]
    assert shown(found) == {"Mentor": [("Fase", "Idé", "I drift"), ("Problemet", "Nyt", "")]}
    action.change(by=colleague, problem="Nyere")
    assert (
        client.post(newest().get_absolute_url(), {"valgt": found.items[0].value, "key": uuid.uuid4()}).status_code
        == 409
    )
    action.refresh_from_db()
    assert (action.phase, action.problem) == ("idea", "Nyere")


def test_what_a_colleague_has_saved_already_is_no_change(
    client: Client, here: Participation, hr: User, colleague: User
) -> None:
    content = edited(fetch(client), both)
    for number in (9, 10):
        draft(here, recommendation(number), by=colleague, status="planned")
    assert look(client, content, hr).heading == "Ingen ændringer"


def test_two_uploads_at_once(client: Client, as_user: AsUser, here: Participation, hr: User, colleague: User) -> None:
    """Each sees its own; who confirms last is shown what the first has saved."""
    content = fetch(client)
    send(client, edited(content, typed(STATUS, recommendation(10).title, Status="Planlagt", Note="Min")))
    mine = newest()
    send(as_user(colleague), edited(content, typed(STATUS, recommendation(10).title, Status="Planlagt", Note="Din")))
    theirs = newest()
    for upload, by in ((mine, hr), (theirs, colleague)):
        assert [item.state for item in preview(upload, by).items] == [State.NEW]
    confirm(mine, [item.value for item in preview(mine, hr).items], by=hr, key=uuid.uuid4())
    [left] = preview(theirs, colleague).items
    assert (left.state, [(d.label, d.before, d.after) for d in left.differences]) == (
        State.CONFLICT,
        [("Note", "Min", "Din")],
    )


def test_looking_costs_the_same_however_many_rows_are_untouched(
    client: Client, here: Participation, hr: User, korsbaek: Municipality, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        make_action(korsbaek, by=hr, title=f"Indsats {number}", numbers=(10, 26))
    look(client, edited(fetch(client), typed(STATUS, recommendation(10).title, Status="Planlagt")), hr)
    with django_assert_max_num_queries(36):
        client.get(newest().get_absolute_url())
    with django_assert_max_num_queries(32):
        fetch(client)
