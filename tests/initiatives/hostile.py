"""Files that are no workbook of ours, or have been harmed: each is made from a right one, with what is said of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

import openpyxl

from initiatives.intake import archive
from initiatives.workbook import taking
from tests.workers import WORKERS

from .workbooks import ACTIONS, STATUS, edited, part_of, repacked, typed

# Of the processor's time: two on a machine that does nothing else.
SECONDS = 2 * WORKERS

Make = Callable[[bytes], bytes]
ROWS, COLUMNS, WHOLE = "flere end 20.000 rækker", "flere end 200 kolonner", archive.NOT_WHOLE
BIG, NONE, OURS = archive.UNPACKS_TO_TOO_MUCH, archive.NOT_A_SPREADSHEET, taking.NOT_OURS


def part(name: str, change: Callable[[bytes], bytes]) -> Make:
    """The file with one of its parts changed; a sheet by its own name."""

    def make(content: bytes) -> bytes:
        path = name if "/" in name or "." in name else part_of(content, name)
        return repacked(content, lambda each, data: change(data) if each == path else data)

    return make


def rows(xml: Callable[[], bytes]) -> Make:
    """The first sheet that is read has these rows."""

    def change(data: bytes) -> bytes:
        before, after = data.partition(b"<sheetData>")[0], data.rpartition(b"</sheetData>")[2]
        return before + b"<sheetData>" + xml() + b"</sheetData>" + after

    return part(STATUS, change)


def without(name: str) -> Make:
    return lambda content: repacked(content, lambda each, data: None if each == name else data)


def having(**extra: bytes) -> Make:
    return lambda content: repacked(content, lambda _, data: data, **extra)


def edit(change: Callable[[Any], None]) -> Make:
    return lambda content: edited(content, change)


def identity(row: int, value: Any) -> Make:
    return edit(lambda book: book["identitet"].cell(row, 2, value))


def flagged(content: bytes, flag: int) -> bytes:
    """With a flag on each part: 1 is a password, 32 and 64 are ways of packing that Python does not know."""
    data = bytearray(content)
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= flag
            at = data.find(signature, at + 4)
    return bytes(data)


def a_byte_turned(content: bytes) -> bytes:
    at = content.find(b"xl/worksheets/sheet2.xml") + 200
    return content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :]


def lying_about_sizes(content: bytes) -> bytes:
    """A part that unpacks to more than the file says of it."""
    packed = repacked(content, lambda name, data: data + b" " * 3_000_000 if name.endswith("sheet2.xml") else data)
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        size = next(each for each in file.infolist() if each.filename.endswith("sheet2.xml")).file_size
    return packed.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def same_name_twice(content: bytes) -> bytes:
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as more:
        more.writestr("xl/workbook.xml", b"<workbook/>")
    return file.getvalue()


def other_packing(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return file.getvalue()


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as new:
        for name, data in files.items():
            new.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return file.getvalue()


def somebodys_own(_: bytes) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Kommune", "Status"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


def declaring(doctype: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(b"?>", b"?>" + doctype, 1)


# The whole file is refused: how it is made, and what is said.
def merging(data: bytes) -> bytes:
    areas = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (row, row) for row in range(1, 600))
    return data.replace(b"</sheetData>", b"</sheetData><mergeCells>" + areas + b"</mergeCells>", 1)


REFUSED: dict[str, tuple[Make, str]] = {
    "nothing": (lambda _: b"", archive.EMPTY),
    "text": (lambda _: b"Status;Note\nI gang;", NONE),
    "pdf": (lambda _: b"%PDF-1.7\n%\xe2\xe3", NONE),
    "random": (lambda _: bytes(range(256)) * 40, NONE),
    "too large": (lambda content: content + b"0" * (10 * 1024 * 1024), "Filen er for stor."),
    "old excel": (lambda _: archive.OLE + b"\x00" * 4000, archive.OLD_EXCEL),
    "encrypted": (lambda _: archive.OLE + b"\x00" * 900 + archive.ENCRYPTED, archive.WITH_PASSWORD),
    "zip with password": (partial(flagged, flag=1), archive.WITH_PASSWORD),
    "zip with patches": (partial(flagged, flag=32), NONE),
    "zip with strong encryption": (partial(flagged, flag=64), NONE),
    "cut in half": (lambda content: content[: len(content) // 2], WHOLE),
    "cut by a byte": (lambda content: content[:-1], WHOLE),
    "only the beginning": (lambda content: content[:4], WHOLE),
    "a byte turned": (a_byte_turned, WHOLE),
    "word": (lambda _: zipped(**{"[Content_Types]_xml": b"<Types/>", "word__document_xml": b"<w/>"}), NONE),
    "a zip of pictures": (lambda _: zipped(hund=b"x", kat=b"y"), NONE),
    "opendocument": (lambda _: zipped(mimetype=b"application/vnd.oasis", content_xml=b"<a/>"), archive.OPEN_DOCUMENT),
    "binary excel": (having(xl__workbook=b"x", **{"xl__workbook.bin": b"x"}), archive.BINARY),
    "macros": (having(**{"xl__vbaProject.bin": b"x"}), archive.MACROS),
    "old macros": (having(**{"xl__macrosheets__sheet1.xml": b"<a/>"}), archive.MACROS),
    "zip bomb in a sheet": (rows(lambda: b" " * 30_000_000), BIG),
    "zip bomb beside": (having(**{"xl__media__billede.png": b"\x00" * 30_000_000}), BIG),
    "lying about its size": (lying_about_sizes, WHOLE),
    "thousands of parts": (having(**{f"xl__{number}.xml": b"" for number in range(2_100)}), BIG),
    "the same part twice": (same_name_twice, NONE),
    "packed otherwise": (other_packing, NONE),
    "a million empty rows": (rows(lambda: b"".join(b'<row r="%d"/>' % n for n in range(1, 1_048_577))), ROWS),
    "the last row and column": (rows(lambda: b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), COLUMNS),
    "a row of 400,000 cells": (
        rows(lambda: b'<row r="1">' + b"".join(b"<c><v>%d</v></c>" % (n * 7919) for n in range(400_000)) + b"</row>"),
        COLUMNS,
    ),
    "half a million elements": (
        rows(lambda: b"".join(b'<x y="%d"/>' % (n * 7919 % 1_000_003) for n in range(500_000))),
        BIG,
    ),
    "a tag of two million characters": (
        rows(lambda: b"<row " + b" ".join(b'a%d="%d"' % (n, n * n) for n in range(120_000)) + b"/>"),
        NONE,
    ),
    "a cell that never ends": (
        rows(lambda: b'<row r="1"><c t="str"><v>' + bytes(range(65, 91)) * 6_000 + b"</v></c></row>"),
        "En celle har for lang en tekst.",
    ),
    "hundreds of merged cells": (part(STATUS, merging), "flere end 500 flettede celler"),
    "a billion laughs": (part("xl/workbook.xml", declaring(LAUGHS)), NONE),
    "a billion laughs in the texts": (part("xl/sharedStrings.xml", declaring(LAUGHS)), NONE),
    "a file from outside": (part(STATUS, declaring(OUTSIDE)), NONE),
    "broken xml": (part(STATUS, lambda data: data.replace(b"</row>", b"</cell>", 1)), WHOLE),
    "xml that stops": (part(STATUS, lambda data: data[:-40]), WHOLE),
    "bytes that are no text": (
        part("xl/sharedStrings.xml", lambda data: data.replace(b"<t>", b"<t>\xff\xfe", 1)),
        WHOLE,
    ),
    "texts that are not there": (part("xl/sharedStrings.xml", lambda _: b"<sst/>"), WHOLE),
    "numbers that are none": (rows(lambda: b'<row r="1"><c r="B1"><v>1e999</v></c></row>'), WHOLE),
    "addresses that are none": (rows(lambda: b'<row r="1"><c r="1B"><v>1</v></c></row>'), WHOLE),
    "no list of sheets": (without("xl/workbook.xml"), NONE),
    "a sheet without its part": (lambda content: without(part_of(content, STATUS))(content), NONE),
    "no way to the sheets": (without("_rels/.rels"), NONE),
    "somebody's own": (somebodys_own, OURS),
    "without its identity": (edit(lambda book: book.remove(book["identitet"])), OURS),
    "an older version": (identity(1, "0"), taking.OLDER),
    "a newer version": (identity(1, "2"), taking.OLDER),
    "another municipality's": (identity(2, "787"), "Regnearket er lavet til Thisted Kommune."),
    "no municipality's": (identity(2, "=1+1"), "Regnearket er lavet til en anden kommune."),
    "a round that is none": (identity(3, "'; DROP TABLE"), OURS),
    "an id that is none": (identity(4, "x"), OURS),
}


def formula(book: Any) -> None:
    typed(STATUS, 2, Status="Planlagt")(book)
    sheet = book[STATUS]
    sheet["H2"].value = '=HYPERLINK("https://ond.example","her")'


def link_outside(book: Any) -> None:
    book[STATUS]["H2"].value = "='[andet.xlsx]Ark1'!A1"


def failing(book: Any) -> None:
    book[STATUS]["H2"].value = "#REF!"
    book[STATUS]["H2"].data_type = "e"


def merged(book: Any) -> None:
    typed(STATUS, 2, Status="Planlagt")(book)
    book[STATUS].merge_cells("H2:I3")


def twice(book: Any) -> None:
    sheet = book[STATUS]
    typed(STATUS, 2, Status="Planlagt")(book)
    for cell in list(sheet[2]):
        sheet.cell(40, cell.column, cell.value)


def key_of_another(book: Any) -> None:
    sheet = book[ACTIONS]
    sheet["A2"].value = "123456789 abc"
    typed(ACTIONS, 2, Indsats="Ny", Hvad_I_gør="Noget", Anbefalinger="10")(book)


def renamed_heading(book: Any) -> None:
    next(cell for cell in book[STATUS][1] if cell.value == "Note").value = "Bemærkning"


def doubled_heading(book: Any) -> None:
    book[STATUS].cell(1, 15, "Note")


# The file is read, and this stands in the preview.
SAID: dict[str, tuple[Callable[[Any], None], str]] = {
    "formula": (formula, "celle H2: Cellen har en formel. Skriv værdien i stedet."),
    "link to another file": (link_outside, "celle H2: Cellen har en formel."),
    "a cell that fails": (failing, "celle H2: Cellen viser en fejl."),
    "merged cells": (merged, "celle H2: Cellen er flettet med andre."),
    "the same row twice": (twice, "Den samme række står flere gange: række 2 og 40."),
    "a key that is none": (key_of_another, "Rækkens skjulte nøgle er ændret."),
    "renamed column": (renamed_heading, "Arket “Vores status” mangler “Note”."),
    "two columns of one name": (doubled_heading, "to kolonner, der hedder “Note”"),
    "deleted column": (lambda book: book[STATUS].delete_cols(5), "Arket “Vores status” mangler “Status”."),
    "deleted headings": (lambda book: book[STATUS].delete_rows(1), "Arket “Vores status” mangler"),
    "deleted sheet": (lambda book: book.remove(book[STATUS]), "Arket “Vores status” er ikke i regnearket."),
    "renamed sheet": (lambda book: setattr(book[STATUS], "title", "Status"), "Arket “Vores status” er ikke i"),
}
