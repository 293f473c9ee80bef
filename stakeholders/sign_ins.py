"""What the libraries tell of sign-ins, written in the access log. Their signals are the only hook that they have."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.apps import apps
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.cache import cache
from django.dispatch import Signal

from .models import AccessKind, User, home_of, record_access, record_own
from .models.access_log import REPEATED_WITHIN


def writes(kind: AccessKind) -> Any:
    """A receiver that writes down that kind of event."""

    def receive(sender: Any, user: Any = None, authenticator: Any = None, **others: Any) -> None:
        record_own(kind, user, authenticator.get_type_display() if authenticator else "")

    return receive


def refused(sender: Any, credentials: dict[str, Any], request: Any = None, **others: Any) -> None:
    """A wrong password: of a known account whose it is, otherwise only that it happened. Never what was typed."""
    signed_in = getattr(request, "user", None)
    known = signed_in if signed_in and signed_in.is_authenticated else _known(credentials)
    if known is None:
        record_access(AccessKind.SIGN_IN_REFUSED, subject="Ukendt e-mail")
    else:
        why = "Forkert adgangskode" if known.is_active else "Kontoen er lukket"
        record_own(AccessKind.SIGN_IN_REFUSED, known, why)


def held_back(credentials: dict[str, Any]) -> None:
    """An attempt that the limit did not let through: once in ten minutes of a known account, and of all the others."""
    known = _known(credentials)
    if cache.add(f"held-back-{known.pk if known else ''}", True, REPEATED_WITHIN.seconds):
        municipality = home_of(known) if known else None
        record_access(AccessKind.SIGN_IN_REFUSED, by=known, municipality=municipality, subject="For mange forsøg")


def _known(credentials: dict[str, Any]) -> User | None:
    typed = credentials.get("email") or credentials.get("username") or ""
    return User.objects.filter(email__iexact=typed).first() if typed and "\x00" not in typed else None


def code_refused(sender: Any, user: Any = None, reauthentication: bool = False, **others: Any) -> None:
    """A wrong code or key, after the right password."""
    record_own(AccessKind.SIGN_IN_REFUSED, user, "Forkert totrinskode")


KINDS: dict[Signal, AccessKind] = {
    user_logged_in: AccessKind.SIGNED_IN,
    user_logged_out: AccessKind.SIGNED_OUT,
    password_changed: AccessKind.PASSWORD_CHANGED,
    password_set: AccessKind.PASSWORD_CHANGED,
    password_reset: AccessKind.PASSWORD_RESET,
}


def listen() -> None:
    """Be told from now on. Asked twice, one is told once."""
    told = dict(KINDS)
    user_login_failed.connect(refused, dispatch_uid="trail")
    if apps.is_installed("allauth.mfa"):
        from allauth.mfa import signals  # needs its models

        told |= {
            signals.authenticator_added: AccessKind.FACTOR_ADDED,
            signals.authenticator_removed: AccessKind.FACTOR_REMOVED,
            signals.authenticator_reset: AccessKind.FACTOR_ADDED,
        }
        signals.authentication_failed.connect(code_refused, dispatch_uid="trail")
    for signal, kind in told.items():
        signal.connect(writes(kind), weak=False, dispatch_uid="trail")
