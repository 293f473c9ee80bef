"""An invitation: who may send it, what its link does, and when the link is dead."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from flere_haender.access import Role
from flere_haender.days import today
from stakeholders.chores import send_due
from stakeholders.models import AccessEntry, AccessKind, Invitation, Membership, Message, Municipality, User
from stakeholders.models.outbox import State
from tests.factories import AsUser, make_user

pytestmark = pytest.mark.django_db

NEW = "ny@korsbaek.example"
PASSWORD = "fire-korte-ord-her"
ANSWER = {"name": "Nanna Yde", "password1": PASSWORD, "password2": PASSWORD}


def invite(
    by: User, municipality: Municipality | None, *, role: str = Role.EDITOR, email: str = NEW, **fields: Any
) -> Invitation:
    return Invitation.invite(email, role=role, municipality=municipality, by=by, **fields)


@pytest.fixture
def invitation(leder: User, korsbaek: Municipality) -> Invitation:
    return invite(leder, korsbaek)


def link_in_the_mail() -> str:
    send_due()
    text = str(mail.outbox[-1].body)
    [link] = [line for line in text.splitlines() if "/brugere/invitation/" in line]
    return link.removeprefix("http://127.0.0.1:8000")


def test_from_the_form_to_the_front_page(as_user: AsUser, leder: User, korsbaek: Municipality, gaest: Client) -> None:
    fields = {"email": " Ny@Korsbaek.example ", "role": "editor", "key": uuid.uuid4()}
    response = as_user(leder).post("/brugere/inviter/", fields)
    assert (response.status_code, response["Location"]) == (302, "/brugere/")
    user = User.objects.get(email=NEW)
    assert user.membership is None and not user.has_usable_password()
    link = link_in_the_mail()
    assert mail.outbox[-1].to == [NEW]
    assert "Lars Friis, Korsbæk Kommune, har inviteret dig" in str(mail.outbox[-1].body)
    shown = gaest.get(link)
    assert shown.status_code == 200 and "kommunal redaktør i Korsbæk Kommune" in shown.content.decode()
    entered = gaest.post(link, ANSWER)
    assert (entered.status_code, entered["Location"]) == (302, "/")
    assert "Nanna Yde, Korsbæk Kommune" in gaest.get("/").content.decode()
    user = User.objects.get(email=NEW)
    membership = user.membership
    assert membership and (membership.role, membership.municipality) == (Role.EDITOR, korsbaek)
    assert membership.started_on == today() and user.check_password(PASSWORD)


def test_it_lands_where_it_was_asked_to_and_nowhere_else(gaest: Client, invitation: Invitation) -> None:
    entered = gaest.post(invitation.path, {**ANSWER, "next": "/kommuner/999/"})
    assert entered["Location"] == "/kommuner/999/"


def test_another_site_is_no_place_to_land(gaest: Client, invitation: Invitation) -> None:
    assert gaest.post(invitation.path, {**ANSWER, "next": "https://example.org/"})["Location"] == "/"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Skriv dit navn."),
        ({"name": "x" * 121}, "120"),
        ({"name": "Nan\x00na"}, "NUL"),
        ({"password2": "noget helt andet"}, "De to adgangskoder er ikke ens."),
        ({"password1": "123456789012", "password2": "123456789012"}, "tal"),
        ({"password1": "nannayde", "password2": "nannayde"}, "kort"),
    ],
)
def test_a_bad_answer_lets_nobody_in_and_loses_nothing(
    gaest: Client, invitation: Invitation, change: dict[str, str], said: str
) -> None:
    response = gaest.post(invitation.path, {**ANSWER, **change})
    assert response.status_code == 422
    text = response.content.decode()
    assert said.lower() in text.lower()
    assert change.get("name", "Nanna Yde").replace("\x00", "") in text.replace("\x00", "")
    assert not Membership.objects.filter(user=invitation.user).exists()


def test_it_is_used_once(gaest: Client, invitation: Invitation) -> None:
    gaest.post(invitation.path, ANSWER)
    again = Client().post(invitation.path, {**ANSWER, "name": "En anden"})
    assert again.status_code == 410 and "allerede brugt" in again.content.decode()
    invitation.user.refresh_from_db()
    assert invitation.user.name == "Nanna Yde"


def test_it_is_valid_for_14_days(gaest: Client, invitation: Invitation) -> None:
    assert timedelta(days=14) < invitation.expires_at - timezone.now() < timedelta(days=15)
    Invitation.objects.update(
        sent_at=timezone.now() - timedelta(days=15), expires_at=timezone.now() - timedelta(seconds=1)
    )
    for response in (gaest.get(invitation.path), gaest.post(invitation.path, ANSWER)):
        assert response.status_code == 410
        assert "flere-haender@kl.example" in response.content.decode()
    assert not Membership.objects.filter(user=invitation.user).exists()


def test_sent_again_it_has_a_new_link_and_new_days(
    as_user: AsUser, leder: User, gaest: Client, invitation: Invitation
) -> None:
    old = link_in_the_mail()
    earlier = timezone.now() - timedelta(days=13)
    Invitation.objects.update(sent_at=earlier, expires_at=earlier + timedelta(days=14))
    for _ in range(2):  # pressed twice
        as_user(leder).post(f"/brugere/invitationer/{invitation.pk}/send/", {"seen": "1"})
    assert Message.objects.count() == 2
    new = link_in_the_mail()
    invitation.refresh_from_db()
    assert invitation.expires_at > timezone.now() + timedelta(days=13)
    assert gaest.get(old).status_code == 404
    assert gaest.get(new).status_code == 200


def test_withdrawn_it_is_dead_and_its_letter_is_not_sent(
    as_user: AsUser, leder: User, gaest: Client, invitation: Invitation
) -> None:
    path = invitation.path
    assert gaest.get(path).status_code == 200
    as_user(leder).post(f"/brugere/invitationer/{invitation.pk}/traek-tilbage/")
    assert gaest.get(path).status_code == gaest.post(path, ANSWER).status_code == 410
    send_due()
    assert Message.objects.get().state == State.DROPPED and not mail.outbox
    [entry] = AccessEntry.objects.filter(kind=AccessKind.INVITATION_WITHDRAWN)
    assert (entry.by, entry.about_user, entry.municipality) == (leder, invitation.user, invitation.municipality)


@pytest.mark.parametrize("token", ["x", "1-1", "1-1:forkert", "1-1:%00", "æ", "9" * 400])
def test_what_is_no_link_of_ours(gaest: Client, invitation: Invitation, token: str) -> None:
    assert gaest.get(f"/brugere/invitation/{token}/").status_code == 404


def test_the_link_is_nowhere_in_the_database(invitation: Invitation) -> None:
    signature = invitation.path.rstrip("/").rpartition(":")[2]
    assert len(signature) > 20
    rows = [str(row) for model in (Invitation, Message, User) for row in model.objects.values()]
    assert not [row for row in rows if signature in row]
    assert not [str(row) for row in Message.objects.values() if NEW in str(row)]


def test_the_same_key_invites_once(leder: User, korsbaek: Municipality) -> None:
    key = uuid.uuid4()
    assert invite(leder, korsbaek, key=key) == invite(leder, korsbaek, key=key)
    assert Message.objects.count() == 1


def refused(client: Client, **fields: str) -> str:
    response = client.post("/brugere/inviter/", {"email": NEW, "role": "editor", "key": str(uuid.uuid4()), **fields})
    assert response.status_code == 422
    assert fields.get("email", NEW) in response.content.decode()  # what was typed
    return response.content.decode()


def test_who_is_in_already(as_user: AsUser, leder: User, hr: User, invitation: Invitation) -> None:
    assert "Hanne Lund har allerede adgang." in refused(as_user(leder), email=hr.email)
    assert "Send invitationen igen fra listen." in refused(as_user(leder))


def test_who_is_somewhere_else_is_not_told_of_to_a_leader(
    as_user: AsUser, leder: User, nabo: User, konsulent: User
) -> None:
    text = refused(as_user(leder), email=nabo.email)
    assert "hører til en bruger et andet sted" in text
    assert "Tine Vad" not in text and "Thisted" not in text
    text = refused(as_user(konsulent), email=nabo.email, organisation="999")
    assert "Tine Vad har adgang i Thisted Kommune" in text


def test_who_is_blocked_is_not_let_in(as_user: AsUser, leder: User, korsbaek: Municipality) -> None:
    blocked = make_user(is_active=False)
    assert "spærret" in refused(as_user(leder), email=blocked.email)
    assert not Invitation.objects.exists()


def test_blocked_after_the_invitation(gaest: Client, invitation: Invitation) -> None:
    User.objects.filter(pk=invitation.user_id).update(is_active=False)
    assert gaest.post(invitation.path, ANSWER).status_code == 410


def test_a_former_user_comes_back_by_a_new_membership(
    gaest: Client, nabo: User, konsulent: User, leder: User, korsbaek: Municipality
) -> None:
    assert nabo.membership
    nabo.membership.end(by=konsulent, told=["last_editor"])
    found = invite(leder, korsbaek, email=nabo.email)
    assert found.user == nabo
    assert 'value="Tine Vad"' in gaest.get(found.path).content.decode()
    gaest.post(found.path, {**ANSWER, "name": "Tine Vad"})
    assert [row.municipality.name for row in nabo.memberships.order_by("pk") if row.municipality] == [
        "Thisted",
        "Korsbæk",
    ]


def test_an_invitation_elsewhere_that_nobody_used_does_not_stand_in_the_way(
    invitation: Invitation, konsulent: User, thisted: Municipality
) -> None:
    Invitation.objects.update(
        sent_at=timezone.now() - timedelta(days=20), expires_at=timezone.now() - timedelta(days=6)
    )
    assert invite(konsulent, thisted).municipality == thisted
    invitation.refresh_from_db()
    assert invitation.withdrawn_at


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "ikke en mail"}, "Skriv en hel e-mailadresse"),
        ({"email": "a\x00b@example.org"}, "NUL"),
        ({"role": "kl_consultant"}, "Vælg en rolle fra listen."),
        ({"role": ""}, "Vælg en rolle."),
        ({"key": "x"}, "Formularen er ikke hel."),
    ],
)
def test_a_leader_types_something_else(as_user: AsUser, leder: User, fields: dict[str, str], said: str) -> None:
    response = as_user(leder).post("/brugere/inviter/", {"email": NEW, "role": "editor", **fields})
    assert response.status_code == 422 and said.lower() in response.content.decode().lower()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("organisation", "role"), [("kl", "editor"), ("999", "kl_reader"), ("", "editor"), ("1", "editor")]
)
def test_a_consultant_types_what_does_not_fit(
    as_user: AsUser, konsulent: User, korsbaek: Municipality, organisation: str, role: str
) -> None:
    fields = {"email": NEW, "role": role, "organisation": organisation}
    assert as_user(konsulent).post("/brugere/inviter/", fields).status_code == 422
    assert not Invitation.objects.exists()


def test_a_consultant_invites_to_kl(as_user: AsUser, konsulent: User) -> None:
    fields = {"email": "ny@kl.example", "role": "kl_reader", "organisation": "kl", "key": uuid.uuid4()}
    assert as_user(konsulent).post("/brugere/inviter/", fields).status_code == 302
    found = Invitation.objects.get()
    assert (found.role, found.municipality) == (Role.KL_READER, None)
    send_due()
    assert "KL har inviteret dig" in str(mail.outbox[0].body)


def test_a_leader_invites_to_the_own_municipality_only(as_user: AsUser, leder: User, korsbaek: Municipality) -> None:
    fields = {"email": NEW, "role": "editor", "organisation": "787", "key": uuid.uuid4()}
    assert as_user(leder).post("/brugere/inviter/", fields).status_code == 302
    assert Invitation.objects.get().municipality == korsbaek


def test_the_database_knows_the_rules(invitation: Invitation) -> None:
    for change in (
        {"role": Role.KL_READER},
        {"expires_at": invitation.sent_at},
        {"accepted_at": timezone.now(), "withdrawn_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).first()
        invitation.pk, invitation.key = None, uuid.uuid4()
        invitation.save(force_insert=True)


def test_anonymised_the_invitation_is_withdrawn(gaest: Client, invitation: Invitation) -> None:
    path = invitation.path
    invitation.user.anonymise(by=make_user(is_superuser=True))
    assert gaest.get(path).status_code == 410
