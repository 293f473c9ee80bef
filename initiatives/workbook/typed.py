"""What came back in a sheet: its rows as they are kept in an upload, and whether anybody has touched them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from initiatives.intake.cells import Cell, fingerprint
from initiatives.intake.items import Fault
from initiatives.intake.table import TypedRow
from initiatives.intake.writing import KEY, Column, stamp, typed_names

BETWEEN = "|"  # between several answers in one cell
UNKNOWN_KEY = "Rækkens skjulte nøgle er ændret. Hent et nyt regneark, og skriv rækken dér."


@dataclass(frozen=True)
class Typed:
    """A row of one of our sheets that came back.

    Args:
        key: what the row is known by; empty for a new one.
        base: its fingerprint when the workbook was made.
        cells: those that are typed in, by the name of the column.
        refusal: why the row as a whole cannot be used.
    """

    sheet: str
    number: int
    key: str
    base: str
    cells: Mapping[str, Cell]
    refusal: str = ""

    @property
    def is_touched(self) -> bool:
        return bool(self.faults) or fingerprint(cell.text for cell in self.cells.values()) != self.base

    @property
    def says_anything(self) -> bool:
        return any(cell.text or cell.fault for cell in self.cells.values())

    @property
    def faults(self) -> list[Fault]:
        found = [Fault(self.sheet, cell.address, cell.fault) for cell in self.cells.values() if cell.fault]
        return [self.fault(None, self.refusal), *found] if self.refusal else found

    def text(self, column: str) -> str:
        return self.cells[column].text

    def fault(self, column: str | None, message: str) -> Fault:
        """A refusal, at a cell or at the row."""
        cell = self.cells.get(column or "") or next(iter(self.cells.values()))
        return Fault(self.sheet, cell.address, message)

    def is_older_than(self, columns: Sequence[Column], current: Mapping[str, Any]) -> bool:
        """Whether something else has been saved since the workbook was made."""
        return stamp(columns, current) != self.base

    def as_json(self) -> dict[str, Any]:
        cells = {name: [cell.address, cell.text, cell.fault] for name, cell in self.cells.items()}
        return {"number": self.number, "key": self.key, "base": self.base, "cells": cells, "refusal": self.refusal}

    @classmethod
    def of_json(cls, sheet: str, kept: Mapping[str, Any], columns: Sequence[Column]) -> Typed:
        cells = {name: Cell(*kept["cells"][name]) for name in typed_names(columns)}
        return cls(sheet, kept["number"], kept["key"], kept["base"], cells, kept["refusal"])

    @classmethod
    def of_row(cls, sheet: str, row: TypedRow, columns: Sequence[Column]) -> Typed:
        key, _, base = row.text(KEY).rpartition(" ")
        cells = {name: row.cells[name] for name in typed_names(columns)}
        return cls(sheet, row.number, key, base, cells)


def parts(text: str) -> list[str]:
    """Several answers in one cell, a line or a stroke between them."""
    return [part for piece in text.replace("\n", BETWEEN).split(BETWEEN) if (part := " ".join(piece.split()))]


def chosen(text: str, labels: Mapping[str, Any]) -> Any:
    """What a label stands for, however its letters are written; the text itself when it is none of them."""
    wanted = " ".join(text.split()).casefold()
    return next((value for label, value in labels.items() if " ".join(label.split()).casefold() == wanted), text)
