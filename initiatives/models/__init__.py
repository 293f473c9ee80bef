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
from .log import LogEntry
from .plan import ActionPlan, Addressing, FocusArea, Recommendation, RecommendationText, Theme
from .progress import ChangedSince, Progress
from .status_update import StatusUpdate

__all__ = [
    "ActionPlan",
    "Addressing",
    "Case",
    "ChangedSince",
    "Evidence",
    "FactList",
    "FocusArea",
    "Indicator",
    "IndicatorValue",
    "ListItem",
    "LogEntry",
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
