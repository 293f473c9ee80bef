"""The kinds of report: what each counts, whom it leaves out, and that its address makes it again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pgtrigger
import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import F
from django.http import Http404, QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flere_haender.days import today
from initiatives.models import Decision, LocalAction, LocalActionEvent, Progress, ReportingRound
from initiatives.moment import Moment
from initiatives.reports import CONTENTS, Report, kkr_report, recommendation_report, round_report
from initiatives.reports.choice import Choice
from initiatives.reports.parts import (
    Actions,
    Answers,
    BesideTable,
    DeliveryOverview,
    DeliveryTable,
    Movements,
    NationalLine,
    Overview,
    PlacedActions,
    PlacedChanges,
    PlacedCorrections,
    PlacesTable,
    Red,
    StandingTable,
)
from initiatives.status import NOT_ASSESSED
from stakeholders.models import Kkr, Municipality, User
from tests.factories import (
    AsUser,
    answer_all,
    cell_of,
    day,
    make_action,
    make_answer,
    make_question,
    make_round,
    make_row,
    make_user,
    moment,
    participation_of,
    recommendation,
)

pytestmark = pytest.mark.django_db

EVERYTHING = "&".join(f"med={name}" for name in CONTENTS)
FAXE, GREVE = 320, 253


def place(code: int) -> Municipality:
    return Municipality.objects.get(code=code)


def asked(query: str, user: User | AnonymousUser) -> Report:
    choice = Choice.from_query(QueryDict(query), user=user)
    assert choice.errors == ()
    return choice.report()


@pytest.fixture
def sjaelland(konsulent: User, hr: User, korsbaek: Municipality) -> Kkr:
    """Two municipalities of KKR Sjælland with a year behind them, and the fictional one, which is there too."""
    early, late = moment("2026-01-10 10:00"), moment("2026-03-10 10:00")
    make_row(cell_of(1, place(FAXE)), "planned", by=konsulent, recorded_at=early)
    make_row(cell_of(1, place(FAXE)), "in_progress", by=konsulent, signal="red", note="Penge.", recorded_at=late)
    make_row(cell_of(2, place(FAXE)), "completed", by=konsulent, recorded_at=early)
    wrong = make_row(cell_of(1, place(GREVE)), "completed", by=konsulent, recorded_at=early)
    fields = {"corrects": wrong, "note": "Rettet.", "effective_on": day("2026-01-10"), "recorded_at": late}
    make_row(cell_of(1, place(GREVE)), "in_progress", by=konsulent, **fields)
    make_row(cell_of(1, place(787)), "completed", by=konsulent, recorded_at=early)
    for number in (1, 2, 3):
        make_row(cell_of(number, korsbaek), "in_progress", signal="red", by=hr, recorded_at=early)
    return Kkr.objects.get(slug="sjaelland")


@pytest.mark.parametrize(
    "about", ["landet", "tema:2", "kkr:sjaelland", "kommune:999", "kommune:787", "anbefaling:1", "runde:{round}"]
)
def test_its_address_makes_the_same_report(sjaelland: Kkr, konsulent: User, hr: User, about: str) -> None:
    about = about.format(round=make_round(by=konsulent).pk)
    action = make_action(place(FAXE), by=konsulent, numbers=(1,))
    first = asked(f"om={about}&siden=2026-02-01&{EVERYTHING}&til=Udvalget", konsulent)
    cell_of(1, place(FAXE)).record("completed", by=konsulent)
    cell_of(1).record("completed", by=konsulent, note="Færdig.")
    cell_of(1, place(999)).record("completed", by=hr)
    LocalAction.objects.get(pk=action.pk)
    path, _, query = first.address.removeprefix(settings.SITE_URL).partition("?")
    known = {"/rapport/": "om=landet&", "/rapporter/": ""}.get(path, f"om={about}&")
    again = asked(known + query, konsulent)
    assert replace(again, known_text="") == replace(first, known_text="")
    assert again.fingerprint == first.fingerprint


def test_the_kkr_counts_its_municipalities_and_not_the_fictional_one(sjaelland: Kkr) -> None:
    report = kkr_report(sjaelland, Moment(as_of=day("2026-06-01"), since=day("2026-02-01")))
    cells = Progress.objects.filter(municipality__in=Municipality.objects.real().in_kkr(sjaelland, as_of=today()))
    assert report[Overview].spread.total == cells.counting(as_of=today()).count() == 17 * 20
    counted = {status: count for status, count in report[Overview].spread if count}
    assert counted == {"in_progress": 2, "completed": 1, NOT_ASSESSED: 17 * 20 - 3}
    places = {group.title: group.spread.completed for group in report[PlacesTable].groups}
    assert (len(places), places["Faxe"], places["Greve"], "Korsbæk" in places) == (17, 1, 0, False)


def test_the_kkr_stands_beside_the_country(sjaelland: Kkr) -> None:
    report = kkr_report(sjaelland, Moment(as_of=day("2026-06-01")))
    rows = {row.number: row for group in report[BesideTable].groups for row in group.rows}
    first = rows[1]
    assert (first.here.total, first.here.in_progress, first.here.completed) == (17, 2, 0)
    assert (first.country.total, first.country.in_progress, first.country.completed) == (98, 2, 1)
    country = report[Overview].groups[-1]
    assert (country.title, country.spread.total) == ("Hele landet", 98 * 20)


def test_the_kkr_says_what_is_red_and_why(sjaelland: Kkr) -> None:
    red = kkr_report(sjaelland, Moment(as_of=day("2026-06-01")))[Red]
    assert [(row.place, row.number, row.why) for row in red.rows] == [("Faxe", 1, "Penge.")]
    assert red.heading == "1 svar er rødt, fra 1 kommune"


def test_the_kkr_keeps_what_has_happened_apart_from_what_was_corrected(sjaelland: Kkr) -> None:
    report = kkr_report(sjaelland, Moment(as_of=day("2026-06-01"), since=day("2026-02-01")))
    moved = [(row.number, row.before.in_progress, row.now.in_progress, row.places) for row in report[Movements].rows]
    assert moved == [(1, 1, 2, ("Faxe",))]
    corrected = [(row.place, row.number, row.before_status, row.status) for row in report[PlacedCorrections].rows]
    assert corrected == [("Greve", 1, "completed", "in_progress")]


def test_a_recommendation_across_the_municipalities(sjaelland: Kkr, konsulent: User) -> None:
    make_row(cell_of(1), "completed", by=konsulent, recorded_at=moment("2026-02-01 10:00"))
    at = Moment(as_of=day("2026-06-01"), since=day("2026-02-01"))
    report = recommendation_report(recommendation(1), at)
    rows = [row for group in report[StandingTable].groups for row in group.rows]
    assert (len(rows), "Korsbæk" in {row.place for row in rows}) == (98, False)
    assert Counter(row.status for row in rows) == {"completed": 1, "in_progress": 2, NOT_ASSESSED: 95}
    assert [group.spread.total for group in report[Overview].groups] == [11, 19, 22, 17, 29]
    assert report[NationalLine].row.status == "completed"
    assert [(row.place, row.status) for row in report[PlacedChanges].rows] == [("Faxe", "in_progress")]
    assert [row.place for row in report[PlacedCorrections].rows] == ["Greve"]
    assert report.title == "1 af 98 kommuner har gennemført, 2 er i gang"


def test_a_recommendation_that_is_not_for_the_municipalities(konsulent: User) -> None:
    report = recommendation_report(recommendation(4), Moment.now(), contents=tuple(CONTENTS))
    assert report.title == "Ingen kommuner tæller med på denne dag"
    assert report[StandingTable].groups == ()


def test_a_theme_holds_its_recommendations_by_focus_area(gaest: Client) -> None:
    report = asked("om=tema:3", AnonymousUser())
    numbers = [row.number for group in report[Overview].groups for row in group.rows]
    assert numbers == [22, 23, 24, 25, 26]


def test_a_round_says_who_has_handed_in_and_nothing_of_drafts(
    konsulent: User, thisted: Municipality, nabo: User, korsbaek: Municipality, hr: User
) -> None:
    found = make_round(by=konsulent)
    empty = round_report(found, Moment.now())
    answer_all(participation_of(place(FAXE)), by=konsulent)
    assert participation_of(place(FAXE)).drafts.count() == 20
    assert round_report(found, Moment.now()) == empty
    for municipality, user in ((thisted, nabo), (korsbaek, hr)):
        answer_all(participation_of(municipality), by=user)
        participation_of(municipality).hand_in(by=user)
    report = round_report(found, Moment.now())
    days = {row.place: row.handed_in_on for group in report[DeliveryTable].groups for row in group.rows}
    assert (len(days), [name for name, on in days.items() if on]) == (98, ["Thisted"])
    assert report.title == "1 af 98 kommuner har indsendt"
    assert {group.title: group.stated for group in report[DeliveryOverview].groups}["KKR Nordjylland"] == (
        "9 pct. (1 af 11)"
    )


def test_a_round_counts_as_kl_does_when_an_answer_is_sent_back(
    konsulent: User, thisted: Municipality, nabo: User
) -> None:
    found = make_round(by=konsulent)
    answer_all(participation_of(thisted), by=nabo)
    participation_of(thisted).hand_in(by=nabo)
    before = timezone.now()
    participation_of(thisted).return_it(by=konsulent, comment="Se på 10.", due_on=today() + timedelta(days=3))
    assert Decision.objects.filter(made_at__gt=before).exists()
    titles = [round_report(found, Moment(as_of=today(), known_at=at)).title for at in (before, None)]
    assert titles == ["1 af 98 kommuner har indsendt", "Ingen af 98 kommuner har indsendt"]
    assert ReportingRound.objects.with_progress().get(pk=found.pk).handed_in_count == 0


def test_only_shared_actions_are_printed(korsbaek: Municipality, hr: User) -> None:
    make_action(korsbaek, by=hr, title="Delt indsats")
    draft = make_action(korsbaek, by=hr, title="Kladden", visibility="draft")
    report = asked("om=kommune:999&med=indsatser", hr)
    assert [row.title for row in report[Actions].rows] == ["Delt indsats"]
    assert draft.title == LocalAction.objects.get(visibility="draft").title
    assert [type(part) for part in report.parts] == [Actions]


def test_actions_are_as_they_were_known(korsbaek: Municipality, hr: User) -> None:
    action = make_action(korsbaek, by=hr, title="Før")
    with pgtrigger.ignore("initiatives.LocalActionEvent:append_only"):
        LocalActionEvent.objects.update(pgh_created_at=F("pgh_created_at") - timedelta(hours=2))
    known = timezone.now() - timedelta(hours=1)  # a test is one transaction, which has one time
    action.change(by=hr, seen=action.version, title="Efter")
    titles = [
        [row.title for row in asked(f"om=kommune:999&med=indsatser{kendt}", hr)[Actions].rows]
        for kendt in (f"&kendt={known.isoformat().replace('+00:00', 'Z')}", "")
    ]
    assert titles == [["Før"], ["Efter"]]


def test_the_fictional_municipality_has_no_action_or_answer_in_others_reports(
    korsbaek: Municipality, hr: User, nabo: User, thisted: Municipality, konsulent: User
) -> None:
    make_action(korsbaek, by=hr, title="Opdigtet")
    make_action(thisted, by=nabo, title="Rigtig")
    question = make_question(10)
    make_answer(question, korsbaek, True, by=hr)
    make_answer(question, thisted, True, by=nabo)
    report = asked("om=anbefaling:10&med=indsatser&med=svar", konsulent)
    assert [row.title for row in report[PlacedActions].rows] == ["Rigtig"]
    answers = {row.question: row.answer for row in report[Answers].rows}
    assert answers[question.text] == "1 af 98 kommuner har svaret. 1 svarer ja."
    own = asked("om=kommune:999&med=svar", hr)
    assert {row.question: row.answer for row in own[Answers].rows}[question.text] == "Ja"


def test_what_names_municipalities_is_for_members(as_user: AsUser, sjaelland: Kkr, nabo: User) -> None:
    members_only = ["kkr:sjaelland", "kommune:999", "anbefaling:1", f"runde:{make_round().pk}"]
    for about in members_only:
        for name in ("reports", "report_pdf"):
            url = f"{reverse(name)}?om={about}"
            assert (url, as_user(None).get(url).status_code) == (url, 302)
            assert as_user(nabo).get(url).status_code == (200 if name == "reports" else 202)  # it is on its way
    page = as_user(None).get(reverse("reports")).content.decode()
    assert [value for value in ("tema:1", "kkr:sjaelland", "kommune:787") if value in page] == ["tema:1"]


@pytest.mark.parametrize(
    "about",
    ["findes-ikke", "kkr:", "kkr:jylland", "kommune:1000000000000000000000", "kommune:a", "runde:0", "tema:1:2",
     "landet:1", "anbefaling:27", "kkr:sjaelland\x00", "x" * 5000],
)  # fmt: skip
def test_what_is_no_subject_is_not_found(konsulent: User, about: str) -> None:
    params = QueryDict(mutable=True)
    params["om"] = about
    with pytest.raises(Http404):
        Choice.from_query(params, user=konsulent)


@pytest.mark.parametrize("query", ["med=alt", "pr=igaar", "siden=2099-01-01", "mod=1", "mod=x\x00", "kendt=0"])
def test_what_cannot_be_read_is_said(as_user: AsUser, konsulent: User, query: str) -> None:
    for name in ("reports", "report_pdf"):
        response = as_user(konsulent).get(f"{reverse(name)}?om=landet&{query}")
        assert response.status_code == 400
        assert "Valget kunne ikke bruges" in response.content.decode()


def test_the_page_begins_with_ones_own(as_user: AsUser, nabo: User, konsulent: User) -> None:
    abouts = [as_user(user).get("/rapporter/").context["choice"].about for user in (nabo, konsulent, None)]
    assert abouts == ["kommune:787", "landet", "landet"]


def test_the_page_offers_the_status_date_of_the_last_round(as_user: AsUser, hr: User) -> None:
    then = today() - timedelta(days=40)
    make_round(name="Foråret", on=then, due_on=today(), closes_on=today())
    page = as_user(hr).get("/rapporter/?til=Udvalget").content.decode()
    assert f"siden={then.isoformat()}" in page
    assert "Foråret" in page


def test_a_page_of_each_kind_in_the_contents_that_are_chosen(as_user: AsUser, sjaelland: Kkr, hr: User) -> None:
    whole = as_user(hr).get("/rapporter/?om=kkr:sjaelland").content.decode()
    some = as_user(hr).get("/rapporter/?om=kkr:sjaelland&med=overblik").content.decode()
    headings = ("Hvor langt er de 17 kommuner?", "De 17 kommuner", "1 svar er rødt", "Sådan læses rapporten")
    assert [heading in whole for heading in headings] == [True] * 4
    assert [f"{heading}</h2>" in some or f">{heading}" in some for heading in headings] == [True, False, False, True]
    assert "Korsbæk" not in some.partition('<article class="report">')[2]


def test_members_of_all_roles_read_the_same_report(sjaelland: Kkr, hr: User, konsulent: User) -> None:
    leder = make_user("leader", place(FAXE))
    reports = {asked("om=kkr:sjaelland", user).fingerprint for user in (hr, konsulent, leder)}
    assert len(reports) == 1
