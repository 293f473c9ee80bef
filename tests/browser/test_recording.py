"""Recording a status: in place, without JavaScript, by keyboard, and when something goes wrong.

The tests share one database, so each has its own recommendation (and municipality).
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from .checks import check_page
from .conftest import Browse

HR = "hr@korsbaek.example"
LEDER = "leder@korsbaek.example"
NABO = "hr@thisted.example"
KONSULENT = "konsulent@kl.example"
KORSBAEK = "/kommuner/999/"
THISTED = "/kommuner/787/"
# What htmx writes to the console then.
LOST = ("htmx:afterRequest", "htmx:sendError")
REFUSED = ("Response Status Error Code",)


def answer(page: Page, number: int) -> Locator:
    return page.locator(f"#anbefaling-{number}")


def choose(place: Locator, status: str) -> None:
    place.get_by_role("radio", name=status, exact=True).check()


def expect_status(page: Page, number: int, status: str) -> None:
    expect(answer(page, number).locator("> div > .status")).to_have_text(re.compile(rf"^\s*{status}\b"))


def save(place: Locator) -> None:
    place.get_by_role("button", name=re.compile("^Gem")).click()


def history(page: Page, number: int) -> list[str]:
    """The newest rows of the history, newest first, each as one line."""
    place = answer(page, number)
    place.locator("details.history > summary").click()
    return [" ".join(text.split()) for text in place.locator("details.history li").all_inner_texts()]


def row_count(page: Page, number: int) -> int:
    """How many rows the history says that it has."""
    summary = answer(page, number).locator("details.history > summary").inner_text()
    return int(summary.rpartition("(")[2].rstrip(")"))


def pages_loaded(page: Page) -> list[str]:
    """From now on."""
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url) if request.is_navigation_request() else None)
    return loaded


def test_two_clicks_and_taken_back(browse: Browse) -> None:
    page = browse(HR)
    page.goto(f"{KORSBAEK}#anbefaling-12")
    place = answer(page, 12)
    before = page.locator("#fremdrift h2").inner_text()
    loaded = pages_loaded(page)
    place.get_by_role("radio", name="Gennemført").click()
    place.get_by_role("button", name="Gem svar 12").click()

    expect(place.get_by_role("status")).to_contain_text("Svaret er gemt.")
    expect_status(page, 12, "Gennemført")
    expect(page.locator("#fremdrift h2")).not_to_have_text(before)
    check_page(page)

    place.get_by_role("button", name="Fortryd").click()
    expect(place.get_by_role("status")).to_contain_text("Fortrudt.")
    expect_status(page, 12, "Ikke vurderet")
    expect(page.locator("#fremdrift h2")).to_have_text(before)
    assert loaded == []


def test_without_javascript(browse: Browse) -> None:
    page = browse(HR, java_script_enabled=False)
    page.goto(KORSBAEK)
    page.get_by_role("link", name="Anbefaling 16 mangler").click()
    choose(answer(page, 16), "I gang")
    choose(answer(page, 16), "Gul: udfordret")
    answer(page, 16).get_by_label("Note", exact=False).first.fill("Fortællinger fra hverdagen.")
    save(answer(page, 16))
    page.wait_for_url(f"**{KORSBAEK}#anbefaling-16")
    expect(page.get_by_role("status").first).to_have_text("Anbefaling 16: Svaret er gemt.")
    expect_status(page, 16, "I gang")
    expect(answer(page, 16).locator(".answer__note")).to_have_text("Fortællinger fra hverdagen.")

    answer(page, 16).get_by_role("button", name="Fortryd").click()
    expect(page.get_by_role("status").first).to_contain_text("Anbefaling 16: Fortrudt.")
    expect(page.get_by_role("link", name="Anbefaling 16 mangler")).to_be_visible()


def tab_to(page: Page, place: Locator) -> None:
    """Press Tab until the place has the focus, which can be seen."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if place.evaluate("e => e === document.activeElement"):
            outline = place.evaluate("e => getComputedStyle(e.matches('.choice input') ? e.parentElement : e).outline")
            own = place.evaluate("e => getComputedStyle(e).outline")
            assert not (outline.endswith(" 0px") and own.endswith(" 0px"))
            return
    pytest.fail(f"Tab never comes to {place}")


