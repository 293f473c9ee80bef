"""Numbers and years as others write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from django.db.models import TextChoices

from initiatives.intake.cells import Cell
from initiatives.models.municipality_figure import DECIMALS, DIGITS, FIRST_YEAR, LAST_YEAR

# What publishers write where they have no figure; Statistics Denmark has a meaning for each number of dots.
NOTHING = {"", ".", "..", "...", "…", "-", "–", "—", "*", "n/a", "na", "#n/a", "#i/t", "null", "uoplyst"}
DASHES = {"-", "–", "—"}
YEAR = re.compile(r"(?:[Åå]r )?(\d{4})(?:[.,]0+)?\*?", re.ASCII)
LARGEST = Decimal(10) ** (DIGITS - DECIMALS)
STEP = Decimal(1).scaleb(-DECIMALS)
LONGEST_SHOWN = 40

TOO_LARGE = "Tallet er for stort eller for langt."
NOT_IN_STYLE = "passer ikke til den måde at skrive tal på, der er valgt."
IN_DOUBT = "kan læses på to måder. Vælg, hvordan filen skriver tal."


class NumberStyle(TextChoices):
    """How a file writes numbers as text."""

    COMMA = "comma", "Komma før decimaler, punktum ved tusinder"
    POINT = "point", "Punktum før decimaler, komma ved tusinder"
    PLAIN = "plain", "Ingen af delene: hele tal, eller tal, som Excel har gemt som tal"


def _pattern(thousands: str, decimal: str) -> re.Pattern[str]:
    return re.compile(rf"[-−]?(?:\d{{1,3}}(?:[{thousands} \u00a0\u202f]\d{{3}})+|\d+)(?:[{decimal}]\d+)?", re.ASCII)


PATTERNS = {NumberStyle.COMMA: _pattern(".", ","), NumberStyle.POINT: _pattern(",", ".")}
WHOLE = re.compile(r"[-−]?(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)", re.ASCII)


class NoFigure(Exception):
    """It is no number that can be taken in; says why, in Danish."""


def is_nothing(text: str, *, dash_is_zero: bool) -> bool:
    """Whether the publisher says that there is no figure."""
    plain = text.casefold()
    return plain in NOTHING and not (dash_is_zero and plain in DASHES)


def number_in(cell: Cell, style: str, *, dash_is_zero: bool = False) -> Decimal:
    """The number in a cell that is not ``is_nothing``, with at most four decimals.

    Raises:
        NoFigure: it is none in this style.
    """
    if dash_is_zero and cell.text in DASHES:
        return Decimal(0)
    text = cell.text.removesuffix("%").removesuffix("pct.").rstrip()
    plain = text.replace(",", ".") if cell.is_number else _plain(text, style)
    number = Decimal(plain) if len(plain) <= LONGEST_SHOWN else LARGEST
    if abs(number) < LARGEST and abs(number := number.quantize(STEP, ROUND_HALF_EVEN)) < LARGEST:
        return number + 0  # no minus zero
    raise NoFigure(TOO_LARGE)


def _plain(text: str, style: str) -> str:
    """The number with a decimal point and nothing else."""
    if WHOLE.fullmatch(text):
        return re.sub(r"\s", "", text).replace("−", "-")
    fits = [each for each, pattern in PATTERNS.items() if pattern.fullmatch(text)]
    if style not in fits:
        said = "er ikke et tal." if not fits else IN_DOUBT if style == NumberStyle.PLAIN else NOT_IN_STYLE
        raise NoFigure(f"“{text[:LONGEST_SHOWN]}” {said}")
    thousands, decimal = (".", ",") if style == NumberStyle.COMMA else (",", ".")
    return re.sub(r"\s", "", text).replace(thousands, "").replace(decimal, ".").replace("−", "-")


def style_of(cells: Iterable[Cell]) -> NumberStyle | None:
    """The only way in which all of these can be read; None when there are two, so somebody has to say."""
    texts = [cell.text for cell in cells if not cell.is_number and ("," in cell.text or "." in cell.text)]
    numbers = [text for text in texts if any(pattern.fullmatch(text) for pattern in PATTERNS.values())]
    if not numbers:
        return NumberStyle.PLAIN
    fits = [style for style, pattern in PATTERNS.items() if all(pattern.fullmatch(text) for text in numbers)]
    return fits[0] if len(fits) == 1 else None


def year_in(text: str) -> int | None:
    """The year that ``text`` is, such as ``2023``, ``År 2023`` and ``2023*``; None when it is none."""
    found = YEAR.fullmatch(text.strip())
    year = int(found[1]) if found else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else None
