"""Danish days: every date in the application is a day in Copenhagen, every moment is kept in UTC."""

from calendar import monthrange
from datetime import date, datetime, time
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


def start_of_day(day: date) -> datetime:
    """The first moment of a Danish day."""
    return datetime.combine(day, time.min, tzinfo=DANISH_TIME)


def end_of_day(day: date) -> datetime:
    """The last microsecond of a Danish day."""
    return datetime.combine(day, time.max, tzinfo=DANISH_TIME)


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class DanishDay(Func):
    """In the database: the Danish day on which a moment falls."""

    template = "((%(expressions)s) AT TIME ZONE 'Europe/Copenhagen')::date"
    output_field = DateField()
