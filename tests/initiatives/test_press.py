"""The printers as processes of their own beside a real worker: killed, told to stop, cancelled, asked to go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from initiatives.models import OrderedReport, ReportOrder, Stage, StoredReport
from stakeholders.models import Message
from stakeholders.models.outbox import State
from tests.stakeholders import test_worker
from tests.stakeholders.test_worker import OWN, manage, until

own_database, mails, work = test_worker.own_database, test_worker.mails, test_worker.work
Work = Callable[..., Any]


def prepare() -> None:
    """A consultant of KL. For ``manage.py shell``."""
    from flere_haender.access import Role
    from tests.factories import make_user

    make_user(Role.KL_CONSULTANT)


def order(count: int) -> None:
    """Order the reports of so many municipalities. Prints the order's key. For ``manage.py shell``."""
    from stakeholders.models import Membership, Municipality
    from tests.factories import make_zip

    by = Membership.objects.get(role="kl_consultant").user
    print(json.dumps(str(make_zip(list(Municipality.objects.real()[:count]), by=by, query="med=overblik").key)))


@pytest.fixture(scope="module")
def prepared(own_database: dict[str, str]) -> dict[str, str]:
    """The database of the workers, with somebody in it who orders."""
    told(own_database, "prepare()")
    return own_database


def told(environment: dict[str, str], what: str) -> str:
    command = manage("shell", "-v0", "-c", f"from tests.initiatives.test_press import *; {what}")
    return subprocess.run(command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, check=True).stdout


@pytest.fixture
def ordered(prepared: dict[str, str], mails: Any) -> Iterator[Callable[[int], ReportOrder]]:
    def make(count: int) -> ReportOrder:
        found: ReportOrder = ReportOrder.objects.using(OWN).get(key=json.loads(told(prepared, f"order({count})")))
        return found

    yield make
    ReportOrder.objects.using(OWN).all().delete()
    StoredReport.objects.using(OWN).all().delete()


def stages(found: ReportOrder) -> list[str]:
    return list(found.reports.values_list("stage", flat=True))


def is_finished(found: ReportOrder) -> bool:
    return bool(ReportOrder.objects.using(OWN).get(pk=found.pk).finished_at)


def printers_of(worker: Any) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def letters() -> int:
    return Message.objects.using(OWN).filter(occasion="reports_ready", state=State.SENT).count()


def test_killed_in_the_middle_the_rest_is_printed_after_a_restart(ordered: Any, work: Work, mails: Any) -> None:
    found = ordered(6)
    first = work()
    until(lambda: Stage.DONE in stages(found) and Stage.MAKING in stages(found))
    printers = printers_of(first)
    for pid in (first.pid, *printers):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(is_alive, printers)))
    done = set(found.reports.filter(stage=Stage.DONE).values_list("pk", "file__made_at"))
    broken_off = list(found.reports.filter(stage=Stage.MAKING))
    assert (0 < len(done) < 6, is_finished(found), bool(broken_off)) == (True, False, True)
    OrderedReport.objects.using(OWN).filter(stage=Stage.MAKING).update(lease_until=timezone.now())
    work()
    until(lambda: is_finished(found))
    assert done <= set(found.reports.values_list("pk", "file__made_at"))
    attempts = dict(found.reports.values_list("pk", "attempts"))
    assert attempts == {pk: 2 if pk in {row.pk for row in broken_off} else 1 for pk in attempts}
    assert stages(found) == [Stage.DONE] * 6
    until(letters)
    time.sleep(2)
    assert (letters(), len(mails.accepted)) == (1, 1)


def test_a_killed_worker_leaves_no_printers_behind(ordered: Any, work: Work) -> None:
    found = ordered(12)
    worker = work()
    until(lambda: Stage.MAKING in stages(found))
    printers = printers_of(worker)
    worker.kill()
    until(lambda: not any(map(is_alive, printers)))
    assert Stage.WAITING in stages(found)
    assert Stage.MAKING not in stages(found)  # each finished what it had in hand


def test_told_to_stop_it_puts_back_what_it_had_in_hand(ordered: Any, work: Work) -> None:
    found = ordered(8)
    worker = work()
    until(lambda: stages(found).count(Stage.MAKING) >= min(2, len(os.sched_getaffinity(0))))
    printers, before = printers_of(worker), time.monotonic()
    worker.terminate()
    assert worker.wait(10) == 0
    assert time.monotonic() - before < 5
    until(lambda: not any(map(is_alive, printers)))
    assert set(stages(found)) <= {Stage.WAITING, Stage.DONE}
    assert set(found.reports.filter(stage=Stage.WAITING).values_list("attempts", flat=True)) == {0}


def test_printers_leave_no_files_behind(ordered: Any, work: Work, tmp_path: Path) -> None:
    found = ordered(4)
    worker = work(TMPDIR=str(tmp_path))
    until(lambda: list(tmp_path.glob("weasyprint-*")))
    until(lambda: is_finished(found) and not any(map(is_alive, printers_of(worker))))
    assert list(tmp_path.glob("weasyprint-*")) == []


def test_two_workers_print_each_report_once(ordered: Any, work: Work) -> None:
    found = ordered(6)
    for _ in range(2):
        work()
    until(lambda: is_finished(found))
    assert list(found.reports.values_list("stage", "attempts", "is_reused")) == [(Stage.DONE, 1, False)] * 6


def test_cancelled_in_the_middle_it_stops(ordered: Any, work: Work) -> None:
    found = ordered(12)
    worker = work()
    until(lambda: Stage.DONE in stages(found))
    ReportOrder.objects.using(OWN).filter(pk=found.pk).update(cancelled_at=timezone.now())
    until(lambda: not any(map(is_alive, printers_of(worker))))
    assert stages(found).count(Stage.WAITING) > 0
    assert Message.objects.using(OWN).count() == 0


def test_a_killed_printer_is_replaced(ordered: Any, work: Work, prepared: dict[str, str]) -> None:
    """The report that it had is printed by another when the lease is out."""
    found = ordered(3)
    worker = work()
    until(lambda: Stage.MAKING in stages(found))
    for pid in printers_of(worker):
        os.kill(pid, signal.SIGKILL)
    OrderedReport.objects.using(OWN).filter(stage=Stage.MAKING).update(lease_until=timezone.now())
    told(prepared, "from flere_haender.background import look_soon; look_soon('press')")
    until(lambda: is_finished(found))
    assert stages(found) == [Stage.DONE] * 3
    assert worker.poll() is None
