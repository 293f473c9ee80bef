"""What can be read, and by whom: no status of a municipality and no name of a user leaves those who may know them."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from initiatives.status import STATUS_LABELS

from .conftest import Browse

NAMES = {
    "konsulent@kl.example": "Karen Holm",
    "admin@kl.example": "Anders Beck",
    "hr@korsbaek.example": "Hanne Lund",
    "leder@korsbaek.example": "Lars Friis",
    "hr@thisted.example": "Tine Vad",
}
HR, NABO, KONSULENT = "hr@korsbaek.example", "hr@thisted.example", "konsulent@kl.example"
LOGIN = "/konto/login/"
SIGN_IN = (LOGIN, "/konto/noegle/")  # the second leads to the first
# Written by Korsbæk in the demo data: for members, and for Korsbæk and KL alone.
NOTE = "Ti af tolv vejledere er uddannet."
INTERNAL_NOTE = "Fire elever er stoppet på samme center."


def links(html: str, address: str) -> Iterator[str]:
    """The pages of our own that a page leads to."""
    for link in re.findall(r'(?:href|action)="([^"]*)"', html):
        target = urldefrag(urljoin(address, unescape(link))).url
        if urlsplit(target).netloc == urlsplit(address).netloc and not urlsplit(target).path.startswith("/static/"):
            yield target


def text_of(body: bytes) -> str:
    """Of a page, a PDF, or an Office file with what is embedded in it."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            names = [name for name in file.namelist() if name.endswith((".xml", ".xlsx"))]
            return " ".join(text_of(file.read(name)) for name in names)
    if not body.startswith(b"%PDF"):
        return unescape(body.decode())
    return subprocess.run(["pdftotext", "-", "-"], input=body, capture_output=True, check=True).stdout.decode()


def crawl(page: Page, site: str) -> dict[str, str]:
    """Everything that a reader comes to by following links from the front page, by its address."""
    found: dict[str, str] = {}
    waiting = [f"{site}/"]
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        while (response := page.request.get(address)).status == 202:  # it is being printed
            page.wait_for_timeout(500)
        found[address] = text_of(response.body())
        waiting += links(found[address], address)
    return {address.removeprefix(site): text for address, text in found.items()}


@pytest.fixture(scope="module")
def public(browser: Browser, site: str) -> dict[str, str]:
    """All that is public."""
    context = browser.new_context(base_url=site)
    found = crawl(context.new_page(), site)
    context.close()
    return found


def main_of(html: str) -> str:
    return html.partition("<main")[2].partition("</main>")[0]


def test_a_visitor_comes_to_every_public_page(public: dict[str, str]) -> None:
    paths = {urlsplit(address).path for address in public}
    municipalities = {path for path in paths if re.fullmatch(r"/kommuner/\d+/", path)}
    recommendations = {path for path in paths if re.fullmatch(r"/anbefalinger/\d+/", path)}
    assert (len(municipalities), len(recommendations)) == (99, 26)
    assert {"/rapport/", "/rapporter/rapport.pdf", "/om-tallene/", LOGIN} <= paths


def test_a_visitor_reads_no_names(public: dict[str, str]) -> None:
    leaks = [
        (address, secret)
        for address, text in public.items()
        for secret in (*NAMES.values(), *NAMES)
        # The demo's own list of accounts stands at the sign-in.
        if secret in text and not (urlsplit(address).path in SIGN_IN and "@" in secret)
    ]
    assert leaks == []


def test_a_visitor_reads_no_status_of_a_municipality(public: dict[str, str]) -> None:
    pages = {address: main_of(text) for address, text in public.items() if address.startswith("/kommuner/")}
    words = re.compile("|".join([*STATUS_LABELS.values(), 'class="(?:status|mark|signal|answer)']))
    assert len(pages) >= 99
    assert {address: words.findall(text) for address, text in pages.items() if words.search(text)} == {}
    assert [address for address, text in public.items() if NOTE in text or INTERNAL_NOTE in text] == []


def test_a_visitor_is_not_shown_who_answered_what(public: dict[str, str]) -> None:
    """A recommendation names no municipality; the spread stands there all the same."""
    text = main_of(public["/anbefalinger/10/"])
    assert "Kommunernes egne svar, 98 kommuner" in text
    assert re.findall("/kommuner/[0-9]+/", text) == []


@pytest.mark.parametrize(("email", "name"), NAMES.items())
def test_there_are_names_to_leak(browse: Browse, email: str, name: str) -> None:
    page = browse(email)
    page.goto("/")
    expect(page.locator("header")).to_contain_text(name)


