"""Loading the demo data: the same every time, once, and only into an empty database."""

from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from flere_haender.access import Role
from initiatives.demo import load_demo
from initiatives.models import StatusUpdate
from stakeholders.models import Installation, Municipality
from tests.factories import make_user

pytestmark = pytest.mark.django_db

COLUMNS = (
    "progress__recommendation__number",
    "progress__municipality__code",
    "status",
    "signal",
    "expected_on",
    "note",
    "internal_note",
    "effective_on",
    "recorded_at",
    "recorded_by__email",
    "recorded_for__code",
    "on_behalf_of__code",
    "corrects__key",
    "confirms__key",
    "key",
)


class Undo(Exception):
    pass


def written() -> list[Any]:
    return list(StatusUpdate.objects.order_by("key").values_list(*COLUMNS))


def test_the_command_loads_the_same_every_time_and_only_once(capsys: Any) -> None:
    with pytest.raises(Undo), transaction.atomic():
        load_demo(settings.FIXTURE_DIR)
        before = written()
        raise Undo
    assert written() == []
    call_command("load_demo")
    rows = written()
    assert capsys.readouterr().out == f"Demodata er indlæst: {len(rows)} opdigtede statusnotater.\n"
    assert len(rows) > 6000
    assert rows == before
    assert Installation.is_demo()
    call_command("load_demo")
    assert capsys.readouterr().out == "Databasen har allerede demodata. Intet er ændret.\n"
    assert written() == rows


def test_a_database_with_users_refuses_and_stays_as_it_was() -> None:
    make_user(Role.KL_CONSULTANT)
    with pytest.raises(CommandError, match="har allerede brugere"):
        call_command("load_demo")
    assert not Installation.is_demo()
    assert not StatusUpdate.objects.exists()
    assert not Municipality.objects.filter(is_fictional=True).exists()


def test_a_database_without_reference_data_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Municipality.objects, "real", Municipality.objects.none)
    with pytest.raises(CommandError, match="load_reference"):
        call_command("load_demo")
    assert not Installation.is_demo()
