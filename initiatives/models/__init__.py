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
from .key_answer import KeyAnswer
from .log import LogEntry
from .plan import ActionPlan, Addressing, FocusArea, Recommendation, RecommendationText, Theme
from .progress import ChangedSince, Progress
from .question import Question
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
    "KeyAnswer",
    "ListItem",
    "LogEntry",
    "Programme",
    "Progress",
    "Question",
    "Recommendation",
    "RecommendationText",
    "Related",
    "StatusUpdate",
    "Term",
    "Theme",
    "Topic",
]
