from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from stakeholders.identity.providers import names
from stakeholders.models import AccessKind, User, record_about


class Command(BaseCommand):
    help = "Glem, hvem en bruger er hos en identitetsudbyder, når udbyderen har givet samme person et nyt id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="brugerens e-mail i Flere hænder")
        parser.add_argument("provider", help="udbyderens id i OIDC_PROVIDERS")

    @transaction.atomic
    def handle(self, *args: Any, email: str, provider: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError("Der er ingen bruger med den e-mail.")
        if not SocialAccount.objects.filter(user=user, provider=provider).delete()[0]:
            known = ", ".join(names()) or "ingen"
            raise CommandError(f"Brugeren er ikke knyttet til {provider}. Udbydere, der er sat op: {known}.")
        record_about(AccessKind.USER_CHANGED, user, subject="Login", detail=f"ikke længere knyttet til {provider}")
        self.stdout.write("Knytningen er fjernet. Næste login hos udbyderen knytter brugeren igen efter e-mailen.")
