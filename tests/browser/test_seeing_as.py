"""KL's administrator sees the pages as a user, can do nothing there, and stops."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from initiatives.demo.cast import HR_KORSBAEK, PASSWORD

from .checks import check_page
from .conftest import Browse

ADMIN = "admin@kl.example"
BAND = "Du ser siderne som Hanne Lund, kommunal redaktør i Korsbæk Kommune. Du kan ikke ændre noget."


def sign_in(page: Page) -> None:
    """Anew, since the session is what is changed."""
    page.goto("/konto/login/")
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Log på", exact=True).click()
    page.wait_for_url("**/")


def test_seen_as_a_user_and_nothing_done(browse: Browse) -> None:
    page = browse()
    sign_in(page)
    page.goto(f"/admin/stakeholders/user/?q={HR_KORSBAEK}")
    page.get_by_role("link", name="Hanne Lund").click()
    page.get_by_role("link", name="Se som brugeren").click()
    check_page(page)
    page.get_by_role("button", name="Se som Hanne Lund").click()
    page.wait_for_url("**/")
    band = page.get_by_role("complementary", name="Du ser som en anden")
    expect(band).to_contain_text(BAND)
    check_page(page)

    page.goto("/kommuner/999/anbefalinger/10/status/")
    page.get_by_role("radio", name="Gennemført", exact=True).check()
    page.get_by_role("button", name="Gem").first.click()
    expect(page.locator("h1")).to_have_text("Du kan kun se")
    expect(band).to_be_visible()
    check_page(page)

    page.emulate_media(media="print")
    expect(band).to_contain_text(BAND)
    expect(band.get_by_role("button")).to_be_hidden()
    page.emulate_media(media="screen")
    band.get_by_role("button", name="Hold op").click()
    expect(page.get_by_text("Du ser igen siderne som dig selv.")).to_be_visible()
    page.goto("/")
    expect(band).to_have_count(0)
