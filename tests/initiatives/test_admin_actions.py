"""Local actions in the admin: through the verbs, with the same rules, and never deleted."""

from __future__ import annotations

from typing import Any

import pytest

from initiatives.models import LocalAction, LocalActionEvent, Recommendation
from stakeholders.models import Municipality, User
from tests.factories import AsUser, make_action, make_user

pytestmark = pytest.mark.django_db

ADD = "/admin/initiatives/localaction/add/"


def typed(municipality: Municipality, **fields: Any) -> dict[str, Any]:
    return {
        "municipality": municipality.pk,
        "title": "Skrevet af KL",
        "what": "Noget",
        "recommendations": [Recommendation.objects.get(number=10).pk],
        "phase": "planned",
        "visibility": "shared",
        "milestones-TOTAL_FORMS": 0,
        "milestones-INITIAL_FORMS": 0,
        **fields,
    }


def change_url(action: LocalAction) -> str:
    return f"/admin/initiatives/localaction/{action.pk}/change/"


def test_kl_adds_and_changes_on_behalf(as_user: AsUser, korsbaek: Municipality, konsulent: User) -> None:
    client = as_user(konsulent)
    assert client.post(ADD, typed(korsbaek)).status_code == 302
    action = LocalAction.objects.get()
    assert (action.organisation, action.created_by) == ("KL på vegne af Korsbæk Kommune", konsulent)
    assert client.get(change_url(action)).status_code == 200
    assert client.post(change_url(action), typed(korsbaek, title="Ny titel", seen=1)).status_code == 302
    action.refresh_from_db()
    assert (action.title, action.version, [r.number for r in action.recommendations.all()]) == ("Ny titel", 2, [10])
    assert LocalActionEvent.objects.count() == 2


def test_two_who_save_at_once(as_user: AsUser, korsbaek: Municipality, konsulent: User, hr: User) -> None:
    action = make_action(korsbaek, by=hr)
    action.change(by=hr, title="Korsbæks titel")
    page = as_user(konsulent).post(change_url(action), typed(korsbaek, title="KL’s titel", seen=1))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Titel: Korsbæks titel → KL’s titel" in text and 'value="KL’s titel"' in text
    assert as_user(konsulent).post(change_url(action), typed(korsbaek, seen=2)).status_code == 302


def test_the_rules_hold_here_too(as_user: AsUser, korsbaek: Municipality, konsulent: User) -> None:
    page = as_user(konsulent).post(ADD, typed(korsbaek, starts_on="2026-05-02", ends_on="2026-05-01"))
    assert "Slutdatoen kan ikke ligge før startdatoen." in page.content.decode()
    assert not LocalAction.objects.exists()


def test_the_superuser_without_a_role_looks(as_user: AsUser, korsbaek: Municipality, hr: User) -> None:
    action = make_action(korsbaek, by=hr)
    client = as_user(make_user(is_superuser=True))
    assert client.get(change_url(action)).status_code == 200
    assert client.post(change_url(action), typed(korsbaek)).status_code == 403
    assert client.get(ADD).status_code == 403


def test_nothing_is_deleted(as_user: AsUser, korsbaek: Municipality, konsulent: User, hr: User) -> None:
    action = make_action(korsbaek, by=hr)
    url = change_url(action).replace("change", "delete")
    assert as_user(konsulent).post(url, {"post": "yes"}).status_code == 403
    assert LocalAction.objects.exists()
