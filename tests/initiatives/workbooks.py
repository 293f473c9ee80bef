"""What the tests of spreadsheets share: to fetch a workbook, edit it as people do, and upload it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from initiatives.intake.items import Preview
from initiatives.intake.uploads import preview
from initiatives.models import Upload
from stakeholders.models import User

PAGE = "/kommuner/999/regneark/"
STATUS, QUESTIONS, ACTIONS = "Vores status", "Spørgsmål", "Lokale indsatser"


def fetch(client: Client, page: str = PAGE) -> bytes:
    response = client.get(f"{page}hent/")
    assert response.status_code == 200
    return response.content


def send(client: Client, content: bytes, name: str = "Korsbæk.xlsx", page: str = PAGE) -> Any:
    return client.post(page, {"file": SimpleUploadedFile(name, content)})


def edited(content: bytes, edit: Callable[[Any], None]) -> bytes:
    """The workbook after somebody has edited it in another program."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def column_of(sheet: Any, heading: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == heading)


def row_of(sheet: Any, text: Any) -> int:
    """The row in which something stands."""
    return next(row[0].row for row in sheet.iter_rows() if any(cell.value == text for cell in row))


def typed(sheet_name: str, row: Any, **values: Any) -> Callable[[Any], None]:
    """An edit: the values, by heading (``_`` for a space), in the row that holds ``row`` (a number: in that row)."""

    def edit(book: Any) -> None:
        sheet = book[sheet_name]
        number = row if isinstance(row, int) else row_of(sheet, row)
        for heading, value in values.items():
            cell = sheet.cell(number, column_of(sheet, heading.replace("_", " ")))
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"

    return edit


def look(client: Client, content: bytes, reader: User) -> Preview:
    """Upload the workbook, and what the page shows of it."""
    response = send(client, content)
    assert response.status_code == 302, response.content.decode()
    return preview(newest(), reader)


def newest() -> Upload:
    return Upload.objects.select_related("municipality").latest("uploaded_at")


def shown(found: Preview) -> dict[str, list[tuple[str, str, str]]]:
    """Each thing that differs: its cells, before and after."""
    return {item.title: [(d.label, d.before, d.after) for d in item.differences] for item in found.items}


def repacked(content: bytes, change: Callable[[str, bytes], bytes | None], **extra: bytes) -> bytes:
    """The file with its parts changed (None takes one away), and others besides (``/`` written as ``__``)."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if (part := change(name, old.read(name))) is not None:
                new.writestr(name, part)
        for name, part in extra.items():
            new.writestr(name.replace("__", "/"), part)
    return file.getvalue()


def part_of(content: bytes, sheet: str) -> str:
    """The path of the part that holds a sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        names = re.findall(r'<sheet name="([^"]*)"', file.read("xl/workbook.xml").decode())
    return f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"
