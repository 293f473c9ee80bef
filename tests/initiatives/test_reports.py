"""What a status report says: its numbers, what has changed, and that it can be made again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime

import pytest
from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone

from flere_haender.days import today
from initiatives.models import Progress, Recommendation, StatusUpdate
from initiatives.moment import Moment
from initiatives.reports import CONTENTS, FrontMatter, Report, municipality_report, national_report
from initiatives.reports.cells import since_part
from initiatives.reports.parts import (
    Attention,
    Changes,
    Corrections,
    NationalTable,
    Overview,
    OwnTable,
    ReportChange,
    SinceThen,
)
from initiatives.status import NOT_ASSESSED, Status
from stakeholders.models import Actor, Municipality, User
from tests.factories import cell_of, day, make_answer, make_question, make_row, moment

pytestmark = pytest.mark.django_db

ASKED = {1, 2, 3, 5, 7, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 24, 25, 26}


@pytest.fixture
def history(korsbaek: Municipality, hr: User) -> Municipality:
    """Korsbæk's year: late, corrected, withdrawn, confirmed and not relevant."""

    def write(number: int, status: str, recorded: str, **fields: object) -> StatusUpdate:
        return make_row(cell_of(number, korsbaek), status, by=hr, recorded_at=moment(f"{recorded} 10:00"), **fields)

    write(1, "planned", "2026-01-10", signal="green")
    write(1, "in_progress", "2026-03-10", signal="red", note="Der mangler folk.")
    write(2, "completed", "2026-01-10")
    write(2, "completed", "2026-03-10")
    wrong = write(3, "completed", "2026-01-10")
    write(3, "in_progress", "2026-03-12", effective_on=day("2026-01-10"), corrects=wrong, note="Rettet: ikke færdig.")
    mistaken = write(5, "completed", "2026-01-10")
    write(5, "", "2026-01-11", effective_on=day("2026-01-10"), corrects=mistaken, note="Trukket tilbage.")
    write(7, "not_relevant", "2026-01-10", note="Skolen har opgaven.")
    write(9, "in_progress", "2026-03-10", effective_on=day("2026-01-05"), expected_on=day("2026-02-01"))
    write(10, "in_progress", "2026-01-10", signal="yellow")
    write(10, "in_progress", "2026-03-10", signal="green")
    write(11, "on_hold", "2026-01-10", note="Venter på budgettet.")
    write(11, "completed", "2026-05-10")
    return korsbaek


def slow_status(cell: Progress, as_of: date, known_at: datetime) -> str:
    rows = [row for row in cell.updates.all() if row.recorded_at <= known_at]
    corrected = {row.corrects_id for row in rows}
    standing = [row for row in rows if row.effective_on <= as_of and row.pk not in corrected and row.status]
    standing.sort(key=lambda row: (row.effective_on, row.recorded_at, row.pk))
    return standing[-1].status if standing else NOT_ASSESSED


def known(report: Report) -> Report:
    """The report but for the sentence that says how its moment was chosen."""
    return replace(report, known_text="")


def again(report: Report, korsbaek: Municipality | None = None) -> Report:
    """The report that its printed address makes."""
    path, _, query = report.address.removeprefix(settings.SITE_URL).partition("?")
    params = QueryDict(query)
    asked = Moment.from_query(params)
    front = FrontMatter(params.get("til", ""), params.get("sag", ""), params.get("af", ""))
    assert (asked.errors, path) == ((), f"/kommuner/{korsbaek.code}/rapport/" if korsbaek else "/rapport/")
    return municipality_report(korsbaek, asked, front=front) if korsbaek else national_report(asked, front=front)


@pytest.mark.parametrize("as_of", ["2025-12-31", "2026-01-10", "2026-02-15", "2026-03-10", "2026-06-01"])
@pytest.mark.parametrize("known_at", ["2026-01-10 23:59", "2026-03-11 12:00", "2026-06-01 23:59"])
def test_the_numbers_are_those_of_a_slow_count(history: Municipality, as_of: str, known_at: str) -> None:
    at = Moment(as_of=day(as_of), known_at=moment(known_at))
    report = municipality_report(history, at)
    counted = {number: slow_status(cell_of(number, history), at.as_of, moment(known_at)) for number in ASKED}
    rows = [row for theme in report[OwnTable].groups for row in theme.rows]
    spread = report[Overview].spread
    assert {row.number: row.status for row in rows} == counted
    assert {status: count for status, count in spread if count} == Counter(counted.values())
    of_themes = Counter({status: 0 for status, _ in spread})
    for theme in report[Overview].groups:
        of_themes.update(dict(theme.spread))
    assert dict(of_themes) == dict(spread)


def test_not_relevant_leaves_the_denominator(history: Municipality) -> None:
    report = municipality_report(history, Moment(as_of=day("2026-06-01")))
    spread = report[Overview].spread
    assert (spread.total, spread.counting, spread.completed) == (20, 19, 2)
    assert report.title == "2 af 19 anbefalinger er gennemført, 4 er i gang"
    assert dict(report.front)["Grundlag"] == "7 af 20 anbefalinger er vurderet."


