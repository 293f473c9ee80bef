"""Signing in with a passkey and in two steps, with an authenticator that Chromium plays."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from initiatives.demo.cast import PASSWORD

from .checks import check_page
from .conftest import PATIENCE, Watch
from .fresh import Fresh

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

FRONT = re.compile(r"//[^/]+/$")


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A browser with a passkey holder; a passkey belongs to a name, so the address is one."""
    named = site.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=named, locale="da-DK")
    context.set_default_timeout(PATIENCE)
    watch = Watch(named)
    watch.over(context)
    page = context.new_page()
    authenticator = context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    yield page
    context.close()
    assert watch.faults == []


def with_password(page: Page, email: str) -> None:
    page.goto("/konto/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Log på", exact=True).click()


def sign_out(page: Page) -> None:
    page.locator(".header__user").get_by_role("button", name="Log af").click()
    page.wait_for_url(FRONT)


def test_a_passkey_is_made_signs_in_and_has_codes_for_when_it_is_lost(page: Page, fresh: Fresh) -> None:
    with_password(page, fresh.leader)
    page.locator(".header__user").get_by_role("link", name="Din konto").click()
    check_page(page)
    page.get_by_role("link", name="Se hvor").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Du er kun logget på her")
    check_page(page)
    page.goto("/konto/totrin/app/")
    check_page(page)
    page.goto("/konto/totrin/")
    check_page(page)
    page.get_by_role("link", name="Tilføj en adgangsnøgle").click()
    check_page(page)
    page.get_by_label("Hvad skal den hedde?").fill("Kontorets pc")
    page.get_by_role("button", name="Tilføj").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gem dine nødkoder nu")
    check_page(page)
    codes = page.locator(".codes code").all_inner_texts()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Hent som tekstfil").click()
    assert fetched.value.path().read_text().split()[-10:] == codes
    page.get_by_role("link", name="Jeg har gemt dem. Videre").click()
    expect(page.get_by_text("Kontorets pc")).to_be_visible()
    check_page(page)

    page.set_viewport_size({"width": 1280, "height": 900})
    sign_out(page)
    page.goto("/konto/login/?next=/matrix/")
    check_page(page)
    page.get_by_role("button", name="Log på med adgangsnøgle").click()
    page.wait_for_url(re.compile(r"//[^/]+/matrix/$"))

    page.set_viewport_size({"width": 1280, "height": 900})
    sign_out(page)
    with_password(page, fresh.leader)
    expect(page.get_by_role("heading", level=1)).to_have_text("Trin 2 af 2")
    check_page(page)
    page.get_by_role("button", name="Brug adgangsnøgle").click()
    page.wait_for_url(FRONT)

    for code, said in ((codes[0], "Du er logget på."), (codes[0], "Det passer ikke."), (codes[1], "Du er logget på.")):
        page.context.clear_cookies()
        with_password(page, fresh.leader)
        page.get_by_label("Kode fra appen, eller en nødkode").fill(code)
        page.get_by_role("button", name="Log på", exact=True).click()
        expect(page.locator("main")).to_contain_text(said)


def test_a_passkey_that_is_not_there_is_told_of(page: Page) -> None:
    page.goto("/konto/login/")
    page.get_by_role("button", name="Log på med adgangsnøgle").click()
    expect(page.locator(".passkey__said")).to_contain_text("ingen adgangsnøgle til Flere hænder her")
