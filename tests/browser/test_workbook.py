"""A municipality's workbook: fetched, edited in another program, uploaded, looked through, picked from, confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Page, expect

from tests.initiatives.workbooks import ACTIONS, STATUS, column_of

from .checks import check_page
from .conftest import Browse
from .fresh import Fresh

# Sends the form of the page twice at the same moment, as from two windows.
TWICE = """
async () => {
  const form = document.querySelector("main form[method=post]");
  const body = new URLSearchParams(new FormData(form));
  const send = () => fetch(location.href, { method: "POST", body, redirect: "manual" });
  return (await Promise.all([send(), send(), send()])).map((answer) => answer.type);
}
"""


def fetch(page: Page, fresh: Fresh, folder: Path) -> Path:
    page.goto(fresh.path)
    page.get_by_role("link", name="Svar i et regneark").click()
    with page.expect_download() as begun:
        page.get_by_role("link", name="Hent regneark").click()
    file = folder / begun.value.suggested_filename
    begun.value.save_as(file)
    return file


def edit(file: Path, row: int, sheet: str = STATUS, **values: Any) -> None:
    book = openpyxl.load_workbook(file)
    for heading, value in values.items():
        book[sheet].cell(row, column_of(book[sheet], heading.replace("_", " "))).value = value
    book.save(file)


def upload(page: Page, file: Path) -> None:
    page.get_by_label("Regneark").set_input_files(file)
    page.get_by_role("button", name="Se, hvad der er ændret").click()


def test_the_whole_journey(browse: Browse, fresh: Fresh, tmp_path: Path) -> None:
    page = browse(fresh.editor)
    file = fetch(page, fresh, tmp_path)
    check_page(page)
    edit(file, 2, Status="I gang", Trafiklys="Gul", Note="Fra regnearket.\nLinje to.")
    edit(file, 3, Status="Uændret")
    edit(file, 4, Status="Gennemført", Trafiklys="Rød")
    book = openpyxl.load_workbook(file)
    edit(file, book[ACTIONS].max_row, ACTIONS, Indsats="Ny fra regneark", Hvad_I_gør="Vi prøver.", Anbefalinger="10")
    upload(page, file)
    expect(page.get_by_role("heading", level=1)).to_have_text("3 nye, 1 afvist")
    expect(page.get_by_role("listitem").filter(has_text="Trafiklys kan kun vælges ved Planlagt").last).to_contain_text(
        "Arket Vores status, celle F4"
    )
    check_page(page)
    page.get_by_role("checkbox").nth(1).uncheck()
    page.get_by_role("button", name="Gem de valgte").click()
    expect(page.get_by_text("2 rækker er gemt.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 ny, 1 afvist")
    page.goto(fresh.path)
    expect(page.get_by_text("Fra regnearket.").first).to_be_visible()
    page.goto(f"/kommuner/{fresh.code}/indsatser/")
    page.get_by_role("link", name="Ny fra regneark").click()
    expect(page.get_by_text("fra regneark").first).to_be_visible()


def test_a_broken_file_is_said(browse: Browse, fresh: Fresh, tmp_path: Path) -> None:
    page = browse(fresh.editor)
    file = fetch(page, fresh, tmp_path)
    file.write_bytes(file.read_bytes()[:-200])
    upload(page, file)
    expect(page.get_by_role("alert")).to_contain_text("Filen er ikke hel.")
    check_page(page)


def test_the_same_confirmation_at_the_same_moment_is_once(browse: Browse, fresh: Fresh, tmp_path: Path) -> None:
    first, second = browse(fresh.editor), browse(fresh.colleague)
    file = fetch(first, fresh, tmp_path)
    book = openpyxl.load_workbook(file)
    edit(file, book[ACTIONS].max_row, ACTIONS, Indsats="Kun én", Hvad_I_gør="Vi prøver.", Anbefalinger="10")
    for page in (first, second):
        page.goto(f"/kommuner/{fresh.code}/regneark/")
        upload(page, file)
        expect(page.get_by_role("heading", level=1)).to_have_text("1 ny")
    assert first.evaluate(TWICE) == ["opaqueredirect"] * 3
    second.get_by_role("button", name="Gem de valgte").click()
    expect(second.get_by_role("alert")).to_contain_text("Noget er ændret, siden du så det igennem.")
    expect(second.get_by_role("heading", level=1)).to_have_text("Ingen ændringer")
    second.goto(f"/kommuner/{fresh.code}/indsatser/")
    expect(second.get_by_role("link", name="Kun én")).to_have_count(1)
