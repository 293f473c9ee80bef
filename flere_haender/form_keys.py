"""What a form or an address carries beside what is typed: a key, so that what is sent twice is written once, and ids;
and what is said when it is not right.
"""

from __future__ import annotations

import uuid

BROKEN_FORM = "Formularen er ikke hel. Hent siden igen, og prøv en gang til."
FORM_USED = "Formularen er brugt før. Hent siden igen, og prøv en gang til."


def form_key(text: str) -> uuid.UUID | None:
    """The key as it was sent; None when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def whole_number(text: str, *, digits: int = 18) -> int | None:
    """The number as it was sent, an id for instance; None when it is none.

    Args:
        digits: how many it has at most. More than 18 are too many for the database, and thousands for Python.
    """
    return int(text) if text.isdecimal() and len(text) <= digits else None
