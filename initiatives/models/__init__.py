from .action_parts import ActionGrant, ActionRecommendation, Milestone, MilestoneRow
from .action_plan import ALL_PLANS, SHORT_PLAN, ActionPlan, FocusArea, Theme
from .background import (
    FactList,
    Indicator,
    IndicatorValue,
    ListItem,
    Programme,
    Related,
    Term,
    Topic,
)
from .case import Case, CaseChangedSince, CaseDecision, CaseState, Evidence
from .draft import DraftAnswer, DraftChanged
from .edit_history import (
    ActionGrantEvent,
    ActionRecommendationEvent,
    CaseEvent,
    LocalActionEvent,
    MilestoneEvent,
    RelatedEvent,
)
from .key_answer import KeyAnswer
from .local_action import ActionChangedSince, LocalAction
from .log import LogEntry, Origin
from .participation import Participation
from .plan import Addressing, Recommendation, RecommendationText
from .progress import ChangedSince, Progress
from .question import Question
from .rounds import ReportingRound, State
from .status_update import StatusUpdate
from .submission import Decision, Submission
from .thresholds import Thresholds
from .upload import Upload

__all__ = [
    "ALL_PLANS",
    "SHORT_PLAN",
    "ActionChangedSince",
    "ActionGrant",
    "ActionGrantEvent",
    "ActionPlan",
    "ActionRecommendation",
    "ActionRecommendationEvent",
    "Addressing",
    "Case",
    "CaseChangedSince",
    "CaseDecision",
    "CaseEvent",
    "CaseState",
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
    "LocalAction",
    "LocalActionEvent",
    "LogEntry",
    "Milestone",
    "MilestoneEvent",
    "MilestoneRow",
    "Origin",
    "Participation",
    "Programme",
    "Progress",
    "Question",
    "Recommendation",
    "RecommendationText",
    "Related",
    "RelatedEvent",
    "ReportingRound",
    "State",
    "StatusUpdate",
    "Submission",
    "Term",
    "Theme",
    "Thresholds",
    "Topic",
    "Upload",
]
