"""Sessions: they end, one sees one's own, and one can end the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from stakeholders.chores import forget_sessions
from stakeholders.models import AccessEntry, AccessKind, User, UserSession
from stakeholders.sessions import device_of
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def sign_in(user: User, agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post("/konto/login/", {"login": user.email, "password": PASSWORD})
    return client


def is_signed_in(client: Client) -> bool:
    return bool(client.get("/konto/").status_code == 200)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (FIREFOX, "Firefox på Windows"),
        (EDGE, "Edge på Windows"),
        (IPHONE, "Safari på iPhone"),
        ("curl/8.0", ""),
        ("", ""),
        ("<b>Firefox" * 10_000, "Firefox"),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str, expected: str) -> None:
    assert device_of(agent) == expected


def test_it_ends_after_twelve_hours_of_use(hr: User) -> None:
    client = sign_in(hr)
    start = timezone.now()
    for hour in range(1, 12):
        with time_machine.travel(start + timedelta(hours=hour), tick=False):
            assert is_signed_in(client)
    with time_machine.travel(start + timedelta(hours=12, seconds=1), tick=False):
        assert client.get("/konto/")["Location"].startswith("/konto/login/")


@pytest.mark.parametrize(("fault", "status"), [("57P01", 500), ("XX000", 500), (None, 400)])
def test_a_database_that_fails_is_not_taken_for_a_session_that_is_gone(
    hr: User, fault: str | None, status: int
) -> None:
    """Killed servers are told of in more than one way; 57P01 is that it was shut down, XX000 that it broke."""
    client = sign_in(hr)
    client.raise_request_exception = False

    def meanwhile(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "stakeholders_usersession"'):
            if fault:
                sql, rest = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{fault}'; END $$", (None, *rest[1:])
            UserSession.objects.all().delete()
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        assert client.post("/konto/sessioner/").status_code == status


def test_it_ends_when_it_is_left_alone(hr: User, settings: Any) -> None:
    settings.SESSION_IDLE = 3600
    client = sign_in(hr)
    start = timezone.now()
    for minutes in (50, 100):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert is_signed_in(client)
    with time_machine.travel(start + timedelta(minutes=161), tick=False):
        assert len(UserSession.objects.running(hr)) == 0
        assert not is_signed_in(client)


def test_what_is_sent_after_the_end_is_given_back(hr: User, settings: Any) -> None:
    client = sign_in(hr)
    with time_machine.travel(timezone.now() + timedelta(hours=3), tick=False):
        typed = {"status": "completed", "note": "Skrevet før frokost."}
        asked = client.post("/kommuner/999/anbefalinger/10/status/", typed)
        assert asked["Location"].startswith("/konto/login/?next=")
        back = client.post(asked["Location"], {"login": hr.email, "password": PASSWORD})
        assert "Skrevet før frokost." in client.get(back["Location"]).content.decode()


def test_one_sees_one_s_own_and_ends_one_of_them(hr: User, nabo: User) -> None:
    here, there, other = sign_in(hr), sign_in(hr, IPHONE), sign_in(nabo, EDGE)
    page = here.get("/konto/sessioner/")
    assert [each.device for each in page.context["sessions"]] == ["Firefox på Windows", "Safari på iPhone"]
    assert "Du er logget på 2 steder" in page.content.decode()
    assert "Edge" not in page.content.decode()
    keys = UserSession.objects.values_list("session_key", flat=True)
    assert not any(key in page.content.decode() for key in keys)

    stranger = UserSession.objects.get(user=nabo).handle
    here.post("/konto/sessioner/", {"session": stranger})
    here.post("/konto/sessioner/", {"session": "x" * 10_000})
    assert is_signed_in(other) and is_signed_in(there)
    here.post("/konto/sessioner/", {"session": page.context["sessions"][1].handle})
    assert is_signed_in(here) and not is_signed_in(there) and is_signed_in(other)
    assert [entry.by for entry in AccessEntry.objects.filter(kind=AccessKind.SESSION_ENDED)] == [hr]


def test_one_ends_all_the_others(hr: User) -> None:
    here, *rest = (sign_in(hr) for _ in range(3))
    answer = here.post("/konto/sessioner/", follow=True).content.decode()
    assert "Du er logget af 2 andre steder." in answer and "Du er kun logget på her" in answer
    assert [is_signed_in(each) for each in (here, *rest)] == [True, False, False]


def test_a_new_password_ends_the_others(hr: User) -> None:
    here, there = sign_in(hr), sign_in(hr)
    new = "en-helt-anden-adgangskode-9"
    here.post("/konto/adgangskode/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert is_signed_in(here) and not is_signed_in(there)
    assert UserSession.objects.filter(user=hr).count() == 1


def test_signing_somebody_out_everywhere_leaves_the_others(hr: User, nabo: User) -> None:
    mine, theirs = sign_in(hr), sign_in(nabo)
    hr.sign_out_everywhere()
    assert not is_signed_in(mine) and is_signed_in(theirs)


def test_what_has_ended_is_forgotten(hr: User) -> None:
    sign_in(hr)
    forget_sessions()
    assert UserSession.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        forget_sessions()
    assert UserSession.objects.count() == 0
