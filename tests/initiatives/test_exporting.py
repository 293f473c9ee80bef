"""The one way of exporting: what a cell becomes, on the page and in the files."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from initiatives.exporting import csv_cell, csv_file, shown, xlsx_file

CASES: list[tuple[Any, str, str]] = [
    # value, in CSV, on the page
    ("Mentor", "Mentor", "Mentor"),
    (None, "", ""),
    (Decimal("12.50"), "12,5", "12.50"),
    (-1.5, "-1,5", "-1.5"),
    (date(2026, 12, 4), "2026-12-04", "04.12.2026"),
    # An evening in UTC is the next day in Denmark.
    (datetime(2026, 12, 3, 23, 30, tzinfo=UTC), "2026-12-04", "04.12.2026"),
    ([10, 12], "10 | 12", "10, 12"),
    ("=1+1", "'=1+1", "=1+1"),
    ("-1", "'-1", "-1"),
    ("@SUM(A1)", "'@SUM(A1)", "@SUM(A1)"),
    (["=1+1", "b"], "'=1+1 | b", "=1+1, b"),
]


@pytest.mark.parametrize(("value", "in_csv", "on_page"), CASES)
def test_a_cell(value: Any, in_csv: str, on_page: str) -> None:
    assert (csv_cell(value), shown(value)) == (in_csv, on_page)


def test_csv_opens_in_danish_excel() -> None:
    assert csv_file(["a", "b"], [["1;2", "æ"]]) == '\ufeffa;b\r\n"1;2";æ\r\n'.encode()


def test_xlsx_keeps_types_and_takes_what_people_paste() -> None:
    rows = [[date(2026, 12, 4), 7, "=1+1", "lodret\x0btabulator", ["a", "b"], None]]
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_file(list("abcdef"), rows))).active
    assert [cell.value for cell in sheet[2]] == [
        datetime(2026, 12, 4),
        7,
        "'=1+1",
        "lodrettabulator",
        "a | b",
        None,
    ]
