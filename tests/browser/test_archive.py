"""A municipality fetches all that it has put in, and lists as files, from the real server."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page

from .conftest import Browse


def fetched(page: Page, name: str) -> Path:
    with page.expect_download() as begun:
        page.get_by_role("link", name=name).first.click()
    return Path(begun.value.path())


@pytest.mark.parametrize(
    ("email", "link"),
    [("leder@korsbaek.example", "Hent alt, I har skrevet"), ("konsulent@kl.example", "Kommunens arkiv")],
)
def test_the_archive_is_fetched_from_the_municipality_s_page(browse: Browse, email: str, link: str) -> None:
    page = browse(email)
    page.goto("/kommuner/999/")
    page.get_by_role("link", name=link).click()
    file = zipfile.ZipFile(fetched(page, "Hent arkivet (ZIP)"))
    assert file.testzip() is None
    rows = list(csv.DictReader(io.StringIO(file.read("statusser.csv").decode("utf-8-sig")), delimiter=";"))
    assert len(rows) > 20 and all(row["demodata"] == "Opdigtede tal" for row in rows)
    assert "statusser.csv" in file.read("README.txt").decode("utf-8-sig")


def test_a_list_is_the_same_in_both_files(browse: Browse) -> None:
    page = browse("hr@korsbaek.example")
    page.goto("/kommuner/999/indsatser/")
    text = fetched(page, "CSV").read_text(encoding="utf-8-sig")
    titles = [row["Indsats"] for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";")]
    content = io.BytesIO(fetched(page, "Excel").read_bytes())
    assert [row[1].value for row in openpyxl.load_workbook(content).active.iter_rows(min_row=2)] == titles
    assert titles
