"""Files that are hostile or broken: each gets a clear message at once, and nothing is written."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import UnreadablePostError
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from initiatives.intake.items import State
from initiatives.models import DraftAnswer, LocalAction, Participation, Upload
from initiatives.workbook.taking import read
from stakeholders.models import Municipality, User
from tests.factories import AsUser

from .hostile import REFUSED, SAID, SECONDS
from .workbooks import PAGE, STATUS, column_of, edited, fetch, look, repacked, send, typed

pytestmark = pytest.mark.django_db

MEGABYTES = 60  # that reading one file adds at most, beside the file itself


@pytest.fixture
def client(as_user: AsUser, hr: User) -> Client:
    return as_user(hr)


@pytest.fixture
def right(client: Client, here: Participation) -> bytes:
    return fetch(client)


def test_there_are_at_least_forty() -> None:
    assert len(REFUSED) + len(SAID) >= 60


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(client: Client, right: bytes, name: str) -> None:
    make, said = REFUSED[name]
    content = make(right)
    begun = time.thread_time()
    response = send(client, content)
    assert time.thread_time() - begun < SECONDS
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert "Filen er ikke læst, og intet er ændret" in page
    assert not (Upload.objects.exists() or DraftAnswer.objects.exists() or LocalAction.objects.exists())


@pytest.mark.parametrize("name", SAID)
def test_it_is_said_where(client: Client, right: bytes, hr: User, name: str) -> None:
    edit, said = SAID[name]
    content = edited(right, edit)
    begun = time.thread_time()
    found = look(client, content, hr)
    assert time.thread_time() - begun < SECONDS
    page = client.get(Upload.objects.get().get_absolute_url()).content.decode()
    assert said in page
    assert found.can_be_chosen == []
    assert {item.state for item in found.items} <= {State.REFUSED}


def test_a_right_one_is_read(client: Client, right: bytes, hr: User) -> None:
    """So that what is refused above is refused for what was done to it."""
    assert look(client, right, hr).heading == "Ingen ændringer"
    assert look(client, edited(right, lambda book: None), hr).heading == "Ingen ændringer"


def test_moved_columns_are_found(client: Client, right: bytes, hr: User) -> None:
    def edit(book: Any) -> None:
        typed(STATUS, 2, Status="Planlagt")(book)
        sheet = book[STATUS]
        note, free = column_of(sheet, "Note"), sheet.max_column + 3
        for row in range(1, sheet.max_row + 1):
            sheet.cell(row, free, sheet.cell(row, note).value)
            sheet.cell(row, note).value = None
        sheet.insert_cols(2, 2)

    found = look(client, edited(right, edit), hr)
    assert [[one.after for one in item.differences] for item in found.items] == [["Planlagt"]]


def test_rows_in_another_order_are_found(client: Client, right: bytes, hr: User) -> None:
    def edit(book: Any) -> None:
        typed(STATUS, 2, Status="Planlagt")(book)
        sheet = book[STATUS]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for number, row in enumerate(reversed(rows), 2):
            for place, value in enumerate(row, 1):
                sheet.cell(number, place).value = value

    found = look(client, edited(right, edit), hr)
    assert [[one.after for one in item.differences] for item in found.items] == [["Planlagt"]]


def test_a_sheet_that_cannot_be_read_keeps_no_other_back(client: Client, right: bytes, hr: User) -> None:
    def edit(book: Any) -> None:
        book.remove(book[STATUS])
        typed("Lokale indsatser", 3, Indsats="Ny", Hvad_I_gør="Noget", Anbefalinger="10")(book)

    found = look(client, edited(right, edit), hr)
    assert [item.state for item in found.items] == [State.NEW]
    assert len(found.faults) == 1


def test_csv_is_sent_back_with_a_word(client: Client, right: bytes) -> None:
    response = send(client, b"Nr.;Status\n3;I gang\n", name="svar.csv")
    assert "Det er en CSV-fil." in response.content.decode()


def test_no_file_is_said(client: Client, here: Participation) -> None:
    response = client.post(PAGE, {})
    assert response.status_code == 422
    assert "Vælg det regneark, du vil uploade." in response.content.decode()


def test_names_of_files_are_only_shown(client: Client, right: bytes) -> None:
    response = send(client, right, name="../../<b>æ\u202e.xlsx")
    kept = Upload.objects.get()
    assert "/" not in kept.file_name and "\u202e" not in kept.file_name
    assert "<b>" not in client.get(response["Location"]).content.decode()


def test_what_is_too_large_is_not_kept_while_it_comes_in(client: Client, here: Participation) -> None:
    """Only a little more than the limit is ever held, in memory or on disk."""
    from django.test import RequestFactory

    file = SimpleUploadedFile("stor.xlsx", b"0" * (settings.UPLOAD_LIMIT + 9_000_000))
    request = RequestFactory().post(PAGE, {"file": file})
    taken = request.FILES["file"].size or 0
    assert settings.UPLOAD_LIMIT < taken < settings.UPLOAD_LIMIT + 1_000_000


# The most memory that any of the files takes: what has been the most does not become less again.
MEASURE = """
import pathlib, sys
from django.core.exceptions import ValidationError
from initiatives.intake.reading import read_workbook
def memory(name):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
pathlib.Path("/proc/self/clear_refs").write_text("5")  # forget the most that there was
before = memory("VmRSS")
for file in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        book = read_workbook(file.read_bytes())
        for name in book.parts:
            for row in book.rows(name):
                pass
    except ValidationError:
        pass
