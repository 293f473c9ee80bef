"""A day at KL: a round is opened, followed and closed; a case is published, a national status set, the day printed.

It closes the round that the other tests answer, so it runs after them (``conftest.LAST``).
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from django.conf import settings
from playwright.sync_api import Page, expect

from flere_haender.days import today
from tests.mailserver import MailServer

from .conftest import Browse, manage
from .fresh import Fresh
from .test_reading import text_of
from .test_recording import KONSULENT, choose
from .test_round_story import look_closely, mail

ROUND = "Ekstra runde"
WORDS = "Ring til mig, hvis I mangler noget. Karen."
REASON = "Aftalt i alle kommuner."
RECOMMENDATION = 13
HANDING_IN = 10


def in_days(count: int) -> str:
    return f"{today() + timedelta(days=count):%Y-%m-%d}"


def says(page: Page, text: str) -> None:
    page.get_by_text(text).first.wait_for()


def in_menu(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).first.click()


def close_round(page: Page, name: str) -> None:
    in_menu(page, "Runder")
    page.get_by_role("link", name=name).click()
    page.get_by_text("Luk runden", exact=True).click()
    page.get_by_role("button", name="Luk runden for alle").click()
    says(page, "Runden er lukket.")


def plan_and_open(page: Page) -> None:
    in_menu(page, "Runder")
    page.get_by_role("link", name="Planlæg en runde").click()
    page.get_by_label("Navn").fill(ROUND)
    for label, count in (("Status pr.", 10), ("Åbner", 0), ("Frist", 10), ("Lukker", 20)):
        page.get_by_role("textbox", name=label).fill(in_days(count))
    page.get_by_label("Besked til kommunerne").fill("Vi spørger en gang til inden årsskiftet.")
    page.get_by_role("button", name="Planlæg runden").click()
    says(page, "Runden er planlagt.")
    page.get_by_role("button", name="Åbn runden nu").click()
    says(page, "Runden er åben. Redaktørerne får en e-mail.")


def show(page: Page, stage: str) -> None:
    """The municipalities of the round at one stage."""
    page.get_by_role("complementary").get_by_role("link", name=stage, exact=True).click()


def count_of(page: Page, stage: str) -> int:
    return int(page.get_by_role("complementary").locator("li", has_text=stage).locator("strong").inner_text())


def remind(page: Page, chosen: list[Fresh]) -> None:
    page.get_by_label("Besked i påmindelsen").fill(WORDS)
    page.get_by_role("button", name="Mind de valgte om at svare").click()
    says(page, "Vælg mindst én kommune på listen.")
    expect(page.get_by_label("Besked i påmindelsen")).to_have_value(WORDS)
    for each in chosen:
        page.get_by_role("checkbox", name=f"Vælg {each.name}", exact=True).check()
    page.get_by_role("button", name="Mind de valgte om at svare").click()
    says(page, f"{len(chosen)} kommuner får en påmindelse.")


def answer_on_behalf(page: Page, place: Fresh) -> None:
    page.get_by_role("link", name=place.name, exact=True).click()
    says(page, f"Du svarer på vegne af {place.name} Kommune.")
    page.get_by_role("button", name="Bekræft alle 20 som uændrede").click()
    page.get_by_role("link", name="Se svarene igennem og indsend").click()
    page.get_by_role("button", name="Indsend").first.click()
    says(page, "Svarene er indsendt og låst.")
    page.goto(f"/kommuner/{place.code}/anbefalinger/1/")
    says(page, f"KL på vegne af {place.name} Kommune")


def accept_ten_and_return_one(page: Page, returned: Fresh) -> None:
    show(page, "Indsendt")
    page.get_by_role("link", name=f"Vælg alle {HANDING_IN + 1}").click()
    page.get_by_role("checkbox", name=f"Vælg {returned.name}", exact=True).uncheck()
    page.get_by_role("button", name="Godkend de valgte").click()
    says(page, f"{HANDING_IN} kommuner er godkendt.")
    page.get_by_role("link", name=returned.name, exact=True).click()
    page.get_by_label("Kommentar til kommunen").fill("Hvad er der sket med vejlederne?")
    page.get_by_label("Ny frist").fill(in_days(7))
    page.get_by_role("button", name="Send tilbage med kommentar").click()
    says(page, "Svarene er sendt tilbage.")


def publish_case(page: Page) -> str:
    """Publishes the proposal that waits. Returns its title."""
    in_menu(page, "Cases")
    page.get_by_role("link", name="Forslag fra kommunerne").click()
    page.locator("main tbody th a").first.click()
    page.get_by_role("link", name="Skriv KL’s kopi").click()
    title = page.get_by_label("Titel").input_value()
    page.get_by_role("button", name="Gem og se casen").click()
    page.get_by_role("button", name="Publicér casen").click()
    says(page, "Casen er publiceret.")
    return title


def set_national_status(page: Page) -> None:
    in_menu(page, "Anbefalinger")
    page.locator(f"main a[href='/anbefalinger/{RECOMMENDATION}/']").first.click()
    expect(page.get_by_text("KL og kommunerne ser forskelligt på det.")).to_have_count(0)
    page.get_by_role("link", name="Skriv ny national status").click()
    place = page.locator("#ny-status")
    choose(place, "Gennemført")
    place.locator("textarea[name=note]").fill(REASON)
    place.get_by_role("button", name="Gem").click()
    expect(page.get_by_text("KL og kommunerne ser forskelligt på det.")).to_be_visible()


def handed_in_meanwhile(environment: dict[str, str], codes: list[int]) -> None:
    command = manage("shell", "-v0", "-c", f"from tests.browser.meanwhile import hand_in; hand_in({codes})")
    subprocess.run(command, env=environment, cwd=settings.BASE_DIR, check=True)


def test_a_consultants_day(
    browse: Browse, environment: dict[str, str], all_fresh: Iterator[Fresh], mails: MailServer
) -> None:
    began = time.monotonic()
    *reminded, on_behalf, returned = islice(all_fresh, 3 + 2)
    accepted = list(islice(all_fresh, HANDING_IN - 1))
    page = browse(KONSULENT)
    page.goto("/")
    close_round(page, "Efteråret 2026")
    plan_and_open(page)
    round_page = page.url
    assert mail(mails, reminded[0].editor, f"{ROUND}: runden er åben")

    asked = count_of(page, "Ikke begyndt")
    assert asked == 98
    show(page, "Ikke begyndt")
    expect(page.locator(".chaser tbody tr")).to_have_count(asked + 1)  # Korsbæk counts nowhere
    remind(page, reminded)
    for each in reminded:
        assert WORDS in mail(mails, each.editor, "KL minder om jeres svar")
    answer_on_behalf(page, on_behalf)

    handed_in_meanwhile(environment, [each.code for each in (*accepted, returned)])
    page.goto(round_page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{ROUND}: {HANDING_IN + 1} af 98 har indsendt")
    look_closely(page)
    accept_ten_and_return_one(page, returned)
    assert "Hvad er der sket med vejlederne?" in mail(mails, returned.editor, "KL har sendt jeres svar tilbage")

    title = publish_case(page)
    set_national_status(page)
    anybody = browse()
    anybody.goto("/casebank/")
    expect(anybody.get_by_role("link", name=title)).to_be_visible()
    anybody.goto("/")
    expect(
        anybody.locator("tr", has=anybody.get_by_text("Forskel: KL siger Gennemført")).filter(
            has=anybody.locator(f"a[href='/anbefalinger/{RECOMMENDATION}/']")
        )
    ).to_have_count(1)

    close_round(page, ROUND)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{ROUND}: {HANDING_IN} af 98 har indsendt")
    assert f"{ROUND}: {HANDING_IN} af 98 har indsendt" in text_of(page.pdf())
    in_menu(page, "Rapporter")
    address = page.get_by_role("link", name="Hent som PDF").first.get_attribute("href") or ""
    while (printed := page.request.get(address)).status == 202:  # it is on its way
        page.wait_for_timeout(500)
    report = " ".join(text_of(printed.body()).split())
    assert REASON in report
    print(f"\nthe whole day: {time.monotonic() - began:.0f} s")
