"""Files to hand out, and what their cells may say: no formula, no character that office programs refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

# What a spreadsheet may take for a formula when it stands first in a cell.
RISKY = ("=", "+", "-", "@", "\t", "\r")
# What no XML may hold, and what a spreadsheet takes for a character in disguise.
UNPRINTABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DISGUISED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def temporary_file() -> IO[bytes]:
    """A file that is gone when it is closed, as whoever sends it does."""
    return TemporaryFile()


def download(content: bytes | str, name: str, kind: str) -> HttpResponse:
    """A file to save; the name may hold Danish letters."""
    return HttpResponse(content, content_type=kind, headers=_to_save(name))


def streamed_download(pieces: Iterator[bytes], name: str, kind: str) -> StreamingHttpResponse:
    """The same, sent while it is made."""
    return StreamingHttpResponse(pieces, content_type=kind, headers=_to_save(name))


def packed_download(file: IO[bytes], name: str, kind: str) -> FileResponse:
    """The same, of a temporary file that is whole and packed. Its length goes along, and it is closed when sent."""
    identity = {"Content-Encoding": "identity"}  # packing it again would take its length away
    return FileResponse(file, as_attachment=True, filename=name, content_type=kind, headers=identity)


def _to_save(name: str) -> dict[str, str]:
    return {"Content-Disposition": content_disposition_header(True, name) or "attachment"}


def escaped(value: Any) -> Any:
    """Text that no spreadsheet takes for a formula: an apostrophe in front says that it is text."""
    if isinstance(value, str) and value.startswith((*RISKY, "'")):
        return f"'{value}"
    return value


def printable(text: str) -> str:
    """The text without what no file of an office program may hold, such as control characters."""
    if text.isprintable():  # nearly all
        return text
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def sheet_text(text: str) -> str:
    """Text for a cell of a workbook: no formula, no control character, and ``_x000D_`` is those seven letters."""
    return str(escaped(DISGUISED.sub("_x005F_", printable(text))))


def unescaped(value: Any) -> str:
    """What a cell says, as text: whole numbers without decimals, without our own apostrophe."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).replace("\r\n", "\n").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith((*RISKY, "'")) else text
