import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from flere_haender.embedded_postgres.foreground import database_at_hand, run


class Command(BaseCommand):
    help = "Kører en kommando, mens databasen er i gang, og stopper den indbyggede database bagefter."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("command", nargs=argparse.REMAINDER, help="program og argumenter")

    def handle(self, *args: Any, command: list[str], **options: Any) -> None:
        with database_at_hand():
            raise SystemExit(run(command))
