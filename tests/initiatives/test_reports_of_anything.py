"""Reports of nothing, of everything, and of what somebody typed to do harm: a good report or a clear message."""

from __future__ import annotations

import io
from datetime import timedelta
from urllib.parse import urlencode

import docx
import pytest
from django.http import QueryDict

from flere_haender.days import today
from initiatives.models import Recommendation, ReportingRound
from initiatives.reports import CONTENTS, Report, as_docx, as_pdf
from initiatives.reports.choice import FRONT_LIMIT, Choice
from initiatives.reports.parts import BesideOthers, CaseText, Changes, KnownEvents, Months, PlacesMap
from initiatives.reports.render import data_files
from stakeholders.models import Municipality, User
from tests.factories import AsUser, cell_of, make_round, make_row, moment

pytestmark = pytest.mark.django_db

EVERYTHING = "&".join(f"med={name}" for name in CONTENTS)
INJECTED = '<script>alert(1)</script>=HYPERLINK("http://example.org";"Klik")'


def asked(query: str, user: User) -> Report:
    choice = Choice.from_query(QueryDict(f"{query}&{EVERYTHING}"), user=user)
    assert choice.errors == ()
    return choice.report()


@pytest.mark.parametrize("about", ["landet", "tema:1", "kkr:sjaelland", "kommune:787", "kommune:999", "anbefaling:10"])
def test_without_a_single_answer(as_user: AsUser, konsulent: User, korsbaek: Municipality, about: str) -> None:
    assert korsbaek.code == 999
    report = asked(f"om={about}", konsulent)
    assert report.part(Months) is None
    text = report.part(CaseText)
    assert text is None or text.pieces[0].heading == "Resume"
    page = as_user(konsulent).get(f"/rapporter/?om={about}&{EVERYTHING}")
    assert (page.status_code, "None" in page.content.decode().partition('<article class="report">')[2]) == (200, False)
    assert as_pdf(report).startswith(b"%PDF")


def test_when_all_have_answered(konsulent: User) -> None:
    for number, place in enumerate(Municipality.objects.real()):
        make_row(
            cell_of(10, place), ("completed", "not_relevant")[number % 2], by=konsulent, note="Sådan er det. " * 9
        )
    assert asked("om=anbefaling:10", konsulent).title == "49 af 49 kommuner har gennemført"
    report = asked("om=landet", konsulent)
    assert sum(tile.spread.completed for tile in report[PlacesMap].tiles) == 49
    assert len(report[PlacesMap].tiles) == 98
    assert as_pdf(asked("om=anbefaling:10", konsulent)).startswith(b"%PDF")


def test_what_is_typed_is_text(as_user: AsUser, hr: User, korsbaek: Municipality) -> None:
    make_row(cell_of(10, korsbaek), "in_progress", by=hr, signal="red", note=INJECTED)
    front = urlencode({"sag": "9" * 10_000, "til": INJECTED, "af": "=1+1\x00\u202e"})
    for name, status in (("", 200), ("rapport.pdf", 202), ("rapport.xlsx", 200)):  # a PDF is on its way
        assert as_user(hr).get(f"/rapporter/{name}?om=kommune:999&{front}&{EVERYTHING}").status_code == status
    page = as_user(hr).get(f"/rapporter/?om=kommune:999&{front}").content.decode()
    assert "<script>alert" not in page
    report = asked(f"om=kommune:999&{front}", hr)
    assert dict(report.front)["Sagsnr."].replace("\u200b", "") == "9" * FRONT_LIMIT
    cells = [cell for file in data_files(report).values() for cell in file.decode("utf-8-sig").split(";")]
    assert not [cell for cell in cells if cell.lstrip('"').startswith("=")]


@pytest.mark.parametrize(
    "query", ["pr=0001-01-01", "pr=9999-12-31", "siden=1900-01-01", "kendt=99999-01-01", "pr=31.02.2026"]
)
def test_days_far_away_are_refused_in_words(as_user: AsUser, hr: User, query: str) -> None:
    for name in ("", "rapport.pdf", "rapport.xlsx"):
        response = as_user(hr).get(f"/rapporter/{name}?om=kommune:999&{query}")
        assert (response.status_code, "Valget kunne ikke bruges" in response.content.decode()) == (400, True)


