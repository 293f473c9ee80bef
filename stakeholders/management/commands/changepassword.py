import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword

from stakeholders.models import AccessKind, User, record_about


class Command(changepassword.Command):
    """Django's own, which leaves a trace."""

    NAME = "manage changepassword"

    def handle(self, *args: Any, **options: Any) -> Any:
        said = super().handle(*args, **options)
        user = User.objects.get_by_natural_key(options["username"] or getpass.getuser())
        record_about(AccessKind.PASSWORD_CHANGED, user, detail=self.NAME)
        return said
