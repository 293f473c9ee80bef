"""The ZIP itself: the tables, the issued reports, a README and a description for programs."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.db import connection, transaction

from initiatives.exporting import DEMO, DEMO_COLUMN, csv_pieces
from initiatives.files import temporary_file
from initiatives.models import IssuedReport
from initiatives.opendata.dataset import Kind
from stakeholders.models import Installation, Municipality

from . import REASONS, TABLES
from .people import issued, path_of
from .table import Field, Table

# The types of https://specs.frictionlessdata.io/table-schema/
TYPES = {Kind.NUMBER: "integer", Kind.DAY: "date"}
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # that a ZIP can say: no trace of when it was made


def archive(municipality: Municipality, reader: Any) -> IO[bytes]:
    """All that the municipality has put in, as the reader may see it. The same facts give the same bytes.

    It is written to a temporary file, so that it is whole before any of it is sent; a few rows and one report are
    held at once. All of it is as it was at one moment.
    """
    file = temporary_file()
    demo = Installation.is_demo()
    with _one_moment(), zipfile.ZipFile(file, "w") as packed:
        _add(packed, "README.txt", [readme(municipality, demo=demo).replace("\n", "\r\n").encode("utf-8-sig")])
        _add(packed, "datapackage.json", [description(municipality, demo=demo).encode()])
        for table in TABLES:
            _add(packed, table.file_name, _pieces(table, municipality, reader, demo=demo))
        for report in issued(municipality, reader):
            _add(packed, path_of(report), [_bytes_of(report)])
    file.seek(0)
    return file


@contextmanager
def _one_moment() -> Iterator[None]:
    """What is saved meanwhile is not seen."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _add(packed: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    entry = zipfile.ZipInfo(name, FIRST_DAY)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    with packed.open(entry, "w") as file:
        for piece in pieces:
            file.write(piece)


def _bytes_of(report: IssuedReport) -> bytes:
    return bytes(IssuedReport.objects.values_list("content", flat=True).get(pk=report.pk))


def _pieces(table: Table, municipality: Municipality, reader: Any, *, demo: bool) -> Iterator[bytes]:
    mark = [DEMO] * demo
    rows = ([field.value(row) for field in table.fields] + mark for row in table.rows(municipality, reader))
    return csv_pieces([*table.headings, *[DEMO_COLUMN] * demo], rows)


def readme(municipality: Municipality, *, demo: bool) -> str:
    """What is in it, for people."""
    name = municipality.authority_name
    lines = [f"Det, {name} har skrevet i Flere hænder", ""]
    lines += ["Demodata: opdigtede tal.", ""] * demo
    lines += [
        "Filerne er CSV: semikolon mellem felterne, UTF-8 med BOM, en linje med overskrifter. De kan åbnes i Excel.",
        "Datoer er som 2026-12-04. I en liste står der | mellem delene. Et tomt felt er tomt.",
        "En tekst, som et regneark kunne tage for en formel, har en apostrof foran.",
        "Interne noter, kladder og navne er med. Del det derfor kun med dem, der må se dem.",
        "datapackage.json beskriver filerne for programmer (Frictionless Data Package).",
        "",
    ]
    for table in TABLES:
        lines += [table.file_name, "=" * len(table.file_name), f"{table.title}. {table.about}", ""]
        lines += [f"  {field.name}{f': {field.about}' if field.about else ''}" for field in table.fields] + [""]
    lines += ["Det er ikke med", "===============", *(f"- {reason}" for reason in REASONS), ""]
    return "\n".join(lines)


def description(municipality: Municipality, *, demo: bool) -> str:
    """What is in it, for programs: a Frictionless data package."""
    package = {
        "profile": "tabular-data-package",
        "name": f"flere-haender-{municipality.code}",
        "title": f"Det, {municipality.authority_name} har skrevet i Flere hænder",
        **({"description": "Demodata: opdigtede tal."} if demo else {}),
        "resources": [_resource(table, demo=demo) for table in TABLES],
    }
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _resource(table: Table, *, demo: bool) -> dict[str, Any]:
    fields = [*table.fields, *[Field(DEMO_COLUMN, lambda row: DEMO, "Tallene er opdigtede.")] * demo]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table.file_name,
        "title": table.title,
        "description": table.about,
        "encoding": "utf-8",
        "dialect": {"delimiter": ";"},
        "schema": {"fields": [_field(field) for field in fields]},
    }


def _field(field: Field) -> dict[str, str]:
    said = {"name": field.name, "type": TYPES.get(field.kind, "string")}
    return said | ({"description": field.about} if field.about else {})
