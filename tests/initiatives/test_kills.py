"""A round is answered, handed in, returned, corrected and accepted, while the server, the worker, the database or the
mail server is killed (`kill -9`) at each point: real processes, on a database server of their own.

What was answered with 302 is there; a handing-in is whole or not at all, and sending it again gives one; e-mails go
once, but one whose worker died between the mail server's yes and our commit may go again with the same Message-ID.
"""

from __future__ import annotations

import http.cookiejar
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2
import pytest
from django.conf import settings

from flere_haender.days import today
from flere_haender.embedded_postgres.home import server_for
from flere_haender.embedded_postgres.server import DATABASE, PORT, USER, Server
from tests.mailserver import MailServer, free_port, mail_server

PATIENCE = 120
CODES = {"server": 147, "worker": 157, "database": 201, "mail server": 250}
KL = "konsulent@kl.example"
# Each row takes a while, and says so to those who look: a sequence counts outside transactions.
SLOWLY = """
CREATE SEQUENCE IF NOT EXISTS written;
CREATE OR REPLACE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM nextval('written'), pg_sleep({seconds}); RETURN NEW; END $$;
SELECT setval('written', 1);
DROP TRIGGER IF EXISTS a_slowly ON {table};
CREATE TRIGGER a_slowly BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION slowly();
"""


def prepare() -> None:
    """An open round, and an editor in each municipality. Prints their sessions. For ``manage.py shell``."""
    from django.test import Client

    from flere_haender.access import Role
    from initiatives.models import Progress
    from stakeholders.models import Membership, Municipality, User
    from tests.factories import make_round

    Progress.objects.fill()
    sessions = {}
    for code in (None, *CODES.values()):
        municipality = Municipality.objects.get(code=code) if code else None
        user = User.objects.create(email=f"hr@{code}.example" if code else KL, name=f"Person {code}", password="!")
        role = Role.EDITOR if code else Role.KL_CONSULTANT
        Membership.objects.create(user=user, municipality=municipality, role=role, started_on=today())
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        sessions[user.email] = client.cookies[settings.SESSION_COOKIE_NAME].value
    make_round()
    print(json.dumps(sessions))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Visitor:
    """Somebody who is signed in, and sends forms. An answer that never comes is 0."""

    def __init__(self, site: str, session: str) -> None:
        self.site = site
        self.cookies = http.cookiejar.CookieJar()
        self.session = session
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), NoRedirect, urllib.request.ProxyHandler({})
        )

    def get(self, path: str) -> int:
        return self._ask(path, None)

    def post(self, path: str, **data: Any) -> int:
        if not any(cookie.name == "csrftoken" for cookie in self.cookies):
            assert self.get(path.removesuffix("afgoerelse/")) == 200
        [token] = [cookie.value for cookie in self.cookies if cookie.name == "csrftoken"]
        return self._ask(path, urlencode({"csrfmiddlewaretoken": token, **data}).encode())

    def _ask(self, path: str, data: bytes | None) -> int:
        request = urllib.request.Request(self.site + path, data)
        request.add_unredirected_header("Cookie", self._cookies())
        try:
            with self.opener.open(request, timeout=PATIENCE) as response:
                return int(response.status)
        except urllib.error.HTTPError as answer:
            return answer.code
        except (OSError, http.client.HTTPException):
            return 0

    def _cookies(self) -> str:
        own = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
        return f"{settings.SESSION_COOKIE_NAME}={self.session}; {own}".rstrip("; ")


@dataclass
class World:
    """The processes, each of which can be killed and started again."""

    database: Server
    mails: MailServer
    log: Path
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        login = urlencode({"host": str(self.database.ensure_running()), "port": PORT, "user": USER})
        return {
            **os.environ,
            "DATABASE_URL": f"postgres:///{DATABASE}?{login}",
            "DEBUG": "1",
            "HTTPS": "0",
            "SECRET_KEY": "kun til test",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mails.port}",
            "EMAIL_TIMEOUT": "5",
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
            self.processes[what] = self._popen(what)
        if what in ("server", "database"):
            until(lambda: self.is_ready())

    def _popen(self, what: str) -> subprocess.Popen[bytes]:
        bind = f"--bind=127.0.0.1:{self.port}"
        commands = {
            "server": ["-m", "gunicorn", "flere_haender.wsgi", "--preload", "--workers=2", "--threads=4", bind],
            "worker": ["manage.py", "work"],
        }
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *commands[what]],
                env=self.environment,
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
        login = {"host": str(self.database.ensure_running()), "port": PORT, "user": USER, "dbname": DATABASE}
        with closing(psycopg2.connect(**login)) as connection:
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
def world_in(checkout: Path) -> Iterator[World]:
    """A database of its own, with reference data; nothing of it is left."""
    database = server_for(checkout)
    with mail_server() as mails:
        here = World(database, mails, checkout / "log")
        try:
            here.manage("prepare_database")
            yield here
        finally:
            for process in here.processes.values():
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            database.stop()
            shutil.rmtree(database.home)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("kills")) as here:
        here.sessions = json.loads(here.manage("shell", "-v0", "-c", f"from {__name__} import prepare; prepare()"))
        here.start("worker")
        here.start("server")
        yield here


def all_sent(world: World) -> bool:
    return world.number("SELECT count(*) FROM stakeholders_message WHERE state <> 'sent'") == 0


