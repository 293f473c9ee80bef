"""KL's old spreadsheet: a wide sheet as of a date becomes rows of the log, and what was not understood is said."""

from __future__ import annotations

import io
import time
import uuid
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.test import Client

from flere_haender.days import today
from initiatives.intake.items import Preview, State
from initiatives.intake.uploads import NotSaved, confirm, preview
from initiatives.models import Recommendation, StatusUpdate, Upload
from initiatives.old_statuses.columns import Headings
from initiatives.old_statuses.words import COLOURS, SIGNAL_OF, STATUS_OF, WORDS, StatusWords, bare
from stakeholders.models import Municipality, User
from tests.factories import THISTED, AsUser, cell_of, make_row, make_user, moment, recommendation

from .old_sheets import as_file, form_url, look, newest, send, sheet

pytestmark = pytest.mark.django_db

ON = date(2023, 5, 31)


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


def take(found: Preview, by: User) -> int:
    return confirm(newest(), [item.value for item in found.can_be_chosen], by=by, key=uuid.uuid4())


def shown(found: Preview) -> dict[str, list[tuple[str, str, str]]]:
    return {item.title: [(d.label, d.before, d.after) for d in item.differences] for item in found.items}


# The words


UNDERSTOOD = {
    "Ikke startet": "not_started",
    "ikke påbegyndt ": "not_started",
    "IKKE PAABEGYNDT": "not_started",
    "I gang": "in_progress",
    "igang": "in_progress",
    " Igangsat": "in_progress",
    "Delvist": "in_progress",
    "Færdig": "completed",
    "faerdig": "completed",
    "fardig": "completed",
    "Afsluttet.": "completed",
    "gennemfoert": "completed",
    "Gennemfort": "completed",
    "På pause": "on_hold",
    "pa pause": "on_hold",
    "Sat i  bero": "on_hold",
    "Planlagt": "planned",
    "Ikke relevant": "not_relevant",
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_usual_words(text: str) -> None:
    meaning = StatusWords({}).meaning(text)
    assert (meaning.status, meaning.signal, meaning.why_not) == (UNDERSTOOD[text], "", "")


SIGNALS = {
    "I gang (gul)": ("in_progress", "yellow"),
    "RØD - planlagt": ("planned", "red"),
    "Færdig, grøn": ("completed", ""),
}


@pytest.mark.parametrize("text", SIGNALS)
def test_a_colour_beside_a_status(text: str) -> None:
    meaning = StatusWords({}).meaning(text)
    assert (meaning.status, meaning.signal) == SIGNALS[text]
    assert meaning.colour_left_out == (SIGNALS[text][1] == "")


@pytest.mark.parametrize(
    "text", ["x", "?", "✓", "grøn", "Rød", "gul/rød i gang", "ja", "afventer", "1", "I gang " * 20]
)
def test_what_is_asked_for(text: str) -> None:
    meaning = StatusWords({}).meaning(text)
    assert meaning.why_not and not meaning.status


@pytest.mark.parametrize("text", ["", " ", "-", "–", "Ikke vurderet", "ubesvaret", "..."])
def test_what_says_nothing(text: str) -> None:
    assert StatusWords({}).meaning(text).is_empty


def test_no_word_is_another_without_its_danish_letters() -> None:
    words = [bare(word) for words in WORDS.values() for word in words]
    assert len(set(words)) == len(STATUS_OF) == len(words)
    assert not set(STATUS_OF) & set(SIGNAL_OF) and len(SIGNAL_OF) == sum(map(len, COLOURS.values()))


# The columns


def test_headings_by_number_and_by_title() -> None:
    title = recommendation(10).title
    headings = Headings(ON)
    for heading in ("10", "10.", "Nr. 10", "Anbefaling 10", "anb.10", f"10. {title}", f"10 – {title.upper()}", title):
        assert headings.find(heading).recommendation == recommendation(10), heading
    assert headings.find(recommendation(10).short_name).how == "titel"
    assert headings.find(f"10. {recommendation(10).short_name}").how == "nummer og titel"
    for heading in (
        f"10. {recommendation(11).title}",
        "27",
        "2023",
        "1. halvår",
        "10 %",
        "9. Fastholdelse af seniorer",
        "Bemærkninger",
        "KKR",
        "",
    ):
        assert headings.find(heading).recommendation is None, heading


def test_an_older_title_is_known(konsulent: User) -> None:
    before = recommendation(10).title
    recommendation(10).reword(by=konsulent, title="En helt ny titel", summary="x")
    assert Headings(ON).find(before).recommendation == recommendation(10)


# The whole way


def test_a_sheet_becomes_rows_on_behalf_of_the_municipalities(client: Client, konsulent: User, korsbaek: Any) -> None:
    thisted = Municipality.objects.get(code=THISTED)
    content = sheet(
        ["Status maj 2023"],
        [],
        ["Kommune", "9", f"10. {recommendation(10).title}", recommendation(11).title],
        ["Korsbæk", "I gang (gul)", "Færdig", "-"],
        ["THISTED KOMMUNE ", "ikke relevant", None, "igang"],
    )
    found = look(client, content, konsulent)
    assert found.heading == "4 nye svar"
    names = {number: str(recommendation(number)) for number in (9, 10, 11)}
    reason = "Stod som ikke relevant i KL’s regneark. Begrundelsen stod der ikke."
    assert shown(found) == {
        "Korsbæk Kommune": [(names[9], "", "I gang, gul"), (names[10], "", "Gennemført")],
        "Thisted Kommune": [(names[9], "", f"Ikke relevant\n{reason}"), (names[11], "", "I gang")],
    }
    assert take(found, konsulent) == 2
    row = cell_of(9, korsbaek).updates.get()
    assert (row.status, row.signal, row.effective_on, row.origin) == ("in_progress", "yellow", ON, "sheet")
    assert (row.recorded_by, row.recorded_for, row.on_behalf_of) == (konsulent, None, korsbaek)
    assert row.organisation == "KL på vegne af Korsbæk Kommune"
    assert len(set(StatusUpdate.objects.values_list("recorded_at", flat=True))) == 1
    assert cell_of(9, thisted).updates.get().note == reason
    assert "fra KL’s regneark" in client.get("/kommuner/999/anbefalinger/9/").content.decode()
    again = look(client, content, konsulent)
    assert (again.heading, again.items, again.report.same) == ("Ingen ændringer", [], 4)


def test_what_holds_and_what_is_there_already(client: Client, konsulent: User, korsbaek: Any) -> None:
    make_row(cell_of(9, korsbaek), "planned", by=konsulent, recorded_at=moment("2023-01-10 10:00"))
    make_row(cell_of(10, korsbaek), "planned", by=konsulent, recorded_at=moment("2023-05-31 10:00"))
    make_row(cell_of(11, korsbaek), "completed", by=konsulent, recorded_at=moment("2023-05-31 10:00"))
    later = make_row(cell_of(9, korsbaek), "completed", by=konsulent, recorded_at=moment("2024-01-10 10:00"))
    found = look(client, sheet(["Kommune", 9, 10, 11], ["0999", "I gang", "Planlagt", "I gang"]), konsulent)
    [item] = found.items
    assert (item.state, [d.before for d in item.differences]) == (State.CHANGED, ["Planlagt (10.01.2023)"])
    assert found.report.same == 1
    assert [(fault.address, fault.message) for fault in found.report.taken] == [
        ("D2", "Korsbæk Kommune har allerede svaret Gennemført den dag.")
    ]
    page = client.get(newest().get_absolute_url()).content.decode()
    assert "1 celle har allerede et andet svar den dag" in page
    assert "Arket Status, celle D2: Korsbæk Kommune har allerede svaret Gennemført den dag." in page
    take(found, konsulent)
    assert cell_of(9, korsbaek).updates.standing(as_of=today()).first() == later
    assert cell_of(9, korsbaek).updates.standing(as_of=ON).first().status == "in_progress"


def test_what_is_not_understood_is_said_cell_by_cell(client: Client, konsulent: User, korsbaek: Any) -> None:
    content = sheet(
        ["KKR", "Kommune", "9", "9.", "Bemærkninger", "10", "4"],
        ["Sjælland", "Korsbæk", "x", "I gang", "Ring til dem", "rød", "Planlagt"],
        ["", "Hele landet", 4, 5, "", 6, 7],
        ["", "Andeby", "I gang", "", "", "", ""],
        ["", "", "", "", "en note nederst", "", ""],
    )
    found = look(client, content, konsulent)
    report = found.report
    assert found.heading == "Ingen ændringer, 2 celler er ikke forstået, 2 rækker uden kendt kommune"
    assert [(w.text, w.addresses, w.meaning.why_not) for w in report.reading.unknown_words] == [
        ("x", ["C2"], "Ordet kendes ikke."),
        ("rød", ["F2"], "En farve siger, hvordan det går, men ikke, hvor arbejdet står."),
    ]
    assert [(one.address, one.match.why_not) for one in report.reading.unknown_headings] == [
        ("D1", "En anden kolonne er også anbefaling 9."),
        ("E1", "Overskriften er hverken nummer eller titel på en anbefaling."),
    ]
    assert [fault.where for fault in report.reading.places] == [
        "Arket Status, celle B4",
        "Arket Status",
    ]
    assert report.reading.areas == ["Hele landet"]
    assert report.not_asked == {str(recommendation(4)): 1}
    page = client.get(newest().get_absolute_url()).content.decode()
    for said in (
        "Hvad betyder ordene?",
        "Der er ingen kommune, der hedder “Andeby”.",
        "kommunerne var ikke spurgt",
    ):
        assert said in page


def test_words_can_be_told_and_are_remembered(client: Client, konsulent: User, korsbaek: Any) -> None:
    look(client, sheet(["Kommune", 9, 10, 11], ["Korsbæk", "x", "?", "gul"]), konsulent)
    url = newest().get_absolute_url()
    told = {"word-0": "x", "means-0": "completed", "word-1": "?", "means-1": "leave_out", "word-2": "gul"}
    assert client.post(f"{url}ord/", {**told, "means-2": "in_progress"}).status_code == 302
    page = client.get(url).content.decode()
    assert "3 nye svar" not in page and "2 nye svar" in page and "som du har sagt" in page
    found = preview(newest(), konsulent)
    assert shown(found)["Korsbæk Kommune"] == [
        (str(recommendation(9)), "", "Gennemført"),
        (str(recommendation(11)), "", "I gang, gul"),
    ]
    client.post(f"{url}ord/", {"word-0": "x", "means-0": "DROP TABLE", "word-1": "y"})
    assert newest().rows["words"]["x"] == "completed"


def test_what_was_told_can_be_told_anew_and_forgotten(client: Client, konsulent: User, korsbaek: Any) -> None:
    look(client, sheet(["Kommune", 9, 10], ["Korsbæk", "x", "?"]), konsulent)
    url = newest().get_absolute_url()
    client.post(f"{url}ord/", {"word-0": "x", "means-0": "completed", "word-1": "?", "means-1": "leave_out"})
    page = client.get(url).content.decode()
    assert "Det har du sagt om ordene" in page and "Hvad betyder" not in page
    assert [value for value in ("completed", "leave_out") if f'<option value="{value}" selected>' in page] == [
        "completed",
        "leave_out",
    ]
    client.post(f"{url}ord/", {"word-0": "x", "means-0": "planned", "word-1": "?", "means-1": "as_it_stands"})
    found = preview(newest(), konsulent)
    assert shown(found)["Korsbæk Kommune"] == [(str(recommendation(9)), "", "Planlagt")]
    assert [word.text for word in found.report.reading.unknown_words] == ["?"]
    assert newest().rows["words"] == {"x": "planned"}


def test_merged_and_broken_cells_are_named(client: Client, konsulent: User, korsbaek: Any) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet(["Kommune", 9, 10, 11], ["Korsbæk", "I gang", "", "=1+1"])))
    book.active.merge_cells("B2:C2")
    found = look(client, as_file(book), konsulent)
    assert [fault.where for fault in found.report.reading.faults] == [
        "Arket Status, celle B2",
        "Arket Status, celle D2",
    ]
    assert found.items == []


