"""The sessions of those who are signed in."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property

from .users import User


class UserSessionManager(BaseSessionManager["UserSession"]):
    def running(self, user: User) -> list[UserSession]:
        """Those with which somebody is still signed in; a handful."""
        found = self.filter(user=user, expire_date__gt=timezone.now())
        return [each for each in found if not is_over(each.kept)]


def is_over(kept: Mapping[str, Any]) -> bool:
    """Whether a session, by what is kept in it, is too old or has been left alone too long."""
    began_at, seen_at, now = kept.get("began_at", 0), kept.get("seen_at", 0), time.time()
    return bool(now >= began_at + settings.SESSION_COOKIE_AGE or now >= seen_at + settings.SESSION_IDLE)


class UserSession(AbstractBaseSession):
    """Django's session, which also knows whose it is."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions", null=True, editable=False)

    objects: ClassVar[UserSessionManager] = UserSessionManager()

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"
        verbose_name_plural = "sessioner"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from stakeholders.sessions import SessionStore

        return SessionStore

    @property
    def handle(self) -> str:
        """What it is called on a page: the key itself is a secret."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()[:20]

    @cached_property
    def kept(self) -> dict[str, Any]:
        return self.get_decoded()

    @property
    def device(self) -> str:
        """``Firefox på Windows``."""
        return str(self.kept.get("device") or "Ukendt browser")

    @property
    def began_at(self) -> datetime:
        return datetime.fromtimestamp(self.kept.get("began_at", 0), UTC)

    @property
    def seen_at(self) -> datetime:
        """When it was last used, give or take five minutes."""
        return datetime.fromtimestamp(self.kept.get("seen_at", 0), UTC)
