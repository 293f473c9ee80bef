"""How cells are read, whatever they mean: what a person sees in them, and no more of them than the limits say."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from initiatives.intake.archive import Limits
from initiatives.intake.reading import read_csv, read_workbook


@pytest.mark.parametrize(
    ("value", "shown_as", "text"),
    [(0.042, "0%", "4,2"), (0.042, "0.0 %", "4,2"), (1, "0%", "100"), (-0.5, "0%", "-50"), (0.042, "0.000", "0,042")],
)
def test_a_percentage_is_read_as_it_is_shown(value: float, shown_as: str, text: str) -> None:
    book = openpyxl.Workbook()
    cell = book.active.cell(1, 1, value)
    cell.number_format = shown_as
    file = io.BytesIO()
    book.save(file)
    [(_, row)] = list(read_workbook(file.getvalue()).rows("Sheet"))
    assert (row[1].text, row[1].is_number) == (text, True)


def test_a_csv_of_more_cells_than_the_limit_is_refused() -> None:
    content = b"a;b;c\n" * 4
    assert len(list(read_csv(content, Limits(elements=12)))) == 4
    with pytest.raises(ValidationError, match="højst 11 udfyldte celler"):
        list(read_csv(content, Limits(elements=11)))
