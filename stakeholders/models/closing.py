"""Accounts that nobody uses are closed after two warnings that were sent, and opened again by those who manage the
users."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from flere_haender.access import Role, may_manage_users
from flere_haender.days import danish_day, end_of_day, months_before, today

from .access_log import AccessEntry, AccessKind, record_about, record_access, record_own
from .installation import Installation
from .outbox import Message
from .users import Membership, User

# How long before the closing the two warnings go out.
FIRST, SECOND = timedelta(days=30), timedelta(days=7)
WARNING, LAST_OF_ROLE, ERASURE = "account_unused", "last_of_role_closed", "erasure_asked"


def unused_since(user: User) -> datetime:
    """When the user last signed in, was made or was let in again."""
    return max(moment for moment in (user.last_login, user.date_joined, user.opened_at) if moment)


def _used_at_latest() -> date:
    """The last day on which an account that is closed today was used."""
    return months_before(today(), settings.ACCOUNT_UNUSED_MONTHS)


def unused_accounts() -> QuerySet[User]:
    """The members and administrators whom it is time to warn, or who have been warned."""
    latest = end_of_day(_used_at_latest() + FIRST)
    quiet = User.objects.annotate(used_at=Greatest("last_login", "date_joined", "opened_at"))
    quiet = quiet.filter(is_active=True, used_at__lte=latest)
    members = Membership.objects.active().values("user")
    return quiet.filter(pk__in=members).union(quiet.filter(is_superuser=True)).order_by("pk")


def tend_unused_accounts() -> None:
    """Warn, and close those who have been warned twice. Can be done again, and by two at once.

    Nobody is closed in a demo database, or where ``ACCOUNT_UNUSED_MONTHS`` is 0.
    """
    if not settings.ACCOUNT_UNUSED_MONTHS or Installation.is_demo():
        return
    for user in unused_accounts():
        closes_on = warn(user)
        if closes_on and closes_on <= today():
            close(user.pk)


def warn(user: User) -> date | None:
    """Send the warning that it is time for. Returns the day of the closing, once both have been sent."""
    first = _warning(user, 1)
    sent_on = _sent_on(first)
    if sent_on is None or today() < sent_on + FIRST - SECOND:
        return None
    second_on = _sent_on(_warning(user, 2))
    return max(sent_on + FIRST, second_on + SECOND) if second_on else None


def _warning(user: User, number: int) -> Message:
    since = unused_since(user).isoformat()
    key = f"{WARNING} {user.pk} {since} {number}"
    return Message.queue(WARNING, to=user, about={"since": since, "number": number}, key=key)


def _sent_on(message: Message) -> date | None:
    """None while it waits, and when it was given up: nobody is closed whom no warning has reached."""
    return danish_day(message.sent_at) if message.sent_at else None


@transaction.atomic
def close(pk: int) -> bool:
    """Close an account that has not been used. Returns whether it was closed now.

    Not when another worker is at it, when the user has just signed in, for the last superuser, or when nobody could be
    told that the organisation now lacks a role.
    """
    list(User.objects.filter(is_superuser=True).select_for_update().order_by("pk"))  # the last two take turns
    user = User.objects.select_for_update(skip_locked=True).filter(pk=pk, is_active=True).first()
    if user is None or unused_since(user) > end_of_day(_used_at_latest()) or user.is_last_superuser:
        return False
    membership = user.membership
    if membership and membership.lacking and not _tell(membership):
        return False
    user.is_active, user.closed_at = False, timezone.now()
    user.save(update_fields=["is_active", "closed_at"])
    user.sign_out_everywhere()
    record_about(AccessKind.ACCOUNT_CLOSED, user, subject="Ikke brugt i lang tid")
    return True


def _tell(closed: Membership) -> bool:
    """Tell those who can open the account again, or invite another; the superusers, when there is none of them.

    Returns whether anybody was told.
    """
    managers = Membership.objects.active().exclude(pk=closed.pk)
    managers = managers.filter(Q(role=Role.KL_CONSULTANT) | Q(role=Role.LEADER, municipality=closed.municipality))
    others = User.objects.filter(is_active=True).exclude(pk=closed.user_id)
    told = others.filter(pk__in=managers.values("user")) or others.filter(is_superuser=True)
    for each in told:
        key = f"{LAST_OF_ROLE} {closed.user_id} {today().isoformat()} {each.pk}"
        Message.queue(LAST_OF_ROLE, to=each, about={"membership": closed.pk}, key=key)
    return bool(told)


@transaction.atomic
def open_again(membership: Membership, *, by: User) -> bool:
    """Open an account that was closed because nobody used it. Returns whether it was closed.

    Raises:
        PermissionDenied: ``by`` may not manage users here.
    """
    if not may_manage_users(by, membership.municipality_id):
        raise PermissionDenied
    user = User.objects.select_for_update().get(pk=membership.user_id)
    if user.is_active or user.closed_at is None or membership.ended_on is not None:
        return False
    user.is_active, user.closed_at, user.opened_at = True, None, timezone.now()
    user.save(update_fields=["is_active", "closed_at", "opened_at"])
    record_access(AccessKind.ACCOUNT_OPENED, by=by, about_user=user, municipality=membership.municipality)
    return True


@transaction.atomic
def ask_for_erasure(user: User) -> None:
    """Tell KL's administrators that the user wants to be erased; once a day is enough."""
    if (asked := erasure_asked_at(user)) and danish_day(asked) == today():
        return
    record_own(AccessKind.ERASURE_ASKED, user)
    for boss in User.objects.filter(is_superuser=True, is_active=True).order_by("pk"):
        key = f"{ERASURE} {user.pk} {today().isoformat()} {boss.pk}"
        Message.queue(ERASURE, to=boss, about={"user": user.pk}, key=key)


def erasure_asked_at(user: Any) -> datetime | None:
    """When the user last asked to be erased."""
    return AccessEntry.objects.filter(by=user, kind=AccessKind.ERASURE_ASKED).values_list("at", flat=True).first()
