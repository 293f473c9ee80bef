"""A report as a workbook: the figures of the report, as spreadsheets want them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from django.http import QueryDict
from django.utils.text import slugify

from initiatives.moment import Moment
from initiatives.reports import CONTENTS, as_xlsx, municipality_report
from initiatives.reports.choice import KINDS, Choice
from initiatives.reports.parts import OwnTable
from initiatives.reports.render import data_files
from stakeholders.models import Installation, Municipality, User
from stakeholders.words import fold
from tests.factories import AsUser, cell_of, day, make_action, make_answer, make_question, make_round, make_row, moment

pytestmark = pytest.mark.django_db

REAL = ("Nøgletal", "Tidslinje", "Definitioner")  # in a demo database too
FORMULA = "=HYPERLINK(1;2)"


@pytest.fixture
def year(korsbaek: Municipality, thisted: Municipality, hr: User, nabo: User, konsulent: User) -> None:
    """Something for every table, with what a spreadsheet takes for a formula."""
    for place, user in ((korsbaek, hr), (thisted, nabo), (None, konsulent)):
        first = make_row(cell_of(10, place), "planned", by=user, recorded_at=moment("2026-01-10 10:00"))
        fields = {"note": FORMULA, "recorded_at": moment("2026-03-10 10:00"), "expected_on": day("2026-04-01")}
        make_row(cell_of(10, place), "in_progress", by=user, signal="red", **fields)
        assert first.pk
    question = make_question(10)
    for place, user in ((korsbaek, hr), (thisted, nabo)):
        make_action(place, by=user, title=FORMULA, what="Linje\x0bet")
        make_answer(question, place, True, by=user)
    make_round(by=konsulent)


def asked(about: str, user: User) -> Any:
    contents = "&".join(f"med={name}" for name in CONTENTS)
    return Choice.from_query(QueryDict(f"om={about}&siden=2026-02-01&{contents}"), user=user).report()


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def plain(value: Any) -> Any:
    """A value as it stands in a sheet: a day has become a moment, an empty text nothing."""
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        text = value.replace("\x0b", "").replace("\u200b", "")
        return f"'{text}" if text.startswith("=") else text or None
    return value


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_of_the_report_is_in_it(year: None, konsulent: User, kind: str) -> None:
    codes = {"tema": ":1", "kkr": ":nordjylland", "kommune": ":999", "anbefaling": ":10"}
    if kind == "runde":
        codes[kind] = f":{KINDS[kind].subjects().first().pk}"
    report = asked(f"{kind}{codes.get(kind, '')}", konsulent)
    book = opened(as_xlsx(report))
    tables = [table for part in report.parts for table in part.tables()]
    assert book.sheetnames == ["Om rapporten", *(table.name for table in tables), "Definitioner"]
    for table in tables:
        rows = [tuple(row) for row in book[table.name].values]
        assert rows == [table.columns, *(tuple(plain(value) for value in row) for row in table.rows)]
        assert (table.name, len(table.rows)) != (table.name, 0)
    assert [tuple(row) for row in book["Definitioner"].values][1] == report.definitions[0]


def test_days_are_days_and_numbers_numbers(year: None, korsbaek: Municipality) -> None:
    report = municipality_report(korsbaek, Moment(as_of=day("2026-06-01")))
    sheet = opened(as_xlsx(report))[next(iter(report[OwnTable].tables())).name]
    row = next(row for row in sheet.iter_rows() if row[1].value == 10)
    since = row[[cell.value for cell in sheet[1]].index("Fra")]
    assert (since.is_date, since.value, since.number_format) == (True, datetime(2026, 3, 10), "dd.mm.yyyy")
    assert (row[1].data_type, row[-1].data_type, row[-1].value) == ("n", "s", f"'{FORMULA}")


def test_each_sheet_has_filters_and_a_head_that_stays(year: None, konsulent: User) -> None:
    for sheet in opened(as_xlsx(asked("kkr:nordjylland", konsulent))):
        assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", sheet.dimensions)
        assert all(cell.font.bold for cell in sheet[1])


def test_the_same_report_gives_the_same_bytes(year: None, konsulent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    report = asked("anbefaling:10", konsulent)
    first = as_xlsx(report)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert as_xlsx(report) == first
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = packed.read("docProps/core.xml").decode()
    assert core.count(f"{report.as_of.isoformat()}T00:00:00Z") == 2


def test_a_demo_database_says_so_in_every_row_of_invented_figures(year: None, konsulent: User) -> None:
    Installation.become_demo()
    report = asked("landet", konsulent)
    for sheet in opened(as_xlsx(report)):
        marks = [row[-1] == "Opdigtede tal" for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert (sheet.title, set(marks)) == (sheet.title, {sheet.title not in REAL}) or not marks
    for table in report.tables:
        content = data_files(report)[f"{slugify(fold(table.name))}.csv"].decode()
        assert (table.name, content.count("Opdigtede tal")) == (table.name, len(table.rows) * (table.name not in REAL))


def test_from_the_page(as_user: AsUser, year: None, hr: User) -> None:
    page = as_user(hr).get("/rapporter/?om=kommune:999&siden=2026-02-01&til=Udvalget").content.decode()
    url = page.split('href="/rapporter/rapport.xlsx')[1].split('"')[0].replace("&amp;", "&")
    response = as_user(hr).get(f"/rapporter/rapport.xlsx{url}")
    assert response["Content-Disposition"].startswith("attachment")
    values = dict(list(opened(response.content)["Om rapporten"].values)[1:])
    assert (values["Til"], values["Ændringer siden"]) == ("Udvalget", "1. februar 2026")
    assert as_user(None).get("/rapporter/rapport.xlsx?om=kommune:999").status_code == 302
