from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from initiatives.background import load_background
from initiatives.reference import load_plan, load_questions
from stakeholders.reference import load_organisations
from timeline.reference import drop_unused_citations, load_events, load_sources


class Command(BaseCommand):
    help = "Indlæser referencedata fra fixtures/. Kan køres igen: det opdaterer og laver aldrig dubletter."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        loaders = (load_organisations, load_sources, load_plan, load_questions, load_events, load_background)
        changed = sum(load(settings.FIXTURE_DIR) for load in loaders)
        drop_unused_citations()
        self.stdout.write(f"Referencedata er indlæst. {changed} rækker er nye eller ændrede.")
