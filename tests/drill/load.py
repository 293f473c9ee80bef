"""Fifty people at once: what they wait, beside an empty page that somebody asks for meanwhile.

A hundred lines rather than Locust: no packages more, and what the people themselves take of the machine is told.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from statistics import median, quantiles

from django.conf import settings

from tests.world import PATIENCE, Visitor, World

from .writers import ACKNOWLEDGED, Writer

USERS, OF_KL = 50, 5
WAITS = (5.0, 15.0)  # seconds between two steps
ONE_PDF_IN = 50
ONE_WRITE_IN = 10
MOST = 20  # times the median of the empty page
EMPTY, SECONDS_BETWEEN_EMPTY = "/tom/", 1.0
PAGES = ["/", "/anbefalinger/", "/anbefalinger/{n}/", "/matrix/", "/indsatser/", "/tidslinje/", "/aktivitet/"]
PAGES += ["/soeg/?q=elev", "/rapport/", "/min-side/", "/indikatorer/", "/casebank/", "/kommuner/"]
OF_A_MUNICIPALITY = ["/kommuner/{code}/", "/kommuner/{code}/anbefalinger/{n}/", "/kommuner/{code}/indsatser/"]
COMPRESSED = {"Accept-Encoding": "gzip"}


def prepare() -> None:
    """Fifty users and one more who are signed in: KL's and editors. Prints their sessions. For ``manage.py shell``."""
    from django.test import Client

    from flere_haender.access import Role
    from stakeholders.models import Municipality
    from tests.factories import make_user

    places: list[Municipality | None] = [*Municipality.objects.real()[: USERS + 1 - OF_KL], *[None] * OF_KL]
    found = []
    for place in places:
        client = Client()
        user = make_user(Role.EDITOR if place else Role.KL_READER, place)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        found.append((place.code if place else 0, client.cookies[settings.SESSION_COOKIE_NAME].value))
    print(json.dumps(found))


@dataclass
class Waits:
    """How long people waited, in seconds, and what went wrong."""

    empty: list[float] = field(default_factory=list)
    rest: list[float] = field(default_factory=list)
    pdf: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0
    own_cpu: float = 0

    @property
    def p95(self) -> float:
        return quantiles(self.rest, n=20)[-1]

    @property
    def times(self) -> float:
        """The 95th percentile of the rest, in empty pages."""
        return self.p95 / median(self.empty)

    @property
    def is_right(self) -> bool:
        return not self.errors and self.times <= MOST

    def lines(self) -> Iterator[tuple[str, object]]:
        asked = len(self.rest) + len(self.pdf) + len(self.empty)
        yield "requests sent", f"{asked} in {self.seconds:.0f} s by {USERS} people"
        yield "errors", len(self.errors)
        yield "an empty page, median", f"{median(self.empty) * 1000:.0f} ms ({len(self.empty)} times)"
        yield "other pages and writing, median", f"{median(self.rest) * 1000:.0f} ms ({len(self.rest)} times)"
        yield "  95th percentile", f"{self.p95 * 1000:.0f} ms: {self.times:.1f} empty pages; {MOST} are allowed"
        if self.pdf:
            yield "a PDF, median and longest", f"{median(self.pdf):.1f} s, {max(self.pdf):.1f} s ({len(self.pdf)})"
        share = self.own_cpu / self.seconds
        yield "what the people took themselves", f"{share:.1%} of a core, {share / 2:.1%} of two"
        yield from ((f"  WRONG: {each}", "") for each in self.errors[:20])


@dataclass
class Person:
    """Somebody who goes from page to page."""

    code: int
    visitor: Visitor
    chance: Random
    waits: Waits

    def go(self, over: threading.Event) -> None:
        over.wait(self.chance.uniform(0, WAITS[1]))
        while not over.is_set():
            try:
                self._step()
            except Exception as error:
                self.waits.errors.append(repr(error))
            over.wait(self.chance.uniform(*WAITS))

    def _step(self) -> None:
        if self.chance.randrange(ONE_PDF_IN) == 0:
            self._timed(self.waits.pdf, self._print)
        elif self.code and self.chance.randrange(ONE_WRITE_IN) == 0:
            self._write()
        else:
            pages = PAGES + (OF_A_MUNICIPALITY if self.code else [])
            page = self.chance.choice(pages).format(code=self.code, n=self.chance.choice([10, 12, 15, 20]))
            self._timed(self.waits.rest, lambda: self._get(page))

    def _get(self, page: str) -> None:
        if (answer := self.visitor.get(page, **COMPRESSED)) != 200:
            self.waits.errors.append(f"{page}: {answer}")

    def _print(self) -> None:
        """A report as of a day that nobody else asks for, so that it must be made."""
        on = date(2026, 1, 1) + timedelta(days=self.chance.randrange(300))
        page, end = f"/rapport.pdf?pr={on}&siden={on - timedelta(days=90)}", time.monotonic() + PATIENCE
        while (answer := self.visitor.get(page)) == 202 and time.monotonic() < end:
            time.sleep(1)
        if answer != 200 or not self.visitor.body.startswith(b"%PDF"):
            self.waits.errors.append(f"{page}: {answer}")

    def _write(self) -> None:
        writer = Writer(f"{self.chance.random()}", self.visitor, self.code, self.chance)
        start = time.perf_counter()
        writer.status()
        seconds = time.perf_counter() - start
        self.waits.rest += [seconds / writer.requests] * writer.requests  # the form, and its answer
        if [write.answer for write in writer.writes] != [ACKNOWLEDGED] or writer.requests != 2:
            self.waits.errors.append(f"writing: {writer.writes}")

    @staticmethod
    def _timed(into: list[float], act: Callable[[], None]) -> None:
        start = time.perf_counter()
        act()
        into.append(time.perf_counter() - start)

    def look_at_the_empty_page(self, over: threading.Event) -> None:
        while not over.wait(SECONDS_BETWEEN_EMPTY):
            self._timed(self.waits.empty, lambda: self._get(EMPTY))


def measure(world: World, *, seconds: float, seed: int) -> Waits:
    """Have them all use a site with demo data, and ``/tom/``, for so long."""
    given = json.loads(world.manage("shell", "-v0", "-c", f"from {__name__} import prepare; prepare()"))
    waits, over = Waits(), threading.Event()
    people = [
        Person(code, Visitor(world.site, session), Random(seed * 1000 + number), waits)
        for number, (code, session) in enumerate(given)
    ]
    acts = [people[0].look_at_the_empty_page, *(person.go for person in people[1:])]
    threads = [threading.Thread(target=act, args=(over,)) for act in acts]
    start, cpu = time.monotonic(), time.process_time()
    for thread in threads:
        thread.start()
    over.wait(seconds)
    over.set()
    for thread in threads:
        thread.join()
    waits.seconds, waits.own_cpu = time.monotonic() - start, time.process_time() - cpu
    return waits
