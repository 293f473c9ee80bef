import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from flere_haender.embedded_postgres.foreground import database_at_hand, kept_running, run
from stakeholders.models import Installation

GUNICORN = [sys.executable, "-m", "gunicorn"]  # gunicorn.conf.py says how
WORKER = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", "--with-parent"]
DEMO_LOGINS = """
Log på demoen med adgangskoden demo-flere-haender som
  konsulent@kl.example     konsulent i KL
  admin@kl.example         administrator
  hr@korsbaek.example      redaktør i Korsbæk Kommune
  leder@korsbaek.example   leder i Korsbæk Kommune
  hr@thisted.example       redaktør i Thisted Kommune
"""


class Command(BaseCommand):
    help = "Gør databasen klar og kører Flere hænder på denne maskine, på porten PORT, indtil der trykkes Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        with database_at_hand(), self._listen(settings.PORT) as listener:
            call_command("prepare_database")
            self.stdout.write(f"\nFlere hænder kører på http://127.0.0.1:{settings.PORT}/ (stop med Ctrl-C)")
            if Installation.is_demo():
                self.stdout.write(DEMO_LOGINS)
            self.stdout.flush()
            with kept_running(WORKER):
                raise SystemExit(run([*GUNICORN, f"--bind=fd://{listener.fileno()}"], pass_fds=[listener.fileno()]))

    def _listen(self, port: int) -> socket.socket:
        """Listen here already, so that the address holds when it is printed and a used port is told of in Danish."""
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} kan ikke bruges, måske fordi noget andet bruger den. "
                f"Vælg en anden, for eksempel: make run PORT={port + 1}"
            ) from error
