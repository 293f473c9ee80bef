"""Reads the figures of a report back from its files, each in its own way, so that they can be compared."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import docx
import openpyxl
import pikepdf
import pptx
from django.template.loader import render_to_string
from lxml import html

from initiatives.reports import Report, as_docx, as_pdf, as_pptx, as_xlsx
from initiatives.status import DISPLAY_ORDER, STATUS_LABELS

WORDS = [STATUS_LABELS[status] for status in DISPLAY_ORDER]
BAR = re.compile(rf"(.+?): ((?:(?:{'|'.join(WORDS)}) \d+(?:, )?)+)")
THOUSANDS = re.compile(r"(?<=\d)\.(?=\d{3}\b)")
LAST_DAY = re.compile(r"\. \d+\. \w+ \d{4}$")
MONTHS = "Udvikling"  # what the last day of the months is called here

Table = list[list[str]]
Bars = list[tuple[str, str]]  # the name of a bar, and its numbers in words


def page_of(report: Report) -> Any:
    return html.fromstring(render_to_string("reports/status_report.html", {"report": report}))


def plain(text: str) -> str:
    """Without the points between thousands."""
    return THOUSANDS.sub("", text)


def bars_in(texts: Iterable[str]) -> Bars:
    """What bars say to those who hear them, and what the curve of the months says of its last day."""
    found = [bar for text in texts for bar in BAR.findall(plain(text))]
    return [(MONTHS if LAST_DAY.search(name) else name, said) for name, said in found]


def bars_of_columns(tables: Iterable[Table], named: Sequence[str]) -> Bars:
    """The same from the columns of tables; a bar is named by the first of the columns ``named`` that is there."""
    found = []
    for head, *rows in ([[plain(cell) for cell in row] for row in table] for table in tables):
        if head[0] == "Dag":
            found += [(MONTHS, _said(dict(zip(head, max(rows, key=_day), strict=True))))]
        name = next((column for column in named if column in head), None)
        if name and set(WORDS) <= set(head):
            for row in (dict(zip(head, row, strict=True)) for row in rows):
                if row[WORDS[0]].isdecimal():
                    found.append((row[name], _said(row)))
    return found


def _said(row: dict[str, str]) -> str:
    return ", ".join(f"{word} {row[word]}" for word in WORDS if int(row[word]))


def _day(row: list[str]) -> str:
    """The day of a row, so that it can be compared: in a workbook 2026-06-01, on paper 01.06.2026."""
    return "-".join(reversed(row[0].split("."))) if "." in row[0] else row[0]


def bars_of_page(report: Report) -> Bars:
    return bars_in(title.text for title in page_of(report).iter("{*}title", "title") if title.text)


def pdf_of(report: Report) -> tuple[Bars, str]:
    """Its bars, and all its text on one line."""
    content = as_pdf(report)

    def alternatives(node: Any) -> Iterator[str]:
        for child in node if isinstance(node, pikepdf.Array) else [node]:
            if isinstance(child, pikepdf.Dictionary):
                if "/Alt" in child:
                    yield str(child.Alt)
                if "/K" in child:
                    yield from alternatives(child.K)

    with pikepdf.open(io.BytesIO(content)) as document:
        bars = bars_in(list(alternatives(document.Root.StructTreeRoot.K)))
    text = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True).stdout
    return bars, " ".join(text.decode().split())


def tables_of_workbook(report: Report) -> list[Table]:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(report)))
    return [[["" if value is None else str(value) for value in row] for row in sheet.values] for sheet in book]


def tables_of_document(report: Report) -> list[Table]:
    document = docx.Document(io.BytesIO(as_docx(report)))
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def slides_of(report: Report) -> Any:
    return pptx.Presentation(io.BytesIO(as_pptx(report))).slides


def tables_of_slides(report: Report) -> list[Table]:
    shapes = (shape for slide in slides_of(report) for shape in slide.shapes if shape.has_table)
    return [[[cell.text for cell in row.cells] for row in shape.table.rows] for shape in shapes]


def bars_of_slides(report: Report) -> Bars:
    """From the charts themselves; one with a series for each status, or one with a category for each."""
    found = []
    for shape in (shape for slide in slides_of(report) for shape in slide.shapes if shape.has_chart):
        plot = shape.chart.plots[0]
        series = {each.name: list(each.values) for each in plot.series}
        if len(series) == 1:
            (name, values), *_ = series.items()
            rows = [(name, dict(zip(plot.categories, values, strict=True)))]
        else:
            names = list(plot.categories)
            rows = [
                (name, {word: values[place] for word, values in series.items()}) for place, name in enumerate(names)
            ]
        for name, counts in rows:
            found.append((name, ", ".join(f"{word} {int(counts[word])}" for word in WORDS if counts.get(word))))
    return found
