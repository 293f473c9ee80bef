"""Signing in through the organisation's own identity provider, all the way, in a browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.identity import KL_CVR, KORSBAEK_CVR, Provider, privileges

from .checks import check_page

EDITOR = {"cvr": KORSBAEK_CVR, "roles": ["redaktoer"]}
CONSULTANT = {"cvr": KL_CVR, "roles": ["kl-konsulent"]}


def to_the_provider(page: Page, button: str, wanted: str) -> None:
    """From the page that somebody wanted to the provider, which asks who they are."""
    page.goto(wanted)
    page.get_by_role("link", name=f"Log på med {button}").click()
    page.get_by_placeholder("sub").wait_for()


@pytest.mark.parametrize(
    ("button", "sub", "claims", "organisation"),
    [
        ("Korsbæk Kommune", "hr", EDITOR, "Korsbæk Kommune"),
        ("KL", "kl", CONSULTANT, "KL"),
        ("KOMBIT", "hr-kombit", {"privilegesIntermediate": privileges((KORSBAEK_CVR, "leder"))}, "Korsbæk Kommune"),
        ("KOMBIT", "kl-kombit", {"privilegesIntermediate": privileges((KL_CVR, "kl-laeser"))}, "KL"),
    ],
)
def test_signing_in(
    browser: Browser, site: str, identity_provider: Provider, button: str, sub: str, claims: Any, organisation: str
) -> None:
    identity_provider.knows(sub, email=f"{sub}@login.example", email_verified=True, name=f"Person {sub}", **claims)
    context = browser.new_context(base_url=site, locale="da-DK")
    try:
        context.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())  # the provider's own style
        page = context.new_page()
        to_the_provider(page, button, "/konto/login/?next=/matrix/")
        page.get_by_placeholder("sub").fill(sub)
        page.get_by_role("button", name="Authorize", exact=True).click()
        page.wait_for_url(f"{site}/matrix/")
        expect(page.locator(".header__user").first).to_contain_text(f"Person {sub}, {organisation}")
        page.locator(".header__user").first.get_by_role("button", name="Log af").click()
        page.goto("/matrix/")
        page.wait_for_url(f"{site}/konto/login/?next=/matrix/")
    finally:
        context.close()


def test_who_is_refused_or_cancels_reads_why(browser: Browser, site: str, identity_provider: Provider) -> None:
    identity_provider.knows("uden", email="uden@login.example", email_verified=True, cvr=KORSBAEK_CVR)
    context = browser.new_context(base_url=site, locale="da-DK")
    try:
        context.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
        page = context.new_page()
        page.goto("/konto/login/")
        check_page(page)
        to_the_provider(page, "Korsbæk Kommune", "/konto/login/")
        page.get_by_placeholder("sub").fill("uden")
        page.get_by_role("button", name="Authorize", exact=True).click()
        page.get_by_text("Bed den, der tildeler roller").wait_for()
        check_page(page)
        page.get_by_role("link", name="Til Log på").click()
        to_the_provider(page, "Korsbæk Kommune", "/konto/login/")
        page.get_by_role("button", name="Deny").click()
        page.get_by_text("blev afbrudt").wait_for()
    finally:
        context.close()
