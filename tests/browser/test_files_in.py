"""KL's old spreadsheet and a list of users: uploaded, looked through, told, confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.initiatives.old_sheets import sheet

from .checks import check_page
from .conftest import Browse
from .fresh import Fresh
from .test_pages import KONSULENT, LEDER

STATUSES = "/admin/initiatives/statusupdate/import/"


def saved(folder: Path, *rows: Sequence[Any]) -> Path:
    file = folder / "ark.xlsx"
    file.write_bytes(sheet(*rows))
    return file


def test_the_old_spreadsheet(browse: Browse, fresh: Fresh, tmp_path: Path) -> None:
    page = browse(KONSULENT)
    page.goto("/admin/initiatives/statusupdate/")
    page.get_by_role("link", name="Importér").click()
    check_page(page)
    page.get_by_role("button", name="Vis, hvad der er forstået").click()
    expect(page.get_by_text("Vælg det regneark, du vil indlæse.")).to_be_visible()
    check_page(page)
    rows = [["Kommune", 9, 10, 11, "Andet"], [fresh.code, "I gang (gul)", "x", "Færdig", "hej"], ["Andeby", "igang"]]
    page.get_by_label("Regneark").set_input_files(saved(tmp_path, *rows))
    page.get_by_label("Svarene gælder pr.").fill("03.02.2023")
    page.get_by_role("button", name="Vis, hvad der er forstået").click()
    left = "1 række uden kendt kommune"
    expect(page.get_by_role("heading", level=1)).to_have_text(f"2 nye svar, 1 celle er ikke forstået, {left}")
    expect(page.get_by_text("Der er ingen kommune, der hedder “Andeby”.")).to_be_visible()
    check_page(page)
    page.get_by_label("“x”").select_option(label="Planlagt")
    page.get_by_role("button", name="Brug ordene").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"3 nye svar, {left}")
    check_page(page)
    page.get_by_role("button", name="Gem svarene fra de valgte").click()
    expect(page.get_by_text("Svarene er gemt.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Ingen ændringer, {left}")
    check_page(page)
    page.goto(f"/kommuner/{fresh.code}/anbefalinger/9/")
    expect(page.get_by_text("fra KL’s regneark").first).to_be_visible()


def test_a_list_of_users(browse: Browse, tmp_path: Path) -> None:
    page = browse(LEDER)
    page.goto("/brugere/")
    page.get_by_role("link", name="Inviter fra en liste").click()
    check_page(page)
    page.get_by_role("button", name="Se, hvem der bliver inviteret").click()
    expect(page.get_by_role("alert")).to_contain_text("Vælg den liste, du vil uploade.")
    check_page(page)
    rows = [
        ["E-mail", "Rolle", "Navn"],
        ["en@korsbaek.example", "Redaktør", "En Ny"],
        ["to@korsbaek.example", "Leder"],
    ]
    page.get_by_label("Liste").set_input_files(saved(tmp_path, *rows, ["forkert", "Chef"], [LEDER, "Leder"]))
    page.get_by_role("button", name="Se, hvem der bliver inviteret").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 nye, 1 afvist")
    expect(page.get_by_role("heading", name="Har allerede adgang eller er inviteret (1)")).to_be_visible()
    check_page(page)
    page.get_by_label("to@korsbaek.example").uncheck()
    page.get_by_role("button", name="Inviter de valgte").click()
    expect(page.get_by_text("1 er inviteret.")).to_be_visible()
    page.goto("/brugere/")
    expect(page.get_by_text("en@korsbaek.example").first).to_be_visible()
    page.get_by_role("button", name="Træk tilbage fra en@korsbaek.example").click()


@pytest.mark.parametrize("model", ["theme", "focusarea", "question", "statusupdate", "keyanswer", "term", "indicator"])
def test_every_export_has_its_page(browse: Browse, model: str) -> None:
    page = browse(KONSULENT)
    page.goto(f"/admin/initiatives/{model}/export/")
    check_page(page)
    with page.expect_download() as begun:
        page.get_by_role("button", name="Hent filen").click()
    assert begun.value.path().stat().st_size > 100
