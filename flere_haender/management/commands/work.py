import logging
import os
import signal
import time
from datetime import timedelta
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from flere_haender.background import AWAY, every_minute, look_after_all, shift

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 60
SECONDS_BETWEEN_TASKS = 0.3  # somebody may be waiting for a report
SECONDS_TO_FINISH = 5  # what is in hand when we are told to stop
DAYS_KEPT = {"min_age_days": 1, "failed_min_age_days": 90}
LONGEST_TASK = timedelta(hours=6)


class WorkerDied(Exception):
    """The worker that ran the task is gone."""


@every_minute("tasks")
def tidy_tasks() -> None:
    """Tasks that went well are soon forgotten; those whose worker died have failed, and can be seen in the admin."""
    for lost in DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - LONGEST_TASK):
        lost.set_failed(WorkerDied("Arbejderen stoppede, før opgaven var færdig."))
    call_command("prune_db_task_results", verbosity=0, **DAYS_KEPT)


class Command(BaseCommand):
    help = "Baggrundsarbejderen: sender e-mails og andet, der venter. Ser efter med det samme og hvert minut."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--with-parent", action="store_true", help="stop, når programmet, der startede den, er væk"
        )

    def handle(self, *args: Any, with_parent: bool, **options: Any) -> None:
        self.parent = os.getppid() if with_parent else None
        self.next_look = time.monotonic()
        self.away = False
        self.worker = Worker(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.stop)
        while not shift.over:
            self.work()
            time.sleep(SECONDS_BETWEEN_TASKS)
            if self.parent not in (None, os.getppid()):
                shift.over = True

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Finish what is in hand. What takes too long is broken off: it is taken up again later."""
        shift.over, self.worker.running = True, False
        signal.signal(signal.SIGALRM, self.leave)
        signal.alarm(SECONDS_TO_FINISH)

    def leave(self, number: int, frame: FrameType | None) -> None:
        os._exit(0)  # nothing more is waited for; what was not committed has not happened

    def work(self) -> None:
        """Do what is to be done now. Without the database: say so once, and try again."""
        try:
            if time.monotonic() >= self.next_look:
                look_after_all()
                self.next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS
            self.worker.run()
        except AWAY as error:
            if not self.away:
                logger.error("The worker cannot reach the database, and tries again: %s", error)
            self.away = True
            connections.close_all()
        else:
            if self.away:
                logger.error("The worker has the database again")
            self.away = False
