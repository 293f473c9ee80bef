"""Reads an XLSX file row by row: values, never formulas, and nothing outside the file.

Python-calamine makes room for every cell up to the last (two cells in opposite corners end the process) and says
nothing of formulas; openpyxl, read-only, builds each row as a tree (a file of 2 MB: 27 seconds and 600 MB) and passes
a million empty rows in 20 seconds. So the sheets are walked through here, and openpyxl is asked only what numbers
are days.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import deque
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from .archive import NOT_A_SPREADSHEET, NOT_WHOLE, Limits, opened
from .cells import ERROR, FORMULA, Cell, as_text, column_of, place_of
from .xml import Attributes, Walker

Row = dict[int, Cell]  # by the number of the column
Area = tuple[int, int, int, int]  # from row and column to row and column
MOST_MERGED = 500
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class Workbook:
    """The sheets of a file. Nothing of a sheet is held but the row at hand.

    Raises:
        ValidationError: it is no spreadsheet that can be read, in Danish; now, or when its rows are asked for.
    """

    def __init__(self, content: bytes, limits: Limits) -> None:
        self.limits = limits
        self.archive: zipfile.ZipFile = opened(content, limits)
        self.walker = Walker(self.archive, limits)
        self.main = self._main_part()
        self.epoch = CALENDAR_WINDOWS_1900
        self.parts: dict[str, str] = self._find_sheets()  # of each sheet, by its name
        # Of each style of cell: whether its numbers are days, and whether they are shown as percentages.
        self.days: list[bool] = []
        self.percentages: list[bool] = []
        self._find_styles()
        self.strings: list[str] = self._find_strings()

    def rows(self, name: str) -> SheetReader:
        return SheetReader(self, self.parts[name])

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part points to within the file: type and path, by id."""
        folder, file = posixpath.split(part)
        found = {}

        def start(name: str, has: Attributes) -> None:
            if name == "Relationship" and has.get("TargetMode") != "External":
                path = posixpath.normpath(posixpath.join("/", folder, has.get("Target", ""))).lstrip("/")
                found[has.get("Id", "")] = (has.get("Type", "").rpartition("/")[2], path)

        self.walker.over(posixpath.join(folder, "_rels", f"{file}.rels"), start)
        return found

    def _main_part(self) -> str:
        for kind, path in self._related("").values():
            if kind == "officeDocument":
                return path
        raise ValidationError(NOT_A_SPREADSHEET)

    def _find_sheets(self) -> dict[str, str]:
        self.related = self._related(self.main)
        named: dict[str, str] = {}

        def start(name: str, has: Attributes) -> None:
            if name == "sheet":
                link = next((has[key] for key in has if key.endswith(" id")), "")
                named[has.get("name", "")] = self.related.get(link, ("", ""))[1]
            elif name == "workbookPr" and has.get("date1904") in ("1", "true"):
                self.epoch = CALENDAR_MAC_1904

        self.walker.over(self.main, start)
        if not named:
            raise ValidationError(NOT_A_SPREADSHEET)
        return named

    def _part(self, kind: str) -> str | None:
        path = next((path for what, path in self.related.values() if what == kind), None)
        return path if path in self.archive.namelist() else None

    def _find_styles(self) -> None:
        formats, inside = dict(BUILTIN_FORMATS), [""]

        def start(name: str, has: Attributes) -> None:
            if name == "numFmt":
                formats[int(has["numFmtId"])] = has.get("formatCode", "")
            elif name in ("cellXfs", "cellStyleXfs"):
                inside[0] = name
            elif name == "xf" and inside[0] == "cellXfs":
                shown = formats.get(int(has.get("numFmtId", 0)), "")
                self.days.append(is_date_format(shown))
                self.percentages.append("%" in shown)

        if part := self._part("styles"):
            self.walker.over(part, start)

    def _find_strings(self) -> list[str]:
        """The texts that cells name by number; how they are read aloud (``rPh``) is not part of them."""
        found: list[str] = []
        text = TextOf(self.limits)

        def end(name: str) -> None:
            if name == "si":
                found.append(text.taken())
            text.end(name)

        if part := self._part("sharedStrings"):
            for _ in self.walker.walk(part, start=text.start, end=end, text=text.add):
                pass
        return found


