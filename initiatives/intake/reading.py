"""A file that somebody has uploaded, as sheets of rows: XLSX by what it holds, CSV by its name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.core.exceptions import ValidationError

from initiatives.files import unescaped
from initiatives.status import thousands

from .archive import NOT_A_SPREADSHEET, OLE, ZIP, Limits, refuse_by_size
from .cells import LETTERS, Cell, as_text
from .xlsx import Row, Workbook

HEAD, HEAD_LINES = 20_000, 20  # characters and lines: above the table there may be a title
NO_CSV = "Filen kan ikke læses som CSV. Gem den fra et regneark, og upload den igen."


def read_workbook(content: bytes, limits: Limits | None = None) -> Workbook:
    """An XLSX file. Raises ValidationError, in Danish, for anything else."""
    return Workbook(content, limits or Limits())


def is_csv(content: bytes, name: str) -> bool:
    return name.lower().endswith((".csv", ".txt", ".tsv")) and not content.startswith((ZIP, OLE))


def read_csv(content: bytes, limits: Limits | None = None) -> Iterator[tuple[int, Row]]:
    """The rows of a CSV file with their numbers; empty ones are left out.

    Of the encoding that ``encoding_of`` finds. Semicolon, comma or tab, whichever the first lines have most of. The
    apostrophe that our own files put before what a spreadsheet takes for a formula is taken away again.

    Raises:
        ValidationError: it is no CSV, or too much, in Danish.
    """
    limits = limits or Limits()
    refuse_by_size(content)
    text = content.decode(encoding_of(content))
    delimiter = max(";,\t", key="\n".join(text[:HEAD].split("\n")[:HEAD_LINES]).count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    taken = 0
    try:
        for number, values in enumerate(rows, 1):
            if number > limits.rows or len(values) > limits.columns:
                raise ValidationError(f"Filen er for stor: højst {limits.rows} rækker og {limits.columns} kolonner.")
            if any(len(value) > limits.longest for value in values):
                raise ValidationError(f"Række {number} har en celle med for lang en tekst.")
            cells = {place: _cell(place, number, value) for place, value in enumerate(values, 1) if value.strip()}
            taken += len(cells)
            if taken > limits.elements:
                raise ValidationError(f"Filen er for stor: højst {thousands(limits.elements)} udfyldte celler.")
            if cells:
                yield number, cells
    except csv.Error as error:
        raise ValidationError(NO_CSV) from error


def _cell(column: int, row: int, value: str) -> Cell:
    return Cell(f"{LETTERS[column]}{row}", as_text(unescaped(value)))


def encoding_of(content: bytes) -> str:
    """UTF-8 with or without a byte order mark, UTF-16 with one, else what older Danish spreadsheets write.

    Raises:
        ValidationError: it is no text, in Danish.
    """
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if is_utf_16 else ["utf-8-sig", "cp1252", "latin-1"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return encoding
    raise ValidationError(NOT_A_SPREADSHEET)
