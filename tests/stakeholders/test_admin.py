"""The admin: who gets in, that nothing is deleted, and the users."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from flere_haender.access import Role
from flere_haender.days import today
from initiatives.models import Progress, Recommendation
from stakeholders.models import Installation, Kkr, Membership, Municipality, Region, User, UserSession
from tests.factories import THISTED, AsUser, cell_of, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "en-lang-adgangskode-1"


@pytest.fixture
def superuser() -> User:
    return make_user(is_superuser=True, name="Sune Admin")


def users_url(user: User) -> str:
    return reverse("admin:stakeholders_user_change", args=[user.pk])


def no_inlines() -> dict[str, str]:
    return {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


# Who gets in


def test_the_consultant_and_the_superuser_get_in(as_user: AsUser, konsulent: User, superuser: User) -> None:
    assert as_user(konsulent).get("/admin/").status_code == 200
    assert as_user(superuser).get("/admin/").status_code == 200


def test_other_members_are_refused(as_user: AsUser, hr: User, leder: User, laeser: User) -> None:
    for user in (hr, leder, laeser, make_user()):
        for url in ("/admin/", "/admin/login/", "/admin/initiatives/progress/"):
            assert as_user(user).get(url).status_code == 403


def test_one_who_is_not_signed_in_gets_the_one_sign_in_page(gaest: Client) -> None:
    for url in ("/admin/", "/admin/initiatives/progress/"):
        response = gaest.get(url, follow=True)
        assert response.redirect_chain[-1][0].startswith("/konto/login/?next=")
    response = gaest.post("/admin/login/", {"username": "x@example.org", "password": "y"})
    assert response["Location"].startswith("/konto/login/")


def test_a_consultant_who_has_left_is_refused(as_user: AsUser, konsulent: User) -> None:
    konsulent.memberships.update(ended_on=today())
    assert as_user(konsulent).get("/admin/").status_code == 403


def test_the_password_is_changed_where_everybody_changes_it(as_user: AsUser, konsulent: User) -> None:
    assert as_user(konsulent).get("/admin/password_change/")["Location"] == reverse("account_change_password")


def test_a_consultant_does_not_reach_the_users(as_user: AsUser, konsulent: User, hr: User) -> None:
    client, membership = as_user(konsulent), hr.memberships.get()
    addresses = [
        reverse("admin:stakeholders_user_changelist"),
        reverse("admin:stakeholders_user_add"),
        users_url(hr),
        reverse("admin:stakeholders_membership_changelist"),
        reverse("admin:stakeholders_membership_add"),
        reverse("admin:stakeholders_membership_change", args=[membership.pk]),
        reverse("admin:admin_logentry_changelist"),
    ]
    for address in addresses:
        assert client.get(address).status_code == 403
        assert client.post(address, {"is_superuser": "on"}).status_code == 403
    konsulent.refresh_from_db()
    assert not konsulent.is_superuser


# What all pages have in common


def test_nothing_is_deleted(as_user: AsUser, superuser: User, hr: User, korsbaek: Municipality) -> None:
    cell_of(10, korsbaek).record("planned", by=hr)
    client = as_user(superuser)
    for model, model_admin in admin.site._registry.items():
        where = f"{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.first()
        listed = client.get(reverse(f"admin:{where}_changelist")).content.decode()
        assert "delete_selected" not in listed, where
        assert not model_admin.has_delete_permission(type("Request", (), {"user": superuser})()), where
        if row is not None:
            url = reverse(f"admin:{where}_delete", args=[row.pk])
            assert (client.get(url).status_code, client.post(url, {"post": "yes"}).status_code) == (403, 403), where
            assert model._default_manager.filter(pk=row.pk).exists()


def test_lists_ask_as_often_whatever_they_show(
    as_user: AsUser, superuser: User, konsulent: User, korsbaek: Municipality
) -> None:
    """More rows, the same number of queries."""
    client = as_user(superuser)

    def counts() -> dict[str, int]:
        found = {}
        for model in admin.site._registry:
            where = f"{model._meta.app_label}_{model._meta.model_name}"
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(f"admin:{where}_changelist")).status_code == 200
            found[where] = len(queries)
        return found

    make_user(Role.EDITOR, korsbaek)
    cell_of(10, korsbaek).record("planned", by=konsulent)
    Recommendation.objects.get(number=1).reword(by=konsulent, title="Ny", summary="Nyt")
    LogEntry.objects.log_actions(superuser.pk, [korsbaek], 2, change_message="x")
    counts()
    few = counts()
    for number in (11, 12, 14, 15):
        make_user(Role.EDITOR, Municipality.objects.get(code=THISTED))
        cell_of(number, korsbaek).record("planned", by=konsulent)
        Recommendation.objects.get(number=number).reword(by=konsulent, title="Ny", summary="Nyt")
        LogEntry.objects.log_actions(konsulent.pk, [konsulent], 2, change_message="x")
    assert counts() == few


def test_the_demo_band_and_the_way_back_are_on_the_pages(as_user: AsUser, konsulent: User) -> None:
    client = as_user(konsulent)
    assert "Demodata" not in client.get("/admin/").content.decode()
    Installation.become_demo()
    html = client.get("/admin/").content.decode()
    assert "Demodata: opdigtede tal." in html
    assert "<title>Oversigt · Flere hænder: administration</title>" in html
    assert '<a href="/">Til Flere hænder</a>' in html


def test_pages_have_no_inline_script_or_style(as_user: AsUser, konsulent: User, korsbaek: Municipality) -> None:
    client = as_user(konsulent)
    for where in ("stakeholders_municipality", "initiatives_recommendation"):
        for page in ("changelist", "add", "import", "export"):
            html = client.get(reverse(f"admin:{where}_{page}")).content.decode()
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", html), (where, page)


# Users


def test_a_new_user_without_a_password_signs_in_to_nothing(as_user: AsUser, superuser: User) -> None:
    fields: dict[str, Any] = {"name": "Ny Bruger", "email": "Ny@Example.org", "is_active": "on", "password": ""}
    fields |= {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-role": Role.EDITOR,
        "memberships-0-municipality": Municipality.objects.get(code=THISTED).pk,
        "memberships-0-started_on": today().isoformat(),
    }
    assert as_user(superuser).post(reverse("admin:stakeholders_user_add"), fields).status_code == 302
    user: Any = User.objects.get(email="ny@example.org")
    assert not user.has_usable_password()
    assert (user.membership.role, user.membership.municipality.code) == (Role.EDITOR, THISTED)


def test_a_new_user_can_be_given_a_password(as_user: AsUser, superuser: User) -> None:
    url, fields = reverse("admin:stakeholders_user_add"), {"name": "Ny", "email": "ny@example.org", "is_active": "on"}
    refused = as_user(superuser).post(url, {**fields, **no_inlines(), "password": "kort"})
    assert refused.status_code == 200
    assert "mindst 12 tegn" in refused.content.decode()
    as_user(superuser).post(url, {**fields, **no_inlines(), "password": PASSWORD})
    assert User.objects.get(email="ny@example.org").check_password(PASSWORD)


def test_an_email_belongs_to_one_user(as_user: AsUser, superuser: User, hr: User) -> None:
    fields = {"name": "Ny", "email": hr.email.upper(), "is_active": "on", **no_inlines()}
    response = as_user(superuser).post(reverse("admin:stakeholders_user_add"), fields)
    assert "Der findes allerede en bruger med den e-mail." in response.content.decode()


def test_a_changed_email_ends_the_old_one(as_user: AsUser, superuser: User, hr: User) -> None:
    EmailAddress.objects.create(user=hr, email=hr.email, primary=True, verified=True)
    fields = {"name": hr.name, "email": "ny@example.org", "is_active": "on", **no_inlines()}
    assert as_user(superuser).post(users_url(hr), fields).status_code == 302
    assert not EmailAddress.objects.filter(user=hr).exists()


def test_a_user_who_is_shut_out_is_signed_out(as_user: AsUser, superuser: User, hr: User) -> None:
    client = as_user(hr)
    assert client.get("/kommuner/").status_code == 200
    as_user(superuser).post(users_url(hr), {"name": hr.name, "email": hr.email, **no_inlines()})
    assert client.get("/kommuner/").context["user"].is_anonymous


def test_who_becomes_a_superuser_signs_in_anew(as_user: AsUser, superuser: User, hr: User) -> None:
    client = as_user(hr)
    fields = {"name": hr.name, "email": hr.email, "is_active": "on", "is_superuser": "on", **no_inlines()}
    as_user(superuser).post(users_url(hr), fields)
    assert User.objects.get(pk=hr.pk).is_superuser
    assert client.get("/kommuner/").context["user"].is_anonymous


def test_who_gets_a_role_in_the_admin_signs_in_anew(as_user: AsUser, superuser: User) -> None:
    new, url = make_user(), reverse("admin:stakeholders_membership_add")
    for user, stays in ((new, False), (superuser, True)):
        client = as_user(user)
        fields = {"user": user.pk, "role": Role.KL_CONSULTANT, "started_on": "2026-01-02"}
        assert as_user(superuser).post(url, fields).status_code == 302
        assert client.get("/kommuner/").context["user"].is_authenticated is stays


def test_who_is_blocked_in_the_admin_is_opened_there_alone(as_user: AsUser, superuser: User, hr: User) -> None:
    User.objects.filter(pk=hr.pk).update(is_active=False, closed_at=timezone.now())
    fields = {"name": hr.name, "email": hr.email, **no_inlines()}
    as_user(superuser).post(users_url(hr), fields)
    assert User.objects.get(pk=hr.pk).closed_at is None
    as_user(superuser).post(users_url(hr), {**fields, "is_active": "on"})
    opened = User.objects.get(pk=hr.pk)
    assert opened.is_active and opened.opened_at


def test_the_last_superuser_stays(as_user: AsUser, superuser: User) -> None:
    fields = {"name": "S", "email": superuser.email, "is_active": "on", **no_inlines()}
    response = as_user(superuser).post(users_url(superuser), fields)
    assert "Der skal altid være mindst én aktiv superbruger." in response.content.decode()


def test_the_admins_own_log_names_users_by_id(as_user: AsUser, superuser: User, hr: User) -> None:
    fields = {"name": "Hanne Nyt Navn", "email": hr.email, "is_active": "on", **no_inlines()}
    as_user(superuser).post(users_url(hr), fields)
    entry = LogEntry.objects.get()
    assert entry.object_repr == f"Bruger {hr.pk}"
    assert "Hanne" not in entry.change_message


def test_a_membership_is_ended_by_a_date_and_not_rewritten(as_user: AsUser, superuser: User, hr: User) -> None:
    membership = hr.memberships.get()
    url = reverse("admin:stakeholders_membership_change", args=[membership.pk])
    fields = {"role": Role.KL_CONSULTANT, "municipality": "", "ended_on": today().isoformat()}
    assert as_user(superuser).post(url, fields).status_code == 302
    membership.refresh_from_db()
    assert (membership.role, membership.ended_on) == (Role.EDITOR, today())
    assert User.objects.get(pk=hr.pk).membership is None


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"role": Role.KL_READER}, "En KL-rolle har ingen kommune"),
        ({"started_on": "2999-01-01"}, "Datoen kan ikke ligge efter i dag"),
        ({}, "Brugeren har allerede et aktivt medlemskab."),
    ],
)
def test_a_membership_that_cannot_be(
    as_user: AsUser, superuser: User, hr: User, korsbaek: Municipality, fields: dict[str, str], refusal: str
) -> None:
    given = {"user": hr.pk, "role": Role.LEADER, "municipality": korsbaek.pk, "started_on": today().isoformat()}
    response = as_user(superuser).post(reverse("admin:stakeholders_membership_add"), given | fields)
    assert refusal in response.content.decode()
    assert Membership.objects.filter(user=hr).count() == 1


# Anonymisation


def test_anonymising_takes_away_who_it_was_and_keeps_the_log(
    as_user: AsUser, superuser: User, hr: User, korsbaek: Municipality
) -> None:
    row = cell_of(10, korsbaek).record("planned", by=hr)
    EmailAddress.objects.create(user=hr, email=hr.email, primary=True, verified=True)
    as_user(hr)
    other = as_user(superuser)
    sessions = UserSession.objects.count()
    url, chosen = reverse("admin:stakeholders_user_changelist"), {"action": "anonymise", "_selected_action": hr.pk}

    asked = other.post(url, chosen)
    page = asked.content.decode()
    assert "Det kan ikke fortrydes." in page and "rollen hos udbyderen" in page
    assert User.objects.get(pk=hr.pk).name == "Hanne Lund"

    other.post(url, {**chosen, "confirm": "1"})
    gone = User.objects.get(pk=hr.pk)
    assert (gone.name, gone.email) == (
        f"Tidligere bruger {hr.pk}",
        f"tidligere-bruger-{hr.pk}@example.invalid",
    )
    assert (gone.is_active, gone.has_usable_password(), gone.last_login, gone.membership) == (False, False, None, None)
    assert gone.memberships.get().ended_on == today()
    assert not EmailAddress.objects.filter(user=hr).exists()
    assert UserSession.objects.count() == sessions - 1
    row.refresh_from_db()
    assert row.recorded_by_id == hr.pk
    assert not LogEntry.objects.filter(object_repr__contains="Hanne").exists()


def test_nobody_anonymises_themselves(as_user: AsUser, superuser: User) -> None:
    chosen = {"action": "anonymise", "_selected_action": superuser.pk, "confirm": "1"}
    response = as_user(superuser).post(reverse("admin:stakeholders_user_changelist"), chosen, follow=True)
    assert "Vælg andre end dig selv." in response.content.decode()
    assert User.objects.get(pk=superuser.pk).is_active


def test_only_a_superuser_anonymises(konsulent: User, hr: User) -> None:
    with pytest.raises(PermissionDenied):
        hr.anonymise(by=konsulent)


# Municipalities


def new_municipality(**fields: object) -> dict[str, object]:
    return {
        "code": 998,
        "name": "Nyborgholm",
        "authority_name": "Nyborgholm Kommune",
        "cvr": "12345678",
        "sort_order": 99,
        "placements-TOTAL_FORMS": "1",
        "placements-INITIAL_FORMS": "0",
        "placements-0-kkr": Kkr.objects.get(slug="sjaelland").pk,
        "placements-0-region": Region.objects.get(name="Region Sjælland").pk,
        "placements-0-starts_on": "2026-01-01",
    } | fields


def test_a_new_municipality_gets_its_cells(as_user: AsUser, konsulent: User) -> None:
    response = as_user(konsulent).post(reverse("admin:stakeholders_municipality_add"), new_municipality())
    assert response.status_code == 302
    municipality: Any = Municipality.objects.placed(as_of=today()).get(code=998)
    assert (municipality.kkr.slug, municipality.region.name) == ("sjaelland", "Region Sjælland")
    assert Progress.objects.filter(municipality=municipality).count() == 26


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"code": 12}, "Kommunekoden skal have tre cifre."),
        ({"cvr": "1234567x"}, "CVR-nummeret skal have otte cifre."),
        ({"placements-TOTAL_FORMS": "0"}, "Skriv, hvilket KKR og hvilken region kommunen ligger i."),
    ],
)
def test_a_municipality_that_cannot_be(as_user: AsUser, konsulent: User, fields: dict, refusal: str) -> None:
    response = as_user(konsulent).post(reverse("admin:stakeholders_municipality_add"), new_municipality(**fields))
    assert refusal in response.content.decode()
    assert not Municipality.objects.filter(name="Nyborgholm").exists()


def test_a_municipality_moves_by_a_new_row(as_user: AsUser, konsulent: User) -> None:
    municipality = Municipality.objects.get(code=THISTED)
    first = municipality.placements.get()
    fields = {
        "name": municipality.name,
        "authority_name": municipality.authority_name,
        "cvr": municipality.cvr,
        "sort_order": municipality.sort_order,
        "placements-TOTAL_FORMS": "2",
        "placements-INITIAL_FORMS": "1",
        "placements-0-id": first.pk,
        "placements-0-kkr": Kkr.objects.get(slug="hovedstaden").pk,
        "placements-1-municipality": municipality.pk,
        "placements-1-kkr": Kkr.objects.get(slug="midtjylland").pk,
        "placements-1-region": Region.objects.get(name="Region Midtjylland").pk,
        "placements-1-starts_on": "2026-01-01",
    }
    url = reverse("admin:stakeholders_municipality_change", args=[municipality.pk])
    assert as_user(konsulent).post(url, fields).status_code == 302
    rows = municipality.placements.order_by("starts_on").values_list("kkr__slug", flat=True)
    assert list(rows) == ["nordjylland", "midtjylland"]


@pytest.mark.parametrize(("typed", "names"), [("Ålborg", ["Aalborg"]), ("naestved", ["Næstved"]), ("!!", [])])
def test_names_are_found_in_any_spelling(as_user: AsUser, konsulent: User, typed: str, names: list[str]) -> None:
    response = as_user(konsulent).get(reverse("admin:stakeholders_municipality_changelist"), {"q": typed})
    assert [municipality.name for municipality in response.context["cl"].result_list] == names


@pytest.mark.parametrize(("chosen", "status"), [("-9223372036854775809", 302), ("999999999", 302), ("x", 400)])
def test_an_action_on_no_row(as_user: Any, konsulent: User, chosen: str, status: int) -> None:
    sent = {"action": "record_selected", "select_across": "0", "index": "0", "_selected_action": chosen}
    assert as_user(konsulent).post("/admin/initiatives/progress/", sent).status_code == status
