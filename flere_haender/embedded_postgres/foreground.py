"""Run a command that needs the database, and leave nothing running when it ends or is told to."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from .base import embedded_server
from .server import ServerError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_SECONDS = 15


@contextmanager
def database_at_hand() -> Iterator[None]:
    """Have the database running inside the block; afterwards stop the embedded server unless others use it.

    SIGINT, SIGTERM and SIGHUP leave the block and then the process. Raises CommandError when there is no database.
    """
    try:
        with _signals_as_exits(), embedded_server().in_use() if settings.EMBEDDED_DATABASE else nullcontext():
            yield
    except ServerError as error:
        raise CommandError(str(error)) from error


def run(command: Sequence[str], **options: Any) -> int:
    """Run a command to its end, or end it and all that it started when we are told to stop; return its exit status.

    Args:
        command: program and arguments. It can't ask at the terminal, since it runs in a process group of its own.
        options: further arguments for `subprocess.Popen`.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until there is a child to tell

    def heed_signals() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell lets what it runs in the background ignore it
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    with subprocess.Popen(command, process_group=0, preexec_fn=heed_signals, **options) as child:
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            return child.wait()
        except SystemExit:
            os.killpg(child.pid, signal.SIGINT)  # what Ctrl-C does, and every program knows how to end by
            raise


@contextmanager
def kept_running(command: Sequence[str]) -> Iterator[None]:
    """Have a second program running inside the block: started again when it dies, told to end (SIGTERM) afterwards."""
    over = threading.Event()

    def keep() -> None:
        while not over.is_set():
            with subprocess.Popen(command, process_group=0, preexec_fn=_default_signals) as child:
                while child.poll() is None and not over.wait(0.2):
                    pass
                child.terminate()
                with suppress(subprocess.TimeoutExpired):
                    child.wait(PATIENCE_SECONDS)
                child.kill()
            over.wait(1)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _default_signals() -> None:
    for each in SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


@contextmanager
def _signals_as_exits() -> Iterator[None]:
    """Let the first signal raise SystemExit, and later ones not disturb the clearing up."""

    def leave(number: int, frame: FrameType | None) -> None:
        for each in handlers:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    handlers = {each: signal.getsignal(each) for each in SIGNALS}
    handlers = {each: handler for each, handler in handlers.items() if handler != signal.SIG_IGN}
    for each in handlers:
        signal.signal(each, leave)
    try:
        yield
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
