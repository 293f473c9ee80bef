from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from flere_haender.backups import BackupError, make
from flere_haender.embedded_postgres.foreground import database_at_hand
from flere_haender.pooled import refuse_pool


class Command(BaseCommand):
    help = "Gemmer hele databasen i en fil, mens tjenesten kører, og ser efter, at filen kan læses."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FIL", type=Path, help="skal ikke findes i forvejen")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        refuse_pool()
        try:
            with database_at_hand():
                manifest = make(file)
        except BackupError as error:
            raise CommandError(str(error)) from error
        size = file.stat().st_size / 1e6
        self.stdout.write(
            f"{file}: {manifest.row_count} rækker i {len(manifest.tables)} tabeller, {size:.1f} MB. "
            f"Prøv den af med: manage.py restore --trial {file}"
        )
