"""Sessions: kept with whose they are, and ended when they are too old or have been left alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest, HttpResponse

from .models import UserSession
from .models.sessions import is_over

SEEN_EVERY = 5 * 60  # seconds between two notes of when a session was used

BROWSERS = (
    *(("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox")),
    *(("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari")),
)
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS X", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux")),
)


class SessionStore(DatabaseStore):
    """Django's own in the database, with the user beside it (``SESSION_ENGINE``)."""

    @classmethod
    def get_model_class(cls) -> type[UserSession]:
        return UserSession

    def create_model_instance(self, data: dict[str, Any]) -> UserSession:
        session: Any = super().create_model_instance(data)
        session.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return session

    def save(self, must_create: bool = False) -> None:
        """A fault of the database is no session that is gone, which Django takes it for and answers with a 400."""
        try:
            super().save(must_create)
        except UpdateError as error:
            fault = error.__context__
            if fault and fault.__cause__:  # the driver's; that no row was there is Django's own
                raise fault from fault.__cause__
            raise


def begin(request: HttpRequest, **_: Any) -> None:
    """Somebody has signed in: from when on, and in what. No address is kept."""
    now = int(time.time())
    device = device_of(request.META.get("HTTP_USER_AGENT", ""))
    request.session.update({"began_at": now, "seen_at": now, "device": device})


def end_others(request: HttpRequest, user: Any, **_: Any) -> None:
    """An app or a passkey was added here: so whoever has one has shown it, or added it, in each session they have."""
    user.sign_out_everywhere(but=request.session.session_key)


def device_of(agent: str) -> str:
    """``Firefox på Windows``, as far as the browser says so itself; empty when it does not."""
    found = [next((name for mark, name in names if mark in agent), "") for names in (BROWSERS, SYSTEMS)]
    return " på ".join(filter(None, found))


class SessionLimitsMiddleware:
    """Ends a session that is too old (``SESSION_COOKIE_AGE``) or has been left alone (``SESSION_IDLE``), in seconds.

    Whoever comes with it is a visitor, so that what they send is kept until they have signed in again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            if is_over(request.session):
                logout(request)
            elif time.time() >= request.session["seen_at"] + SEEN_EVERY:
                request.session["seen_at"] = int(time.time())
        return self.get_response(request)
