"""What a file of the archive is: a name, documented fields, and a function that gives its rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flere_haender.days import DANISH_TIME
from initiatives.opendata.dataset import Kind
from stakeholders.models import Municipality


@dataclass(frozen=True)
class Field:
    """A column of a file.

    Args:
        about: what stands there, as a sentence; empty where the name says it.
        value: of a row, as an export's ``Column`` has it.
    """

    name: str
    value: Callable[[Any], Any]
    about: str = ""
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Table:
    """A CSV file of the archive.

    Args:
        rows: what a municipality has, as a reader may see it, in an order that stays; a few are held at once.
        holds: the models whose rows are in it, whole.
    """

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    rows: Callable[[Municipality, Any], Iterable[Any]]
    holds: tuple[type[Any], ...]

    @property
    def file_name(self) -> str:
        return f"{self.name}.csv"

    @property
    def headings(self) -> list[str]:
        return [field.name for field in self.fields]


def number(name: str, value: Callable[[Any], Any], about: str = "") -> Field:
    return Field(name, value, about, Kind.NUMBER)


def day(name: str, value: Callable[[Any], Any], about: str = "") -> Field:
    return Field(name, value, about, Kind.DAY)


def moment(name: str, value: Callable[[Any], datetime | None], about: str = "") -> Field:
    """To the microsecond, in Danish time: what was recorded at one moment belongs together."""

    def said(row: Any) -> str:
        at = value(row)
        return at.astimezone(DANISH_TIME).isoformat() if at else ""

    return Field(name, said, about or "Dato og klokkeslæt, dansk tid.")


def texts(name: str, value: Callable[[Any], list[Any]], about: str = "") -> Field:
    return Field(name, value, about, Kind.TEXTS)


def yes_no(name: str, value: Callable[[Any], bool], about: str = "") -> Field:
    return Field(name, lambda row: "ja" if value(row) else "nej", about)


def as_json(value: Any) -> str:
    """For programs; nothing when there is none."""
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def signed(rows: Iterable[Any], reader: Any) -> Iterable[Any]:
    """The rows of a log, each with its ``author`` as the reader may know them."""
    for row in rows:
        row.author = row.author_for(reader)
        yield row
