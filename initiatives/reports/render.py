"""A report as a PDF."""

from django.template.loader import render_to_string

from flere_haender.pdf import render_pdf

from .facts import Report
from .words import danish_date


def as_pdf(report: Report) -> bytes:
    """The report as PDF/UA-1. The same facts give the same bytes."""
    return render_pdf(render_to_string("reports/pdf.html", {"report": report}))


def file_name(report: Report) -> str:
    """Such as ``Statusrapport Korsbæk Kommune 23. november 2026.pdf``."""
    return f"Statusrapport {report.subject_name} {danish_date(report.as_of)}.pdf"
