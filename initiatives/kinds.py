"""The kinds of key questions: what an answer may be, how the log keeps it, and how it is read aloud."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db.models import TextChoices

from flere_haender.days import today

if TYPE_CHECKING:
    from .models import Question

EARLIEST_DATE = date(1990, 1, 1)
NUMBER_LIMIT = 1_000_000_000
LINK_LIMIT = 500
# Of several choices this one stands alone: "none of them" is an answer, and no answer is none.
NONE_OF_THEM = "ingen"
YES, NO = "Ja", "Nej"


class Kind(TextChoices):
    YES_NO = "yes_no", "Ja eller nej"
    CHOICE = "choice", "Ét svar fra en liste"
    CHOICES = "choices", "Flere svar fra en liste"
    NUMBER = "number", "Tal"
    DATE = "date", "Dato"
    LINK = "link", "Link"


FROM_A_LIST = (Kind.CHOICE, Kind.CHOICES)
# Kinds with few enough answers that a further question can hang on one of them.
CAN_OPEN = (Kind.YES_NO, *FROM_A_LIST)


def checked(question: Question, value: Any) -> Any:
    """The value as the log keeps it: a boolean, an option, options in their order, a number, an ISO date or a URL.

    Raises:
        ValidationError: it is no answer to the question, in Danish.
    """
    return _CHECKS[Kind(question.kind)](question, value)


def said(question: Question, value: Any) -> str:
    """The value in words; nothing when there is none."""
    return "" if value is None else _WORDS[Kind(question.kind)](question, value)


def opens(question: Question, value: Any, wanted: Any) -> bool:
    """Whether this answer to ``question`` is the one that a further question hangs on."""
    return wanted in (value or []) if question.kind == Kind.CHOICES else value is not None and value == wanted


def _yes_no(question: Question, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValidationError("Vælg ja eller nej.")
    return value


def _choice(question: Question, value: Any) -> str:
    if not isinstance(value, str) or value not in question.labels:
        raise ValidationError("Vælg et svar fra listen.")
    return value


def _choices(question: Question, value: Any) -> list[str]:
    chosen = [option for option in question.labels if isinstance(value, list) and option in value]
    if not chosen or len(chosen) != len(value):
        raise ValidationError("Vælg svar fra listen, hvert svar én gang.")
    if NONE_OF_THEM in chosen and len(chosen) > 1:
        raise ValidationError(f"“{question.labels[NONE_OF_THEM]}” kan ikke vælges sammen med andre svar.")
    return chosen


def _number(question: Question, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < NUMBER_LIMIT:
        raise ValidationError("Skriv et tal på højst ni cifre, som 12 eller 12,5.")
    if value < 0 and not question.allows_negative:
        raise ValidationError("Tallet kan ikke være under 0.")
    if round(value, 2) != value:
        raise ValidationError("Skriv højst to decimaler.")
    return int(value) if value == int(value) else value


def _date(question: Question, value: Any) -> str:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != value:
        raise ValidationError("Skriv en dato som 2026-05-31 eller 31.05.2026.")
    if day < EARLIEST_DATE:
        raise ValidationError("Datoen kan ikke ligge før 1990.")
    if question.past_only and day > today():
        raise ValidationError("Datoen kan ikke ligge efter i dag.")
    return day.isoformat()


def _link(question: Question, value: Any) -> str:
    if not isinstance(value, str) or not _is_web_address(value):
        raise ValidationError("Skriv en adresse, der begynder med https:// eller http://.")
    if len(value) > LINK_LIMIT:
        raise ValidationError(f"Adressen er for lang. Skriv højst {LINK_LIMIT} tegn.")
    return value


def _is_web_address(text: str) -> bool:
    """Of the web, with a host and without a user name; nothing in it that browsers read otherwise than we do."""
    if "\\" in text or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises when it is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "@" not in parts.netloc and "." in (parts.hostname or "").strip(".")


def _number_in_words(question: Question, value: Any) -> str:
    return f"{danish_number(value)} {question.unit}".strip()


def danish_number(value: Any) -> str:
    """``1234.5`` as ``1.234,5``."""
    return f"{Decimal(str(value)):,}".translate(str.maketrans(",.", ".,"))


_CHECKS: dict[Kind, Callable[[Question, Any], Any]] = {
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.LINK: _link,
}

_WORDS: dict[Kind, Callable[[Question, Any], str]] = {
    Kind.YES_NO: lambda question, value: YES if value else NO,
    Kind.CHOICE: lambda question, value: question.labels.get(value, value),
    Kind.CHOICES: lambda question, value: ", ".join(question.labels.get(one, one) for one in value),
    Kind.NUMBER: _number_in_words,
    Kind.DATE: lambda question, value: f"{date.fromisoformat(value):%d.%m.%Y}",
    Kind.LINK: lambda question, value: value,
}
