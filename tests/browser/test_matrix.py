"""The matrix by keyboard: the arrow keys go from cell to cell."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page

from .conftest import Browse
from .test_recording import HR

Place = tuple[int, int]


def cells(page: Page, row: int) -> list[Locator]:
    """The cells of a row that are shown."""
    return page.locator(".matrix tbody tr:has(td a)").nth(row).locator("td a").all()


def place(link: Locator) -> Place:
    """The municipality and the recommendation of a cell."""
    [(code, number)] = re.findall(r"/kommuner/(\d+)/anbefalinger/(\d+)/", link.get_attribute("href") or "")
    return int(code), int(number)


def press(page: Page, key: str) -> Place:
    """Where one is then."""
    page.keyboard.press(key)
    return place(page.locator(".matrix a:focus"))


def test_the_arrow_keys_go_from_cell_to_cell(browse: Browse) -> None:
    page = browse(HR)
    page.goto("/matrix/?kkr=nordjylland")
    (first, right), below = map(place, cells(page, 0)[:2]), place(cells(page, 1)[0])
    cells(page, 0)[0].focus()
    assert press(page, "ArrowRight") == right
    assert press(page, "ArrowDown") == (below[0], right[1])
    assert press(page, "ArrowLeft") == below
    assert press(page, "ArrowUp") == first
    page.keyboard.press("ArrowLeft")
    assert page.locator(".matrix a:focus").get_attribute("href") == f"/kommuner/{first[0]}/"
    assert press(page, "ArrowRight") == first
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/kommuner/{first[0]}/anbefalinger/{first[1]}/")


def test_the_arrow_keys_pass_by_what_the_choice_leaves_out(browse: Browse) -> None:
    page = browse(HR)
    page.goto("/matrix/?kkr=nordjylland&status=completed&sorter=andel")
    shown = [place(link) for link in cells(page, 0)]
    gaps = page.locator(".matrix tbody tr:has(td a)").first.locator("td:not(:has(a)):not(.matrix__sum)").count()
    assert len(shown) > 1 and gaps
    cells(page, 0)[0].focus()
    assert [press(page, "ArrowRight") for _ in shown[1:]] == shown[1:]
