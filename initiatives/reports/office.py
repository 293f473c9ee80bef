"""What the files for office programs have in common: plain text, properties, and no trace of when they were made."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from typing import Any

from initiatives.files import printable
from initiatives.status import thousands

from .facts import Report
from .words import BREAK, danish_date

LANGUAGE = "da-DK"
FONT = "Calibri"  # what those who edit have; the faces of our own pages are not on their machines
INK, MUTED, PETROL, PETROL_MID, PETROL_LIGHT = "1A1A1A", "4F5B61", "0F4C5C", "357A8A", "B7D8DF"
TINT, PAPER, SAND, SAND_DARK, RULE = "EAF3F5", "F5F7F7", "EBDDBE", "7A5C1E", "D5DCDE"
RULE_STRONG, DEMO = "5F6F75", "FFF4D1"
THUMBNAIL = "/thumbnail"
MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def plain(text: str) -> str:
    """Text as a person may edit it: no control characters, no places to break."""
    return printable(text.replace(BREAK, ""))


def shown(value: Any) -> str:
    """A value of a table in words: a day as 23.11.2026, a number as 1.918."""
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, int):
        return thousands(value)
    return "" if value is None else plain(str(value))


def demo_notice(report: Report) -> str:
    """That the figures are invented; empty where they are not."""
    if not report.demo:
        return ""
    return f"Demodata: opdigtede tal.{f' {report.subject_name} findes ikke.' if report.fictional else ''}"


def dated(report: Report) -> str:
    return plain(f"{report.subject_name}. Status pr. {danish_date(report.as_of)}")


def describe(package: Any, report: Report) -> None:
    """Title, author and language of a document or a presentation, and no picture of somebody else's."""
    about, day = package.core_properties, datetime.combine(report.as_of, datetime.min.time())
    about.title, about.subject = plain(f"Statusrapport: {report.subject_name}"), plain(report.title)
    about.author = about.last_modified_by = "Flere hænder, KL"
    about.language, about.comments, about.keywords, about.revision = LANGUAGE, "", "", 1
    about.created = about.modified = day
    relations = package.part.package._rels if hasattr(package.part.package, "_rels") else package.part.package.rels
    for key in [key for key, each in relations.items() if each.reltype.endswith(THUMBNAIL)]:
        relations.pop(key)


def in_theme(part: Any, fonts: str, colours: dict[str, str] | None = None) -> None:
    """Give the theme of a document one typeface and colours by name, such as ``accent1``."""
    theme = re.sub(rb'(<a:latin typeface=")[^"]*', rb"\g<1>" + fonts.encode(), part.blob)
    for name, colour in (colours or {}).items():
        pattern = f"(<a:{name}>).*?(</a:{name}>)".encode()
        theme = re.sub(pattern, rf'\g<1><a:srgbClr val="{colour}"/>\g<2>'.encode(), theme)
    part._blob = theme


def sealed(content: bytes, day: date) -> bytes:
    """The same file without the times at which it and the workbooks in it were made."""
    stamp = rb"\g<1>" + day.isoformat().encode() + b"T00:00:00Z"
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            entry = made.read(name)
            if name == "docProps/core.xml":
                entry = MODIFIED.sub(stamp, entry)
            elif name.endswith(".xlsx"):
                entry = sealed(entry, day)
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(info, entry)
    return packed.getvalue()
