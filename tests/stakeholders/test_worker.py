"""The worker as a process of its own, on a database of its own: killed, doubled, told to stop, without its servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from stakeholders.models import Message, User
from stakeholders.models.outbox import State
from tests.databases import database, run
from tests.mailserver import MailServer, mail_server
from tests.workers import WORKERS
from tests.world import PATIENCE, until

OWN = "own"


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


@pytest.fixture(scope="module")
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """A database that processes share, with the reference data; what they are told. Here it is the alias ``own``."""
    given = connections["default"].settings_dict
    name = f"worker_{given['NAME']}"
    connections["default"].close()  # nobody may use what is copied
    with django_db_blocker.unblock(), database(name, like=given["NAME"]) as url:
        environment = {**os.environ, "DATABASE_URL": url, "DEBUG": "0", "HTTPS": "0", "SECRET_KEY": "kun til test"}
        connections.databases[OWN] = {**given, "NAME": name, "TEST": given.get("TEST", {})}
        User.objects.using(OWN).create(email="hr@korsbaek.example", name="Hanne Lund", password="!")
        yield environment
        connections[OWN].close()
        del connections.databases[OWN]


@pytest.fixture
def mails(own_database: dict[str, str], django_db_blocker: Any) -> Iterator[MailServer]:
    with django_db_blocker.unblock(), mail_server() as server:
        yield server
        Message.objects.using(OWN).all().delete()
        DBTaskResult.objects.using(OWN).all().delete()


def queue(number: int = 1) -> list[Message]:
    to = User.objects.using(OWN).get()
    return [
        Message.objects.using(OWN).create(occasion="password_reset", recipient=to, key=str(key))
        for key in range(number)
    ]


@pytest.fixture
def work(own_database: dict[str, str], mails: MailServer, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts workers that talk to ``mails``; those that are left are killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **variables: str) -> subprocess.Popen[bytes]:
        url = f"smtp://127.0.0.1:{mails.port}"
        environment = {**own_database, "EMAIL_URL": url, "EMAIL_TIMEOUT": "2", **variables}
        log = (tmp_path / f"worker-{len(started)}.log").open("w")
        command = manage(*(arguments or ("work",)))
        started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def all_sent() -> bool:
    return not Message.objects.using(OWN).exclude(state=State.SENT).exists()


def test_killed_between_the_servers_yes_and_our_commit_it_is_sent_once_more_with_the_same_id(
    work: Callable[..., Any], mails: MailServer
) -> None:
    [message] = queue()
    first = work()
    mails.when_accepted = lambda: os.kill(first.pid, signal.SIGKILL)
    until(lambda: mails.accepted)
    assert first.wait(PATIENCE) == -signal.SIGKILL
    mails.when_accepted = lambda: None
    message.refresh_from_db()
    assert message.state == State.SENDING
    work()
    time.sleep(4)
    assert len(mails.accepted) == 1  # the lease is not out
    Message.objects.using(OWN).update(lease_until=timezone.now())
    work()  # looks at its start
    until(all_sent)
    time.sleep(2)
    assert [mail["Message-ID"] for mail in mails.accepted] == [message.message_id] * 2


def test_killed_before_the_servers_yes_it_is_sent_once(work: Callable[..., Any], mails: MailServer) -> None:
    [message] = queue()
    mails.data = "hang"
    first = work(EMAIL_TIMEOUT="30")
    until(lambda: mails.tried)
    first.kill()
    mails.data = "250 OK"
    Message.objects.using(OWN).update(lease_until=timezone.now())
    work()
    until(all_sent)
    assert [mail["Message-ID"] for mail in mails.accepted] == [message.message_id]


def test_two_workers_send_each_message_once(work: Callable[..., Any], mails: MailServer) -> None:
    queue(60)
    for _ in range(2):
        work()
    until(all_sent)
    ids = [mail["Message-ID"] for mail in mails.accepted]
    assert len(ids) == len(set(ids)) == 60


def test_it_does_what_is_asked_for_between_two_looks(work: Callable[..., Any], mails: MailServer) -> None:
    queue()
    work()
    until(all_sent)
    to = User.objects.using(OWN).get()
    Message.objects.using(OWN).create(occasion="password_reset", recipient=to, key="nu")
    look = {"args_kwargs": {"args": ["outbox"], "kwargs": {}}, "task_path": "flere_haender.background.look_after"}
    task = DBTaskResult.objects.using(OWN).create(backend_name="default", run_after=timezone.now(), **look)
    until(all_sent)
    until(lambda: DBTaskResult.objects.using(OWN).get(pk=task.pk).status == "SUCCESSFUL")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_within_seconds(work: Callable[..., Any], mails: MailServer, told: signal.Signals) -> None:
    queue()
    worker = work()
    until(all_sent)
    before = time.monotonic()
    worker.send_signal(told)
    assert worker.wait(PATIENCE) == 0
    assert time.monotonic() - before < 3 * WORKERS


def test_it_stops_within_seconds_also_when_the_mail_server_hangs(work: Callable[..., Any], mails: MailServer) -> None:
    [message] = queue()
    mails.data = "hang"
    worker = work(EMAIL_TIMEOUT="60")
    until(lambda: mails.tried)
    before = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert time.monotonic() - before < 9  # it finishes for five seconds
    message.refresh_from_db()
    assert message.state == State.SENDING  # another takes it when the lease is out


def test_it_ends_with_the_program_that_started_it(mails: MailServer, own_database: dict[str, str]) -> None:
    queue()
    script = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:]).pid, flush=True); sys.stdin.read()"
    url = f"smtp://127.0.0.1:{mails.port}"
    command = [sys.executable, "-c", script, *manage("work", "--with-parent")]
    environment = {**own_database, "EMAIL_URL": url}
    parent = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    worker = int(parent.stdout.readline())
    until(all_sent)
    parent.kill()
    parent.wait()
    until(lambda: not Path(f"/proc/{worker}/cmdline").exists() or not Path(f"/proc/{worker}/cmdline").read_bytes())


@contextmanager
def no_database() -> Iterator[None]:
    """Nobody gets into the own one, and those who are in are thrown out."""
    name = connections.databases[OWN]["NAME"]
    throw_out = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false', throw_out)
    try:
        yield
    finally:
        run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        connections[OWN].close()


def test_without_its_database_it_waits_and_goes_on(
    work: Callable[..., Any], mails: MailServer, tmp_path: Path
) -> None:
    queue()
    worker = work()
    until(all_sent)
    log = tmp_path / "worker-0.log"
    with no_database():
        until(lambda: "cannot reach the database" in log.read_text())
        time.sleep(3)
        assert worker.poll() is None
    until(lambda: "has the database again" in log.read_text())
    assert log.read_text().count("cannot reach the database") == 1
    to = User.objects.using(OWN).get()
    Message.objects.using(OWN).create(occasion="password_reset", recipient=to, key="efter")
    look = {"args_kwargs": {"args": ["outbox"], "kwargs": {}}, "task_path": "flere_haender.background.look_after"}
    DBTaskResult.objects.using(OWN).create(backend_name="default", run_after=timezone.now(), **look)
    until(all_sent)


def test_without_its_database_at_the_wrong_moment_it_writes_down_what_it_sent_later(
    work: Callable[..., Any], mails: MailServer, tmp_path: Path
) -> None:
    queue()
    away = no_database()
    mails.when_accepted = lambda: away.__enter__()
    work()
    until(lambda: mails.accepted)
    until(lambda: "waiting to write down" in (tmp_path / "worker-0.log").read_text())
    time.sleep(2)
    away.__exit__(None, None, None)
    until(all_sent)
    time.sleep(2)
    assert len(mails.accepted) == 1


def test_without_a_mail_server_it_sends_later(work: Callable[..., Any], mails: MailServer) -> None:
    [message] = queue()
    mails.stop()
    work()
    until(lambda: Message.objects.using(OWN).exclude(error="").exists())
    mails.start()
    Message.objects.using(OWN).update(due_at=timezone.now())
    work()
    until(all_sent)
    assert [mail["Message-ID"] for mail in mails.accepted] == [message.message_id]


def test_a_job_that_fails_is_seen_and_the_others_go_on(
    work: Callable[..., Any], mails: MailServer, own_database: dict[str, str]
) -> None:
    queue()
    failing = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "from flere_haender.background import every_minute, _looks\n"
        "first = dict(_looks); _looks.clear()\n"
        "@every_minute('fejler')\n"
        "def fail(): raise ValueError('gik galt')\n"
        "_looks.update(first)\n"
        "call_command('work')\n"
    )
    url = f"smtp://127.0.0.1:{mails.port}"
    environment = {**own_database, "EMAIL_URL": url, "DJANGO_SETTINGS_MODULE": "flere_haender.settings"}
    worker = subprocess.Popen([sys.executable, "-c", failing], env=environment, cwd=settings.BASE_DIR)
    until(all_sent)
    worker.terminate()
    worker.wait(PATIENCE)
    failed = DBTaskResult.objects.using(OWN).get(status="FAILED")
    assert "gik galt" in failed.traceback and failed.args_kwargs["args"] == ["fejler"]
    shown = subprocess.run(manage("queue"), env=own_database, capture_output=True, text=True, check=True).stdout
    assert "ValueError: gik galt" in shown and "Rapporter" in shown
