"""A report as a PDF."""

from dataclasses import replace
from datetime import datetime, time

from django.template.loader import render_to_string
from django.utils.text import slugify

from flere_haender.pdf import render_pdf
from initiatives.exporting import csv_file
from initiatives.models import IssuedReport
from stakeholders.words import fold

from .facts import Report
from .words import danish_date


def as_pdf(report: Report) -> bytes:
    """The report as PDF/UA-1, with its tables attached as CSV. The same facts give the same bytes."""
    html = render_to_string("reports/pdf.html", {"report": report})
    return render_pdf(html, data_files(report), on=datetime.combine(report.as_of, time()))


def data_files(report: Report) -> dict[str, bytes]:
    """Each table of the report as a CSV file, by its name."""
    tables = [table.marked(demo=report.demo) for table in report.tables]
    return {f"{slugify(fold(table.name))}.csv": csv_file(table.columns, table.rows) for table in tables}


def issued_front(report: Report, issued: IssuedReport) -> Report:
    """The report with its number on the front."""
    said = f"Nr. {issued.label}, udstedt {danish_date(issued.issued_at)} af {issued.organisation}"
    return replace(report, front=(("Rapport", said), *report.front))


def file_name(report: Report, extension: str = "pdf") -> str:
    """Such as ``Statusrapport Korsbæk Kommune 23. november 2026.pdf``."""
    return f"Statusrapport {report.subject_name} {danish_date(report.as_of)}.{extension}"
