from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from flere_haender.pooled import refuse_pool
from stakeholders.second_factor import renew_secrets


class Command(BaseCommand):
    help = "Gør databasen klar: tabeller, referencedata og i den indbyggede database (eller med DEMO=1) demodata."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_pool()
        with connection.cursor() as cursor:  # two of these at once take turns; the lock goes with the connection
            cursor.execute("SELECT pg_advisory_lock(hashtext('prepare_database'))")
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("load_reference")
        renew_secrets()
        if settings.EMBEDDED_DATABASE or settings.DEMO:
            call_command("load_demo")
