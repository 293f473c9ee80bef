from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from initiatives.demo import NotEmpty, load_demo


class Command(BaseCommand):
    help = "Indlæser opdigtede demodata i en tom database. Det kan ikke gøres om: databasen er derefter en demo."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = load_demo(settings.FIXTURE_DIR)
        except NotEmpty as refusal:
            raise CommandError(str(refusal)) from refusal
        if written:
            with connection.cursor() as cursor:  # so that the first pages are as quick as those of tomorrow
                cursor.execute("ANALYZE")
            self.stdout.write(f"Demodata er indlæst: {written} opdigtede statusnotater.")
        else:
            self.stdout.write("Databasen har allerede demodata. Intet er ændret.")
