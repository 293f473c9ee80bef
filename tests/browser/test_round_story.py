"""A round from the invitation to KL's receipt: the mails, the answers, the handing-in, the return and the correction.

Each test has a municipality of its own (``fresh``).
"""

from __future__ import annotations

import re
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from flere_haender.days import today
from tests.mailserver import MailServer

from .checks import BEYOND_THE_SCREEN, check_page
from .conftest import Browse
from .fresh import Fresh, missing
from .test_reading import text_of
from .test_recording import KONSULENT, answer, choose

PASSWORD = "fire-korte-ord-her"
CHANGED = 6
UNCHANGED = 14
NOTES = ("Alle nye får en fast mentor fra 1. oktober.", "Byrådet har vedtaget strategien.", "Udsat til foråret.")
# What one act takes a practised hand, in seconds (the keystroke-level model): to think and point and click, to type
# a character. Reading twenty answers of last time comes on top: three seconds each.
CLICK, KEY, READING = 1.35 + 1.1 + 0.2, 0.28, 20 * 3
PHONE = {"width": 390, "height": 844}


class Hand:
    """Clicks and types as a person does, and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.keys = 0

    def click(self, place: Locator) -> None:
        place.click()
        self.clicks += 1

    def type(self, place: Locator, text: str) -> None:
        self.click(place)
        place.press_sequentially(text)
        self.keys += len(text)

    @property
    def seconds(self) -> float:
        """What it takes a person."""
        return self.clicks * CLICK + self.keys * KEY + READING


def look_closely(page: Page) -> None:
    """The checks on the page where somebody stands, in a tab beside it."""
    beside = page.context.new_page()
    beside.goto(page.url)
    check_page(beside)
    beside.close()


def mail(mails: MailServer, address: str, subject: str) -> str:
    """The text of the one e-mail with this in its subject; waits for it."""
    deadline = time.monotonic() + 60
    while not (found := [each for each in mails.to(address) if subject in each["Subject"]]):
        assert time.monotonic() < deadline, f"{address} gets no mail: {subject}"
        time.sleep(0.1)
    assert len(found) == 1
    body = found[0].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link(text: str, site: str) -> str:
    """The link that the e-mail is about: the first one."""
    return re.findall(rf"{site}\S+", text)[0]


def another_status(place: Locator) -> str:
    """One that is not the answer of last time."""
    return "Sat i bero" if "Gennemført" in place.locator(".last-answer").inner_text() else "Gennemført"


def answer_all(page: Page, hand: Hand) -> list[int]:
    """Six changed, three of them with a note, and the rest unchanged. Returns the numbers of the six."""
    numbers = missing(page)[:CHANGED]
    for number, note in zip(numbers, (*NOTES, "", "", ""), strict=True):
        place = answer(page, number)
        hand.click(place.get_by_text(another_status(place), exact=True))
        if note:
            hand.type(place.locator("textarea[name$='-note']"), note)
        hand.click(place.get_by_role("button", name=f"Gem svar {number}"))
        expect(place.get_by_role("status")).to_contain_text("Gemt.")
    hand.click(page.get_by_role("button", name=f"Bekræft de sidste {UNCHANGED} som uændrede"))
    return numbers


def hand_in(page: Page, hand: Hand) -> None:
    hand.click(page.get_by_role("link", name="Se svarene igennem og indsend"))
    hand.click(page.get_by_role("button", name="Indsend").first)


def invite(consultant: Page, fresh: Fresh, email: str, role: str) -> None:
    consultant.goto("/brugere/")
    consultant.get_by_role("link", name="Inviter en bruger").click()
    consultant.get_by_label("E-mail").fill(email)
    consultant.get_by_label("Organisation").select_option(str(fresh.code))
    consultant.get_by_label(role).check()
    consultant.get_by_role("button", name="Send invitation").click()
    consultant.get_by_text(f"{email} er inviteret.").wait_for()


def come_in(page: Page, address: str, name: str) -> None:
    """From the link in the invitation to the front page."""
    page.goto(address)
    page.get_by_label("Dit navn").fill(name)
    for field in ("Adgangskode (", "Adgangskode igen"):
        page.get_by_label(field).fill(PASSWORD)
    page.get_by_role("button", name="Gem, og kom i gang").click()
    page.get_by_text("Velkommen.").first.wait_for()


def open_as_kl(consultant: Page, fresh: Fresh) -> None:
    consultant.goto("/runder/")
    consultant.get_by_role("link", name="Efteråret 2026").click()
    consultant.get_by_label("Kommune", exact=True).fill(fresh.name)
    consultant.get_by_role("button", name="Vis", exact=True).click()
    look_closely(consultant)
    consultant.get_by_role("link", name=fresh.name, exact=True).click()


def send_back(consultant: Page, fresh: Fresh, comment: str) -> None:
    open_as_kl(consultant, fresh)
    consultant.get_by_label("Kommentar til kommunen").fill(comment)
    consultant.get_by_label("Ny frist").fill(f"{today() + timedelta(days=7):%Y-%m-%d}")
    look_closely(consultant)
    consultant.get_by_role("button", name="Send tilbage med kommentar").click()
    consultant.get_by_text("Svarene er sendt tilbage.").wait_for()


def test_from_the_invitation_to_the_receipt(
    browse: Browse, site: str, fresh: Fresh, mails: MailServer, record_property: Any
) -> None:
    began = time.monotonic()
    consultant, editor, leader = browse(KONSULENT), browse(), browse()
    new_editor, new_leader = f"ny@{fresh.code}.example", f"chef@{fresh.code}.example"
    for email, role in ((new_editor, "Kommunal redaktør"), (new_leader, "Kommunal leder")):
        invite(consultant, fresh, email, role)
    come_in(editor, link(mail(mails, new_editor, "Du er inviteret"), site), "Nanna Yde")

    look_closely(editor)
    hand, started = Hand(editor), time.monotonic()
    hand.click(editor.get_by_role("link", name="Besvar de 20"))
    numbers = answer_all(editor, hand)
    expect(editor.get_by_text("20 af 20 besvaret").first).to_be_visible()
    hand_in(editor, hand)
    editor.get_by_text("Svarene er indsendt og låst.").first.wait_for()
    took = time.monotonic() - started
    look_closely(editor)
    print(f"\n{hand.clicks} clicks, {hand.keys} keystrokes: a person {hand.seconds:.0f} s, this script {took:.0f} s")
    record_property("answering", [hand.clicks, hand.keys, round(hand.seconds), round(took)])
    assert (hand.clicks, hand.keys) == (1 + 2 * CHANGED + len(NOTES) + 1 + 2, sum(map(len, NOTES)))
    assert hand.seconds < 180

    come_in(leader, link(mail(mails, new_leader, "Du er inviteret"), site), "Lone Krag")
    expect(leader.get_by_role("heading", level=1)).to_contain_text("har indsendt sine svar")
    leader.get_by_role("link", name="Lav statusrapport").first.click()
    expect(leader.get_by_text(NOTES[0]).first).to_be_visible()
    look_closely(leader)
    address = leader.get_by_role("link", name="Hent som PDF").get_attribute("href") or ""
    while (printed := leader.request.get(address)).status == 202:  # it is on its way
        leader.wait_for_timeout(500)
    assert "Byrådet har vedtaget strategien." in text_of(printed.body())

    send_back(consultant, fresh, "Skriv, hvem der er mentor.")
    editor.goto(link(mail(mails, new_editor, "KL har sendt jeres svar tilbage"), site))
    editor.get_by_text("Skriv, hvem der er mentor.").first.wait_for()
    look_closely(editor)
    place = answer(editor, numbers[0])
    place.get_by_role("link", name=f"Ret svar {numbers[0]}").click()
    note = place.locator("textarea[name$='-note']")
    expect(note).to_have_value(NOTES[0])
    note.fill("Alle nye får en fast mentor, som har taget kurset.")
    place.get_by_role("button", name=f"Gem svar {numbers[0]}").click()
    expect(place.get_by_role("status")).to_contain_text("Gemt.")
    hand_in(editor, hand)
    editor.get_by_text("Svarene er indsendt og låst.").first.wait_for()
    expect(editor.get_by_text("Indberetning nr. 2")).to_be_visible()

    open_as_kl(consultant, fresh)
    consultant.get_by_role("button", name="Godkend indberetningen").click()
    consultant.get_by_text("Indberetningen er godkendt.").wait_for()
    editor.goto(link(mail(mails, new_editor, "KL har godkendt jeres svar"), site))
    editor.get_by_text("KL har godkendt indberetningen.").first.wait_for()
    look_closely(editor)
    ids = Counter(each["Message-ID"] for who in (new_editor, new_leader) for each in mails.to(who))
    assert list(ids.values()) == [1] * 4
    print(f"the whole story: {time.monotonic() - began:.0f} s")


@pytest.mark.parametrize("javascript", [True, False])
def test_on_a_phone(browse: Browse, fresh: Fresh, javascript: bool) -> None:
    """The same answers; without JavaScript they are typed on one page and saved with one button."""
    page = browse(fresh.editor, viewport=PHONE, java_script_enabled=javascript)
    page.goto("/")
    page.get_by_role("link", name="Besvar de 20").click()
    if javascript:
        answer_all(page, Hand(page))
        look_closely(page)
    else:
        numbers = missing(page)[:CHANGED]
        for number, note in zip(numbers, (*NOTES, "", "", ""), strict=True):
            choose(answer(page, number), another_status(answer(page, number)))
            answer(page, number).locator("textarea[name$='-note']").fill(note)
        assert page.evaluate(BEYOND_THE_SCREEN) == []
        page.get_by_role("button", name="Gem alle svar").click()
        page.get_by_text(f"{CHANGED} af 20 er besvaret.").wait_for()
        page.get_by_role("button", name=f"Bekræft de sidste {UNCHANGED} som uændrede").click()
    expect(page.get_by_text("20 af 20 besvaret").first).to_be_visible()
    page.get_by_role("link", name="Se svarene igennem og indsend").click()
    for note in NOTES:
        expect(page.get_by_text(note)).to_be_visible()
    expect(page.get_by_text(f"{CHANGED} af 20 svar er ændret siden sidst.")).to_be_visible()
    assert page.evaluate(BEYOND_THE_SCREEN) == []
    if javascript:  # axe is JavaScript too
        look_closely(page)
    page.get_by_role("button", name="Indsend").first.click()
    page.get_by_text("Svarene er indsendt og låst.").first.wait_for()
