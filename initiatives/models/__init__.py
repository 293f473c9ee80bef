from .log import LogEntry
from .plan import ActionPlan, Addressing, FocusArea, Recommendation, RecommendationText, Theme
from .progress import ChangedSince, Progress
from .status_update import StatusUpdate

__all__ = [
    "ActionPlan",
    "Addressing",
    "ChangedSince",
    "FocusArea",
    "LogEntry",
    "Progress",
    "Recommendation",
    "RecommendationText",
    "StatusUpdate",
    "Theme",
]
