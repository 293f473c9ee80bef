"""What a report is made of: one small dataclass for each part, with its template and its tables."""

from .change import (
    Changes,
    Corrections,
    Movement,
    Movements,
    PlacedChanges,
    PlacedCorrections,
    ReportChange,
    SinceThen,
)
from .deliveries import Delivery, DeliveryGroup, DeliveryOverview, DeliveryTable
from .more import Actions, Answers, CaseText, PlacedActions, ReportAction, ReportAnswer
from .shape import CONTENTS, USUAL, Group, Part, ReportRow, Table
from .standing import (
    Attention,
    Beside,
    BesideTable,
    NationalLine,
    NationalTable,
    Overview,
    OwnTable,
    PlacesTable,
    Red,
    StandingTable,
)

__all__ = [
    "CONTENTS",
    "USUAL",
    "Actions",
    "Answers",
    "Attention",
    "Beside",
    "BesideTable",
    "CaseText",
    "Changes",
    "Corrections",
    "Delivery",
    "DeliveryGroup",
    "DeliveryOverview",
    "DeliveryTable",
    "Group",
    "Movement",
    "Movements",
    "NationalLine",
    "NationalTable",
    "Overview",
    "OwnTable",
    "Part",
    "PlacedActions",
    "PlacedChanges",
    "PlacedCorrections",
    "PlacesTable",
    "Red",
    "ReportAction",
    "ReportAnswer",
    "ReportChange",
    "ReportRow",
    "SinceThen",
    "StandingTable",
    "Table",
]
