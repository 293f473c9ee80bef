"""A report as a PDF."""

from dataclasses import replace

from django.template.loader import render_to_string

from flere_haender.pdf import render_pdf
from initiatives.models import IssuedReport

from .facts import Report
from .words import danish_date


def as_pdf(report: Report) -> bytes:
    """The report as PDF/UA-1. The same facts give the same bytes."""
    return render_pdf(render_to_string("reports/pdf.html", {"report": report}))


def issued_front(report: Report, issued: IssuedReport) -> Report:
    """The report with its number on the front."""
    said = f"Nr. {issued.label}, udstedt {danish_date(issued.issued_at)} af {issued.organisation}"
    return replace(report, front=(("Rapport", said), *report.front))


def file_name(report: Report, extension: str = "pdf") -> str:
    """Such as ``Statusrapport Korsbæk Kommune 23. november 2026.pdf``."""
    return f"Statusrapport {report.subject_name} {danish_date(report.as_of)}.{extension}"
