"""The log exported in the long form, and taken in again: nothing changes, and a row that is new is a new row."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tablib import Dataset

from flere_haender.access import Role
from initiatives.admin.files import DanishCSV, SafeXLSX
from initiatives.intake.uploads import confirm, preview
from initiatives.models import StatusUpdate, Upload
from initiatives.old_statuses.looking import KIND
from initiatives.old_statuses.taking import read
from stakeholders.models import Municipality, User
from tests.factories import AsUser, cell_of, make_korsbaek, make_row, make_user, moment

from .old_sheets import look, newest, sheet
from .test_old_statuses import shown, take
from .test_workbook_there_and_back import AWKWARD, LONGEST, TEXTS

pytestmark = pytest.mark.django_db

FORMATS = (DanishCSV, SafeXLSX)
LOG = "admin:initiatives_statusupdate"
ON = date(2024, 5, 31)


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


def exported(client: Client, kind: int = 0, where: str = LOG) -> bytes:
    return client.post(reverse(f"{where}_export"), {"format": str(kind), "resource": "0"}).content


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def make_log(korsbaek: Municipality, konsulent: User, hr: User) -> None:
    """Answers, a correction, a withdrawal, and the national line."""
    cell = cell_of(10, korsbaek)
    first = make_row(cell, "planned", by=hr, effective_on=ON, signal="red", expected_on=date(2025, 1, 1), note="=1+1")
    cell.record("in_progress", by=hr, corrects=first, effective_on=ON, note="Rettet", internal_note="Hemmelig\r\nher")
    wrong = make_row(cell_of(9, korsbaek), "completed", by=konsulent, effective_on=ON)
    cell_of(9, korsbaek).record("", by=konsulent, corrects=wrong, effective_on=ON, note="Var forkert")
    make_row(cell_of(10), "planned", by=konsulent, effective_on=ON, note="Nationalt æøå")


@pytest.mark.parametrize(("kind", "name"), [(0, "log.csv"), (1, "log.xlsx")])
def test_out_and_in_again_is_no_change(
    client: Client, konsulent: User, hr: User, korsbaek: Municipality, kind: int, name: str
) -> None:
    make_log(korsbaek, konsulent, hr)
    found = look(client, exported(client, kind), konsulent, name=name)
    assert (found.heading, found.items, found.report.same) == ("Ingen ændringer", [], 5)
    assert found.report.not_understood == []


def test_the_export_says_what_the_reader_may_see(
    client: Client, as_user: AsUser, konsulent: User, hr: User, korsbaek: Municipality
) -> None:
    make_log(korsbaek, konsulent, hr)
    assert "Hemmelig" in exported(client).decode() and "Hanne Lund" in exported(client).decode()
    superuser = as_user(make_user(is_superuser=True))
    theirs = exported(superuser).decode("utf-8-sig")
    assert "Hemmelig" not in theirs and "Hanne Lund" not in theirs and "Rettet" in theirs
    row = next(row for row in rows_of(exported(client)) if row["Note"] == "Rettet")
    assert (row["Kommune"], row["Anbefaling"], row["Status"], row["Retter svaret fra"]) == (
        "Korsbæk Kommune",
        "10",
        "I gang",
        "2024-05-31",
    )


def test_nobody_else_exports_or_imports_the_log(as_user: AsUser, hr: User, laeser: User, leder: User) -> None:
    for user in (hr, laeser, leder):
        for page in ("export", "import", "process_import"):
            assert as_user(user).post(reverse(f"{LOG}_{page}"), {"format": "0"}).status_code == 403


def test_new_rows_come_in_with_all_they_say(client: Client, konsulent: User, korsbaek: Municipality) -> None:
    content = sheet(
        ["Note", "Kommune", "Anbefaling", "Status", "Trafiklys", "Forventet dato", "Intern note", "Gælder fra"],
        ["Linje 1\nlinje 2", "korsbæk kommune", 10, "igang", "Rød", date(2027, 1, 1), "Inde", "31-05-2024"],
        ["", 999, "10", "færdig", "", "", "", date(2025, 5, 31)],
        ["Grund", "National status", 10, "Planlagt", "", "", "", ""],
        ["", "Korsbæk", 11, "I gang", "", "", "", ""],
    )
    found = look(client, content, konsulent)
    assert (found.heading, take(found, konsulent)) == ("4 nye svar", 2)
    first, second = cell_of(10, korsbaek).updates.order_by("effective_on")
    assert first.content == {
        "status": "in_progress",
        "signal": "red",
        "expected_on": date(2027, 1, 1),
        "note": "Linje 1\nlinje 2",
        "internal_note": "Inde",
    }
    assert [row.effective_on for row in (first, second)] == [ON, date(2025, 5, 31)]
    assert cell_of(11, korsbaek).updates.get().effective_on == date(2023, 5, 31)
    assert cell_of(10).updates.get().origin == "sheet"


REFUSED = [
    (["Andeby", 10, "I gang", "", ""], "celle A2: Der er ingen kommune, der hedder “Andeby”."),
    (["", 10, "I gang", "", ""], "celle A2: Der er ingen kommune, der hedder “”."),
    (["Korsbæk", 99, "I gang", "", ""], "celle B2: Der er ingen anbefaling, der hedder “99”."),
    (["Korsbæk", 10, "måske", "", ""], "Ordet kendes ikke."),
    (["Korsbæk", 10, "I gang", "lilla", ""], "celle D2: Skriv Grøn, Gul eller Rød i stedet for “lilla”."),
    (["Korsbæk", 10, "I gang", "", "i morges"], "celle E2: Skriv en dato som 31-05-2023 i stedet for “i morges”."),
    (["National status", 10, "I gang", "", "31-05-1923"], "celle E2: Datoen skal ligge mellem 2018 og 2099"),
    (["Korsbæk", 10, "Gennemført", "Gul", ""], "celle C2: Trafiklys kan kun vælges ved Planlagt og I gang."),
    (["Korsbæk", 10, "I gang", "", "31.12.2098"], "celle C2: Datoen kan ikke ligge efter i dag."),
    (["Korsbæk", 10, "Ikke relevant", "", ""], "celle C2: Skriv, hvorfor anbefaling 10 ikke er relevant hos jer."),
    (["Korsbæk", 10, "Trukket tilbage", "", ""], "celle C2: En tilbagetrækning kan ikke indlæses."),
    (["National status", 10, "I gang", "", ""], "celle C2: Skriv en note. Den nationale status skal have en"),
]


@pytest.mark.parametrize(("row", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_a_row_that_is_refused(client: Client, konsulent: User, korsbaek: Any, row: list[Any], said: str) -> None:
    found = look(client, sheet(["Kommune", "Anbefaling", "Status", "Trafiklys", "Gælder fra"], row), konsulent)
    assert found.items == [] and said in " ".join(found.report.not_understood)
    assert said.partition(": ")[2][:20] in client.get(newest().get_absolute_url()).content.decode()


def test_two_answers_of_one_day(client: Client, konsulent: User, korsbaek: Any) -> None:
    rows = [["Korsbæk", 10, "I gang"], ["Korsbæk", 10, "Planlagt"]]
    found = look(client, sheet(["Kommune", "Anbefaling", "Status"], *rows), konsulent)
    assert shown(found)["Korsbæk Kommune"][0][2] == "I gang"
    assert found.report.not_understood == ["Arket Status, celle C3: Der står også et svar for den dag i celle C2."]


class ThereAndBackTest(TestCase):
    """With whatever people write in the notes; each example starts from nothing."""

    @given(note=TEXTS, inside=TEXTS, kind=st.sampled_from([0, 1]))
    @example(note=LONGEST[:4000], inside="\n".join(AWKWARD), kind=1)
    @example(note=LONGEST[:4000], inside="\n".join(AWKWARD), kind=0)
    @settings(deadline=None, max_examples=15, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    def test_one_cell(self, note: str, inside: str, kind: int) -> None:
        korsbaek = make_korsbaek()
        konsulent = make_user(Role.KL_CONSULTANT)
        said = {"note": note.strip(), "internal_note": inside.strip()}
        make_row(cell_of(10, korsbaek), "planned", by=konsulent, effective_on=ON, **said)
        make_row(cell_of(11, korsbaek), "planned", by=konsulent, recorded_at=moment("2024-06-01 10:00"))
        browser = Client()
        browser.force_login(konsulent, backend="allauth.account.auth_backends.AuthenticationBackend")
        content, name = exported(browser, kind), ("log.csv", "log.xlsx")[kind]
        assert look(browser, content, konsulent, name=name).report.same == 2
        dataset = FORMATS[kind]().create_dataset(content)
        day = dataset.headers.index("Gælder fra")
        rows = [[*row[:day], row[day].replace("2024-06-01", "2024-06-02"), *row[day + 1 :]] for row in dataset]
        edited = FORMATS[kind]().export_data(Dataset(*rows, headers=dataset.headers))
        upload = Upload.keep(read(edited, name, as_of=ON), kind=KIND, by=konsulent, municipality=None, file_name="x")
        found = preview(upload, konsulent)
        assert (found.report.new, found.report.same) == (1, 1)
        confirm(upload, [found.items[0].value], by=konsulent, key=upload.pk)
        assert StatusUpdate.objects.filter(effective_on=date(2024, 6, 2)).count() == 1
