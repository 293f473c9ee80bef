"""What the tests of KL's old spreadsheets share: to make a sheet as people keep it, upload it and look."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from initiatives.intake.items import Preview
from initiatives.intake.uploads import preview
from initiatives.models import Upload
from stakeholders.models import User

DAY = "31.05.2023"


def form_url() -> str:
    return reverse("admin:initiatives_statusupdate_import")


def sheet(*rows: Sequence[Any], title: str = "Status") -> bytes:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    return as_file(book)


def as_file(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def send(client: Client, content: bytes, name: str = "Status 2023.xlsx", day: str = DAY) -> Any:
    return client.post(form_url(), {"file": SimpleUploadedFile(name, content), "as_of": day})


def look(client: Client, content: bytes, reader: User, **more: Any) -> Preview:
    """Upload the sheet, and what the page shows of it."""
    response = send(client, content, **more)
    assert response.status_code == 302, response.content.decode()
    return preview(newest(), reader)


def newest() -> Upload:
    return Upload.objects.select_related("municipality").latest("uploaded_at")