def test_csv_of_an_old_spreadsheet(client: Client, konsulent: User, korsbaek: Any) -> None:
    content = "Kommune;9;10\r\nKorsbæk;Færdig;På pause\r\n".encode("cp1252")
    found = look(client, content, konsulent, name="gammel.csv")
    assert [d.after for d in found.items[0].differences] == ["Gennemført", "Sat i bero"]


def test_the_sheet_with_the_table_is_found(client: Client, konsulent: User, korsbaek: Any) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet(["Vejledning"], ["Skriv her"], title="Læs mig")))
    page = book.create_sheet("Data")
    for row in (["Kode", "Anbefaling 9"], [999, "I gang"]):
        page.append(row)
    found = look(client, as_file(book), konsulent)
    assert (found.heading, found.report.sheet, found.report.others) == ("1 nyt svar", "Data", ["Læs mig"])


def test_what_somebody_records_meanwhile_stops_it(client: Client, konsulent: User, korsbaek: Any, hr: User) -> None:
    found = look(client, sheet(["Kommune", 9, 10], ["Korsbæk", "I gang", "I gang"]), konsulent)
    chosen = [item.value for item in found.can_be_chosen]
    make_row(cell_of(9, korsbaek), "planned", by=hr, recorded_at=moment("2023-02-01 10:00"))
    with pytest.raises(NotSaved) as refused:
        confirm(newest(), chosen, by=konsulent, key=uuid.uuid4())
    assert refused.value.is_conflict and StatusUpdate.objects.count() == 1


