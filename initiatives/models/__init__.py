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
from .draft import DraftAnswer, DraftChanged
from .edit_history import ActionGrantEvent, ActionRecommendationEvent, LocalActionEvent, MilestoneEvent
from .issued import FactsChanged, IssuedReport
from .key_answer import KeyAnswer
from .local_action import ActionChangedSince, LocalAction
from .log import LogEntry
from .participation import Participation
from .plan import ActionPlan, Addressing, FocusArea, Recommendation, RecommendationText, Theme
from .progress import ChangedSince, Progress
from .question import Question
from .rounds import ReportingRound, State
from .status_update import StatusUpdate
from .submission import Decision, Submission
from .thresholds import Thresholds

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
    "Decision",
    "DraftAnswer",
    "DraftChanged",
    "Evidence",
    "FactList",
    "FactsChanged",
    "FocusArea",
    "Indicator",
    "IndicatorValue",
    "IssuedReport",
    "KeyAnswer",
    "ListItem",
    "LocalAction",
    "LocalActionEvent",
    "LogEntry",
    "Milestone",
    "MilestoneEvent",
    "MilestoneRow",
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
    "Thresholds",
    "Topic",
]
