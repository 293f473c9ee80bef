"""Background work: what the worker (``manage.py work``) looks after. Imports no app; the apps register themselves.

The state of every job lives in rows of our own. A task says only "look there", because a task is lost when its worker
dies; so the worker also looks everywhere when it starts and every minute.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection, transaction
from django_tasks import task

logger = logging.getLogger(__name__)

Look = Callable[[], None]
AWAY = (OperationalError, InterfaceError)  # the database is; it comes back
WORTH_A_LINE = 0.05  # seconds
LAST_LOOK = "worker_last_look"  # in the cache, which all processes share

_looks: dict[str, Look] = {}


class Shift:
    """Whether the worker has been told to stop. A long look asks between two pieces of work."""

    over = False


shift = Shift()


def every_minute(name: str) -> Callable[[Look], Look]:
    """Register what the worker does at its start and every minute.

    Args:
        name: what others call it by (``look_soon``). The function takes nothing, may be run by two workers at once,
            and stops early when ``shift.over``. The modules ``chores`` of all apps are imported at start-up.
    """

    def register(look: Look) -> Look:
        _looks[name] = look
        return look

    return register


@task()
def look_after(name: str) -> None:
    _look(name)


def _look(name: str) -> None:
    """Look, and log how it went; what took no time and went well is not worth a line."""
    began, outcome = time.monotonic(), "failed"
    try:
        _looks[name]()
        outcome = "done"
    finally:
        seconds = time.monotonic() - began
        if outcome == "failed" or seconds > WORTH_A_LINE:
            logger.info("job", extra={"fields": {"job": name, "outcome": outcome, "ms": round(seconds * 1000)}})


class Soon:
    """Asks a worker to look at a place."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self) -> None:
        _enqueue(self.name)


def _enqueue(name: str) -> None:
    look_after.enqueue(name)


def look_soon(name: str) -> None:
    """Have a worker look there as soon as what is being written now is committed: once. Raises nothing."""
    # What was asked for within a savepoint that has been taken back is not among them any more.
    if any(isinstance(asked, Soon) and asked.name == name for _, asked, *_ in connection.run_on_commit):
        return
    transaction.on_commit(Soon(name), robust=True)


def look_after_all() -> None:
    """Do everything that is registered. What fails is logged, is seen in the admin, and keeps nothing else back.

    Raises OperationalError or InterfaceError when the database is away.
    """
    for name in _looks:
        if shift.over:
            return
        try:
            _look(name)
        except AWAY:
            connection.ensure_connection()  # raises when it really is away
            raise
        except Exception as error:
            logger.exception("%s failed", name)
            _show_failure(name, error)
    cache.set(LAST_LOOK, time.time(), timeout=None)


def last_look() -> float:
    """When a worker last looked everywhere, in seconds since 1970; 0 when none has."""
    return float(cache.get(LAST_LOOK, 0))


def _show_failure(name: str, error: Exception) -> None:
    with transaction.atomic():  # no other worker sees it before it has failed
        look_after.enqueue(name).db_result.set_failed(error)  # type: ignore[attr-defined]  # our backend has it
