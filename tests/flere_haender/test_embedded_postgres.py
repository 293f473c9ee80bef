"""The embedded server is there when it is needed, gone when it is told, and undisturbed by what was killed before."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2
import pytest

from flere_haender.embedded_postgres.home import server_for
from flere_haender.embedded_postgres.server import DATABASE, PORT, USER, Server, ServerError

REPOSITORY = Path(__file__).resolve().parents[2]
SERVE_UNTIL_TOLD = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(BASE_DIR=Path(sys.argv[1]), EMBEDDED_DATABASE=True)
from flere_haender.embedded_postgres.foreground import database_at_hand, run
with database_at_hand():
    sys.exit(run(["sh", "-c", "echo $$; exec sleep 60"]))
"""
START = """
import sys
from pathlib import Path
from flere_haender.embedded_postgres.home import server_for
server_for(Path(sys.argv[1])).ensure_running()
"""

Clone = Callable[[str], Path]


@pytest.fixture(scope="module")
def shared_clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout for the tests that leave its data as they were."""
    with removed_afterwards() as checkouts:
        checkouts.append(tmp_path_factory.mktemp("shared"))
        yield checkouts[0]


@pytest.fixture
def server(shared_clone: Path) -> Server:
    return server_for(shared_clone)


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    """Makes new checkouts by name."""
    with removed_afterwards() as checkouts:

        def make(name: str) -> Path:
            checkouts.append(tmp_path / name)
            checkouts[-1].mkdir(parents=True)
            return checkouts[-1]

        yield make


@contextmanager
def removed_afterwards() -> Iterator[list[Path]]:
    checkouts: list[Path] = []
    yield checkouts
    for checkout in checkouts:
        server = server_for(checkout)
        server.stop()
        shutil.rmtree(server.home)


def ask(server: Server, sql: str) -> object:
    connection = psycopg2.connect(host=str(server.ensure_running()), port=PORT, user=USER, dbname=DATABASE)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def postmaster_pid(server: Server) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def kill(*pids: int) -> None:
    """Kill processes and wait until they are gone (what nobody has waited for remains, but has no command)."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            while Path(f"/proc/{pid}/cmdline").read_bytes():
                time.sleep(0.01)


def is_running(server: Server) -> bool:
    return server._postmaster() is not None


