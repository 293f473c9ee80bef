"""Status reports: (subject, moment) -> a frozen dataclass of facts -> one template -> a page or a PDF."""

from .facts import FrontMatter, Report, municipality_report, national_report
from .render import as_pdf, file_name

__all__ = ["FrontMatter", "Report", "as_pdf", "file_name", "municipality_report", "national_report"]
