"""The municipality itself, who has and had a role in it, and the reports that were issued about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from initiatives.exporting import each
from initiatives.models import IssuedReport
from stakeholders.models import Invitation, Membership, Municipality

from .table import Field, Table, as_json, day, moment, number, yes_no

MUNICIPALITY = Table(
    "kommune",
    "Kommunen og dens valg",
    "En linje.",
    (
        number("Kommunekode", lambda row: row.code),
        Field("Kommune", lambda row: row.authority_name),
        yes_no("Lederen indsender", lambda row: row.leader_hands_in, "Ellers indsender redaktøren."),
        Field("Fælles postkasse", lambda row: row.unit_mailbox),
    ),
    lambda municipality, reader: [municipality],
    (Municipality,),
)

# Of a membership and of an invitation.
_NAME, _ROLE = Field("Navn", lambda row: str(row.user)), Field("Rolle", lambda row: row.get_role_display())

MEMBERSHIPS = Table(
    "medlemskaber",
    "Hvem der har og har haft en rolle",
    "En linje for hver rolle. Den, der er gjort anonym, hedder Tidligere bruger og et nummer.",
    (
        _NAME,
        _ROLE,
        day("Fra", lambda row: row.started_on),
        day("Til og med", lambda row: row.ended_on, "Tom, hvis rollen gælder endnu."),
    ),
    lambda municipality, reader: each(
        Membership.objects.visible_to(reader)
        .filter(municipality=municipality)
        .select_related("user")
        .order_by("started_on", "pk")
    ),
    (Membership,),
)

INVITATIONS = Table(
    "invitationer",
    "Invitationer",
    "En linje for hver, der er inviteret.",
    (
        _NAME,
        _ROLE,
        moment("Sendt", lambda row: row.sent_at),
        moment("Accepteret", lambda row: row.accepted_at),
        moment("Trukket tilbage", lambda row: row.withdrawn_at),
    ),
    lambda municipality, reader: each(
        Invitation.objects.visible_to(reader).filter(municipality=municipality).select_related("user").order_by("pk")
    ),
    (Invitation,),
)


def issued(municipality: Municipality, reader: Any) -> Iterable[IssuedReport]:
    """The reports about it, without their bytes."""
    rows = IssuedReport.objects.visible_to(reader).filter(municipality=municipality).without_content()
    return each(rows.order_by("year", "number"))


def path_of(report: IssuedReport) -> str:
    """Where its PDF lies in the archive."""
    return f"rapporter/{report.file_name.replace('/', '-').replace(chr(92), '-')}"


REPORTS = Table(
    "udstedte-rapporter",
    "Udstedte rapporter om kommunen",
    "En linje for hver. Rapporten selv ligger i mappen rapporter, som den blev udstedt.",
    (
        Field("Nr.", lambda row: row.label),
        Field("Fil", path_of),
        Field("Overskrift", lambda row: row.title),
        day("Status pr.", lambda row: row.as_of),
        moment("Som kendt", lambda row: row.known_at),
        day("Ændringer siden", lambda row: row.since),
        moment("Udstedt", lambda row: row.issued_at),
        Field("Af", lambda row: row.organisation),
        Field("Valg", lambda row: as_json(row.parameters), "JSON: det, der blev valgt, da rapporten blev lavet."),
        Field("SHA-256", lambda row: row.sha256, "Filens aftryk."),
    ),
    issued,
    (IssuedReport,),
)
