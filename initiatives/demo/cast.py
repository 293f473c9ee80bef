"""The accounts of the demo and the municipality that does not exist."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password

from flere_haender.days import DANISH_TIME
from stakeholders.models import Membership, Municipality, User
from stakeholders.reference import FIRST_PLACEMENT, REGIONS_CHANGE, place

PASSWORD = "demo-flere-haender"
JOINED_ON = date(2024, 9, 2)

KONSULENT = "konsulent@kl.example"
HR_KORSBAEK = "hr@korsbaek.example"
HR_THISTED = "hr@thisted.example"
DEMO_USER = "demo@kl.example"

KORSBAEK = 999
THISTED = 787
COMES_AFTER = "Kolding"


def add_korsbaek() -> Municipality:
    """Add Korsbæk Kommune, which is in no national figure and has no place on the map."""
    korsbaek = Municipality.objects.create(
        code=KORSBAEK,
        name="Korsbæk",
        authority_name="Korsbæk Kommune",
        cvr="11111111",
        # The same number as the one before it in the alphabet: the name settles it.
        sort_order=Municipality.objects.get(name=COMES_AFTER).sort_order,
        is_fictional=True,
    )
    place(korsbaek, kkr="sjaelland", region="Region Sjælland", starts_on=FIRST_PLACEMENT)
    place(korsbaek, kkr="sjaelland", region="Region Østdanmark", starts_on=REGIONS_CHANGE)
    return korsbaek


def add_users(rows: list[dict[str, Any]]) -> dict[str, User]:
    """Add the demo accounts and their memberships. Returns them by e-mail."""
    password = make_password(PASSWORD)
    return {row["email"]: _add_user(row, password) for row in rows}


def _add_user(row: dict[str, Any], password: str) -> User:
    """A user; without a role one who cannot sign in."""
    role = row.get("role")
    joined_at = datetime(JOINED_ON.year, JOINED_ON.month, JOINED_ON.day, 9, tzinfo=DANISH_TIME)
    user = User.objects.create(
        email=row["email"],
        name=row["name"],
        is_superuser=row.get("is_superuser", False),
        is_active=role is not None,
        password=password if role else make_password(None),
        date_joined=joined_at,
        welcomed_at=joined_at,
    )
    if role:
        code = row.get("municipality")
        municipality = Municipality.objects.get(code=code) if code else None
        Membership.objects.create(user=user, municipality=municipality, role=role, started_on=JOINED_ON)
    return user
