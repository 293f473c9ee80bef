from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Count
from django_tasks_db.models import DBTaskResult

from initiatives.models import OrderedReport, Stage
from stakeholders.models import Message
from stakeholders.models.outbox import State

SHOWN = 20


class Command(BaseCommand):
    help = "Viser køen: e-mails og rapporter, der venter, er i gang, fejler eller er opgivet, og opgaver."

    def handle(self, *args: Any, **options: Any) -> None:
        self._messages()
        self._reports()
        self._tasks()

    def _messages(self) -> None:
        count = dict(Message.objects.values_list("state").annotate(Count("pk")).order_by())
        self.stdout.write("E-mails")
        for state in State:
            self.stdout.write(f"  {state.label:34}{count.get(state, 0):6}")
        failing = Message.objects.exclude(error="").exclude(state=State.DROPPED)
        for message in failing.order_by("due_at")[:SHOWN]:
            when = "opgivet" if message.state == State.GIVEN_UP else f"igen {message.due_at:%F %R} UTC"
            self.stdout.write(f"  {message}, forsøg {message.attempts}, {when}: {message.error}")

    def _reports(self) -> None:
        rows = OrderedReport.objects.filter(order__cancelled_at=None)
        count = dict(rows.values_list("stage").annotate(Count("pk")).order_by())
        self.stdout.write("Rapporter")
        for stage in Stage:
            self.stdout.write(f"  {stage.label:34}{count.get(stage, 0):6}")
        for row in rows.filter(stage=Stage.FAILED).order_by("-pk")[:SHOWN]:
            self.stdout.write(f"  {row}: {row.error}")

    def _tasks(self) -> None:
        tasks = DBTaskResult.objects.all()
        self.stdout.write("Opgaver")
        for word, some in (("Venter", tasks.ready()), ("I gang", tasks.running()), ("Fejlet", tasks.failed())):
            self.stdout.write(f"  {word:34}{some.count():6}")
        for task in tasks.failed().order_by("-finished_at")[:SHOWN]:
            said = task.traceback.strip().rpartition("\n")[2]
            self.stdout.write(f"  {task.task_name} {task.args_kwargs['args']}, {task.finished_at:%F %R}: {said}")
