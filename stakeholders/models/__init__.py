"""WHO: the actors, the municipalities and where they lie, the users and what they are members of."""

from .access_log import AccessEntry, AccessKind, home_of, record_about, record_access, record_own
from .installation import Installation, LoadedFixture
from .invitations import Invitation
from .outbox import Message
from .places import MUNICIPALITIES, Actor, Kkr, Municipality, Placement, Region
from .roles import KL, organisation_of, roles_of
from .sessions import UserSession
from .texts import EditableText, EditableTextEvent, TextChangedSince
from .users import AlreadyEnded, Consequence, Membership, NotTold, User

__all__ = [
    "KL",
    "MUNICIPALITIES",
    "AccessEntry",
    "AccessKind",
    "Actor",
    "AlreadyEnded",
    "Consequence",
    "EditableText",
    "EditableTextEvent",
    "Installation",
    "Invitation",
    "Kkr",
    "LoadedFixture",
    "Membership",
    "Message",
    "Municipality",
    "NotTold",
    "Placement",
    "Region",
    "TextChangedSince",
    "User",
    "UserSession",
    "home_of",
    "organisation_of",
    "record_about",
    "record_access",
    "record_own",
    "roles_of",
]
