"""Prints the reports that are ordered, in processes beside the worker: on all cores, and nothing else has to wait.

A printer is forked from the worker, so that they share what they have loaded, prints a number of reports and ends:
what the typesetter keeps in its memory does not grow from batch to batch.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, QueryDict

from flere_haender.background import look_soon
from flere_haender.forked import Forked, IsWanted, attempt

from .models import FactsChanged, IssuedReport, OrderedReport, Purpose, StoredReport
from .models.ordered import LONGEST, TRIES
from .models.orders import PRESS

logger = logging.getLogger(__name__)

# Each takes some 60 MB of its own; so also a machine with many cores stays below 500 MB.
MOST_PRINTERS = 4
REPORTS_A_PRINTER = 20
CHANGED = "Tallene er ændret, siden du så rapporten. Se den igennem, og udsted den igen."
NO_MORE = "Rapporten findes ikke mere, eller du har ikke længere adgang til den."
BROKEN_OFF = "Rapporten kunne ikke laves: arbejdet blev afbrudt flere gange."
TOO_SLOW = f"Rapporten kunne ikke laves på {LONGEST} sekunder. Vælg mindre indhold."
FAILED = "Rapporten kunne ikke laves. Fejlen er skrevet ned hos KL."


class TooSlow(BaseException):
    """The report takes longer than it may; nothing on the way takes it for an error of its own."""


def start_printers() -> None:
    """Have as many printers as there are reports to print, but no more than there are cores."""
    most = min(len(os.sched_getaffinity(0)), MOST_PRINTERS)
    missing = min(OrderedReport.objects.due().count(), most - _printers.count)
    if missing > 0:
        from . import reports  # noqa: F401 (loaded once, before they part)

        _printers.start(missing)


def _print(is_wanted: IsWanted) -> None:
    signal.signal(signal.SIGALRM, _break_off)
    for _ in range(REPORTS_A_PRINTER):
        if not (is_wanted() and print_next()):
            return
    look_soon(PRESS)  # so another one goes on


_printers = Forked(_print)


def _break_off(number: int, frame: FrameType | None) -> NoReturn:
    raise TooSlow


def print_next() -> bool:
    """Print the next report that is due. False: there is none.

    Raises OperationalError or InterfaceError when the database is away; the report is printed later.
    """
    ordered = OrderedReport.objects.claim()
    if ordered is None:
        return False
    attempt(ordered, _make_in_time, told=_told, most=TRIES, broken_off=BROKEN_OFF, errors=(Exception, TooSlow))
    return True


def _make_in_time(ordered: OrderedReport) -> None:
    with _no_longer_than(LONGEST):
        make(ordered)


@contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
    """Raises TooSlow in a printer, which answers to the alarm."""
    is_printer = signal.getsignal(signal.SIGALRM) is _break_off
    if is_printer:
        signal.alarm(seconds)
    try:
        yield
    finally:
        if is_printer:
            signal.alarm(0)


def _told(ordered: OrderedReport, error: BaseException) -> str:
    """What the one who ordered it is told; what nobody foresaw is logged."""
    if isinstance(error, FactsChanged):
        return CHANGED
    if isinstance(error, Http404 | PermissionDenied):
        return NO_MORE
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    logger.error("Ordered report %s (%s) cannot be printed", ordered.pk, ordered.name, exc_info=error)
    return TOO_SLOW if isinstance(error, TooSlow) else FAILED


def make(ordered: OrderedReport) -> None:
    """Print the report, or find it among those that have been. Raises what the report raises."""
    from .reports.choice import Choice

    order = ordered.order
    choice = Choice.from_query(QueryDict(ordered.query), user=order.ordered_by or AnonymousUser())
    if not choice.may_be_read_by(order.ordered_by):
        raise PermissionDenied
    if order.purpose == Purpose.ISSUE:
        assert order.ordered_by is not None  # reportorder_somebody_ordered_it
        by, at = order.ordered_by, order.ordered_at
        issued = IssuedReport.issue(choice, by=by, seen=order.seen, key=order.key, at=at)
        return ordered.be_done(issued=issued)
    return _store(ordered, choice)


def _store(ordered: OrderedReport, choice: Any) -> None:
    from .reports import as_pdf, file_name
    from .reports.sameness import digests

    report = choice.report()
    digest = digests(choice, report)
    # Of many, one that says the same will do; one alone is to say also when one knew it.
    wanted = {"facts": digest.facts} if ordered.order.is_zip else {"exact": digest.exact}
    with transaction.atomic():
        if found := StoredReport.objects.take(**wanted):
            return ordered.be_done(found, is_reused=True)
    content = as_pdf(report)
    said = {"file_name": file_name(report), "as_of": report.as_of, "known_at": report.known_at}
    said |= {"facts": digest.facts, "content": content, "size": len(content)}
    with transaction.atomic():  # somebody else may have printed it meanwhile: the same bytes
        file, _ = StoredReport.objects.get_or_create(exact=digest.exact, defaults=said)
        ordered.be_done(file)
    return None
