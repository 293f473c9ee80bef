"""Processes that the worker forks: nothing else has to wait for them, and what they took of memory is given back."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from django.db import connections

from .background import AWAY

logger = logging.getLogger(__name__)

IsWanted = Callable[[], bool]


class Forked:
    """Processes that do the same work. Each ends when it is told to, or when the worker is gone.

    Args:
        work: what one of them does, until it is over or the question that it gets is answered with no.
    """

    def __init__(self, work: Callable[[IsWanted], None]) -> None:
        self.work = work
        self.processes: list[Any] = []

    @property
    def count(self) -> int:
        """How many there are now."""
        self.processes = [each for each in self.processes if each.is_alive()]
        return len(self.processes)

    def start(self, count: int = 1) -> None:
        connections.close_all()  # each has its own
        for _ in range(count):
            process = multiprocessing.get_context("fork").Process(target=self._run, args=(os.getpid(),), daemon=True)
            process.start()
            self.processes.append(process)

    def _run(self, worker: int) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, _leave)
        gc.freeze()  # what it was born with is not searched for garbage, and stays shared
        try:
            self.work(lambda: os.getppid() == worker)
        except AWAY as error:
            logger.warning("A process beside the worker has lost the database: %s", error)
        finally:
            connections.close_all()
            gc.collect()  # it would end without, and WeasyPrint's folder of fonts goes when it is collected


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def attempt(
    job: Any,
    work: Callable[[Any], object],
    *,
    told: Callable[[Any, BaseException], str],
    most: int,
    broken_off: str,
    errors: tuple[type[BaseException], ...] = (Exception,),
) -> None:
    """Do the work of a job that has been claimed; it fails, is let go when this process is told to stop, or is done.

    Args:
        told: what the one who waits for it is told of an error.
        most: how often it may be broken off; after that it fails with ``broken_off``.
        errors: what it may fail with.

    Raises OperationalError or InterfaceError when the database is away; it is done later.
    """
    if job.attempts > most:
        logger.error("%s %s is given up: its processes died", type(job).__name__, job.pk)
        job.fail(broken_off)
        return
    try:
        work(job)
    except SystemExit:
        connections.close_all()  # it may be in the middle of something
        job.let_go()
        raise
    except AWAY:
        raise
    except errors as error:
        job.fail(told(job, error))
