"""Danish for the sentences that a report computes."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.dateformat import format as format_date

from flere_haender.days import DANISH_TIME

NUMBERS = ("ingen", "en", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni", "ti", "elleve", "tolv")


def danish_date(moment: date | datetime, *, time: bool = False) -> str:
    """``23. november 2026``, with ``kl. 10.00`` when asked."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(DANISH_TIME)
    return format_date(moment, r"j. F Y \k\l. G.i" if time else "j. F Y")


def number_word(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def listed(items: Iterable[Any]) -> str:
    """``1, 2 og 3``"""
    texts = [str(item) for item in items]
    return " og ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)
