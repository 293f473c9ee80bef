"""One cell: where it stands, what it says, and how what it says is compared."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from openpyxl.utils import column_index_from_string, get_column_letter

from initiatives.files import printable

FORMULA = "Cellen har en formel. Skriv værdien i stedet."
ERROR = "Cellen viser en fejl."
MERGED = "Cellen er flettet med andre. Ophæv fletningen."


class Cell(NamedTuple):
    """A cell as it was read.

    Args:
        address: such as ``C7``.
        text: what it says, as ``as_text`` has it.
        fault: why it cannot be used, in Danish; then there is no text.
        is_number: the file itself says that it is a number, not a text that looks like one.
    """

    address: str
    text: str = ""
    fault: str = ""
    is_number: bool = False


def as_text(value: Any) -> str:
    """A value as every comparison has it.

    Days are ISO, numbers have a decimal comma and no thousands, line breaks are ``\\n``; what a spreadsheet cannot
    hold is left out, and so is white space around. So a value is the same whether it comes from us, from Excel or
    from LibreOffice.
    """
    if isinstance(value, str):
        return printable(value).strip()
    if type(value) in (int, float):
        return _number(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    if isinstance(value, datetime):
        value = value.date() if value.time() == time.min else value.replace(microsecond=0)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return _number(value)
    return printable(str(value)).strip()


def _number(value: int | float | Decimal) -> str:
    if type(value) is int:
        return str(value)
    if type(value) is float and "e" not in (said := repr(value or 0.0)) and said[-1].isdigit():
        return said.removesuffix(".0").replace(".", ",")
    number = Decimal(str(value))
    if number == number.to_integral_value():
        return str(int(number))
    return f"{number.normalize():f}".replace(".", ",")


DAY_SHAPES = ("%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%y", "%d-%m-%y")


def as_day(text: str) -> date | None:
    """A day as people write it; None when it is none."""
    for shape in DAY_SHAPES:
        try:
            return datetime.strptime(text, shape).date()
        except ValueError:
            continue
    return None


def fingerprint(texts: Iterable[str]) -> str:
    """Of the texts in their order: what a row said when the workbook was made."""
    return hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest()[:16]


ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")

LETTERS = ["", *(get_column_letter(number) for number in range(1, 300))]  # by the number of the column
COLUMNS = {letters: number for number, letters in enumerate(LETTERS) if letters}


def column_of(address: str) -> int:
    """The column of an address, from 1; at once for those that are usual. Raises ValueError when it is none."""
    letters = address.rstrip("0123456789")
    found = COLUMNS.get(letters) if len(letters) < len(address) else None
    return found or place_of(address)[1]


def place_of(address: str) -> tuple[int, int]:
    """The row and the column of an address, from 1. Raises ValueError when it is none."""
    found = ADDRESS.fullmatch(address)
    if not found:
        raise ValueError(address)
    return int(found[2]), column_index_from_string(found[1])
