"""The access log: what it takes, what it refuses, and for how long it is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from stakeholders.models import AccessEntry, AccessKind, Municipality, User, home_of, record_access
from tests.factories import make_user, moment

pytestmark = pytest.mark.django_db

TABLE = AccessEntry._meta.db_table


def entry_at(when: Any, **fields: Any) -> AccessEntry:
    return AccessEntry.objects.create(at=when, kind=AccessKind.SIGNED_IN, **fields)


def test_what_is_written_down(hr: User, leder: User, korsbaek: Municipality) -> None:
    record_access(
        AccessKind.ROLE_CHANGED, by=leder, about_user=hr, municipality=korsbaek, subject="x" * 400, detail="a\x00b"
    )
    row = AccessEntry.objects.get()
    assert (row.kind, row.by, row.about_user, row.municipality) == ("role_changed", leder, hr, korsbaek)
    assert (len(row.subject), row.detail, row.within) == (300, "ab", None)
    assert timezone.now() - row.at < timedelta(minutes=1)


@pytest.mark.parametrize("statement", ["UPDATE {} SET detail = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_nobody_changes_it(hr: User, statement: str) -> None:
    record_access(AccessKind.SIGNED_IN, by=hr)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(TABLE))
    assert AccessEntry.objects.count() == 1


def test_it_is_forgotten_after_six_months(hr: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment("2026-11-22 12:00"))
    old = entry_at(moment("2026-05-21 23:59"), by=hr)
    kept = [entry_at(moment(when), by=hr) for when in ("2026-05-22 00:00", "2026-11-22 11:00")]
    assert list(AccessEntry.objects.expired()) == [old]
    assert (AccessEntry.objects.forget_expired(), AccessEntry.objects.forget_expired()) == (1, 0)
    assert set(AccessEntry.objects.all()) == set(kept)


def test_not_even_the_service_forgets_it_too_early(hr: User, settings: Any) -> None:
    settings.ACCESS_LOG_MONTHS = 0
    entry_at(timezone.now() - timedelta(days=87), by=hr)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccessEntry.objects.forget_expired()
    AccessEntry.objects.filter(at__lt=timezone.now() - timedelta(days=88)).delete()
    assert AccessEntry.objects.count() == 1


def test_whose_data_it_is(hr: User, laeser: User, korsbaek: Municipality) -> None:
    assert (home_of(hr), home_of(laeser), home_of(make_user())) == (korsbaek, None, None)


def test_who_reads_it(hr: User, leder: User, nabo: User, konsulent: User, korsbaek: Municipality) -> None:
    own = record_access(AccessKind.READ, by=nabo, municipality=korsbaek, subject="/kommuner/999/")
    other = record_access(AccessKind.SIGNED_IN, by=nabo, municipality=home_of(nabo))
    found = {user: set(AccessEntry.objects.visible_to(user)) for user in (hr, nabo, konsulent)}
    assert found == {hr: set(), nabo: set(), konsulent: set()}
    assert set(AccessEntry.objects.visible_to(leder)) == {own}
    assert set(AccessEntry.objects.visible_to(make_user(is_superuser=True))) == {own, other}
