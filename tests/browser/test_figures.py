"""Figures that others publish: a file is uploaded, its columns and indicator are chosen, and it is looked through."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from .checks import check_page
from .conftest import Browse

KL = "konsulent@kl.example"
ROWS = ("Område;2022;2023", "Hele landet;1.000,5;2.000", "Høje Taastrup;10;20,5", "Fanø;..;3", "Atlantis;1;2")


def upload(page: Page, folder: Path, *rows: str) -> None:
    file = folder / "deltid.csv"
    file.write_bytes("\r\n".join(rows).encode("cp1252"))
    page.goto("/indikatorer/")
    page.get_by_role("link", name="Indlæs tal for kommunerne").click()
    page.get_by_label("Fil").set_input_files(file)
    page.get_by_role("button", name="Upload filen").click()


def test_the_whole_journey(browse: Browse, tmp_path: Path) -> None:
    page = browse(KL)
    upload(page, tmp_path, *ROWS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hvad er der i kolonnerne?")
    expect(page.get_by_text("Teksten er læst som Windows-1252.")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Læs filen").click()
    # The page asks for itself until the worker has read it.
    expect(page.get_by_role("heading", level=1)).to_have_text("Hvilket nøgletal er det?")
    check_page(page)
    page.get_by_label("Hvor kommer tallene fra?").fill("Prøvetabel, hentet i dag")
    page.get_by_role("button", name="Opret et nyt nøgletal").first.click()
    page.get_by_role("button", name="Opret nøgletallet").click()
    expect(page.get_by_role("alert")).to_contain_text("Enhed skal udfyldes.")
    check_page(page)
    for label, text in (
        ("Navn", "Prøvetal fra en fil"),
        ("Definition", "Et tal, som testen finder på."),
        ("Enhed", "pct."),
        ("Hvem det handler om", "Ansatte"),
        ("Opgjort af", "Ingen"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_label("Emne").select_option("Andet")
    page.get_by_label("Ingen af delene").check()
    page.get_by_role("button", name="Opret nøgletallet").click()
    expect(page.get_by_label("Hvor kommer tallene fra?")).to_have_value("Prøvetabel, hentet i dag")
    page.get_by_role("button", name="Se, hvad der er nyt og ændret").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 nye tal, 1 afvist")
    expect(page.get_by_text("“Atlantis” er ikke en kommune.")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Gem de valgte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 tal er gemt")
    check_page(page)
    page.get_by_role("link", name="Prøvetal fra en fil").click()
    expect(page.get_by_role("heading", name="2023: fra 3 pct. i Fanø til 20,5 pct. i Høje-Taastrup")).to_be_visible()
    check_page(page)
    page.goto("/indikatorer/indlaes/")
    expect(page.get_by_role("link", name="deltid.csv")).to_be_visible()
    check_page(page)


def test_a_broken_file_is_said(browse: Browse, tmp_path: Path) -> None:
    page = browse(KL)
    upload(page, tmp_path, "", "")
    expect(page.get_by_role("alert")).to_contain_text("Der er ingen rækker i filen.")
    check_page(page)
