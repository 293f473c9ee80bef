"""What a pool such as pgbouncer cannot carry, when it gives each transaction another connection."""

from django.conf import settings
from django.core.management.base import CommandError


def refuse_pool() -> None:
    """For commands that hold on to a lock, a snapshot or a setting of their connection. Raises CommandError."""
    if settings.DATABASE_POOLED:
        raise CommandError(
            "Kommandoen skal have fat i databasen selv og ikke i puljen foran den (DATABASE_POOLED). "
            "Kør den med DATABASE_POOLED=0 og databasens egen adresse i DATABASE_URL."
        )
