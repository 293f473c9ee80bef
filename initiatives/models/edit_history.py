"""The edit history of local actions and of cases: a row for each change, written by the database itself.

Each row holds what the subject said after the change, and its context the id of the user who did it, which is
the only thing personal in it. ``initiatives.action_history`` turns the rows into sentences.
"""

from flere_haender.append_only import edit_history

from .action_parts import ActionGrant, ActionRecommendation, Milestone
from .background import Related
from .case import Case
from .local_action import LocalAction

# Who wrote stands in the context, and the key is the form's.
NOT_KEPT = ["created_by", "created_at", "updated_by", "updated_at", "key"]

LocalActionEvent = edit_history(LocalAction, "{0.title}, version {0.version}", exclude=NOT_KEPT)
CaseEvent = edit_history(Case, "{0.title}, version {0.version}", exclude=["published_by"])
RelatedEvent = edit_history(Related, "{0.recommendation_id}")
MilestoneEvent = edit_history(Milestone, "{0.title}, {0.due_on}")
ActionRecommendationEvent = edit_history(ActionRecommendation, "{0.action_id}: {0.recommendation_id}")
ActionGrantEvent = edit_history(ActionGrant, "{0.action_id}: {0.grant_id}")
