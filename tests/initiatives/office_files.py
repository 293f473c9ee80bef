"""`make office`: what LibreOffice makes of our files. Each is opened, saved again and read back: the same values, and
nothing that somebody has written is taken for a formula.

Not among the tests of ``make test``, because LibreOffice takes 300 MB.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from initiatives.intake.items import State
from initiatives.opendata import DATASETS
from initiatives.reports import CONTENTS
from stakeholders.models import Municipality, User
from tests.factories import (
    AsUser,
    answer_all,
    cell_of,
    make_action,
    make_answer,
    make_issued,
    make_question,
    make_round,
    make_row,
    participation_of,
    recommendation,
)

from .figure_files import csv_of as figures_in
from .figure_files import make_indicator, take_in
from .workbooks import PAGE, STATUS, column_of, look

pytestmark = pytest.mark.django_db

Table = list[list[str]]
HARM = (
    '=HYPERLINK("http://127.0.0.1:9/?"&A1;"Klik")',
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "'=1+1",
    "=cmd|' /C calc'!A0",
    "a;b\tc\nlinje to",
    "æøå “citat” 'og' \"mere\" \U0001f331",
    "_x0041_ & <b>",
)
FIGURES = "/indikatorer/tal-opdigtet/"
EVERYTHING = "&".join(f"med={name}" for name in CONTENTS)
XLSX = (
    *("/matrix/?format=xlsx", "/sammenlign/?kommune=999&med=787&format=xlsx", "/kommuner/999/indsatser/?format=xlsx"),
    *("/indsatser/?format=xlsx", "/rapporter/udstedte/?format=xlsx", f"{PAGE}hent/", f"{FIGURES}?format=xlsx"),
    *(f"/rapporter/rapport.xlsx?om={about}&{EVERYTHING}" for about in ("kommune:999", "landet", "kkr:sjaelland")),
)
CSV = (
    *("/matrix/?format=csv", "/sammenlign/?kommune=999&med=787&format=csv", "/kommuner/999/indsatser/?format=csv"),
    *("/indsatser/?format=csv", "/rapporter/udstedte/?format=csv", f"{FIGURES}?format=csv"),
    *(f"/data/{name}.csv" for name in DATASETS),
)
# Semicolons, quotes, UTF-8, from the first line, Danish; and, worse than anybody's own settings, formulas are run.
IN_THOUSANDS, THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+"), re.compile(r"\.")
AS_DANES_OPEN_IT = "CSV:59,34,76,1,,1030,false,false,false,false,false,0,true"


def convert(files: list[Path], folder: Path, *options: str) -> dict[str, Path]:
    """The files as LibreOffice saves them, by the names they had without their ending."""
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice mangler. Den installeres med: sudo apt-get install libreoffice-calc"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", *options, "--convert-to", "xlsx", "--outdir", str(folder / "saved")]
    subprocess.run([*command, *map(str, files)], check=True, timeout=300, stdout=subprocess.DEVNULL)
    found = {file.stem: folder / "saved" / f"{file.stem}.xlsx" for file in files}
    assert [name for name, file in found.items() if not file.exists()] == []
    return found


@pytest.fixture
def client(as_user: AsUser, konsulent: User, hr: User, korsbaek: Municipality, thisted: Municipality) -> Client:
    """KL's consultant, in a country where everything that can be written has been written to do harm."""
    for number, harm in zip((9, 10, 11, 13, 14, 15, 16, 18, 19, 20), HARM, strict=True):
        make_row(cell_of(number, korsbaek), "in_progress", by=hr, signal="red", note=harm, internal_note=harm)
        make_row(cell_of(number), "planned", by=konsulent, note=harm)
        make_action(korsbaek, by=hr, title=harm, what=harm, numbers=(number,), responsible_unit=harm)
        make_answer(make_question(number, text=f"Er det {number}?"), korsbaek, True, by=hr, note=harm)
    make_round()
    answer_all(participation_of(korsbaek), by=hr, note=HARM[0], internal_note=HARM[1])
    make_issued("kommune:999", by=konsulent, til=HARM[0])
    client = as_user(konsulent)
    rows = [["Kommune", "År", "Tal"], ["Fanø", "2019", "1.234,5"], ["Ærø", "2019", "-0,25"], ["Ærø", "2018", "7"]]
    take_in(client, figures_in(rows), make_indicator(konsulent, "Opdigtet"))
    return client


def fetched(client: Client, addresses: tuple[str, ...], folder: Path, ending: str) -> list[Path]:
    files = []
    for number, address in enumerate(addresses):
        response = client.get(address)
        assert response["Content-Disposition"].startswith("attachment"), address
        files.append(folder / f"{number}.{ending}")
        files[-1].write_bytes(response.getvalue())
    return files


