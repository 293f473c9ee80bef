"""The edit history of local actions and of cases: a row for each change, written by the database itself.

Each row holds what the subject said after the change, and its context the id of the user who did it, which is
the only thing personal in it. ``initiatives.action_history`` turns the rows into sentences.
"""

from __future__ import annotations

from typing import Any

import pghistory

from .action_parts import ActionGrant, ActionRecommendation, Milestone
from .background import Related
from .case import Case
from .local_action import LocalAction

# Who wrote stands in the context, and the key is the form's.
NOT_KEPT = ["created_by", "created_at", "updated_by", "updated_at", "key"]


def _history_of(model: Any, *, exclude: list[str] | None = None) -> Any:
    """An abstract model of the rows; nobody changes them."""
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return pghistory.create_event_model(
        model,
        *trackers,
        exclude=exclude,
        append_only=True,
        obj_field=pghistory.ObjForeignKey(related_name="+", related_query_name="+", null=True),
    )


class LocalActionEvent(_history_of(LocalAction, exclude=NOT_KEPT)):  # type: ignore[misc]
    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class CaseEvent(_history_of(Case, exclude=["published_by"])):  # type: ignore[misc]
    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class RelatedEvent(_history_of(Related)):  # type: ignore[misc]
    def __str__(self) -> str:
        return f"{self.recommendation_id}"


class MilestoneEvent(_history_of(Milestone)):  # type: ignore[misc]
    def __str__(self) -> str:
        return f"{self.title}, {self.due_on}"


class ActionRecommendationEvent(_history_of(ActionRecommendation)):  # type: ignore[misc]
    def __str__(self) -> str:
        return f"{self.action_id}: {self.recommendation_id}"


class ActionGrantEvent(_history_of(ActionGrant)):  # type: ignore[misc]
    def __str__(self) -> str:
        return f"{self.action_id}: {self.grant_id}"
