"""The places in the documents that the fixtures cite, and the digests that tell whether a place has changed.

Digests live in ``fixtures/citations.csv``, written by ``manage.py check_citations --write``. The digest of a place is
the SHA-256 of its lines in UTF-8, white space folded, so that a document saved anew does not count as changed.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from stakeholders.reference import read_toml

FILE = "citations.csv"
COLUMNS = ("source", "lines", "digest")

Key = tuple[str, str]  # source and lines


class Place(NamedTuple):
    """A citation as a fixture writes it. ``lines`` is a range, both ends included, the first line being 1."""

    fixture: str
    source: str
    lines: str
    place: str

    @property
    def key(self) -> Key:
        return self.source, self.lines

    def __str__(self) -> str:
        return f"{self.fixture}: {self.source}, linje {self.lines}, {self.place}"


def line_range(lines: str) -> str:
    """``"45"`` and ``"45-45"`` are the same place."""
    if not re.fullmatch(r"\d+(-\d+)?", lines):
        raise ValueError(f"“{lines}” er ikke et linjeinterval.")
    first, _, last = lines.partition("-")
    return f"{first}-{last or first}"


def cited_places(folder: Path) -> list[Place]:
    """Every place that a fixture in the folder cites, in the order of the files."""
    return [place for file in sorted(folder.glob("*.toml")) for place in _places_in(read_toml(file), file.name)]


def _places_in(value: Any, fixture: str) -> Iterator[Place]:
    if isinstance(value, dict):
        if {"source", "lines", "place"} <= value.keys():
            yield Place(fixture, value["source"], line_range(value["lines"]), value["place"])
        for inner in value.values():
            yield from _places_in(inner, fixture)
    elif isinstance(value, list):
        for inner in value:
            yield from _places_in(inner, fixture)


def digest_of(text: str, lines: str) -> str | None:
    """The digest of these lines of a document; None when it has no such lines, or they are empty."""
    first, last = (int(number) for number in line_range(lines).split("-"))
    all_lines = text.split("\n")
    if not 1 <= first <= last <= len(all_lines):
        return None
    folded = " ".join(" ".join(all_lines[first - 1 : last]).split())
    return hashlib.sha256(folded.encode()).hexdigest() if folded else None


def read_digests(folder: Path) -> dict[Key, str]:
    """Digest by source and lines; nothing when the file is not there yet."""
    path = folder / FILE
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["source"], row["lines"]): row["digest"] for row in csv.DictReader(file)}


def write_digests(folder: Path, digests: dict[Key, str]) -> None:
    """Write the file in the order of the documents."""
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for (source, lines), digest in sorted(digests.items(), key=_in_document_order):
            writer.writerow((source, lines, digest))


def _in_document_order(item: tuple[Key, str]) -> tuple[str, list[int]]:
    (source, lines), _ = item
    return source, [int(number) for number in lines.split("-")]
