"""People who write through the site while it is killed, and remember what they were answered.

What each write says holds a mark of its own, by which it is found again in the database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tests.world import Visitor

from .pages import Fields, form_with

ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"
UNCERTAIN = (0, 500, 502, 503, 504)  # nobody can tell whether it was written
ASKED = (10, 11, 12, 14, 15, 18, 19, 20)
GIVES_UP = 0.1  # how many close their browser rather than try again
PATIENCE = 90  # seconds that somebody tries
FIRST_DAY = date(2018, 1, 1)
MOST_WRITERS = 16


@dataclass(frozen=True)
class Write:
    """What somebody has sent: what it was, its mark, what they were answered, and how often they sent it."""

    kind: str
    mark: str
    answer: str
    sent: int


@dataclass
class Writer:
    """One signed-in user at one keyboard.

    Args:
        name, place: no other's; the name is a part of every mark.
        leads: may invite as well.
        pause: the longest wait between two things they do, in seconds.
    """

    name: str
    visitor: Visitor
    code: int
    chance: Random
    leads: bool = False
    place: int = 0
    pause: float = 0.3
    writes: list[Write] = field(default_factory=list)
    requests: int = 0
    faults: list[str] = field(default_factory=list)
    number: int = 0

    def work(self, over: threading.Event) -> None:
        does = [self.invite] if self.leads else [self.status, self.status, self.correct, self.action, self.answers]
        while not over.wait(self.chance.uniform(0, self.pause)):
            self.number += 1
            try:
                self.chance.choice(does)()
            except Exception as error:  # it is told of at the end
                self.faults.append(f"{self.name}: {error!r}")

    @property
    def mark(self) -> str:
        return f"{self.name}-{self.number}"

    def status(self, *, corrects: bool = False) -> None:
        page = f"/kommuner/{self.code}/anbefalinger/{self.chance.choice(ASKED)}/status/"
        form = self._form(page, "seen")
        if form and corrects and form["seen"] != [""]:
            form = self._form(f"{page}?corrects={form['seen'][0]}", "seen")
        status, signal = self.chance.choice([("planned", ""), ("in_progress", "green"), ("in_progress", "red")])
        said = {"status": status, "signal": signal, "note": self.mark, "internal_note": self.mark}
        self._send("status", page, form, {name: [value] for name, value in said.items()})

    def correct(self) -> None:
        self.status(corrects=True)

    def action(self) -> None:
        page = f"/kommuner/{self.code}/indsatser/ny/"
        form = self._form(page, "title")
        said = {"title": [self.mark], "what": [self.mark], "visibility": ["shared"], "phase": ["idea"]}
        if form:
            said["recommendations"] = self._offered(b'name="recommendations" value="')[:3]
        for row in range(2):
            said |= {f"milepael-{row}-title": [f"{self.mark} {row}"], f"milepael-{row}-due_on": ["2027-01-01"]}
        self._send("action", page, form, said)

    def answers(self) -> None:
        page = f"/kommuner/{self.code}/anbefalinger/15/spoergsmaal/"
        form = self._form(page, "key")
        # Another day than any colleague's: what holds already is not written again.
        day = FIRST_DAY + timedelta(days=(self.number * MOST_WRITERS + self.place) % (187 * MOST_WRITERS))
        said = {
            "strategi-vedtaget": "ja",
            "strategi-dato": f"{day}",
            "strategi-link": f"https://x.example/{self.mark}",
        }
        self._send("answers", page, form, {f"spg-{n}": [v] for n, v in said.items()} | {"note": [self.mark]})

    def invite(self) -> None:
        page = "/brugere/inviter/"
        said = {"email": [f"{self.mark}@drill.example"], "role": ["editor"]}
        self._send("invitation", page, self._form(page, "email"), said)

    def _offered(self, before: bytes) -> list[str]:
        return [part.partition(b'"')[0].decode() for part in self.visitor.body.split(before)[1:]]

    def _form(self, page: str, having: str) -> Fields | None:
        """What the form on the page would send; None when there is none to be had."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.requests += 1
            answer = self.visitor.get(page)
            if answer == 200:
                return form_with(having, self.visitor.body)
            if answer == 404:  # somebody else has corrected it
                return None
            if answer not in UNCERTAIN:
                raise RuntimeError(f"GET {page}: {answer} {self.visitor.location}")
            time.sleep(0.2)
        raise RuntimeError(f"GET {page}: nobody answers")

    def _send(self, kind: str, page: str, form: Fields | None, said: Fields) -> None:
        """As a browser does: when no answer comes, the same form is sent again, with the same key."""
        if form is None:
            return
        deadline, sent, answer = time.monotonic() + PATIENCE, 0, 0
        while answer in UNCERTAIN and time.monotonic() < deadline:
            if sent and (self.chance.random() < GIVES_UP):
                break
            time.sleep(0.2 if sent else 0)
            sent += 1
            answer = self.visitor.post(page, **{**form, **said})
        self.requests += sent
        self.writes.append(Write(kind, self.mark, self._understood(page, answer), sent))

    def _understood(self, page: str, answer: int) -> str:
        if answer in UNCERTAIN:
            return UNKNOWN
        if answer == 302 and "?next=" not in self.visitor.location:
            return ACKNOWLEDGED
        if answer == 409:
            return REFUSED
        raise RuntimeError(f"POST {page}: {answer} {self.visitor.location}")


@contextmanager
def writing(writers: list[Writer]) -> Iterator[None]:
    """All of them write until the block is over."""
    over = threading.Event()
    threads = [threading.Thread(target=each.work, args=(over,)) for each in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
