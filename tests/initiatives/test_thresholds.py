"""When KL and the municipalities are said to disagree is data: dated, so that what was said before stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, InternalError, connection, transaction
from django.urls import reverse

from flere_haender.days import end_of_day, today
from initiatives.models import Thresholds
from initiatives.moment import Moment
from initiatives.overview import Disagreement, plan_rows
from initiatives.reports import national_report
from initiatives.reports.parts import NationalTable
from initiatives.status import Spread
from stakeholders.models import Municipality, User
from tests.factories import AsUser, cell_of, make_row

pytestmark = pytest.mark.django_db

DAY = today()
YESTERDAY = DAY - timedelta(days=1)
LONG_AGO = DAY - timedelta(days=30)


def answered(completed: int, begun: int, silent: int = 0) -> Spread:
    return Spread.of(["completed"] * completed + ["in_progress"] * begun + [None] * silent)


DEFAULTS = [
    ("completed", answered(75, 25), False),
    ("completed", answered(74, 26), True),
    ("not_started", answered(26, 0), True),
    ("in_progress", answered(0, 100), False),
    ("completed", answered(0, 50, 50), True),
    ("completed", answered(0, 49, 51), False),
]


@pytest.mark.parametrize(("national", "spread", "disagree"), DEFAULTS)
def test_as_long_as_nobody_has_written_any_the_first_hold(national: str, spread: Spread, disagree: bool) -> None:
    found = Disagreement.between(national, spread, Thresholds.holding(Moment.now()))
    assert (found is not None) == disagree


@pytest.fixture
def four_of_ten_disagree(konsulent: User) -> None:
    """KL says completed; of the ten that have answered four have not."""
    make_row(cell_of(10), "completed", by=konsulent, effective_on=LONG_AGO)
    places = Municipality.objects.real()[:60]
    for number, municipality in enumerate(places):
        status = "planned" if number % 10 < 4 else "completed"
        make_row(cell_of(10, municipality), status, by=konsulent, effective_on=LONG_AGO)


def said(moment: Moment) -> tuple[bool, bool]:
    """Whether the front page's row and the report say so."""
    row = next(row for row in plan_rows(moment) if row.recommendation.number == 10)
    groups = national_report(moment)[NationalTable].groups
    report = next(row for group in groups for row in group.rows if row.number == 10)
    return row.disagreement is not None, report.disagreement is not None


def test_new_ones_hold_from_their_day_and_what_was_said_before_stands(
    konsulent: User, four_of_ten_disagree: None
) -> None:
    assert said(Moment.now()) == (True, True)
    Thresholds.set(by=konsulent, disagree_above=40, assessed_at_least=50)
    assert said(Moment.now()) == (False, False)
    assert said(Moment(YESTERDAY)) == (True, True)


def test_what_was_known_on_a_day_stands_when_a_threshold_is_written_back_in_time(
    konsulent: User, four_of_ten_disagree: None
) -> None:
    Thresholds.set(by=konsulent, disagree_above=40, assessed_at_least=50, effective_on=LONG_AGO)
    assert said(Moment(YESTERDAY)) == (False, False)
    assert said(Moment(YESTERDAY, known_at=end_of_day(YESTERDAY))) == (True, True)


def test_how_many_must_have_assessed_can_be_changed_too(konsulent: User, four_of_ten_disagree: None) -> None:
    Thresholds.set(by=konsulent, disagree_above=25, assessed_at_least=62)
    assert said(Moment.now()) == (False, False)
    Thresholds.set(by=konsulent, disagree_above=25, assessed_at_least=61)
    assert said(Moment.now()) == (True, True)


def test_the_second_of_a_day_corrects_the_first(konsulent: User) -> None:
    first = Thresholds.set(by=konsulent, disagree_above=40, assessed_at_least=50)
    second = Thresholds.set(by=konsulent, disagree_above=30, assessed_at_least=50)
    assert (second.corrects, Thresholds.holding(Moment.now()).disagree_above) == (first, 30)


@pytest.mark.parametrize(("above", "least"), [(100, 50), (-1, 50), (25, 0), (25, 101)])
def test_what_is_no_percentage_is_refused_by_the_verb_and_the_database(
    konsulent: User, above: int, least: int
) -> None:
    with pytest.raises(ValidationError):
        Thresholds.set(by=konsulent, disagree_above=above, assessed_at_least=least)
    with pytest.raises(IntegrityError), transaction.atomic():
        row = Thresholds(disagree_above=above, assessed_at_least=least, effective_on=DAY, recorded_at=end_of_day(DAY))
        row.save(force_insert=True)


def test_only_kls_consultants_change_them_and_nobody_rewrites_them(hr: User, laeser: User, konsulent: User) -> None:
    for user in (hr, laeser):
        with pytest.raises(PermissionDenied):
            Thresholds.set(by=user, disagree_above=40, assessed_at_least=50)
    row = Thresholds.set(by=konsulent, disagree_above=40, assessed_at_least=50)
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE initiatives_thresholds SET disagree_above = 1 WHERE id = %s", [row.pk])


def test_a_consultant_writes_them_in_the_admin(as_user: AsUser, konsulent: User) -> None:
    url = reverse("admin:initiatives_thresholds_add")
    client = as_user(konsulent)
    assert 'value="25"' in client.get(url).content.decode()
    refused = client.post(url, {"disagree_above": 140, "assessed_at_least": 50, "effective_on": f"{DAY}"})
    assert (refused.status_code, Thresholds.objects.count()) == (200, 0)
    later = {"disagree_above": 40, "assessed_at_least": 50, "effective_on": f"{DAY + timedelta(days=1)}"}
    assert "Datoen skal ligge mellem 2018 og i dag." in client.post(url, later).content.decode()
    assert client.post(url, later | {"effective_on": f"{DAY}"}).status_code == 302
    row = Thresholds.objects.get()
    assert (row.disagree_above, row.recorded_by) == (40, konsulent)
    page = client.get(reverse("admin:initiatives_thresholds_change", args=[row.pk]))
    assert (page.status_code, "_save" in page.content.decode()) == (200, False)


def test_the_page_about_the_figures_says_them(as_user: AsUser, konsulent: User) -> None:
    page = as_user(None).get("/om-tallene/").content.decode()
    assert "mindst 50 pct. af kommunerne" in page and "mere end 25 pct." in page
    Thresholds.set(by=konsulent, disagree_above=40, assessed_at_least=60)
    page = as_user(None).get("/om-tallene/").content.decode()
    assert "mindst 60 pct. af kommunerne" in page and "mere end 40 pct." in page
