"""The fault bench: web servers, workers and the database are killed (`kill -9`) at random while people write."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from django.conf import settings

from tests.world import Visitor, until

from .machines import DATABASE, WEB, WORKERS, Machines, two_machines, wait_back
from .reckoning import Letters, Reckoning, letters, reckon, rules_that_broke
from .writers import ACKNOWLEDGED, REFUSED, UNKNOWN, Writer, writing

CODES = (147, 157, 201)
EDITORS = 2  # in each municipality, so that they meet in the same cells
TARGETS = [*WEB, *WORKERS, DATABASE]


def prepare() -> None:
    """Editors and a leader in some municipalities. Prints their sessions. For ``manage.py shell``."""
    from django.test import Client

    from flere_haender.access import Role
    from initiatives.models import Progress
    from stakeholders.models import Municipality
    from tests.factories import make_user

    Progress.objects.fill()
    found = []
    for code in CODES:
        for role in [Role.EDITOR] * EDITORS + [Role.LEADER]:
            client = Client()
            user = make_user(role, Municipality.objects.get(code=code))
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            found.append((code, role == Role.LEADER, client.cookies[settings.SESSION_COOKIE_NAME].value))
    print(json.dumps(found))


@dataclass
class Figures:
    """What the bench saw."""

    seconds: float = 0
    requests: int = 0
    faults: dict[str, list[float]] = field(default_factory=dict)
    reckoning: Reckoning = field(default_factory=Reckoning)
    letters: Letters = field(default_factory=lambda: Letters(0, 0, 0, 0))
    rules: dict[str, Any] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)

    @property
    def injected(self) -> int:
        return sum(map(len, self.faults.values()))

    @property
    def wrong(self) -> list[str]:
        """What is not as it must be, a line for each."""
        found, letters = self.reckoning, self.letters
        lists = {"lost": found.lost, "doubled": found.doubled, "half there": found.half}
        lists |= {"refused, and there": found.refused_and_there, "never sent": found.unasked}
        lists |= {"a rule broken": self.rules["broken"], "strange": self.strange}
        wrong = [f"{called}: {each}" for called, some in lists.items() for each in some]
        if letters.missing or letters.strange:
            wrong.append(f"{letters}")
        # A worker that dies between the mail server's yes and our commit has the e-mail sent once more.
        if letters.again > self.injected:
            wrong.append(f"{letters.again} e-mails again")
        return wrong

    @property
    def is_right(self) -> bool:
        return not self.wrong

    def lines(self) -> Iterator[tuple[str, object]]:
        found = self.reckoning
        yield "seconds under fire", round(self.seconds)
        yield "requests sent", self.requests
        yield "faults injected", self.injected
        for name, seconds in sorted(self.faults.items()):
            said = f"{len(seconds)} x, back after {median(seconds):.1f} s, at most {max(seconds):.1f}"
            yield f"  {name}", said
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(found.kinds.items()))
        yield "writes acknowledged", f"{found.answered[ACKNOWLEDGED]} ({kinds})"
        yield "  sent more than once", found.sent_again
        yield "  refused (409), and not there", found.answered[REFUSED]
        yield "  given up with no answer", found.answered[UNKNOWN]
        yield "lost", len(found.lost)
        yield "doubled", len(found.doubled)
        yield "half there", len(found.half)
        yield "there, but refused or never sent", len(found.refused_and_there) + len(found.unasked)
        yield "e-mails lost", f"{self.letters.missing} of {self.letters.queued}"
        yield "e-mails sent again, with the same Message-ID", self.letters.again
        yield "answers of the log held against its rule", self.rules["checked"]
        yield "  rules broken", len(self.rules["broken"])
        yield from ((f"  WRONG: {each}", "") for each in self.wrong[:20])


@dataclass(frozen=True)
class Strike:
    """One thing that is killed: the process that was started, or one of those that it has started."""

    what: str
    one_process: bool = False

    @property
    def called(self) -> str:
        return self.what.split()[0] + (", one process" if self.one_process else "")


def at_random(chance: Random) -> Iterator[list[Strike]]:
    """Now and then two at once, for ever."""
    while True:
        hit = chance.sample(TARGETS, 1 if chance.random() < 0.8 else 2)
        # A worker has children only while it prints.
        yield [Strike(what, what not in WORKERS and chance.random() < 0.4) for what in hit]


def bombard(machines: Machines, figures: Figures, strikes: Iterable[list[Strike]], *, chance: Random) -> None:
    """Kill, wait until it is back, and begin again after a moment."""
    for strike in strikes:
        time.sleep(chance.uniform(0.5, 2))
        since = machines.now()
        for each in strike:
            if each.one_process:
                machines.kill_child(each.what, chance)
            else:
                machines.kill_main(each.what)
        for each in strike:
            figures.faults.setdefault(each.called, []).append(wait_back(machines, each.what, since))


def within(seconds: float, strikes: Iterable[list[Strike]]) -> Iterator[list[Strike]]:
    """Those that begin before the time is over."""
    end = time.monotonic() + seconds
    return takewhile(lambda _: time.monotonic() < end, strikes)


def settle(machines: Machines) -> None:
    """All e-mails are sent. What a dead worker had taken waits for ten minutes; we do not."""
    for worker in WORKERS:  # which look when they start again
        process = machines.processes[worker]
        process.kill()
        process.wait()
    machines.ask("UPDATE stakeholders_message SET lease_until = now() WHERE state = 'sending'")
    machines.ask("UPDATE stakeholders_message SET due_at = now() WHERE state = 'queued'")
    until(lambda: machines.number("SELECT count(*) FROM stakeholders_message WHERE state <> 'sent'") == 0)


@contextmanager
def writers_of(machines: Machines, seed: int) -> Iterator[list[Writer]]:
    """People who write while the block runs."""
    given = json.loads(machines.manage("shell", "-v0", "-c", f"from {__name__} import prepare; prepare()"))
    writers = [
        Writer(f"w{number}", Visitor(machines.site, session), code, Random(seed * 100 + number), leads, number)
        for number, (code, leads, session) in enumerate(given)
    ]
    with writing(writers):
        yield writers


def bench(machines: Machines, strikes: Iterable[list[Strike]], *, seed: int) -> Figures:
    """Have people write while these things are killed, and reckon up."""
    figures, start = Figures(), time.monotonic()
    with writers_of(machines, seed) as writers:
        bombard(machines, figures, strikes, chance=Random(seed))
    figures.seconds = time.monotonic() - start
    settle(machines)
    figures.requests = sum(each.requests for each in writers)
    figures.strange = [fault for each in writers for fault in each.faults]
    figures.reckoning = reckon(machines, [write for each in writers for write in each.writes])
    figures.letters = letters(machines)
    figures.rules = rules_that_broke(machines)
    return figures


def run(*, minutes: float, seed: int) -> Figures:
    """The bench by itself, on machines of its own; at last all of it is restored from a backup, rule by rule."""
    with tempfile.TemporaryDirectory() as folder, two_machines(Path(folder)) as (machines, _):
        figures = bench(machines, within(minutes * 60, at_random(Random(seed))), seed=seed)
        try:
            machines.manage("backup", f"{folder}/kopi")
            machines.manage("restore", "--trial", f"{folder}/kopi")
        except subprocess.CalledProcessError as error:
            figures.strange.append(f"{error}")
        return figures
