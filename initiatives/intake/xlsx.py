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
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from initiatives.status import thousands

from .archive import NOT_A_SPREADSHEET, NOT_WHOLE, Limits, opened
from .cells import COLUMNS, ERROR, FORMULA, LETTERS, Cell, as_text, column_of, place_of
from .plain import PlainCell
from .xml import Attributes, Walker

Row = dict[int, Cell]  # by the number of the column
Area = tuple[int, int, int, int]  # from row and column to row and column
MOST_MERGED = 500
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
TOO_LONG = "En celle har for lang en tekst."


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

        def relationship(has: Attributes) -> None:
            if has.get("TargetMode") != "External":
                path = posixpath.normpath(posixpath.join("/", folder, has.get("Target", ""))).lstrip("/")
                found[has.get("Id", "")] = (has.get("Type", "").rpartition("/")[2], path)

        self.walker.over(posixpath.join(folder, "_rels", f"{file}.rels"), {"Relationship": relationship})
        return found

    def _main_part(self) -> str:
        for kind, path in self._related("").values():
            if kind == "officeDocument":
                return path
        raise ValidationError(NOT_A_SPREADSHEET)

    def _find_sheets(self) -> dict[str, str]:
        self.related = self._related(self.main)
        named: dict[str, str] = {}

        def sheet(has: Attributes) -> None:
            link = next((has[key] for key in has if key.endswith(" id")), "")
            named[has.get("name", "")] = self.related.get(link, ("", ""))[1]

        def properties(has: Attributes) -> None:
            if has.get("date1904") in ("1", "true"):
                self.epoch = CALENDAR_MAC_1904

        self.walker.over(self.main, {"sheet": sheet, "workbookPr": properties})
        if not named:
            raise ValidationError(NOT_A_SPREADSHEET)
        return named

    def _part(self, kind: str) -> str | None:
        path = next((path for what, path in self.related.values() if what == kind), None)
        return path if path in self.archive.namelist() else None

    def _find_styles(self) -> None:
        formats: dict[int, str] = dict(BUILTIN_FORMATS)
        styles: list[Attributes] = []

        def number_format(has: Attributes) -> None:
            formats[int(has["numFmtId"])] = has.get("formatCode", "")

        def of_cells() -> None:
            for has in styles:
                shown = formats.get(int(has.get("numFmtId", 0)), "")
                self.days.append(is_date_format(shown))
                self.percentages.append("%" in shown)

        if part := self._part("styles"):
            starts = {"numFmt": number_format, "xf": styles.append, "cellXfs": lambda has: styles.clear()}
            self.walker.over(part, starts, {"cellXfs": of_cells})

    def _find_strings(self) -> list[str]:
        """The texts that cells name by number; how they are read aloud (``rPh``) is not part of them."""
        found: list[str] = []
        text, names = TextOf(self.limits), self.walker.names

        def start(full_name: str, has: dict[str, str]) -> None:
            text.start(names[full_name])

        def end(full_name: str) -> None:
            text.end(name := names[full_name])
            if name == "si":
                found.append(text.taken())

        if part := self._part("sharedStrings"):
            for _ in self.walker.walk(part, start=start, end=end, text=text.add):
                text.hold()
        return found


class TextOf:
    """Gathers the text of a cell from its parts. What is not within ``t`` or ``v`` is forgotten."""

    def __init__(self, limits: Limits) -> None:
        self.most = 2 * limits.longest  # Excel counts an emoji as two
        self.parts: list[str] = []
        self.heard: list[str] = []
        self.add = self.heard.append
        self.is_inside = self.is_spoken = False

    def start(self, name: str) -> None:
        if name == "t" or name == "v":
            self.heard.clear()
            self.is_inside = True
        elif name == "rPh":
            self.is_spoken = True

    def end(self, name: str) -> None:
        if name == "t" or name == "v":
            if not self.is_spoken:
                self.parts += self.heard
            self.heard.clear()
            self.is_inside = False
        elif name == "rPh":
            self.is_spoken = False

    def hold(self) -> None:
        """Keep no more than there may be; to be called between chunks."""
        if not self.is_inside:
            self.heard.clear()
        if sum(map(len, self.parts)) + sum(map(len, self.heard)) > self.most:
            raise ValidationError(TOO_LONG)

    def taken(self) -> str:
        text = "".join(self.parts)
        self.parts.clear()
        return self.whole(text)

    def whole(self, text: str) -> str:
        """Raises ValidationError when it is longer than a cell may be."""
        if len(text) > self.most:
            raise ValidationError(TOO_LONG)
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class SheetReader:
    """The rows of a sheet with their numbers, as they come; afterwards ``merged`` says which cells are one."""

    def __init__(self, book: Workbook, part: str) -> None:
        self.book, self.part, self.limits = book, part, book.limits
        self.names = book.walker.names
        self.merged: list[Area] = []
        self.ready: deque[tuple[int, Row]] = deque()
        self.row: Row = {}
        self.number = self.count = self.column = 0
        self.kind = self.style = ""
        self.has_formula = False
        self.text = TextOf(self.limits)

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        walker, heard = self.book.walker, self.text.add
        for _ in walker.walk(self.part, start=self._start, end=self._end, text=heard, take=self._take):
            self.text.hold()
            while self.ready:
                yield self.ready.popleft()

    def _start(self, full_name: str, has: Attributes) -> None:
        name = self.names[full_name]
        if name == "c":
            self._start_cell(has)
        elif name == "row":
            self._start_row(has)
        elif name == "f":
            self.has_formula = True
        elif name == "mergeCell":
            self._merge(has.get("ref", ""))
        else:
            self.text.start(name)

    def _end(self, full_name: str) -> None:
        name = self.names[full_name]
        if name == "c":
            self._say(self.text.taken() if self.text.parts else "")
        elif name == "row":
            self._end_row()
        else:
            self.text.end(name)

    def _take(self, number: int, cells: list[PlainCell]) -> None:
        self._begin_row(number)
        for letters, style, kind, value, text in cells:
            self._begin_cell(COLUMNS.get(letters) or column_of(f"{letters}1"), kind or "n", style or "0")
            self._say(self.text.whole(value or text))
        self._end_row()

    def _start_row(self, has: Attributes) -> None:
        self._begin_row(int(has.get("r", self.number + 1)))

    def _begin_row(self, number: int) -> None:
        self.count += 1
        if self.count > self.limits.rows:
            most = thousands(self.limits.rows)
            raise ValidationError(f"Et ark har flere end {most} rækker. Slet de tomme rækker under tabellen, og gem.")
        self.number, self.row, self.column = number, {}, 0

    def _end_row(self) -> None:
        if self.row:
            self.ready.append((self.number, self.row))

    def _start_cell(self, has: Attributes) -> None:
        column = column_of(has["r"]) if "r" in has else self.column + 1
        self._begin_cell(column, has.get("t", "n"), has.get("s", "0"))

    def _begin_cell(self, column: int, kind: str, style: str) -> None:
        self.column = column
        if self.column > self.limits.columns:
            raise ValidationError(f"Et ark har flere end {self.limits.columns} kolonner. Slet dem, der ikke bruges.")
        self.kind, self.style, self.has_formula = kind, style, False

    def _say(self, raw: str) -> None:
        """What the cell at hand says."""
        text, is_number, fault = "", False, FORMULA if self.has_formula else ERROR if self.kind == "e" else ""
        if raw and not fault:
            value = self._value(raw)
            text, is_number = as_text(value), type(value) in (int, float)
        if text or fault:
            self.row[self.column] = Cell(f"{LETTERS[self.column]}{self.number}", text, fault, is_number)

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
