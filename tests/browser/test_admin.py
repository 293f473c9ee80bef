"""The admin's pages: those of Django, and our own for recording, import and export."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib import admin
from playwright.sync_api import Page, expect

from initiatives.demo.cast import PASSWORD

from .checks import check_page
from .conftest import Browse

KONSULENT = "konsulent@kl.example"
ADMIN = "admin@kl.example"

MODELS = sorted(f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry)


@pytest.mark.parametrize("address", MODELS)
def test_list_add_and_change(browse: Browse, address: str) -> None:
    page = browse(ADMIN)
    page.goto(address)
    check_page(page)
    row = page.locator("#result_list tbody th a").first
    change = row.get_attribute("href") if row.count() else None
    add = page.locator(".object-tools .addlink")
    if add.count():
        page.goto(f"{address}add/")
        check_page(page)
    if change:
        page.goto(change)
        check_page(page)


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/admin/initiatives/progress/?niveau=national&q=Tiltr%C3%A6k",
        "/admin/initiatives/progress/?q=findesikke",
        "/admin/initiatives/recommendation/10/rettet-mod/",
        "/admin/stakeholders/editabletext/",
        "/admin/stakeholders/editabletext/e-mail-nudge/ret/",
        "/admin/initiatives/recommendation/10/history/",
        "/admin/initiatives/recommendation/export/",
        "/admin/initiatives/recommendation/import/",
        "/admin/stakeholders/municipality/export/",
        "/admin/stakeholders/municipality/import/",
    ],
)
def test_page_for_the_consultant(browse: Browse, address: str) -> None:
    page = browse(KONSULENT)
    response = page.goto(address)
    assert response and response.status == 200
    check_page(page)


def test_export_and_import_with_its_preview(browse: Browse, tmp_path: Path) -> None:
    page = browse(KONSULENT)
    page.goto("/admin/stakeholders/municipality/?q=S%C3%B8nderborg")
    page.get_by_role("link", name="Eksportér").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Hent filen").click()
    file = tmp_path / "kommuner.csv"
    waiting.value.save_as(file)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert (len(lines), "Sønderborg" in lines[1]) == (2, True)

    file.write_text("\n".join([lines[0], lines[1].replace(";Sønderborg;", ";Sønderborg By;")]), encoding="utf-8-sig")
    preview(page, file)
    expect(page.locator("ins")).to_have_text(" By")
    check_page(page)

    file.write_text("\n".join([lines[0], lines[1].replace("540;", "hej;")]), encoding="utf-8-sig")
    preview(page, file)
    expect(page.get_by_role("heading", name="Filen har fejl. Intet er indlæst.")).to_be_visible()
    check_page(page)

    file.write_text("hej;med;dig\n", encoding="utf-8-sig")
    preview(page, file)
    expect(page.locator(".errornote")).to_be_visible()
    check_page(page)


def preview(page: Page, file: Path) -> None:
    page.goto("/admin/stakeholders/municipality/import/")
    page.get_by_label("Fil:").set_input_files(file)
    page.get_by_role("button", name="Vis, hvad der ændres").click()
    page.wait_for_load_state()


def test_a_status_is_recorded_and_corrected(browse: Browse) -> None:
    page = browse(KONSULENT)
    page.goto("/admin/initiatives/progress/?niveau=national&q=22")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("radio", name="Planlagt").check()
    page.get_by_role("button", name="Gem ny status").click()
    expect(page.locator(".errornote")).to_contain_text("Svaret er ikke gemt.")
    expect(page.get_by_role("radio", name="Planlagt")).to_be_checked()
    check_page(page)

    page.get_by_label("Note:", exact=True).fill("Staten har nedsat en arbejdsgruppe.")
    page.get_by_role("button", name="Gem ny status").click()
    expect(page.get_by_text("Svaret er gemt.")).to_be_visible()
    page.get_by_role("link", name="Ret eller træk tilbage").first.click()
    check_page(page)
    page.get_by_role("radio", name="Træk svaret tilbage").check()
    page.get_by_label("Note:", exact=True).fill("Trukket tilbage: Gemt ved en fejl.")
    page.get_by_role("button", name="Gem rettelsen").click()
    expect(page.get_by_text("Svaret er trukket tilbage.")).to_be_visible()


def record_in_progress(page: Page, numbers: tuple[int, ...]) -> None:
    page.goto("/admin/initiatives/progress/?niveau=kommuner&q=Sams%C3%B8&tema=3")
    for number in numbers:
        page.locator("#result_list tr").filter(has_text=f"{number}. ").locator(".action-select").check()
    page.locator("select[name=action]").select_option(label="Registrér status på de valgte")
    page.get_by_role("button", name="Udfør").click()
    page.get_by_role("radio", name="I gang").check()
    page.get_by_role("button", name="Gem på alle 2 rækker").click()


def test_a_status_for_several_at_once_or_for_none(browse: Browse) -> None:
    page = browse(KONSULENT)
    record_in_progress(page, (23, 24))
    expect(page.get_by_role("alert")).to_contain_text("Intet er gemt. 1 af 2 rækker blev afvist:")
    check_page(page)
    record_in_progress(page, (24, 25))
    expect(page.get_by_text("Gemt på alle 2 rækker.")).to_be_visible()


def test_a_report_from_the_list(browse: Browse) -> None:
    page = browse(KONSULENT)
    page.goto("/admin/stakeholders/municipality/?q=Sams%C3%B8")
    page.locator("#result_list .action-select").first.check()
    page.locator("select[name=action]").select_option(label="Statusrapport (PDF)")
    with page.expect_response(lambda found: found.headers.get("content-type") == "application/pdf", timeout=60_000):
        page.get_by_role("button", name="Udfør").click()


def test_a_new_user_has_no_role_until_one_is_given(browse: Browse) -> None:
    page = browse(ADMIN)
    page.goto("/admin/stakeholders/user/add/")
    page.get_by_role("button", name="Gem", exact=True).click()
    expect(page.locator(".errornote")).to_be_visible()
    check_page(page)
    page.get_by_label("Navn").fill("Ny Bruger")
    page.get_by_label("E-mail").fill("ny@korsbaek.example")
    page.get_by_label("Første adgangskode").fill(PASSWORD)
    page.get_by_role("button", name="Gem", exact=True).click()
    page.wait_for_url("**/admin/stakeholders/user/")

    new = browse("ny@korsbaek.example")
    for path in ("/", "/kommuner/999/"):
        response = new.goto(path)
        assert response and response.status == 403
        expect(new.locator("h1")).to_have_text("Du er logget på, men har ingen rolle endnu")
    expect(new.locator("main")).to_contain_text("flere-haender@kl.example")
    check_page(new)

    page.locator("#result_list tr", has_text="ny@korsbaek.example").locator(".action-select").check()
    page.locator("select[name=action]").select_option(label="Anonymisér de valgte brugere")
    page.get_by_role("button", name="Udfør").click()
    check_page(page)


def test_who_has_no_business_here(browse: Browse) -> None:
    page = browse("leder@korsbaek.example")
    response = page.goto("/admin/")
    assert response and response.status == 403
    check_page(page)
