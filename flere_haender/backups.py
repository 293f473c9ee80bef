"""Backups: all of the database in one file, with what is needed to see that it has come back whole.

The file is a ZIP of two: ``database.dump``, made by pg_dump, and ``manifest.json``, which says how many rows each
table had and what they said. There are no stored files beside the database. The file is not encrypted: docs/drift.md
tells how that is done with age or gpg.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, cast

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from .embedded_postgres.server import installed_programs

FORMAT = 1
DUMP, MANIFEST = "database.dump", "manifest.json"
CHUNK = 1024 * 1024
BROKEN = "Sikkerhedskopien er ikke hel. Intet er ændret i databasen."


class BackupError(Exception):
    """Nothing has been written. Says why, in Danish."""


@dataclass(frozen=True)
class Table:
    """What a table held: how many rows, and the sum of a number for what each of them says."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes:
        made_at: ISO 8601, UTC.
        migrations: what had been carried out, as ``app.name``.
        sha256: of the dump.
    """

    format: int
    made_at: str
    server: str
    migrations: list[str]
    tables: dict[str, Table]
    sha256: str

    @classmethod
    def read(cls, text: bytes) -> Manifest:
        """Raises BackupError when it is none of ours."""
        try:
            given = json.loads(text)
            tables = {str(name): Table(**table) for name, table in given.pop("tables").items()}
            return cls(tables=tables, **given)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BackupError(BROKEN) from error

    @property
    def row_count(self) -> int:
        return sum(table.rows for table in self.tables.values())


def make(path: Path) -> Manifest:
    """Write a backup of the database as it is now, while people work in it.

    Args:
        path: of the file, which nothing may stand in. Readable for the user who runs this alone.

    Raises:
        BackupError: it could not be made; then there is no file.
    """
    if path.exists():
        raise BackupError(f"{path} findes allerede. Vælg et andet navn.")
    _refuse_newer_programs()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file:
            manifest = _write(file)
            file.flush()
            os.fsync(file.fileno())
        _check(part, manifest)
        os.link(part, path)  # unlike a renaming it refuses to take the place of another file
    except OSError as error:
        raise BackupError(f"{path} kan ikke skrives: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _refuse_newer_programs() -> None:
    """What a newer pg_dump writes, an older server does not take back. Raises BackupError when ours is newer."""
    with TemporaryFile() as said:
        _run("pg_dump", "--version", into=said)
        said.seek(0)
        ours = re.search(r"(\d+)", said.read().decode(errors="replace"))
    server = connection.pg_version // 10_000  # type: ignore[attr-defined]  # PostgreSQL has it
    if ours and int(ours[1]) > server:
        raise BackupError(
            f"pg_dump er fra PostgreSQL {ours[1]}, og serveren er {server}: kopien kunne ikke læses ind igen. Sæt "
            f"POSTGRES_PROGRAMS til mappen med serverens egne programmer, fx /usr/lib/postgresql/{server}/bin."
        )


def _write(file: IO[bytes]) -> Manifest:
    """The dump and the manifest show the same moment: pg_dump reads from our transaction's snapshot."""
    with zipfile.ZipFile(file, "w", allowZip64=True) as archive, _snapshot() as snapshot:
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        with archive.open(DUMP, "w", force_zip64=True) as entry:
            sha256 = _run("pg_dump", *_login()[0], *options, into=entry)
        manifest = Manifest(FORMAT, timezone.now().isoformat(), _server(), _migrations(), tables(), sha256)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _check(path: Path, manifest: Manifest) -> None:
    """What has been written can be read, and pg_restore knows what it is. Raises BackupError."""
    with opened(path) as (archive, found):
        if found != manifest:
            raise BackupError(BROKEN)
        with archive.open(DUMP) as dump:
            _run("pg_restore", "--list", take=dump)


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """A backup that is whole, and its manifest. Raises BackupError."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = Manifest.read(archive.read(MANIFEST))
            if manifest.format != FORMAT:
                raise BackupError("Sikkerhedskopien er fra en nyere version af programmet.")
            with archive.open(DUMP) as dump:
                digest = hashlib.file_digest(cast(Any, dump), "sha256").hexdigest()
            if digest != manifest.sha256:
                raise BackupError(BROKEN)
            yield archive, manifest
    except OSError as error:
        raise BackupError(f"{path} kan ikke læses: {error.strerror}.") from error
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError) as error:
        raise BackupError(BROKEN) from error


def restore(path: Path) -> Manifest:
    """Put a backup into the database, which must be empty, and see that every table says what it said.

    Raises:
        BackupError: the file is not whole, is of a newer version, the database is not empty, or something is missing
            afterwards. Except in the last case the database is as it was.
    """
    with opened(path) as (archive, manifest):
        if _names():
            raise BackupError("Databasen er ikke tom. Gendan i en ny, tom database; intet er ændret i denne.")
        if unknown := set(manifest.migrations) - _known_migrations():
            raise BackupError(
                f"Sikkerhedskopien er fra en nyere version af programmet ({min(unknown)}). Installer den først."
            )
        with archive.open(DUMP) as dump:
            options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
            _run("pg_restore", *_login()[0], *options, take=dump)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = tables()
    names = sorted({*manifest.tables, *found})
    if differing := [name for name in names if manifest.tables.get(name) != found.get(name)]:
        raise BackupError(f"Det gendannede er ikke det samme som det gemte i: {', '.join(differing)}.")
    return manifest


@contextmanager
def trial_database() -> Iterator[None]:
    """Inside the block the connection is to a new, empty database on the same server; it is gone afterwards.

    Raises:
        BackupError: the database's user may not make one.
    """
    own, trial = connection.settings_dict["NAME"], f"proeve_{os.getpid()}"
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {trial} TEMPLATE template0")
    except DatabaseError as error:
        raise BackupError(f"Der kan ikke laves en prøvedatabase: {error}") from error
    try:
        _turn_to(trial)
        yield
    finally:
        _turn_to(own)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {trial} WITH (FORCE)")


def _turn_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


@contextmanager
def _snapshot() -> Iterator[str]:
    """A moment that more than one connection can look at."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def tables() -> dict[str, Table]:
    """What each table holds; the sum of the rows' numbers is the same in whatever order they lie."""
    with connection.cursor() as cursor:
        cursor.execute("SET bytea_output = 'hex'; SET DateStyle = 'ISO, MDY'; SET extra_float_digits = 1")
        found = {}
        for name in _names():
            quoted = connection.ops.quote_name(name)
            cursor.execute(f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {quoted} t")
            rows, digest = cursor.fetchone()
            found[name] = Table(rows, str(digest))
    return found


def _names() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return [name for (name,) in cursor.fetchall()]


def _server() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def _migrations() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def _known_migrations() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def _run(program: str, *arguments: str, take: IO[bytes] | None = None, into: IO[bytes] | None = None) -> str:
    """Run one of PostgreSQL's own programs.

    Args:
        take: what it reads.
        into: where what it writes goes; otherwise it is thrown away.

    Returns:
        The SHA-256 of what it wrote.

    Raises:
        BackupError: it is not there, or it fails; with the last it said.
    """
    digest = hashlib.sha256()
    with TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                [_folder() / program, *arguments],
                env={**os.environ, **_login()[1], "LC_ALL": "C"},
                stdin=subprocess.PIPE if take else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
            )
        except OSError as error:
            raise BackupError(f"{program} kan ikke køres: {error.strerror}. Se POSTGRES_PROGRAMS.") from error
        with process:
            if take:  # beside us, since it may write before it has read all
                threading.Thread(target=_feed, args=(process, take)).start()
            while chunk := cast(IO[bytes], process.stdout).read(CHUNK):
                digest.update(chunk)
                if into:
                    into.write(chunk)
        if process.returncode:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise BackupError(f"{program} gik i stå: {last or process.returncode}")
    return digest.hexdigest()


def _feed(process: subprocess.Popen[bytes], take: IO[bytes]) -> None:
    with suppress(BrokenPipeError), cast(IO[bytes], process.stdin) as pipe:  # its status says why it has ended
        while chunk := take.read(CHUNK):
            pipe.write(chunk)


def _login() -> tuple[list[str], dict[str, str]]:
    """Arguments and environment with which PostgreSQL's programs reach our database; the password in the latter."""
    connection.ensure_connection()
    options = connection.settings_dict.get("OPTIONS", {})
    in_the_query = {name.upper(): options[name] for name in ("host", "port", "user", "password") if name in options}
    command, environment = connection.client.settings_to_cmd_args_env(connection.settings_dict | in_the_query, [])
    return [*command[1:-1], f"--dbname={command[-1]}"], environment or {}


def _folder() -> Path:
    return Path(settings.POSTGRES_PROGRAMS) if settings.POSTGRES_PROGRAMS else installed_programs()
