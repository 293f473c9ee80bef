"""The pages of local actions: the form, two who save at once, copying, filters, and the files."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client

from flere_haender.days import today
from initiatives.models import Case, ListItem, LocalAction, MilestoneRow, Recommendation
from stakeholders.models import Installation, Municipality, User
from tests.factories import AsUser, make_action, moment

pytestmark = pytest.mark.django_db

NEW = "/kommuner/999/indsatser/ny/"
LIST = "/kommuner/999/indsatser/"


def typed(*rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What a browser sends: the form with these rows of milestones."""
    sent = {
        "title": "Mentor til nye",
        "what": "Alle nye får en mentor.",
        "recommendations": [Recommendation.objects.get(number=10).pk],
        "phase": "planned",
        "visibility": "draft",
        "key": uuid.uuid4(),
        "milepael-TOTAL_FORMS": len(rows) + 3,
        "milepael-INITIAL_FORMS": sum("pk" in row for row in rows),
    }
    for place, row in enumerate(rows):
        sent |= {f"milepael-{place}-{name}": value for name, value in row.items()}
    return {name: value for name, value in {**sent, **fields}.items() if value is not None}


def test_a_new_action(as_user: AsUser, hr: User) -> None:
    client = as_user(hr)
    fields = typed(
        {"title": "De første ti", "due_on": "2027-01-15"},
        starts_on="2026-12-01",
        ends_on="31.05.2027",
        responsible_unit="HR",
        links="https://example.org/a\nhttps://example.org/b",
        involvement="both",
    )
    response = client.post(NEW, fields)
    action = LocalAction.objects.get()
    assert (response.status_code, response["Location"]) == (302, action.get_absolute_url())
    assert (action.phase, action.visibility, action.ends_on.isoformat()) == ("planned", "draft", "2027-05-31")
    assert (action.links, action.get_involvement_display()) == (
        ["https://example.org/a", "https://example.org/b"],
        "MED og TRIO",
    )
    assert [str(milestone) for milestone in action.milestones.all()] == ["De første ti (15.01.2027)"]
    assert client.post(NEW, fields)["Location"] == action.get_absolute_url()
    assert LocalAction.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": ""}, "Skriv en titel."),
        ({"title": "x" * 201}, "Titel: Skriv højst 200 tegn."),
        ({"what": "x" * 4001}, "Hvad I gør: Skriv højst 4000 tegn."),
        ({"recommendations": None}, "Vælg mindst én anbefaling."),
        ({"recommendations": ["9" * 30]}, "Vælg anbefalinger fra listen."),
        ({"recommendations": ["'; --"]}, "Vælg anbefalinger fra listen."),
        ({"phase": "måske"}, "Vælg en fase fra listen."),
        ({"starts_on": "i morgen"}, "Skriv en dato som 2026-05-31 eller 31.05.2026."),
        ({"starts_on": "0026-05-31"}, "Datoen kan ikke ligge før 2018."),
        ({"starts_on": "2026-05-02", "ends_on": "2026-05-01"}, "Slutdatoen kan ikke ligge før startdatoen."),
        ({"links": "javascript:alert(1)"}, "er ikke en webadresse"),
        ({"links": "\n".join(f"https://example.org/{n}" for n in range(11))}, "Links: Skriv højst 10."),
        ({"challenge": "9" * 5000}, "Vælg en udfordring fra listen."),
        ({"key": "hej"}, "Formularen er ikke hel."),
        ({"milepael-TOTAL_FORMS": "hej"}, "ManagementForm"),
        ({"milepael-0-title": "Uden dato"}, "Skriv milepælens dato."),
        ({"milepael-0-due_on": "2027-01-01"}, "Skriv, hvad milepælen er, eller fjern den."),
        (
            {"milepael-0-title": "A", "milepael-0-due_on": "2026-01-01", "milepael-0-done_on": "2999-01-01"},
            "nået efter",
        ),
        ({"what": "Nul\x00tegn"}, "Null"),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_lost(
    as_user: AsUser, hr: User, fields: dict[str, Any], message: str
) -> None:
    response = as_user(hr).post(NEW, typed(**{"problem": "Det, jeg skrev", **fields}))
    text = response.content.decode()
    assert response.status_code == 422
    assert message in text
    # Once at the top, once at the field.
    assert text.count(f">{message}<") <= 2
    assert "Det, jeg skrev" in text
    assert not LocalAction.objects.exists()


