"""Every page that takes a file refuses what is too large and what is no spreadsheet, says so, and keeps nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from initiatives.models import FigureImport, Upload
from stakeholders.models import User
from tests.test_structure import ROOT, sources

pytestmark = pytest.mark.django_db

# Where a file comes in: the module of its form, who may, the page, and the field.
PLACES = {
    "initiatives/views/workbook.py": ("hr", "/kommuner/999/regneark/", "file"),
    "initiatives/views/user_list.py": ("leder", "/brugere/liste/", "file"),
    "initiatives/figure_forms.py": ("konsulent", "/indikatorer/indlaes/", "file"),
    "initiatives/admin/updates.py": ("konsulent", "/admin/initiatives/statusupdate/import/", "file"),
    "initiatives/admin/exchange.py": ("konsulent", "/admin/initiatives/question/import/", "import_file"),
}
TOO_LARGE = b"a;b\n" * (settings.UPLOAD_LIMIT // 4 + 1)
FILES = {
    "too large": ("a.xlsx", TOO_LARGE),
    "empty": ("a.xlsx", b""),
    "a program": ("a.xlsx", b"MZ\x90\x00" + bytes(range(256)) * 20),
    "a page": ("a.xlsx", b"<html><script>alert(1)</script><table><tr><td>1</td></tr></table></html>"),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
    "a report": ("rapport.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj"),
    "an old workbook": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
}


def test_every_place_is_here() -> None:
    taking = re.compile(r"= file_field\(|\(ImportForm\)")
    assert {str(file.relative_to(ROOT)) for file in sources() if taking.search(file.read_text())} == set(PLACES)


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("place", PLACES)
def test_it_is_refused(as_user: Any, hr: User, leder: User, konsulent: User, place: str, what: str) -> None:
    who, page, field = PLACES[place]
    client = as_user({"hr": hr, "leder": leder, "konsulent": konsulent}[who])
    response = client.post(page, {field: SimpleUploadedFile(*FILES[what]), "as_of": "01.05.2023", "resource": "0"})
    assert response.status_code in (200, 422), response.get("Location")
    text = response.content.decode()
    assert re.search(r'class="[^"]*(?:error|form-error-message)[^"]*"', text)
    assert what != "too large" or "Filen er for stor" in text
    assert not Upload.objects.exists() and not FigureImport.objects.exists()