def test_the_same_confirmation_twice_is_once(client: Client, konsulent: User, korsbaek: Any) -> None:
    [item] = look(client, sheet(["Kommune", 9], ["Korsbæk", "I gang"]), konsulent).items
    form = {"valgt": item.value, "key": str(uuid.uuid4())}
    url = newest().get_absolute_url()
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert StatusUpdate.objects.count() == 1


@pytest.mark.parametrize("day", ["", "i går", "31.05.2099", "01.01.2017"])
def test_the_day_must_be_one(client: Client, day: str) -> None:
    response = send(client, sheet(["Kommune", 9], ["Thisted", "I gang"]), day=day)
    assert response.status_code == 422 and not Upload.objects.exists()


def test_before_there_was_a_plan(client: Client) -> None:
    page = send(client, sheet(["Kommune", 9], ["Thisted", "I gang"]), day="31.05.2019").content.decode()
    assert "Der var ingen handleplan den dag." in page


def test_only_kls_consultants(
    as_user: AsUser, client: Client, konsulent: User, laeser: User, hr: User, korsbaek: Any
) -> None:
    content = sheet(["Kommune", 9], ["Korsbæk", "I gang"])
    assert client.get(form_url()).status_code == 200
    for user in (laeser, hr, make_user(is_superuser=True)):
        assert as_user(user).get(form_url()).status_code == 403
        assert send(as_user(user), content).status_code == 403
    look(client, content, konsulent)
    url = newest().get_absolute_url()
    assert as_user(hr).get(url).status_code == 404
    assert as_user(hr).post(f"{url}ord/", {}).status_code == 404
    konsulent.memberships.update(role="kl_reader")
    assert client.get(url).status_code == 403 and client.post(f"{url}ord/", {}).status_code == 403


