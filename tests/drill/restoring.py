"""The restore drill at the full size of the demo: back up while it runs, lose the database, restore, compare."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.world import Visitor, World


@dataclass
class Restored:
    """How long it took, and what came back."""

    seconds: dict[str, float]
    size: int
    said: str
    pages: list[int]

    @property
    def is_right(self) -> bool:
        return "er de samme som" in self.said and self.pages == [200, 200]

    def lines(self) -> Iterator[tuple[str, object]]:
        yield "the backup", f"{self.size / 1e6:.1f} MB"
        for name, seconds in self.seconds.items():
            yield f"  {name}", f"{seconds:.1f} s"
        yield "compared, row by row", self.said


def drill(world: World) -> Restored:
    """Back up the world's database, destroy the server with its files, and put the backup into a new one."""
    seconds: dict[str, float] = {}

    def timed(name: str, act: Callable[[], str]) -> str:
        start = time.monotonic()
        said = act()
        seconds[name] = time.monotonic() - start
        return said.strip()

    with tempfile.TemporaryDirectory() as folder:
        backup = Path(folder) / "kopi"
        timed("to take it", lambda: world.manage("backup", str(backup)))
        for process in world.processes:
            world.kill(process)
        world.kill("database")
        shutil.rmtree(world.database.data)
        said = timed("to restore it in an empty database", lambda: world.manage("restore", str(backup)))
        timed("to make it ready", lambda: world.manage("prepare_database"))
        timed("until the site answers", lambda: world.start("server") or "")
        pages = [Visitor(world.site).get(page) for page in ("/", "/anbefalinger/")]
        return Restored(seconds, backup.stat().st_size, said.partition(". ")[0], pages)
