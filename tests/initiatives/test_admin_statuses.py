"""Statuses in the admin: the log only grows, and only through ``record``."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flere_haender.days import today
from initiatives.admin.progress import newest_of
from initiatives.models import Addressing, Progress, RecommendationText, StatusUpdate
from stakeholders.models import Municipality, User
from tests.factories import AsUser, cell_of, make_user, recommendation, status_form

pytestmark = pytest.mark.django_db

CELLS = "admin:initiatives_progress_changelist"


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


def record_url(cell: Progress) -> str:
    return reverse("admin:initiatives_progress_record", args=[cell.pk])


# The logs are looked at


def test_rows_of_the_logs_are_not_edited_or_added(client: Client, cell: Progress, hr: User, as_user: AsUser) -> None:
    row = cell.record("planned", by=hr, note="Før")
    rows: tuple[Any, ...] = (row, RecommendationText.objects.first(), Addressing.objects.first())
    for user in (None, make_user(is_superuser=True)):
        browser = client if user is None else as_user(user)
        for log_row in rows:
            where = f"admin:{log_row._meta.app_label}_{log_row._meta.model_name}"
            url = reverse(f"{where}_change", args=[log_row.pk])
            assert browser.get(url).status_code == 200
            assert browser.post(url, {"note": "Efter", "title": "Efter"}).status_code == 403
            assert browser.get(reverse(f"{where}_add")).status_code == 403
    row.refresh_from_db()
    assert row.note == "Før"
    assert not RecommendationText.objects.filter(title="Efter").exists()


def test_who_is_not_kl_does_not_read_internal_notes(client: Client, as_user: AsUser, cell: Progress, hr: User) -> None:
    row = cell.record("planned", by=hr, internal_note="Kun vi ved det")
    superuser = as_user(make_user(is_superuser=True))
    row_url = reverse("admin:initiatives_statusupdate_change", args=[row.pk])
    cell_url = reverse("admin:initiatives_progress_change", args=[cell.pk])
    for url in (row_url, cell_url):
        assert "Kun vi ved det" in client.get(url).content.decode()
        assert "Kun vi ved det" not in superuser.get(url).content.decode()


# One status


def test_only_the_responsible_unit_is_edited_in_place(client: Client, cell: Progress, thisted: Municipality) -> None:
    url = reverse("admin:initiatives_progress_change", args=[cell.pk])
    fields = {"responsible_unit": "HR og løn", "municipality": thisted.pk, "recommendation": recommendation(1).pk}
    assert client.post(url, fields).status_code == 302
    after = Progress.objects.get(pk=cell.pk)
    assert (after.responsible_unit, after.municipality_id) == ("HR og løn", cell.municipality_id)
    assert after.recommendation_id == cell.recommendation_id


def test_a_status_is_recorded_on_behalf_of_the_municipality(client: Client, cell: Progress, konsulent: User) -> None:
    response = client.post(record_url(cell), status_form())
    assert response["Location"] == reverse("admin:initiatives_progress_change", args=[cell.pk])
    row = cell.updates.get()
    assert (row.status, row.signal, row.recorded_by, row.on_behalf_of) == (
        "in_progress",
        "yellow",
        konsulent,
        cell.municipality,
    )
    assert "KL på vegne af Korsbæk Kommune" in client.get(response["Location"]).content.decode()


def test_the_same_key_twice_writes_once(client: Client, cell: Progress) -> None:
    given = status_form()
    assert [client.post(record_url(cell), given).status_code for _ in range(2)] == [302, 302]
    assert cell.updates.count() == 1


def test_a_row_is_corrected_and_withdrawn(client: Client, cell: Progress, hr: User) -> None:
    first = cell.record("completed", by=hr)
    page = client.get(record_url(cell), {"corrects": first.pk}).content.decode()
    assert "Du retter svaret fra" in page and "Træk svaret tilbage" in page
    client.post(record_url(cell), status_form(corrects=first.pk, seen=first.pk))
    second = cell.updates.get(corrects=first)
    gone = status_form(status="", signal="", note="Var en fejl", corrects=second.pk, seen=second.pk)
    client.post(record_url(cell), gone)
    assert cell.updates.get(corrects=second).is_withdrawal
    assert client.get(record_url(cell), {"corrects": first.pk}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"status": ""}, "Vælg en status."),
        ({"status": "not_relevant", "signal": "", "note": ""}, "Skriv, hvorfor anbefaling 10 ikke er relevant"),
        ({"status": "completed"}, "Trafiklys kan kun vælges ved Planlagt og I gang."),
        ({"effective_on": "2999-01-01"}, "Datoen kan ikke ligge efter i dag."),
        ({"corrects": "7"}, "Svaret, der rettes, findes ikke her."),
        ({"corrects": "9" * 5000}, "Formularen er ikke hel."),
    ],
)
def test_refusals_stand_at_the_fields_and_lose_nothing(
    client: Client, cell: Progress, fields: dict[str, str], refusal: str
) -> None:
    response = client.post(record_url(cell), status_form(internal_note="Skrevet før") | fields)
    assert response.status_code == 422
    assert refusal in response.content.decode() and "Skrevet før" in response.content.decode()
    assert not cell.updates.exists()


def test_changed_since_shows_both_versions(client: Client, cell: Progress, hr: User) -> None:
    theirs = cell.record("completed", by=hr, note="Vi blev færdige")
    response = client.post(record_url(cell), status_form())
    html = response.content.decode()
    assert response.status_code == 409
    assert "En anden har gemt imens." in html and "Vi blev færdige" in html and "Vi er i gang." in html
    assert f'name="seen" value="{theirs.pk}"' in html
    assert cell.updates.count() == 1


def test_a_superuser_without_a_role_looks_and_does_not_record(as_user: AsUser, cell: Progress) -> None:
    client = as_user(make_user(is_superuser=True))
    page = client.get(reverse("admin:initiatives_progress_change", args=[cell.pk])).content.decode()
    assert "Du kan se status her, men ikke registrere den." in page and 'name="status"' not in page
    response = client.post(record_url(cell), status_form())
    assert response.status_code == 403
    assert "Du kan se status her, men ikke registrere den." in response.content.decode()
    chosen = {"action": "record_selected", "_selected_action": cell.pk, "record": "1", **status_form()}
    response = client.post(reverse(CELLS), chosen, follow=True)
    assert "Du kan se status her, men ikke registrere den." in response.content.decode()
    assert not StatusUpdate.objects.exists()


# Many statuses


def chosen(*cells: Progress, **fields: Any) -> dict[str, Any]:
    seen = {f"seen-{cell.pk}": newest_of(cell) or "" for cell in cells}
    selected = {"action": "record_selected", "_selected_action": [cell.pk for cell in cells], "record": "1"}
    return selected | seen | {"status": "planned", "key": uuid.uuid4()} | fields


def test_the_chosen_cells_get_the_same_status(client: Client, korsbaek: Municipality) -> None:
    cells = [cell_of(10, korsbaek), cell_of(11, korsbaek), cell_of(10)]
    asked = client.post(reverse(CELLS), {"action": "record_selected", "_selected_action": [cell.pk for cell in cells]})
    assert "Gem på alle 3 rækker" in asked.content.decode()
    given = chosen(*cells, note="Aftalt på mødet", expected_on="2027-05-01")
    for _ in range(2):  # the second is the same form again
        assert client.post(reverse(CELLS), given).status_code == 302
    rows = StatusUpdate.objects.filter(progress__in=cells)
    assert [(row.status, row.note, row.expected_on) for row in rows] == 3 * [
        ("planned", "Aftalt på mødet", date(2027, 5, 1))
    ]


def test_when_one_refuses_none_is_written(client: Client, korsbaek: Municipality) -> None:
    asked, not_asked = cell_of(10, korsbaek), cell_of(4, korsbaek)
    response = client.post(reverse(CELLS), chosen(asked, not_asked))
    html = response.content.decode()
    assert response.status_code == 422
    assert "Intet er gemt. 1 af 2 rækker blev afvist" in html
    assert "Kommunerne er ikke spurgt om anbefaling 4" in html
    assert not StatusUpdate.objects.exists()


def test_what_another_recorded_meanwhile_is_shown(client: Client, korsbaek: Municipality, hr: User) -> None:
    first, second = cell_of(10, korsbaek), cell_of(11, korsbaek)
    given = chosen(first, second)
    theirs = second.record("completed", by=hr, note="Vi blev færdige")
    response = client.post(reverse(CELLS), given)
    assert "En anden har gemt imens: Gennemført" in response.content.decode()
    assert list(StatusUpdate.objects.all()) == [theirs]


def test_what_holds_is_withdrawn_on_all(client: Client, korsbaek: Municipality, hr: User) -> None:
    first, second = cell_of(10, korsbaek), cell_of(11, korsbaek)
    first.record("completed", by=hr)
    refused = client.post(reverse(CELLS), chosen(first, second, status="withdraw", note="Fejl"))
    assert "Der er intet svar at trække tilbage." in refused.content.decode()
    assert StatusUpdate.objects.count() == 1
    second.record("completed", by=hr)
    given = chosen(first, second, status="withdraw", note="Fejl")
    for _ in range(2):
        assert client.post(reverse(CELLS), given).status_code == 302
    cells = Progress.objects.filter(pk__in=[first.pk, second.pk]).with_status(as_of=today())
    assert [cell.status for cell in cells] == 2 * ["not_assessed"]
    assert StatusUpdate.objects.count() == 4


def test_too_many_at_once_are_refused(client: Client) -> None:
    everything = {"action": "record_selected", "select_across": "1", "_selected_action": cell_of(1).pk}
    response = client.post(reverse(CELLS), everything, follow=True)
    assert "Vælg højst 200 rækker ad gangen." in response.content.decode()
