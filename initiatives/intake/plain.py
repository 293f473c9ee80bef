"""Rows of a sheet that are written in the plainest way, taken from the XML before it comes to the parser.

Most rows are: attributes and values, and nothing that has to be understood. A pattern takes them in a third of the
time. Where no comment, CDATA or instruction begins, a ``<`` begins a tag and nothing else, so what fits the pattern
from tag to tag is what the parser would find; all else goes to the parser, in its order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

LONGEST_ROW = 1024 * 1024  # bytes: a longer one goes to the parser bit by bit, and so does what comes after it
ROW_END = "</row>"
START = r'<c r="([A-Z]{1,3})[0-9]{1,7}"(?: s="([0-9]{1,5})")?(?: t="([a-zA-Z]{1,9})")?'
VALUE = r'(?:<v>([^<&]*)</v>|<is><t(?: xml:space="preserve")?>([^<&]*)</t></is>)'
CELL = re.compile(rf"{START}(?:/>|>{VALUE}?</c>)")
CELLS = re.sub(r"\((?!\?)", "(?:", CELL.pattern)  # without groups
# Row and cells as Excel, LibreOffice and the libraries write them; no entity (&), no further tag (<).
ROW = re.compile(rf'\s*<row r="([0-9]{{1,7}})"[^<>&]*>((?:{CELLS})*)')
# How a part begins that is of UTF-8.
BEGIN = re.compile(
    rb'(?:\xef\xbb\xbf)?(?:<\?xml version="1\.0"(?: encoding="(?:UTF|utf)-8")?(?: standalone="\w+")?\s*\?>)?\s*(?=<\w)'
)

PlainCell = tuple[str, str, str, str, str]  # the letters of its column, style, kind, and its value or its text


class PlainRows:
    """Stands before a parser.

    Args:
        parse: takes what is not plain.
        take: takes a plain row: its number and its cells.
    """

    def __init__(self, parse: Callable[[bytes], Any], take: Callable[[int, list[PlainCell]], None]) -> None:
        self.parse, self.take = parse, take
        self.rest = b""
        self.is_begun = self.is_over = False

    def feed(self, chunk: bytes) -> None:
        if not self.is_begun:
            begin = BEGIN.match(chunk)
            self.is_begun, self.is_over = True, begin is None
            if begin is not None:
                self.parse(begin[0])
                chunk = chunk[begin.end() :]
        self.rest += chunk
        self.is_over = self.is_over or b"<!" in self.rest or b"<?" in self.rest
        if not self.is_over:
            self._take_rows()
            self.is_over = self.is_over or len(self.rest) > LONGEST_ROW
        if self.is_over:
            self.end()

    def end(self) -> None:
        """Nothing more is waited for."""
        rest, self.rest = self.rest, b""
        self.parse(rest)

    def _take_rows(self) -> None:
        whole, found, rest = self.rest.rpartition(ROW_END.encode())
        if not found:
            return
        try:
            rows = whole.decode().split(ROW_END)
        except UnicodeDecodeError:
            self.is_over = True
            return
        self.rest = rest
        for text in rows:
            if row := ROW.fullmatch(text):
                self.take(int(row[1]), CELL.findall(row[2]))
            else:
                self.parse(f"{text}{ROW_END}".encode())
