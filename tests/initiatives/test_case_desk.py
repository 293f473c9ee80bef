"""The case bank's desk: KL edits a copy of what a municipality proposes, and publishes it or sends it back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from flere_haender.days import today
from initiatives.models import Case, CaseChangedSince, LocalAction, Recommendation
from initiatives.phases import Visibility
from stakeholders.letters import written
from stakeholders.models import Message, Municipality, User
from tests.factories import AsUser, make_action, make_user

pytestmark = pytest.mark.django_db

QUEUE = "/casebank/forslag/"
WORD = "Kvistmentor"


@pytest.fixture
def action(thisted: Municipality, nabo: User) -> LocalAction:
    said = {"title": WORD, "what": "Alle får en mentor.", "seen_effect": "Færre stopper.", "target_groups": "Nye"}
    return make_action(thisted, by=nabo, numbers=(9, 10), visibility="proposed", **said)


def fields(**given: Any) -> dict[str, Any]:
    chosen = Recommendation.objects.filter(slug__in=("9", "10"))
    said = {"title": WORD, "problem": "Mange stopper.", "what": "Alle får en mentor.", "target_group": "Nye"}
    said |= {"evidence": "promising", "mechanisms": ["Mentorer"], "results": "Færre stopper."}
    return {**said, "recommendations": list(chosen), **given}


def typed(**given: Any) -> dict[str, Any]:
    said = fields()
    said["recommendations"] = [one.pk for one in said["recommendations"]]
    return {**said, "mechanisms": "Mentorer\n\nMakkere", "seen": "0", **given}


def published(action: LocalAction, konsulent: User) -> Case:
    return Case.edit(action, by=konsulent, **fields()).publish(by=konsulent)


def everywhere(client: Client) -> dict[str, bool]:
    """Whether the word stands in the lists, the search, open data, and on the recommendation's page."""
    pages = ("/casebank/", "/soeg/?q=kvistmentor", "/data/cases.json", "/data/cases.csv", "/anbefalinger/9/")
    found = {page: WORD in client.get(page).content.decode("utf-8") for page in (*pages, "/kommuner/787/")}
    found["/soeg/?q=kvistmentor"] = bool(client.get("/soeg/?q=kvistmentor").context["count"])
    return found


def test_the_queue_holds_what_is_proposed(
    as_user: AsUser, konsulent: User, laeser: User, action: LocalAction, korsbaek: Municipality, hr: User
) -> None:
    make_action(korsbaek, by=hr, title="Kun delt")
    for reader in (konsulent, laeser):
        html = as_user(reader).get(QUEUE).content.decode()
        assert "1 forslag venter på KL" in html and WORD in html and "Kun delt" not in html
    assert as_user(laeser).get(f"{QUEUE}{action.pk}/").status_code == 200
    assert as_user(laeser).get(f"{QUEUE}{action.pk}/ret/").status_code == 403
    for other in (hr, make_user("editor", action.municipality)):
        assert as_user(other).get(QUEUE).status_code == 404
        assert as_user(other).get(f"{QUEUE}{action.pk}/").status_code == 404
        assert as_user(other).post(f"{QUEUE}{action.pk}/afgoerelse/", {"action": "publish"}).status_code == 404
    shared = LocalAction.objects.get(title="Kun delt")
    assert as_user(konsulent).get(f"{QUEUE}{shared.pk}/").status_code == 404


def test_a_case_is_written_previewed_and_published(
    as_user: AsUser, gaest: Client, konsulent: User, action: LocalAction
) -> None:
    client = as_user(konsulent)
    form = client.get(f"{QUEUE}{action.pk}/ret/").context["form"]
    assert (form["title"].value(), form["results"].value()) == (WORD, "Færre stopper.")
    response = client.post(f"{QUEUE}{action.pk}/ret/", typed(title=f"{WORD} i Thisted"))
    assert (response.status_code, response["Location"]) == (302, f"{QUEUE}{action.pk}/")
    case = Case.objects.get(from_action=action)
    assert (case.state, case.mechanisms, case.version) == ("draft", ["Mentorer", "Makkere"], 1)
    assert "Kun KL kan se den nu." in client.get(f"{QUEUE}{action.pk}/").content.decode()
    assert gaest.get(case.get_absolute_url()).status_code == 404
    assert not any(everywhere(gaest).values())
    assert client.post(f"{QUEUE}{action.pk}/afgoerelse/", {"action": "publish", "seen": 1}).status_code == 302
    assert set(everywhere(gaest).values()) == {True}
    html = gaest.get(case.get_absolute_url()).content.decode()
    assert "Thisted" in html and "Publiceret" in html and "Perspektivrigt tiltag efter KL’s vurdering" in html
    row = next(row for row in json.loads(gaest.get("/data/cases.json").content)["raekker"] if row["id"] == case.slug)
    assert (row["kommuner"], row["anbefalinger"], row["publiceret"]) == (["Thisted"], [9, 10], today().isoformat())
    assert "Ingen forslag venter på KL" in client.get(QUEUE).content.decode()


