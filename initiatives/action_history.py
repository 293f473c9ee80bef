"""The edit history of a local action as people read it, and as each reader may know it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.text import capfirst

from flere_haender.access import sees_inside
from stakeholders.models import KL, User

from .models import ActionGrantEvent, ActionRecommendationEvent, LocalAction, LocalActionEvent, MilestoneEvent, Origin
from .phases import Visibility

# What an action says, in the order of its page.
FIELDS = (
    "visibility",
    "title",
    "phase",
    "starts_on",
    "ends_on",
    "responsible_unit",
    "what",
    "problem",
    "challenge",
    "target_groups",
    "builds_on",
    "involvement",
    "other_grants",
    "expected_effect",
    "seen_effect",
    "links",
)
SHORT = 60  # characters: what is longer is shown on demand
NOTHING = "ikke udfyldt"


@dataclass(frozen=True)
class Change:
    """One thing that was changed. ``before`` and ``after`` are as people read them."""

    label: str
    before: str
    after: str

    @property
    def is_long(self) -> bool:
        return max(len(self.before), len(self.after)) > SHORT

    def __str__(self) -> str:
        return f"{self.label}: {self.before} → {self.after}"


@dataclass(frozen=True)
class Entry:
    """What somebody did at a moment: sentences of their own, and what was changed from what to what."""

    at: datetime
    author: str
    sentences: tuple[str, ...]
    changes: tuple[Change, ...]


def as_read(row: Any, name: str) -> str:
    """The value of a field of an action, or of a row of its history, as people read it."""
    value = getattr(row, name)
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, list):
        return ", ".join(value) or NOTHING
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else value or "").strip() or NOTHING


def label_of(row: Any, name: str) -> str:
    return capfirst(str(row._meta.get_field(name).verbose_name))


def differences(before: Any, after: Any, names: Iterable[str] = FIELDS) -> tuple[Change, ...]:
    """What differs between two versions of an action, or of something else with these fields."""
    pairs = ((name, as_read(before, name), as_read(after, name)) for name in names)
    return tuple(Change(label_of(before, name), old, new) for name, old, new in pairs if old != new)


def history_of(action: LocalAction, reader: Any) -> list[Entry]:
    """What has been done to an action, the newest first; the number of queries does not depend on how much.

    The own municipality and KL see all of it. Others see what was shared, never what a draft said, and the
    organisation instead of the name.
    """
    inside = sees_inside(reader, action.municipality_id)
    related = ("pgh_context", "challenge", "builds_on", "copied_from__municipality", "inspired_by")
    events = list(LocalActionEvent.objects.filter(pgh_obj=action).select_related(*related).order_by("pgh_id"))
    names = User.objects.in_bulk({user_id_of(event) for event in events} - {None})
    sides = _sides(action)
    entries, before, shown = [], None, None
    for event in events:
        if inside or event.visibility != Visibility.DRAFT:
            was_open = before is not None and (inside or before.visibility != Visibility.DRAFT)
            said = sides[event.pgh_context_id] if was_open else []
            entries.append(_entry(event, shown, said, author_of(action, event, names, reader), inside))
            shown = event
        before = event
    return [entry for entry in reversed(entries) if entry.sentences or entry.changes]


def user_id_of(event: Any) -> int | None:
    return event.pgh_context.metadata.get("user") if event.pgh_context else None


def author_of(action: LocalAction, event: Any, users: dict[int, User], reader: Any) -> str:
    """The name is for the organisation that the user wrote for, and KL."""
    home = action.municipality.authority_name
    organisation = home if event.written_for_id else f"{KL} på vegne af {home}"
    user = users.get(user_id_of(event) or 0)
    name = f"{user.name}, " if user and sees_inside(reader, event.written_for_id) else ""
    return f"{name}{organisation}{_origin(event)}"


def _origin(event: Any) -> str:
    origin = event.pgh_context.metadata.get("origin") if event.pgh_context else ""
    return f", {Origin(origin).label}" if origin else ""


def _entry(event: Any, shown: Any, said: list[str], author: str, inside: bool) -> Entry:
    if shown is None:
        first = _beginning(event) if inside else (event.get_visibility_display(),)
        return Entry(event.touched_at, author, first, ())
    changes = differences(shown, event)
    if not changes and not said and event.version == shown.version:
        said = ["Stadig aktuel"]
    return Entry(event.touched_at, author, tuple(said), changes)


def _beginning(event: Any) -> tuple[str, ...]:
    origin = []
    if event.copied_from_id:
        origin = [f"Kopieret fra {event.copied_from.municipality}"]
    elif event.inspired_by_id:
        origin = [f"Inspireret af casen “{event.inspired_by}”"]
    return ("Oprettet", *origin, f"Synlighed: {event.get_visibility_display()}")


def _sides(action: LocalAction) -> dict[Any, list[str]]:
    """What was done to the recommendations, the grants and the milestones, by the context it was done in."""
    said: dict[Any, list[str]] = defaultdict(list)
    for model, name, thing in (
        (ActionRecommendationEvent, "recommendation", "Anbefaling"),
        (ActionGrantEvent, "grant", "Tilskud"),
    ):
        for event in model.objects.filter(action=action).select_related(name).order_by("pgh_id"):
            done = "tilføjet" if event.pgh_label == "insert" else "fjernet"
            said[event.pgh_context_id].append(f"{thing} {done}: {getattr(event, name)}")
    latest: dict[int, Any] = {}
    for event in MilestoneEvent.objects.filter(action=action).order_by("pgh_id"):
        said[event.pgh_context_id].append(_milestone(latest.get(event.id), event))
        latest[event.id] = event
    return said


def _milestone(before: Any, event: Any) -> str:
    now = f"{event.title}, {event.due_on:%d.%m.%Y}"
    if event.pgh_label == "insert" or before is None:
        return f"Milepæl tilføjet: {now}"
    if event.pgh_label == "delete":
        return f"Milepæl fjernet: {now}"
    if (before.title, before.due_on) != (event.title, event.due_on):
        return f"Milepæl: {before.title}, {before.due_on:%d.%m.%Y} → {now}"
    if event.done_on is None:
        return f"Milepæl ikke nået alligevel: {event.title}"
    return f"Milepæl nået {event.done_on:%d.%m.%Y}: {event.title}"