def test_two_who_save_at_once_see_both(as_user: AsUser, korsbaek: Municipality, hr: User, konsulent: User) -> None:
    action = make_action(korsbaek, by=hr, milestones=[MilestoneRow("A", today())])
    address = f"{action.get_absolute_url()}ret/"
    client = as_user(hr)
    assert 'name="seen" value="1"' in client.get(address).content.decode()
    action.change(by=konsulent, title="KL’s titel", recommendations=Recommendation.objects.filter(number=11))
    mine = typed({"title": "Min milepæl", "due_on": "2027-01-15"}, title="Min titel", seen=1, visibility="shared")
    response = client.post(address, mine)
    text = response.content.decode()
    assert response.status_code == 409
    for words in (
        "En anden har gemt imens",
        "KL på vegne af",
        "KL’s titel",
        "11. Introforløb",
        "10. Praktikvejledning",
    ):
        assert words in text
    assert all(f'value="{words}"' in text for words in ("Min titel", "Min milepæl"))
    action.refresh_from_db()
    assert action.title == "KL’s titel"
    assert 'name="seen" value="2"' in text
    assert client.post(address, {**mine, "seen": 2}).status_code == 302
    action.refresh_from_db()
    assert (action.title, action.milestones.count()) == ("Min titel", 2)


def test_the_same_change_sent_twice_is_no_conflict(as_user: AsUser, korsbaek: Municipality, hr: User) -> None:
    action = make_action(korsbaek, by=hr)
    address = f"{action.get_absolute_url()}ret/"
    mine = typed({"title": "A", "due_on": "2027-01-15"}, seen=1)
    assert [as_user(hr).post(address, mine).status_code for _ in range(2)] == [302, 302]
    assert action.milestones.count() == 1


def test_a_milestone_is_reached_and_another_removed(as_user: AsUser, korsbaek: Municipality, hr: User) -> None:
    action = make_action(korsbaek, by=hr, milestones=[MilestoneRow("A", today()), MilestoneRow("B", today())])
    a, b = action.milestones.order_by("title")
    day = today().isoformat()
    rows = (
        {"title": "A", "due_on": day, "done_on": day, "pk": a.pk},
        {"title": "", "due_on": "", "removed": "on", "pk": b.pk},
    )
    assert as_user(hr).post(f"{action.get_absolute_url()}ret/", typed(*rows, seen=1)).status_code == 302
    assert list(action.milestones.values_list("title", "done_on")) == [("A", today())]


def test_copying_keeps_the_link_and_the_origin_counts(
    as_user: AsUser, korsbaek: Municipality, thisted: Municipality, hr: User, nabo: User
) -> None:
    origin = make_action(thisted, by=nabo, title="Vejledningsdag", responsible_unit="Thisteds enhed", numbers=(10, 12))
    client = as_user(hr)
    assert f"{NEW}?fra={origin.pk}" in client.get(origin.get_absolute_url()).content.decode()
    page = client.get(f"{NEW}?fra={origin.pk}").content.decode()
    assert ("Vejledningsdag" in page, "Thisteds enhed" in page, page.count(" checked")) == (True, False, 4)
    client.post(f"{NEW}?fra={origin.pk}", typed(visibility="shared"))
    copy = LocalAction.objects.get(municipality=korsbaek)
    assert copy.copied_from == origin
    assert origin.get_absolute_url() in client.get(copy.get_absolute_url()).content.decode()
    assert "1 kommune har ladet sig inspirere" in as_user(nabo).get(origin.get_absolute_url()).content.decode()


