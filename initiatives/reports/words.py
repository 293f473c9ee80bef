"""Danish for the sentences that a report computes."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.dateformat import format as format_date

from flere_haender.days import DANISH_TIME

LONG_WORD, PIECE, BREAK = re.compile(r"\S{61,}"), re.compile(r"\S{1,30}"), "\u200b"
NUMBERS = ("ingen", "en", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni", "ti", "elleve", "tolv")


def danish_date(moment: date | datetime, *, time: bool = False) -> str:
    """``23. november 2026``, with ``kl. 10.00`` when asked."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(DANISH_TIME)
    return format_date(moment, r"j. F Y \k\l. G.i" if time else "j. F Y")


def breakable(text: str) -> str:
    """The text with places to break in words that no line holds; hyphenating those takes the printer minutes."""
    return LONG_WORD.sub(lambda word: BREAK.join(PIECE.findall(word[0])), text)


def number_word(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def listed(items: Iterable[Any]) -> str:
    """``1, 2 og 3``"""
    texts = [str(item) for item in items]
    return " og ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)
