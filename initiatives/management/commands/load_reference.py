from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from initiatives.reference import load_plan
from stakeholders.reference import load_organisations


class Command(BaseCommand):
    help = "Indlæser referencedata fra fixtures/. Kan køres igen: det opdaterer og laver aldrig dubletter."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        changed = load_organisations(settings.FIXTURE_DIR) + load_plan(settings.FIXTURE_DIR)
        self.stdout.write(f"Referencedata er indlæst. {changed} rækker er nye eller ændrede.")
