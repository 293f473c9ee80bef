"""What others than people look for: whether it lives, whom to tell of a hole, where the accessibility statement is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client


def test_whom_to_tell_of_a_hole(gaest: Client) -> None:
    response = gaest.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert lines["Contact"] == f"mailto:{settings.CONTACT_EMAIL}"
    assert lines["Canonical"].endswith("/.well-known/security.txt")
    left = datetime.fromisoformat(lines["Expires"]) - datetime.now(UTC)
    assert timedelta(days=150) < left < timedelta(days=365)


@pytest.mark.parametrize(
    ("published", "leads_to"), [("", "/tilgaengelighed/"), ("https://was.example/kl", "https://was.example/kl")]
)
def test_where_the_accessibility_statement_is(gaest: Client, settings: Any, published: str, leads_to: str) -> None:
    settings.ACCESSIBILITY_STATEMENT = published
    assert gaest.get("/was")["Location"] == leads_to


def test_it_lives_without_a_database(gaest: Client) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("asked the database")

    with connection.execute_wrapper(refuse):
        response = gaest.get("/sundhed/live")
    assert (response.status_code, response.content) == (200, b"lever\n")
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "said"), [(12, "højst 12 timer"), (1, "højst 1 time)")])
def test_the_privacy_page_says_how_long_one_stays_signed_in(
    gaest: Client, settings: Any, hours: int, said: str
) -> None:
    settings.SESSION_COOKIE_AGE = hours * 60 * 60
    assert said in gaest.get("/privatliv/").content.decode()
