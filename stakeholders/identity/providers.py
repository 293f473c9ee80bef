"""The identity providers that there are, by their ids."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from ..models import User


def names() -> dict[str, str]:
    """What they are called, by id, in the order of the settings."""
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return {app["provider_id"]: app["name"] for app in apps}


def name_of(provider_id: str) -> str | None:
    """What it is called; None: there is none."""
    return names().get(provider_id)


def answering_for(user: User) -> list[str]:
    """The names of the providers that the user signs in through, and so not with a password."""
    held = set(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))
    return [name for provider_id, name in names().items() if provider_id in held]
