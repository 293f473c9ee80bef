"""What is kept about a user, for that user: as a page, and as a ZIP."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

from stakeholders.models import User
from stakeholders.models.personal_data import Held, held_about

from .exporting import csv_file
from .files import temporary_file

ACCOUNT = ("pk", "name", "email", "date_joined", "last_login", "is_active", "is_superuser", "welcomed_at")
README = """Det, Flere hænder gemmer om dig

konto.csv er din konto. De andre filer er de rækker, der nævner dig, en fil for hver slags.
oplysninger.json er det samme for programmer.
Det, du har skrevet om kommunens arbejde, er kommunens. Her står, hvor det er, og hvornår du skrev det.
Din adgangskode og nøgler til login er ikke med. De gemmes kun i en form, der ikke kan læses.
"""


@dataclass(frozen=True)
class Kept:
    """One kind of rows about a user."""

    held: Held
    count: int


def kept_about(user: User) -> list[Kept]:
    """The kinds of which there are any."""
    counted = (Kept(held, rows.count()) for held, rows in held_about(user))
    return [each for each in counted if each.count]


def packed(user: User) -> IO[bytes]:
    """All of it in one file, written before any of it is sent."""
    file = temporary_file()
    whole: dict[str, Any] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("LÆS MIG.txt", README.replace("\n", "\r\n").encode("utf-8-sig"))
        for name, title, columns, rows in _tables(user):
            archive.writestr(f"{name}.csv", csv_file(columns, rows))
            whole[title] = [dict(zip(columns, row, strict=True)) for row in rows]
        archive.writestr("oplysninger.json", json.dumps(whole, ensure_ascii=False, indent=1))
    file.seek(0)
    return file


def _tables(user: User) -> Iterator[tuple[str, str, tuple[str, ...], list[Any]]]:
    yield "konto", "Din konto", ACCOUNT, [_whole(User.objects.filter(pk=user.pk).values_list(*ACCOUNT)[0])]
    for held, rows in held_about(user):
        found = [_whole(row) for row in rows.values_list(*held.columns)]
        if found:
            yield held.title.replace(":", ""), held.title, held.columns, found


def _whole(row: Any) -> list[Any]:
    """Moments with their time, which the usual files leave out."""
    return [plain(value) for value in row]


def plain(value: Any) -> Any:
    """As JSON has it: days and moments as ISO 8601."""
    if isinstance(value, date):  # a moment is one too
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
