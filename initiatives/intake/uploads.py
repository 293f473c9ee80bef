"""The way from an uploaded file to what is written: keep the rows, show what they change, carry out what is chosen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from flere_haender.access import may_record
from initiatives.models import ActionChangedSince, ChangedSince, DraftChanged, Upload
from stakeholders.models import Municipality

from .items import Item, Preview

Look = Callable[[Upload, Any], Preview]
May = Callable[[Any, int | None], bool]


@dataclass(frozen=True)
class Kind:
    look: Look
    may: May


_kinds: dict[str, Kind] = {}

NOTHING_CHOSEN = "Vælg mindst én række."
CHANGED_SINCE = "Noget er ændret, siden du så det igennem. Intet er gemt. Se det igennem igen."


def kind(name: str, *, may: May = may_record) -> Callable[[Look], Look]:
    """Register how uploads of a kind are looked at: from the upload and its reader to a ``Preview``.

    Args:
        may: who may upload and confirm, from a user and the municipality that it is for (None is KL).
    """

    def register(look: Look) -> Look:
        _kinds[name] = Kind(look, may)
        return look

    return register


def preview(upload: Upload, reader: Any) -> Preview:
    """What the upload would change, as the database is now."""
    return _kinds[upload.kind].look(upload, reader)


def may_confirm(upload: Upload, user: Any) -> bool:
    """Whether it is theirs, and they may still do what it would."""
    return upload.uploaded_by_id == user.pk and _kinds[upload.kind].may(user, upload.municipality_id)


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
    if not may_confirm(locked, by):
        raise PermissionDenied
    if (before := locked.confirmed.get(str(key))) is not None:
        return int(before)
    wanted = set(chosen)
    if not wanted:
        raise NotSaved([NOTHING_CHOSEN])
    seen = preview(locked, by)
    items = {item.value: item for item in seen.can_be_chosen}
    if not wanted <= set(items):
        raise NotSaved([CHANGED_SINCE], is_conflict=True)
    _save(seen, [item for value, item in items.items() if value in wanted])
    locked.be_confirmed(key, len(wanted))
    return len(wanted)


def _save(seen: Preview, chosen: list[Item]) -> None:
    """Raises NotSaved, which takes back what has been written of the others."""
    if (together := seen.save_together) is not None:
        refused = _said_by(lambda: together(chosen))
    else:
        refused = [f"{item.title}: {message}" for item in chosen for message in _said_by(item.save)]
    if refused:
        raise NotSaved(refused)


def _said_by(save: Callable[[], Any]) -> list[str]:
    """What a verb says when it refuses. Raises NotSaved when something has changed."""
    try:
        save()
    except (DraftChanged, ActionChangedSince, ChangedSince) as changed:
        raise NotSaved([CHANGED_SINCE], is_conflict=True) from changed
    except ValidationError as refusal:
        return list(refusal.messages)
    return []
