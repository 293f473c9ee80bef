"""What must hold of a file before anything in it is read: it is a whole, plain XLSX of a reasonable size."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
PATCHED_OR_STRONG = 0x60  # flags of parts that Python cannot unpack
MOST_PARTS = 2_000
# Sheets are seldom packed more than 30 to 1; what a bomb is made of, 1000 to 1.
MOST_PACKED, PACKED_FROM = 250, 1_000_000

EMPTY = "Filen er tom."
NOT_WHOLE = "Filen er ikke hel. Måske blev den afbrudt undervejs. Upload den igen."
NOT_A_SPREADSHEET = "Filen er ikke et regneark. Vælg en Excel-fil (.xlsx)."
WITH_PASSWORD = "Filen er låst med en adgangskode. Fjern adgangskoden i Excel, gem, og upload den igen."
OLD_EXCEL = "Filen er i det gamle Excel-format (.xls). Gem den som Excel-projektmappe (.xlsx), og upload den igen."
OPEN_DOCUMENT = "Filen er i formatet OpenDocument (.ods). Gem den som Excel (.xlsx), og upload den igen."
BINARY = "Filen er i det binære Excel-format (.xlsb). Gem den som Excel-projektmappe (.xlsx), og upload den igen."
MACROS = "Filen har makroer. Gem den som Excel-projektmappe uden makroer (.xlsx), og upload den igen."
UNPACKS_TO_TOO_MUCH = "Filen fylder for meget, når den er pakket ud. Slet tomme rækker og ark, der ikke bruges."


@dataclass(frozen=True)
class Limits:
    """How much of a file is read at most. Beyond it the file is refused, never cut.

    Args:
        unpacked: bytes, of all parts of the file together.
        elements: XML elements of the parts that are read, or cells of a CSV file; together with ``longest`` they bound
            time and memory.
        rows: rows of a sheet, empty ones included.
        columns: columns of a sheet.
        longest: characters in one cell. Excel itself takes 32,767.
    """

    unpacked: int = 40_000_000
    elements: int = 400_000
    rows: int = 20_000
    columns: int = 200
    longest: int = 32_767


def refuse_by_size(content: bytes) -> None:
    """Raise ValidationError, in Danish, for nothing at all and for what is more than ``settings.UPLOAD_LIMIT``."""
    if not content:
        raise ValidationError(EMPTY)
    if len(content) > settings.UPLOAD_LIMIT:
        raise ValidationError(f"Filen er for stor. Den kan højst fylde {filesizeformat(settings.UPLOAD_LIMIT)}.")


def opened(content: bytes, limits: Limits) -> zipfile.ZipFile:
    """The parts of an XLSX file; nothing is unpacked yet.

    Raises:
        ValidationError: it is something else, in Danish.
    """
    refuse_by_size(content)
    if content.startswith(OLE):
        raise ValidationError(WITH_PASSWORD if ENCRYPTED in content else OLD_EXCEL)
    if not content.startswith(ZIP):
        raise ValidationError(NOT_A_SPREADSHEET)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ValidationError(NOT_WHOLE) from error
    _refuse_by_parts(archive.infolist(), limits)
    _refuse_by_kind(archive)
    return archive


def _refuse_by_parts(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise ValidationError(WITH_PASSWORD)
    if any(part.flag_bits & PATCHED_OR_STRONG for part in parts):
        raise ValidationError(NOT_A_SPREADSHEET)
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > limits.unpacked:
        raise ValidationError(UNPACKS_TO_TOO_MUCH)
    if any(part.file_size > max(PACKED_FROM, MOST_PACKED * part.compress_size) for part in parts):
        raise ValidationError(UNPACKS_TO_TOO_MUCH)
    if len({part.filename for part in parts}) != len(parts) or any(part.compress_type not in PLAIN for part in parts):
        raise ValidationError(NOT_A_SPREADSHEET)


def _refuse_by_kind(archive: zipfile.ZipFile) -> None:
    names = {name.lower() for name in archive.namelist()}
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise ValidationError(MACROS)
    if "xl/workbook.bin" in names:
        raise ValidationError(BINARY)
    if "mimetype" in names and "content.xml" in names:
        raise ValidationError(OPEN_DOCUMENT)
    if "[content_types].xml" not in names:
        raise ValidationError(NOT_A_SPREADSHEET)