def said(value: Any) -> str:
    """A value as our CSV files say it. What Excel reads as an escape openpyxl leaves as it is written."""
    if isinstance(value, str):
        return value.replace("_x005F_", "_")
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).replace(".", ",") if isinstance(value, float) else str(value)


def trimmed(rows: Any) -> Table:
    """Without the empty ends."""
    table = [[said(value) for value in row] for row in rows]
    for row in table:
        while row and not row[-1]:
            row.pop()
    while table and not table[-1]:
        table.pop()
    return table


def sheets_of(file: Any) -> dict[str, Table]:
    """What its sheets say. No cell is a formula."""
    book = openpyxl.load_workbook(file)
    formulas = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert formulas == []
    return {sheet.title: trimmed(sheet.iter_rows(values_only=True)) for sheet in book}


def csv_of(content: bytes) -> Table:
    """What a CSV file of ours says; a text such as 12.400 is a number to Danes, and so to LibreOffice."""
    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    return trimmed([THOUSANDS.sub("", cell) if IN_THOUSANDS.fullmatch(cell) else cell for cell in row] for row in rows)


def differences(ours: Table, saved: Table) -> list[tuple[int, str, str]]:
    """Row, what we wrote, what LibreOffice made of it."""
    assert [len(row) for row in ours] == [len(row) for row in saved]
    return [
        (number, mine, theirs)
        for number, (line, other) in enumerate(zip(ours, saved, strict=True), 1)
        for mine, theirs in zip(line, other, strict=True)
        if mine != theirs
    ]


def test_workbooks_say_the_same(client: Client, tmp_path: Path) -> None:
    files = fetched(client, XLSX, tmp_path, "xlsx")
    for (name, saved), address in zip(convert(files, tmp_path).items(), XLSX, strict=True):
        ours, theirs = sheets_of(tmp_path / f"{name}.xlsx"), sheets_of(saved)
        assert list(theirs) == list(ours)
        for sheet in ours:
            assert (address, sheet, differences(ours[sheet], theirs[sheet])) == (address, sheet, [])
        assert sum(map(len, ours.values())) > 1, address


def test_csv_files_say_the_same(client: Client, tmp_path: Path) -> None:
    files = fetched(client, CSV, tmp_path, "csv")
    for (name, saved), address in zip(
        convert(files, tmp_path, f"--infilter={AS_DANES_OPEN_IT}").items(), CSV, strict=True
    ):
        [table] = sheets_of(saved).values()
        ours = csv_of((tmp_path / f"{name}.csv").read_bytes())
        assert (address, differences(ours, table)) == (address, [])
        assert len(ours) > 1, address


def test_the_archive_says_the_same(client: Client, tmp_path: Path) -> None:
    packed = zipfile.ZipFile(io.BytesIO(client.get("/kommuner/999/arkiv/hent/").getvalue()))
    names = [name for name in packed.namelist() if name.endswith(".csv")]
    for name in names:
        (tmp_path / name).write_bytes(packed.read(name))
    saved = convert([tmp_path / name for name in names], tmp_path, f"--infilter={AS_DANES_OPEN_IT}")
    for name in names:
        [table] = sheets_of(saved[name.removesuffix(".csv")]).values()
        assert (name, differences(csv_of(packed.read(name)), table)) == (name, [])
    assert "'=1+1" in {cell for row in csv_of(packed.read("statusser.csv")) for cell in row}


def test_harm_is_there_and_stays_text(client: Client, tmp_path: Path) -> None:
    """So that there is something to run: the same texts without our apostrophe are formulas to LibreOffice."""
    file = tmp_path / "harm.csv"
    file.write_text("a;b\n=1+1;=2+3\n", encoding="utf-8")
    book = openpyxl.load_workbook(convert([file], tmp_path, f"--infilter={AS_DANES_OPEN_IT}")["harm"])
    assert book.active["A2"].data_type == "f"


def test_a_workbook_saved_by_libreoffice_comes_back(client: Client, konsulent: User, tmp_path: Path) -> None:
    [file] = fetched(client, (f"{PAGE}hent/",), tmp_path, "xlsx")
    saved = convert([file], tmp_path)["0"]
    assert look(client, saved.read_bytes(), konsulent).heading == "Ingen ændringer"
    book = openpyxl.load_workbook(saved)
    sheet = book[STATUS]
    row = next(row[0].row for row in sheet.iter_rows() if any(cell.value == recommendation(10).title for cell in row))
    sheet.cell(row, column_of(sheet, "Note")).value = "Skrevet i LibreOffice"
    book.save(saved)
    edited = convert([saved], tmp_path / "again")["0"]
    found = look(client, edited.read_bytes(), konsulent)
    assert [(item.state, [one.after for one in item.differences]) for item in found.items] == [
        (State.CHANGED, ["Skrevet i LibreOffice"])
    ]
