"""Many statuses recorded at once are exactly what one after the other would have been."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from initiatives.models import ChangedSince, Recording, StatusUpdate, record_many
from stakeholders.models import Municipality, User
from tests.factories import cell_of

pytestmark = pytest.mark.django_db

ON = date(2024, 3, 1)
OWN = {"id", "progress", "key", "recorded_at"}
SAID: list[dict[str, Any]] = [
    {
        "status": "in_progress",
        "signal": "yellow",
        "expected_on": date(2025, 1, 1),
        "note": " Note \r\n",
        "internal_note": "x",
    },
    {"status": "completed"},
    {"status": "not_relevant", "note": "Grund"},
]
REFUSED: list[dict[str, Any]] = [
    {"status": "done"},
    {"status": ""},
    {"status": "completed", "signal": "red"},
    {"status": "not_relevant"},
    {"status": "planned", "effective_on": date(2099, 1, 1)},
    {"status": "planned", "note": "x" * 4001},
]


def content(row: StatusUpdate) -> dict[str, Any]:
    fields = [field for field in StatusUpdate._meta.concrete_fields if field.name not in OWN]
    return {field.name: getattr(row, field.attname) for field in fields}


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("who", ["hr", "konsulent"])
def test_the_same_rows(request: Any, korsbaek: Municipality, said: dict[str, Any], who: str) -> None:
    by: User = request.getfixturevalue(who)
    one = cell_of(9, korsbaek).record(by=by, effective_on=ON, origin="sheet", **said)
    [other] = record_many([Recording(cell_of(10, korsbaek), effective_on=ON, **said)], by=by, origin="sheet")
    other.refresh_from_db()
    assert content(one) == content(other)


@pytest.mark.parametrize("said", REFUSED)
def test_the_same_refusals(korsbaek: Municipality, hr: User, said: dict[str, Any]) -> None:
    told = {"effective_on": ON, **said}
    with pytest.raises(ValidationError) as one:
        cell_of(9, korsbaek).record(by=hr, **told)
    right = Recording(cell_of(10, korsbaek), "completed", ON)
    with pytest.raises(ValidationError) as many:
        record_many([right, Recording(cell_of(9, korsbaek), **told)], by=hr, origin="sheet")
    assert many.value.messages == [f"{cell_of(9, korsbaek)}: {message}" for message in one.value.messages]
    assert not StatusUpdate.objects.exists()


def test_what_is_not_asked_and_the_national_line(korsbaek: Municipality, konsulent: User) -> None:
    for cell in (cell_of(4, korsbaek), cell_of(9)):
        with pytest.raises(ValidationError):
            record_many([Recording(cell, "planned", ON)], by=konsulent, origin="sheet")
    [row] = record_many([Recording(cell_of(9), "planned", ON, note="Grund")], by=konsulent, origin="sheet")
    assert row.on_behalf_of is None


def test_nobody_writes_for_others(korsbaek: Municipality, thisted: Municipality, hr: User, laeser: User) -> None:
    both = [Recording(cell_of(9, place), "planned", ON) for place in (korsbaek, thisted)]
    for by in (hr, laeser):
        with pytest.raises(PermissionDenied):
            record_many(both, by=by, origin="sheet")
    assert not StatusUpdate.objects.exists()


def test_what_somebody_has_recorded_since(korsbaek: Municipality, hr: User) -> None:
    seen = cell_of(9, korsbaek).record("planned", by=hr)
    newest = cell_of(9, korsbaek).record("in_progress", by=hr)
    with pytest.raises(ChangedSince) as changed:
        record_many([Recording(cell_of(9, korsbaek), "completed", ON, seen=seen.pk)], by=hr, origin="sheet")
    assert changed.value.newest == newest
    record_many([Recording(cell_of(9, korsbaek), "completed", ON, seen=newest.pk)], by=hr, origin="sheet")


def test_it_takes_a_handful_of_queries(konsulent: User, django_assert_max_num_queries: Any) -> None:
    places = list(Municipality.objects.all()[:40])
    cells = [cell_of(number, place) for place in places for number in (9, 10, 11)]
    with django_assert_max_num_queries(10):
        rows = record_many([Recording(cell, "planned", ON) for cell in cells], by=konsulent, origin="sheet")
    assert len(rows) == 120 and len({row.recorded_at for row in rows}) == 1