def test_the_map_is_for_members(as_user: AsUser, hr: User, konsulent: User) -> None:
    """The report of the country is public; with the map it names municipalities."""
    make_row(cell_of(10, Municipality.objects.get(code=787)), "completed", by=konsulent)
    for url in (
        "/rapport/",
        "/rapport.pdf",
        "/rapporter/",
        "/rapporter/rapport.pdf",
        "/rapporter/rapport.xlsx",
    ):
        for about in ("landet", "tema:1"):
            query = f"?om={about}&med=overblik"
            assert as_user(None).get(f"{url}{query}&med=kort").status_code == 302
            assert as_user(None).get(f"{url}{query}").status_code == (202 if url.endswith(".pdf") else 200)
    assert "Thisted" in as_user(hr).get("/rapport/?med=kort").content.decode()


def test_the_text_for_the_case_says_what_the_report_says(hr: User, korsbaek: Municipality) -> None:
    make_row(cell_of(10, korsbaek), "planned", by=hr, recorded_at=moment("2026-01-10 10:00"))
    make_row(
        cell_of(10, korsbaek),
        "in_progress",
        by=hr,
        signal="red",
        note="Der mangler folk.",
        recorded_at=moment("2026-03-10 10:00"),
    )
    report = asked("om=kommune:999&siden=2026-02-01&til=Udvalget", hr)
    pieces = {piece.heading: piece.text for piece in report[CaseText].pieces}
    assert list(pieces) == ["Resume", "Indstilling", "Sagsfremstilling", "Økonomi", "Bilag"]
    assert report.title in pieces["Resume"]
    assert pieces["Indstilling"].startswith("Forvaltningen indstiller til Udvalget, at status på handleplanen ")
    assert "(I gang, Rød): Der mangler folk." in pieces["Sagsfremstilling"]
    assert "En er gået i gang (10)." in pieces["Sagsfremstilling"]
    assert pieces["Økonomi"].startswith("Statusrapporten har ikke i sig selv økonomiske konsekvenser.")


def test_the_text_for_the_case_repeats_nothing(hr: User, korsbaek: Municipality) -> None:
    query = "om=kommune:999&siden=2026-02-01&til="

    def pieces(to: str) -> dict[str, str]:
        report = asked(query + to, hr)
        return {piece.heading: piece.text for piece in report[CaseText].pieces}

    first = pieces("Social- og Sundhedsudvalget, 9. december 2026")
    assert first["Resume"].endswith("\n\nIntet er ændret siden 1. februar 2026.")
    assert "indstiller til Social- og Sundhedsudvalget, at status" in first["Indstilling"]
    several = pieces("Børne-, Skole- og Ungeudvalget, onsdag den 9. december")["Indstilling"]
    assert "indstiller til Børne-, Skole- og Ungeudvalget, at status" in several


def test_the_municipality_stands_beside_its_kkr_and_the_country(
    hr: User, konsulent: User, korsbaek: Municipality
) -> None:
    make_row(cell_of(10, korsbaek), "completed", by=hr)
    make_row(cell_of(10, Municipality.objects.get(code=787)), "completed", by=konsulent)
    found = asked("om=kommune:999", hr)[BesideOthers]
    assert [(side.name, side.spread.completed) for side in found.sides] == [
        ("Korsbæk", 1),
        ("KKR Sjælland", 0),
        ("Hele landet", 1),
    ]
    row = next(row for row in found.rows if row.number == 10)
    assert (row.status, [(one.completed, one.total) for one in row.others]) == ("completed", [(0, 17), (1, 98)])


def test_the_months_end_where_the_overview_stands(hr: User, korsbaek: Municipality) -> None:
    for number in Recommendation.objects.asked(as_of=today()).values_list("number", flat=True)[:7]:
        make_row(cell_of(number, korsbaek), "completed", by=hr, recorded_at=moment("2026-01-10 10:00"))
    found = asked("om=kommune:999", hr)[Months].development
    assert (found.last.day, found.last.spread.completed, found.first.spread.completed) == (today(), 7, 0)
    assert found.heading.endswith("er de gennemførte gået fra 0 til 7 anbefalinger")


