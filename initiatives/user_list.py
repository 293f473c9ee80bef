"""Users invited from a list: each row goes through the verb that invites one.

It lives here and not with the users, because reading files, showing what they change and confirming it once does
(``intake``), and imports run one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from flere_haender.access import Role, is_kl, may_manage_users, membership_of
from stakeholders.models import KL, Invitation, Membership, Municipality, User, organisation_of, roles_of
from stakeholders.models.invitations import why_not
from stakeholders.spellings import MunicipalityNames
from stakeholders.words import plain

from .intake.cells import Cell
from .intake.items import Difference, Fault, Item, Preview, State
from .intake.reading import is_csv, read_csv, read_workbook
from .intake.table import HEADINGS_WITHIN, TypedRow, marked_merged, typed_rows
from .intake.uploads import kind
from .intake.xlsx import Row
from .models import Upload

KIND = "brugere"
MOST = 200
KEPT_FOR = timedelta(hours=1)  # names and addresses are kept no longer than it takes to look them through
EMAIL, NAME, ORGANISATION, ROLE = "E-mail", "Navn", "Organisation", "Rolle"
SPELLINGS = {
    EMAIL: ("e mail", "email", "mail", "e mailadresse", "mailadresse", "emailadresse"),
    NAME: ("navn", "fulde navn"),
    ORGANISATION: ("organisation", "kommune", "myndighed"),
    ROLE: ("rolle",),
}
ROLES = {
    **{plain(role.label): role for role in Role},
    "konsulent": Role.KL_CONSULTANT,
    "laeser": Role.KL_READER,
    "redaktoer": Role.EDITOR,
    "leder": Role.LEADER,
}
NO_TABLE = (
    "Vi fandt ingen liste. Første række skal have overskrifterne E-mail og Rolle, og hvis I vil Organisation og Navn."
)
TOO_MANY = f"Listen har flere end {MOST} brugere. Del den i flere filer."
NO_ROWS = "Listen har ingen brugere."
NO_EMAIL = "Skriv en hel e-mailadresse, for eksempel navn@kommune.dk."
NO_ROLE = "Skriv en rolle: {}."
NO_ORGANISATION = "Skriv KL eller en kommune."
NOT_YOURS = "Du kan kun invitere til {}."
LONG_NAME = "Navnet er for langt. Skriv højst 120 tegn."


def read(content: bytes, name: str) -> dict[str, Any]:
    """The rows of a list, for ``Upload.rows``.

    Raises:
        ValidationError: the file as a whole cannot be used, in Danish.
    """
    for sheet, rows, merged in _sheets(content, name):
        if columns := _columns(rows):
            taken = marked_merged(typed_rows(sheet, rows, list(columns.values())), merged)
            if not taken:
                raise ValidationError(NO_ROWS)
            if len(taken) > MOST:
                raise ValidationError(TOO_MANY)
            return {"sheet": sheet, "rows": [[row.number, _kept(row, columns)] for row in taken]}
    raise ValidationError(NO_TABLE)


def _sheets(content: bytes, name: str) -> Iterator[tuple[str, list[tuple[int, Row]], Sequence[Any]]]:
    if is_csv(content, name):
        yield "CSV", list(read_csv(content)), ()
        return
    book = read_workbook(content)
    for sheet in book.parts:
        reader = book.rows(sheet)
        rows = list(reader)
        yield sheet, rows, reader.merged


def _columns(rows: Iterable[tuple[int, Row]]) -> dict[str, str]:
    """What the columns are called in this file, by our name of them; none when it is no list of users."""
    for _, row in list(rows)[:HEADINGS_WITHIN]:
        said = {plain(cell.text): cell.text for cell in row.values()}
        found = {ours: said[word] for ours, words in SPELLINGS.items() for word in words if word in said}
        if EMAIL in found and ROLE in found:
            return found
    return {}


def _kept(row: TypedRow, columns: Mapping[str, str]) -> dict[str, list[str]]:
    cells = {ours: row.cells[theirs] for ours, theirs in columns.items()}
    return {ours: [cell.address, cell.text, cell.fault] for ours, cell in cells.items()}


def keep(rows: dict[str, Any], *, by: Any, file_name: str) -> Upload:
    """Keep what was read for the one who uploaded it. Raises PermissionDenied."""
    own: Municipality | None = membership_of(by).municipality
    found: Upload = Upload.keep(
        rows, kind=KIND, by=by, municipality=own, file_name=file_name, may=may_manage_users, kept_for=KEPT_FOR
    )
    return found


@kind(KIND, may=may_manage_users)
def look(upload: Upload, reader: Any) -> Preview:
    """Whom the list would invite, as the database is now."""
    rows = [
        Listed(number, {name: Cell(*kept) for name, kept in cells.items()}) for number, cells in upload.rows["rows"]
    ]
    return Preview([*Look(upload.rows["sheet"], rows, reader).items])


@dataclass(frozen=True)
class Listed:
    """A row of the list."""

    number: int
    cells: Mapping[str, Cell]

    def text(self, column: str) -> str:
        return self.cells[column].text if column in self.cells else ""

    @property
    def email(self) -> str:
        return self.text(EMAIL).lower()


class Look:
    """One look at a list; the number of queries does not depend on its rows."""

    def __init__(self, sheet: str, rows: Sequence[Listed], reader: Any) -> None:
        self.sheet, self.rows, self.reader = sheet, rows, reader
        self.names = MunicipalityNames()
        users = User.objects.annotate(plain=Lower("email")).filter(plain__in={row.email for row in rows})
        self.users: dict[str, User] = {user.email.lower(): user for user in users}
        active, pending = Membership.objects.active(), Invitation.objects.open()
        self.members = {row.user_id: row for row in active.filter(user__in=users).select_related("municipality")}
        self.invited = {row.user_id: row for row in pending.filter(user__in=users).select_related("municipality")}
        self.first: dict[str, str] = {}

    @property
    def items(self) -> Iterator[Item]:
        for row in self.rows:
            yield self._item(row)

    def _item(self, row: Listed) -> Item:
        found = Item(f"raekke-{row.number}", "", row.email or f"Række {row.number}", State.REFUSED)
        found.faults = [Fault(self.sheet, cell.address, cell.fault) for cell in row.cells.values() if cell.fault]
        if not found.faults:
            self._read(row, found)
        return found

    def _read(self, row: Listed, found: Item) -> None:
        municipality, faults = self._organisation(row)
        role = ROLES.get(plain(row.text(ROLE)), "")
        if not faults and role not in roles_of(municipality):
            faults.append(self._fault(row, ROLE, NO_ROLE.format(_named(roles_of(municipality)))))
        faults += [*self._email_faults(row), *self._name_faults(row)]
        if faults:
            found.faults = faults
            return
        user = self.users.get(row.email)
        where = self._where(user, municipality) if user else None
        said = why_not(user, where, municipality, by=self.reader) if user else ""
        if said and where is not None and (where.municipality, where.role) == (municipality, role):
            found.state, found.notices = State.SAME, [said]
        elif said:
            found.faults = [self._fault(row, EMAIL, said)]
        else:
            self._invite(row, found, municipality, role)

    def _organisation(self, row: Listed) -> tuple[Municipality | None, list[Fault]]:
        """Where to; None is KL."""
        text = row.text(ORGANISATION)
        own: Municipality | None = membership_of(self.reader).municipality
        if not text and not is_kl(self.reader):
            return own, []
        found = self.names.find(text)
        if found is None and plain(text) != plain(KL):
            return None, [self._fault(row, ORGANISATION, NO_ORGANISATION)]
        if not may_manage_users(self.reader, found.pk if found else None):
            return found, [self._fault(row, ORGANISATION, NOT_YOURS.format(organisation_of(own)))]
        return found, []

    def _email_faults(self, row: Listed) -> Iterator[Fault]:
        try:
            forms.EmailField(max_length=254).clean(row.email)
        except ValidationError:
            yield self._fault(row, EMAIL, NO_EMAIL)
            return
        if row.email in self.first:
            yield self._fault(row, EMAIL, f"E-mailen står også i celle {self.first[row.email]}.")
        self.first.setdefault(row.email, row.cells[EMAIL].address)

    def _name_faults(self, row: Listed) -> Iterator[Fault]:
        if len(row.text(NAME)) > 120:
            yield self._fault(row, NAME, LONG_NAME)

    def _where(self, user: User, municipality: Municipality | None) -> Membership | Invitation | None:
        """The membership or the invitation that is in the way; an old invitation to elsewhere is not."""
        invited = self.invited.get(user.pk)
        if invited is not None and invited.is_expired and invited.municipality != municipality:
            invited = None
        return self.members.get(user.pk) or invited

    def _invite(self, row: Listed, found: Item, municipality: Municipality | None, role: str) -> None:
        said = {NAME: row.text(NAME), ORGANISATION: organisation_of(municipality), ROLE: Role(role).label}
        found.state = State.NEW
        found.differences = [Difference(label, "", text) for label, text in said.items()]
        found.save = partial(
            Invitation.invite,
            row.email,
            role=role,
            municipality=municipality,
            by=self.reader,
            name=" ".join(row.text(NAME).split()),
        )

    def _fault(self, row: Listed, column: str, message: str) -> Fault:
        cell = row.cells.get(column) or row.cells[EMAIL]
        return Fault(self.sheet, cell.address, message)


def _named(roles: Iterable[Role]) -> str:
    return " eller ".join(str(role.label) for role in roles)