def test_a_dash_when_nothing_counts(korsbaek: Municipality, hr: User) -> None:
    for cell in Progress.objects.filter(municipality=korsbaek, recommendation__number__in=ASKED):
        make_row(
            cell, Status.NOT_RELEVANT, by=hr, note="Løses af nabokommunen.", recorded_at=moment("2026-01-10 10:00")
        )
    report = municipality_report(korsbaek, Moment.now())
    spread = report[Overview].spread
    assert (spread.counting, spread.share_completed) == (0, "–")
    assert report.title == "Ingen anbefalinger tæller med på denne dag"


def test_what_needs_attention_comes_worst_first(history: Municipality) -> None:
    spring = municipality_report(history, Moment(as_of=day("2026-04-01")))
    assert [(row.number, row.why) for row in spring[Attention].rows] == [
        (1, "Der mangler folk."),
        (9, "Forsinket. Forventet 01.02.2026."),
        (11, "Venter på budgettet."),
    ]


def test_a_signal_that_is_gone_is_no_new_one() -> None:
    gone = ReportChange(5, "Øg elevernes praktikparathed", "planned", "red", "planned", "", day("2026-03-10"), "")
    said = since_part((gone,), Moment(as_of=day("2026-06-01"), since=day("2026-02-15")), None)
    assert said and said.sentence == "En har ikke længere trafiklys (5)."


def test_changes_since(history: Municipality) -> None:
    """A new signal is a change, a confirmation is none, and what was only corrected stands apart."""
    report = municipality_report(history, Moment(as_of=day("2026-06-01"), since=day("2026-02-15")))
    changes = [
        (row.number, row.before_status, row.before_signal, row.status, row.signal, row.changed_on)
        for row in report[Changes].rows
    ]
    assert changes == [
        (1, "planned", "green", "in_progress", "red", day("2026-03-10")),
        (10, "in_progress", "yellow", "in_progress", "green", day("2026-03-10")),
        (11, "on_hold", "", "completed", "", day("2026-05-10")),
    ]
    assert (
        report[SinceThen].sentence == "En er gået i gang (1), en har fået nyt trafiklys (10) og en er gennemført (11)."
    )
    corrections = [(row.number, row.before_status, row.status, row.note) for row in report[Corrections].rows]
    assert corrections == [
        (3, "completed", "in_progress", "Rettet: ikke færdig."),
        (9, NOT_ASSESSED, "in_progress", ""),
    ]


def test_nothing_has_changed(history: Municipality) -> None:
    report = municipality_report(history, Moment(as_of=day("2026-06-01"), since=day("2026-05-20")))
    assert (report.part(Changes), report.part(Corrections)) == (None, None)
    assert report[SinceThen].sentence == "Intet er ændret siden 20. maj 2026."


def test_its_address_makes_the_same_report_after_later_rows(history: Municipality, hr: User) -> None:
    front = FrontMatter(to="Sundheds- & ældreudvalget", case_number="27.00.00-A00-1-26", prepared_by="HR og Udvikling")
    at = Moment(as_of=today(), since=day("2026-02-15"))
    first = municipality_report(history, at, front=front)
    cell_of(2, history).record("on_hold", by=hr, effective_on=day("2026-02-01"), note="Skrevet ind bagefter.")
    row = cell_of(1, history).updates.latest("pk")
    cell_of(1, history).record("completed", by=hr, effective_on=row.effective_on, corrects=row, note="Rettet.")
    assert municipality_report(history, at, front=front) != first
    assert known(again(first, history)) == known(first)


def test_its_address_makes_the_same_report_when_nothing_was_recorded_yet(korsbaek: Municipality, hr: User) -> None:
    first = municipality_report(korsbaek, Moment.now())
    cell_of(10, korsbaek).record("completed", by=hr)
    assert known(again(first, korsbaek)) == known(first)


def test_its_address_makes_the_same_report_when_a_text_was_changed_last(
    history: Municipality, konsulent: User
) -> None:
    recommendation = Recommendation.objects.with_text(as_of=today()).get(number=10)
    wording = {"overview_title": recommendation.overview_title, "summary": recommendation.summary}
    recommendation.reword(by=konsulent, title="Ny titel", **wording)
    first = municipality_report(history, Moment.now())
    assert "Ny titel" in [row.title for theme in first[OwnTable].groups for row in theme.rows]
    assert known(again(first, history)) == known(first)


def test_the_same_facts_give_the_same_report_later(history: Municipality, konsulent: User) -> None:
    """What others record, and the clock, do not show."""
    at = Moment(as_of=day("2026-06-01"))
    first = municipality_report(history, at)
    cell_of(10).record("completed", by=konsulent, note="Vejledningen er på plads.")
    assert municipality_report(history, at) == first