@pytest.mark.parametrize(("query", "counted"), [("pr=2023-12-31&siden=2023-01-01", True), ("pr=2026-01-01", False)])
def test_events_of_the_period(konsulent: User, query: str, counted: bool) -> None:
    found = asked(f"om=landet&{query}", konsulent)[KnownEvents]
    assert (bool(found.rows), found.heading.startswith("Ingen")) == (counted, not counted)
    assert all("2023" in row.when or "–" in row.when or "eller" in row.when for row in found.rows)
    assert all(row.sources for row in found.rows)


def rounds_in(query: str, user: User) -> list[tuple[str, bool]]:
    """The rounds that a report names, and whether each had closed."""
    return [(each.name, each.closed_on is not None) for each in asked(query, user)[KnownEvents].rounds]


def test_the_rounds_of_the_period(konsulent: User, korsbaek: Municipality) -> None:
    """As they were known on the day of the report; those of other periods are not in it."""
    at = {name: moment(f"{name} 09:00") for name in ("2025-02-01", "2025-03-01", "2026-02-01", "2026-03-01")}
    for name, opened, closed in (
        ("Foråret 2025", at["2025-02-01"], at["2025-03-01"]),
        ("Foråret 2026", at["2026-02-01"], at["2026-03-01"]),
    ):
        found = make_round(opened=False, name=name, on=opened.date(), due_on=opened.date() + timedelta(days=9))
        ReportingRound.objects.filter(pk=found.pk).update(opened_at=opened, closed_at=closed)
    year = "om=kommune:999&siden=2025-06-01"
    assert rounds_in(f"{year}&pr=2026-04-01", konsulent) == [("Foråret 2026", True)]
    assert rounds_in(f"{year}&pr=2026-02-10", konsulent) == [("Foråret 2026", False)]
    assert rounds_in(f"{year}&pr=2026-01-10", konsulent) == []
    both = asked("om=kommune:999&siden=2025-01-01&pr=2026-04-01", konsulent)
    assert both[KnownEvents].heading.endswith("2 statusrunder i perioden")
    assert both.known_at == at["2026-03-01"]
    assert [table.rows[0][0] for table in both[KnownEvents].tables() if table.name == "Statusrunder"] == [
        "Foråret 2025"
    ]


def test_the_rounds_are_for_members(konsulent: User) -> None:
    """The country's report is public, unless it has the map."""
    make_round(name="Kun for medlemmer")
    public = Choice.from_query(QueryDict("om=landet&med=tidslinje"), user=konsulent)
    assert public.is_public and public.report()[KnownEvents].rounds == ()
    assert rounds_in("om=landet", konsulent) == [("Kun for medlemmer", False)]


def test_what_has_not_changed_is_named(hr: User, korsbaek: Municipality) -> None:
    before, after = ({"recorded_at": moment(f"2026-{month}-10 10:00")} for month in ("01", "05"))
    for number in (10, 11, 13, 14):
        make_row(cell_of(number, korsbaek), "in_progress", by=hr, **before)
    make_row(cell_of(10, korsbaek), "completed", by=hr, **after)
    for number in (11, 14):
        cell = cell_of(number, korsbaek)
        make_row(cell, "in_progress", by=hr, confirms=cell.updates.get(), **after)
    found = asked("om=kommune:999&pr=2026-06-01&siden=2026-02-01", hr)[Changes]
    assert [row.number for row in found.rows] == [10]
    confirmed, silent = found.rest
    assert confirmed == "Bekræftet uændret siden da: 11 og 14."
    named = silent.removeprefix("Ikke besvaret siden da: ").removesuffix(". Det seneste svar gælder.")
    asked_about = set(Recommendation.objects.asked(as_of=today()).values_list("number", flat=True))
    assert {int(number) for number in named.replace(" og ", ", ").split(", ")} == asked_about - {10, 11, 14}
    page = as_docx(asked("om=kommune:999&pr=2026-06-01&siden=2026-02-01", hr))
    assert all(text in texts_of_document(page) for text in found.rest)


def texts_of_document(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs]


def test_those_that_are_not_asked_are_counted_of_all(hr: User, korsbaek: Municipality) -> None:
    assert "6 af planens 26 anbefalinger (4, 6, 8, 17, 22 og 23)" in " ".join(asked("om=kommune:999", hr).reading)
