"""What those who run the service watch, in the text that Prometheus reads.

All is read from the database, so it is the same whichever process answers, and however many there are. What requests
cost stands in the log, a line for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from flere_haender.background import last_look
from stakeholders.models import Message, UserSession
from stakeholders.models.outbox import State

from .models import OrderedReport, ReportingRound, Stage


class Measure(NamedTuple):
    """A gauge: one value, or one for each value of its label."""

    name: str
    about: str
    values: dict[str, float]
    label: str = ""

    def lines(self) -> Iterator[str]:
        name = f"flere_haender_{self.name}"
        yield f"# HELP {name} {self.about}"
        yield f"# TYPE {name} gauge"
        for value, number in self.values.items():
            yield f'{name}{{{self.label}="{value}"}} {number}' if self.label else f"{name} {number}"


def text() -> str:
    """All measures as they are now."""
    return "".join(f"{line}\n" for measure in measures() for line in measure.lines())


def measures() -> Iterator[Measure]:
    now = timezone.now()
    oldest = Message.objects.waiting().filter(due_at__lte=now).aggregate(oldest=Min("due_at"))["oldest"]
    reports = OrderedReport.objects.filter(order__cancelled_at=None)
    tasks = DBTaskResult.objects.all()
    counted = {"ready": tasks.ready(), "running": tasks.running(), "failed": tasks.failed()}
    yield Measure("messages", "E-mails by state.", _by(Message.objects.all(), "state", State.values), "state")
    waits = (now - oldest).total_seconds() if oldest else 0
    yield Measure("oldest_message_seconds", "How long the oldest e-mail that is due has waited.", {"": waits})
    yield Measure("ordered_reports", "Ordered reports by stage.", _by(reports, "stage", Stage.values), "stage")
    yield Measure("tasks", "Tasks of the worker by state.", {name: s.count() for name, s in counted.items()}, "state")
    yield Measure("worker_last_look_timestamp_seconds", "When a worker last looked everywhere.", {"": last_look()})
    yield Measure("rounds_open", "Status rounds that are open.", {"": ReportingRound.objects.open().count()})
    sessions = UserSession.objects.filter(expire_date__gt=now)
    yield Measure("sessions", "Sessions that are good.", {"": sessions.count()})
    yield Measure("database_bytes", "What the database takes on its disk.", {"": _database_bytes()})


def _by(rows: QuerySet, field: str, values: list[str]) -> dict[str, float]:
    count = dict(rows.values_list(field).annotate(Count("pk")).order_by())
    return {value: count.get(value, 0) for value in values}


def _database_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
