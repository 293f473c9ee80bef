"""The log only grows, and what the rules refuse is refused in the verb and in the database."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from flere_haender.days import today
from initiatives.models import Addressing, ChangedSince, Progress, RecommendationText, StatusUpdate
from initiatives.models.status_update import UNDO_WITHIN
from initiatives.status import NOT_ASSESSED
from stakeholders.models import Municipality, User
from tests.factories import cell_of, day, make_row, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(cell: Progress, hr: User) -> StatusUpdate:
    return cell.record("in_progress", by=hr, signal="green", note="Vi er begyndt.")


def status_of(cell: Progress) -> str:
    return Progress.objects.with_status(as_of=today()).get(pk=cell.pk).status


LOGS = [StatusUpdate, Addressing, RecommendationText]


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("statement", ["UPDATE {} SET recorded_at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_sql_cannot_change_a_log(row: StatusUpdate, log: Any, statement: str) -> None:
    before = log.objects.count()
    assert before
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(log._meta.db_table))
    assert log.objects.count() == before


def test_the_orm_cannot_change_the_log(row: StatusUpdate) -> None:
    row.note = "Noget andet"
    for change in (
        row.save,
        row.delete,
        lambda: StatusUpdate.objects.update(note=""),
        StatusUpdate.objects.all().delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    row.refresh_from_db()
    assert row.note == "Vi er begyndt."


def test_what_the_log_names_is_never_deleted(row: StatusUpdate, hr: User) -> None:
    for named in (row.progress, row.progress.municipality, row.progress.recommendation, hr):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            named.delete()


def test_a_row_keeps_who_said_it_and_for_whom(row: StatusUpdate, hr: User, korsbaek: Municipality) -> None:
    assert (row.recorded_by, row.recorded_for, row.on_behalf_of) == (hr, korsbaek, None)
    assert row.effective_on == today()
    assert timezone.now() - row.recorded_at < timedelta(minutes=1)


def test_kl_writes_on_behalf_of_a_municipality(cell: Progress, konsulent: User, korsbaek: Municipality) -> None:
    row = cell.record("completed", by=konsulent)
    assert (row.recorded_for, row.on_behalf_of) == (None, korsbaek)
    assert row.organisation == "KL på vegne af Korsbæk Kommune"


REFUSED = {
    "status": {"status": "done"},
    "signal": {"status": "completed", "signal": "green"},
    "expected_on": {"status": "completed", "expected_on": day("2027-01-01")},
    "note": {"status": "not_relevant"},
    "effective_on": {"status": "completed", "effective_on": today() + timedelta(days=1)},
}


@pytest.mark.parametrize("field", REFUSED)
def test_what_the_rules_refuse_is_refused_by_the_verb_and_the_database(cell: Progress, hr: User, field: str) -> None:
    fields = REFUSED[field]
    with pytest.raises(ValidationError) as refusal:
        cell.record(by=hr, **fields)
    assert list(refusal.value.message_dict) == [field]
    with pytest.raises(IntegrityError), transaction.atomic():
        make_row(cell, by=hr, **({"recorded_at": timezone.now()} | fields))
    assert not cell.updates.exists()


def test_a_status_is_needed(cell: Progress, hr: User) -> None:
    with pytest.raises(ValidationError, match="Vælg en status"):
        cell.record("", by=hr)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_row(cell, "", by=hr)


def test_a_correction_and_a_withdrawal_need_a_reason(row: StatusUpdate, hr: User) -> None:
    for status in ("completed", ""):
        with pytest.raises(ValidationError, match="Skriv, hvorfor"):
            row.progress.record(status, by=hr, corrects=row)
        with pytest.raises(IntegrityError), transaction.atomic():
            make_row(row.progress, status, by=hr, corrects=row, note="", recorded_at=timezone.now())


def test_a_row_is_corrected_at_most_once(row: StatusUpdate, hr: User) -> None:
    row.progress.record("completed", by=hr, corrects=row, note="Forkert status")
    with pytest.raises(ValidationError, match="allerede rettet"):
        row.progress.record("planned", by=hr, corrects=row, note="Igen")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_row(row.progress, "planned", by=hr, corrects=row, recorded_at=timezone.now())


def test_a_correction_names_a_row_of_the_same_cell(row: StatusUpdate, hr: User, korsbaek: Municipality) -> None:
    other = cell_of(11, korsbaek)
    with pytest.raises(ValidationError, match="et andet sted"):
        other.record("completed", by=hr, corrects=row, note="Forkert")
    for link in ("corrects", "confirms"):
        with pytest.raises(IntegrityError, match="same subject"), transaction.atomic():
            make_row(other, "completed", by=hr, recorded_at=timezone.now(), note="Forkert", **{link: row})


def test_a_withdrawal_takes_the_whole_chain_away(row: StatusUpdate, hr: User) -> None:
    cell = row.progress
    correction = cell.record("completed", by=hr, corrects=row, note="Vi er færdige")
    assert status_of(cell) == "completed"
    cell.record("", by=hr, corrects=correction, note="Hører til et andet sted")
    assert status_of(cell) == NOT_ASSESSED


def test_a_confirmation_repeats_the_row_and_names_it(row: StatusUpdate, hr: User) -> None:
    again = row.progress.confirm(row, by=hr)
    assert (again.confirms, again.status, again.signal, again.note) == (row, row.status, row.signal, row.note)
    assert again.effective_on == today()


def test_the_national_status_is_kls_and_needs_a_note(konsulent: User, hr: User) -> None:
    national = cell_of(10)
    with pytest.raises(PermissionDenied):
        national.record("completed", by=hr, note="Vi er færdige")
    with pytest.raises(ValidationError, match="Skriv en note"):
        national.record("completed", by=konsulent)
    with pytest.raises(IntegrityError, match="needs a note"), transaction.atomic():
        make_row(national, "completed", by=konsulent, note="")
    with pytest.raises(IntegrityError, match="only KL"), transaction.atomic():
        make_row(national, "completed", by=hr, note="Vi er færdige")
    national.record("completed", by=konsulent, note="Alle kommuner er med.")
    assert status_of(national) == "completed"


def test_nobody_writes_for_another_municipality(cell: Progress, nabo: User, leder: User, laeser: User) -> None:
    for user in (nabo, leder, laeser):
        with pytest.raises(PermissionDenied):
            cell.record("completed", by=user)
    with pytest.raises(IntegrityError, match="writes for itself"), transaction.atomic():
        make_row(cell, "completed", by=nabo)


def test_a_member_no_longer_writes_nothing(cell: Progress, hr: User) -> None:
    hr.memberships.update(ended_on=today())
    with pytest.raises(PermissionDenied):
        cell.record("completed", by=User.objects.get(pk=hr.pk))


def test_a_municipality_answers_what_it_is_asked(hr: User, korsbaek: Municipality) -> None:
    with pytest.raises(ValidationError, match="Kommunerne er ikke spurgt om anbefaling 4"):
        cell_of(4, korsbaek).record("completed", by=hr)
    with pytest.raises(ValidationError, match="Kommunerne er ikke spurgt om anbefaling 10"):
        cell_of(10, korsbaek).record("completed", by=hr, effective_on=day("2020-12-31"))


def test_the_same_key_writes_once(cell: Progress, hr: User, konsulent: User) -> None:
    key = uuid.uuid4()
    first = cell.record("planned", by=hr, key=key)
    assert cell.record("planned", by=hr, key=key) == first
    assert cell.updates.count() == 1
    with pytest.raises(ValidationError, match="brugt før"):
        cell.record("planned", by=konsulent, key=key)


def test_who_has_not_seen_the_newest_row_gets_it(row: StatusUpdate, hr: User, konsulent: User) -> None:
    newest = row.progress.record("completed", by=konsulent)
    with pytest.raises(ChangedSince) as changed:
        row.progress.record("on_hold", by=hr, seen=row.pk)
    assert changed.value.newest == newest
    row.progress.record("on_hold", by=hr, seen=newest.pk)
    assert status_of(row.progress) == "on_hold"


def test_undo_takes_a_new_status_back(row: StatusUpdate, hr: User) -> None:
    undone = row.undo(by=hr)
    assert undone.is_withdrawal
    assert status_of(row.progress) == NOT_ASSESSED
    assert row.undo(by=hr) == undone


def test_undo_of_a_correction_brings_the_content_from_before(row: StatusUpdate, hr: User) -> None:
    correction = row.progress.record("completed", by=hr, corrects=row, note="Vi er færdige")
    undone = correction.undo(by=hr)
    assert (undone.status, undone.signal, undone.note) == (row.status, row.signal, row.note)
    assert undone.corrects == correction


def test_undo_is_for_the_one_who_saved_and_for_ten_minutes(cell: Progress, hr: User, konsulent: User) -> None:
    row = cell.record("completed", by=hr)
    with pytest.raises(PermissionDenied):
        row.undo(by=konsulent)
    old = make_row(cell, "completed", by=hr, recorded_at=timezone.now() - UNDO_WITHIN - timedelta(seconds=1))
    with pytest.raises(ValidationError, match="for sent"):
        old.undo(by=hr)


def test_a_row_is_never_effective_after_its_danish_day_of_recording(cell: Progress, hr: User) -> None:
    late_evening = moment("2026-06-30 23:59")
    make_row(cell, by=hr, effective_on=day("2026-06-30"), recorded_at=late_evening)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_row(cell, by=hr, effective_on=day("2026-07-01"), recorded_at=late_evening)