def test_by_keyboard(browse: Browse) -> None:
    page = browse(HR)
    page.goto(KORSBAEK)
    tab_to(page, page.get_by_role("link", name="Anbefaling 26 mangler"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{KORSBAEK}#anbefaling-26")
    place = answer(page, 26)
    tab_to(page, place.get_by_role("radio", name="Ikke igangsat"))
    page.keyboard.press("Space")
    tab_to(page, place.get_by_role("button", name="Gem svar 26"))
    page.keyboard.press("Enter")
    expect(place.get_by_role("status")).to_contain_text("Svaret er gemt.")
    # The focus stays at the answer: the next stops are in it.
    assert place.evaluate("e => e === document.activeElement")
    undo = place.get_by_role("button", name="Fortryd")
    tab_to(page, undo)
    page.keyboard.press("Enter")
    expect(place.get_by_role("status")).to_contain_text("Fortrudt.")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_refusal_keeps_what_was_typed(browse: Browse, javascript: bool) -> None:
    number = 25
    page = browse(HR, java_script_enabled=javascript)
    page.goto(f"{KORSBAEK}#anbefaling-{number}")
    place = answer(page, number)
    place.get_by_text("Dato og intern note").click()
    place.get_by_label("Intern note").fill("Spørg <skolen> & os selv først.")
    place.get_by_label("Gælder fra").fill("2026-05-31")
    place.get_by_label("Note", exact=False).first.fill("Vi er spurgt.")
    save(place)
    place.get_by_role("alert").filter(has_text="Svaret er ikke gemt").wait_for()
    place = answer(page, number)
    expect(place.get_by_role("link", name="Vælg en status.")).to_be_visible()
    assert place.get_by_label("Intern note").input_value() == "Spørg <skolen> & os selv først."
    assert place.get_by_label("Gælder fra").input_value() == "2026-05-31"
    assert place.locator("textarea[name=note]").input_value() == "Vi er spurgt."
    if javascript:
        assert place.get_by_role("alert").evaluate("e => e === document.activeElement")
        check_page(page)


def test_not_relevant_has_its_reason_ready(browse: Browse) -> None:
    page = browse(NABO)
    page.goto(f"{THISTED}anbefalinger/25/status/")
    choose(answer(page, 25), "Ikke relevant")
    note = page.locator("textarea[name=note]")
    assert note.input_value() == "Anbefalingens tekst nævner ikke kommunerne."
    choose(answer(page, 25), "Planlagt")
    assert note.input_value() == ""


def test_a_signal_is_not_sent_with_another_status(browse: Browse) -> None:
    page = browse(NABO)
    page.goto(f"{THISTED}anbefalinger/24/status/")
    choose(answer(page, 24), "I gang")
    choose(answer(page, 24), "Rød: kritisk")
    choose(answer(page, 24), "Gennemført")
    expect(answer(page, 24).get_by_text("Rød: kritisk")).to_be_hidden()
    save(answer(page, 24))
    page.get_by_text("Anbefaling 24: Svaret er gemt.").wait_for()


def test_a_lost_connection_loses_nothing(browse: Browse) -> None:
    """The answer is saved, but the browser never hears of it. Saving again is saving once."""
    page = browse(NABO, foreseen=LOST)
    page.goto(THISTED)
    before = row_count(page, 20)
    answer(page, 20).get_by_role("link", name="Ret svar 20").click()
    note = answer(page, 20).locator("textarea[name=note]")
    choose(answer(page, 20), "I gang")
    note.fill("Skrevet i toget.")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/anbefalinger/20/status/", lose)
    with page.expect_event("requestfailed"):
        save(answer(page, 20))
    assert note.input_value() == "Skrevet i toget."
    page.unroute("**/anbefalinger/20/status/")
    save(answer(page, 20))
    answer(page, 20).get_by_role("status").wait_for()
    assert (row_count(page, 20), "Skrevet i toget." in history(page, 20)[0]) == (before + 1, True)


def test_a_lost_connection_is_told(browse: Browse) -> None:
    page = browse(NABO, foreseen=LOST)
    page.goto(THISTED)
    answer(page, 21).get_by_role("link", name="Ret svar 21").click()
    choose(answer(page, 21), "Sat i bero")
    page.context.set_offline(True)
    save(answer(page, 21))
    answer(page, 21).get_by_role("alert").wait_for()


@pytest.mark.parametrize("lost", ["flere_haender_session", "csrftoken"])
def test_signed_out_meanwhile_is_told_and_loses_nothing(browse: Browse, lost: str) -> None:
    page = browse(NABO, foreseen=REFUSED)
    page.goto(THISTED)
    answer(page, 16).get_by_role("link", name=re.compile("16$")).click()
    choose(answer(page, 16), "Sat i bero")
    note = answer(page, 16).locator("textarea[name=note]")
    note.fill("Skrevet, mens tiden gik.")
    page.context.clear_cookies(name=lost)
    save(answer(page, 16))
    expect(answer(page, 16).get_by_role("alert")).to_contain_text("Log på")
    expect(note).to_have_value("Skrevet, mens tiden gik.")


@pytest.mark.parametrize(("javascript", "number"), [(True, 18), (False, 19)])
def test_two_at_once(browse: Browse, javascript: bool, number: int) -> None:
    """The second gets both versions, and can then save."""
    first = browse(NABO, java_script_enabled=javascript)
    second = browse(KONSULENT, java_script_enabled=javascript)
    for page in (first, second):
        page.goto(THISTED)
        answer(page, number).get_by_role("link", name=f"Ret svar {number}").click()
        choose(answer(page, number), "Planlagt")
    answer(first, number).locator("textarea[name=note]").fill("Vi begynder til foråret.")
    save(answer(first, number))
    first.get_by_text("Svaret er gemt.").wait_for()

    answer(second, number).locator("textarea[name=note]").fill("Oplyst til KL i telefonen i dag.")
    save(answer(second, number))
    both = second.get_by_role("alert")
    both.get_by_text("En anden har gemt imens. Her er begge svar.").wait_for()
    expect(both.get_by_text("Vi begynder til foråret.")).to_be_visible()
    expect(both.get_by_text("Oplyst til KL i telefonen i dag.")).to_be_visible()
    assert answer(second, number).locator("textarea[name=note]").input_value() == "Oplyst til KL i telefonen i dag."
    if javascript:
        check_page(second)
    save(answer(second, number))
    second.get_by_text("Svaret er gemt.").wait_for()
    second.goto(THISTED)
    rows = history(second, number)
    assert ("KL på vegne af Thisted Kommune" in rows[0], "Tine Vad, Thisted Kommune" in rows[1]) == (True, True)


def test_a_correction_and_a_withdrawal_through_the_history(browse: Browse) -> None:
    page = browse(HR)
    page.goto(KORSBAEK)
    before = row_count(page, 13)
    history(page, 13)
    answer(page, 13).get_by_role("link", name="Ret dette svar").first.click()
    page.wait_for_url(re.compile(r"corrects=\d+$"))
    check_page(page)
    choose(answer(page, 13), "Planlagt")
    page.locator("textarea[name=note]").fill("Rettet: Vi begynder først til foråret.")
    save(answer(page, 13))
    page.wait_for_url(f"**{KORSBAEK}#anbefaling-13")
    rows = history(page, 13)
    assert row_count(page, 13) == before + 1
    assert ["Retter svaret fra" in rows[0], "Rettet senere." in rows[1]] == [True, True]
    expect_status(page, 13, "Planlagt")

    answer(page, 13).get_by_role("link", name="Ret dette svar").first.click()
    choose(answer(page, 13), "Træk svaret tilbage")
    page.locator("textarea[name=note]").fill("Trukket tilbage: Gemt ved en fejl.")
    save(answer(page, 13))
    page.wait_for_url(f"**{KORSBAEK}#anbefaling-13")
    rows = history(page, 13)
    assert rows[0].split(" ")[1:3] == ["Trukket", "tilbage"]
    assert "Trækker svaret fra" in rows[0]
    check_page(page)


def test_the_consultant_records_a_national_status(browse: Browse, visitor: Page) -> None:
    page = browse(KONSULENT)
    page.goto("/anbefalinger/17/")
    page.get_by_role("link", name="Skriv ny national status").click()
    choose(answer(page, 17), "Planlagt")
    save(answer(page, 17))
    page.get_by_role("alert").filter(has_text="Den nationale status skal have en begrundelse.").wait_for()
    page.locator("textarea[name=note]").fill("Drøftelserne er genoptaget.")
    save(answer(page, 17))
    page.wait_for_url("**/anbefalinger/17/")
    expect(page.get_by_text("Karen Holm, KL").first).to_be_visible()

    visitor.goto("/anbefalinger/17/")
    expect(visitor.get_by_text("Drøftelserne er genoptaget.").first).to_be_visible()
    assert visitor.get_by_text("Karen Holm").count() == 0


def test_the_consultant_records_on_behalf_of_a_municipality(browse: Browse) -> None:
    page = browse(KONSULENT)
    page.goto(KORSBAEK)
    answer(page, 5).get_by_role("link", name="Ret svar 5").click()
    expect(answer(page, 5).get_by_text("Du svarer på vegne af Korsbæk Kommune.")).to_be_visible()
    choose(answer(page, 5), "Gennemført")
    save(answer(page, 5))
    expect(answer(page, 5).get_by_role("status")).to_contain_text("Svaret er gemt.")

    for reader, author in (
        (HR, "KL på vegne af Korsbæk Kommune"),
        (KONSULENT, "Karen Holm, KL på vegne af Korsbæk Kommune"),
    ):
        theirs = browse(reader)
        theirs.goto(KORSBAEK)
        assert history(theirs, 5)[0].partition(" af ")[2].partition(" ·")[0] == author


def test_the_leader_reads(browse: Browse) -> None:
    page = browse(LEDER)
    page.goto(KORSBAEK)
    expect(answer(page, 10)).to_be_visible()
    assert page.locator("main").get_by_role("radio").count() == 0
    assert page.locator("main").get_by_role("link", name=re.compile("^(Ret|Svar)")).count() == 0
