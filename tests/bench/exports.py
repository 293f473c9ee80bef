"""What an export takes: the whole log as CSV and as XLSX, and a municipality's archive, first with the demo's rows
and then with many more. Each is made in a process of its own, so that its memory can be told."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

from .history import grow
from .pages import MANY_ROWS

EMAIL = "konsulent@kl.example"
CODE = 787
WHAT = ("csv", "xlsx", "arkiv")


def lines(reader: Any) -> Iterator[Any]:
    """Every row of the log, as the archive has them."""
    from flere_haender.days import today
    from initiatives.archive.table import signed
    from initiatives.exporting import each
    from initiatives.history import SAID_BY
    from initiatives.models import StatusUpdate

    rows = StatusUpdate.objects.with_standing(as_of=today()).select_related(*SAID_BY, "progress__recommendation")
    for row in signed(each(rows.order_by("pk")), reader):
        row.shown_note = row.internal_note_for(reader)
        yield row


def pieces(what: str, reader: Any) -> Iterator[bytes]:
    """The answer as a server gets it, a piece at a time."""
    from initiatives.archive.log import STATUSES
    from initiatives.archive.packing import archive
    from initiatives.exporting import Column, Listing
    from stakeholders.models import Municipality

    if what == "arkiv":
        file = archive(Municipality.objects.get(code=CODE), reader)
        yield from iter(lambda: file.read(65536), b"")
        return
    columns = [Column(field.name, field.value) for field in STATUSES.fields]
    yield from Listing("Log", columns, lines(reader)).file(what)


def one(what: str) -> None:
    """Print bytes, seconds to the first of them and to the last, and how much memory (MB) it took at most."""
    django.setup()
    from stakeholders.models import User

    reader = User.objects.get(email=EMAIL)
    Path("/proc/self/clear_refs").write_text("5")  # forget the most that there was
    before = memory("VmRSS")
    start, first, size = time.perf_counter(), 0.0, 0
    for piece in pieces(what, reader):
        first = first or time.perf_counter() - start
        size += len(piece)
    took = time.perf_counter() - start
    print(f"{size / 1e6:>9.1f} MB {first:>8.2f} s {took:>8.2f} s {memory('VmHWM') - before:>8.1f} MB")


def memory(name: str) -> float:
    """What this process holds now (``VmRSS``), or has held at most (``VmHWM``), in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def measure(rows: int) -> None:
    print(f"{rows} rows in the log:{'':15}size    first byte     whole    memory", flush=True)
    for what in WHAT:
        command = [sys.executable, "-m", "tests.bench.exports", what]
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()
        print(f"  {what:24}{said.rstrip()}", flush=True)


def main() -> None:
    django.setup()
    from initiatives.models import StatusUpdate

    measure(StatusUpdate.objects.count())
    measure(grow(MANY_ROWS))


if __name__ == "__main__":
    one(sys.argv[1]) if len(sys.argv) > 1 else main()
