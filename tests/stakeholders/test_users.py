"""/brugere/: who sees whom, who is removed and who is told what before, and the municipality's choices."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from flere_haender.access import Role
from stakeholders.models import Invitation, Membership, Message, Municipality, NotTold, User
from stakeholders.models.outbox import State
from tests.factories import AsUser, make_user

pytestmark = pytest.mark.django_db


def membership_of(user: User) -> Membership:
    return Membership.objects.active().get(user=user)


def shown(client: Client, query: str = "") -> str:
    response = client.get(f"/brugere/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_municipality_sees_its_own_and_kl_sees_all(
    as_user: AsUser, hr: User, leder: User, nabo: User, konsulent: User, laeser: User, korsbaek: Municipality
) -> None:
    Invitation.invite("ny@korsbaek.example", role=Role.EDITOR, municipality=korsbaek, by=leder)
    all_names = {"Hanne Lund", "Lars Friis", "ny@korsbaek.example", "Tine Vad", "Karen Holm", "Rikke Dam"}
    own = {"Hanne Lund", "Lars Friis", "ny@korsbaek.example"}
    for reader, seen in ((hr, own), (leder, own), (nabo, {"Tine Vad"}), (konsulent, all_names), (laeser, all_names)):
        for query in ("", "?kommune=999"):
            main = shown(as_user(reader), query).partition("<main")[2]
            expected = own if query and reader in (konsulent, laeser) else seen
            assert {name for name in all_names if name in main} == expected


def test_only_who_may_has_something_to_press(as_user: AsUser, hr: User, leder: User, laeser: User) -> None:
    assert "Fjern" in shown(as_user(leder)) and "Inviter en bruger" in shown(as_user(leder))
    for reader in (hr, laeser):
        assert "Inviter en bruger" not in shown(as_user(reader)) and "/fjern/" not in shown(as_user(reader))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?kommune=kl", {"Karen Holm"}),
        ("?kommune=787", {"Tine Vad"}),
        ("?rolle=leader", {"Lars Friis"}),
        ("?tilstand=invited", {"ny@korsbaek.example"}),
        ("?tilstand=active&kommune=999", {"Hanne Lund", "Lars Friis"}),
        ("?tilstand=expired", set()),
        ("?q=friis", {"Lars Friis"}),
        ("?q=lars+KORSBÆK", set()),
    ],
)
def test_kl_narrows_the_list(
    as_user: AsUser, konsulent: User, hr: User, leder: User, nabo: User, korsbaek: Municipality, query: str, names: set
) -> None:
    Invitation.invite("ny@korsbaek.example", role=Role.EDITOR, municipality=korsbaek, by=konsulent)
    rows = shown(as_user(konsulent), query).partition("<tbody>")[2]
    everybody = {"Karen Holm", "Hanne Lund", "Lars Friis", "Tine Vad", "ny@korsbaek.example"}
    assert {name for name in everybody if name in rows} == names


@pytest.mark.parametrize("query", ["?kommune=findesikke", "?kommune=1", "?rolle=x", "?tilstand=x", "?q=a%00b"])
def test_an_unknown_choice_is_never_the_whole_list(as_user: AsUser, konsulent: User, hr: User, query: str) -> None:
    response = as_user(konsulent).get(f"/brugere/{query}")
    assert response.status_code == 400
    assert "Hanne Lund" not in response.content.decode()


def test_a_letter_that_did_not_arrive_is_seen(as_user: AsUser, leder: User, korsbaek: Municipality) -> None:
    Invitation.invite("ny@korsbaek.example", role=Role.EDITOR, municipality=korsbaek, by=leder)
    assert "E-mailen er ikke sendt endnu" in shown(as_user(leder))
    Message.objects.update(state=State.GIVEN_UP)
    assert "E-mailen kunne ikke afleveres" in shown(as_user(leder))


def test_removed_is_out_everywhere_at_once(as_user: AsUser, hr: User, leder: User, korsbaek: Municipality) -> None:
    make_user(Role.EDITOR, korsbaek)  # so hr is not the last
    browser = as_user(hr)
    assert browser.get("/kommuner/999/rapport/").status_code == 200
    row = membership_of(hr)
    page = as_user(leder).get(f"/brugere/{row.pk}/fjern/")
    assert "Hanne Lund" in page.content.decode() and 'name="told"' not in page.content.decode()
    assert as_user(leder).post(f"/brugere/{row.pk}/fjern/").status_code == 302
    assert browser.get("/kommuner/999/rapport/")["Location"].startswith("/konto/login/")
    row.refresh_from_db()
    assert row.ended_on and User.objects.filter(pk=hr.pk, is_active=True).exists()
    assert "Hanne Lund" not in shown(as_user(leder)).partition("<tbody>")[2]


def test_the_last_editor_is_not_removed_without_being_told(as_user: AsUser, hr: User, leder: User) -> None:
    row = membership_of(hr)
    client = as_user(leder)
    page = client.get(f"/brugere/{row.pk}/fjern/").content.decode()
    assert "ingen redaktør" in page and 'name="told" value="last_editor"' in page
    untold = client.post(f"/brugere/{row.pk}/fjern/")
    assert untold.status_code == 409 and "ingen redaktør" in untold.content.decode()
    assert Membership.objects.active().filter(pk=row.pk).exists()
    assert client.post(f"/brugere/{row.pk}/fjern/", {"told": "last_editor"}).status_code == 302
    assert "har ingen redaktør" in shown(client)


@pytest.mark.parametrize("path", ["fjern", "rolle"])
def test_pressed_twice_it_is_done_once(as_user: AsUser, hr: User, leder: User, path: str) -> None:
    url = f"/brugere/{membership_of(hr).pk}/{path}/"
    client = as_user(leder)
    for _ in range(2):
        response = client.post(url, {"told": "last_editor", "role": "leader"}, follow=True)
        assert response.redirect_chain == [("/brugere/", 302)]
    assert "er allerede ændret" in response.content.decode()
    assert client.get(url).status_code == 302
    assert Membership.objects.filter(user=hr).count() == (1 if path == "fjern" else 2)


def test_the_last_editor_is_told_of_also_when_the_role_changes(as_user: AsUser, hr: User, leder: User) -> None:
    row = membership_of(hr)
    client = as_user(leder)
    assert client.post(f"/brugere/{row.pk}/rolle/", {"role": "leader"}).status_code == 409
    assert client.post(f"/brugere/{row.pk}/rolle/", {"role": "leader", "told": "last_editor"}).status_code == 302
    assert [m.role for m in Membership.objects.filter(user=hr).order_by("pk")] == ["editor", "leader"]
    assert membership_of(hr).role == Role.LEADER


@pytest.mark.parametrize("role", ["kl_consultant", "kl_reader", "x", ""])
def test_a_leader_gives_no_role_of_kl(as_user: AsUser, hr: User, leder: User, role: str) -> None:
    row = membership_of(hr)
    response = as_user(leder).post(f"/brugere/{row.pk}/rolle/", {"role": role, "told": "last_editor"})
    assert response.status_code == 422
    with pytest.raises(ValidationError):
        row.change_role(role, by=leder, told=["last_editor"])


def test_nobody_removes_themselves_without_being_told(as_user: AsUser, leder: User, korsbaek: Municipality) -> None:
    row = membership_of(leder)
    client = as_user(leder)
    page = client.get(f"/brugere/{row.pk}/fjern/").content.decode()
    assert "Det er dig selv" in page
    assert client.post(f"/brugere/{row.pk}/fjern/").status_code == 409
    response = client.post(f"/brugere/{row.pk}/fjern/", {"told": "own_access"}, follow=True)
    assert "Du har ikke længere adgang" in response.content.decode()
    assert client.get("/brugere/").status_code == 302


def test_the_last_consultant(as_user: AsUser, konsulent: User) -> None:
    row = membership_of(konsulent)
    assert as_user(konsulent).post(f"/brugere/{row.pk}/fjern/", {"told": "own_access"}).status_code == 409
    with pytest.raises(NotTold):
        row.change_role(Role.KL_READER, by=konsulent, told=["own_role"])
    row.end(by=konsulent, told=["own_access", "last_consultant"])
    assert not Membership.objects.active().filter(role=Role.KL_CONSULTANT).exists()


def test_the_last_leader_where_the_leader_hands_in(leder: User, konsulent: User, korsbaek: Municipality) -> None:
    korsbaek.choose(leader_hands_in=True, unit_mailbox="", by=konsulent)
    with pytest.raises(NotTold):
        membership_of(leder).end(by=konsulent)
    korsbaek.choose(leader_hands_in=False, unit_mailbox="", by=konsulent)
    membership_of(leder).end(by=konsulent)


def test_who_cannot_sign_in_is_no_editor_left(hr: User, leder: User, korsbaek: Municipality) -> None:
    make_user(Role.EDITOR, korsbaek, is_active=False)
    with pytest.raises(NotTold):
        membership_of(hr).end(by=leder)


def test_a_leader_reaches_no_other_municipality(as_user: AsUser, leder: User, nabo: User, konsulent: User) -> None:
    client = as_user(leder)
    for user in (nabo, konsulent):
        row = membership_of(user)
        for path in ("fjern", "rolle"):
            assert client.get(f"/brugere/{row.pk}/{path}/").status_code == 404
            assert client.post(f"/brugere/{row.pk}/{path}/", {"role": "leader"}).status_code == 404
        with pytest.raises(PermissionDenied):
            row.end(by=leder)
    thisted = Invitation.invite(
        "ny@thisted.example", role="editor", municipality=membership_of(nabo).municipality, by=konsulent
    )
    for path in ("send", "traek-tilbage"):
        assert client.post(f"/brugere/invitationer/{thisted.pk}/{path}/").status_code == 404
    assert client.post("/brugere/kommuner/787/valg/", {"leader_hands_in": "nej"}).status_code == 404


@pytest.mark.parametrize("pk", ["0", "99999999999999999999999999"])
def test_hostile_ids(as_user: AsUser, konsulent: User, pk: str) -> None:
    client = as_user(konsulent)
    for path in (f"{pk}/fjern/", f"{pk}/rolle/", f"invitationer/{pk}/send/", f"kommuner/{pk}/valg/"):
        assert client.post(f"/brugere/{path}", {"seen": "²"}).status_code == 404


def choices(**fields: str) -> dict[str, str]:
    return {"leader_hands_in": "ja", "unit_mailbox": "sosu@korsbaek.example", "seen": "0 ", **fields}


URL = "/brugere/kommuner/999/valg/"


def test_the_leader_makes_the_municipalitys_choices(as_user: AsUser, leder: User, korsbaek: Municipality) -> None:
    client = as_user(leder)
    assert 'name="seen" value="0 "' in shown(client)
    assert client.post(URL, choices())["Location"] == "/brugere/"
    korsbaek.refresh_from_db()
    assert (korsbaek.leader_hands_in, korsbaek.unit_mailbox) == (True, "sosu@korsbaek.example")
    assert "Lederen indsender svarene" in shown(client)


def test_somebody_has_chosen_meanwhile(as_user: AsUser, leder: User, konsulent: User, korsbaek: Municipality) -> None:
    korsbaek.choose(leader_hands_in=False, unit_mailbox="anden@korsbaek.example", by=konsulent)
    response = as_user(leder).post(URL, choices())
    text = response.content.decode()
    assert response.status_code == 409
    assert "anden@korsbaek.example" in text and 'value="sosu@korsbaek.example"' in text
    assert as_user(leder).post(URL, choices(seen="0 anden@korsbaek.example")).status_code == 302


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"unit_mailbox": "ikke en mail"}, "Skriv en hel e-mailadresse"),
        ({"unit_mailbox": "a@" + "b" * 300 + ".dk"}, ""),
        ({"unit_mailbox": "a\x00@b.dk"}, "NUL"),
        ({"leader_hands_in": "måske"}, "Vælg redaktøren eller lederen."),
        ({"leader_hands_in": ""}, "Vælg, hvem der indsender."),
    ],
)
def test_a_bad_choice_is_refused_and_kept(
    as_user: AsUser, konsulent: User, leder: User, korsbaek: Municipality, fields: dict[str, str], said: str
) -> None:
    for user in (konsulent, leder):
        response = as_user(user).post(URL, choices(**fields))
        assert response.status_code == 422
        assert said.lower() in response.content.decode().lower()
    korsbaek.refresh_from_db()
    assert korsbaek.unit_mailbox == ""


def test_without_a_leader_the_leader_cannot_hand_in(as_user: AsUser, konsulent: User, korsbaek: Municipality) -> None:
    response = as_user(konsulent).post(URL, choices())
    assert response.status_code == 422 and "Inviter først en leder." in response.content.decode()
