from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from flere_haender.days import today
from initiatives.reminders import Reminder, due_reminders


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("skriv en dato som 2026-11-20") from error


class Command(BaseCommand):
    help = "Sætter dagens påmindelser om statusrunder i kø. Arbejderen gør det selv på hverdage kl. 7-17."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="vis kun, hvad der ville blive sendt")
        parser.add_argument("--at", type=day, default=None, help="en anden dag end i dag, kun sammen med --dry-run")

    def handle(self, *args: Any, dry_run: bool, at: date | None, **options: Any) -> None:
        if at is not None and not dry_run:
            raise CommandError("--at kan kun bruges sammen med --dry-run: Påmindelser sendes på deres egen dag.")
        found = due_reminders(at or today())
        for reminder in found:
            self.stdout.write(self._line(reminder))
            if not dry_run:
                reminder.queue()
        ending = "ville blive sat i kø" if dry_run else "er sat i kø"
        self.stdout.write(f"{len(found)} påmindelser {ending} ({at or today():%d.%m.%Y}).")

    def _line(self, reminder: Reminder) -> str:
        about = "; ".join(
            f"{here.round}, frist {here.deadline:%d.%m.%Y}, {abs(step)} {'dage' if abs(step) > 1 else 'dag'} "
            f"{'efter' if step > 0 else 'før'}"
            for here, step in reminder.steps
        )
        return f"{reminder.to}, {reminder.steps[0][0].municipality}: {about}"
