"""WHO: the actors, the municipalities and where they lie, the users and what they are members of."""

from .installation import Installation, LoadedFixture
from .outbox import Message
from .places import MUNICIPALITIES, Actor, Kkr, Municipality, Placement, Region, fold
from .users import KL, Membership, User

__all__ = [
    "KL",
    "MUNICIPALITIES",
    "Actor",
    "Installation",
    "Kkr",
    "LoadedFixture",
    "Membership",
    "Message",
    "Municipality",
    "Placement",
    "Region",
    "User",
    "fold",
]
