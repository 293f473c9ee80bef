"""When a report is the same as one that has been printed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from flere_haender.pdf import PRINTER

from .choice import Choice
from .facts import Report

# Of all that has a say in how a report looks: rather too much than too little.
CODE = ("initiatives/**/*.py", "stakeholders/**/*.py", "timeline/**/*.py", "flere_haender/*.py")
SOURCES = (*CODE, "templates/**/*.html", "requirements.lock")


@dataclass(frozen=True)
class Digests:
    """What a printed report is known again by: ``exact`` of all of it, ``facts`` of all but when one knew it."""

    exact: str
    facts: str


def digests(choice: Choice, report: Report) -> Digests:
    """Of the report that ``choice`` makes, printed by this version."""
    undated = replace(report, known_at=None, known_text="", address=settings.SITE_URL)
    return Digests(*(_digest((version(), choice.query, each)) for each in (report, undated)))


@cache
def version() -> str:
    """Of everything that a report is printed with: our code, templates and style, and the typesetter."""
    files = sorted({file for pattern in SOURCES for file in settings.BASE_DIR.glob(pattern)})
    style = finders.find("report.css")
    return _digest((PRINTER, *(file.read_bytes() for file in [*files, *([Path(style)] if style else [])])))


def _digest(parts: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
