from .action_parts import ActionGrant, ActionRecommendation, Milestone, MilestoneRow
from .background import (
    Case,
    Evidence,
    FactList,
    Indicator,
    IndicatorValue,
    ListItem,
    Programme,
    Related,
    Term,
    Topic,
)
from .edit_history import ActionGrantEvent, ActionRecommendationEvent, LocalActionEvent, MilestoneEvent
from .local_action import ActionChangedSince, LocalAction
from .log import LogEntry
from .plan import ActionPlan, Addressing, FocusArea, Recommendation, RecommendationText, Theme
from .progress import ChangedSince, Progress
from .status_update import StatusUpdate

__all__ = [
    "ActionChangedSince",
    "ActionGrant",
    "ActionGrantEvent",
    "ActionPlan",
    "ActionRecommendation",
    "ActionRecommendationEvent",
    "Addressing",
    "Case",
    "ChangedSince",
    "Evidence",
    "FactList",
    "FocusArea",
    "Indicator",
    "IndicatorValue",
    "ListItem",
    "LocalAction",
    "LocalActionEvent",
    "LogEntry",
    "Milestone",
    "MilestoneEvent",
    "MilestoneRow",
    "Programme",
    "Progress",
    "Recommendation",
    "RecommendationText",
    "Related",
    "StatusUpdate",
    "Term",
    "Theme",
    "Topic",
]
