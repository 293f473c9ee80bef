"""What the reports cost: one beside the typesetter alone, all 98 by the worker beside one after another, and memory.

Ratios within one run, so that a slow machine does not matter; but the batch wants all cores, so let them be idle.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.conf import settings

SINGLES, TURNS = 6, 3
EMAIL = "konsulent@kl.example"
QUERY = "siden=2026-06-01"
CHANGED = 5
PLACES = int(os.environ.get("PLACES", "98"))  # fewer on a machine that is busy; then CHANGED weighs more
PATIENCE = 1800


class Watch(threading.Thread):
    """The most memory (MB) that a process and those it started hold together: shared pages counted once (PSS)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.peak_rss = pid, 0.0, 0.0

    def run(self) -> None:
        while True:
            found = [held(pid) for pid in self.family()]
            self.peak = max(self.peak, sum(pss for pss, _ in found))
            self.peak_rss = max(self.peak_rss, sum(rss for _, rss in found))
            time.sleep(1)  # to look costs the one that is looked at some milliseconds

    def family(self) -> list[int]:
        try:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        except OSError:
            children = []
        return [self.pid, *map(int, children)]


def held(pid: int) -> tuple[float, float]:
    """PSS and RSS in MB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    said = {name: int(value.split()[0]) / 1024 for name, _, value in (line.partition(":") for line in lines[1:])}
    return said["Pss"], said["Rss"]


@contextmanager
def worker() -> Iterator[Watch]:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen(command, env={**os.environ, "EMAIL_URL": "dummymail://"}, **quiet)
    watch = Watch(running.pid)
    watch.start()
    time.sleep(5)
    try:
        yield watch
    finally:
        running.terminate()
        running.wait()


def choice_of(municipality: Any, user: Any) -> Any:
    from django.http import QueryDict

    from initiatives.reports.choice import Choice

    return Choice.from_query(QueryDict(f"om=kommune:{municipality.code}&{QUERY}"), user=user)


def printed(municipality: Any, user: Any) -> bytes:
    from initiatives.reports import as_pdf

    return as_pdf(choice_of(municipality, user).report())


def one(municipalities: list[Any], user: Any) -> float:
    """How many times what the typesetter alone takes the whole report takes: each in turn, the best of three."""
    from django.template.loader import render_to_string

    from flere_haender.pdf import render_pdf

    printed(municipalities[0], user)  # loads the fonts
    alone, whole = 0.0, 0.0
    for each in municipalities[:SINGLES]:
        html = render_to_string("reports/pdf.html", {"report": choice_of(each, user).report()})
        turns = [(timed(render_pdf, html), timed(printed, each, user)) for _ in range(TURNS)]
        alone, whole = (
            total + min(found) for total, found in zip((alone, whole), zip(*turns, strict=True), strict=True)
        )
    return whole / alone


def timed(work: Callable[..., object], *given: Any) -> float:
    gc.collect()
    start = time.perf_counter()
    work(*given)
    return time.perf_counter() - start


def batch(municipalities: list[Any], user: Any, query: str = QUERY) -> tuple[float, Any]:
    """Seconds from the order until its ZIP is ready, and the order."""
    from django.http import QueryDict

    from initiatives.models import ReportOrder
    from initiatives.reports.choice import Choice

    choice = Choice.from_query(QueryDict(query), user=user)
    start = time.perf_counter()
    order = ReportOrder.of_many(choice, municipalities, by=user, title="Bænk", key=uuid.uuid4())
    order.wait(PATIENCE)
    return time.perf_counter() - start, order


def change(municipalities: list[Any], user: Any) -> None:
    """Each says something new about its first recommendation."""
    from initiatives.models import Progress

    for municipality in municipalities:
        cell = Progress.objects.filter(municipality=municipality).order_by("recommendation__number").first()
        assert cell is not None
        last = cell.updates.order_by("-pk").first()
        seen = last.pk if last else None
        cell.record("on_hold", by=user, note=f"Sat i bero {uuid.uuid4()}.", seen=seen)


def main() -> None:
    django.setup()
    from stakeholders.models import Municipality, User

    user, everywhere = User.objects.get(email=EMAIL), list(Municipality.objects.real()[:PLACES])
    print(f"{SINGLES} rapporter hver for sig, {TURNS} gange ...", flush=True)
    print(f"{'one beside the typesetter alone':48}{one(everywhere, user):>8.2f} (at most 1.15)", flush=True)
    singles = timed(lambda: [printed(each, user) for each in everywhere])
    print(f"{len(everywhere)} one after another: {singles:.1f} s", flush=True)
    with worker() as watch:
        first, _ = batch(everywhere, user)
        peak = watch.peak
        print(
            f"{'all at once beside one after another':48}{first / singles:>8.2f} (at most 0.70)  {first:.1f} s",
            flush=True,
        )
        change(everywhere[:CHANGED], user)
        again, order = batch(everywhere, user)
        reused = order.reports.filter(is_reused=True).count()
        print(
            f"{f'again, {CHANGED} of them changed':48}{again / first:>8.2f} (at most 0.15)  "
            f"{again:.1f} s, {reused} reused"
        )
        batch(everywhere, user, f"{QUERY}&til=Andre")
        print(
            f"{'peak memory of the worker, MB':48}{watch.peak:>8.0f} (under 500)   "
            f"first batch {peak:.0f}; RSS added up {watch.peak_rss:.0f}"
        )


if __name__ == "__main__":
    main()
