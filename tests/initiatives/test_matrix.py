"""The matrix: who is in it, what the choices leave, in which order, what is summed, and the file of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flere_haender.days import months_before, today
from initiatives.matrix import Matrix, Row
from initiatives.models import Programme, Progress, Recommendation
from initiatives.status import DISPLAY_ORDER
from stakeholders.models import Municipality, User
from tests.factories import AsUser, cell_of, day, make_row

pytestmark = pytest.mark.django_db

CELL = re.compile(
    r'<td(?: class="t")?>(?:<a href="([^"]*)" class="([^"]*)" title="([^"]*)"><b>(\d+)</b><i>([^<]*)</i></a>)?(?=<td)'
)


@pytest.fixture
def seen(as_user: AsUser, konsulent: User) -> Callable[..., Matrix]:
    """The matrix as KL, or another, sees it."""

    def look(query: str = "", who: User | None = None) -> Matrix:
        response = as_user(who or konsulent).get(f"/matrix/?{query}")
        assert response.status_code == 200
        return response.context["matrix"]

    return look


def answer(code: int, status: str, *, by: User, number: int = 10, days: int = 0, **fields: Any) -> Any:
    municipality = Municipality.objects.get(code=code)
    fields.setdefault("note", "Derfor")
    return make_row(
        cell_of(number, municipality), status, by=by, effective_on=today() - timedelta(days=days), **fields
    )


def codes(rows: list[Row]) -> list[int]:
    return [row.municipality.code for row in rows]


def test_98_by_20_in_kkr_and_theme_order(seen: Callable[..., Matrix]) -> None:
    found = seen()
    assert (len(found.rows), len(found.recommendations)) == (98, 20)
    assert [group.size for group in found.groups] == [11, 19, 22, 17, 29]
    assert [columns for _, columns in found.themes] == [8, 9, 3]
    assert found.heading == "Ingen kommuner har svaret"


def test_the_fictional_municipality_is_for_its_own_and_kl_and_in_no_total(
    seen: Callable[..., Matrix], hr: User, nabo: User, korsbaek: Municipality, konsulent: User
) -> None:
    cell_of(10, korsbaek).record("completed", by=hr)
    answer(787, "completed", by=nabo)
    assert 999 not in codes(seen(who=nabo).rows)
    for reader in (hr, konsulent):
        found = seen(who=reader)
        assert 999 in codes(found.rows)
        assert sum(spread.completed for spread in found.spreads) == 1
        assert {spread.total for spread in found.spreads} == {98}
        assert found.whose == "98 kommuners egne svar på 20 anbefalinger"
        assert sum(group.size for group in found.groups) == 98
    assert seen(who=hr).own.municipality == korsbaek
    assert seen().own is None


def test_the_own_row_stands_in_the_head_too(as_user: AsUser, hr: User) -> None:
    page = as_user(hr).get("/matrix/").content.decode()
    head, body = page.split("</thead>")
    assert (head.count("(jeres)"), body.count("(jeres)")) == (1, 1)


@pytest.mark.parametrize(
    ("query", "rows", "numbers"),
    [
        ("kkr=nordjylland", [787], [10, 12]),
        ("tema=1", [101, 787], [10]),
        ("tema=2", [101, 787], [12]),
        ("status=completed", [787], [10]),
        ("status=not_assessed&kkr=nordjylland&tema=3", [787], []),
        ("signal=red", [101], [10]),
        ("signal=red&status=planned", [], []),
        ("maaneder=12&tema=1", [101, 787], [10]),
    ],
)
def test_choices(
    seen: Callable[..., Matrix], konsulent: User, query: str, rows: list[int], numbers: list[int]
) -> None:
    """Which of two municipalities are left, and which of their answers."""
    answer(787, "completed", by=konsulent, days=400)
    answer(787, "on_hold", by=konsulent, number=12)
    answer(101, "in_progress", by=konsulent, signal="red")
    found = seen(query)
    two = [row for row in found.rows if row.municipality.code in (101, 787)]
    assert sorted(codes(two)) == rows
    shown = {
        recommendation.number
        for row in two
        for recommendation, cell in zip(found.recommendations, row.cells, strict=True)
        if cell and cell.answered_on
    }
    assert sorted(shown) == numbers


def test_a_programme_leaves_its_participants(seen: Callable[..., Matrix]) -> None:
    programme = Programme.objects.filter(known__isnull=False).distinct()[0]
    expected = set(programme.known.values_list("code", flat=True))
    assert expected and set(codes(seen(f"program={programme.slug}").rows)) == expected


@pytest.mark.parametrize(
    "query",
    [
        *("kkr=x", "tema=99", "tema=%00", "status=x", "signal=blue", "maaneder=7", "maaneder=%C2%B2"),
        *("program=x%00", "sorter=x", "pr=igaar", "siden=2099-01-01", "kendt=x"),
        *(f"kkr={'x' * 5000}", "tema=99999999999999999999"),
    ],
)
def test_a_choice_that_is_none_shows_nothing(as_user: AsUser, konsulent: User, query: str) -> None:
    for extra in ("", "&format=csv"):
        response = as_user(konsulent).get(f"/matrix/?{query}{extra}")
        assert response.status_code == 400
        assert response["Content-Type"].startswith("text/html")
        page = response.content.decode()
        assert "Valget kunne ikke bruges" in page
        assert "Brønderslev" not in page


def test_when_nothing_fits_nobody_is_counted(as_user: AsUser, konsulent: User) -> None:
    page = as_user(konsulent).get("/matrix/?status=completed").content.decode()
    assert "Ingen svar passer" in page and "egne svar på" not in page


def test_orders(seen: Callable[..., Matrix], konsulent: User) -> None:
    answer(787, "completed", by=konsulent, days=30)
    first = answer(101, "in_progress", by=konsulent, days=60)
    make_row(first.progress, "in_progress", by=konsulent, note=first.note, confirms=first)
    answer(851, "not_started", by=konsulent, days=2)
    assert codes(seen("sorter=andel").rows)[0] == 787
    assert codes(seen("sorter=aendret").rows)[:3] == [851, 787, 101], "a confirmation is no change"
    by_name = [row.municipality.sort_order for row in seen("sorter=navn").rows]
    assert by_name == sorted(by_name)
    assert len(seen("sorter=navn").groups) == 1


def test_a_share_is_of_what_counts(seen: Callable[..., Matrix], konsulent: User) -> None:
    answer(787, "completed", by=konsulent)
    answer(101, "completed", by=konsulent)
    answer(101, "not_relevant", by=konsulent, number=12)
    rows = {row.municipality.code: row for row in seen("sorter=andel").rows}
    assert list(rows)[:2] == [101, 787]
    assert [(rows[code].spread.completed, rows[code].spread.counting) for code in (101, 787)] == [(1, 19), (1, 20)]


def test_totals_are_of_the_rows_and_columns_shown(seen: Callable[..., Matrix], konsulent: User) -> None:
    answer(787, "completed", by=konsulent)
    answer(101, "completed", by=konsulent)
    for query, total in (("", 2), ("kkr=nordjylland", 1), ("tema=2", 0)):
        found = seen(query)
        assert sum(spread.completed for spread in found.spreads) == total
        for status, counts in found.totals:
            column = [sum(row.cells[i].status == status for row in found.rows) for i in range(len(counts))]
            assert counts == column
    assert [status for status, _ in found.totals] == list(DISPLAY_ORDER)


def test_the_heading_is_a_finding(seen: Callable[..., Matrix], konsulent: User) -> None:
    answer(787, "completed", by=konsulent)
    assert seen().heading == "Flest har gennemført anbefaling 10, færrest anbefaling 1"
    assert seen("status=completed").heading == "1 svar i 1 kommune passer"
    assert seen("status=on_hold").heading == "Ingen svar passer"
    assert seen(f"siden={today() - timedelta(days=5)}").heading == "1 svar i 1 kommune er ændret"


def test_a_cell_says_what_it_shows(as_user: AsUser, seen: Callable[..., Matrix], konsulent: User) -> None:
    answer(787, "planned", by=konsulent, signal="green", days=800)
    answer(787, "in_progress", by=konsulent, signal="red", days=500)
    query = f"kkr=nordjylland&siden={today() - timedelta(days=600)}"
    page = as_user(konsulent).get(f"/matrix/?{query}").content.decode()
    cell = next(cell for cell in CELL.findall(page) if cell[0].startswith("/kommuner/787/anbefalinger/10/"))
    answered = f"{today() - timedelta(days=500):%d.%m.%Y}"
    assert cell[1:] == (
        "act r old new",
        f"I gang, rød, gammelt svar, før Planlagt, grøn. Svar fra {answered}",
        "10",
        "I gang, rød, gammelt svar, før Planlagt, grøn",
    )
    assert as_user(konsulent).get(unescape(cell[0])).status_code == 200


def test_the_age_of_an_answer_counts_from_a_confirmation(seen: Callable[..., Matrix], konsulent: User) -> None:
    first = answer(787, "completed", by=konsulent, days=500)
    assert any(cell.is_old and cell.answered_on for row in seen().rows for cell in row.cells)
    make_row(first.progress, "completed", by=konsulent, note=first.note, confirms=first)
    assert not any(cell.is_old and cell.answered_on for row in seen().rows for cell in row.cells)


def test_what_has_changed_is_a_list_too(as_user: AsUser, konsulent: User) -> None:
    answer(787, "planned", by=konsulent, days=10)
    page = as_user(konsulent).get(f"/matrix/?siden={today() - timedelta(days=11)}").content.decode()
    assert "Det er ændret siden" in page
    assert page.count('<ul class="changes"><li>') == 1
    page = as_user(konsulent).get(f"/matrix/?siden={today() - timedelta(days=9)}").content.decode()
    assert "Intet er ændret siden" in page


@pytest.mark.parametrize("query", ["", "kkr=nordjylland&sorter=andel", "status=completed", "tema=2&siden=2026-01-01"])
def test_the_file_is_the_page(as_user: AsUser, konsulent: User, korsbaek: Municipality, query: str) -> None:
    answer(787, "completed", by=konsulent, days=400)
    answer(101, "in_progress", by=konsulent, signal="yellow")
    client = as_user(konsulent)
    page = client.get(f"/matrix/?{query}").content.decode()
    body = page.split('class="matrix__total"')[1].split("<tfoot>")[0]
    shown = [
        (re.search(r"<a [^>]*>([^<]+)</a>", row).group(1), [unescape(cell[4]) for cell in CELL.findall(row + "<td")])
        for row in re.findall(r"<tr(?: class=\"own\")?><th scope=\"row\"><a.*?</tr>", body, re.S)
    ]
    text = client.get(f"/matrix/?{query}&format=csv").getvalue().decode("utf-8-sig")
    heads, *rows = csv.reader(io.StringIO(text), delimiter=";")
    last = heads.index("Gennemført")
    assert [(row[0], row[3:last]) for row in rows] == [(name, cells[: last - 3]) for name, cells in shown]
    assert rows and any(any(row[3:last]) for row in rows)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/matrix/?{query}&format=xlsx").getvalue()))
    assert [row[0].value for row in book.active.iter_rows(min_row=2)] == [row[0] for row in rows]


def test_the_matrix_takes_as_many_queries_however_long_the_history(
    as_user: AsUser, konsulent: User, thisted: Municipality
) -> None:
    client = as_user(konsulent)

    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/matrix/?{query}").status_code == 200
        return len(captured)

    queries = ("", "siden=2026-01-01", "sorter=aendret", "format=csv")
    answer(787, "planned", by=konsulent, days=3)
    few = [cost(query) for query in queries]
    for cell in Progress.objects.of_municipalities().select_related("municipality", "recommendation")[:300:30]:
        for days in range(10):
            make_row(cell, "planned", by=konsulent, effective_on=today() - timedelta(days=days))
    assert [cost(query) for query in queries] == few
    assert max(few) <= 14


def test_the_address_keeps_everything(as_user: AsUser, konsulent: User) -> None:
    answer(787, "completed", by=konsulent)
    page = as_user(konsulent).get("/matrix/?kkr=nordjylland&status=completed&siden=2026-01-01").content.decode()
    assert 'value="nordjylland" selected' in page
    assert 'name="siden" value="2026-01-01"' in page
    assert "?kkr=nordjylland&amp;status=completed&amp;siden=2026-01-01&amp;format=csv" in page


def test_months_before() -> None:
    assert months_before(day("2026-03-31"), 1) == day("2026-02-28")
    assert months_before(day("2026-01-15"), 12) == day("2025-01-15")
    assert months_before(day("2026-01-15"), 1) == day("2025-12-15")


def test_the_cell_has_its_whole_history(as_user: AsUser, nabo: User, hr: User, thisted: Municipality) -> None:
    cell = cell_of(10, thisted)
    cell.record("planned", by=nabo, note="Vi begynder.", internal_note="Kun for os.")
    cell.record("in_progress", by=nabo, signal="green")
    page = as_user(hr).get("/kommuner/787/anbefalinger/10/").content.decode()
    assert "2 linjer i historikken" in page and "Vi begynder." in page
    assert "Kun for os." not in page
    assert "Kun for os." in as_user(nabo).get("/kommuner/787/anbefalinger/10/").content.decode()
    for missing in ("/kommuner/100/anbefalinger/10/", "/kommuner/787/anbefalinger/99/"):
        assert as_user(hr).get(missing).status_code == 404
    assert not Recommendation.objects.asked(as_of=today()).filter(number=4).exists()
    assert "ikke spurgt" in as_user(hr).get("/kommuner/787/anbefalinger/4/").content.decode()
