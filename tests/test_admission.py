"""Who gets in to the admin, and who does not get in at all."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from flere_haender.access import Role
from stakeholders.models import User
from tests.factories import AsUser, make_user
from tests.test_access import ADMIN, ROLES, SUPERUSER

pytestmark = pytest.mark.django_db


def test_admin_is_for_kl_consultants_and_the_superuser(as_user: AsUser, role_users: dict[str, User | None]) -> None:
    """Every list and form of the admin, as every role; users and their rights are the superuser's."""
    for model in admin.site._registry:
        where = f"{model._meta.app_label}_{model._meta.model_name}"
        url = reverse(f"admin:{where}_changelist")
        for_superuser = model._meta.model_name in (
            *("user", "membership", "loadedfixture", "installation", "logentry", "dbtaskresult"),
        )
        expected = SUPERUSER if for_superuser else ADMIN
        found = {role: as_user(user).get(url).status_code for role, user in role_users.items()}
        assert (where, found) == (where, dict(zip(ROLES, expected, strict=True)))
    found = {role: as_user(user).get("/admin/").status_code for role, user in role_users.items()}
    assert found == dict(zip(ROLES, ADMIN, strict=True))


def test_a_member_without_membership_is_told_whom_to_write_to(as_user: AsUser) -> None:
    response = as_user(make_user()).get("/kommuner/")
    assert response.status_code == 403
    assert "flere-haender@kl.example" in response.content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_no_role_signs_up_alone(gaest: Client, role: str) -> None:
    response = gaest.post("/konto/lukket/", {"email": f"{role}@example.org", "password1": "en-lang-adgangskode-1"})
    assert response.status_code == 200
    assert not User.objects.filter(email=f"{role}@example.org").exists()
