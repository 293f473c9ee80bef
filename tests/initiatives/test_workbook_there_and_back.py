"""Out and in again without a change is no change; one cell changed is that one change: for whatever people write."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
from django.test import Client
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from openpyxl.utils import get_column_letter

from flere_haender.access import Role
from initiatives.exporting import csv_file
from initiatives.intake.cells import as_text, place_of
from initiatives.intake.reading import read_csv, read_workbook
from initiatives.intake.table import typed_rows
from initiatives.intake.writing import KEY, Column, Input, Known, Sheet, make_workbook, stamp
from tests.factories import (
    draft,
    make_action,
    make_korsbaek,
    make_question,
    make_round,
    make_user,
    participation_of,
    recommendation,
)

from .workbooks import ACTIONS, QUESTIONS, STATUS, edited, fetch, look, shown, typed

AWKWARD = (
    *("æøå ÆØÅ", "linje 1\nlinje 2", "a\r\nb", "sagde \"ja\" og 'nej'", "007", "0,50", "1.234", "31-05-2026", "1e5"),
    *("=1+1", "+45", "-x", "@SUM(A1)", "'=1", "''", "\t=1", "_x0041_", "_x005F_", "ax005F_b", "_x000D_", "_xD83D_"),
    *(
        "\U0001f331\U0001f469\U0001f3fd\u200d\u2695\ufe0f",
        "SAND",
        "FALSK",
        "#REF!",
        "#N/A",
        "<b>&amp;</b>",
        "]]>",
        "{=A1}",
    ),
    *("\ufeffbom", "\u200fאב", "n\u0303", " ", "=", "\ue000", "\x0b\x1f"),
)
TEXTS = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=60),
    st.lists(st.sampled_from(AWKWARD), max_size=4).map("\n".join),
)
# Openpyxl, with which the tests edit, does not understand what Excel escapes.
PLAIN_TEXTS = TEXTS.filter(lambda text: "_x" not in text and "x005F" not in text)
QUICKLY = settings(deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))
CENTS = st.integers(-(10**7), 10**7).map(lambda number: number / 100).filter(lambda number: number % 1)
NUMBERS = st.one_of(st.integers(-(10**9), 10**9), CENTS)
LONGEST = "\U0001f331" * 300 + "æøå \n" * 6_340  # 32,000 characters
COLUMNS = (Column("Tekst"), Column("Dag", Input.DATE), Column("Tal", Input.NUMBER), Column("Låst", Input.NOTHING))


def read_back(content: bytes, sheet: str, columns: tuple[Column, ...]) -> list[dict[str, str]]:
    names = [KEY, *(column.name for column in columns)]
    found = typed_rows(sheet, read_workbook(content).rows(sheet), names)
    return [{name: row.text(name) for name in names} for row in found]


@given(rows=st.lists(st.tuples(TEXTS, st.none() | DAYS, st.none() | NUMBERS, TEXTS), min_size=1, max_size=8))
@example(rows=[(text, None, None, "") for text in AWKWARD])
@example(rows=[(LONGEST, date(1990, 1, 1), 0, LONGEST)])
@settings(QUICKLY, max_examples=60)
def test_every_cell_comes_back(rows: list[tuple[Any, ...]]) -> None:
    known = [
        Known(f"r{number}", dict(zip([column.name for column in COLUMNS], row, strict=True)))
        for number, row in enumerate(rows)
    ]
    content = make_workbook([Sheet("Ark", COLUMNS, known, spare=2)], about=["Om"], identity={"a": 1})
    for back, row in zip(read_back(content, "Ark", COLUMNS), known, strict=True):
        assert back[KEY] == f"{row.key} {stamp(COLUMNS, row.values)}"
        assert {name: back[name] for name in row.values} == {
            name: as_text(value) for name, value in row.values.items()
        }


def test_what_begins_like_a_formula_is_text_to_others_too() -> None:
    known = [Known(str(number), {"Tekst": text}) for number, text in enumerate(AWKWARD)]
    content = make_workbook([Sheet("Ark", COLUMNS, known)], about=["Om"], identity={})
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Ark"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}


@given(rows=st.lists(st.tuples(TEXTS, DAYS, NUMBERS), min_size=1, max_size=8))
@example(rows=[(text, date(2026, 5, 31), -0.5) for text in AWKWARD])
@settings(QUICKLY, max_examples=60)
def test_every_cell_comes_back_from_csv(rows: list[tuple[Any, ...]]) -> None:
    back = list(read_csv(csv_file(["Tekst", "Dag", "Tal"], rows)))[1:]
    for (_, cells), row in zip(back, rows, strict=True):
        assert [cells[place].text if place in cells else "" for place in (1, 2, 3)] == [as_text(one) for one in row]


@given(st.integers(1, 16_384), st.integers(1, 1_048_576))
def test_addresses(column: int, row: int) -> None:
    assert place_of(f"{get_column_letter(column)}{row}") == (row, column)


class ThereAndBackTest(TestCase):
    """With the municipality's own workbook; each example starts from nothing."""

    def _fill(self, note: str, text: str, number: Any) -> None:
        self.korsbaek = make_korsbaek()
        self.hr = make_user(Role.EDITOR, self.korsbaek)
        make_round()
        self.part = participation_of(self.korsbaek)
        self.browser = Client()
        self.browser.force_login(self.hr, backend="allauth.account.auth_backends.AuthenticationBackend")
        self.title = f"10 {recommendation(10).title}"
        make_question(10, "hvor-mange", "number", text="Hvor mange?", allows_negative=True)
        answers = {"key_answers": {"hvor-mange": number}} if number is not None else {}
        draft(self.part, recommendation(10), by=self.hr, status="planned", note=note, **answers)
        said = {"what": text, "problem": text[::-1].strip(), "responsible_unit": " ".join(text.split())[:100]}
        make_action(self.korsbaek, by=self.hr, title="Mentor", **said)

    @given(note=PLAIN_TEXTS, text=PLAIN_TEXTS.filter(lambda text: as_text(text) != ""), number=st.none() | NUMBERS)
    @example(note=LONGEST[:4000], text=LONGEST[:4000], number=None)
    @settings(QUICKLY, max_examples=10)
    def test_untouched(self, note: str, text: str, number: Any) -> None:
        self._fill(note, text, number)
        content = fetch(self.browser)
        for again in (content, edited(content, lambda book: None)):
            found = look(self.browser, again, self.hr)
            assert (found.heading, found.items, found.notices) == ("Ingen ændringer", [], [])

    @given(before=PLAIN_TEXTS, after=PLAIN_TEXTS.map(as_text), where=st.sampled_from([STATUS, ACTIONS]))
    @settings(QUICKLY, max_examples=10)
    def test_one_text(self, before: str, after: str, where: str) -> None:
        self._fill(before, "Noget", 3)
        column = "Note" if where == STATUS else "Problemet"
        title = self.title if where == STATUS else "Mentor"
        was = as_text(before) if where == STATUS else "tegoN"
        row = recommendation(10).title if where == STATUS else "Mentor"
        found = look(self.browser, edited(fetch(self.browser), typed(where, row, **{column: after})), self.hr)
        expected = {title: [(column, was, after)]} if as_text(after) != was else {}
        assert {item.title: [(d.label, d.before) for d in item.differences] for item in found.items} == {
            name: [(label, old) for label, old, _ in cells] for name, cells in expected.items()
        }
        assert found.refused == []

    @given(day=DAYS.filter(lambda day: day.year >= 2018), number=NUMBERS)
    @settings(QUICKLY, max_examples=8)
    def test_one_day_and_one_number(self, day: date, number: Any) -> None:
        self._fill("", "Noget", None)

        def edit(book: Any) -> None:
            typed(STATUS, recommendation(10).title, Forventet_dato=datetime(day.year, day.month, day.day))(book)
            typed(QUESTIONS, "Hvor mange?", Svar=number)(book)

        found = look(self.browser, edited(fetch(self.browser), edit), self.hr)
        if abs(number) >= 10**9:
            assert len(found.refused) == 1
            return
        told = as_text(number)
        assert shown(found) == {
            self.title: [("Forventet dato", "", f"{day:%d.%m.%Y}"), ("Hvor mange?", "", told)],
        }
