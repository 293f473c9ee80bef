"""The files that the admin takes in and hands out by django-import-export: CSV and XLSX."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from itertools import islice
from typing import Any

import openpyxl
import tablib
from django.core.exceptions import ValidationError
from import_export.formats import base_formats

from initiatives.files import escaped, unescaped

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED = 20 * 1024 * 1024
MAX_ROWS = 2000
NO_CSV = "Filen kan ikke læses. Vælg en CSV-fil, gemt fra et regneark."
NO_XLSX = "Filen kan ikke læses. Vælg en XLSX-fil, gemt fra et regneark."


def as_dataset(rows: Iterable[Iterable[Any]]) -> tablib.Dataset:
    """The rows of a file as text; the first is the headings, and empty rows at the end are left out.

    Raises:
        ValidationError: there is nothing in it, too much, or a row is longer than the headings.
    """
    table = [[unescaped(cell) for cell in row] for row in islice(rows, MAX_ROWS + 2)]
    if len(table) > MAX_ROWS + 1:
        raise ValidationError(f"Filen har for mange rækker. Der kan højst være {MAX_ROWS}.")
    while table and not any(table[-1]):
        table.pop()
    if len(table) < 2:
        raise ValidationError("Filen er tom. Den skal have overskrifter i første række og mindst én række mere.")
    headers = table[0]
    while headers and not headers[-1]:
        headers.pop()
    dataset = tablib.Dataset(headers=headers)
    for number, row in enumerate(table[1:], 2):
        if any(row[len(headers) :]):
            raise ValidationError(f"Række {number} har flere felter end overskrifterne.")
        dataset.append((row + [""] * len(headers))[: len(headers)])
    return dataset


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
        text = _decoded(in_stream)
        heading = text.partition("\n")[0]
        delimiter = max(";,\t", key=heading.count)
        try:
            return as_dataset(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as error:
            raise ValidationError(NO_CSV) from error

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        file = io.StringIO(newline="")
        writer = csv.writer(file, delimiter=";")
        writer.writerows([escaped(cell) for cell in row] for row in (dataset.headers, *dataset))
        return file.getvalue().encode("utf-8-sig")


def _decoded(content: bytes) -> str:
    """UTF-8, or what older Danish spreadsheets write."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise ValidationError(NO_CSV)
    return text


class SafeXLSX(base_formats.XLSX):
    """A workbook in which no text is a formula; taken in with a limit to what it may unpack to."""

    def get_title(self) -> str:
        return "XLSX (Excel)"

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        try:
            with zipfile.ZipFile(io.BytesIO(in_stream)) as archive:
                unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > MAX_UNPACKED:
                raise ValidationError("Filen er for stor, når den er pakket ud.")
            book = openpyxl.load_workbook(io.BytesIO(in_stream), read_only=True, data_only=True)
            return as_dataset(book.active.iter_rows(values_only=True, max_col=50))
        except ValidationError:
            raise
        except Exception as error:  # openpyxl raises whatever a broken file makes it stumble over
            raise ValidationError(NO_XLSX) from error

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "Data"
        for row in (dataset.headers, *dataset):
            sheet.append([escaped(cell) for cell in row])
        sheet.freeze_panes = "A2"
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()
