from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from flere_haender.backups import BackupError, restore, trial_database
from flere_haender.embedded_postgres.foreground import database_at_hand
from flere_haender.pooled import refuse_pool


class Command(BaseCommand):
    help = "Henter en sikkerhedskopi ind i en tom database, og ser efter, at alle rækker er de samme."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FIL", type=Path, help="som manage.py backup har lavet")
        parser.add_argument(
            "--trial", action="store_true", help="prøv den af i en ny database på samme server, som slettes bagefter"
        )

    def handle(self, *args: Any, file: Path, trial: bool, **options: Any) -> None:
        refuse_pool()
        try:
            with database_at_hand(), trial_database() if trial else nullcontext():
                manifest = restore(file)
        except BackupError as error:
            raise CommandError(str(error)) from error
        same = f"{manifest.row_count} rækker i {len(manifest.tables)} tabeller er de samme som {manifest.made_at}."
        self.stdout.write(f"{same} {'Prøven er slettet igen.' if trial else 'Kør nu: manage.py prepare_database'}")
