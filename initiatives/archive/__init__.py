"""All that a municipality has put in, as one ZIP: its data are its own.

A new model that hangs on a municipality belongs in a ``Table`` here, or in ``LEFT_OUT`` with the reason
(``tests/initiatives/test_archive.py`` walks the models).
"""

from initiatives.models import (
    Addressing,
    Case,
    CaseEvent,
    FigureRow,
    MunicipalityFigure,
    OrderedReport,
    Programme,
    RecommendationText,
    Related,
    RelatedEvent,
    ReportOrder,
    Thresholds,
    Upload,
)
from stakeholders.models import AccessEntry, Message, Placement

from .actions import ACTIONS, CASE_DECISIONS, CASES, HISTORY, MILESTONES
from .log import ANSWERS, CELLS, STATUSES
from .people import INVITATIONS, MEMBERSHIPS, MUNICIPALITY, REPORTS
from .rounds import DECISIONS, DRAFTS, PARTICIPATIONS, SUBMISSIONS
from .table import Table

TABLES: tuple[Table, ...] = (
    MUNICIPALITY,
    CELLS,
    STATUSES,
    ANSWERS,
    PARTICIPATIONS,
    DRAFTS,
    SUBMISSIONS,
    DECISIONS,
    ACTIONS,
    MILESTONES,
    HISTORY,
    CASES,
    CASE_DECISIONS,
    REPORTS,
    MEMBERSHIPS,
    INVITATIONS,
)

_PLAN = "Handleplanens tekster og grænser er KL’s."
_DOCUMENTS = "Det, kilderne siger om kommunen, står på dens side og i Åbne data."
_KL_EDITS = "KL’s egen redigering af en case. Den publicerede tekst er med."
_FIGURES = "Nøgletal for kommunen er indlæst af KL og kan hentes på nøgletallets side."
_PASSING = "Det ligger her kun en tid: uploadede regneark, bestilte rapporter og e-mails, der sendes."
# What hangs on a municipality and is not in its archive, with the reason.
LEFT_OUT: dict[type, str] = {
    **dict.fromkeys((Addressing, RecommendationText, Thresholds), _PLAN),
    **dict.fromkeys((Case.municipalities.through, Case.citations.through), _DOCUMENTS),
    **dict.fromkeys((Programme, Programme.known.through, Programme.citations.through), _DOCUMENTS),
    AccessEntry: "Adgangsloggen har sin egen side. Dér henter kommunens leder den del, der vedrører kommunen.",
    Placement: "Hvilket KKR og hvilken region kommunen hører til, står på dens side og i Åbne data.",
    **dict.fromkeys((CaseEvent, Related, RelatedEvent), _KL_EDITS),
    **dict.fromkeys((FigureRow, MunicipalityFigure), _FIGURES),
    **dict.fromkeys((Upload, ReportOrder, OrderedReport, Message), _PASSING),
}
REASONS = tuple(dict.fromkeys(LEFT_OUT.values()))
