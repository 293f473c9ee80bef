"""The product as real processes on a database server of their own, each of which can be killed and started again; and
somebody who visits it over HTTP. For the tests that kill, and for ``make drill``.
"""

from __future__ import annotations

import http.client
import http.cookiejar
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from flere_haender.embedded_postgres.home import server_for
from flere_haender.embedded_postgres.server import DATABASE, PORT, USER, Server
from tests.mailserver import MailServer, free_port, mail_server

PATIENCE = 120
# Each row takes a while, and says so to those who look: a sequence counts outside transactions.
SLOWLY = """
CREATE SEQUENCE IF NOT EXISTS written;
CREATE OR REPLACE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM nextval('written'), pg_sleep({seconds}); RETURN NEW; END $$;
SELECT setval('written', 1);
DROP TRIGGER IF EXISTS a_slowly ON {table};
CREATE TRIGGER a_slowly BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION slowly();
"""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Visitor:
    """Somebody who sends forms, signed in when there is a session. An answer that never comes is 0.

    Attributes:
        body, location: what the last answer said, and where it led to.
    """

    def __init__(self, site: str, session: str = "") -> None:
        self.site = site
        self.body, self.location = b"", ""
        self.cookies = http.cookiejar.CookieJar()
        self.session = session
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), NoRedirect, urllib.request.ProxyHandler({})
        )

    def get(self, path: str, **headers: str) -> int:
        return self._ask(path, None, **headers)

    def post(self, path: str, **data: Any) -> int:
        if not any(cookie.name == "csrftoken" for cookie in self.cookies):
            assert self.get(path.removesuffix("afgoerelse/")) == 200
        [token] = [cookie.value for cookie in self.cookies if cookie.name == "csrftoken"]
        return self._ask(path, urlencode({"csrfmiddlewaretoken": token, **data}, doseq=True).encode())

    def upload(self, path: str, name: str, content: bytes) -> int:
        """Send a file as a form does; the page of the form has been fetched."""
        [token] = [cookie.value for cookie in self.cookies if cookie.name == "csrftoken"]
        fields = {"csrfmiddlewaretoken": token, "file": SimpleUploadedFile(name, content)}
        return self._ask(path, encode_multipart(BOUNDARY, fields), **{"Content-Type": MULTIPART_CONTENT})

    def _ask(self, path: str, data: bytes | None, **headers: str) -> int:
        request = urllib.request.Request(self.site + path, data, headers)
        request.add_unredirected_header("Cookie", self._cookies())
        self.body, self.location = b"", ""
        try:
            with self.opener.open(request, timeout=PATIENCE) as response:
                self.body = response.read()
                return int(response.status)
        except urllib.error.HTTPError as answer:
            self.location = answer.headers.get("Location", "")
            return answer.code
        except (OSError, http.client.HTTPException):
            return 0

    def _cookies(self) -> str:
        own = {cookie.name: cookie.value for cookie in self.cookies}
        given = {settings.SESSION_COOKIE_NAME: self.session} if self.session else {}
        return "; ".join(f"{name}={value}" for name, value in (given | own).items())


@dataclass
class World:
    """The processes, each of which can be killed and started again.

    Args:
        variables: what the product is told beside what it always is.
    """

    database: Server
    mails: MailServer
    log: Path
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def login(self) -> dict[str, str]:
        return {"host": str(self.database.ensure_running()), "port": PORT, "user": USER}

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": f"postgres:///{DATABASE}?{urlencode(self.login)}",
            "DEBUG": "1",
            "HTTPS": "0",
            "SECRET_KEY": "kun til test",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mails.port}",
            "EMAIL_TIMEOUT": "5",
            **self.variables,
        }

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    def start(self, what: str) -> None:
        if what == "database":
            self.database.ensure_running()
        elif what == "mail server":
            self.mails.start()
        else:
            self.processes[what] = self.popen(what)
        if what in ("server", "database"):
            until(lambda: self.is_ready())

    def command(self, what: str) -> list[str]:
        """What this process is started with."""
        commands = {"server": ["-m", "gunicorn", f"--bind=127.0.0.1:{self.port}"], "worker": ["manage.py", "work"]}
        return [sys.executable, *commands[what]]

    def told(self, what: str) -> dict[str, str]:
        """What this process is told beside what all are."""
        return {}

    def popen(self, what: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command(what),
                env=self.environment | self.told(what),
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_ready(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.site}/sundhed/klar", timeout=5):
            return True
        return False

    def kill(self, what: str) -> None:
        if what == "database":
            postmaster = int((self.database.data / "postmaster.pid").read_text().split()[0])
            children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
            for pid in (postmaster, *map(int, children)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            until(lambda: is_gone(postmaster))  # or it looks as if it were still there
        elif what == "mail server":
            self.mails.stop()
        else:
            os.killpg(self.processes[what].pid, signal.SIGKILL)
            self.processes[what].wait()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(dbname=DATABASE, **self.login)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def number(self, sql: str) -> int:
        return int(self.ask(sql)[0][0])

    def killed_during(self, what: str, table: str, send: Callable[[], int], *, rows: int) -> int:
        """Send, and kill when as many rows of the table are on their way; start again. Returns what was answered."""
        self.ask(SLOWLY.format(table=table, seconds=0.6 / rows))
        with ThreadPoolExecutor(1) as pool:
            answer: Future[int] = pool.submit(send)
            until(lambda: self.number("SELECT last_value FROM written") > rows or answer.done())
            assert not answer.done()
            self.kill(what)
            self.start(what)
        self.ask(f"DROP TRIGGER a_slowly ON {table}")
        return answer.result()

    def killed_after(self, what: str) -> None:
        self.kill(what)
        self.start(what)


def is_gone(pid: int) -> bool:
    """Ended; what its parent has not yet taken notice of has no command line any more."""
    with suppress(OSError):
        return not Path(f"/proc/{pid}/cmdline").read_bytes()
    return True


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.02)


@contextmanager
def world_in(folder: Path, kind: type[World] = World, **more: Any) -> Iterator[Any]:
    """A world whose database is made anew, and of which nothing is left; nothing has been started in it."""
    database = server_for(folder)
    with mail_server() as mails:
        here = kind(database, mails, folder / "log", **more)
        try:
            yield here
        finally:
            for process in here.processes.values():
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            database.stop()
            shutil.rmtree(database.home)
