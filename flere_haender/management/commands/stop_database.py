import shutil
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from flere_haender.embedded_postgres.base import embedded_server
from flere_haender.embedded_postgres.server import ServerError


class Command(BaseCommand):
    help = "Stopper den indbyggede database. Den starter igen, når en kommando har brug for den."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="slet den også med alt, hvad der står i den")

    def handle(self, *args: Any, delete: bool, **options: Any) -> None:
        try:
            server = embedded_server()
            was_running = server.stop()
        except ServerError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Den indbyggede database er stoppet." if was_running else "Ingen indbygget database kører.")
        if delete:
            shutil.rmtree(server.home)
            self.stdout.write(f"{server.home} er slettet.")
