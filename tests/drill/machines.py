"""Two machines on one: on each a web server and a worker, with one database between them and a balancer before them.

They are started as the systemd units in deploy/ start them, and started again as systemd would.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

from django.conf import settings

from tests.mailserver import free_port
from tests.world import World, until, world_in

from .balancer import Balancer, balancing

UNITS = settings.BASE_DIR / "deploy" / "systemd"
WEB, WORKERS = ("web 1", "web 2"), ("worker 1", "worker 2")
DATABASE = "database"


def setting(unit: str, name: str) -> str:
    """What a systemd unit of ours says."""
    [value] = re.findall(rf"^{name}=(.*)$", (UNITS / f"flere-haender-{unit}.service").read_text(), re.MULTILINE)
    return str(value)


@dataclass
class Machines(World):
    """The processes of both machines, by name."""

    def __post_init__(self) -> None:
        self.ports = {name: free_port() for name in WEB}
        self.over = threading.Event()

    @cached_property
    def login(self) -> dict[str, str]:  # found once, so that no one else starts the database
        return super().login

    @cached_property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "DEBUG": "0", "SITE_URL": self.site, **self.variables}

    def told(self, what: str) -> dict[str, str]:
        port = {"WEB_BIND": f"127.0.0.1:{self.ports[what]}"} if what in WEB else {}
        return {"PGAPPNAME": what, **port}

    def command(self, what: str) -> list[str]:
        program, *arguments = setting(what.split()[0], "ExecStart").split()
        assert program.endswith("/.venv/bin/python")
        return [sys.executable, *arguments]

    def url(self, what: str) -> str:
        return f"http://127.0.0.1:{self.ports[what]}"

    def answers(self, what: str) -> bool:
        """Whether this web server is ready."""
        with suppress(OSError), urllib.request.urlopen(f"{self.url(what)}/sundhed/klar", timeout=5):
            return True
        return False

    def is_back(self, what: str, since: str) -> bool:
        """Whether it does its work again after what happened at this moment of the database's clock."""
        if what == DATABASE:
            return all(self.is_back(each, since) for each in (*WEB, *WORKERS))
        if what in WEB:
            return self.answers(what)
        rows = self.asked(
            f"SELECT 1 FROM pg_stat_activity WHERE application_name = '{what}' \
            AND backend_start > '{since}'"
        )
        return bool(rows)

    def asked(self, sql: str) -> list[tuple[object, ...]]:
        """As ``ask``, of a database that may be away: then nothing."""
        with suppress(Exception):
            return self.ask(sql)
        return []

    def now(self) -> str:
        return str(self.ask("SELECT clock_timestamp()")[0][0])

    @contextmanager
    def kept_running(self) -> Iterator[None]:
        """What systemd does: start all, start again what has ended, and stop all at the end."""
        threads = [threading.Thread(target=self._keep, args=(name,)) for name in (*WEB, *WORKERS)]
        threads.append(threading.Thread(target=self._keep_database))
        for thread in threads:
            thread.start()
        try:
            until(lambda: self.is_back(DATABASE, "-infinity"))
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()

    def _keep(self, what: str) -> None:
        pause = float(setting(what.split()[0], "RestartSec"))
        while not self.over.is_set():
            process = self.processes[what] = self.popen(what)
            while process.poll() is None and not self.over.wait(0.05):
                pass
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(30)
            with suppress(ProcessLookupError):  # what it leaves behind is ended with it
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.over.wait(pause)

    def _keep_database(self) -> None:
        while not self.over.wait(1):
            with suppress(Exception):  # it is tried again
                self.database.ensure_running()

    def kill_child(self, what: str, chance: Random) -> None:
        """One of its processes; those that started it go on."""
        if what == DATABASE:
            rows = self.asked(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' \
                AND pid <> pg_backend_pid() ORDER BY pid"
            )
            children = [int(str(pid)) for (pid,) in rows]
        else:
            pid = self.processes[what].pid
            children = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        if children:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(children), signal.SIGKILL)

    def kill_main(self, what: str) -> None:
        """The process that was started, alone; of the database all."""
        if what == DATABASE:
            self.kill(what)
        else:
            with suppress(ProcessLookupError):
                os.kill(self.processes[what].pid, signal.SIGKILL)


def wait_back(machines: Machines, what: str, since: str) -> float:
    """Wait until it is back; how many seconds that took."""
    start = time.monotonic()
    until(lambda: machines.is_back(what, since))
    return time.monotonic() - start


@contextmanager
def two_machines(folder: Path, *, preparing: int = 2) -> Iterator[tuple[Machines, Balancer]]:
    """Both machines, running, with a database that so many of them prepared at once."""
    with ExitStack() as stack:
        machines: Machines = stack.enter_context(world_in(folder, Machines))
        prepare = [sys.executable, "manage.py", "prepare_database"]
        both = [
            subprocess.Popen(prepare, env=machines.environment, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)
            for _ in range(preparing)
        ]
        assert {each.wait() for each in both} == {0}
        stack.enter_context(machines.kept_running())
        balancer = stack.enter_context(balancing(machines.port, [*machines.ports.values()]))
        yield machines, balancer
