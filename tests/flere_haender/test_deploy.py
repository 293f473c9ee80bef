"""What lies in deploy/ for those who run the service; how the units start it is tried by ``test_two_machines``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.databases import url_of

DEPLOY = settings.BASE_DIR / "deploy"
UNITS = sorted(unit for kind in ("service", "timer") for unit in (DEPLOY / "systemd").glob(f"*.{kind}"))
HOME = "/srv/flere-haender"


@pytest.fixture(scope="module")
def database_url(django_db_setup: None, django_db_blocker: Any) -> str:
    """The tests' own database, with the reference data."""
    with django_db_blocker.unblock():
        return url_of(connection.settings_dict["NAME"])


@pytest.mark.parametrize(("pooled", "shown"), [("0", "1.1"), ("1", "4")])
def test_a_connection_says_that_all_is_in_memory_unless_a_pool_would_refuse_it(
    database_url: str, pooled: str, shown: str
) -> None:
    ask = "cursor = connection.cursor(); cursor.execute('SHOW random_page_cost'); print(*cursor.fetchone())"
    told = {"DATABASE_URL": database_url, "SECRET_KEY": "x", "DEBUG": "0", "DATABASE_POOLED": pooled}
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", f"from django.db import connection; {ask}"]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env={**os.environ, **told}, stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.strip() == shown


def test_the_nightly_backup_is_tried_and_the_old_ones_go(database_url: str, tmp_path: Path) -> None:
    old, newer, other = (tmp_path / name for name in ("flere-haender-1.backup", "flere-haender-2.backup", "andet"))
    for file in (old, newer, other):
        file.touch()
    for file in (old, other):
        os.utime(file, (0, 0))
    told = {"DATABASE_URL": database_url, "SECRET_KEY": "x", "DEBUG": "0", "PYTHON": sys.executable}
    command = ["sh", "deploy/backup.sh", str(tmp_path), "14"]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env={**os.environ, **told}, stdout=subprocess.PIPE, text=True, check=True
    )
    assert "er de samme som" in done.stdout and "Prøven er slettet igen." in done.stdout
    [made] = set(tmp_path.iterdir()) - {newer, other}
    assert re.fullmatch(r"flere-haender-\d{4}-\d\d-\d\d-\d{6}\.backup", made.name) and made.stat().st_size > 10_000


def test_without_a_new_backup_the_old_ones_stay(tmp_path: Path) -> None:
    old = tmp_path / "flere-haender-1.backup"
    old.touch()
    os.utime(old, (0, 0))
    told = {"DATABASE_URL": "postgres://ingen@127.0.0.1:1/ingen", "SECRET_KEY": "x", "PYTHON": sys.executable}
    done = subprocess.run(
        ["sh", "deploy/backup.sh", str(tmp_path)],
        cwd=settings.BASE_DIR,
        env={**os.environ, **told},
        capture_output=True,
    )
    assert done.returncode and [*tmp_path.iterdir()] == [old]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_no_fault_in_the_units(unit: Path, tmp_path: Path) -> None:
    """With this checkout where the units have theirs."""
    shutil.copytree(DEPLOY / "systemd", tmp_path / "units")
    for file in (tmp_path / "units").rglob("*.*"):
        if file.is_file():
            python = f"{HOME}/.venv/bin/python"
            file.write_text(file.read_text().replace(python, sys.executable).replace(HOME, str(settings.BASE_DIR)))
    if (program := shutil.which("systemd-analyze")) is None:
        pytest.skip("systemd-analyze mangler")
    command = [program, "verify", str(tmp_path / "units" / unit.name)]
    told = {**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path / 'units'}:"}
    done = subprocess.run(command, env=told, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_variable_of_gunicorn_is_in_the_readme() -> None:
    named = set(re.findall(r'environ\.get\("(\w+)"\)', (settings.BASE_DIR / "gunicorn.conf.py").read_text()))
    named |= set(re.findall(r"environ\.get\('(\w+)'\)", (settings.BASE_DIR / "gunicorn.conf.py").read_text()))
    assert len(named) == 9
    for page in ("README.md", "docs/drift.md"):
        text = (settings.BASE_DIR / page).read_text()
        assert [name for name in named - {"PORT"} if f"`{name}`" not in text] == []
