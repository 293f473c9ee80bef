"""Files with figures that are hostile or broken: a clear message, at once or in the background; nothing is written."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.test import Client

from initiatives.figure_files.reading import TOO_MANY
from initiatives.figure_files.showing import Shown
from initiatives.intake import archive, reading
from initiatives.intake.writing import Column, Known, Sheet, make_workbook
from initiatives.models import FigureImport, FigureRow, Indicator, MunicipalityFigure, Step
from stakeholders.models import User
from tests.factories import AsUser

from .figure_files import LONG, PAGE, choose, csv_of, read, upload, xlsx_of
from .hostile import REFUSED, SECONDS, rows
from .workbooks import STATUS

pytestmark = pytest.mark.django_db

MEGABYTES = 400  # that the worker's helper adds at most
HEAD, LINE = ["Kommune", "År", "Tal"], ["Fanø", "2023", "1"]
RIGHT = csv_of([HEAD, LINE])
# Those that are made for the municipality's own workbook say what is in it.
OTHERS = [name for name, (_, said) in REFUSED.items() if "Regnearket er lavet" not in said and "lavet her" not in said]
EXCEL = [
    name
    for name in OTHERS
    if name not in ("somebody's own", "without its identity", "an older version", "a newer version")
    and name not in ("a round that is none", "an id that is none")
]

# Refused when it is uploaded.
AT_ONCE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", archive.EMPTY),
    "only a byte order mark": (b"\xef\xbb\xbf", "Der er ingen rækker i filen."),
    "only line breaks": (b"\n" * 1000, "Der er ingen rækker i filen."),
    "only delimiters": (b";;;\n" * 1000, "Der er ingen rækker i filen."),
    "bytes that are no text": (bytes(range(256)) * 40, archive.NOT_A_SPREADSHEET),
    "a pdf that is called csv": (b"%PDF-1.7\n\x00\x01", archive.NOT_A_SPREADSHEET),
    "utf-16 that is cut": (csv_of([HEAD, LINE], encoding="utf-16")[:-1], archive.NOT_A_SPREADSHEET),
    "too large": (RIGHT + b"0" * (10 * 1024 * 1024), "Filen er for stor."),
    "300 columns": (csv_of([["a"] * 300]), "200 kolonner"),
    "a cell that never ends": (csv_of([HEAD, ["x" * 40_000, "2023", "1"]]), "for lang en tekst"),
    "a quote that never ends": (b'Kommune;Tal\n"' + b"a;b\n" * 40_000, reading.NO_CSV),
    "a million delimiters": (b";" * 1_000_000, "200 kolonner"),
}
# Read in the background, and refused as a whole.
LATER: dict[str, tuple[bytes, str]] = {
    "a cell that never ends, far down": (csv_of([HEAD, *[LINE] * 90, ["x" * 40_000, "2", "3"]]), "for lang en tekst"),
    "no figures": (csv_of([HEAD, *[["Fanø", "2023", ".."]] * 5]), "Der er ingen tal for kommuner"),
    "no municipalities": (csv_of([HEAD, *[["Atlantis", "2023", "1"]] * 5]), "Der er ingen tal for kommuner"),
    "only headings": (csv_of([HEAD]), "Der er ingen tal for kommuner"),
}
# Read, and refused cell by cell.
BY_CELL: dict[str, tuple[list[str], str]] = {
    "a formula": (["Fanø", "2023", "=1+1"], "“=1+1” er ikke et tal."),
    "a command": (["Fanø", "2023", "=cmd|'/c calc'!A0"], "er ikke et tal."),
    "a year that is none": (["Fanø", "2023K1", "1"], "“2023K1” er ikke et årstal."),
    "a year far away": (["Fanø", "9999", "1"], "“9999” er ikke et årstal."),
    "without a year": (["Fanø", "", "1"], "Årstallet mangler."),
    "without a municipality": (["", "2023", "1"], "Kommunen mangler."),
    "a code and a name that disagree": (["751 Odense", "2023", "1"], "“751 Odense” er ikke en kommune."),
    "an attack": (["'; DROP TABLE x; --", "2023", "1"], "er ikke en kommune."),
    "letters that turn the line": (["\u202eøna F", "2023", "1"], "er ikke en kommune."),
    "a number beyond all": (["Fanø", "2023", "9" * 300], "Tallet er for stort"),
    "not a number": (["Fanø", "2023", "NaN"], "“NaN” er ikke et tal."),
    "in the other style": (["Fanø", "2023", "1,234.5"], "passer ikke til den måde"),
    "markup": (["<b>Fanø</b>", "2023", "1"], "“&lt;b&gt;Fanø&lt;/b&gt;” er ikke en kommune."),
    "contradicting itself": (["Thisted", "2022", "8"], "Thisted 2022 står flere gange i filen med forskellige tal."),
}


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


def right_workbook() -> bytes:
    """With the sheet where the hostile ones change something."""
    columns = [Column(name) for name in HEAD]
    line = Known("r1", dict(zip(HEAD, ["Fanø", 2023, 1.5], strict=True)))
    return make_workbook([Sheet(STATUS, columns, [line])], about=["Om"], identity={})


def refused_at_once(client: Client, content: bytes, name: str, said: str) -> None:
    begun = time.thread_time()
    response = upload(client, content, name)
    assert time.thread_time() - begun < SECONDS
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert "Filen er ikke læst, og intet er ændret" in page
    assert not FigureImport.objects.exists()


def test_there_are_enough() -> None:
    assert len(AT_ONCE) + len(LATER) + len(BY_CELL) >= 30
    assert len(EXCEL) >= 35


@pytest.mark.parametrize("name", AT_ONCE)
def test_text_is_refused_at_once(client: Client, name: str) -> None:
    content, said = AT_ONCE[name]
    refused_at_once(client, content, "tal.csv", said)


@pytest.mark.parametrize("name", EXCEL)
def test_workbooks_are_refused_at_once(client: Client, name: str) -> None:
    make, said = REFUSED[name]
    refused_at_once(client, make(right_workbook()), "tal.xlsx", said)


def test_a_right_workbook_is_read(client: Client) -> None:
    assert upload(client, right_workbook(), "tal.xlsx").status_code == 302


@pytest.mark.parametrize("name", LATER)
def test_it_is_refused_in_the_background(client: Client, name: str) -> None:
    content, said = LATER[name]
    job = read(client, content)
    assert (job.step, said in job.error) == (Step.FAILED, True)
    page = client.get(job.get_absolute_url()).content.decode()
    assert "Filen kunne ikke læses" in page
    assert said in page
    assert not MunicipalityFigure.objects.exists()


@pytest.mark.parametrize("name", BY_CELL)
def test_the_cell_is_refused_and_the_rest_is_not(client: Client, indicator: Indicator, name: str) -> None:
    line, said = BY_CELL[name]
    job = read(client, csv_of([HEAD, ["Thisted", "2022", "7"], line, ["Ærø", "2021", "5"]]))
    shown = choose(client, job, indicator)
    assert said in client.get(job.get_absolute_url()).content.decode()
    assert (shown.refused_count > 0, shown.compared.counts["new"]) == (True, 1 if "contradicting" in name else 2)


def test_too_many_figures(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("initiatives.figure_files.reading.MOST_FIGURES", 90)
    job = read(client, csv_of([HEAD, *[LINE] * 91]))
    assert (job.step, job.error) == (Step.FAILED, TOO_MANY)


def test_the_same_figure_twice_counts_once(client: Client, indicator: Indicator) -> None:
    job = read(client, csv_of([HEAD, LINE, LINE, ["0563", "2023", "1,0"]]))
    shown = choose(client, job, indicator)
    assert (shown.heading, shown.repeated) == ("1 nyt tal", 2)


def test_merged_cells_formulas_and_errors_in_a_workbook(client: Client, indicator: Indicator) -> None:
    def edited(change: Callable[[openpyxl.worksheet.worksheet.Worksheet], None]) -> FigureImport:
        book = openpyxl.load_workbook(io.BytesIO(xlsx_of([HEAD, ["Fanø", 2023, 1.5], ["Ærø", 2023, 2]])))
        change(book.active)
        file = io.BytesIO()
        book.save(file)
        return read(client, file.getvalue(), LONG, "tal.xlsx")

    merged = edited(lambda sheet: sheet.merge_cells("A2:A3"))
    assert (merged.step, "flettede celler i række 2-3" in merged.error) == (Step.FAILED, True)
    formula = edited(lambda sheet: sheet.__setitem__("C3", "=C2*2"))
    assert choose(client, formula, indicator).refused == [("C3", "Cellen har en formel. Skriv værdien i stedet.")]


def test_too_many_names_are_too_many_indicators(client: Client) -> None:
    rows = [["Kommune", "Hvad", "År", "Tal"], *(["Fanø", f"Navn {n}", "2023", "1"] for n in range(201))]
    columns = {"layout": "long", "place": "1", "label": "2", "year": "3", "value": "4", "style": "plain"}
    assert "flere end 200 forskellige navne" in read(client, csv_of(rows), columns).error
    rows = [["Kommune", "Hvad", "År", "Tal"], ["Fanø", "x" * 301, "2023", "1"], ["Fanø", "y", "2023", "1"]]
    job = read(client, csv_of(rows), columns)
    assert [row.message for row in FigureRow.objects.filter(source=job, outcome=4)] == [
        "Navnet på nøgletallet er længere end 300 tegn."
    ]


@pytest.mark.parametrize(
    "columns",
    [
        {},
        LONG | {"place": "99"},
        LONG | {"year": ""},
        LONG | {"value": "1"},
        LONG | {"layout": "wide"},
        LONG | {"style": "romersk"},
        LONG | {"place": "x", "label": "-1"},
    ],
)
def test_columns_that_cannot_be(client: Client, columns: dict[str, str]) -> None:
    upload(client, RIGHT)
    job = FigureImport.objects.get()
    response = client.post(f"{PAGE}{job.key}/kolonner/", columns)
    assert response.status_code == 422
    assert "Filen er ikke læst endnu" in response.content.decode()
    job.refresh_from_db()
    assert job.step == Step.COLUMNS


@pytest.mark.parametrize("asked", ["?ark=Findes%20ikke&raekke=x", "?raekke=9999999", "?raekke=99", "?nr=500"])
def test_addresses_that_are_made_up(client: Client, asked: str) -> None:
    upload(client, RIGHT)
    job = FigureImport.objects.get()
    assert client.get(f"{PAGE}{job.key}/kolonner/{asked}").status_code in (200, 302)
    assert client.get(f"{PAGE}{job.key}/noegletal/nyt/{asked}").status_code == 302


MEASURE = """
import resource, sys
from initiatives.figure_files.columns import ALL, FigureFile
from django.core.exceptions import ValidationError
content = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    file = FigureFile(content, "tal.xlsx", ALL)
    for row in file.rows(file.sheets[-1]):
        pass
except ValidationError:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_memory_is_bounded(tmp_path: Path) -> None:
    """As many rows, elements and bytes as are taken in at all."""
    line = b'<row><c t="inlineStr"><is><t>%d</t></is></c></row>'
    file = tmp_path / "fil.xlsx"
    file.write_bytes(rows(lambda: b"".join(line % (n * 7919) for n in range(500_000)))(right_workbook()))
    run = [sys.executable, "-c", "import django; django.setup()" + MEASURE, str(file)]
    environment = {"DJANGO_SETTINGS_MODULE": "flere_haender.settings", "SECRET_KEY": "x", "PATH": ""}
    said = subprocess.run(run, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, check=True).stdout
    assert int(said) / 1024 < MEGABYTES


def test_an_import_that_failed_can_be_shown(konsulent: User) -> None:
    job = FigureImport.receive(RIGHT, file_name="../../<b>æ\u202e.csv", by=konsulent)
    assert "\u202e" not in job.file_name
    assert Shown(job).heading == "Ingen ændringer"
