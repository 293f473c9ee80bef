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
from .figure_import import FigureImport, FiguresChanged, MovedOn, Step
from .figure_rows import FigureRow, Outcome
from .issued import FactsChanged, IssuedReport
from .key_answer import KeyAnswer
from .local_action import ActionChangedSince, LocalAction
from .log import ChangedSince, LogEntry, Origin
from .municipality_figure import MunicipalityFigure
from .ordered import OrderedReport, Stage
from .orders import Purpose, ReportOrder, TooManyOrders
from .participation import Participation
from .plan import Addressing, Recommendation, RecommendationText
from .progress import Progress
from .question import Question
from .recording import Recording, record_many
from .rounds import ReportingRound, State
from .status_update import StatusUpdate
from .stored import StoredReport
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
    "FactsChanged",
    "FigureImport",
    "FigureRow",
    "FiguresChanged",
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
    "MovedOn",
    "MunicipalityFigure",
    "OrderedReport",
    "Origin",
    "Outcome",
    "Participation",
    "Programme",
    "Progress",
    "Purpose",
    "Question",
    "Recommendation",
    "RecommendationText",
    "Recording",
    "Related",
    "RelatedEvent",
    "ReportOrder",
    "ReportingRound",
    "Stage",
    "State",
    "StatusUpdate",
    "Step",
    "StoredReport",
    "Submission",
    "Term",
    "Theme",
    "Thresholds",
    "TooManyOrders",
    "Topic",
    "Upload",
    "record_many",
]
