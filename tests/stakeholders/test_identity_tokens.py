"""Signing in through a real identity provider: every token and every answer that does not hold is refused."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from stakeholders.models import AccessEntry, AccessKind, Membership, Municipality, User
from tests.identity import KORSBAEK_CVR, Provider, answer_of, asked_for, sign_in
from tests.identity_provider import DISCOVERY, TOKENS

pytestmark = pytest.mark.django_db

CLAIMS = {"email": "ny@korsbaek.example", "email_verified": True, "name": "Ny Nielsen"}
GOOD = {**CLAIMS, "cvr": KORSBAEK_CVR, "roles": ["redaktoer"]}


def is_out(browser: Client) -> bool:
    return browser.get("/kommuner/999/arkiv/").status_code == 302


def assert_refused(browser: Client, response: Any, reason: str, *, status: int = 403) -> AccessEntry:
    """Not let in, told why, and written down; nothing has been made."""
    page = response.content.decode()
    assert (response.status_code, reason in page) == (status, True), page
    assert "Du er ikke logget på" in page
    assert is_out(browser)
    entry = AccessEntry.objects.filter(kind=AccessKind.SIGN_IN_REFUSED).latest("pk")
    assert entry.detail.startswith(reason)
    return entry


def test_a_token_that_holds_lets_in(gaest: Client, provider: Provider, korsbaek: Municipality) -> None:
    response = sign_in(gaest, provider.knows("ny", **GOOD), query="?next=/kommuner/999/arkiv/")
    assert (response.status_code, response["Location"]) == (302, "/kommuner/999/arkiv/")
    assert gaest.get("/kommuner/999/arkiv/").status_code == 200
    user = User.objects.get(email="ny@korsbaek.example")
    assert (user.name, user.membership.role, user.membership.municipality) == ("Ny Nielsen", "editor", korsbaek)
    assert not user.has_usable_password()
    account = SocialAccount.objects.get()
    assert (account.user, account.provider, account.uid, account.extra_data) == (user, "korsbaek", "ny", {})


@pytest.mark.parametrize("fault", TOKENS)
def test_a_token_that_does_not_hold_lets_nobody_in(
    gaest: Client, provider: Provider, korsbaek: Municipality, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    provider.knows("ny", **GOOD)
    provider.fails(fault)
    with caplog.at_level(logging.DEBUG):
        response = sign_in(gaest, "ny")
    entry = assert_refused(gaest, response, "token")
    assert "(" not in entry.detail and entry.by is None
    assert "skrive til flere-haender@kl.example" in response.content.decode()
    assert not User.objects.filter(email="ny@korsbaek.example").exists() and not SocialAccount.objects.exists()
    assert "refused: token" in caplog.text and "ny@" not in caplog.text and "Nielsen" not in caplog.text


@pytest.mark.parametrize("fault", ["code refused", "token answer is a list"])
def test_an_answer_that_makes_no_sense_lets_nobody_in(
    gaest: Client, provider: Provider, korsbaek: Municipality, fault: str
) -> None:
    provider.knows("ny", **GOOD)
    provider.fails(fault)
    assert_refused(gaest, sign_in(gaest, "ny"), "provider_error", status=502)


@pytest.mark.parametrize("fault", DISCOVERY)
def test_a_provider_that_is_another_than_in_the_settings_is_not_asked(
    gaest: Client, provider: Provider, korsbaek: Municipality, fault: str
) -> None:
    provider.fails(fault)
    assert_refused(gaest, gaest.get("/konto/login/korsbaek/"), "provider_error", status=502)


def test_a_provider_that_does_not_answer(
    gaest: Client, provider: Provider, korsbaek: Municipality, settings: Any
) -> None:
    provider.fails("500 at /.well-known/openid-configuration")
    assert_refused(gaest, gaest.get("/konto/login/korsbaek/"), "unreachable", status=503)
    provider.fails("")
    address = answer_of(asked_for(gaest, "korsbaek"), provider.knows("ny", **GOOD))
    provider.fails("500 at /jwks")
    assert_refused(gaest, gaest.get(address), "unreachable", status=503)
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"  # nobody listens there
    assert_refused(gaest, gaest.get("/konto/login/korsbaek/"), "unreachable", status=503)


def test_the_keys_are_missing(gaest: Client, provider: Provider, korsbaek: Municipality) -> None:
    provider.knows("ny", **GOOD)
    provider.fails("no key set")
    assert_refused(gaest, sign_in(gaest, "ny"), "token")


def test_somebody_cancels(gaest: Client, provider: Provider, korsbaek: Municipality) -> None:
    address = answer_of(asked_for(gaest, "korsbaek"), "ny", action="deny")
    assert "error=access_denied" in address
    assert_refused(gaest, gaest.get(address), "cancelled")


def test_the_provider_says_that_something_is_wrong(gaest: Client, provider: Provider, korsbaek: Municipality) -> None:
    address = answer_of(asked_for(gaest, "korsbaek"), "ny", action="deny")
    response = gaest.get(address.replace("access_denied", "server_error"))
    assert_refused(gaest, response, "provider_error", status=502)


def test_an_answer_is_used_once_and_in_the_same_browser(
    gaest: Client, provider: Provider, korsbaek: Municipality
) -> None:
    provider.knows("ny", **GOOD)
    address = answer_of(asked_for(gaest, "korsbaek"), "ny")
    stranger = Client()
    assert_refused(stranger, stranger.get(address), "state")
    through_another = address.replace("/korsbaek/", "/alle/")
    assert_refused(gaest, gaest.get(through_another), "state")
    assert gaest.get(address).status_code == 302
    again = gaest.get(address)
    assert again.status_code == 403 and "state" in again.content.decode()
    gaest.post("/konto/logout/")
    assert_refused(gaest, gaest.get(address), "state")
    assert_refused(gaest, gaest.get("/konto/login/korsbaek/svar/?code=x"), "state")
    assert_refused(gaest, gaest.get("/konto/login/korsbaek/svar/"), "state")


def test_the_code_of_another_sign_in_is_refused(gaest: Client, provider: Provider, korsbaek: Municipality) -> None:
    """Somebody else's code put into one's own answer: PKCE at the provider, and the nonce here, hold it back."""
    provider.knows("ny", **GOOD)
    provider.knows("offer", **{**GOOD, "email": "offer@korsbaek.example"})
    victims = answer_of(asked_for(Client(), "korsbaek"), "offer")
    own = answer_of(asked_for(gaest, "korsbaek"), "ny")
    code = victims.partition("code=")[2].partition("&")[0]
    own_code = own.partition("code=")[2].partition("&")[0]
    assert_refused(gaest, gaest.get(own.replace(own_code, code)), "provider_error", status=502)


def test_what_is_asked_for_cannot_be_changed_from_outside(
    gaest: Client, provider: Provider, korsbaek: Municipality
) -> None:
    query = "?auth_params=nonce%3Dx&scope=admin&process=connect&next=//evil.example/"
    asked = parse_qs(urlsplit(asked_for(gaest, "korsbaek", query)).query)
    assert len(asked["nonce"][0]) > 40 and len(asked["state"][0]) >= 16 and len(asked["code_challenge"][0]) > 40
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert asked["redirect_uri"] == ["http://testserver/konto/login/korsbaek/svar/"]
    assert sign_in(gaest, provider.knows("ny", **GOOD), query=query)["Location"] == "/"


def test_who_is_signed_in_is_not_sent_to_the_provider(hr: User, provider: Provider) -> None:
    browser = Client()
    browser.force_login(hr, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/konto/login/korsbaek/")["Location"] == "/"
    assert Membership.objects.active().filter(user=hr).exists()


def test_the_addresses_are_only_read(gaest: Client, provider: Provider) -> None:
    for path in ("", "svar/"):
        assert gaest.post(f"/konto/login/korsbaek/{path}").status_code == 405
        for unknown in ("openid_connect", "findes-ikke"):
            assert gaest.get(f"/konto/login/{unknown}/{path}").status_code == 404


def test_the_sign_in_page_has_a_button_for_each(gaest: Client, provider: Provider, settings: Any) -> None:
    page = gaest.get("/konto/login/?next=/matrix/").content.decode()
    assert 'href="/konto/login/korsbaek/?next=/matrix/">Log på med Korsbæk Kommune</a>' in page
    assert page.count('class="button button-secondary" href="/konto/login/') == 4
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    assert "Log på gennem din organisation" not in gaest.get("/konto/login/").content.decode()


@pytest.mark.parametrize("wrong", ["%00", "a" * 5000, "%F0%9F%98%80", "..%2F..%2F", "'%3B--", "<b>", "[]", ""])
def test_hostile_answers_are_refused_and_not_repeated(
    gaest: Client, provider: Provider, korsbaek: Municipality, wrong: str
) -> None:
    state = parse_qs(urlsplit(asked_for(gaest, "korsbaek")).query)["state"][0]
    for query in (
        f"state={wrong}&code=x",
        f"error={wrong}&state={wrong}",
        f"state={wrong}&state={wrong}&code={wrong}",
    ):
        page = assert_refused(gaest, gaest.get(f"/konto/login/korsbaek/svar/?{query}"), "state")
        assert "<b>" not in f"{page.detail}{page.subject}"
    response = gaest.get(f"/konto/login/korsbaek/svar/?code={wrong}&state={state}")
    assert_refused(gaest, response, "provider_error", status=502)
