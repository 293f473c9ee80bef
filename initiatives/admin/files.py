"""The files that the admin takes in and hands out by django-import-export: CSV and XLSX, read as every upload is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import tablib
import xlsxwriter
from django.core.exceptions import ValidationError
from import_export.formats import base_formats
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from initiatives.files import escaped, printable, unescaped
from initiatives.intake.cells import as_text
from initiatives.intake.reading import read_csv, read_workbook
from initiatives.intake.xlsx import Row

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 2000
MOST_FAULTS = 10
EMPTY = "Filen er tom. Den skal have overskrifter i første række og mindst én række mere."


def as_dataset(rows: Iterable[tuple[int, Row]], text: Callable[[str], str] = str) -> tablib.Dataset:
    """The rows of a file as text, by their numbers; the first is the headings.

    Args:
        text: what a cell says, of what was read.

    Raises:
        ValidationError: there is nothing in it, too much, a cell that cannot be used, or one without a heading.
    """
    table = _taken(rows)
    headings = table.pop(1, {})
    if not headings or not table:
        raise ValidationError(EMPTY)
    columns = range(1, max(headings) + 1)
    dataset = tablib.Dataset(headers=[headings.get(column, "") for column in columns])
    for number in range(2, max(table) + 1):
        row = table.get(number, {})
        if any(column > len(columns) for column in row):
            raise ValidationError(f"Række {number} har flere felter end overskrifterne.")
        dataset.append([text(row.get(column, "")) for column in columns])
    return dataset


def _taken(rows: Iterable[tuple[int, Row]]) -> dict[int, dict[int, str]]:
    """The texts by row and column."""
    table, faults = {}, []
    for number, row in rows:
        if number > MAX_ROWS + 1:
            raise ValidationError(f"Filen har for mange rækker. Der kan højst være {MAX_ROWS}.")
        faults += [f"Celle {cell.address}: {cell.fault}" for cell in row.values() if cell.fault]
        table[number] = {column: cell.text for column, cell in row.items()}
    if faults:
        raise ValidationError(faults[:MOST_FAULTS])
    return table


class DanishCSV(base_formats.CSV):
    """CSV as Danish Excel writes and reads it: semicolons, and UTF-8 with a byte order mark."""

    def get_title(self) -> str:
        return "CSV"

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> tablib.Dataset:
        return as_dataset(read_csv(in_stream))

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        file = io.StringIO(newline="")
        writer = csv.writer(file, delimiter=";")
        for row in (dataset.headers, *dataset):
            writer.writerow([escaped(printable(one)) if isinstance(one, str) else as_text(one) for one in row])
        return file.getvalue().encode("utf-8-sig")


class SafeXLSX(base_formats.XLSX):
    """A workbook in which no text is a formula."""

    def get_title(self) -> str:
        return "XLSX (Excel)"

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        book = read_workbook(in_stream)
        sheets = (list(book.rows(name)) for name in book.parts)
        rows: list[tuple[int, Row]] = next((rows for rows in sheets if rows), [])
        return as_dataset(rows, lambda text: as_text(unescaped(text)))

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        file = io.BytesIO()
        with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
            page, day = book.add_worksheet("Data"), book.add_format({"num_format": "dd.mm.yyyy", "align": "left"})
            page.freeze_panes(1, 0)
            for number, row in enumerate((dataset.headers, *dataset)):
                for place, value in enumerate(row):
                    _write(page, number, place, value, day)
        return file.getvalue()


def _write(page: Worksheet, row: int, place: int, value: Any, day: Format) -> None:
    """Days as days, numbers as numbers, and the rest as text, also what looks like a formula or an error."""
    if isinstance(value, date):
        page.write_datetime(row, place, value, day)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        page.write_number(row, place, value)
    elif page.write_string(row, place, escaped(printable(value) if isinstance(value, str) else as_text(value))):
        raise ValueError(f"Teksten i række {row + 1} er for lang til et regneark. Eksportér til CSV.")
