"""`make drill`: the long tests, with their figures in one table. Nothing of it is left.

`python -m tests.drill faults` runs the fault bench alone; `load`, `restore` and `hostile` are the others.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import randrange
from typing import Protocol

import django

HOSTILE_REQUESTS = 10_000
BY_DEFAULT = ["faults", "load", "restore", "hostile"]


class Figures(Protocol):
    """What a part has found."""

    @property
    def is_right(self) -> bool: ...

    def lines(self) -> Iterable[tuple[str, object]]: ...


def faults(chosen: argparse.Namespace) -> Figures:
    from .faults import run

    return run(minutes=chosen.minutes, seed=chosen.seed)


@contextmanager
def demo_site() -> Iterator[object]:
    """One machine with demo data, and the empty page of the bench."""
    from tests.world import world_in

    told = {"DEMO": "1", "DEBUG": "0", "DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    with tempfile.TemporaryDirectory() as folder, world_in(Path(folder), variables=told) as world:
        world.manage("prepare_database")
        world.start("server")
        world.start("worker")
        yield world


def load(chosen: argparse.Namespace) -> Figures:
    from .load import measure

    with demo_site() as world:
        return measure(world, seconds=chosen.minutes * 60, seed=chosen.seed)


def restore(chosen: argparse.Namespace) -> Figures:
    from .restoring import drill

    with demo_site() as world:
        return drill(world)


def hostile(chosen: argparse.Namespace) -> Figures:
    """Hostile values to every address, in a process of its own, which tells of its figures as it goes."""
    command = [sys.executable, "-m", "tests.hostile", "--requests", str(chosen.requests)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    return Told(done.returncode == 0, done.stdout.strip().splitlines()[-12:])


class Told:
    """The figures of another program: what it said last."""

    def __init__(self, is_right: bool, said: list[str]) -> None:
        self.is_right, self.said = is_right, said

    def lines(self) -> Iterator[tuple[str, object]]:
        yield from ((line, "") for line in self.said)


PARTS: dict[str, Callable[[argparse.Namespace], Figures]] = {
    "faults": faults,
    "load": load,
    "restore": restore,
    "hostile": hostile,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all of them when none is named")
    parser.add_argument("--minutes", type=float, default=4, help="how long the site is under fire, and under load")
    parser.add_argument("--seed", type=int, default=randrange(10_000), help="the same again: who is killed, and when")
    parser.add_argument("--requests", type=int, default=HOSTILE_REQUESTS, help="how many hostile ones")
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flere_haender.settings")
    django.setup()
    found = {name: run(name, chosen) for name in chosen.parts or BY_DEFAULT}
    print(*table(found, chosen.seed), sep="\n")
    return 0 if all(each.is_right for each in found.values()) else 1


def run(name: str, chosen: argparse.Namespace) -> Figures:
    """One part. When it breaks off, that is what it has found, and the others are run all the same."""
    print(f"{name} ...", flush=True)
    try:
        return PARTS[name](chosen)
    except Exception as error:
        traceback.print_exc()
        return Told(False, [f"broken off: {error!r}"])


def table(found: dict[str, Figures], seed: int) -> Iterator[str]:
    """All figures of all parts."""
    for name, figures in found.items():
        yield f"\n{name:50}{'right' if figures.is_right else 'WRONG'}"
        yield from (f"  {what:48}{said}".rstrip() for what, said in figures.lines())
    yield f"\nseed {seed}"


if __name__ == "__main__":
    sys.exit(main())
