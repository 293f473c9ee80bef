"""Sign-ins, passwords and roles leave a trace in the access log."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from flere_haender.access import Role
from stakeholders.models import AccessEntry, AccessKind, Invitation, Membership, Municipality, User
from tests.factories import PASSWORD, AsUser, make_user

pytestmark = pytest.mark.django_db

Trace = tuple[str, User | None, User | None, Municipality | None, str]


def traces() -> list[Trace]:
    found = AccessEntry.objects.exclude(kind="read").order_by("pk").select_related("by", "about_user", "municipality")
    return [(row.kind, row.by, row.about_user, row.municipality, row.subject) for row in found]


def sign_in(client: Client, email: str, password: str = PASSWORD) -> int:
    return client.post("/konto/login/", {"login": email, "password": password}).status_code


def test_in_and_out(gaest: Client, hr: User, korsbaek: Municipality) -> None:
    assert sign_in(gaest, hr.email) == 302
    gaest.post("/konto/logout/")
    assert traces() == [("signed_in", hr, None, korsbaek, ""), ("signed_out", hr, None, korsbaek, "")]


def test_a_wrong_password_of_a_known_account_is_its_own(gaest: Client, hr: User, korsbaek: Municipality) -> None:
    assert sign_in(gaest, hr.email.upper(), "forkert") == 200
    assert traces() == [("sign_in_refused", hr, None, korsbaek, "Forkert adgangskode")]


def test_of_an_unknown_account_nothing_that_was_typed_is_kept(gaest: Client) -> None:
    assert sign_in(gaest, "en.borger@example.org", "min-hemmelige-kode") == 200
    assert traces() == [("sign_in_refused", None, None, None, "Ukendt e-mail")]
    row = AccessEntry.objects.values().get()
    assert "borger" not in str(row)
    assert "hemmelige" not in str(row)


def test_a_closed_account_is_refused_with_a_trace(gaest: Client, hr: User) -> None:
    User.objects.filter(pk=hr.pk).update(is_active=False)
    sign_in(gaest, hr.email)
    assert [(kind, subject) for kind, _, _, _, subject in traces()] == [("sign_in_refused", "Kontoen er lukket")]


def test_a_new_password(as_user: AsUser, hr: User, korsbaek: Municipality) -> None:
    client, new = as_user(hr), "en-anden-lang-adgangskode-2"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/konto/adgangskode/", fields).status_code == 302
    assert traces()[1:] == [("password_changed", hr, None, korsbaek, "")]


def test_roles(leder: User, korsbaek: Municipality) -> None:
    invited = Invitation.invite("ny@korsbaek.example", role=Role.EDITOR, municipality=korsbaek, by=leder)
    ny = invited.accept(name="Ny", password=PASSWORD)
    membership = Membership.objects.get(user=ny)
    changed = membership.change_role(Role.LEADER, by=leder, told=["last_editor"])
    changed.end(by=leder)
    assert traces() == [
        ("role_given", leder, ny, korsbaek, "Kommunal redaktør"),
        ("role_changed", leder, ny, korsbaek, "Kommunal redaktør → Kommunal leder"),
        ("role_ended", leder, ny, korsbaek, "Kommunal leder"),
    ]


def test_erasure_leaves_a_trace_without_the_name(hr: User, korsbaek: Municipality) -> None:
    boss = make_user(is_superuser=True)
    hr.anonymise(by=boss)
    assert traces() == [("user_erased", boss, hr, korsbaek, "")]


def test_what_the_administrator_does_with_users(as_user: AsUser, hr: User, korsbaek: Municipality) -> None:
    boss = make_user(is_superuser=True)
    client, membership = as_user(boss), Membership.objects.get(user=hr)
    fields = {"name": "Hanne Lund", "email": hr.email, "is_active": "on", "is_superuser": "on"}
    rows = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 1, "memberships-0-id": membership.pk}
    rows |= {"memberships-0-user": hr.pk, "memberships-0-ended_on": "2026-01-01"}
    url = reverse("admin:stakeholders_user_change", args=[hr.pk])
    assert client.post(url, fields | rows).status_code == 302
    assert traces()[1:] == [
        ("user_changed", boss, hr, korsbaek, "Superbrugerstatus"),
        ("role_ended", boss, hr, korsbaek, "Kommunal redaktør"),
    ]
    fields = {"user": hr.pk, "role": "kl_reader", "started_on": "2026-01-02"}
    assert client.post(reverse("admin:stakeholders_membership_add"), fields).status_code == 302
    assert traces()[3:] == [("role_given", boss, hr, None, "KL-læser")]


def test_a_password_that_is_changed_on_the_server(hr: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: "en-anden-lang-adgangskode-9")
    call_command("changepassword", hr.email, stdout=io.StringIO())
    hr.refresh_from_db()
    assert hr.check_password("en-anden-lang-adgangskode-9")
    [entry] = AccessEntry.objects.filter(kind=AccessKind.PASSWORD_CHANGED)
    assert (entry.by, entry.about_user, entry.detail) == (None, hr, "manage changepassword")
