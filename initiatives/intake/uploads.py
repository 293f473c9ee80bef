"""The way from an uploaded file to what is written: keep the rows, show what they change, carry out what is chosen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from flere_haender.access import may_record
from initiatives.models import ActionChangedSince, ChangedSince, DraftChanged, Upload
from stakeholders.models import Municipality

from .items import Item, Preview

Look = Callable[[Upload, Any], Preview]
_looks: dict[str, Look] = {}

NOTHING_CHOSEN = "Vælg mindst én række."
CHANGED_SINCE = "Noget er ændret, siden du så det igennem. Intet er gemt. Se det igennem igen."


def kind(name: str) -> Callable[[Look], Look]:
    """Register how uploads of a kind are looked at: from the upload and its reader to a ``Preview``."""

    def register(look: Look) -> Look:
        _looks[name] = look
        return look

    return register


def preview(upload: Upload, reader: Any) -> Preview:
    """What the upload would change, as the database is now."""
    return _looks[upload.kind](upload, reader)


class NotSaved(Exception):
    """Nothing was saved. ``messages`` say why, in Danish; ``is_conflict``: because something else has changed."""

    def __init__(self, messages: list[str], *, is_conflict: bool = False) -> None:
        super().__init__(*messages)
        self.messages, self.is_conflict = messages, is_conflict


@transaction.atomic
def confirm(upload: Upload, chosen: Iterable[str], *, by: Any, key: uuid.UUID) -> int:
    """Write what was chosen: all of it, or nothing.

    Args:
        chosen: ``Item.value`` of each; it also says what was shown of it.
        key: of the form. The same key again writes nothing and answers as the first time.

    Returns:
        How many things were saved.

    Raises:
        PermissionDenied: it is not theirs, or they may not write for the municipality any more.
        NotSaved: nothing was chosen, something is refused, or something has changed since it was shown.
    """
    if upload.municipality_id:  # one confirmation at a time, so that none waits for what the other holds
        Municipality.objects.select_for_update(no_key=True).get(pk=upload.municipality_id)
    locked = Upload.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=upload.pk)
    if locked.uploaded_by_id != by.pk or not may_record(by, locked.municipality_id):
        raise PermissionDenied
    if (before := locked.confirmed.get(str(key))) is not None:
        return int(before)
    wanted = set(chosen)
    if not wanted:
        raise NotSaved([NOTHING_CHOSEN])
    items = {item.value: item for item in preview(locked, by).can_be_chosen}
    if not wanted <= set(items):
        raise NotSaved([CHANGED_SINCE], is_conflict=True)
    _save([item for value, item in items.items() if value in wanted])
    locked.be_confirmed(key, len(wanted))
    return len(wanted)


def _save(items: Iterable[Item]) -> None:
    """Raises NotSaved, which takes back what has been written of the others."""
    refused = []
    for item in items:
        try:
            item.save()
        except (DraftChanged, ActionChangedSince, ChangedSince) as changed:
            raise NotSaved([CHANGED_SINCE], is_conflict=True) from changed
        except ValidationError as refusal:
            refused += [f"{item.title}: {message}" for message in refusal.messages]
    if refused:
        raise NotSaved(refused)
