"""The key that a form carries, so that what is sent twice is written once; and what is said when it is not right."""

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
