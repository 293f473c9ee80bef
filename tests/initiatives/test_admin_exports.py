"""Every list of the admin that has files: who gets them, what they hold, and that they cost the same for many rows."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from initiatives.admin.exchange import ExchangeMixin
from stakeholders.models import Municipality, User
from tests.factories import AsUser, cell_of, make_answer, make_question, make_row, make_user

from .test_admin_files import as_csv, preview

pytestmark = pytest.mark.django_db

EXCHANGED = [one for one in admin.site._registry.values() if isinstance(one, ExchangeMixin)]
NAMES = [f"admin:{one.opts.app_label}_{one.opts.model_name}" for one in EXCHANGED]
IN = {"theme", "focusarea", "actor", "question", "editabletext", "recommendation", "municipality", "statusupdate"}
MOST_QUERIES = 25


@pytest.fixture
def filled(hr: User, konsulent: User, korsbaek: Municipality) -> None:
    question = make_question(10, "har-i")
    for municipality in [korsbaek, *Municipality.objects.all()[:20]]:
        make_answer(question, municipality, True, by=konsulent)
        make_row(cell_of(10, municipality), by=konsulent)
        make_row(cell_of(11, municipality), by=konsulent)


def fetched(client: Client, name: str, kind: int = 0) -> Any:
    return client.post(reverse(f"{name}_export"), {"format": str(kind), "resource": "0"})


def test_which_have_files() -> None:
    out = {one.opts.model_name for one in EXCHANGED}
    assert out == IN | {"keyanswer", "indicator", "indicatorvalue", "case", "term"}


@pytest.mark.parametrize("name", NAMES)
def test_both_kinds_hold_the_same(as_user: AsUser, konsulent: User, filled: None, name: str) -> None:
    client = as_user(konsulent)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = fetched(client, name)
    assert len(asked) <= MOST_QUERIES or name.endswith("editabletext")
    text = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    sheet = openpyxl.load_workbook(io.BytesIO(fetched(client, name, 1).content)).active
    assert len(text) >= 4 and len({len(row) for row in text}) == 1
    assert [cell.value for cell in sheet[1]] == text[0]
    assert sheet.max_row == len(text)
    assert client.get(reverse(f"{name}_export")).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_who_gets_them(as_user: AsUser, konsulent: User, hr: User, leder: User, laeser: User, name: str) -> None:
    for user in (hr, leder, laeser, make_user()):
        for page in ("export", "import", "process_import"):
            for method in ("get", "post"):
                asked = getattr(as_user(user), method)(reverse(f"{name}_{page}"), {"format": "0"})
                assert asked.status_code in ((403, 405) if page == "process_import" else (403,))
    taken = as_user(konsulent).get(reverse(f"{name}_import")).status_code
    assert taken == (200 if name.rpartition("_")[2] in IN else 403)


def test_a_list_that_is_too_long_is_narrowed_first(as_user: AsUser, konsulent: User, monkeypatch: Any) -> None:
    monkeypatch.setattr("initiatives.admin.exchange.MOST_EXPORTED", 10)
    page = fetched(as_user(konsulent), "admin:initiatives_recommendation").content.decode()
    assert "Der er flere end 10 rækker. Vælg færre med listens filtre" in page


def test_names_in_a_plan_that_has_begun_stay(as_user: AsUser, konsulent: User) -> None:
    page = preview(as_user(konsulent), "admin:initiatives_theme", as_csv(["Nummer", "Titel"], ["1", "Nyt navn"]))
    assert "Planen gælder allerede. Navnene i den kan ikke ændres." in page.content.decode()


def test_what_is_wrong_in_a_file(as_user: AsUser, konsulent: User) -> None:
    client = as_user(konsulent)
    rows: list[tuple[str, list[str], list[str], str]] = [
        ("theme", ["Nummer", "Titel"], ["flere-haender-9-1", "X"], "Der findes ingen handleplan med koden flere-h"),
        (
            "focusarea",
            ["Nummer", "Titel", "Tema"],
            ["99", "X", "77"],
            "Der findes ikke noget, der hedder “77” (tema).",
        ),
        ("question", ["Kode", "Svartype"], ["ny", "Gæt"], "Svartype: Skriv Ja eller nej,"),
        ("question", ["Kode", "Stilles ikke fra"], ["ny", "i morgen"], "Skriv en dato som 31-05-2026 i stedet for"),
        ("question", ["Kode", "Svarmuligheder"], ["ny", "udenkolon"], "Skriv hver svarmulighed som kode: tekst"),
        ("question", ["Kode", "Ligger bagud"], ["ny", "måske"], "Skriv ja, nej i stedet for “måske”."),
    ]
    for model, header, row, said in rows:
        page = preview(client, f"admin:initiatives_{model}", as_csv(header, row))
        assert said in page.content.decode() and "confirm_form" not in page.context
    for row, said in ((["ukendt", "X"], "Der findes ingen tekst med koden"), (["e-mail-nudge", "{x}"], "Tekst: ")):
        page = preview(client, "admin:stakeholders_editabletext", as_csv(["Kode", "Tekst"], row))
        assert said in page.content.decode() and "confirm_form" not in page.context
