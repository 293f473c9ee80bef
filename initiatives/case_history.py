"""The edit history of a case, for KL."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from stakeholders.models import KL, User

from .action_history import Entry, differences
from .case_forms import FIELDS
from .models import Case, CaseEvent, RelatedEvent

SHOWN = ("state", *FIELDS)


def history_of_case(case: Case) -> list[Entry]:
    """What has been done to it, the newest first; the number of queries does not depend on how much."""
    events = list(CaseEvent.objects.filter(pgh_obj=case).select_related("pgh_context").order_by("pgh_id"))
    users = User.objects.in_bulk({_user_id(event) for event in events} - {0})
    said: dict[object, list[str]] = defaultdict(list)
    for row in RelatedEvent.objects.filter(case=case).select_related("recommendation").order_by("pgh_id"):
        done = "tilføjet" if row.pgh_label == "insert" else "fjernet"
        said[row.pgh_context_id].append(f"Anbefaling {done}: {row.recommendation}")
    entries, before = [], None
    for event in events:
        user = users.get(_user_id(event))
        author = f"{user.name}, {KL}" if user else KL
        sentences = tuple(said[event.pgh_context_id]) if before else ("Oprettet ud fra kommunens indsats",)
        changes = differences(before, event, SHOWN) if before else ()
        entries.append(Entry(event.pgh_created_at, author, sentences, changes))
        before = event
    return [entry for entry in reversed(entries) if entry.sentences or entry.changes]


def _user_id(event: Any) -> int:
    return (event.pgh_context.metadata.get("user") or 0) if event.pgh_context else 0
