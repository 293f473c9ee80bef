"""KL runs a round: plans, opens, follows, reminds, accepts, closes; and Min side says what is owed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from flere_haender.access import Role
from flere_haender.days import today
from initiatives.models import Decision, ReportingRound, State
from stakeholders.models import Message, Municipality, User
from tests.factories import AsUser, answer_all, make_round, make_user, participation_of, recommendation

pytestmark = pytest.mark.django_db


def days(**changes: int) -> dict[str, str]:
    offsets = {"status_on": 10, "opens_on": 1, "due_on": 10, "closes_on": 20} | changes
    return {name: f"{today() + timedelta(days=offset):%Y-%m-%d}" for name, offset in offsets.items()}


def test_a_round_is_planned_changed_opened_and_closed(
    as_user: AsUser, konsulent: User, korsbaek: Municipality
) -> None:
    client = as_user(konsulent)
    client.post("/runder/ny/", {"name": "Foråret", **days(), "message": "Hej"})
    found = ReportingRound.objects.get()
    assert (found.name, found.opened_at) == ("Foråret", None)
    client.post(f"/runder/{found.pk}/ret/", {"name": "Foråret 2027", **days(due_on=12), "message": ""})
    client.post(f"/runder/{found.pk}/handling/", {"action": "open"})
    found.refresh_from_db()
    assert (found.name, found.is_open, found.opens_on) == ("Foråret 2027", True, today())
    client.post(f"/runder/{found.pk}/ret/", {"name": "Foråret 2027", **days(opens_on=5, closes_on=30), "message": ""})
    found.refresh_from_db()
    assert (found.opens_on, found.closes_on) == (today(), today() + timedelta(days=30))
    client.post(f"/runder/{found.pk}/handling/", {"action": "close"})
    found.refresh_from_db()
    assert found.closed_at is not None
    assert client.post(f"/runder/{found.pk}/ret/", {"name": "x", **days()}).status_code == 422


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due_on": 0}, "Fristen kan ikke ligge før den dag, runden åbner."),
        ({"closes_on": 5, "status_on": 5}, "Runden kan ikke lukke før fristen."),
        ({"status_on": 21}, "Status pr. kan ikke ligge efter den dag, runden lukker."),
        ({"opens_on": -30, "due_on": -20, "closes_on": -10, "status_on": -20}, "Runden kan ikke lukke før i dag."),
    ],
)
def test_days_that_do_not_fit_are_refused(as_user: AsUser, konsulent: User, changes: dict, said: str) -> None:
    response = as_user(konsulent).post("/runder/ny/", {"name": "Foråret", **days(**changes)})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not ReportingRound.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"name": "x" * 500}, {"name": "a\x00b"}, {"due_on": "i morgen"}])
def test_bad_input_is_said_and_kept(as_user: AsUser, konsulent: User, fields: dict[str, str]) -> None:
    response = as_user(konsulent).post("/runder/ny/", (days() | fields) if fields else {})
    assert response.status_code == 422
    assert "Runden er ikke gemt" in response.content.decode()


def test_what_is_missing_is_named_one_by_one(as_user: AsUser, konsulent: User) -> None:
    form = as_user(konsulent).post("/runder/ny/", {}).context["form"]
    said = [message for messages in form.errors.values() for message in messages]
    assert len(said) == len(set(said)) == 5


def test_an_overlapping_round_is_refused(as_user: AsUser, konsulent: User) -> None:
    make_round(name="Den første")
    response = as_user(konsulent).post("/runder/ny/", {"name": "Den anden", **days()})
    assert "Runden overlapper “Den første”" in response.content.decode()


def test_a_round_that_was_closed_early_is_in_nobodys_way(as_user: AsUser, konsulent: User) -> None:
    make_round(name="Den første").close(by=konsulent)
    as_user(konsulent).post("/runder/ny/", {"name": "Den anden", **days(opens_on=0)})
    later = ReportingRound.objects.get(name="Den anden")
    assert later.open(by=konsulent).is_open
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportingRound.objects.update(closed_at=None)


def test_planned_twice_is_planned_once(as_user: AsUser, konsulent: User) -> None:
    client = as_user(konsulent)
    key = client.get("/runder/ny/").context["form"]["key"].value()
    given = {"name": "Foråret", **days(), "key": key}
    addresses = {client.post("/runder/ny/", given)["Location"] for _ in range(2)}
    assert addresses == {ReportingRound.objects.get().get_absolute_url()}
    refused = client.post("/runder/ny/", given | {"name": "Noget andet"})
    assert refused.status_code == 422
    assert "Runden er allerede planlagt." in refused.content.decode()
    refused = client.post("/runder/ny/", {"name": "Foråret", **days(opens_on=30, due_on=40, closes_on=50)})
    assert "En anden runde hedder det." in refused.content.decode()
    assert client.post("/runder/ny/", given | {"key": "x"}).status_code == 422
    assert ReportingRound.objects.get().name == "Foråret"


def test_the_kkr_that_has_answered_most_is_the_finding(
    as_user: AsUser, konsulent: User, thisted: Municipality, nabo: User
) -> None:
    found = make_round()
    client = as_user(konsulent)
    heading = client.get(f"/runder/{found.pk}/").context["rates_heading"]
    assert heading == "Ingen kommuner har indsendt endnu"
    here = participation_of(thisted)
    answer_all(here, by=nabo)
    here.hand_in(by=nabo)
    context = client.get(f"/runder/{found.pk}/").context
    assert context["rates_heading"] == "KKR Nordjylland er nået længst: 9 pct. (1 af 11)"
    assert {(rate.begun, rate.last) for rate in context["rates"]} == {(today(), today())}


def test_the_chaser_says_how_far_everybody_is(
    as_user: AsUser, konsulent: User, korsbaek: Municipality, hr: User, thisted: Municipality, nabo: User
) -> None:
    found = make_round()
    answer_all(participation_of(thisted), by=nabo)
    text = as_user(konsulent).get(f"/runder/{found.pk}/").content.decode()
    assert ": 0 af 98 har indsendt" in text
    assert "Besvaret, ikke indsendt" in text
    names = [name for name in ("Albertslund", "Holbæk", "Korsbæk", "Thisted", "Aalborg") if f">{name}</a>" in text]
    assert sorted(names, key=lambda name: text.index(f">{name}</a>")) == names
    assert len(names) == 5
    participation_of(thisted).hand_in(by=nabo)
    answer_all(participation_of(korsbaek), by=hr)
    participation_of(korsbaek).hand_in(by=hr)  # the fictional one counts nowhere
    text = as_user(konsulent).get(f"/runder/{found.pk}/").content.decode()
    assert ": 1 af 98 har indsendt" in text
    assert "(1 af 11)</span>" in text


@pytest.mark.parametrize(("q", "found"), [("Næstved", 1), ("naestved", 1), ("370", 1), ("%", 0), (" ! ", 0)])
def test_a_municipality_is_found_by_name_and_code(as_user: AsUser, konsulent: User, q: str, found: int) -> None:
    text = as_user(konsulent).get(f"/runder/{make_round().pk}/", {"q": q}).content.decode()
    assert text.count('name="valgt"') == found


def test_the_chosen_are_reminded_with_ones_own_words(
    as_user: AsUser, konsulent: User, korsbaek: Municipality, hr: User, thisted: Municipality, nabo: User
) -> None:
    found = make_round()
    here = participation_of(korsbaek)
    data = {"action": "remind", "valgt": [here.pk, "x", 10**30], "comment": "Ring, hvis I mangler noget"}
    as_user(konsulent).post(f"/runder/{found.pk}/handling/", data)
    message = Message.objects.get(occasion="nudge")
    assert (message.recipient, here.decisions.get().comment) == (hr, "Ring, hvis I mangler noget")


def test_reminded_twice_is_reminded_once(as_user: AsUser, konsulent: User, korsbaek: Municipality, hr: User) -> None:
    found, client = make_round(), as_user(konsulent)
    url = f"/runder/{found.pk}/handling/"
    for _ in range(2):
        key = str(client.get(f"/runder/{found.pk}/").context["key"])
        for _ in range(2):
            client.post(url, {"action": "remind", "valgt": participation_of(korsbaek).pk, "key": key})
    assert Message.objects.filter(occasion="nudge").count() == 2


def test_the_message_is_kept_when_nobody_is_chosen(
    as_user: AsUser, konsulent: User, korsbaek: Municipality, hr: User
) -> None:
    found, client = make_round(), as_user(konsulent)
    url, here = f"/runder/{found.pk}/handling/", participation_of(korsbaek)
    response = client.post(url, {"action": "remind", "comment": "Ring til mig"})
    assert response.status_code == 422
    html = response.content.decode()
    assert "Vælg mindst én kommune på listen." in html and ">Ring til mig</textarea>" in html
    html = client.post(url, {"action": "remind", "comment": "x" * 2001, "valgt": here.pk}).content.decode()
    assert "Skriv højst 2000 tegn." in html and f'value="{here.pk}" id="valgt-{here.pk}"' in html
    assert f"{'x' * 2001}</textarea>" in html and html.count(" checked>") == 1


def test_all_that_are_shown_can_be_chosen(as_user: AsUser, konsulent: User, korsbaek: Municipality) -> None:
    found, client = make_round(), as_user(konsulent)
    chosen = client.get(f"/runder/{found.pk}/?kkr=nordjylland&valgt=alle").content.decode()
    assert chosen.count(" checked>") == 11
    assert client.get(f"/runder/{found.pk}/?kkr=nordjylland").content.decode().count(" checked>") == 0
    response = client.post(f"/runder/{found.pk}/handling/?kkr=nordjylland&valgt=alle", {"action": "x"})
    assert response["Location"] == f"/runder/{found.pk}/?kkr=nordjylland"


def test_many_are_accepted_at_once_and_what_is_refused_is_named(
    as_user: AsUser, konsulent: User, korsbaek: Municipality, hr: User, thisted: Municipality
) -> None:
    found = make_round()
    here, other = participation_of(korsbaek), participation_of(thisted)
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    url = f"/runder/{found.pk}/handling/"
    response = as_user(konsulent).post(url, {"action": "accept", "valgt": [here.pk, other.pk]}, follow=True)
    text = response.content.decode()
    assert "1 kommune er godkendt." in text
    assert "Thisted: Kun det, der er indsendt, kan godkendes." in text
    here.refresh_from_db()
    assert here.state == State.ACCEPTED
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("query", ["?stade=x", "?kkr=x", "?sorter=x", "?stade=%00"])
def test_a_choice_that_is_none_shows_nobody(as_user: AsUser, konsulent: User, query: str) -> None:
    found = make_round()
    text = as_user(konsulent).get(f"/runder/{found.pk}/{query}").content.decode()
    assert "Vælg fra listen." in text
    assert 'name="valgt"' not in text


def test_the_chaser_costs_the_same_however_many_have_answered(
    as_user: AsUser, konsulent: User, thisted: Municipality, nabo: User
) -> None:
    found = make_round()
    client = as_user(konsulent)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/runder/{found.pk}/")
        return len(queries)

    few = cost()
    for municipality in Municipality.objects.real()[:20]:
        editor = make_user(Role.EDITOR, municipality)
        participation_of(municipality).draft(recommendation(10), by=editor, status="planned")
    assert cost() == few


def test_my_page_says_what_is_owed_and_what_happened(
    as_user: AsUser, korsbaek: Municipality, hr: User, leder: User, konsulent: User, nabo: User
) -> None:
    assert "I mangler ikke at svare på noget" in as_user(hr).get("/min-side/").content.decode()
    make_round(name="Efteråret 2026")
    here = participation_of(korsbaek)
    text = as_user(hr).get("/min-side/").content.decode()
    assert "I mangler at svare på 1 runde" in text
    assert "0 af 20 besvaret" in text
    answer_all(here, by=hr)
    assert f"/kommuner/999/status/indsend/?runde={here.round_id}" in as_user(hr).get("/min-side/").content.decode()
    here.hand_in(by=hr)
    assert "1 indberetning" not in as_user(konsulent).get("/min-side/").content.decode()  # Korsbæk is fictional
    here.return_it(by=konsulent, comment="Hvad med 10?", due_on=today() + timedelta(days=3))
    for reader in (hr, leder):
        assert "KL skriver: Hvad med 10?" in as_user(reader).get("/min-side/").content.decode()
    assert "Hvad med 10?" not in as_user(nabo).get("/min-side/").content.decode()


def test_what_is_shown_the_first_time_is_shown_until_it_has_been_seen(as_user: AsUser, hr: User) -> None:
    client = as_user(hr)
    assert "Tre ting at vide" in client.get("/").content.decode()
    client.post("/velkommen/")
    assert "Tre ting at vide" not in client.get("/").content.decode()
