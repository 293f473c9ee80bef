"""Danish days: every date in the application is a day in Copenhagen, every moment is kept in UTC."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import DateField, Func
from django.utils import timezone

DANISH_TIME = ZoneInfo("Europe/Copenhagen")


def danish_day(moment: datetime) -> date:
    """The Danish day on which ``moment`` falls."""
    return moment.astimezone(DANISH_TIME).date()


def today() -> date:
    """The Danish day now."""
    return danish_day(timezone.now())


def end_of_day(day: date) -> datetime:
    """The last microsecond of a Danish day."""
    midnight_after = datetime.combine(day + timedelta(days=1), time.min, tzinfo=DANISH_TIME)
    return midnight_after - timedelta(microseconds=1)


class DanishDay(Func):
    """In the database: the Danish day on which a moment falls."""

    template = "((%(expressions)s) AT TIME ZONE 'Europe/Copenhagen')::date"
    output_field = DateField()