def test_there_are_statuses_to_leak(browse: Browse) -> None:
    """Members see every status and note; internal notes and names are for the own municipality and KL."""
    seen = {}
    for reader in (HR, NABO, KONSULENT):
        page = browse(reader)
        page.goto("/kommuner/999/")
        text = page.content()
        seen[reader] = tuple(secret in text for secret in (NOTE, INTERNAL_NOTE, "Hanne Lund"))
    assert seen == {HR: (True, True, True), NABO: (True, False, False), KONSULENT: (True, True, True)}


def test_filters_stand_in_the_address(visitor: Page) -> None:
    visitor.goto("/anbefalinger/")
    visitor.get_by_label("Tema").select_option("1")
    visitor.get_by_label("National status").select_option("in_progress")
    visitor.get_by_label("Søg", exact=True).fill("elever")
    visitor.locator("main").get_by_role("button", name="Vis").click()
    visitor.wait_for_url("**/anbefalinger/?*")
    query = dict(pair.split("=") for pair in urlsplit(visitor.url).query.split("&"))
    assert {name: value for name, value in query.items() if value} == {
        "tema": "1",
        "status": "in_progress",
        "q": "elever",
    }
    titles = visitor.locator(".plan-table__title a").all_inner_texts()
    assert titles
    visitor.goto(visitor.url)
    assert visitor.locator(".plan-table__title a").all_inner_texts() == titles
    fields = [visitor.get_by_label(label, exact=True).input_value() for label in ("Tema", "National status", "Søg")]
    assert fields == ["1", "in_progress", "elever"]


@pytest.mark.parametrize("typed", ["Ålborg", "aalborg", "851"])
def test_a_municipality_is_found_as_people_write_it(visitor: Page, typed: str) -> None:
    visitor.goto("/kommuner/")
    visitor.get_by_label("Navn eller kommunekode").fill(typed)
    visitor.keyboard.press("Enter")
    visitor.wait_for_url("**/kommuner/?q=*")
    visitor.get_by_role("link", name="Aalborg").click()
    expect(visitor.locator("h1")).to_have_text("Aalborg Kommune")


def test_an_earlier_day_is_for_reading(browse: Browse) -> None:
    page = browse(HR)
    page.goto("/kommuner/999/")
    page.get_by_text("Se en anden dag, eller hvad der er ændret").click()
    page.get_by_label("Status pr.").fill("2025-11-05")
    page.get_by_role("button", name="Vis", exact=True).click()
    page.wait_for_url("**/kommuner/999/?pr=2025-11-05*")
    # Corrected on the 10th: today's knowledge of the 5th is another than that of the 5th.
    expect(page.locator("#anbefaling-10 > div > .status")).to_contain_text("I gang")
    assert page.locator("main").get_by_role("radio").count() == 0
    page.get_by_text("Flere valg").click()
    page.get_by_label("Som kendt").fill("2025-11-05")
    page.get_by_role("button", name="Vis", exact=True).click()
    page.wait_for_url("**kendt=2025-11-05*")
    expect(page.locator("#anbefaling-10 > div > .status")).to_contain_text("Gennemført")
    page.get_by_role("link", name="Lav statusrapport").click()
    page.wait_for_url("**/rapport/?*kendt=2025-11-05*")


@pytest.mark.parametrize("path", ["/", "/anbefalinger/10/"])
def test_a_tile_of_the_map_is_a_link_that_says_where_the_municipality_is(browse: Browse, path: str) -> None:
    page = browse(HR)
    page.goto(path)
    tile = page.get_by_role("group", name="har gennemført").get_by_role("link", name=re.compile("^Thisted: "))
    expect(tile).to_have_count(1)
    tile.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/kommuner/787/"))


def test_on_paper(browse: Browse) -> None:
    page = browse(HR)
    for path in ("/", "/anbefalinger/10/", "/kommuner/999/", "/kommuner/999/rapport/", "/sammenlign/", "/aktivitet/"):
        page.goto(path)
        page.emulate_media(media="print")
        expect(page.get_by_role("navigation", name="Hovedmenu")).to_be_hidden()
        expect(page.get_by_text("Demodata: opdigtede tal.")).to_be_visible()
        assert page.locator("main form:visible").count() == 0
        families = page.evaluate("[...document.querySelectorAll('main *')].map((e) => getComputedStyle(e).fontFamily)")
        assert {family.partition(",")[0] for family in families} == {'"IBM Plex Sans"'}
        # 10 points
        assert page.locator("body").evaluate("e => getComputedStyle(e).fontSize") == "13.3333px"


def test_our_own_typeface_is_loaded(visitor: Page) -> None:
    visitor.goto("/")
    loaded = "document.fonts.ready.then(() => [...document.fonts].filter((f) => f.status === 'loaded').length)"
    assert visitor.evaluate(loaded) > 0
