"""The files themselves: JSON for programs, and CSV as Danish Excel opens it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from initiatives.admin.files import escaped

from .dataset import Dataset, Row

BETWEEN = " | "  # between the parts of a list in a CSV cell
DEMO_COLUMN = "demodata"
DEMO = "Opdigtede tal"


def number(value: Decimal) -> int | float:
    """The shortest number that says the same: 23 and not 23.00."""
    return int(value) if value == value.to_integral_value() else float(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def as_json(dataset: Dataset, rows: Iterable[Row], about: dict[str, Any]) -> bytes:
    """``about`` says more about the whole: the day, and whether the figures are invented."""
    whole = {
        "navn": dataset.name,
        "titel": dataset.title,
        "beskrivelse": dataset.description,
        **about,
        "raekker": [{name: _plain(value) for name, value in row.items()} for row in rows],
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _cell(value: Any) -> str:
    """What stands in a cell: a decimal comma, and no text that a spreadsheet takes for a formula."""
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, list):
        return str(escaped(BETWEEN.join(str(part) for part in value)))
    if isinstance(value, int | float):
        return str(value).replace(".", ",")
    return str(escaped(str(value)))


def as_csv(dataset: Dataset, rows: Iterable[Row], about: dict[str, Any]) -> bytes:
    """Semicolons and a byte order mark. Invented figures say so in a last column of their own."""
    names = [column.name for column in dataset.columns]
    demo = [DEMO_COLUMN] if about.get("demo") else []
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";")
    writer.writerow([*names, *demo])
    for row in rows:
        writer.writerow([*(_cell(row[name]) for name in names), *(DEMO for _ in demo)])
    return file.getvalue().encode("utf-8-sig")


@dataclass(frozen=True)
class Format:
    name: str
    content_type: str
    write: Callable[[Dataset, Iterable[Row], dict[str, Any]], bytes]


FORMATS = {
    "json": Format("JSON", "application/json; charset=utf-8", as_json),
    "csv": Format("CSV", "text/csv; charset=utf-8", as_csv),
}


def etag_of(content: bytes) -> str:
    """A strong tag: the same bytes, and no others."""
    return f'"{hashlib.sha256(content).hexdigest()}"'
