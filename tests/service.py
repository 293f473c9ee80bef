"""The product behind the real gunicorn, with what it writes to its log. Its database is away: that is for the tests
of what is answered all the same, and of how it fails.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

STARTS_WITHIN = 60  # seconds
TOLD = {
    **{"DATABASE_URL": "postgres://nobody:hemmelig@127.0.0.1:1/nowhere", "SECRET_KEY": "kun til test"},
    **{"HTTPS": "1", "DEBUG": "0", "BEHIND_PROXY": "1", "ALLOWED_HOSTS": "127.0.0.1", "LOG_JSON": "1"},
}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Service:
    port: int
    log: Path

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """As the proxy asks that ends TLS; underscores in names of headers are hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        told = {"X-Forwarded-Proto": "https", **{name.replace("_", "-"): text for name, text in headers.items()}}
        connection.request(method, path, headers=told)
        with connection.getresponse() as answer:
            return Answer(answer.status, {name.title(): text for name, text in answer.getheaders()}, answer.read())

    def lives(self) -> bool:
        try:
            return self.ask("/sundhed/live").status == 200
        except OSError:
            return False


@contextmanager
def served(folder: Path) -> Iterator[Service]:
    """Have it running inside the block, with its log in ``folder``."""
    log = folder / "log"
    command = [sys.executable, "-m", "gunicorn", "flere_haender.wsgi", "--preload", "--workers=1", "--threads=2"]
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as stderr:
        number = listener.fileno()
        options = {"stderr": stderr, "pass_fds": [number], "cwd": settings.BASE_DIR, "env": {**os.environ, **TOLD}}
        bound = [*command, f"--bind=fd://{number}", "--log-level=warning", "--no-control-socket"]
        with subprocess.Popen(bound, **options) as process:
            service = Service(listener.getsockname()[1], log)
            try:
                give_up = time.monotonic() + STARTS_WITHIN
                while not service.lives():
                    assert process.poll() is None and time.monotonic() < give_up, log.read_text()
                    time.sleep(0.2)
                yield service
            finally:
                process.terminate()
