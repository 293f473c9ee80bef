"""What the tests of files with figures share: to make such a file, upload it, and go through its steps."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from initiatives.figure_files.columns import Columns
from initiatives.figure_files.showing import Shown
from initiatives.figure_files.working import take_next
from initiatives.models import FigureImport, Indicator, MunicipalityFigure
from stakeholders.models import User

PAGE = "/indikatorer/indlaes/"
NAME, PLAIN_NAME = "tal.csv", "Andel på deltid"
LONG = {"layout": "long", "place": "1", "year": "2", "value": "3", "style": "comma"}
ORIGIN = "Prøvetabel 1, hentet 3. marts 2026"


def csv_of(rows: Iterable[Sequence[Any]], *, encoding: str = "utf-8-sig", delimiter: str = ";") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode(encoding)


def xlsx_of(rows: Iterable[Sequence[Any]], *, title: str = "Ark1") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def make_indicator(by: User, name: str = PLAIN_NAME, **said: Any) -> Indicator:
    content = {"definition": "Ansatte under 37 timer.", "unit": "pct.", "group": "Ansatte", "topic": "workforce"}
    return Indicator.define(by=by, name=name, **{**content, "direction": "down", "publisher": "KRL", **said})


def receive(content: bytes, by: User, name: str = NAME) -> FigureImport:
    return FigureImport.receive(content, file_name=name, by=by)


def upload(client: Client, content: bytes, name: str = NAME) -> Any:
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def newest() -> FigureImport:
    return FigureImport.objects.latest("pk")


def address(job: FigureImport, part: str = "") -> str:
    return f"{PAGE}{job.key}/{part}"


def read(client: Client, content: bytes, columns: dict[str, str] = LONG, name: str = NAME) -> FigureImport:
    """Upload it, choose its columns, and have the worker read it."""
    assert upload(client, content, name).status_code == 302
    job = newest()
    response = client.post(address(job, "kolonner/"), columns)
    assert response.status_code == 302, response.content.decode()
    assert take_next()
    job.refresh_from_db()
    return job


def looked_through(by: User) -> FigureImport:
    """One that is to be confirmed, of one new figure."""
    job = receive(csv_of([["Kommune", "År", "Andel"], ["Thisted", "2023", "7,5"]]), by)
    columns = Columns(sheet="", head=1, **{name: _number(value) for name, value in LONG.items()})
    job.choose_columns(columns.kept | {"named": {}}, headings="", by=by)
    assert take_next()
    job.refresh_from_db()
    indicator = Indicator.objects.filter(name=PLAIN_NAME).first() or make_indicator(by, PLAIN_NAME)
    job.choose_indicators({"": indicator.pk}, origin=ORIGIN, by=by)
    job.refresh_from_db()
    return job


def _number(value: str) -> Any:
    return int(value) if value.isdecimal() else value


def choose(client: Client, job: FigureImport, *indicators: Indicator | None) -> Shown:
    """Say what the names in the file stand for (None: left out). Returns what the page shows."""
    chosen = {f"label-{place}": one.pk if one else "udelad" for place, one in enumerate(indicators)}
    response = client.post(address(job, "noegletal/"), {"origin": ORIGIN, **chosen})
    assert response.status_code == 302, response.content.decode()
    job.refresh_from_db()
    return Shown(job)


def as_shown(job: FigureImport) -> dict[str, Any]:
    """What the form says of what was shown."""
    return {"set": Shown(job).seen, "valg": job.choices}


def save(client: Client, job: FigureImport, *groups: str) -> Any:
    """Confirm, and have the worker save it."""
    response = client.post(address(job, "gem/"), as_shown(job) | {"grupper": groups or ("new", "changed")})
    if response.status_code == 302:
        take_next()
    job.refresh_from_db()
    return response


def take_in(client: Client, content: bytes, *indicators: Indicator | None, **said: Any) -> FigureImport:
    """All the steps."""
    job = read(client, content, **said)
    choose(client, job, *indicators)
    assert save(client, job).status_code == 302
    return job


def figures(indicator: Indicator) -> dict[tuple[str, int], str]:
    """What holds: the municipality and the year, and the figure."""
    rows = MunicipalityFigure.objects.filter(indicator=indicator).standing().select_related("municipality")
    return {(row.municipality.name, row.year): f"{row.value.normalize():f}" for row in rows}