def test_all_municipalities_and_recommendations_in_one_request(client: Client, konsulent: User) -> None:
    """98 times 26 cells: 1,960 are asked, and none needs the background."""
    words = ("I gang (gul)", "Færdig", "ikke startet", "Planlagt", "på pause")
    numbers = list(range(1, 27))
    names = list(Municipality.objects.values_list("name", flat=True))
    rows = [[name, *(words[(at + number) % 5] for number in numbers)] for at, name in enumerate(names)]
    content = sheet(["Kommune", *numbers], *rows)
    begun = time.process_time()
    found = look(client, content, konsulent)
    assert (found.heading, len(found.items)) == ("1.960 nye svar", 98)
    assert sum(found.report.not_asked.values()) == 6 * 98
    form = {"valgt": [item.value for item in found.can_be_chosen], "key": str(uuid.uuid4())}
    assert client.post(newest().get_absolute_url(), form).status_code == 302
    assert StatusUpdate.objects.count() == 1960
    assert time.process_time() - begun < 8


def test_looking_costs_the_same_however_many_rows(
    client: Client, konsulent: User, django_assert_max_num_queries: Any
) -> None:
    names = Municipality.objects.values_list("name", flat=True)
    look(client, sheet(["Kommune", 9, 10, 11], *([name, "I gang", "x", "Færdig"] for name in names)), konsulent)
    with django_assert_max_num_queries(25):
        client.get(newest().get_absolute_url())
    assert Recommendation.objects.count() == 26
