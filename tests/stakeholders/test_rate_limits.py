"""Attempts are counted strictly for an account and widely for an address, by all processes together."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.db import connection
from django.test import Client

from flere_haender.client_address import networks
from stakeholders.chores import forget_cached
from stakeholders.models import AccessEntry, Message, User
from tests.factories import PASSWORD
from tests.stakeholders.test_second_factor import code, set_up, sign_in

pytestmark = pytest.mark.django_db

LOGIN = "/konto/login/"
TOO_MANY = "Der er prøvet for mange gange med denne e-mail."


@pytest.fixture(autouse=True)
def nothing_counted(db: None) -> None:
    cache.clear()


def attempt(email: str, password: str = "forkert", **sent: Any) -> Any:
    return Client().post(LOGIN, {"login": email, "password": password}, **sent)


def test_the_sixth_attempt_on_an_account_is_refused_from_wherever_it_comes(hr: User) -> None:
    for number in range(5):
        assert TOO_MANY not in attempt(hr.email, REMOTE_ADDR=f"203.0.113.{number}").content.decode()
    refused = attempt(hr.email.upper(), PASSWORD, REMOTE_ADDR="198.51.100.1")
    page = refused.content.decode()
    assert TOO_MANY in page and f'value="{hr.email.upper()}"' in page
    assert refused.status_code == 200


def test_colleagues_behind_the_same_address_are_let_in(hr: User, leder: User) -> None:
    for _ in range(6):
        attempt(hr.email)
    assert attempt(leder.email, PASSWORD).status_code == 302


def test_signing_in_does_not_wear_the_limit_out(hr: User) -> None:
    assert [attempt(hr.email, PASSWORD).status_code for _ in range(8)] == [302] * 8


def test_an_account_that_does_not_exist_is_told_the_same(hr: User) -> None:
    for _ in range(6):
        said = [attempt(email).context["form"].non_field_errors() for email in (hr.email, "ingen@example.org")]
        assert said[0] == said[1] and said[0]
    assert TOO_MANY in said[0][0]


def test_other_letters_for_the_same_do_not_begin_anew(db: None) -> None:
    """The database takes ſ for s and the Kelvin sign for k, and a form lets them through."""
    from stakeholders.adapter import AccountAdapter

    keys = {AccountAdapter()._get_login_attempts_cache_key(None, email=each) for each in ("ks@x.dk", "Kſ@X.DK")}
    assert len(keys) == 1


def test_the_codes_of_the_second_step_are_counted_for_the_account(hr: User, settings: Any) -> None:
    secret = set_up(sign_in(hr))
    for number in range(5):
        client = sign_in(hr)
        client.post("/konto/trin-2/", {"code": f"{number:06}"}, REMOTE_ADDR=f"203.0.113.{number}")
    client = sign_in(hr)
    refused = client.post("/konto/trin-2/", {"code": code(secret)}, REMOTE_ADDR="198.51.100.1")
    assert TOO_MANY in refused.content.decode()
    assert client.get("/konto/").status_code == 302


@pytest.fixture
def few(settings: Any) -> None:
    """The wide limits as they are, but for the number."""
    limits = {name: rate.replace("300/m/ip", "3/m/ip") for name, rate in settings.ACCOUNT_RATE_LIMITS.items()}
    assert limits != settings.ACCOUNT_RATE_LIMITS
    settings.ACCOUNT_RATE_LIMITS = limits
    settings.MFA_RATE_LIMITS = {"webauthn_login": "3/m/ip"}
    settings.TRUSTED_PROXIES = networks(["10.0.0.0/8"])


def test_an_address_has_three_hundred_a_minute() -> None:
    rates = [*project.ACCOUNT_RATE_LIMITS.values(), *project.MFA_RATE_LIMITS.values()]
    assert {each for rate in rates for each in rate.split(",") if each.endswith("/ip")} == {"300/m/ip"}


@pytest.mark.parametrize("path", [LOGIN, "/konto/adgangskode/glemt/", "/konto/noegle/"])
def test_beyond_that_the_page_says_so_and_keeps_what_was_typed(few: None, path: str) -> None:
    typed = {"login": "en@example.org", "email": "en@example.org", "password": "hemmelig", "next": "/matrix/"}
    for number in range(3):
        assert Client().post(path, typed | {"email": f"{number}@example.org"}).status_code != 429
    refused = Client().post(path, typed)
    page = refused.content.decode()
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")
    assert "Vent lidt, og prøv igen" in page
    assert '<input type="hidden" name="login" value="en@example.org">' in page
    assert "hemmelig" not in page
    assert Client().post(path, typed, REMOTE_ADDR="203.0.113.5").status_code != 429


def test_behind_a_trusted_proxy_each_client_has_its_own(few: None) -> None:
    def from_client(address: str) -> int:
        sent = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"6.6.6.{address[-1]}, {address}"}
        return int(attempt("en@example.org", **sent).status_code)

    assert [from_client("203.0.113.1") for _ in range(4)][-1] == 429
    assert from_client("203.0.113.2") != 429


@pytest.mark.parametrize("path", ["/konto/login/korsbaek/", "/konto/login/korsbaek/svar/"])
def test_the_way_through_a_provider_is_counted_too(few: None, provider: Any, path: str) -> None:
    answers = [Client().get(f"{path}?state=x") for _ in range(4)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, False, True]
    assert f'href="{path}?state=x">Prøv igen' in answers[-1].content.decode()


def test_what_the_limit_holds_back_is_written_down_once(hr: User) -> None:
    for email in (hr.email, "en@example.org", "to@example.org"):
        for _ in range(8):
            attempt(email)
    held = AccessEntry.objects.filter(subject="For mange forsøg").order_by("pk")
    assert [(row.kind, row.by) for row in held] == [("sign_in_refused", hr), ("sign_in_refused", None)]


def test_a_reset_is_asked_for_five_times_a_minute(hr: User) -> None:
    for _ in range(7):
        answer = Client().post("/konto/adgangskode/glemt/", {"email": hr.email})
    unknown = Client().post("/konto/adgangskode/glemt/", {"email": "ingen@example.org"})
    assert Message.objects.filter(recipient=hr, occasion="password_reset").count() == 5
    assert answer.status_code == 429 and unknown["Location"] == "/konto/adgangskode/glemt/sendt/"


def test_thousands_of_other_names_do_not_wash_the_count_away(hr: User) -> None:
    for _ in range(6):
        attempt(hr.email)
    cache.set_many({f"other-{number}": number for number in range(400)})
    assert TOO_MANY in attempt(hr.email, PASSWORD).content.decode()


def test_what_is_no_longer_counted_is_kept_no_longer(gaest: Client) -> None:
    """The address among it; what has no end stays."""
    gaest.post(LOGIN, {"login": "ingen@example.org", "password": "x"}, REMOTE_ADDR="192.0.2.7")
    cache.set("endless", 1, timeout=None)
    with connection.cursor() as cursor:

        def kept() -> str:
            cursor.execute("SELECT string_agg(cache_key, ' ') FROM cache")
            return str(cursor.fetchone()[0])

        forget_cached()
        assert "192.0.2.7" in kept()
        cursor.execute("UPDATE cache SET expires = expires - interval '6 minutes'")
        forget_cached()
        assert "192.0.2.7" not in kept()
    assert cache.get("endless") == 1


PROCESS = """
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {database!r}
django.setup()
from django.core.cache import cache
from django.test import Client
pages = [Client().post({path!r}, dict(email="ingen@example.org"), HTTP_HOST="localhost") for _ in "abc"]
print([page.status_code == 429 for page in pages])
{then}
"""


def test_processes_count_together() -> None:
    """Three attempts in one and three in another are six. What they count stands, so the second clears it away."""
    told = {"database": connection.settings_dict["NAME"], "path": "/konto/adgangskode/glemt/"}
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "flere_haender.settings", "DEBUG": "1", "HTTPS": "0"}
    said = [
        subprocess.run(
            [sys.executable, "-c", PROCESS.format(**told, then=then)],
            capture_output=True,
            text=True,
            cwd=project.BASE_DIR,
            env=environment,
        ).stdout.strip()
        for then in ("", "cache.clear()")
    ]
    assert said == ["[False, False, False]", "[False, False, True]"]
