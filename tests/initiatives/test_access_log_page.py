"""/adgangslog/: who sees which lines, by whose name, narrowed and as a file; and that reading it is a line too."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flere_haender.access import Role
from stakeholders.models import AccessEntry, AccessKind, Municipality, User, record_access
from tests.factories import AsUser, make_user, moment

pytestmark = pytest.mark.django_db

URL = "/adgangslog/"


@pytest.fixture
def boss(db: None) -> User:
    return make_user(is_superuser=True, name="Grethe Boss")


@pytest.fixture
def lines(hr: User, nabo: User, leder: User, konsulent: User, korsbaek: Municipality, thisted: Municipality) -> None:
    record_access(AccessKind.SIGNED_IN, by=hr, municipality=korsbaek)
    record_access(AccessKind.EXPORTED, by=nabo, municipality=korsbaek, subject="/kommuner/999/rapport.pdf")
    record_access(AccessKind.READ, by=konsulent, municipality=thisted, subject="/kommuner/787/")
    record_access(AccessKind.ROLE_GIVEN, by=leder, about_user=hr, municipality=korsbaek, subject="Kommunal redaktør")
    record_access(AccessKind.SIGN_IN_REFUSED, subject="Ukendt e-mail")


def rows(client: Client, **query: Any) -> list[list[str]]:
    """The lines of the file that are not about reading the log or signing in to the test, the oldest first."""
    response = client.get(URL, query | {"format": "csv"})
    assert response.status_code == 200
    text = b"".join(response).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
    return [line[1:] for line in reversed(found) if line[3] != URL]


def test_the_administrator_sees_all_by_name(as_user: AsUser, boss: User, lines: None) -> None:
    client = as_user(boss)
    assert rows(client)[:5] == [
        ["Hanne Lund, Korsbæk Kommune", "Loggede på", "", "", "", "Korsbæk"],
        ["Tine Vad, Thisted Kommune", "Hentede en fil", "/kommuner/999/rapport.pdf", "", "", "Korsbæk"],
        ["Karen Holm, KL", "Læste", "/kommuner/787/", "", "", "Thisted"],
        [
            *("Lars Friis, Korsbæk Kommune", "Gav en rolle", "Kommunal redaktør", ""),
            *("Hanne Lund, Korsbæk Kommune", "Korsbæk"),
        ],
        ["Ukendt", "Login afvist", "Ukendt e-mail", "", "", ""],
    ]


def test_a_leader_sees_what_concerns_the_municipality_and_others_by_organisation(
    as_user: AsUser, leder: User, lines: None
) -> None:
    client = as_user(leder)
    found = rows(client)
    assert found[:3] == [
        ["Hanne Lund", "Loggede på", "", "", "", "Korsbæk"],
        ["Thisted Kommune", "Hentede en fil", "/kommuner/999/rapport.pdf", "", "", "Korsbæk"],
        ["Lars Friis, Korsbæk Kommune", "Gav en rolle", "Kommunal redaktør", "", "Hanne Lund", "Korsbæk"],
    ]
    page = client.get(URL).content.decode()
    assert "Thisted Kommune" in page
    assert "Tine Vad" not in page
    assert "Karen Holm" not in page
    assert rows(client, q="Tine") == []
    assert len(rows(client, q="hanne lund")) == 2


def test_it_is_narrowed(as_user: AsUser, boss: User, lines: None, hr: User) -> None:
    client = as_user(boss)
    AccessEntry.objects.create(at=moment("2026-03-31 23:59"), kind=AccessKind.SIGNED_OUT, by=hr)
    by_kind = rows(client, haendelse="exported")
    assert [line[0] for line in by_kind] == ["Tine Vad, Thisted Kommune"]
    assert len(rows(client, kommune="999")) == 3
    assert [line[1] for line in rows(client, til="2026-03-31")] == ["Loggede af"]
    assert "Loggede af" not in [line[1] for line in rows(client, fra="2026-04-01")]
    assert [line[1] for line in rows(client, fra="2026-03-31", til="2026-03-31", q="hanne")] == ["Loggede af"]


def test_the_first_and_the_last_day_that_there_are_narrow_nothing(as_user: AsUser, boss: User, lines: None) -> None:
    client = as_user(boss)
    assert len(rows(client, fra="0001-01-01", til="9999-12-31")) == len(rows(client))


@pytest.mark.parametrize("query", ["haendelse=x", "kommune=1", "fra=i går", "q=%00"])
def test_a_choice_that_cannot_be_used_is_named(as_user: AsUser, boss: User, query: str) -> None:
    response = as_user(boss).get(f"{URL}?{query}&format=csv")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/html")


def test_reading_it_is_a_line_too(as_user: AsUser, boss: User, leder: User, korsbaek: Municipality) -> None:
    for reader in (boss, leder):
        client = as_user(reader)
        client.get(URL)
        client.get(URL, {"format": "xlsx"})
    as_user(boss).get(URL, {"kommune": "999", "q": "hemmelig"})
    found = AccessEntry.objects.filter(subject=URL).order_by("pk")
    assert [(row.kind, row.by, row.municipality) for row in found] == [
        ("read", boss, None),
        ("exported", boss, None),
        ("read", leder, korsbaek),
        ("exported", leder, korsbaek),
        ("read", boss, korsbaek),
    ]
    assert "hemmelig" not in str(list(found.values()))


def test_it_costs_the_same_however_long_it_is(
    as_user: AsUser, boss: User, korsbaek: Municipality, thisted: Municipality
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(URL).status_code == 200
        return len(captured)

    client = as_user(boss)
    new = make_user(Role.EDITOR, korsbaek)
    record_access(AccessKind.ROLE_GIVEN, by=boss, about_user=new, municipality=korsbaek)
    record_access(AccessKind.ROLE_GIVEN, by=new, about_user=make_user(Role.LEADER, thisted), municipality=thisted)
    queries()
    few = queries()
    for place in (korsbaek, thisted) * 15:
        user = make_user(Role.EDITOR, place)
        record_access(AccessKind.ROLE_GIVEN, by=user, about_user=make_user(Role.LEADER, place), municipality=place)
    assert queries() == few <= 14