def test_an_origin_that_is_withdrawn_meanwhile_loses_the_link_and_not_the_text(
    as_user: AsUser, thisted: Municipality, hr: User, nabo: User
) -> None:
    origin = make_action(thisted, by=nabo)
    origin.change(by=nabo, visibility="draft")
    page = as_user(hr).post(f"{NEW}?fra={origin.pk}", typed(), follow=True).content.decode()
    assert "Linket til det er ikke gemt" in page
    assert LocalAction.objects.get(municipality__code=999).copied_from is None


def test_a_case_inspires(as_user: AsUser, hr: User, gaest: Client) -> None:
    case = Case.objects.get(slug="faelles-fynsk-mentorkorps")
    client = as_user(hr)
    assert f"{NEW}?case={case.slug}" in client.get(case.get_absolute_url()).content.decode()
    page = client.get(f"{NEW}?case={case.slug}").content.decode()
    assert "Fælles Fynsk Mentorkorps" in page and f'<option value="{case.pk}" selected' in page
    client.post(f"{NEW}?case={case.slug}", typed(visibility="shared", builds_on=case.pk))
    action = LocalAction.objects.get()
    assert (action.inspired_by, action.builds_on_effective) == (case, True)
    assert "1 kommune har ladet sig inspirere" in client.get(case.get_absolute_url()).content.decode()
    assert "ladet sig inspirere" not in gaest.get(case.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "query", ["fra=x", "fra=²", f"fra={'9' * 5000}", "fra=99999999", "case=findes-ikke", "case=%00"]
)
def test_an_origin_that_is_not_there(as_user: AsUser, hr: User, query: str) -> None:
    assert as_user(hr).get(f"{NEW}?{query}").status_code == 404


def test_still_relevant(as_user: AsUser, korsbaek: Municipality, hr: User) -> None:
    action = make_action(korsbaek, by=hr, at=moment("2026-01-01 10:00"))
    client = as_user(hr)
    assert "Stadig aktuel" in client.get(action.get_absolute_url()).content.decode()
    assert client.post(f"{action.get_absolute_url()}stadig-aktuel/").status_code == 302
    action.refresh_from_db()
    assert (action.touched_at.date() >= today() - timedelta(days=1), action.updated_at) == (
        True,
        moment("2026-01-01 10:00"),
    )


# Lists and files


@pytest.fixture
def three(korsbaek: Municipality, hr: User) -> list[str]:
    common = {"by": hr}
    yesterday = today() - timedelta(days=1)
    make_action(korsbaek, title="Ålborgmodellen", numbers=(10, 12), phase="planned", ends_on=yesterday, **common)
    make_action(korsbaek, title="=1+1", numbers=(10,), phase="in_progress", starts_on=yesterday, **common)
    make_action(
        korsbaek, title="Mentor; med; semikolon", numbers=(13,), phase="completed", visibility="draft", **common
    )
    return ["Mentor; med; semikolon", "=1+1", "Ålborgmodellen"]


def csv_rows(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{LIST}?format=csv&{query}")
    content = response.getvalue()
    assert content.startswith("\ufeff".encode())
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def shown(client: Client, query: str = "") -> list[str]:
    return [row.cells[0].text for row in client.get(f"{LIST}?{query}").context["listing"].rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [0, 1, 2]),
        ("anbefaling=10", [1, 2]),
        ("fase=planned", [2]),
        ("synlighed=draft", [0]),
        ("q=aalborg", [2]),
        ("q=ÅLBORG", [2]),
        ("q=mentorer", [0, 1, 2]),
        ("q=semikolon", [0]),
        ("q=findesikke", []),
        ("q=%2B", []),
        ("sorter=slut", [2, 0, 1]),
        ("sorter=start", [1, 0, 2]),
        ("anbefaling=10&fase=completed", []),
    ],
)
def test_the_list_and_the_file_hold_the_same(
    as_user: AsUser, hr: User, three: list[str], query: str, found: list[int]
) -> None:
    client = as_user(hr)
    titles = [three[place] for place in found]
    assert shown(client, query) == titles
    assert [row["Indsats"] for row in csv_rows(client, query)] == [f"'{t}" if t[0] == "=" else t for t in titles]


