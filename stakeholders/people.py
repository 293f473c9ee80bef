"""Who has access, and who is invited: the list on /brugere/ and what one can narrow it by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import Case, F, FilteredRelation, Prefetch, Q, QuerySet, When, prefetch_related_objects
from django.utils import timezone

from flere_haender.access import Role, is_kl, may_manage_users, membership_of

from .models import KL, Invitation, Membership, Message, Municipality, User
from .models.invitations import letter_key

STATES = (
    ("active", "Har adgang"),
    ("closed", "Lukket, ikke brugt"),
    ("invited", "Inviteret"),
    ("expired", "Invitation udløbet"),
)
OF_KL = "kl"


def people_visible_to(reader: Any) -> QuerySet[User]:
    """The users with an active membership or an open invitation; KL sees all, a municipality its own."""
    membership = membership_of(reader)
    people = User.objects.annotate(
        member=FilteredRelation("memberships", condition=Q(memberships__ended_on=None)),
        invited=FilteredRelation(
            "invitations", condition=Q(invitations__accepted_at=None, invitations__withdrawn_at=None)
        ),
        is_member=Q(member__isnull=False),
        expires_at=F("invited__expires_at"),
        municipality_id=_of_either("municipality"),
        sort_order=_of_either("municipality__sort_order"),
        role=_of_either("role"),
    ).filter(Q(is_active=True) | Q(closed_at__isnull=False), role__isnull=False)
    if membership is None:
        return people.none()
    if not is_kl(reader):
        people = people.filter(municipality_id=membership.municipality_id)
    return people.order_by(F("sort_order").asc(nulls_first=True), "municipality_id", "name", "email")


def _of_either(field: str) -> Case:
    """Of the membership; without one of the invitation."""
    return Case(When(member__isnull=False, then=f"member__{field}"), default=f"invited__{field}")


class PeopleFilter(django_filters.FilterSet):
    """What KL narrows the list by."""

    kommune = django_filters.ChoiceFilter(
        label="Organisation",
        empty_label="KL og alle kommuner",
        method="of_organisation",
        error_messages={"invalid_choice": "Organisation: Vælg en fra listen."},
    )
    rolle = django_filters.ChoiceFilter(
        label="Rolle",
        field_name="role",
        choices=Role.choices,
        empty_label="Alle roller",
        error_messages={"invalid_choice": "Rolle: Vælg en rolle fra listen."},
    )
    tilstand = django_filters.ChoiceFilter(
        label="Tilstand",
        choices=STATES,
        empty_label="Alle",
        method="in_state",
        error_messages={"invalid_choice": "Tilstand: Vælg en fra listen."},
    )
    q = django_filters.CharFilter(
        label="Navn eller e-mail",
        method="called",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    class Meta:
        model = User
        fields = ()

    def __init__(self, *args: Any, municipalities: Iterable[Municipality], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["kommune"].extra["choices"] = [
            (OF_KL, KL),
            *((str(each.code), each.name) for each in municipalities),
        ]

    def of_organisation(self, people: Any, name: str, code: str) -> Any:
        return (
            people.filter(municipality_id=None)
            if code == OF_KL
            else people.filter(municipality_id__in=Municipality.objects.filter(code=code).values("pk"))
        )

    def in_state(self, people: Any, name: str, state: str) -> Any:
        if state in ("active", "closed"):
            return people.filter(is_member=True, is_active=state == "active")
        when = "expires_at__lte" if state == "expired" else "expires_at__gt"
        return people.filter(is_member=False, **{when: timezone.now()})

    def called(self, people: Any, name: str, text: str) -> Any:
        return named(people, text)


def named(people: QuerySet[User], text: str) -> QuerySet[User]:
    """Those whose name or e-mail has every word of the text in it."""
    for word in text.split():
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return people


@dataclass(frozen=True)
class Person:
    """A line of the list."""

    user: User
    membership: Membership | None
    invitation: Invitation | None
    is_managed: bool  # by the reader
    letter_state: str = ""  # of the invitation's e-mail

    @property
    def at(self) -> Any:
        """What says the role and the organisation."""
        return self.membership or self.invitation


def people_of(users: Iterable[User], reader: Any) -> list[Person]:
    """The lines for these users, as ``reader`` may see them; three queries, however many they are."""
    rows: list[Any] = list(users)
    active = Membership.objects.active().select_related("municipality")
    pending = Invitation.objects.open().select_related("municipality")
    to_members = Prefetch("memberships", active, to_attr="active_rows")
    prefetch_related_objects(rows, to_members, Prefetch("invitations", pending, to_attr="open_rows"))
    keys = [_key(row) for user in rows for row in user.open_rows]
    letters = dict(Message.objects.filter(key__in=keys).values_list("key", "state"))
    return [_person(user, reader, letters) for user in rows]


def _key(invitation: Invitation) -> str:
    return letter_key(invitation.pk, invitation.times_sent)


def _person(user: Any, reader: Any, letters: dict[str, str]) -> Person:
    membership = next(iter(user.active_rows), None)
    invitation = None if membership else next(iter(user.open_rows), None)
    at: Any = membership or invitation
    return Person(
        user,
        membership,
        invitation,
        is_managed=may_manage_users(reader, at.municipality_id),
        letter_state=letters.get(_key(invitation), "") if invitation else "",
    )
