"""Who somebody is here, whom an identity provider has signed in: which user, with which membership.

A user is known by the provider and its ``sub``. An e-mail alone ties nobody to a user of another organisation, so
the provider of one municipality never signs anybody in as a user of another.
"""

from __future__ import annotations

from contextlib import suppress

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from ..models import AccessKind, AlreadyEnded, Invitation, Membership, Municipality, User, record_about
from .claims import Access, Person, Rules
from .providers import answers_for
from .reasons import Reason, Refused


def known(provider: str, subject: str) -> User | None:
    """The user whom the provider has signed in before."""
    account = SocialAccount.objects.select_related("user").filter(provider=provider, uid=subject).first()
    return account.user if account else None


def municipality_of(cvr: str) -> Municipality | None:
    """The municipality with this CVR number; None is KL. Raises Refused: it is neither's."""
    if cvr == settings.KL_CVR:
        return None
    found = Municipality.objects.filter(cvr=cvr).first()
    if found is None:
        raise Refused(Reason.CVR_UNKNOWN)
    return found


def admit(provider: str, person: Person, access: Access) -> User:
    """Let somebody in as the user that they are, with the role that the provider gives; made, if they are new.

    Raises:
        Refused: they are not to come in; nothing has been written then.
    """
    municipality = municipality_of(access.cvr)
    try:
        return _admit(provider, person, access, municipality)
    except IntegrityError:  # the same person in two windows at once: now they are there
        return _admit(provider, person, access, municipality)


@transaction.atomic
def _admit(provider: str, person: Person, access: Access, municipality: Municipality | None) -> User:
    tied = known(provider, person.subject)
    user = tied or User.objects.filter(email__iexact=person.email).first()
    if user is None:
        user = User.objects.create_user(person.email, name=person.name)
    else:
        user = User.objects.select_for_update().get(pk=user.pk)
        _refuse_unless_welcome(user, municipality, is_tied=tied is not None)
    _give(user, access, municipality)
    if tied is None:
        _tie(user, provider, person.subject)
    _take_over(user, person)
    return user


def _refuse_unless_welcome(user: User, municipality: Municipality | None, *, is_tied: bool) -> None:
    if not user.is_active:
        raise Refused(Reason.INACTIVE)
    if user.is_superuser:
        raise Refused(Reason.SUPERUSER)
    invitation = _open_invitation(user)
    where = user.membership or invitation
    if where is not None:
        if where.municipality != municipality:
            raise Refused(Reason.ELSEWHERE)
        return
    last = user.memberships.order_by("-ended_on", "-pk").first()
    if not (is_tied and last and last.ended_by_provider):
        raise Refused(Reason.REMOVED)


def _open_invitation(user: User) -> Invitation | None:
    return user.invitations.open().filter(expires_at__gt=timezone.now()).select_related("municipality").first()


def _tie(user: User, provider: str, subject: str) -> None:
    """From now on this is the user. One whom the provider knows under another id may be somebody else."""
    if SocialAccount.objects.filter(user=user, provider=provider).exists():
        raise Refused(Reason.OTHER_SUBJECT)
    SocialAccount.objects.create(user=user, provider=provider, uid=subject)
    record_about(AccessKind.USER_CHANGED, user, by=user, subject="Login", detail=f"knyttet til {provider}")


def _take_over(user: User, person: Person) -> None:
    """The e-mail follows the provider; the name is the user's own once there is one."""
    if user.email != person.email:
        if User.objects.filter(email__iexact=person.email).exclude(pk=user.pk).exists():
            raise Refused(Reason.EMAIL_TAKEN)
        user.email = person.email
        EmailAddress.objects.filter(user=user).delete()  # with the old one nobody signs in
        record_about(AccessKind.USER_CHANGED, user, by=user, subject="E-mail", detail="fulgte loginnet")
    user.name = user.name or person.name
    user.save(update_fields=["email", "name"])


def _give(user: User, access: Access, municipality: Municipality | None) -> None:
    """The role, as of today. What was another role before is kept with its days."""
    held = user.membership
    if held is None:
        user.invitations.open().filter(municipality=municipality).update(accepted_at=timezone.now())
        Membership.give(user, access.role, municipality=municipality, by=None)
    elif held.role != access.role:
        try:
            held.follow_provider(access.role)
        except AlreadyEnded as error:  # somebody removed them this moment
            raise Refused(Reason.REMOVED) from error


@transaction.atomic
def take_away(provider: str, subject: str, rules: Rules) -> None:
    """The provider says that somebody has no role any more: the membership that it answers for ends, if there is one.

    Their sessions end with it.
    """
    user = known(provider, subject)
    held = user.membership if user else None
    if user is None or held is None:
        return
    if answers_for(rules, held):
        with suppress(AlreadyEnded):
            held.end_for_provider()
