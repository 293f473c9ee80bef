"""The files themselves: JSON for programs, and CSV as Danish Excel opens it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from initiatives.exporting import DEMO, DEMO_COLUMN, csv_file, plain

from .dataset import Dataset, Row


def as_json(dataset: Dataset, rows: Iterable[Row], about: dict[str, Any]) -> bytes:
    """``about`` says more about the whole: the day, and whether the figures are invented."""
    whole = {
        "navn": dataset.name,
        "titel": dataset.title,
        "beskrivelse": dataset.description,
        **about,
        "raekker": [{name: plain(value) for name, value in row.items()} for row in rows],
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def as_csv(dataset: Dataset, rows: Iterable[Row], about: dict[str, Any]) -> bytes:
    """Invented figures say so in a last column of their own."""
    names = [column.name for column in dataset.columns]
    demo = bool(about.get("demo"))
    table = ([*(row[name] for name in names), *[DEMO] * demo] for row in rows)
    return csv_file([*names, *[DEMO_COLUMN] * demo], table)


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
