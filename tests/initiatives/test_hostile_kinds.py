"""Hostile and broken files on every page that takes one: the same reader refuses them everywhere, at once."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from initiatives.models import StatusUpdate, Upload
from initiatives.workbook import taking
from stakeholders.models import Invitation, User
from tests.factories import AsUser

from .hostile import REFUSED, SECONDS
from .old_sheets import form_url
from .workbooks import STATUS

pytestmark = pytest.mark.django_db

# What is said of files that are whole, but no workbook of a municipality.
OF_THAT_KIND = (taking.NOT_OURS, taking.OLDER)
HOSTILE = [
    name for name, (_, said) in REFUSED.items() if said not in OF_THAT_KIND and not said.startswith("Regnearket er")
]
# These stand in the second sheet, which is read where a table is looked for.
IN_THE_SECOND = {"a byte turned", "lying about its size"}
# Refused before they are read: the admin takes smaller files, and its form knows an empty one.
OF_THE_ADMIN = {"nothing": "er tom.", "a million empty rows": "Filen er for stor."}


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


def basis() -> bytes:
    """A workbook of two sheets in which there is no table that anybody looks for."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name in (STATUS, "Andet"):
            page = book.add_worksheet(name)
            for row in range(40):
                for place in range(8):
                    page.write_string(row, place, f"Tekst {row} {place} {name}")
    return file.getvalue()


BASIS = basis()


def send(client: Client, page: str, content: bytes, name: str = "fil.xlsx") -> Any:
    file = SimpleUploadedFile(name, content)
    if page == "recommendations":
        where = reverse("admin:initiatives_recommendation_import")
        return client.post(where, {"import_file": file, "resource": "0"})
    url = form_url() if page == "statuses" else "/brugere/liste/"
    return client.post(url, {"file": file, "as_of": "31.05.2023"})


def test_there_are_enough() -> None:
    assert len(HOSTILE) > 35


@pytest.mark.parametrize("page", ["statuses", "users", "recommendations"])
@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused(client: Client, page: str, name: str) -> None:
    if page == "recommendations" and name in IN_THE_SECOND:
        return
    make, said = REFUSED[name]
    content = make(BASIS)
    begun = time.thread_time()
    response = send(client, page, content)
    assert time.thread_time() - begun < SECONDS
    assert response.status_code == (200 if page == "recommendations" else 422)
    html = response.content.decode()
    assert said in html or (page == "recommendations" and OF_THE_ADMIN.get(name, said) in html)
    assert "confirm_form" not in (response.context or {})
    assert not (Upload.objects.exists() or StatusUpdate.objects.exists() or Invitation.objects.exists())


@pytest.mark.parametrize("page", ["statuses", "users", "recommendations"])
def test_a_whole_file_of_something_else(client: Client, page: str) -> None:
    """So that what is refused above is refused for what was done to it."""
    said = {"statuses": "Vi fandt ingen tabel", "users": "Vi fandt ingen liste", "recommendations": "Ukendte kolonner"}
    assert said[page] in send(client, page, BASIS).content.decode()


CSVS = {
    "no text": (b"\x00\x01\x02;\x00", "Filen er ikke et regneark."),
    "a field too long": (b"Kommune;9\r\n" + b"x" * 40_000, "en celle med for lang en tekst"),
    "too many columns": (b";".join(b"%d" % n for n in range(300)) + b"\r\n", "Filen er for stor"),
    "too many rows": (b"Nummer;Titel\r\n" + b"1;x\r\n" * 25_000, "ilen "),
    "a field that never ends": (b'Kommune;9\r\n"' + b"x;y\r\n" * 60_000, "Filen kan ikke læses som CSV."),
}


@pytest.mark.parametrize("page", ["statuses", "users", "recommendations"])
@pytest.mark.parametrize("name", CSVS)
def test_csv_is_refused(client: Client, page: str, name: str) -> None:
    content, said = CSVS[name]
    begun = time.thread_time()
    response = send(client, page, content, "fil.csv")
    assert time.thread_time() - begun < SECONDS
    assert response.status_code == (200 if page == "recommendations" else 422)
    assert said in response.content.decode()
    assert not Upload.objects.exists()


FORMULAS = {
    "a formula": ('=HYPERLINK("https://ond.example")', "Cellen har en formel."),
    "another file": ("='[andet.xlsx]Ark1'!A1", "Cellen har en formel."),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_is_named_in_the_admin(client: Client, name: str) -> None:
    formula, said = FORMULAS[name]
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Nummer", "Titel"])
        page.write_number(1, 0, 1)
        page.write_formula(1, 1, formula, value="Pæn titel")
    html = send(client, "recommendations", file.getvalue()).content.decode()
    assert f"Celle B2: {said}" in html and "confirm_form" not in html
