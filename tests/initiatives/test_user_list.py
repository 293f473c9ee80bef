"""Users invited from a list: who is new, who is here, who is refused and why; confirmed once, by the same verb."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from flere_haender.access import Role
from initiatives.chores import forget_uploads
from initiatives.intake.items import Preview, State
from initiatives.intake.uploads import confirm, preview
from initiatives.models import Upload
from initiatives.user_list import MOST
from stakeholders.models import Invitation, Message, Municipality, User
from tests.factories import AsUser, make_user

from .old_sheets import newest, sheet

pytestmark = pytest.mark.django_db

PAGE = "/brugere/liste/"
HEAD = ["E-mail", "Navn", "Organisation", "Rolle"]


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


def send(client: Client, content: bytes, name: str = "brugere.xlsx") -> Any:
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def look(client: Client, content: bytes, reader: User, name: str = "brugere.xlsx") -> Preview:
    response = send(client, content, name)
    assert response.status_code == 302, response.content.decode()
    return preview(newest(), reader)


def faults(found: Preview) -> dict[str, list[tuple[str, str]]]:
    return {item.title: [(fault.address, fault.message) for fault in item.faults] for item in found.refused}


def test_kl_invites_everywhere(client: Client, konsulent: User, korsbaek: Municipality) -> None:
    content = sheet(
        HEAD,
        ["Ny@Korsbaek.example", "Nanna Yde", "Korsbæk", "redaktør"],
        ["ny2@kl.example", "", "KL", "KL-læser"],
        ["ny3@thisted.example", None, "787", "Kommunal leder"],
    )
    found = look(client, content, konsulent)
    assert found.heading == "3 nye"
    url = newest().get_absolute_url()
    form = {"valgt": [item.value for item in found.items[:2]], "key": str(uuid.uuid4())}
    for _ in range(2):
        page = client.post(url, form, follow=True)
    assert "2 er inviteret. E-mailene er på vej." in page.content.decode()
    first, second = Invitation.objects.order_by("pk")
    assert (first.user.email, first.user.name, first.role, first.municipality, first.invited_by) == (
        "ny@korsbaek.example",
        "Nanna Yde",
        Role.EDITOR,
        korsbaek,
        konsulent,
    )
    assert (second.municipality, second.role, second.user.name) == (None, Role.KL_READER, "")
    assert Message.objects.filter(occasion="invitation").count() == 2
    again = preview(newest(), konsulent)
    assert [item.state for item in again.items] == [State.SAME, State.SAME, State.NEW]
    assert "Har allerede adgang eller er inviteret (2)" in client.get(url).content.decode()


def test_a_leader_invites_to_the_own_municipality(as_user: AsUser, leder: User, korsbaek: Municipality) -> None:
    content = sheet(
        ["Rolle", "Mailadresse", "Kommune"],
        ["Leder", "a@korsbaek.example", ""],
        ["Redaktør", "b@korsbaek.example", "Korsbæk Kommune"],
        ["Redaktør", "c@thisted.example", "Thisted"],
        ["KL-konsulent", "d@korsbaek.example", "KL"],
        ["KL-konsulent", "e@korsbaek.example", ""],
    )
    found = look(as_user(leder), content, leder)
    assert [item.title for item in found.can_be_chosen] == ["a@korsbaek.example", "b@korsbaek.example"]
    assert faults(found) == {
        "c@thisted.example": [("C4", "Du kan kun invitere til Korsbæk Kommune.")],
        "d@korsbaek.example": [("C5", "Du kan kun invitere til Korsbæk Kommune.")],
        "e@korsbaek.example": [("A6", "Skriv en rolle: Kommunal redaktør eller Kommunal leder.")],
    }


def test_why_a_row_is_refused(client: Client, konsulent: User, hr: User, nabo: User, korsbaek: Municipality) -> None:
    blocked = make_user(is_active=False)
    content = sheet(
        HEAD,
        ["ikke en mail", "", "Korsbæk", "Leder"],
        ["a@korsbaek.example", "", "Andeby", "Leder"],
        ["b@korsbaek.example", "", "", "Leder"],
        ["c@korsbaek.example", "", "Korsbæk", "Chef"],
        ["d@korsbaek.example", "x" * 121, "Korsbæk", "Leder"],
        ["e@korsbaek.example", "", "Korsbæk", "=1+1"],
        ["f@korsbaek.example", "", "Korsbæk", "Leder"],
        ["F@korsbaek.example", "", "Korsbæk", "Leder"],
        [hr.email, "", "Korsbæk", "Leder"],
        [nabo.email, "", "Korsbæk", "Leder"],
        [blocked.email, "", "Korsbæk", "Leder"],
        [hr.email, "", "Korsbæk", "Redaktør"],
    )
    found = look(client, content, konsulent)
    assert [(row[0].address, row[0].message) for row in (item.faults for item in found.refused)] == [
        ("A2", "Skriv en hel e-mailadresse, for eksempel navn@kommune.dk."),
        ("C3", "Skriv KL eller en kommune."),
        ("C4", "Skriv KL eller en kommune."),
        ("D5", "Skriv en rolle: Kommunal redaktør eller Kommunal leder."),
        ("B6", "Navnet er for langt. Skriv højst 120 tegn."),
        ("D7", "Cellen har en formel. Skriv værdien i stedet."),
        ("A9", "E-mailen står også i celle A8."),
        ("A10", "Hanne Lund har allerede adgang."),
        ("A11", "Tine Vad har adgang i Thisted Kommune. Fjern brugeren dér først."),
        ("A12", "Brugeren er spærret. En superbruger kan åbne for brugeren igen."),
        ("A13", "E-mailen står også i celle A10."),
    ]
    page = client.get(newest().get_absolute_url()).content.decode()
    assert "Arket Status, celle C3: Skriv KL eller en kommune." in page


def test_a_leader_is_told_no_more_than_by_the_form(as_user: AsUser, leder: User, nabo: User) -> None:
    found = look(as_user(leder), sheet(["E-mail", "Rolle"], [nabo.email, "Leder"]), leder)
    [[(_, message)]] = faults(found).values()
    assert message.startswith("E-mailen hører til en bruger et andet sted") and "Thisted" not in message


def test_an_old_invitation_elsewhere_is_no_hindrance(
    client: Client, konsulent: User, korsbaek: Municipality, thisted: Municipality
) -> None:
    for place in (thisted, korsbaek):
        email = f"gammel-{place.code}@example.org"
        Invitation.invite(email, role=Role.LEADER, municipality=place, by=konsulent)
    old = timezone.now() - timedelta(days=30)
    Invitation.objects.update(sent_at=old, expires_at=old + timedelta(days=14))
    rows = [[f"gammel-{code}@example.org", "", "Korsbæk", "Leder"] for code in (787, 999)]
    found = look(client, sheet(HEAD, *rows), konsulent)
    assert [item.state for item in found.items] == [State.NEW, State.SAME]
    assert confirm(newest(), [found.items[0].value], by=konsulent, key=uuid.uuid4()) == 1


def test_somebody_invited_meanwhile_stops_all(client: Client, konsulent: User, korsbaek: Municipality) -> None:
    rows = [[f"{name}@korsbaek.example", "", "Korsbæk", "Leder"] for name in "ab"]
    found = look(client, sheet(HEAD, *rows), konsulent)
    Invitation.invite("b@korsbaek.example", role=Role.LEADER, municipality=korsbaek, by=konsulent)
    form = {"valgt": [item.value for item in found.items], "key": uuid.uuid4()}
    assert client.post(newest().get_absolute_url(), form).status_code == 409
    assert Invitation.objects.count() == 1


def test_csv(client: Client, konsulent: User, korsbaek: Municipality) -> None:
    content = "e-mail;rolle;kommune\r\na@korsbaek.example;Redaktør;KORSBÆK\r\n".encode("cp1252")
    assert look(client, content, konsulent, name="liste.csv").heading == "1 ny"


FILES = {
    "nothing": (b"", "Filen er tom."),
    "no headings": (sheet(["a@b.example", "Leder"]), "Vi fandt ingen liste."),
    "no role": (sheet(["E-mail", "Navn"], ["a@b.example", "A"]), "Vi fandt ingen liste."),
    "no rows": (sheet(HEAD), "Listen har ingen brugere."),
    "the same heading twice": (
        sheet(["E-mail", "Rolle", "Rolle"], ["a@b.example", "Leder", "Leder"]),
        "Slet den ene.",
    ),
    "too many": (sheet(HEAD, *([f"a{n}@b.example", "", "KL", "Leder"] for n in range(MOST + 1))), f"flere end {MOST}"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_list(client: Client, name: str) -> None:
    content, said = FILES[name]
    response = send(client, content)
    assert response.status_code == 422 and said in response.content.decode()
    assert not Upload.objects.exists()


def test_who_may(as_user: AsUser, hr: User, laeser: User, leder: User, konsulent: User) -> None:
    for user in (hr, laeser):
        assert send(as_user(user), sheet(HEAD, ["a@b.example", "", "KL", "KL-læser"])).status_code == 403
    assert "Inviter fra en liste" in as_user(leder).get("/brugere/").content.decode()
    assert "Inviter fra en liste" not in as_user(hr).get("/brugere/").content.decode()
    look(as_user(leder), sheet(["E-mail", "Rolle"], ["a@b.example", "Leder"]), leder)
    url = newest().get_absolute_url()
    for user in (hr, konsulent):
        assert as_user(user).get(url).status_code == 404
    leder.memberships.update(role=Role.EDITOR)
    assert as_user(leder).get(url).status_code == 403


def test_names_are_kept_for_an_hour(client: Client, konsulent: User, korsbaek: Municipality) -> None:
    look(client, sheet(HEAD, ["a@korsbaek.example", "Anna", "Korsbæk", "Leder"]), konsulent)
    assert newest().expires_at - newest().uploaded_at == timedelta(hours=1)
    past = timezone.now() - timedelta(hours=2)
    Upload.objects.update(uploaded_at=past, expires_at=past + timedelta(hours=1))
    forget_uploads()
    assert not Upload.objects.exists()


def test_as_many_as_a_list_may_hold(client: Client, konsulent: User, django_assert_max_num_queries: Any) -> None:
    places = list(Municipality.objects.values_list("name", flat=True))
    rows = [[f"a{n}@kommune.example", f"Navn {n}", places[n % 98], "Redaktør"] for n in range(MOST)]
    found = look(client, sheet(HEAD, *rows), konsulent)
    assert found.heading == f"{MOST} nye"
    with django_assert_max_num_queries(20):
        client.get(newest().get_absolute_url())
    begun = time.process_time()
    form = {"valgt": [item.value for item in found.items], "key": uuid.uuid4()}
    assert client.post(newest().get_absolute_url(), form).status_code == 302
    assert time.process_time() - begun < 4
    assert Invitation.objects.count() == Message.objects.count() == MOST
