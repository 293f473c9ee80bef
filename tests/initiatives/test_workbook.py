"""The municipality's workbook: out, edited, looked through, confirmed."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from initiatives.chores import forget_uploads
from initiatives.intake.items import State
from initiatives.intake.uploads import NotSaved, confirm, preview
from initiatives.models import KeyAnswer, LocalAction, Participation, StatusUpdate, Upload
from stakeholders.models import Municipality, User
from tests.factories import (
    AsUser,
    answer_all,
    cell_of,
    draft,
    make_action,
    make_question,
    make_user,
    recommendation,
)

from .workbooks import (
    ACTIONS,
    PAGE,
    QUESTIONS,
    STATUS,
    column_of,
    edited,
    fetch,
    look,
    newest,
    row_of,
    send,
    shown,
    typed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_user: AsUser, hr: User) -> Client:
    return as_user(hr)


def title(number: int) -> str:
    return f"{number} {recommendation(number).title}"


def take(content: bytes, client: Client, by: User, *, choose: Callable[[Any], bool] = lambda item: True) -> int:
    """Upload it, and confirm what is chosen beforehand and wanted."""
    found = look(client, content, by)
    chosen = [item.value for item in found.can_be_chosen if item.is_chosen and choose(item)]
    return confirm(newest(), chosen, by=by, key=uuid.uuid4())


def test_untouched_it_changes_nothing(client: Client, here: Participation, hr: User, korsbaek: Municipality) -> None:
    draft(
        here, recommendation(10), by=hr, status="planned", signal="red", expected_on=date(2027, 1, 31), note="Æ\r\nø"
    )
    make_action(korsbaek, by=hr, what="Linje 1\r\nLinje 2", links=["https://a.example/", "https://b.example/"])
    found = look(client, fetch(client), hr)
    assert (found.heading, found.items, found.faults, found.notices) == ("Ingen ændringer", [], [], [])
    assert found.untouched > 20


def test_one_cell_is_one_change(client: Client, here: Participation, hr: User) -> None:
    draft(here, recommendation(10), by=hr, status="planned", note="Før")
    content = edited(fetch(client), typed(STATUS, recommendation(10).title, Note="Efter"))
    found = look(client, content, hr)
    assert shown(found) == {title(10): [("Note", "Før", "Efter")]}
    assert [item.state for item in found.items] == [State.CHANGED]


def test_what_is_confirmed_is_a_draft_and_then_stands_in_the_log_with_its_origin(
    client: Client, here: Participation, hr: User, korsbaek: Municipality
) -> None:
    edit = typed(
        STATUS, recommendation(10).title, Status="i gang", Trafiklys="Gul", Forventet_dato=datetime(2027, 5, 1)
    )
    assert take(edited(fetch(client), edit), client, hr) == 1
    kept = here.drafts.get()
    assert (kept.status, kept.signal, kept.expected_on) == ("in_progress", "yellow", date(2027, 5, 1))
    assert (kept.origin, kept.version, kept.updated_by, kept.is_complete) == ("workbook", 1, hr, True)
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    rows = StatusUpdate.objects.filter(submission__participation=here)
    assert rows.exclude(origin="").get().progress.recommendation.number == 10
    page = client.get("/kommuner/999/anbefalinger/10/").content.decode()
    assert "Korsbæk Kommune, fra regneark" in page


def test_a_form_that_saves_afterwards_is_the_origin(client: Client, here: Participation, hr: User) -> None:
    take(edited(fetch(client), typed(STATUS, recommendation(10).title, Status="Planlagt")), client, hr)
    draft(here, recommendation(10), by=hr, status="completed")
    assert here.drafts.get().origin == ""


def test_unchanged_repeats_the_last_answer(
    client: Client, here: Participation, hr: User, korsbaek: Municipality
) -> None:
    cell_of(10, korsbaek).record("in_progress", by=hr, signal="green", note="Som før")
    content = edited(fetch(client), typed(STATUS, recommendation(10).title, Status="Uændret", Intern_note="Ny"))
    assert take(content, client, hr) == 1
    assert here.drafts.get().content == {
        **{"status": "in_progress", "signal": "green", "expected_on": None},
        **{"note": "Som før", "internal_note": "Ny"},
    }


@pytest.mark.parametrize(
    ("values", "column", "said"),
    [
        ({"Status": "Måske"}, "Status", "Vælg en status fra listen."),
        (
            {"Status": "Måske", "Trafiklys": "Gul", "Forventet dato": date(2027, 5, 1)},
            "Status",
            "Vælg en status fra listen.",
        ),
        ({"Status": "I gang", "Trafiklys": "Lilla"}, "Trafiklys", "Vælg et trafiklys fra listen."),
        (
            {"Status": "Gennemført", "Trafiklys": "Gul"},
            "Trafiklys",
            "Trafiklys kan kun vælges ved Planlagt og I gang.",
        ),
        ({"Status": "Planlagt", "Forventet dato": "snart"}, "Forventet dato", "Skriv en dato som 2026-05-31"),
        ({"Status": "Planlagt", "Forventet dato": date(1999, 1, 1)}, "Forventet dato", "ikke ligge før 2018"),
        ({"Status": "Planlagt", "Note": "x" * 32_000}, "Note", "Skriv højst 4000 tegn."),
    ],
)
def test_what_is_refused_says_why_and_where(
    client: Client, here: Participation, hr: User, values: dict[str, Any], column: str, said: str
) -> None:
    def edit(book: Any) -> None:
        typed(STATUS, recommendation(10).title, **values)(book)

    content = edited(fetch(client), edit)
    found = look(client, content, hr)
    assert [item.state for item in found.items] == [State.REFUSED]
    sheet = openpyxl.load_workbook(io.BytesIO(content))[STATUS]
    address = sheet.cell(row_of(sheet, recommendation(10).title), column_of(sheet, column)).coordinate
    [fault] = found.items[0].faults
    assert fault.where == f"Arket Vores status, celle {address}"
    assert said in fault.message
    page = client.get(newest().get_absolute_url()).content.decode()
    assert fault.where in page
    assert "Gem de valgte" not in page


def test_questions_of_every_kind(client: Client, here: Participation, hr: User, korsbaek: Municipality) -> None:
    kinds = {"yes_no": True, "choice": "a", "choices": ["a", "b"], "number": 1234.5, "date": "2026-01-31"}
    answers = {"yes_no": "ja", "choice": "Svar a", "choices": "svar b | Svar a", "number": 1234.5}
    answers |= {"date": datetime(2026, 1, 31), "link": "www.korsbaek.example/plan"}
    for kind in answers:
        options = "a b c" if kind.startswith("choice") else ""
        make_question(10, f"spg-{kind.replace('_', '-')}", kind, options=options, text=f"Hvad med {kind}?")

    def edit(book: Any) -> None:
        for kind, value in answers.items():
            typed(QUESTIONS, f"Hvad med {kind}?", Svar=value)(book)
        typed(STATUS, recommendation(10).title, Status="Gennemført")(book)

    assert take(edited(fetch(client), edit), client, hr) == 1
    expected = kinds | {"link": "https://www.korsbaek.example/plan"}
    kept = {slug: value for slug, value in here.drafts.get().key_answers.items() if value is not None}
    assert kept == {f"spg-{kind.replace('_', '-')}": value for kind, value in expected.items()}
    assert look(client, fetch(client), hr).heading == "Ingen ændringer"
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    assert set(KeyAnswer.objects.values_list("origin", flat=True)) == {"workbook"}


def test_a_question_that_is_not_asked_is_refused(client: Client, here: Participation, hr: User) -> None:
    first = make_question(10, "har-i", "yes_no", text="Har I?")
    make_question(10, "hvornaar", "number", text="Hvor mange?", asked_if=first, asked_if_value=True)
    found = look(client, edited(fetch(client), typed(QUESTIONS, "Hvor mange?", Svar=3)), hr)
    assert [fault.message for fault in found.items[0].faults] == ["Stilles kun, når “Har I?” er Ja."]


def test_a_new_action_and_a_changed_one(client: Client, hr: User, korsbaek: Municipality) -> None:
    make_action(korsbaek, by=hr, title="Mentor", numbers=(10, 26))
    new = {"Indsats": "=1+1", "Hvad I gør": "Linje\n007 “æøå” 🌱", "Anbefalinger": "9, 10", "Fase": "I gang"}

    def edit(book: Any) -> None:
        typed(ACTIONS, "Mentor", Slut=datetime(2027, 1, 31), MED_og_TRIO="TRIO")(book)
        typed(ACTIONS, book[ACTIONS].max_row, **new)(book)

    assert take(edited(fetch(client), edit), client, hr) == 2
    old, made = LocalAction.objects.order_by("pk")
    assert (old.ends_on, old.involvement, old.version) == (date(2027, 1, 31), "trio", 2)
    assert (made.title, made.what, made.phase, made.visibility) == ("=1+1", new["Hvad I gør"], "in_progress", "draft")
    assert sorted(made.recommendations.values_list("number", flat=True)) == [9, 10]
    assert "fra regneark" in client.get(made.get_absolute_url()).content.decode()
    assert look(client, fetch(client), hr).heading == "Ingen ændringer"


def test_the_same_workbook_again_adds_nothing_twice(client: Client, hr: User, korsbaek: Municipality) -> None:
    content = edited(fetch(client), typed(ACTIONS, 5, Indsats="Ny", Hvad_I_gør="Noget", Anbefalinger="10"))
    assert take(content, client, hr) == 1
    assert look(client, content, hr).heading == "Ingen ændringer"
    again = edited(content, typed(ACTIONS, 5, Hvad_I_gør="Noget andet"))
    found = look(client, again, hr)
    assert [(item.state, item.is_chosen) for item in found.items] == [(State.CONFLICT, False)]
    assert LocalAction.objects.count() == 1


def test_the_same_title_twice_is_refused(client: Client, hr: User, korsbaek: Municipality) -> None:
    def edit(book: Any) -> None:
        for row in (5, 9):
            typed(ACTIONS, row, Indsats="Ny", Hvad_I_gør="Noget", Anbefalinger="10")(book)

    found = look(client, edited(fetch(client), edit), hr)
    assert [item.state for item in found.items] == [State.NEW, State.REFUSED]
    assert [str(fault.message) for fault in found.items[1].faults] == ["Indsatsen står også i række 5."]


def test_all_or_nothing(client: Client, here: Participation, hr: User) -> None:
    def edit(book: Any) -> None:
        typed(STATUS, recommendation(9).title, Status="Planlagt")(book)
        typed(STATUS, recommendation(10).title, Status="Planlagt")(book)

    found = look(client, edited(fetch(client), edit), hr)
    chosen = [item.value for item in found.can_be_chosen]
    draft(here, recommendation(10), by=hr, status="completed")
    with pytest.raises(NotSaved) as refused:
        confirm(newest(), chosen, by=hr, key=uuid.uuid4())
    assert refused.value.is_conflict
    assert here.drafts.get().recommendation.number == 10
    assert newest().confirmed == {}


def test_the_same_confirmation_twice_is_once(client: Client, here: Participation, hr: User) -> None:
    content = edited(fetch(client), typed(STATUS, recommendation(10).title, Status="Planlagt"))
    [item] = look(client, content, hr).items
    form = {"valgt": item.value, "key": str(uuid.uuid4())}
    url = newest().get_absolute_url()
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert here.drafts.get().version == 1
    assert newest().confirmed == {form["key"]: 1}
    assert "Ingen ændringer" in client.get(url).content.decode()


def test_nothing_chosen_is_said(client: Client, here: Participation, hr: User) -> None:
    look(client, edited(fetch(client), typed(STATUS, recommendation(10).title, Status="Planlagt")), hr)
    response = client.post(newest().get_absolute_url(), {"key": uuid.uuid4()})
    assert response.status_code == 422
    assert "Vælg mindst én række." in response.content.decode()
    assert client.post(newest().get_absolute_url(), {"key": "x"}).status_code == 422


def test_the_rest_can_be_confirmed_later(client: Client, here: Participation, hr: User) -> None:
    def edit(book: Any) -> None:
        typed(STATUS, recommendation(9).title, Status="Planlagt")(book)
        typed(STATUS, recommendation(10).title, Status="Planlagt")(book)

    take(edited(fetch(client), edit), client, hr, choose=lambda item: item.title == title(9))
    assert [item.title for item in preview(newest(), hr).items] == [title(10)]


def test_a_closed_round_takes_no_answers(client: Client, here: Participation, hr: User, konsulent: User) -> None:
    content = edited(fetch(client), typed(STATUS, recommendation(10).title, Status="Planlagt"))
    here.round.close(by=konsulent)
    found = look(client, content, hr)
    assert [fault.message for fault in found.items[0].faults] == ["Runden er lukket. KL kan åbne den igen for jer."]


def test_kl_writes_on_behalf(as_user: AsUser, konsulent: User, here: Participation) -> None:
    client = as_user(konsulent)
    content = edited(fetch(client), typed(STATUS, recommendation(10).title, Status="Planlagt"))
    assert take(content, client, konsulent) == 1
    assert here.drafts.get().updated_by == konsulent
    assert "på vegne af Korsbæk Kommune" in client.get(newest().get_absolute_url()).content.decode()


def test_an_upload_is_its_owners_alone(
    as_user: AsUser, client: Client, here: Participation, hr: User, korsbaek: Municipality, konsulent: User
) -> None:
    look(client, edited(fetch(client), typed(STATUS, recommendation(10).title, Note="Hemmelig")), hr)
    url, colleague = newest().get_absolute_url(), make_user("editor", korsbaek)
    assert "Hemmelig" in client.get(url).content.decode()
    for other in (colleague, konsulent):
        assert as_user(other).get(url).status_code == 404
        assert as_user(other).post(url, {"key": uuid.uuid4()}).status_code == 404
    hr.memberships.update(role="leader")
    assert client.get(url).status_code == 403


def test_old_uploads_are_forgotten(client: Client, here: Participation, hr: User) -> None:
    look(client, fetch(client), hr)
    Upload.objects.update(uploaded_at=timezone.now() - timedelta(days=8), expires_at=timezone.now())
    assert client.get(newest().get_absolute_url()).status_code == 404
    look(client, fetch(client), hr)
    forget_uploads()
    assert Upload.objects.count() == 1


def test_what_is_known_is_in_it(client: Client, here: Participation, hr: User, korsbaek: Municipality) -> None:
    make_action(korsbaek, by=hr, title="Mentor")
    book = openpyxl.load_workbook(io.BytesIO(fetch(client)))
    assert book.sheetnames == ["Læs mig", STATUS, QUESTIONS, ACTIONS, "valg", "identitet"]
    assert [book[name].sheet_state for name in ("valg", "identitet")] == ["veryHidden"] * 2
    for name in (STATUS, QUESTIONS, ACTIONS):
        sheet = book[name]
        assert sheet.protection.sheet and sheet.protection.password is None
        assert sheet.freeze_panes == ("C2" if name == ACTIONS else "D2")
        assert all(cell.protection.locked for cell in sheet[1])
        assert sheet.column_dimensions["A"].hidden
    status = book[STATUS].cell(2, column_of(book[STATUS], "Status"))
    assert not status.protection.locked
    lists = [rule for rule in book[STATUS].data_validations.dataValidation if rule.type == "list"]
    assert any(status.coordinate in rule.sqref for rule in lists)
    dates = [rule for rule in book[STATUS].data_validations.dataValidation if rule.type == "date"]
    assert len(dates) == 20


def test_without_a_round_there_are_the_actions(client: Client, hr: User, korsbaek: Municipality) -> None:
    assert openpyxl.load_workbook(io.BytesIO(fetch(client))).sheetnames == ["Læs mig", ACTIONS, "valg", "identitet"]
    assert "Når en runde er åben" in client.get(PAGE).content.decode()
    assert send(client, b"", name="a.xlsx").status_code == 422


def test_too_many_actions_at_once_are_told_so(
    client: Client, hr: User, korsbaek: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("initiatives.workbook.actions.MOST_CHANGED", 2)

    def edit(book: Any) -> None:
        for row in range(3, 6):
            typed(ACTIONS, row, Indsats=f"Ny {row}", Hvad_I_gør="Noget", Anbefalinger="10")(book)

    found = look(client, edited(fetch(client), edit), hr)
    assert [item.state for item in found.items] == [State.NEW, State.NEW, State.REFUSED]
