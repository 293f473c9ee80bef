"""Who did what: each reader's own list, day by day, and what anybody may follow as Atom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flere_haender.days import today
from initiatives.activity import Chosen, activity, by_day
from initiatives.feed import WINDOW, Deed, Followed, latest_changes
from initiatives.models import Case, LocalAction, Recommendation
from stakeholders.models import Municipality, User
from tests.factories import AsUser, answer_all, cell_of, make_action, make_round, make_row, moment, participation_of

pytestmark = pytest.mark.django_db

URL, ATOM = "/aktivitet/", "/aktivitet/atom.xml"
LAST_WEEK = today() - timedelta(days=7)


def deeds(reader: User, **chosen: Any) -> list[Deed]:
    return [deed for day in by_day(activity(reader, Chosen(**chosen)), reader) for deed in day.deeds]


def told(reader: User, **chosen: Any) -> list[tuple[str, str, str]]:
    """Where, what and who, the newest first."""
    found = deeds(reader, **chosen)
    return [(deed.place.removesuffix(" (opdigtet)"), deed.title.split(" ")[0], deed.author) for deed in found]


@pytest.fixture
def done(hr: User, nabo: User, konsulent: User, korsbaek: Municipality, thisted: Municipality) -> None:
    """A national status, one of each municipality, and a local action of each, in this order."""
    at = moment("2026-03-02 10:00")
    make_row(cell_of(10), "planned", by=konsulent, recorded_at=at)
    make_row(cell_of(11, korsbaek), "planned", by=hr, recorded_at=at + timedelta(hours=1), internal_note="Hemmeligt")
    make_row(cell_of(12, thisted), "planned", by=nabo, recorded_at=at + timedelta(hours=2))
    make_action(korsbaek, by=hr, title="Korsbæks", numbers=(11,), at=at + timedelta(days=1))
    make_action(thisted, by=nabo, title="Thisteds", numbers=(12,), at=at + timedelta(days=2))


def test_kl_sees_all_and_a_municipality_its_own_and_what_is_national_or_shared(
    done: None, hr: User, nabo: User, konsulent: User
) -> None:
    korsbaek, thisted = ("Korsbæk", "Korsbæks", "Korsbæk Kommune"), ("Thisted", "Thisteds", "Thisted Kommune")
    national = ("", "10", "KL")
    assert told(konsulent) == [
        (*thisted[:2], "Tine Vad, Thisted Kommune"),
        (*korsbaek[:2], "Hanne Lund, Korsbæk Kommune"),
        ("Thisted", "12", "Tine Vad, Thisted Kommune"),
        ("Korsbæk", "11", "Hanne Lund, Korsbæk Kommune"),
        ("", "10", "Karen Holm, KL"),
    ]
    own = ("Korsbæk", "11", "Hanne Lund, Korsbæk Kommune")
    assert told(hr) == [thisted, (*korsbaek[:2], "Hanne Lund, Korsbæk Kommune"), own, national]
    assert told(nabo)[1:] == [korsbaek, ("Thisted", "12", "Tine Vad, Thisted Kommune"), national]


def test_it_is_grouped_by_danish_day(done: None, konsulent: User) -> None:
    days = by_day(activity(konsulent, Chosen()), konsulent)
    counts = {f"{day.day}": len(day.deeds) for day in days}
    assert list(counts.items()) == [("2026-03-04", 1), ("2026-03-03", 1), ("2026-03-02", 3)]


def test_internal_notes_are_never_in_it(as_user: AsUser, done: None, hr: User) -> None:
    assert "Hemmeligt" in as_user(hr).get("/kommuner/999/").content.decode()
    page = as_user(hr).get(URL).content.decode()
    assert ("11 " in page, "Hemmeligt" in page) == (True, False)


def test_drafts_are_never_in_it_not_even_ones_own(
    as_user: AsUser, hr: User, nabo: User, korsbaek: Municipality
) -> None:
    action = make_action(korsbaek, by=hr, title="Kladden", visibility="draft")
    assert "Kladden" in as_user(hr).get("/kommuner/999/indsatser/").content.decode()
    assert deeds(hr) == []
    action.change(by=hr, visibility="shared", title="Delt nu")
    action.change(by=hr, visibility="draft", what="Skrevet i en kladde")
    assert deeds(hr) == []
    action.change(by=hr, what="Det, der blev delt")
    action.change(by=hr, visibility="shared")
    for reader in (hr, nabo):
        found = deeds(reader)
        assert [deed.title for deed in found] == ["Delt nu", "Delt nu"]
        assert found[-1].sentences == ("Lokal indsats: Delt med kommunerne",)
        assert "Det, der blev delt" in str(found) and "Skrevet i en kladde" not in str(found)


def test_an_action_says_what_was_changed(hr: User, korsbaek: Municipality) -> None:
    action = make_action(korsbaek, by=hr)
    action.change(by=hr, phase="in_progress", what="Lang tekst. " * 20)
    action.change(by=hr, recommendations=Recommendation.objects.filter(number__in=(10, 11)))
    LocalAction.objects.get(pk=action.pk).confirm(by=hr)
    assert [deed.sentences for deed in deeds(hr)] == [
        ("Lokal indsats: Stadig aktuel",),
        ("Lokal indsats: Anbefalinger, tilskud eller milepæle er ændret",),
        ("Fase: Idé → I gang", "Hvad der gøres er ændret"),
        ("Lokal indsats: Delt med kommunerne",),
    ]


def test_a_handing_in_is_one_line_and_its_statuses_are_found_when_asked_for(
    hr: User, nabo: User, korsbaek: Municipality
) -> None:
    make_round(name="Runden")
    part = participation_of(korsbaek)
    answer_all(part, by=hr)
    assert deeds(hr) == []  # drafts
    part.hand_in(by=hr)
    (line,) = deeds(hr)
    assert (line.title, line.sentences, line.author) == (
        "Svar indsendt: Runden",
        ("20 svar",),
        "Hanne Lund, Korsbæk Kommune",
    )
    assert len(deeds(hr, kind="status")) == 20
    (tenth,) = deeds(hr, recommendation=Recommendation.objects.get(number=10))
    assert tenth.change and tenth.change.status == "planned"
    assert (deeds(nabo), deeds(nabo, kind="status"), deeds(nabo, kind="indberetning")) == ([], [], [])


def test_a_line_says_what_held_before_and_after(nabo: User, thisted: Municipality) -> None:
    cell = cell_of(10, thisted)
    first = make_row(cell, "planned", by=nabo, signal="green", recorded_at=moment("2026-03-02 10:00"))
    again = make_row(cell, "planned", by=nabo, signal="green", recorded_at=moment("2026-03-03 10:00"), confirms=first)
    make_row(cell, "", by=nabo, recorded_at=moment("2026-03-04 10:00"), corrects=again)
    gone, confirmed, said = deeds(nabo)
    assert said.change and (said.change.before_status, said.change.status) == ("not_assessed", "planned")
    assert confirmed.change and (confirmed.change.is_one, confirmed.sentences) == (False, ("Bekræftet",))
    assert gone.sentences == ("Trukket tilbage",)


def test_one_chooses_kind_recommendation_and_kl_a_municipality(
    as_user: AsUser, done: None, hr: User, konsulent: User
) -> None:
    def shown(user: User, query: str) -> list[str]:
        response = as_user(user).get(f"{URL}?{query}")
        return [deed.title.split(" ")[0] for day in response.context["days"] for deed in day.deeds]

    assert shown(konsulent, "art=indsats") == ["Thisteds", "Korsbæks"]
    assert shown(konsulent, "anbefaling=12") == ["Thisteds", "12"]
    assert shown(konsulent, "kommune=787") == ["Thisteds", "12"]
    assert shown(konsulent, "kommune=787&art=status&anbefaling=11") == []
    # A municipality has no such choice, and gets no more by asking.
    assert shown(hr, "kommune=787") == shown(hr, "")


BAD = [
    "art=alt",
    "art=%00",
    "anbefaling=27",
    "anbefaling=%00",
    "anbefaling=9999999999999999999",
    "kommune=1",
    "kommune=x",
]


@pytest.mark.parametrize("query", BAD)
def test_what_cannot_be_used_is_said_and_nothing_is_shown_instead(
    as_user: AsUser, done: None, konsulent: User, query: str
) -> None:
    response = as_user(konsulent).get(f"{URL}?{query}")
    assert (response.status_code, response.context["days"]) == (400, [])
    assert "Valget kunne ikke bruges" in response.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "999", "x", "%00"])
def test_an_unknown_page_is_one_that_there_is(as_user: AsUser, done: None, hr: User, page: str) -> None:
    assert as_user(hr).get(f"{URL}?side={page}").status_code == 200


def test_a_page_costs_the_same_however_much_has_been_done(
    as_user: AsUser, done: None, hr: User, konsulent: User, korsbaek: Municipality
) -> None:
    make_round()
    answer_all(participation_of(korsbaek), by=hr)
    participation_of(korsbaek).hand_in(by=hr)

    clients = [as_user(user) for user in (hr, konsulent)]

    def queries(client: Client) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(URL).status_code == 200
        return len(captured)

    few = [queries(client) for client in clients]
    for number in (10, 11, 12):
        for _ in range(3):
            make_action(korsbaek, by=hr, numbers=(number,)).change(by=hr, title=f"Ny {number}")
            make_row(cell_of(number, korsbaek), "planned", by=hr)
    assert [queries(client) for client in clients] == few
    assert max(few) <= 17, few  # with the line of the access log, and of KL the two steps


def test_it_is_for_members_and_says_when_there_is_nothing(as_user: AsUser, hr: User) -> None:
    assert as_user(None).get(URL).status_code == 302
    assert "Der er ikke sket noget endnu" in as_user(hr).get(URL).content.decode()
    assert "Ingen hændelser passer" in as_user(hr).get(f"{URL}?art=status").content.decode()


def entries(client: Client) -> list[dict[str, str]]:
    response = client.get(ATOM)
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    space = "{http://www.w3.org/2005/Atom}"
    return [
        {
            "title": entry.findtext(f"{space}title", ""),
            "summary": entry.findtext(f"{space}summary", ""),
            "author": entry.findtext(f"{space}author/{space}name", ""),
        }
        for entry in ElementTree.fromstring(response.content).iter(f"{space}entry")
    ]


def test_the_public_feed_holds_what_is_public_and_nothing_else(
    as_user: AsUser, done: None, hr: User, konsulent: User
) -> None:
    make_row(cell_of(13), "planned", by=konsulent, recorded_at=moment("2026-03-03 10:00"), internal_note="Hemmeligt")
    assert len(deeds(konsulent)) == 6
    (newest, first) = entries(as_user(None))
    assert first["title"].endswith(": Ikke vurderet → Planlagt") and first["title"].startswith("10 ")
    assert (newest["author"], newest["summary"]) == ("KL", "Note")
    text = as_user(None).get(ATOM).content.decode()
    for secret in ("Hemmeligt", "Karen", "Hanne", "Korsbæk", "Thisted"):
        assert secret not in text
    # A reader who knows more gets no more.
    assert {as_user(user).get(ATOM).content for user in (None, hr, konsulent)} == {text.encode()}


def test_the_public_feed_is_sound_whatever_a_note_holds(as_user: AsUser, konsulent: User) -> None:
    make_row(cell_of(10), "planned", by=konsulent, note="<script>alert(1)</script> & \x0b\ufffe slut")
    (entry,) = entries(as_user(None))
    assert entry["summary"] == "&lt;script&gt;alert(1)&lt;/script&gt; &amp;  slut"


def test_confirmations_are_no_news_to_the_public(as_user: AsUser, konsulent: User) -> None:
    first = make_row(cell_of(10), "planned", by=konsulent, effective_on=LAST_WEEK)
    make_row(cell_of(10), "planned", by=konsulent, confirms=first)
    assert len(deeds(konsulent)) == 2
    assert len(entries(as_user(None))) == 1


def test_a_change_is_found_behind_any_number_of_rows_that_change_nothing(hr: User, korsbaek: Municipality) -> None:
    row = make_row(cell_of(10, korsbaek), "planned", by=hr, recorded_at=moment("2026-01-05 09:00"))
    for hours in range(WINDOW + 5):
        at = moment("2026-01-06 09:00") + timedelta(hours=hours)
        row = make_row(cell_of(10, korsbaek), "planned", by=hr, corrects=row, recorded_at=at, note="Ny ordlyd.")
    make_row(cell_of(11, korsbaek), "completed", by=hr, recorded_at=moment("2026-01-05 10:00"))
    within = Followed(municipality=korsbaek.pk)
    found = latest_changes(hr, within=within, limit=8)
    assert [(deed.title.split(" ")[0], deed.change and deed.change.status) for deed in found] == [
        ("11", "completed"),
        ("10", "planned"),
    ]
    assert latest_changes(hr, within=Followed(national=True), limit=8) == []


def make_case(place: Municipality, by: User, konsulent: User, title: str) -> Case:
    action = make_action(place, by=by, title=f"Forslag til {title}", numbers=(10,), visibility="proposed")
    said = dict.fromkeys(("problem", "target_group", "results"), "")
    said |= {"title": title, "what": "Noget", "evidence": "not_assessed"}
    chosen = Recommendation.objects.filter(slug="10")
    return Case.edit(action, by=konsulent, **said, mechanisms=[], recommendations=chosen).publish(by=konsulent)


def test_cases_are_published_and_withdrawn_for_all_to_see(
    as_user: AsUser, hr: User, nabo: User, konsulent: User, korsbaek: Municipality, thisted: Municipality
) -> None:
    case = make_case(thisted, nabo, konsulent, "Fælles vagter")
    make_case(korsbaek, hr, konsulent, "Opdigtet case")
    thisteds = ("Thisted", "Fælles", "KL")
    assert told(hr, kind="case") == [("Korsbæk", "Opdigtet", "KL"), thisteds]
    assert told(konsulent, kind="case")[1] == (*thisteds[:2], "Karen Holm, KL")
    assert told(hr, kind="case", recommendation=Recommendation.objects.get(slug="11")) == []
    assert len(told(hr, kind="case", recommendation=Recommendation.objects.get(slug="10"))) == 2
    (entry,) = entries(as_user(None))
    assert (entry["title"], entry["author"]) == ("Fælles vagter: Publiceret som case (Thisted)", "KL")
    case.withdraw(by=konsulent, comment="Efter ønske fra Tine Vad")
    titles = [entry["title"] for entry in entries(as_user(None))]
    assert titles == [
        "En case: Trukket tilbage af KL (Thisted)",
        "En case: Publiceret som case (Thisted)",
    ]
    text = as_user(None).get(ATOM).content.decode()
    for secret in ("Fælles vagter", "Tine", "Karen", "Korsbæk", "Efter ønske"):
        assert secret not in text
    page = as_user(hr).get(f"{URL}?art=case").content.decode()
    assert "Opdigtet case" in page and "Trukket tilbage af KL" in page and "Karen" not in page
