"""Vores status, while two type at once and when something breaks: nothing typed is lost, nothing is overwritten."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from initiatives.demo.cast import PASSWORD

from .checks import check_page
from .conftest import Browse
from .fresh import Fresh, missing
from .test_recording import KONSULENT, LOST, REFUSED, answer, choose

TYPED = "Skrevet, mens tiden gik."
SESSION = "flere_haender_session"


def open_round(page: Page, fresh: Fresh) -> list[int]:
    """The numbers that are asked."""
    page.goto(fresh.path)
    return missing(page)


def note_of(page: Page, number: int) -> Locator:
    return answer(page, number).locator("textarea[name$='-note']").first


def type_note(page: Page, number: int, text: str = TYPED) -> None:
    """Typed and left at once: nothing has been sent yet."""
    note_of(page, number).press_sequentially(text)


def save(page: Page, number: int) -> None:
    answer(page, number).get_by_role("button", name=f"Gem svar {number}").click()


def sign_in_again(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Adgangskode").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Log på", exact=True).click()


# ---------------------------------------------------------------- two at once


@pytest.mark.parametrize("javascript", [True, False])
def test_two_editors_on_the_same_row(browse: Browse, fresh: Fresh, javascript: bool) -> None:
    first = browse(fresh.editor, java_script_enabled=javascript, foreseen=REFUSED)
    second = browse(fresh.colleague, java_script_enabled=javascript)
    number = open_round(first, fresh)[0]
    open_round(second, fresh)
    choose(answer(first, number), "Planlagt")
    note_of(first, number).fill("Vi begynder til foråret.")
    save(first, number)
    expect(answer(first, number)).to_contain_text("Vi begynder til foråret.")

    choose(answer(second, number), "Sat i bero")
    note_of(second, number).fill("Det venter på budgettet.")
    save(second, number)
    both = answer(second, number).get_by_role("alert").filter(has_text="En anden har gemt imens. Her er begge svar.")
    expect(both).to_contain_text("Vi begynder til foråret.")
    expect(both).to_contain_text("Det venter på budgettet.")
    if javascript:
        check_page(second)
        second.reload()  # what is not saved is given back, and belongs to another version than the colleague's
    expect(note_of(second, number)).to_have_value("Det venter på budgettet.")
    first.reload()
    expect(answer(first, number)).to_contain_text("Vi begynder til foråret.")

    save(second, number)  # the second chooses the own answer
    expect(answer(second, number)).to_contain_text("Det venter på budgettet.")
    expect(both).to_have_count(0)
    expect(note_of(second, number)).to_have_count(0)
    first.reload()
    expect(answer(first, number)).to_contain_text("Det venter på budgettet.")


def test_the_second_keeps_what_the_first_wrote(browse: Browse, fresh: Fresh) -> None:
    first, second = browse(fresh.editor), browse(fresh.colleague, foreseen=REFUSED)
    number = open_round(first, fresh)[0]
    open_round(second, fresh)
    choose(answer(first, number), "Planlagt")
    save(first, number)
    expect(answer(first, number).get_by_role("status")).to_contain_text("Gemt.")
    choose(answer(second, number), "Sat i bero")
    answer(second, number).get_by_role("link", name="behold").click()
    expect(answer(second, number).get_by_role("link", name=f"Ret svar {number}")).to_be_visible()
    for _ in range(2):  # and nothing that was typed comes back
        expect(answer(second, number)).to_contain_text("Planlagt")
        expect(answer(second, number)).not_to_contain_text("Sat i bero")
        second.reload()
        second.wait_for_load_state("networkidle")


def test_one_sees_within_the_polling_time_what_the_other_has_saved(browse: Browse, fresh: Fresh) -> None:
    first, second = browse(fresh.editor), browse(fresh.colleague)
    number = open_round(first, fresh)[0]
    open_round(second, fresh)
    polling = int(re.findall(r"every (\d+)s", first.locator("#fremdrift").get_attribute("hx-trigger") or "")[0])
    type_note(first, number)
    choose(answer(second, number), "Planlagt")
    save(second, number)
    line = first.get_by_text(re.compile(rf"Senest gemt: svar {number}, .*, Colleague {fresh.code}"))
    expect(line).to_be_visible(timeout=(polling + 3) * 1000)
    expect(first.locator(".progress__count")).to_contain_text("1 af 20 besvaret")
    expect(note_of(first, number)).to_have_value(TYPED)


# ---------------------------------------------------------------- what breaks


def test_a_lost_connection(browse: Browse, fresh: Fresh) -> None:
    page = browse(fresh.editor, foreseen=LOST)
    number = open_round(page, fresh)[2]
    page.context.set_offline(True)
    choose(answer(page, number), "Sat i bero")
    type_note(page, number)
    expect(answer(page, number).get_by_role("alert")).to_contain_text("Der er ingen forbindelse.")
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_text("Det, du skrev sidst, blev ikke gemt.")).to_be_visible()
    expect(note_of(page, number)).to_have_value(TYPED)
    expect(answer(page, number).get_by_role("radio", name="Sat i bero")).to_be_checked()
    check_page(page)
    save(page, number)
    expect(answer(page, number)).to_contain_text(TYPED)
    page.reload()
    expect(page.get_by_text("Det, du skrev sidst, blev ikke gemt.")).to_have_count(0)


def test_a_lost_connection_while_an_answer_is_corrected(browse: Browse, fresh: Fresh) -> None:
    """The box was open; after the reload it is opened again."""
    page = browse(fresh.editor, foreseen=LOST)
    number = open_round(page, fresh)[2]
    answer(page, number).get_by_role("button", name="Uændret").click()
    answer(page, number).get_by_role("link", name=f"Ret svar {number}").click()
    expect(note_of(page, number)).to_be_visible()
    page.context.set_offline(True)
    note_of(page, number).fill(TYPED)
    expect(answer(page, number).get_by_role("alert")).to_contain_text("Der er ingen forbindelse.")
    page.context.set_offline(False)
    page.reload()
    expect(note_of(page, number)).to_have_value(TYPED)
    expect(page.get_by_text("Det, du skrev sidst, blev ikke gemt.")).to_be_visible()
    page.reload()
    expect(note_of(page, number)).to_have_value(TYPED)
    save(page, number)
    expect(answer(page, number).locator(".answer__note")).to_have_text(TYPED)
    page.reload()
    expect(answer(page, number).locator(".answer__note")).to_have_text(TYPED)
    expect(note_of(page, number)).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False])
def test_what_is_given_back_does_not_overwrite_a_colleague_in_silence(
    browse: Browse, fresh: Fresh, javascript: bool
) -> None:
    """Typed before the session ran out; saved by a colleague meanwhile; given back, and saved: both are shown."""
    page = browse(fresh.editor, java_script_enabled=javascript, foreseen=REFUSED)
    colleague = browse(fresh.colleague)
    number, other = open_round(page, fresh)[2:4]
    open_round(colleague, fresh)
    page.context.clear_cookies(name=SESSION)
    choose(answer(page, number), "Sat i bero")
    note_of(page, number).fill(TYPED)
    for each in (number, other):
        choose(answer(colleague, each), "Gennemført")
        save(colleague, each)
        expect(answer(colleague, each).get_by_role("status")).to_contain_text("Gemt.")
    page.reload() if javascript else save(page, number)
    sign_in_again(page, fresh.editor)
    expect(note_of(page, number)).to_have_value(TYPED)
    if javascript:
        save(page, number)
    both = answer(page, number).get_by_role("alert").filter(has_text="Her er begge svar.")
    expect(both).to_contain_text("Gennemført")
    expect(both).to_contain_text(TYPED)
    page.get_by_role("button", name="Gem alle svar").click()
    expect(answer(page, number).locator(".answer__note")).to_have_text(TYPED)
    expect(answer(page, other)).to_contain_text("Gennemført")


def test_a_form_that_is_saved_is_not_given_back(browse: Browse, fresh: Fresh) -> None:
    page = browse(fresh.editor)
    number = open_round(page, fresh)[2]
    choose(answer(page, number), "Sat i bero")
    type_note(page, number)
    page.get_by_role("button", name="Gem alle svar").click()
    page.get_by_text("1 af 20 er besvaret.").wait_for()
    expect(answer(page, number).locator(".answer__note")).to_have_text(TYPED)
    page.reload()
    expect(page.get_by_text("Det, du skrev sidst, blev ikke gemt.")).to_have_count(0)
    expect(note_of(page, number)).to_have_count(0)


def test_signed_out_while_typing(browse: Browse, fresh: Fresh) -> None:
    page = browse(fresh.editor, foreseen=REFUSED)
    number = open_round(page, fresh)[2]
    page.context.clear_cookies(name=SESSION)
    type_note(page, number)
    expect(answer(page, number).get_by_role("alert")).to_contain_text("Du er ikke længere logget på")
    check_page(page)
    page.reload()
    sign_in_again(page, fresh.editor)
    page.wait_for_url(f"**{fresh.path}**")
    expect(note_of(page, number)).to_have_value(TYPED)


def test_signed_out_while_typing_without_javascript(browse: Browse, fresh: Fresh) -> None:
    page = browse(fresh.editor, java_script_enabled=False)
    number, other = open_round(page, fresh)[2:4]
    choose(answer(page, number), "Sat i bero")
    note_of(page, number).fill(TYPED)
    note_of(page, other).fill("Også dette.")
    page.context.clear_cookies(name=SESSION)
    page.get_by_role("button", name="Gem alle svar").click()
    sign_in_again(page, fresh.editor)
    expect(page.get_by_text("Det, du skrev, før du blev logget af, står her.")).to_be_visible()
    expect(note_of(page, number)).to_have_value(TYPED)
    expect(note_of(page, other)).to_have_value("Også dette.")
    expect(answer(page, number).get_by_role("radio", name="Sat i bero")).to_be_checked()
    page.get_by_role("button", name="Gem alle svar").click()
    expect(answer(page, number)).to_contain_text(TYPED)


def test_the_back_button(browse: Browse, fresh: Fresh) -> None:
    page = browse(fresh.editor)
    number = open_round(page, fresh)[2]
    type_note(page, number)
    page.get_by_role("navigation", name="Hovedmenu").get_by_role("link", name="Forside").click()
    page.wait_for_url("**/")
    page.go_back()
    expect(note_of(page, number)).to_have_value(TYPED)


def test_what_is_typed_stays_when_the_rest_is_confirmed(browse: Browse, fresh: Fresh) -> None:
    """A note without a status goes along with the answer of last time; a status that lacks its reason waits."""
    page = browse(fresh.editor)
    number, reasonless = open_round(page, fresh)[2:4]
    choose(answer(page, reasonless), "Ikke relevant")
    note_of(page, reasonless).fill("")
    type_note(page, number)
    page.get_by_role("button", name=re.compile("^Bekræft")).click()
    expect(answer(page, number)).to_contain_text(TYPED)
    expect(answer(page, number)).to_contain_text("Uændret")
    expect(answer(page, reasonless).get_by_role("radio", name="Ikke relevant")).to_be_checked()
    expect(page.locator(".progress__count")).to_contain_text("19 af 20 besvaret")


@pytest.mark.parametrize("javascript", [True, False])
def test_unchanged_means_unchanged(browse: Browse, fresh: Fresh, javascript: bool) -> None:
    """Also after another status was chosen; the note that was typed stays."""
    page = browse(fresh.editor, java_script_enabled=javascript)
    number = open_round(page, fresh)[2]
    choose(answer(page, number), "Planlagt")
    choose(answer(page, number), "Sat i bero")
    type_note(page, number)
    if javascript:
        expect(answer(page, number).get_by_text("Udkast gemt")).to_be_visible()
    answer(page, number).get_by_role("button", name="Uændret").click()
    expect(answer(page, number)).to_contain_text("Uændret siden")
    expect(answer(page, number)).to_contain_text(TYPED)


def test_kl_and_the_municipality_at_once(browse: Browse, fresh: Fresh) -> None:
    """KL sends back while the editor has an old page open: what is typed there is taken."""
    page, consultant = browse(fresh.editor), browse(KONSULENT)
    number = open_round(page, fresh)[2]
    page.get_by_role("button", name="Bekræft alle 20 som uændrede").click()
    page.get_by_role("link", name="Se svarene igennem og indsend").click()
    old = page.context.new_page()
    old.goto(f"{fresh.path}?ret={number}")
    page.get_by_role("button", name="Indsend").first.click()
    page.get_by_text("Svarene er indsendt og låst.").first.wait_for()
    note_of(old, number).fill(TYPED)
    save(old, number)
    expect(old.get_by_role("alert").first).to_contain_text("Svarene er indsendt og låst.")
    expect(note_of(old, number)).to_have_value(TYPED)
    consultant.goto(fresh.path)
    expect(answer(consultant, number)).not_to_contain_text(TYPED)