def script(text: str, checkout: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", text, str(checkout)]
    return subprocess.Popen(command, cwd=REPOSITORY, text=True, stdout=subprocess.PIPE)


def test_many_commands_at_once_share_one_server(clone: Clone) -> None:
    checkout = clone("checkout")
    commands = [script(START, checkout) for _ in range(6)]
    assert [command.wait(60) for command in commands] == [0] * 6
    pid = postmaster_pid(server_for(checkout))
    server_for(checkout).ensure_running()
    assert postmaster_pid(server_for(checkout)) == pid


def test_text_is_danish_and_time_is_utc(server: Server) -> None:
    assert ask(server, "SELECT 'ÆRØ' ILIKE 'ærø' AND to_tsvector('danish', 'ÅRHUS') @@ to_tsquery('danish', 'århus')")
    assert ask(server, "SELECT current_setting('server_encoding') || ' ' || current_setting('timezone')") == "UTF8 UTC"


def test_nobody_else_gets_in(server: Server) -> None:
    folder = server.ensure_running()
    assert ask(server, "SELECT current_setting('listen_addresses')") == ""
    assert [path.stat().st_mode & 0o077 for path in (folder, server.data)] == [0, 0]


def test_folders_above_the_checkout_stay_as_they_are(clone: Clone) -> None:
    checkout = clone("deep/checkout")
    checkout.parent.chmod(0o700)
    before = [(folder, folder.stat().st_mode, folder.stat().st_uid) for folder in checkout.parents]
    server_for(checkout).ensure_running()
    assert [(folder, folder.stat().st_mode, folder.stat().st_uid) for folder in checkout.parents] == before


def test_what_is_committed_survives_the_kill_of_everything(server: Server) -> None:
    ask(server, "CREATE TABLE log (note text)")
    ask(server, "INSERT INTO log VALUES ('committed')")
    postmaster = postmaster_pid(server)
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    kill(postmaster, *map(int, children))
    assert ask(server, "SELECT note FROM log") == "committed"


def test_backends_of_a_killed_server_are_waited_for(server: Server) -> None:
    busy = psycopg2.connect(host=str(server.ensure_running()), port=PORT, user=USER, dbname=DATABASE)
    kill(postmaster_pid(server))
    assert ask(server, "SELECT 1") == 1
    busy.close()


def test_half_made_data_are_made_anew(clone: Clone) -> None:
    server = server_for(clone("checkout"))
    (server.home / "data.new" / "base").mkdir(parents=True)
    assert ask(server, "SELECT 1") == 1


def test_pid_files_with_the_number_of_another_process_do_no_harm(server: Server) -> None:
    pid_files = [server.ensure_running() / f".s.PGSQL.{PORT}.lock", server.data / "postmaster.pid"]
    left_behind = [file.read_text() for file in pid_files]
    pid = postmaster_pid(server)
    kill(pid)
    with subprocess.Popen(["sleep", "60"]) as bystander:
        for file, text in zip(pid_files, left_behind, strict=True):
            file.write_text(text.replace(str(pid), str(bystander.pid), 1))
        assert not server.stop()
        assert ask(server, "SELECT 1") == 1
        assert bystander.poll() is None
        bystander.kill()


def test_two_checkouts_have_a_server_each(clone: Clone) -> None:
    one, other = server_for(clone("one")), server_for(clone("other"))
    assert one.ensure_running() != other.ensure_running()
    assert one.stop()
    assert not one.stop()
    assert ask(other, "SELECT 1") == 1


def test_a_copied_checkout_has_a_server_of_its_own(clone: Clone) -> None:
    original, copy = clone("original"), clone("copy")
    server = server_for(original)
    ask(server, "CREATE TABLE only_in_the_original ()")
    server.stop()
    shutil.copytree(original, copy, dirs_exist_ok=True)
    server.ensure_running()
    assert server_for(copy).ensure_running() != server.ensure_running()


def test_a_new_clone_at_the_same_path_starts_empty(clone: Clone) -> None:
    checkout = clone("checkout")
    before = server_for(checkout)
    ask(before, "CREATE TABLE of_the_old_clone ()")
    shutil.rmtree(checkout)
    checkout.mkdir()
    assert ask(server_for(checkout), "SELECT to_regclass('of_the_old_clone')") is None


def test_a_long_path_gets_a_short_private_socket(clone: Clone) -> None:
    server = server_for(clone("/".join(["a-folder-with-a-long-name"] * 5)))
    folder = server.ensure_running()
    assert len(str(folder)) <= 90
    assert folder.stat().st_mode & 0o077 == 0
    assert server.stop()
    assert folder == server.home / "socket" or not folder.exists()


def test_a_server_in_use_is_left_to_the_last_user(server: Server) -> None:
    with server.in_use():
        with server.in_use():
            pass
        assert is_running(server)
    assert not is_running(server)


@pytest.mark.parametrize(
    ("number", "status", "interrupts"),
    [
        (signal.SIGINT, 130, signal.SIG_DFL),
        (signal.SIGTERM, 143, signal.SIG_DFL),
        (signal.SIGTERM, 143, signal.SIG_IGN),  # as when a script runs it in the background
        (signal.SIGHUP, 129, signal.SIG_DFL),
    ],
)
def test_a_signal_ends_command_and_server(
    shared_clone: Path, number: signal.Signals, status: int, interrupts: signal.Handlers
) -> None:
    def handlers() -> None:
        signal.signal(signal.SIGINT, interrupts)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup we would hand on that it is ignored

    with subprocess.Popen(
        [sys.executable, "-c", SERVE_UNTIL_TOLD, str(shared_clone)],
        cwd=REPOSITORY,
        text=True,
        stdout=subprocess.PIPE,
        preexec_fn=handlers,
    ) as command:
        assert command.stdout
        child = int(command.stdout.readline())
        assert is_running(server_for(shared_clone))
        command.send_signal(number)
        assert command.wait(30) == status
    assert not is_running(server_for(shared_clone))
    assert not Path(f"/proc/{child}").exists()


def test_a_server_that_cannot_start_tells_why(clone: Clone) -> None:
    server = server_for(clone("checkout"))
    server.ensure_running()
    server.stop()
    (server.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServerError, match=r"(?s)kunne ikke starte:.*initialized by PostgreSQL version 12"):
        server.ensure_running()


def test_a_folder_that_cannot_be_made_is_told_of_in_danish(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ServerError, match="kan ikke oprettes"):
        server_for(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_the_folder_of_another_user_is_refused(clone: Clone) -> None:
    checkout = clone("checkout")
    home = server_for(checkout).home
    os.chown(home, 65534, 65534)
    try:
        with pytest.raises(ServerError, match="tilhører en anden bruger"):
            server_for(checkout)
    finally:
        os.chown(home, 0, 0)
