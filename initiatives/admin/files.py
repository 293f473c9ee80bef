"""The files that the admin hands out and takes in: PDF and ZIP, CSV and XLSX."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from itertools import islice
from typing import Any

import openpyxl
import tablib
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from import_export.formats import base_formats

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED = 20 * 1024 * 1024
MAX_ROWS = 2000
# What a spreadsheet may take for a formula when it stands first in a cell.
RISKY = ("=", "+", "-", "@", "\t", "\r")
# What no XML may hold, and what a spreadsheet takes for a character in disguise.
UNPRINTABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DISGUISED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
NO_CSV = "Filen kan ikke læses. Vælg en CSV-fil, gemt fra et regneark."
NO_XLSX = "Filen kan ikke læses. Vælg en XLSX-fil, gemt fra et regneark."


def download(content: bytes | str, name: str, kind: str) -> HttpResponse:
    """A file to save; the name may hold Danish letters."""
    header = content_disposition_header(True, name) or "attachment"
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": header})


def escaped(value: Any) -> Any:
    """Text that no spreadsheet takes for a formula: an apostrophe in front says that it is text."""
    if isinstance(value, str) and value.startswith((*RISKY, "'")):
        return f"'{value}"
    return value


def printable(text: str) -> str:
    """The text without what no file of an office program may hold, such as control characters."""
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def sheet_text(text: str) -> str:
    """Text for a cell of a workbook: no formula, no control character, and ``_x000D_`` is those seven letters."""
    return str(escaped(DISGUISED.sub("_x005F_", printable(text))))


def unescaped(value: Any) -> str:
    """What a cell says, as text: whole numbers without decimals, without our own apostrophe."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).replace("\r\n", "\n").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith((*RISKY, "'")) else text


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
