"""What the worker does with files of figures: reads them, and saves what was chosen, in a process beside itself.

So nothing else has to wait, and what a large file takes of memory is given back. Whatever is broken off is taken up
again: reading begins anew, saving is one transaction.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from django.db.models import Count, Min

from flere_haender.background import AWAY
from initiatives.models import FigureImport, FigureRow, Step
from initiatives.models.figure_import import BROKEN_OFF, TRIES
from initiatives.models.figure_rows import Outcome, Staged, add_rows
from stakeholders.spellings import MunicipalityNames

from .columns import ALL, Columns, FigureFile
from .reading import read_rows

logger = logging.getLogger(__name__)

AT_ONCE = 5_000  # rows between two signs of life
MOST_LABELS = 200
MANY_LABELS = f"Kolonnen med nøgletal har flere end {MOST_LABELS} forskellige navne. Er det den rigtige kolonne?"
NO_FIGURES = "Der er ingen tal for kommuner i de kolonner, der er valgt."
FAILED = "Filen kunne ikke læses. Fejlen er skrevet ned hos KL."

_helpers: list[Any] = []


def start_helper() -> None:
    """Have one process that takes all that is due, one after another."""
    _helpers[:] = [each for each in _helpers if each.is_alive()]
    if _helpers or not FigureImport.objects.due().exists():
        return
    connections.close_all()  # each has its own
    helper = multiprocessing.get_context("fork").Process(target=_help, args=(os.getpid(),), daemon=True)
    helper.start()
    _helpers.append(helper)


def _help(worker: int) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        while os.getppid() == worker and take_next():
            pass
    except AWAY as error:
        logger.warning("Reading figures, the database was lost: %s", error)
    finally:
        connections.close_all()


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def take_next() -> bool:
    """Do what is due next. False: nothing is.

    Raises OperationalError or InterfaceError when the database is away; it is done later.
    """
    job = FigureImport.objects.claim()
    if job is None:
        return False
    if job.attempts > TRIES:
        logger.error("Figure import %s is given up: its workers died", job.pk)
        job.fail(BROKEN_OFF)
        return True
    try:
        if job.step == Step.READING:
            read(job)
        else:
            job.carry_out()
    except SystemExit:
        connections.close_all()  # it may be in the middle of something
        job.let_go()
        raise
    except AWAY:
        raise
    except ValidationError as refusal:
        job.fail(" ".join(refusal.messages))
    except Exception:
        logger.exception("Figure import %s failed", job.pk)
        job.fail(FAILED)
    return True


def read(job: FigureImport) -> None:
    """Read the whole file. Raises ValidationError, in Danish."""
    rows = job.rows.all()
    rows._raw_delete(rows.db)
    columns = Columns.from_kept({name: value for name, value in job.columns.items() if name != "named"})
    file = FigureFile(bytes(job.content or b""), job.file_name, ALL)
    total = file.count(columns.sheet)
    for number, batch in _batches(file, columns):
        with transaction.atomic():
            if not job.advance(min(number, total), total):
                return  # somebody else has taken it over, or it is cancelled
            add_rows(job, batch)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {FigureRow._meta.db_table}")
    job.be_read(labels_of(job))


def _batches(file: FigureFile, columns: Columns) -> Iterator[tuple[int, list[Staged]]]:
    batch: list[Staged] = []
    number = 0
    for number, found in read_rows(file, columns, MunicipalityNames()):
        batch += found
        if len(batch) >= AT_ONCE:
            yield number, batch
            batch = []
    yield number, batch


def labels_of(job: FigureImport) -> list[tuple[str, int]]:
    """The names of the indicators in the file, in its order, each with how many figures it has."""
    figures = job.rows.filter(outcome=Outcome.FIGURE).order_by()
    found = figures.values("label").annotate(count=Count("pk"), first=Min("pk")).order_by("first")
    labels = [(row["label"], row["count"]) for row in found[: MOST_LABELS + 1]]
    if not labels:
        raise ValidationError(NO_FIGURES)
    if len(labels) > MOST_LABELS:
        raise ValidationError(MANY_LABELS)
    return labels
