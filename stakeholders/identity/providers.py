"""The identity providers that there are, by their ids."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from ..models import Membership, User
from .claims import Rules


def names() -> dict[str, str]:
    """What they are called, by id, in the order of the settings."""
    return {app["provider_id"]: app["name"] for app in _apps()}


def _apps() -> list[dict[str, Any]]:
    apps: list[dict[str, Any]] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return apps


def name_of(provider_id: str) -> str | None:
    """What it is called; None: there is none."""
    return names().get(provider_id)


def answering_for(user: User) -> list[str]:
    """The names of the providers that the user signs in through, and so not with a password.

    Not one that the user is tied to from another organisation: it lets them in no more.
    """
    tied = set(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))
    held = user.membership
    if held is None:
        return []
    apps = [app for app in _apps() if app["provider_id"] in tied]
    return [app["name"] for app in apps if answers_for(Rules.of(app["settings"]), held)]


def answers_for(rules: Rules, held: Membership) -> bool:
    """Whether a provider with these rules may sign in members of that organisation."""
    cvr = held.municipality.cvr if held.municipality else settings.KL_CVR
    return bool(cvr) and rules.covers(cvr, kl_cvr=settings.KL_CVR)
