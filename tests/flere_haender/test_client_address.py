"""Where a request comes from: a proxy is believed only where it is trusted."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from flere_haender.client_address import client_address, networks

TRUSTED = ["10.0.0.0/8", "192.168.1.5", "fd00::/8"]


def asked(peer: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))


@pytest.fixture
def proxies(settings: Any) -> None:
    settings.TRUSTED_PROXIES = networks(TRUSTED)


def test_without_trusted_proxies_the_header_is_nobodys_word() -> None:
    assert asked("10.0.0.1", "203.0.113.7") == "10.0.0.1"


def test_from_a_stranger_the_header_is_nobodys_word(proxies: None) -> None:
    assert asked("203.0.113.9", "198.51.100.1") == "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),  # the left one is what the client wrote
        ("10.0.0.1", "203.0.113.7, 10.2.3.4, 192.168.1.5", "203.0.113.7"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.9.9.9", "10.9.9.9"),  # somebody within
        ("", "203.0.113.7", "203.0.113.7"),  # a socket
        ("10.0.0.1", "203.0.113.7:51234", "203.0.113.7"),
        ("10.0.0.1", "[2001:db8::7]:443", "2001:db8::7"),
        ("10.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("fd00::1", "2001:DB8:0::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("10.0.0.1", "203.0.113.7, garbage", "10.0.0.1"),
        ("10.0.0.1", "garbage, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7,", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7:x", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4.5", "10.0.0.1"),
        ("10.0.0.1", "<script>", "10.0.0.1"),
        ("10.0.0.1", "[" * 500, "10.0.0.1"),
        ("10.0.0.1", "9" * 100_000, "10.0.0.1"),
        ("10.0.0.1", ",".join(["6.6.6.6"] * 5_000 + ["203.0.113.7"]), "203.0.113.7"),
        ("10.0.0.1", ",".join(["6.6.6.6"] + ["10.1.1.1"] * 5_000), "10.1.1.1"),
    ],
)
def test_the_rightmost_that_is_no_proxy_of_ours(
    proxies: None, peer: str, forwarded: str | None, expected: str
) -> None:
    assert asked(peer, forwarded) == expected


def test_a_socket_without_a_proxy_says_nothing() -> None:
    assert asked("") == ""


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_whatever_stands_in_the_header_the_answer_is_an_address(forwarded: str) -> None:
    from django.test import override_settings

    with override_settings(TRUSTED_PROXIES=networks(TRUSTED)):
        assert networks([asked("10.0.0.1", forwarded)])


@pytest.mark.parametrize("name", ["mit net", "10.0.0.5/8"])  # the second gunicorn would not take
def test_a_network_that_is_none_is_told_of(name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{name} er ikke et netværk. .* for eksempel"):
        networks(["10.0.0.0/8", name])