class TextOf:
    """Gathers the text of a cell from its parts."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.parts: list[str] = []
        self.length = 0
        self.wanted = self.spoken = False

    def start(self, name: str, has: Attributes) -> None:
        if name == "rPh":
            self.spoken = True
        self.wanted = name in ("t", "v") and not self.spoken

    def end(self, name: str) -> None:
        if name == "rPh":
            self.spoken = False
        self.wanted = False

    def add(self, text: str) -> None:
        if self.wanted:
            self.length += len(text)
            if self.length > 2 * self.limits.longest:  # Excel counts an emoji as two
                raise ValidationError("En celle har for lang en tekst.")
            self.parts.append(text)

    def taken(self) -> str:
        if not self.parts:
            return ""
        text = "".join(self.parts)
        self.parts, self.length = [], 0
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class SheetReader:
    """The rows of a sheet with their numbers, as they come; afterwards ``merged`` says which cells are one."""

    def __init__(self, book: Workbook, part: str) -> None:
        self.book, self.part, self.limits = book, part, book.limits
        self.merged: list[Area] = []
        self.ready: deque[tuple[int, Row]] = deque()
        self.row: Row = {}
        self.number = self.count = self.column = 0
        self.kind = self.style = ""
        self.has_formula = False
        self.text = TextOf(self.limits)

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        for _ in self.book.walker.walk(self.part, start=self._start, end=self._end, text=self.text.add):
            while self.ready:
                yield self.ready.popleft()

    def _start(self, name: str, has: Attributes) -> None:
        if name == "c":
            self._start_cell(has)
        elif name == "row":
            self._start_row(has)
        elif name == "f":
            self.has_formula = True
        elif name == "mergeCell":
            self._merge(has.get("ref", ""))
        self.text.start(name, has)

    def _start_row(self, has: Attributes) -> None:
        self.count += 1
        if self.count > self.limits.rows:
            most = f"{self.limits.rows:,}".replace(",", ".")
            raise ValidationError(f"Et ark har flere end {most} rækker. Slet de tomme rækker under tabellen, og gem.")
        self.number = int(has.get("r", self.number + 1))
        self.row, self.column = {}, 0

    def _start_cell(self, has: Attributes) -> None:
        self.column = column_of(has["r"]) if "r" in has else self.column + 1
        if self.column > self.limits.columns:
            raise ValidationError(f"Et ark har flere end {self.limits.columns} kolonner. Slet dem, der ikke bruges.")
        self.kind, self.style, self.has_formula = has.get("t", "n"), has.get("s", "0"), False

    def _end(self, name: str) -> None:
        self.text.end(name)
        if name == "c":
            if self.has_formula or self.kind == "e" or self.text.parts:
                self._end_cell()
        elif name == "row" and self.row:
            self.ready.append((self.number, self.row))

    def _end_cell(self) -> None:
        raw = self.text.taken()
        if self.has_formula:
            self._add("", fault=FORMULA)
        elif self.kind == "e":
            self._add("", fault=ERROR)
        elif raw:
            value = self._value(raw)
            if text := as_text(value):
                self._add(text, is_number=type(value) in (int, float))

    def _add(self, text: str, *, fault: str = "", is_number: bool = False) -> None:
        address = f"{get_column_letter(self.column)}{self.number}"
        self.row[self.column] = Cell(address, text, fault, is_number)

    def _value(self, raw: str) -> Any:
        try:
            if self.kind == "s":
                return self.book.strings[int(raw)]
            if self.kind == "b":
                return raw == "1"
            if self.kind == "n":
                return self._number(raw)
        except (IndexError, ValueError, OverflowError) as error:
            raise ValidationError(NOT_WHOLE) from error
        return raw.removesuffix("T00:00:00") if self.kind == "d" else raw

    def _number(self, raw: str) -> Any:
        number, style = float(raw), int(self.style)
        if style < len(self.book.days) and self.book.days[style]:
            return from_excel(number, self.book.epoch)
        if number != number or abs(number) == float("inf"):
            raise ValueError(raw)
        if style < len(self.book.percentages) and self.book.percentages[style]:
            return round(100 * number, 10)  # as it is shown: 0.042 is 4.2 %
        return int(raw) if raw.lstrip("-").isdecimal() and len(raw) < 16 else number

    def _merge(self, area: str) -> None:
        if len(self.merged) >= MOST_MERGED:
            raise ValidationError(f"Et ark har flere end {MOST_MERGED} flettede celler. Ophæv fletningerne.")
        first, _, last = area.partition(":")
        self.merged.append((*place_of(first), *place_of(last or first)))
