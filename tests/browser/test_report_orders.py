"""Reports that the worker prints while somebody waits: one that turns into the file, and many as a ZIP."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from .checks import check_page
from .conftest import Browse

HR = "hr@korsbaek.example"
KONSULENT = "konsulent@kl.example"
LONG = 120_000  # milliseconds: a busy machine prints slowly
ORDERS = re.compile(r".*/rapporter/bestillinger/[0-9a-f-]{36}/")


def test_kl_orders_those_of_a_kkr_and_fetches_the_zip(browse: Browse, tmp_path: Path) -> None:
    page = browse(KONSULENT)
    page.goto("/rapporter/?om=kkr:nordjylland&med=overblik")
    summary = page.get_by_text("Rapporter for mange kommuner på én gang")
    summary.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Kommunerne i").select_option("nordjylland")
    page.get_by_role("button", name="Bestil rapporterne").press("Enter")
    page.wait_for_url(ORDERS)
    check_page(page)
    expect(page.get_by_role("status")).to_have_text("Rapporterne er klar.", timeout=LONG)
    expect(page.get_by_text("11 af 11 rapporter er færdige")).to_be_visible()
    check_page(page)
    with page.expect_download() as loading:
        page.get_by_role("link", name="Hent som ZIP").click()
    loading.value.save_as(tmp_path / "rapporter.zip")
    with zipfile.ZipFile(tmp_path / "rapporter.zip") as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 11
        assert archive.namelist()[0].startswith("Statusrapport Brønderslev Kommune ")
        assert archive.read(archive.namelist()[0]).startswith(b"%PDF-")
    page.goto("/rapporter/bestillinger/")
    check_page(page)
    expect(page.get_by_role("link", name=re.compile("KKR Nordjylland, 11 rapporter"))).to_be_visible()


def test_an_order_is_cancelled_in_the_middle(browse: Browse) -> None:
    page = browse(KONSULENT)
    page.goto("/rapporter/?om=landet&til=Annulleres")
    page.get_by_text("Rapporter for mange kommuner på én gang").click()
    page.get_by_role("button", name="Bestil rapporterne").click()
    page.wait_for_url(ORDERS)
    expect(page.get_by_role("status")).to_contain_text("Rapporterne laves.", timeout=LONG)
    page.get_by_role("button", name="Annuller bestillingen").click()
    expect(page.get_by_role("status")).to_have_text("Bestillingen er annulleret.")
    check_page(page)


def test_a_report_on_its_way_turns_into_the_file(browse: Browse) -> None:
    page = browse(HR)
    page.goto("/rapporter/?om=kkr:midtjylland&siden=2026-05-01&til=Udvalget")
    with page.expect_response(lambda found: found.headers.get("content-type") == "application/pdf", timeout=LONG):
        page.get_by_role("link", name="Hent som PDF").click()


def test_without_javascript_it_is_a_page_with_a_link(browse: Browse) -> None:
    page = browse(HR, java_script_enabled=False)
    page.goto("/rapporter/?om=kkr:hovedstaden&siden=2026-05-01&til=Udvalget")
    page.get_by_role("link", name="Hent som PDF").click()
    link = page.get_by_role("link", name="Se, om den er klar")
    for _ in range(60):
        with page.expect_response(re.compile("bestillinger")) as asked:
            link.click()
        if asked.value.headers["content-type"] == "application/pdf":
            return
        page.wait_for_timeout(1000)
    raise AssertionError("it never came")