@pytest.mark.parametrize(
    "query",
    ["anbefaling=99", "anbefaling=x", "fase=ukendt", "synlighed=alle", "sorter=-id", "q=%00", f"q={'x' * 101}"],
)
def test_a_choice_that_cannot_be_used_shows_nothing_and_says_so(
    as_user: AsUser, hr: User, three: list[str], query: str
) -> None:
    for form in ("", "&format=csv", "&format=xlsx"):
        response = as_user(hr).get(f"{LIST}?{query}{form}")
        assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")
        text = response.content.decode()
        assert "Valget kunne ikke bruges" in text
        assert not any(title in text for title in ("lborgmodellen", "semikolon"))


def test_there_is_no_other_file(as_user: AsUser, hr: User, three: list[str]) -> None:
    assert as_user(hr).get(f"{LIST}?format=pdf").status_code == 400


def test_the_files_say_what_the_page_says(as_user: AsUser, hr: User, three: list[str]) -> None:
    client = as_user(hr)
    day = (today() - timedelta(days=1)).isoformat()
    row = csv_rows(client, "fase=planned")[0]
    assert row == {
        "Kommune": "Korsbæk",
        "Indsats": "Ålborgmodellen",
        "Anbefalinger": "10 | 12",
        "Fase": "Planlagt, forsinket",
        "Start": "",
        "Slut": day,
        "Ansvarlig enhed": "",
        "Synlighed": "Delt med kommunerne",
        "Senest ændret": today().isoformat(),
    }
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{LIST}?format=xlsx").getvalue()))
    cells = {cell.value for cells in book.active.iter_rows() for cell in cells}
    assert {"'=1+1", "Ålborgmodellen", "10 | 12"} <= cells
    assert "f" not in {cell.data_type for cells in book.active.iter_rows() for cell in cells}


def test_a_file_of_a_demo_says_that_it_is_invented(as_user: AsUser, hr: User, three: list[str]) -> None:
    assert "demodata" not in csv_rows(as_user(hr))[0]
    Installation.become_demo()
    assert {row["demodata"] for row in csv_rows(as_user(hr))} == {"Opdigtede tal"}


# Lad dig inspirere


def found_in(client: Client, query: str) -> list[tuple[str, str]]:
    response = client.get(f"/indsatser/?{query}")
    return [(row.cells[2].text, row.cells[0].text) for row in response.context["listing"].rows]


def test_inspiration_is_shared_actions_and_cases(
    as_user: AsUser, korsbaek: Municipality, thisted: Municipality, hr: User, nabo: User
) -> None:
    challenge = ListItem.objects.get(slug="pres-paa-vejledningen")
    make_action(thisted, by=nabo, title="Åben vejledning", challenge=challenge, phase="running")
    make_action(korsbaek, by=hr, title="Noget om fravær", numbers=(13,), problem="For højt sygefravær")
    client = as_user(hr)
    assert found_in(client, "fase=running") == [("Lokal indsats", "Åben vejledning")]
    assert found_in(client, "kkr=sjaelland&fase=idea") == [("Lokal indsats", "Noget om fravær")]
    assert found_in(client, "kkr=nordjylland&q=aaben") == [("Lokal indsats", "Åben vejledning")]
    assert found_in(client, "q=mentorkorps") == [("Case", "Fælles Fynsk Mentorkorps")]
    assert found_in(client, "q=sygefravaer&anbefaling=13")[0] == ("Lokal indsats", "Noget om fravær")
    challenged = found_in(client, "udfordring=pres-paa-vejledningen")
    assert challenged[0] == ("Lokal indsats", "Åben vejledning")
    assert {kind for kind, _ in challenged[1:]} == {"Case"}
    assert ("Case", "Hverdagsguide") not in challenged


@pytest.mark.parametrize("query", ["kkr=x", "udfordring=x", "fase=x", "anbefaling=x", "udfordring=amu-pakken"])
def test_inspiration_with_a_choice_that_cannot_be_used(as_user: AsUser, hr: User, query: str) -> None:
    response = as_user(hr).get(f"/indsatser/?{query}")
    assert (response.status_code, response.context["listing"].count) == (400, 0)
