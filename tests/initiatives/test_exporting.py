"""The one way of exporting: what a cell becomes, on the page and in the files."""

from __future__ import annotations

import csv
import io
import weakref
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.signals import request_finished
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from initiatives.exporting import BROKEN_OFF, CHUNK, Column, Listing, csv_cell, csv_file, shown, xlsx_file
from initiatives.models import ActionRecommendation, LocalAction, Recommendation
from stakeholders.models import Municipality, User
from tests.factories import AsUser, make_action

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
    sheet = openpyxl.load_workbook(xlsx_file(list("abcdef"), rows)).active
    assert [cell.value for cell in sheet[2]] == [
        datetime(2026, 12, 4),
        7,
        "'=1+1",
        "lodrettabulator",
        "a | b",
        None,
    ]


def test_what_a_sheet_has_no_room_for_stands_on_the_next() -> None:
    book = openpyxl.load_workbook(xlsx_file(["Nr."], ([number] for number in range(5)), sheet_rows=2))
    said = [[cell.value for cell in sheet["A"]] for sheet in book]
    assert said == [["Nr.", 0, 1], ["Nr.", 2, 3], ["Nr.", 4]]


def test_the_same_rows_give_the_same_bytes() -> None:
    made = [xlsx_file(["a", "b"], [[date(2026, 12, 4), "æ"]]).read() for _ in range(2)]
    assert made[0] == made[1]


class Thing:
    """A row that can be counted while somebody holds it."""

    def __init__(self, number: int) -> None:
        self.number = number


class Things:
    """Many rows, and how many were held at once; after ``fails_at`` the source gives nothing more."""

    def __init__(self, count: int, fails_at: int | None = None) -> None:
        self.count, self.fails_at = count, fails_at
        self.given = self.most = 0
        self.held: weakref.WeakSet[Thing] = weakref.WeakSet()

    def __iter__(self) -> Iterator[Thing]:
        for number in range(self.count):
            if number == self.fails_at:
                raise ConnectionError("the database is gone")
            thing = Thing(number)
            self.held.add(thing)
            self.given, self.most = self.given + 1, max(self.most, len(self.held))
            yield thing


MANY = 20 * CHUNK
COLUMNS = (Column("Nr.", lambda thing: thing.number), Column("Tekst", lambda thing: f"Nummer {thing.number}"))


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_few_rows_are_held_at_once(form: str) -> None:
    things = Things(MANY)
    content = Listing("Ting", COLUMNS, things).file(form).getvalue()
    assert things.given == MANY
    assert things.most <= 2 * CHUNK
    last = [MANY - 1, f"Nummer {MANY - 1}"]
    if form == "csv":
        assert content.decode().splitlines()[-1] == ";".join(map(str, last))
    else:
        assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(content)).active[MANY + 1]] == last


@pytest.mark.django_db
def test_the_first_bytes_arrive_before_the_last_row_is_read() -> None:
    things = Things(MANY)
    pieces = iter(Listing("Ting", COLUMNS, things).file("csv"))
    assert next(pieces).startswith("\ufeffNr.;Tekst\r\n0;Nummer 0\r\n".encode())
    assert things.given <= 2 * CHUNK


@pytest.mark.django_db
def test_what_fails_at_once_is_an_error_and_no_file() -> None:
    for form in ("csv", "xlsx"):
        with pytest.raises(ConnectionError):
            Listing("Ting", COLUMNS, Things(MANY, fails_at=7)).file(form)
    with pytest.raises(ConnectionError):  # a workbook is whole before any of it is sent
        Listing("Ting", COLUMNS, Things(MANY, fails_at=MANY - 1)).file("xlsx")


@pytest.mark.django_db
def test_what_fails_midway_says_so_in_the_file_and_breaks_off() -> None:
    pieces = iter(Listing("Ting", COLUMNS, Things(MANY, fails_at=MANY // 2)).file("csv"))
    got = b""
    with pytest.raises(ConnectionError):
        for piece in pieces:
            got += piece
    lines = got.decode("utf-8-sig").splitlines()
    assert lines[-1] == BROKEN_OFF
    assert [";".join(row) for row in csv.reader(lines[-2:-1], delimiter=";")] == [lines[-2]]  # a whole line before it
    assert CHUNK <= len(lines) - 2 <= MANY // 2


@pytest.mark.django_db
def test_a_query_is_read_in_chunks_with_what_goes_along(korsbaek: Municipality, hr: User) -> None:
    count = 2 * CHUNK + 5
    first = make_action(korsbaek, by=hr)
    fields = {"municipality": korsbaek, "what": "x", "created_by": hr, "updated_by": hr}
    times = {"created_at": first.created_at, "updated_at": first.updated_at, "touched_at": first.touched_at}
    made = [LocalAction(title=f"Indsats {number}", **fields, **times) for number in range(count - 1)]
    LocalAction.objects.bulk_create(made)
    recommendation = Recommendation.objects.get(slug="10")
    ActionRecommendation.objects.bulk_create(
        ActionRecommendation(action=each, recommendation=recommendation) for each in made
    )
    columns = (Column("Anbefalinger", lambda action: [one.slug for one in action.recommendations.all()]),)
    rows = LocalAction.objects.order_by("pk").prefetch_related("recommendations")
    with CaptureQueriesContext(connection) as captured:
        answer = Listing("Indsatser", columns, rows).file("csv")
        prefetched = [query for query in captured if "actionrecommendation" in query["sql"]]
        assert len(prefetched) == 1
        assert answer.getvalue().decode("utf-8-sig").splitlines() == ["Anbefalinger", *["10"] * count]
    prefetched = [query for query in captured if "actionrecommendation" in query["sql"]]
    assert len(prefetched) == 3
    left = Listing("Indsatser", columns, rows).file("csv")
    assert open_cursors() == 1
    request_finished.disconnect(close_old_connections)  # it would close the test's own
    left.close()  # as the server does when the reader goes away
    request_finished.connect(close_old_connections)
    assert open_cursors() == 0


def open_cursors() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE name LIKE '_django%'")
        count: int = cursor.fetchone()[0]
    return count


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_without_cursors_of_the_server_the_file_is_the_same(
    korsbaek: Municipality, hr: User, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """As behind a pool that gives each transaction another connection."""
    for number in range(3):
        make_action(korsbaek, by=hr, title=f"Indsats {number}")
    listing = Listing("Ting", [Column("Titel", lambda action: action.title)], LocalAction.objects.all())
    usual = listing.file(form).getvalue()
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert listing.file(form).getvalue() == usual


@pytest.mark.django_db
def test_a_workbook_knows_its_length_and_csv_is_sent_as_it_comes(
    as_user: AsUser, hr: User, korsbaek: Municipality
) -> None:
    make_action(korsbaek, by=hr)
    client = as_user(hr)
    book = client.get("/kommuner/999/indsatser/?format=xlsx", headers={"accept-encoding": "gzip"})
    assert int(book["Content-Length"]) == len(book.getvalue())
    sent = client.get("/kommuner/999/indsatser/?format=csv")
    assert sent.streaming and "Content-Length" not in sent
    for answer in (book, sent):
        assert answer["Content-Disposition"].startswith("attachment; filename")
