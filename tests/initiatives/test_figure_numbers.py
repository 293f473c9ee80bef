"""Numbers and years as publishers write them; what can be read in two ways is asked for, never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initiatives.exporting import csv_cell
from initiatives.figure_files.numbers import (
    IN_DOUBT,
    NOT_IN_STYLE,
    TOO_LARGE,
    NoFigure,
    NumberStyle,
    is_nothing,
    number_in,
    style_of,
    year_in,
)
from initiatives.figures import danish
from initiatives.intake.cells import Cell

COMMA, POINT, PLAIN = NumberStyle.COMMA, NumberStyle.POINT, NumberStyle.PLAIN
READ = [
    ("1.234,5", COMMA, "1234.5"),
    ("1.234", COMMA, "1234"),
    ("1.234", POINT, "1.234"),
    ("1,234.5", POINT, "1234.5"),
    ("1 234,5", COMMA, "1234.5"),
    ("1\u00a0234\u00a0567", PLAIN, "1234567"),
    ("12345,678", COMMA, "12345.678"),
    ("-5", PLAIN, "-5"),
    ("−5,25", COMMA, "-5.25"),
    ("45,2 %", COMMA, "45.2"),
    ("45,2 pct.", COMMA, "45.2"),
    ("007", PLAIN, "7"),
    ("-0", PLAIN, "0"),
    ("0,00005", COMMA, "0"),
    ("1,23456", COMMA, "1.2346"),
]
REFUSED = [
    ("1.234", PLAIN, IN_DOUBT),
    ("12,5", POINT, NOT_IN_STYLE),
    ("12.5", COMMA, NOT_IN_STYLE),
    ("1.23.4", COMMA, "er ikke et tal."),
    ("1,2,3", COMMA, "er ikke et tal."),
    ("1e5", COMMA, "er ikke et tal."),
    ("NaN", COMMA, "er ikke et tal."),
    ("Infinity", POINT, "er ikke et tal."),
    ("=1+1", COMMA, "er ikke et tal."),
    ("12 stk.", COMMA, "er ikke et tal."),
    ("٣", COMMA, "er ikke et tal."),
    ("½", COMMA, "er ikke et tal."),
    ("--5", COMMA, "er ikke et tal."),
    ("5-", COMMA, "er ikke et tal."),
    ("1" + "0" * 11, PLAIN, TOO_LARGE),
    *((f"{'9' * digits},5", COMMA, TOO_LARGE) for digits in (12, 24, 25, 38, 41)),
    ("1." + "000." * 7 + "000,5", COMMA, TOO_LARGE),
    ("99.999.999.999,99996", COMMA, TOO_LARGE),
    ("9" * 5000, PLAIN, TOO_LARGE),
    ("1," + "3" * 300, COMMA, TOO_LARGE),
]


@pytest.mark.parametrize(("text", "style", "value"), READ)
def test_read(text: str, style: NumberStyle, value: str) -> None:
    assert number_in(Cell("A1", text), style) == Decimal(value)


@pytest.mark.parametrize(("text", "style", "said"), REFUSED)
def test_refused(text: str, style: NumberStyle, said: str) -> None:
    with pytest.raises(NoFigure) as refusal:
        number_in(Cell("A1", text), style)
    assert said in str(refusal.value)
    assert len(str(refusal.value)) < 200


def test_a_number_of_the_file_itself_is_read_alike_in_every_style() -> None:
    for style in NumberStyle:
        assert number_in(Cell("A1", "1,234", is_number=True), style) == Decimal("1.234")


def test_what_says_that_there_is_no_figure() -> None:
    for text in ("", ".", "..", "...", "…", "-", "–", "*", "N/A"):
        assert is_nothing(text, dash_is_zero=False)
    assert not any(is_nothing(text, dash_is_zero=False) for text in ("0", "x", "--", "1.", "nul"))
    assert is_nothing("..", dash_is_zero=True)
    assert not is_nothing("-", dash_is_zero=True)
    assert number_in(Cell("A1", "-"), PLAIN, dash_is_zero=True) == 0


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["1.234", "2.345"], None),
        (["1,234"], None),
        (["1.234", "12,5"], COMMA),
        (["1,234", "12.5"], POINT),
        (["1.234.567"], COMMA),
        (["12", "1 234"], PLAIN),
        ([], PLAIN),
        (["12,5", "12.5"], None),
        (["Kilde: 1.2", "12,5"], COMMA),
    ],
)
def test_the_style_is_only_found_when_there_is_one(texts: list[str], style: NumberStyle | None) -> None:
    assert style_of(Cell("A1", text) for text in texts) == style


def test_years() -> None:
    for text in ("2023", " 2023 ", "År 2023", "2023*", "2023,0", "2023.0"):
        assert year_in(text) == 2023
    for text in ("", "23", "20234", "2023K1", "2022/2023", "2023-12-31", "1899", "2101", "x2023", "٢٠٢٣"):
        assert year_in(text) is None


@given(st.decimals(-(10**10), 10**10, places=4))
def test_what_we_write_we_read(value: Decimal) -> None:
    assert number_in(Cell("A1", csv_cell(value)), COMMA) == value
    assert number_in(Cell("A1", danish(value)), COMMA) == value
