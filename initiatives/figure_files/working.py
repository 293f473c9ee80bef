"""What the worker does with files of figures: reads them, and saves what was chosen, in a process beside itself.

So nothing else has to wait, and what a large file takes of memory is given back. Whatever is broken off is taken up
again: reading begins anew, saving is one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, Min

from flere_haender.forked import Forked, IsWanted, attempt
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


def start_helper() -> None:
    """Have one process that takes all that is due, one after another."""
    if not _helper.count and FigureImport.objects.due().exists():
        _helper.start()


def _help(is_wanted: IsWanted) -> None:
    while is_wanted() and take_next():
        pass


_helper = Forked(_help)


def take_next() -> bool:
    """Do what is due next. False: nothing is.

    Raises OperationalError or InterfaceError when the database is away; it is done later.
    """
    job = FigureImport.objects.claim()
    if job is None:
        return False
    work = read if job.step == Step.READING else FigureImport.carry_out
    attempt(job, work, told=_told, most=TRIES, broken_off=BROKEN_OFF)
    return True


def _told(job: FigureImport, error: BaseException) -> str:
    """What the one who uploaded it is told; what nobody foresaw is logged."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    logger.error("Figure import %s failed", job.pk, exc_info=error)
    return FAILED


def read(job: FigureImport) -> None:
    """Read the whole file. Raises ValidationError, in Danish."""
    rows = job.rows.all()
    rows._raw_delete(rows.db)
    columns = Columns.from_kept(job.columns)
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