def test_no_name_of_a_person_is_public(gaest: Client, konsulent: User, nabo: User, action: LocalAction) -> None:
    case = published(action, konsulent)
    assert case.published_by == konsulent
    for page in (case.get_absolute_url(), "/casebank/", "/data/cases.json", "/data/cases.csv"):
        html = gaest.get(page).content.decode()
        assert WORD in html
        assert not any(user.name in html for user in (konsulent, nabo))


def test_the_editors_get_a_letter(konsulent: User, nabo: User, action: LocalAction) -> None:
    published(action, konsulent)
    message = Message.objects.get(occasion="case_published")
    assert message.recipient == nabo and konsulent.name not in json.dumps(message.about)
    mail = written(message)
    assert mail and WORD in mail.body and "/casebank/" in mail.body


def test_a_proposal_is_sent_back_with_a_comment(
    as_user: AsUser, konsulent: User, nabo: User, hr: User, action: LocalAction
) -> None:
    client, url = as_user(konsulent), f"{QUEUE}{action.pk}/afgoerelse/"
    html = client.post(url, {"action": "return", "comment": " \x00"}).content.decode()
    assert "Skriv, hvorfor." in html
    long = client.post(url, {"action": "return", "comment": "x" * 2001})
    assert long.status_code == 422 and "x" * 2001 in long.content.decode()
    assert client.post(url, {"action": "return", "comment": "Skriv mere om virkningen."}).status_code == 302
    action.refresh_from_db()
    assert action.visibility == Visibility.SHARED
    comment = "Skriv mere om virkningen."
    assert comment in as_user(nabo).get(action.get_absolute_url()).content.decode()
    assert comment not in as_user(hr).get(action.get_absolute_url()).content.decode()
    mail = written(Message.objects.get(occasion="case_returned"))
    assert mail and comment in mail.body and nabo.name in mail.body
    with pytest.raises(ValidationError, match="foreslår ikke længere"):
        Case.send_back(action, by=konsulent, comment="Igen")


def test_a_withdrawn_case_leaves_a_polite_page(
    as_user: AsUser, gaest: Client, konsulent: User, action: LocalAction
) -> None:
    case = published(action, konsulent)
    assert any(everywhere(gaest).values())
    url = f"{QUEUE}{action.pk}/afgoerelse/"
    assert as_user(konsulent).post(url, {"action": "withdraw", "comment": "Kommunen bad om det."}).status_code == 302
    assert not any(everywhere(gaest).values())
    page = gaest.get(case.get_absolute_url())
    assert page.status_code == 410 and "Casen er trukket tilbage" in page.content.decode()
    assert "Alle får en mentor." not in page.content.decode()
    action.refresh_from_db()
    assert action.visibility == Visibility.SHARED
    action.change(by=konsulent, visibility=Visibility.PROPOSED)
    Case.edit(action, by=konsulent, **fields(title="Igen"))
    assert gaest.get(case.get_absolute_url()).status_code == 410
    case.publish(by=konsulent)
    assert gaest.get(case.get_absolute_url()).status_code == 200


def test_the_municipality_can_change_its_mind(
    as_user: AsUser, konsulent: User, nabo: User, action: LocalAction
) -> None:
    case = Case.edit(action, by=konsulent, **fields())
    action.change(by=nabo, visibility=Visibility.SHARED)
    response = as_user(konsulent).post(f"{QUEUE}{action.pk}/afgoerelse/", {"action": "publish", "seen": 1})
    assert response.status_code == 422 and "foreslår ikke længere" in response.content.decode()
    refused = as_user(konsulent).post(f"{QUEUE}{action.pk}/ret/", typed(seen=case.version, title="Ny"))
    assert refused.status_code == 422 and "foreslår ikke længere" in refused.content.decode()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": ""}, "Skriv en titel."),
        ({"title": "x" * 201}, "Titel: Skriv højst 200 tegn."),
        ({"what": " "}, "Hvad der blev gjort: Skriv en tekst."),
        ({"what": "x" * 8001}, "Hvad der blev gjort: Skriv højst 8000 tegn."),
        ({"problem": "a\x00b"}, "Null"),
        ({"evidence": "x"}, "Evidens: Vælg fra listen."),
        ({"recommendations": []}, "Vælg mindst én anbefaling."),
        ({"recommendations": ["x"]}, "Vælg anbefalinger fra listen."),
        ({"recommendations": ["9" * 30]}, "Vælg anbefalinger fra listen."),
        ({"mechanisms": "x" * 121}, "Virkemidler: Skriv højst 20 linjer"),
        ({"seen": "x"}, "Formularen er ikke hel."),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_lost(
    as_user: AsUser, konsulent: User, action: LocalAction, wrong: dict[str, Any], message: str
) -> None:
    response = as_user(konsulent).post(f"{QUEUE}{action.pk}/ret/", typed(results="Husket tekst") | wrong)
    html = response.content.decode()
    assert response.status_code == 422 and message in html and "Husket tekst" in html
    assert not Case.objects.municipal().exists()


