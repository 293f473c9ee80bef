"""Asks a real server for the main pages, in turn and again, and prints what they cost beside the empty page."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles

import django
from django.conf import settings
from django.test import Client

TIMES = 40
WARM = 5
EMAIL = "hr@korsbaek.example"
EMPTY = "/tom/"
TIMES_THE_HISTORY = 10
MANY_ROWS = 235_000  # 1,960 cells with a status a month for ten years
PAGES = [
    EMPTY,
    "/",
    "/anbefalinger/",
    "/kommuner/999/",
    "/kommuner/787/",
    "/matrix/",
    "/matrix/?siden=2026-06-01",
    "/anbefalinger/10/",
    "/kommuner/",
    "/kommuner/787/anbefalinger/10/",
    "/kommuner/999/status/",
    "/indsatser/",
    "/tidslinje/",
    "/rapport/",
]


@dataclass
class Measured:
    """What one page took: seconds of each request, bytes on the wire, queries."""

    seconds: list[float] = field(default_factory=list)
    size: int = 0
    queries: int = 0

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def p95(self) -> float:
        return quantiles(self.seconds, n=20)[-1]


@contextmanager
def server() -> Iterator[http.client.HTTPConnection]:
    """The product's own server, and a connection to it."""
    from flere_haender.management.commands.serve import GUNICORN

    running = subprocess.Popen([*GUNICORN, f"--bind=127.0.0.1:{settings.PORT}"])
    try:
        yield wait_for(http.client.HTTPConnection("127.0.0.1", settings.PORT, timeout=60))
    finally:
        running.terminate()
        running.wait()


def wait_for(connection: http.client.HTTPConnection) -> http.client.HTTPConnection:
    for _ in range(100):
        try:
            connection.connect()
            return connection
        except OSError:
            time.sleep(0.2)
    sys.exit("Serveren kom ikke op.")


def sign_in() -> str:
    from stakeholders.models import User

    client = Client()
    client.force_login(User.objects.get(email=EMAIL), backend=settings.AUTHENTICATION_BACKENDS[1])
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def measure() -> dict[str, Measured]:
    """All pages in turn, again and again, so that what else the machine does falls on all of them."""
    found = {page: Measured() for page in PAGES}
    headers = {"Cookie": sign_in(), "Accept-Encoding": "gzip"}
    with server() as connection:
        for turn in range(WARM + TIMES):
            for page, measured in found.items():
                start = time.perf_counter()
                connection.request("GET", page, headers=headers)
                response = connection.getresponse()
                body = response.read()
                seconds = time.perf_counter() - start
                if response.status != 200:
                    sys.exit(f"{page}: {response.status}")
                if turn >= WARM:
                    measured.seconds.append(seconds)
                measured.size, measured.queries = len(body), int(response.headers["X-Queries"])
    return found


def table(measured: dict[str, dict[str, Measured]]) -> Iterator[str]:
    """One block of columns for each history.

    Growth compares what each page costs in empty pages: the machine may be busier the second time.
    """
    first, *_ = measured.values()
    heads = "".join(f" |{name:>16}:{'ms':>7}{'p95':>8}{'x empty':>8}{'growth':>7}" for name in measured)
    yield f"{'':32}{'queries':>8}{'kB':>7}{heads}"
    for page, one in first.items():
        queries = {found[page].queries for found in measured.values()}
        blocks = "".join(_block(page, found, first) for found in measured.values())
        other = "" if len(queries) == 1 else f" other queries: {sorted(queries)}"
        yield f"{page:32}{one.queries:>8}{one.size / 1000:>7.1f}{blocks}{other}"


def _block(page: str, found: dict[str, Measured], first: dict[str, Measured]) -> str:
    here, once = (each[page].median / each[EMPTY].median for each in (found, first))
    one = found[page]
    return f" |{'':17}{one.median * 1000:>7.1f}{one.p95 * 1000:>8.1f}{here:>8.1f}{here / once:>7.2f}"


def main() -> None:
    django.setup()
    from initiatives.models import StatusUpdate

    from .history import grow

    rows = StatusUpdate.objects.count()
    measured = {}
    for target in (rows, TIMES_THE_HISTORY * rows, MANY_ROWS):
        count = grow(target) if target > rows else rows
        print(f"{count} rækker i loggen. Måler {TIMES} gange hver side ...", flush=True)
        measured[f"{count} rækker"] = measure()
    print(*table(measured), sep="\n")


if __name__ == "__main__":
    main()
