"""OIDC_PROVIDERS: what is wrong in it stops the service before it starts, and says what, without the secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from flere_haender.identity_providers import own_cvr, read

ROW = {
    "id": "korsbaek-kommune",
    "name": "Korsbæk Kommune",
    "server": "https://login.example/x/v2.0",
    "client_id": "flere-haender",
    "cvr": ["11111111"],
}
SECRETS = {"OIDC_SECRET_KORSBAEK_KOMMUNE": "meget-hemmelig"}


def test_one_provider() -> None:
    (app,) = read(json.dumps([ROW]), SECRETS)
    assert (app["provider_id"], app["name"], app["secret"]) == (
        "korsbaek-kommune",
        "Korsbæk Kommune",
        "meget-hemmelig",
    )
    assert app["settings"]["oauth_pkce_enabled"] is True and app["settings"]["fetch_userinfo"] is False
    assert app["settings"]["roles"]["redaktoer"] == "editor"


@pytest.mark.parametrize("nothing", ["", "  \n"])
def test_none(nothing: str) -> None:
    assert read(nothing, {}) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cvr": ...}, "mangler cvr"),
        ({"name": ...}, "mangler name"),
        ({"cvrs": ["11111111"]}, "kender ikke cvrs"),
        ({"cvr": []}, "cvr skal være"),
        ({"cvr": "11111111"}, "cvr skal være"),
        ({"cvr": ["1111111"]}, "cvr skal være"),
        ({"cvr": [11111111]}, "cvr skal være"),
        ({"id": "Korsbæk"}, "id skal være"),
        ({"id": "openid_connect"}, "id skal være"),
        ({"server": "http://login.example"}, "server skal være"),
        ({"server": "login.example"}, "server skal være"),
        ({"server": "https://[x"}, "server skal være"),
        ({"server": 7}, "server skal være"),
        ({"roles": {"HR": "redaktør"}}, "roles skal være"),
        ({"roles": {}}, "roles skal være"),
        ({"system": "x"}, "hører sammen"),
        ({"privileges_claim": "x"}, "hører sammen"),
        ({"cvr_claim": "", "cvr": ["*"]}, "præcis ét"),
        ({"cvr_claim": "", "cvr": ["11111111", "22222222"]}, "præcis ét"),
        ({"scope": ["email"]}, "openid"),
        ({"email_domains": "kl.dk"}, "email_domains skal være"),
        ({"id": "en-anden"}, "OIDC_SECRET_EN_ANDEN"),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, Any], said: str) -> None:
    row = {key: value for key, value in {**ROW, **fields}.items() if value is not ...}
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(json.dumps([row]), SECRETS)
    assert said in str(refusal.value) and "meget-hemmelig" not in str(refusal.value)


@pytest.mark.parametrize("text", ["{", "{}", "[1]", "null"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        read(text, SECRETS)


def test_kls_own_number_has_eight_digits() -> None:
    assert (own_cvr(""), own_cvr("10101010")) == ("", "10101010")
    for wrong in ("1010101", "DK10101010", "1010101x", "10101010\n"):
        with pytest.raises(ImproperlyConfigured):
            own_cvr(wrong)


def test_two_with_the_same_id_are_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="samme id"):
        read(json.dumps([ROW, ROW]), SECRETS)
