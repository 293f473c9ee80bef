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
from .draft import DraftAnswer, DraftChanged
from .key_answer import KeyAnswer
from .log import LogEntry
from .participation import Participation
from .plan import ActionPlan, Addressing, FocusArea, Recommendation, RecommendationText, Theme
from .progress import ChangedSince, Progress
from .question import Question
from .rounds import ReportingRound, State
from .status_update import StatusUpdate
from .submission import Decision, Submission

__all__ = [
    "ActionPlan",
    "Addressing",
    "Case",
    "ChangedSince",
    "Decision",
    "DraftAnswer",
    "DraftChanged",
    "Evidence",
    "FactList",
    "FocusArea",
    "Indicator",
    "IndicatorValue",
    "KeyAnswer",
    "ListItem",
    "LogEntry",
    "Participation",
    "Programme",
    "Progress",
    "Question",
    "Recommendation",
    "RecommendationText",
    "Related",
    "ReportingRound",
    "State",
    "StatusUpdate",
    "Submission",
    "Term",
    "Theme",
    "Topic",
]