def test_two_who_save_at_once_see_both(as_user: AsUser, konsulent: User, action: LocalAction) -> None:
    other = make_user("kl_consultant", name="Grete Bang")
    Case.edit(action, by=other, seen=0, **fields(title="Gretes titel"))
    response = as_user(konsulent).post(f"{QUEUE}{action.pk}/ret/", typed(title="Karens titel"))
    html = response.content.decode()
    assert response.status_code == 409 and "Gretes titel" in html and "Karens titel" in html and "Grete Bang" in html
    assert response.context["form"]["seen"].value() == "1"
    assert as_user(konsulent).post(f"{QUEUE}{action.pk}/ret/", typed(title="Karens titel", seen=1)).status_code == 302
    stale = as_user(konsulent).post(f"{QUEUE}{action.pk}/afgoerelse/", {"action": "publish", "seen": "1"})
    assert stale.status_code == 409 and "Karens titel" in stale.content.decode()
    with pytest.raises(CaseChangedSince):
        Case.objects.get(from_action=action).publish(by=konsulent, seen=1)


def test_the_same_again_writes_nothing(konsulent: User, action: LocalAction) -> None:
    first = Case.edit(action, by=konsulent, seen=0, **fields())
    again = Case.edit(action, by=konsulent, seen=0, **fields())
    assert (again.pk, again.version) == (first.pk, 1)
    assert first.publish(by=konsulent).version == first.publish(by=konsulent).version == 2
    assert Message.objects.filter(occasion="case_published").count() == 1


def test_only_kls_consultants_write(laeser: User, nabo: User, konsulent: User, action: LocalAction) -> None:
    case = published(action, konsulent)
    for user in (laeser, nabo):
        with pytest.raises(PermissionDenied):
            Case.edit(action, by=user, **fields(title="Nej"))
        with pytest.raises(PermissionDenied):
            case.withdraw(by=user, comment="Nej")
        with pytest.raises(PermissionDenied):
            Case.send_back(action, by=user, comment="Nej")


def test_its_history_says_who_did_what(as_user: AsUser, konsulent: User, action: LocalAction) -> None:
    Case.edit(action, by=konsulent, **fields())
    Case.edit(
        action, by=konsulent, **fields(title="Ny titel", recommendations=[Recommendation.objects.get(slug="10")])
    )
    html = as_user(konsulent).get(f"{QUEUE}{action.pk}/").content.decode()
    assert f"Titel: {WORD}" in html and "Ny titel" in html and "Anbefaling fjernet: 9." in html
    assert konsulent.name in html


def test_the_documents_cases_stay(konsulent: User) -> None:
    case = Case.objects.get(slug="menn-i-helse")
    with pytest.raises(ValidationError, match="står i kilderne"):
        case.withdraw(by=konsulent, comment="Nej")
    for change in ({"state": "draft"}, {"state": "withdrawn", "withdrawn_on": today()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**change)


def test_the_invented_municipality_counts_nowhere(
    gaest: Client, konsulent: User, hr: User, korsbaek: Municipality
) -> None:
    before = gaest.get("/casebank/").context["count"]
    proposed = make_action(korsbaek, by=hr, title=WORD, visibility="proposed", numbers=(9, 10))
    case = published(proposed, konsulent)
    html = gaest.get("/casebank/").content.decode()
    assert WORD in html and "(opdigtet)" in html
    assert gaest.get("/casebank/").context["count"] == before
    assert case.slug not in gaest.get("/data/cases.json").content.decode()


def test_a_withdrawn_case_can_no_longer_be_borrowed(as_user: AsUser, hr: User, konsulent: User, action: Any) -> None:
    case = published(action, konsulent)
    url = f"/kommuner/999/indsatser/ny/?case={case.slug}"
    assert as_user(hr).get(url).status_code == 200
    assert WORD in as_user(hr).get("/indsatser/?q=kvistmentor").content.decode()
    case.withdraw(by=konsulent, comment="En fejl.")
    assert as_user(hr).get(url).status_code == 404
    offered = as_user(hr).get("/kommuner/999/indsatser/ny/").context["form"].fields["builds_on"].queryset
    assert offered.exists() and case not in offered
