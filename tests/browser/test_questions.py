"""Answering key questions with the mouse and without scripts."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .checks import check_page
from .conftest import Browse

HR = "hr@korsbaek.example"


def answered(page: Page, number: int) -> str:
    return page.locator(f"#anbefaling-{number} .key-answers").inner_text()


def test_what_hangs_on_another_answer_is_shown_when_it_is_asked(browse: Browse) -> None:
    page = browse(HR)
    page.goto("/kommuner/999/anbefalinger/15/spoergsmaal/")
    date = page.get_by_label("Hvornår blev strategien vedtaget?")
    expect(date).to_have_value("2026-09-24")
    page.get_by_label("Nej", exact=True).check()
    expect(date).to_be_hidden()
    page.get_by_label("Ja", exact=True).check()
    expect(date).to_be_visible()


def test_answers_are_saved_without_scripts(browse: Browse) -> None:
    page = browse(HR, java_script_enabled=False, viewport={"width": 390, "height": 900})
    page.goto("/kommuner/999/#anbefaling-26")
    page.locator("#anbefaling-26").get_by_role("link", name="Svar på spørgsmålet").click()
    page.get_by_label("At bruge den i hverdagen").check()
    page.get_by_label("Der er ikke noget fast tilbud").check()
    page.get_by_role("button", name="Gem svarene").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("“Der er ikke noget fast tilbud” kan ikke vælges sammen med andre svar.")
    expect(page.get_by_label("At bruge den i hverdagen")).to_be_checked()
    page.get_by_label("Der er ikke noget fast tilbud").uncheck()
    page.get_by_role("button", name="Gem svarene").click()
    page.wait_for_url("**/kommuner/999/#anbefaling-26")
    assert "At bruge den i hverdagen" in answered(page, 26)


def test_a_refused_form_is_a_page_like_the_others(browse: Browse) -> None:
    page = browse(HR)
    page.goto("/kommuner/999/anbefalinger/20/spoergsmaal/")
    page.get_by_label("Hvor mange af jeres hjælpere").fill("tolv")
    page.get_by_role("button", name="Gem svarene").click()
    expect(page.get_by_label("Hvor mange af jeres hjælpere")).to_have_value("tolv")
    page.get_by_role("alert").get_by_role("link", name="Skriv et tal som 12 eller 12,5.").click()
    expect(page.get_by_label("Hvor mange af jeres hjælpere")).to_be_focused()
    check_page(page)
