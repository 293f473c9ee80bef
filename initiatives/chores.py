"""What the worker looks after in WHAT: rounds open and close on their days, people are reminded, reports printed."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from flere_haender.background import every_minute
from flere_haender.days import DANISH_TIME, today

from .figure_files.working import start_helper
from .models import FigureImport, ReportOrder, StoredReport, Upload
from .models.figure_import import FIGURES
from .models.orders import PRESS
from .models.rounds import tend_rounds
from .press import start_printers
from .reminders import due_reminders

# People get reminders in their working hours.
FROM_HOUR, UNTIL_HOUR = 7, 17


@every_minute("rounds")
def rounds() -> None:
    tend_rounds()


@every_minute("uploads")
def forget_uploads() -> None:
    """What has been read in files and is too old is kept no longer, confirmed or not."""
    Upload.objects.expired().delete()
    FigureImport.objects.expired().light().delete()


@every_minute(FIGURES)
def read_figures() -> None:
    start_helper()


@every_minute("reminders")
def remind() -> None:
    """Queue the reminders of today; the same one is never queued twice."""
    if FROM_HOUR <= timezone.now().astimezone(DANISH_TIME).hour < UNTIL_HOUR:
        for reminder in due_reminders(today()):
            reminder.queue()


@every_minute(PRESS)
def print_reports() -> None:
    start_printers()


@every_minute("old reports")
def tidy_reports() -> None:
    """Orders expire, and then the files that nobody else holds."""
    ReportOrder.objects.expired().delete()
    with transaction.atomic():
        old = list(StoredReport.objects.unused().select_for_update(skip_locked=True).values_list("pk", flat=True))
        StoredReport.objects.without_content().filter(pk__in=old).delete()
