"""Files that are hostile or broken: each gets a clear message at once, and nothing is written."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client

from initiatives.intake.items import State
from initiatives.models import DraftAnswer, LocalAction, Participation, Upload
from initiatives.workbook.taking import read
from stakeholders.models import Municipality, User
from tests.factories import make_round, participation_of

from .hostile import REFUSED, SAID
from .workbooks import PAGE, STATUS, column_of, edited, fetch, look, send, typed

pytestmark = pytest.mark.django_db

AsUser = Callable[[User | None], Client]
HEAVY = ("zip bomb in a sheet", "a million empty rows", "a row of 400,000 cells", "a tag of two million characters")
SECONDS = 2  # of the processor's time
MEGABYTES = 120  # that reading one file adds at most


@pytest.fixture
def part(korsbaek: Municipality) -> Participation:
    make_round()
    return participation_of(korsbaek)


@pytest.fixture
def client(as_user: AsUser, hr: User) -> Client:
    return as_user(hr)


@pytest.fixture
def right(client: Client, part: Participation) -> bytes:
    return fetch(client)


def test_there_are_at_least_forty() -> None:
    assert len(REFUSED) + len(SAID) >= 60


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(client: Client, right: bytes, name: str) -> None:
    make, said = REFUSED[name]
    content = make(right)
    begun = time.process_time()
    response = send(client, content)
    assert time.process_time() - begun < SECONDS
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert "Filen er ikke læst, og intet er ændret" in page
    assert not (Upload.objects.exists() or DraftAnswer.objects.exists() or LocalAction.objects.exists())


@pytest.mark.parametrize("name", SAID)
def test_it_is_said_where(client: Client, right: bytes, hr: User, name: str) -> None:
    edit, said = SAID[name]
    found = look(client, edited(right, edit), hr)
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


def test_no_file_is_said(client: Client, part: Participation) -> None:
    response = client.post(PAGE, {})
    assert response.status_code == 422
    assert "Vælg det regneark, du vil uploade." in response.content.decode()


def test_names_of_files_are_only_shown(client: Client, right: bytes) -> None:
    response = send(client, right, name="../../<b>æ\u202e.xlsx")
    kept = Upload.objects.get()
    assert "/" not in kept.file_name and "\u202e" not in kept.file_name
    assert "<b>" not in client.get(response["Location"]).content.decode()


def test_what_is_too_large_is_not_kept_while_it_comes_in(client: Client, part: Participation) -> None:
    """Only a little more than the limit is ever held, in memory or on disk."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import RequestFactory

    file = SimpleUploadedFile("stor.xlsx", b"0" * (settings.UPLOAD_LIMIT + 9_000_000))
    request = RequestFactory().post(PAGE, {"file": file})
    taken = request.FILES["file"].size or 0
    assert settings.UPLOAD_LIMIT < taken < settings.UPLOAD_LIMIT + 1_000_000


MEASURE = """
import resource, sys
from django.core.exceptions import ValidationError
from initiatives.intake.reading import read_workbook
content = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    book = read_workbook(content)
    for name in book.parts:
        for row in book.rows(name):
            pass
except ValidationError:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
@pytest.mark.parametrize("name", HEAVY)
def test_memory_is_bounded(right: bytes, tmp_path: Path, name: str) -> None:
    file = tmp_path / "fil.xlsx"
    file.write_bytes(REFUSED[name][0](right))
    setup = "import django; django.setup()"
    run = [sys.executable, "-c", setup + MEASURE, str(file)]
    environment = {"DJANGO_SETTINGS_MODULE": "flere_haender.settings", "SECRET_KEY": "x", "PATH": ""}
    said = subprocess.run(run, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, check=True).stdout
    assert int(said) / 1024 < MEGABYTES


def test_rows_are_kept_as_they_are(right: bytes, korsbaek: Municipality) -> None:
    """What is kept is JSON, and holds the rows that somebody has touched, not the file."""
    kept = read(edited(right, typed(STATUS, 2, Note="\u00e6 \U0001f331")), "a.xlsx", korsbaek)
    assert [row["cells"]["Note"][1] for row in kept["sheets"][STATUS]] == ["æ 🌱"]
    assert len(json.dumps(kept)) < 20_000


@pytest.mark.parametrize("code", [787, 101])
def test_it_is_refused_for_the_others(right: bytes, code: int) -> None:
    with pytest.raises(ValidationError, match="Regnearket er lavet til Korsbæk Kommune"):
        read(right, "a.xlsx", Municipality.objects.get(code=code))
