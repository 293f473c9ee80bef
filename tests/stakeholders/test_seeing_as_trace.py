"""What is written down while somebody sees as a user: by whom, about whom, and who can read it."""

from __future__ import annotations

import csv
import io
import json
import logging
import zipfile

import pytest
from django.test import Client

from stakeholders.models import AccessEntry, Message, User, UserSession
from tests.factories import AsUser, make_user

pytestmark = pytest.mark.django_db

BEGAN, ENDED, READ = "seeing_as_began", "seeing_as_ended", "read"


@pytest.fixture
def boss(db: None) -> User:
    return make_user(name="Grethe Boss", is_superuser=True)


def rows_since(pk: int = 0) -> list[tuple[str, int | None, str]]:
    found = AccessEntry.objects.filter(pk__gt=pk).order_by("pk")
    return [(row.kind, row.municipality_id, row.subject) for row in found]


def look(client: Client, user: User, *urls: str) -> None:
    """See as the user, read these pages, and stop."""
    client.post(f"/se-som/{user.pk}/")
    for url in urls:
        assert client.get(url).status_code == 200
    client.post("/se-som/slut/")


def test_every_page_is_written_down_by_the_administrator(as_user: AsUser, boss: User, hr: User) -> None:
    client = as_user(boss)
    before = AccessEntry.objects.latest("pk").pk if AccessEntry.objects.exists() else 0
    own = ("/", "/kommuner/999/", "/kommuner/999/status/", "/min-side/", "/casebank/")
    others = ("/kommuner/787/", "/matrix/", "/sammenlign/?kommune=999&med=101", "/tidslinje/")
    look(client, hr, *own, "/kommuner/999/", *others)
    called = f" (som bruger {hr.pk})"
    assert rows_since(before) == [
        (BEGAN, 999, "I højst 30 minutter"),
        *((READ, 999, url + called) for url in own),
        (READ, 787, "/kommuner/787/" + called),
        (READ, None, "/matrix/" + called),
        (READ, 999, "/sammenlign/" + called),
        (READ, 101, "/sammenlign/" + called),
        (READ, 999, "/tidslinje/" + called),
        (ENDED, 999, ""),
    ]
    written = AccessEntry.objects.filter(pk__gt=before)
    assert set(written.values_list("by", "about_user")) == {(boss.pk, hr.pk)}


def test_seen_as_oneself_and_as_others_are_traces_each(
    as_user: AsUser, boss: User, hr: User, leder: User, konsulent: User
) -> None:
    client = as_user(boss)
    client.get("/")
    client.get("/admin/")
    for user in (hr, leder):
        look(client, user, "/kommuner/999/")
    as_user(konsulent).get("/kommuner/999/")
    read = AccessEntry.objects.filter(kind=READ, subject__startswith="/kommuner/999/").order_by("pk")
    found = list(read.values_list("by", "about_user"))
    assert found == [(boss.pk, hr.pk), (boss.pk, leder.pk), (konsulent.pk, None)]


def test_nothing_says_that_the_user_did_it(
    as_user: AsUser, boss: User, hr: User, caplog: pytest.LogCaptureFixture
) -> None:
    client = as_user(boss)
    before = User.objects.filter(pk=hr.pk).values()[0]
    with caplog.at_level(logging.INFO, logger="flere_haender.requests"):
        look(client, hr, "/", "/min-side/")
    assert {line.fields["role"] for line in caplog.records} == {"superuser"}
    assert User.objects.filter(pk=hr.pk).values()[0] == before
    assert not AccessEntry.objects.filter(by=hr).exists()
    assert not UserSession.objects.filter(user=hr).exists()
    assert not Message.objects.exists()


def test_the_user_finds_it_among_what_is_kept_about_them(as_user: AsUser, boss: User, hr: User) -> None:
    look(as_user(boss), hr, "/kommuner/999/")
    own = as_user(hr)
    title = "Adgangsloggen: det, andre har gjort med din adgang"
    assert title in own.get("/konto/mine-data/").content.decode()
    packed = zipfile.ZipFile(io.BytesIO(b"".join(own.get("/konto/mine-data/hent/"))))
    rows = json.loads(packed.read("oplysninger.json").decode())[title]
    assert [row["kind"] for row in rows] == [BEGAN, READ, ENDED]
    assert "Grethe Boss" not in json.dumps(rows)


def test_the_leader_finds_it_in_the_access_log(as_user: AsUser, boss: User, hr: User, leder: User) -> None:
    look(as_user(boss), hr, "/kommuner/999/")
    file = b"".join(as_user(leder).get("/adgangslog/?format=csv")).decode("utf-8-sig")
    found = [row[1:] for row in csv.reader(io.StringIO(file), delimiter=";")][1:]
    told = [row for row in reversed(found) if row[4] == "Hanne Lund"]
    assert [(row[0], row[1]) for row in told] == [
        ("KL", "Begyndte at se som en bruger"),
        ("KL", "Læste"),
        ("KL", "Holdt op med at se som en bruger"),
    ]