def test_what_holds_from_a_later_day_is_not_in_it(history: Municipality, hr: User, konsulent: User) -> None:
    """Neither a status, a text, an addressee nor an answer of a later day; but what corrects a row of an earlier."""
    at = Moment(as_of=day("2026-04-01"), since=day("2026-02-15"))
    contents = tuple(CONTENTS)
    question = make_question(10)

    def made() -> Report:
        return municipality_report(history, at, contents=contents)

    first = made()
    cell_of(2, history).record("on_hold", by=hr, effective_on=day("2026-05-20"), note="Senere.")
    make_answer(question, history, True, by=hr, effective_on=day("2026-05-20"))
    recommendation = Recommendation.objects.with_text(as_of=today()).get(number=10)
    recommendation.reword(by=konsulent, title="Senere", summary="Senere.", effective_on=day("2026-05-20"))
    Recommendation.objects.get(number=4).address(
        Actor.objects.get(slug="kommuner"), by=konsulent, addressed=True, effective_on=day("2026-05-20")
    )
    assert made() == first
    row = cell_of(2, history).updates.filter(effective_on__lt=day("2026-05-20")).latest("effective_on")
    cell_of(2, history).record("planned", by=hr, effective_on=day("2026-05-10"), corrects=row, note="Det var i maj.")
    later = made()
    assert later.known_at != first.known_at
    assert (
        later[Overview].spread == municipality_report(history, replace(at, known_at=timezone.now()))[Overview].spread
    )


def test_what_has_begun_or_ceased_to_count_is_said(history: Municipality, konsulent: User) -> None:
    municipalities = Actor.objects.get(slug="kommuner")
    for number, addressed in ((4, True), (6, True), (10, False)):
        recommendation = Recommendation.objects.get(number=number)
        recommendation.address(municipalities, by=konsulent, addressed=addressed, effective_on=day("2026-05-15"))
    at = Moment(as_of=day("2026-06-01"), since=day("2026-05-12"))
    base = (
        "Anbefaling 10 tæller ikke længere med fra 15. maj 2026.",
        "Anbefaling 4 og 6 tæller med fra 15. maj 2026.",
    )
    report = municipality_report(history, at)
    assert (report[SinceThen].base, report[SinceThen].sentence) == (base, "Ingen status er ændret siden 12. maj 2026.")
    assert all(sentence in render_to_string("reports/pdf.html", {"report": report}) for sentence in base)
    of_all = national_report(at)[SinceThen].base
    assert of_all == tuple(sentence.replace(" fra", " i kommunernes svar fra") for sentence in base)
    assert national_report(at, only=[6])[SinceThen].base == (
        "Anbefaling 6 tæller med i kommunernes svar fra 15. maj 2026.",
    )
    assert municipality_report(history, replace(at, since=day("2026-05-15")))[SinceThen].base == ()


def test_the_national_report_leaves_the_fictional_municipality_out(
    history: Municipality, konsulent: User, nabo: User, thisted: Municipality
) -> None:
    make_row(cell_of(1, thisted), "completed", by=nabo, recorded_at=moment("2026-02-01 10:00"))
    make_row(
        cell_of(1), "in_progress", by=konsulent, note="Emnet er taget op.", recorded_at=moment("2026-02-01 10:00")
    )
    report = national_report(Moment(as_of=day("2026-06-01")))
    rows = {row.number: row for theme in report[NationalTable].groups for row in theme.rows}
    assert list(rows) == list(range(1, 27))
    assert {row.spread.total for row in rows.values() if row.spread} == {98}
    assert {number for number, row in rows.items() if row.spread} == ASKED
    assert {status: count for status, count in rows[1].spread or () if count} == {"completed": 1, NOT_ASSESSED: 97}
    assert (rows[1].status, rows[1].note) == ("in_progress", "Emnet er taget op.")
    assert known(again(report)) == known(report)


def test_only_some_recommendations(konsulent: User) -> None:
    report = national_report(Moment.now(), only=[4, 10])
    assert [row.number for theme in report[NationalTable].groups for row in theme.rows] == [4, 10]


def test_no_names_and_no_internal_notes(history: Municipality, hr: User) -> None:
    cell_of(10, history).record("on_hold", by=hr, note="Delt note.", internal_note="Kun os og KL.")
    report = municipality_report(history, Moment(as_of=today(), since=day("2026-01-01")))
    paper = render_to_string("reports/pdf.html", {"report": report})
    said = {
        secret: secret in paper or secret in repr(report) for secret in ("Hanne Lund", "Kun os og KL.", "Delt note.")
    }
    assert said == {"Hanne Lund": False, "Kun os og KL.": False, "Delt note.": True}
    row = cell_of(10, history).updates.get(recorded_at__gte=timezone.now() - timezone.timedelta(minutes=5))
    assert (row.author_for(hr), row.internal_note_for(hr)) == ("Hanne Lund, Korsbæk Kommune", "Kun os og KL.")