@pytest.mark.parametrize("victim", CODES)
def test_killed_at_each_point_of_the_story(world: World, victim: str) -> None:
    code, to = CODES[victim], f"hr@{CODES[victim]}.example"
    editor = Visitor(world.site, world.sessions[to])
    consultant = Visitor(world.site, world.sessions[KL])
    page = f"/kommuner/{code}/status/"
    of_here = f"participation_id IN (SELECT p.id FROM initiatives_participation p JOIN stakeholders_municipality m \
        ON m.id = p.municipality_id WHERE m.code = {code})"
    until(lambda: all_sent(world))  # that the round is open

    def drafts() -> dict[int, str]:
        rows = world.ask(
            "SELECT r.number, d.note FROM initiatives_draftanswer d JOIN initiatives_recommendation r "
            f"ON r.id = d.recommendation_id WHERE {of_here} AND d.is_complete"
        )
        return dict(rows)

    def submissions() -> list[int]:
        """How many rows of the log each handing-in has written."""
        rows = world.ask(
            "SELECT s.number, count(u.id) FROM initiatives_submission s LEFT JOIN initiatives_statusupdate u "
            f"ON u.submission_id = s.id WHERE {of_here} GROUP BY s.number ORDER BY s.number"
        )
        return [count for _, count in rows]

    def decisions(kind: str) -> int:
        return world.number(f"SELECT count(*) FROM initiatives_decision WHERE kind = '{kind}' AND {of_here}")

    asked = [
        number
        for (number,) in world.ask(
            "SELECT r.number FROM initiatives_recommendation r JOIN initiatives_reportinground_asked a "
            "ON a.recommendation_id = r.id ORDER BY 1"
        )
    ]
    typed = {
        f"{n}-{name}": value
        for n in asked
        for name, value in (("seen", "0"), ("status", "planned"), ("note", f"Svar {n}"))
    }

    # the answers
    answered = world.killed_during(
        victim, "initiatives_draftanswer", lambda: editor.post(page, **typed, gem="alle"), rows=8
    )
    kept = drafts()
    assert kept.items() <= {n: f"Svar {n}" for n in asked}.items()
    assert len(kept) == len(asked) if answered == 302 else len(kept) >= 7  # each is saved by itself
    assert editor.post(page, **typed, gem="alle") == 302
    world.killed_after(victim)
    assert drafts() == {n: f"Svar {n}" for n in asked}

    # the handing-in
    answered = world.killed_during(victim, "initiatives_statusupdate", lambda: editor.post(f"{page}indsend/"), rows=8)
    assert submissions() == ([len(asked)] if answered == 302 else [])
    assert victim not in ("server", "database") or answered != 302
    for _ in range(2):
        assert editor.post(f"{page}indsend/") == 302
        assert submissions() == [len(asked)]
    world.killed_after(victim)
    assert submissions() == [len(asked)]

    # the return
    back = {"action": "return", "comment": "Ret svar 1.", "due_on": f"{today() + timedelta(days=7)}"}
    answered = world.killed_during(
        victim, "initiatives_decision", lambda: consultant.post(f"{page}afgoerelse/", **back), rows=1
    )
    assert decisions("returned") == (1 if answered == 302 else 0)
    assert consultant.post(f"{page}afgoerelse/", **back) == (422 if answered == 302 else 302)
    assert decisions("returned") == 1
    until(lambda: all_sent(world))

    # the correction, handed in again; then the receipt, and a kill while its e-mail is accepted
    one = asked[0]
    assert editor.post(page, **typed | {f"{one}-seen": "1", f"{one}-note": "Rettet."}, gem=one) == 302
    world.killed_after(victim)
    assert drafts()[one] == "Rettet."
    assert editor.post(f"{page}indsend/") == 302
    assert submissions() == [len(asked), 1]

    accepted, tried = len(world.mails.accepted), world.mails.tried
    if victim == "mail server":
        world.mails.data = "die"
    else:
        world.mails.when_accepted = lambda: world.kill(victim)
    assert consultant.post(f"{page}afgoerelse/", action="accept") == 302
    until(lambda: len(world.mails.accepted) > accepted or (victim == "mail server" and world.mails.tried > tried))
    if victim == "mail server":
        world.kill(victim)
        until(lambda: world.number("SELECT count(*) FROM stakeholders_message WHERE error <> ''"))
    world.mails.when_accepted, world.mails.data = lambda: None, "250 OK"
    if victim in ("worker", "mail server"):  # what waits is due now rather than in some minutes
        world.processes["worker"].kill()
        world.processes["worker"].wait(PATIENCE)
        world.ask("UPDATE stakeholders_message SET lease_until = now() WHERE state = 'sending'")
        world.ask("UPDATE stakeholders_message SET due_at = now() WHERE state = 'queued'")
        world.start("worker")
    if victim != "worker":
        world.start(victim)
    until(lambda: all_sent(world))
    assert decisions("accepted") == 1
    subjects = [mail["Subject"].partition(": ")[2].partition(": ")[2] for mail in world.mails.to(to)]
    told = ["runden er åben", "KL har sendt jeres svar tilbage", "KL har godkendt jeres svar"]
    again = [told[-1]] if victim == "worker" else []  # killed between the server's yes and our commit
    assert subjects == told + again
    ids = Counter(mail["Message-ID"] for mail in world.mails.to(to))
    assert sorted(ids.values()) == [1, 1, 2 if again else 1]
