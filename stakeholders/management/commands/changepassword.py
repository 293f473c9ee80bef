import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword

from stakeholders.models import AccessKind, User, home_of, record_access


class Command(changepassword.Command):
    """Django's own, which leaves a trace."""

    NAME = "manage changepassword"

    def handle(self, *args: Any, **options: Any) -> Any:
        said = super().handle(*args, **options)
        user = User.objects.get_by_natural_key(options["username"] or getpass.getuser())
        record_access(AccessKind.PASSWORD_CHANGED, about_user=user, municipality=home_of(user), detail=self.NAME)
        return said
