"""The restore drill: fill a database, back it up, destroy it, restore it, compare every row. And what is refused."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, close_old_connections, connection
from django.test import Client

from flere_haender import backups
from flere_haender.access import Role
from flere_haender.backups import BackupError, make, restore, tables, trial_database
from initiatives.models import IssuedReport, StatusUpdate
from stakeholders.models import Message, User
from tests.factories import cell_of, finish, make_issued, make_korsbaek, make_order, make_user

NOTE = "Æblegrød, \"citat\" og 'apostrof'\nlinje to \\ 🙂 NULL \\N"


@pytest.fixture(scope="module")
def unblocked(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Outside of any transaction, as the commands are; what is written is in databases that are dropped."""
    with django_db_blocker.unblock():
        assert connection.settings_dict["NAME"].startswith("test_")
        yield


@pytest.fixture(scope="module")
def reference(unblocked: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a database with the reference data alone."""
    path = tmp_path_factory.mktemp("backup") / "reference"
    make(path)
    return path


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every model, as Django reads it."""
    rows, there = {}, connection.introspection.table_names()
    for model in (each for each in apps.get_models(include_auto_created=True) if each._meta.db_table in there):
        values = model._base_manager.order_by("pk").values_list()
        rows[model._meta.label] = [
            tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in values
        ]
    return rows


def fill() -> None:
    """Something of all sorts: the log with a correction, text that is awkward, bytes, and e-mails that wait."""
    korsbaek = make_korsbaek()
    hr, consultant = make_user(Role.EDITOR, korsbaek), make_user(Role.KL_CONSULTANT)
    row = cell_of(1, korsbaek).record("in_progress", by=hr, note=NOTE)
    cell_of(1, korsbaek).record("planned", by=hr, note="Rettet", seen=row.pk, corrects=row)
    make_issued(by=consultant)
    finish(make_order(by=consultant))
    Message.queue("nudge", to=hr, about={"æ": 1}, key="venter")


def test_the_order_of_the_rows_does_not_count_but_what_they_say(konsulent: User) -> None:
    before = tables()["stakeholders_user"]
    User.objects.update(name=konsulent.name)  # now it lies elsewhere
    assert tables()["stakeholders_user"] == before
    User.objects.update(name="En anden")
    after = tables()["stakeholders_user"]
    assert after.rows == before.rows and after.digest != before.digest


def test_all_comes_back(reference: Path, tmp_path: Path) -> None:
    path = tmp_path / "kopi"
    with trial_database():
        restore(reference)
        fill()
        before = everything()
        manifest = make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with trial_database():
        assert tables() == {}
        assert restore(path) == manifest
        after = everything()
        assert after == before
        assert {name: len(rows) for name, rows in after.items() if rows}.keys() >= {
            "initiatives.StatusUpdate",
            "initiatives.IssuedReport",
            "initiatives.StoredReport",
            "stakeholders.Message",
        }
        assert StatusUpdate.objects.order_by("pk")[0].note == NOTE
        assert bytes(IssuedReport.objects.get().content).startswith(b"%PDF")
        with pytest.raises(DatabaseError):  # what the database refused before, it refuses again
            StatusUpdate.objects.update(note="")
        Message.queue("nudge", to=StatusUpdate.objects.order_by("pk")[0].recorded_by, about={}, key="ny")  # new ids
        assert Client().get("/anbefalinger/").status_code == 200
    assert "Korsbæk" not in {name for name, *_ in names_of_municipalities()}


def names_of_municipalities() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM stakeholders_municipality")
        return list(cursor.fetchall())


def test_while_people_write(reference: Path, tmp_path: Path) -> None:
    """The dump and the counts are of one moment, whatever is written meanwhile."""
    with trial_database():
        restore(reference)
        user, done = make_user(Role.KL_CONSULTANT), threading.Event()
        written: list[int] = []

        def write() -> None:
            connection.settings_dict["NAME"] = trial
            while not done.is_set():
                Message.queue("nudge", to=user, about={}, key=f"{len(written)}")
                written.append(1)
            close_old_connections()
            connection.close()

        trial = connection.settings_dict["NAME"]
        writer = threading.Thread(target=write)
        writer.start()
        try:
            manifest = make(tmp_path / "kopi")
        finally:
            done.set()
            writer.join()
        assert 0 <= manifest.tables["stakeholders_message"].rows < len(written)
    with trial_database():
        assert restore(tmp_path / "kopi") == manifest


def rewritten(path: Path, to: Path, **changed: Callable[[bytes], bytes]) -> Path:
    """The backup with other content: ``dump`` or ``manifest``."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            change = changed.get("dump" if name == backups.DUMP else "manifest", bytes)
            new.writestr(name, change(old.read(name)))
    return to


def manifest_with(**values: Any) -> Callable[[bytes], bytes]:
    return lambda text: json.dumps({**json.loads(text), **values}).encode()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def other_rows(text: bytes) -> bytes:
    given = json.loads(text)
    given["tables"]["stakeholders_municipality"]["rows"] += 1
    return json.dumps(given).encode()


BROKEN = [
    ("empty", lambda good, to: (to.touch(), to)[1], "ikke hel"),
    ("a text", lambda good, to: to.write_bytes(b"hej" * 1000) and to, "ikke hel"),
    ("cut", lambda good, to: to.write_bytes(cut(good.read_bytes())) and to, "ikke hel"),
    ("a byte changed", lambda good, to: to.write_bytes(flipped(good.read_bytes())) and to, "ikke hel"),
    ("another dump", lambda good, to: rewritten(good, to, dump=cut), "ikke hel"),
    ("no manifest of ours", lambda good, to: rewritten(good, to, manifest=lambda _: b"[]"), "ikke hel"),
    ("no JSON", lambda good, to: rewritten(good, to, manifest=lambda _: b"{"), "ikke hel"),
    ("another format", lambda good, to: rewritten(good, to, manifest=manifest_with(format=2)), "nyere version"),
    (
        "a newer version",
        lambda good, to: rewritten(good, to, manifest=manifest_with(migrations=["initiatives.9999_new"])),
        "nyere version",
    ),
]


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]


@pytest.mark.parametrize(("make_it", "said"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_file_that_is_not_whole_changes_nothing(
    reference: Path, tmp_path: Path, make_it: Callable[[Path, Path], Path], said: str
) -> None:
    path = make_it(reference, tmp_path / "i-stykker")
    with trial_database():
        with pytest.raises(BackupError, match=said):
            restore(path)
        assert tables() == {}


def test_a_dump_that_breaks_in_the_middle_leaves_nothing(reference: Path, tmp_path: Path) -> None:
    """With a checksum that fits, so that pg_restore begins."""
    with zipfile.ZipFile(reference) as archive:
        half = cut(archive.read(backups.DUMP))
    fits = manifest_with(sha256=backups.hashlib.sha256(half).hexdigest())
    path = rewritten(reference, tmp_path / "halv", dump=lambda _: half, manifest=fits)
    with trial_database():
        with pytest.raises(BackupError, match="pg_restore gik i stå"):
            restore(path)
        assert tables() == {}


def test_what_differs_afterwards_is_said(reference: Path, tmp_path: Path) -> None:
    path = rewritten(reference, tmp_path / "andre", manifest=other_rows)
    with trial_database(), pytest.raises(BackupError, match=r"ikke det samme.*stakeholders_municipality"):
        restore(path)


def test_it_writes_over_nothing(reference: Path, tmp_path: Path) -> None:
    taken = tmp_path / "optaget"
    taken.write_text("noget andet")
    with pytest.raises(BackupError, match="findes allerede"):
        make(taken)
    assert taken.read_text() == "noget andet"
    with pytest.raises(BackupError, match="ikke tom"):
        restore(reference)
    with pytest.raises(BackupError, match="kan ikke skrives"):
        make(tmp_path / "findes-ikke" / "kopi")
    with pytest.raises(BackupError, match="kan ikke læses"):
        restore(tmp_path / "findes-ikke")
    assert [each.name for each in tmp_path.iterdir()] == ["optaget"]


def test_programs_that_are_newer_than_the_server_make_no_backup_that_it_would_not_take(
    unblocked: None, tmp_path: Path, settings: Any
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "pg_dump (PostgreSQL) 99.1"\n')
    program.chmod(0o755)
    settings.POSTGRES_PROGRAMS = str(tmp_path)
    with pytest.raises(BackupError, match=r"pg_dump er fra PostgreSQL 99, og serveren er \d+: .*POSTGRES_PROGRAMS"):
        make(tmp_path / "kopi")
    assert not (tmp_path / "kopi").exists()


def test_without_the_programs_it_says_so(unblocked: None, tmp_path: Path, settings: Any) -> None:
    settings.POSTGRES_PROGRAMS = str(tmp_path)
    with pytest.raises(BackupError, match=r"pg_dump kan ikke køres.*POSTGRES_PROGRAMS"):
        make(tmp_path / "kopi")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["backup", "kopi"], ["restore", "kopi"], ["prepare_database"]])
def test_behind_a_pool_the_commands_say_where_to_go(settings: Any, command: list[str]) -> None:
    settings.DATABASE_POOLED = True
    with pytest.raises(CommandError, match="databasens egen adresse"):
        call_command(*command)


def test_the_commands(reference: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "kopi"
    call_command("backup", str(path))
    call_command("restore", "--trial", str(path))
    said = capsys.readouterr().out
    assert "rækker i" in said and "er de samme som" in said and "Prøven er slettet igen." in said
    with pytest.raises(CommandError, match="ikke tom"):
        call_command("restore", str(path))