print(memory("VmHWM") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_memory_is_bounded(right: bytes, tmp_path: Path) -> None:
    """Whatever the file is: all of them are read by one process, one after the other."""
    made = [make(right) for make, _ in REFUSED.values()] + [edited(right, edit) for edit, _ in SAID.values()]
    for number, content in enumerate(made):
        (tmp_path / f"{number}.xlsx").write_bytes(content)
    setup = "import django; django.setup()"
    run = [sys.executable, "-c", setup + MEASURE, str(tmp_path)]
    environment = {"DJANGO_SETTINGS_MODULE": "flere_haender.settings", "SECRET_KEY": "x", "PATH": ""}
    said = subprocess.run(run, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, check=True).stdout
    assert 0 < int(said) / 1024 < MEGABYTES


LINK = b"""<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" TargetMode="External" Target="http://127.0.0.1:%d/andet.xlsx"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"/></Relationships>"""


def test_a_link_to_another_file_is_never_followed(client: Client, right: bytes, hr: User) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0)
        link = LINK % other.getsockname()[1]
        parts = {"externalLink1.xml": b"<externalLink/>", "_rels__externalLink1.xml.rels": link}
        content = repacked(
            right, lambda _, data: data, **{f"xl__externalLinks__{name}": parts[name] for name in parts}
        )
        assert look(client, content, hr).heading == "Ingen ændringer"
        with pytest.raises(BlockingIOError):
            other.accept()


def test_an_upload_that_is_cut_off_leaves_nothing(client: Client, right: bytes) -> None:
    """The rest of the request never comes: the server reads to the end of what there is."""
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("a.xlsx", right)})
    environment = {"CONTENT_TYPE": MULTIPART_CONTENT, "CONTENT_LENGTH": str(len(body))}
    for length in (0, 60, len(body) // 2, len(body) - 200):
        response = client.generic("POST", PAGE, **{**environment, "wsgi.input": io.BytesIO(body[:length])})
        assert response.status_code == 422
        assert not Upload.objects.exists()
    assert client.generic("POST", PAGE, **{**environment, "wsgi.input": io.BytesIO(body)}).status_code == 302
    assert Upload.objects.count() == 1


def test_a_connection_that_breaks_leaves_nothing(client: Client, right: bytes) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError("cut")

    environment = {"CONTENT_TYPE": MULTIPART_CONTENT, "CONTENT_LENGTH": "9000", "wsgi.input": Broken()}
    with pytest.raises(UnreadablePostError):
        client.generic("POST", PAGE, **environment)
    assert not Upload.objects.exists()


def test_rows_are_kept_as_they_are(right: bytes, korsbaek: Municipality) -> None:
    """What is kept is JSON, and holds the rows that somebody has touched, not the file."""
    kept = read(edited(right, typed(STATUS, 2, Note="\u00e6 \U0001f331")), "a.xlsx", korsbaek)
    assert [row["cells"]["Note"][1] for row in kept["sheets"][STATUS]] == ["æ 🌱"]
    assert len(json.dumps(kept)) < 20_000


@pytest.mark.parametrize("code", [787, 101])
def test_it_is_refused_for_the_others(right: bytes, code: int) -> None:
    with pytest.raises(ValidationError, match="Regnearket er lavet til Korsbæk Kommune"):
        read(right, "a.xlsx", Municipality.objects.get(code=code))
