"""Status reports: (subject, moment) -> a frozen dataclass of facts -> one template -> a page or a file."""

from .country import national_report, theme_report
from .delivery import round_report
from .document import as_docx
from .facts import Compared, FrontMatter, Report
from .kkr import kkr_report
from .municipality import municipality_report
from .parts import CONTENTS, USUAL
from .recommendation import recommendation_report
from .render import as_pdf, file_name, issued_front
from .sheets import as_xlsx
from .slides import as_pptx

__all__ = [
    "CONTENTS",
    "USUAL",
    "Compared",
    "FrontMatter",
    "Report",
    "as_docx",
    "as_pdf",
    "as_pptx",
    "as_xlsx",
    "file_name",
    "issued_front",
    "kkr_report",
    "municipality_report",
    "national_report",
    "recommendation_report",
    "round_report",
    "theme_report",
]
