"""Out and in again is no change; one cell changed is that one change: for whatever figures there are."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl
from django.test import Client
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from flere_haender.access import Role
from initiatives.intake.cells import as_text
from initiatives.models import Indicator
from stakeholders.models import Municipality
from tests.factories import make_user

from .figure_files import choose, csv_of, make_indicator, read, take_in

QUICKLY = settings(deadline=None, max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))
# As the page hands them out.
EXPORTED = {"layout": "long", "place": "2", "year": "3", "value": "4", "style": "comma"}
FIGURES = st.dictionaries(
    st.tuples(st.integers(0, 97), st.integers(1970, 2100)),
    st.decimals(-(10**10), 10**10, places=4) | st.integers(-(10**10), 10**10).map(Decimal),
    min_size=1,
    max_size=12,
)
AWKWARD = {(0, 1970): Decimal("0.0001"), (1, 2100): Decimal("-99999999999.9999"), (2, 2000): Decimal("1234")}


class ThereAndBack(TestCase):
    client: Client
    indicator: Indicator

    def begin(self) -> None:
        user = make_user(Role.KL_CONSULTANT)
        self.client = Client()
        self.client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        self.indicator = make_indicator(user)
        self.places = list(Municipality.objects.real())

    def save(self, figures: dict[tuple[int, int], Decimal]) -> None:
        self.begin()
        rows = [[self.places[place].name, year, as_text(value)] for (place, year), value in figures.items()]
        take_in(self.client, csv_of([["Kommune", "År", "Tal"], *rows]), self.indicator)

    def fetched(self, form: str) -> bytes:
        response = self.client.get(f"{self.indicator.get_absolute_url()}?format={form}")
        assert response.status_code == 200
        return response.getvalue()

    def looked_at(self, content: bytes, form: str) -> Any:
        job = read(self.client, content, EXPORTED, f"tal.{form}")
        return choose(self.client, job, self.indicator)

    @given(figures=FIGURES)
    @example(figures=AWKWARD)
    @QUICKLY
    def test_out_and_in_again_changes_nothing(self, figures: dict[tuple[int, int], Decimal]) -> None:
        self.save(figures)
        for form in ("csv", "xlsx"):
            shown = self.looked_at(self.fetched(form), form)
            assert (shown.heading, shown.same) == ("Ingen ændringer", len(figures))

    @given(figures=FIGURES, data=st.data())
    @QUICKLY
    def test_one_cell_changed_is_that_one(self, figures: dict[tuple[int, int], Decimal], data: Any) -> None:
        self.save(figures)
        book = openpyxl.load_workbook(io.BytesIO(self.fetched("xlsx")))
        row = data.draw(st.integers(2, len(figures) + 1))
        cell = book.active.cell(row, 4)
        before = Decimal(str(cell.value))
        cell.value = float(-before) if before else 1
        file = io.BytesIO()
        book.save(file)
        shown = self.looked_at(file.getvalue(), "xlsx")
        assert (shown.heading, shown.same) == ("1 ændret", len(figures) - 1)
        [line] = shown.groups[0].lines
        assert (line.address, line.before, line.value) == (f"D{row}", before, -before or 1)
