"""The two thousand cells of the matrix, written without a template for each: ``{% load matrix %}``."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from initiatives.matrix import Cell, Change, Matrix, Row, State, cell_words
from initiatives.models import Recommendation
from initiatives.status import Signal

from .status import MARKS, SIGNAL_MARKS, status_line

register = template.Library()

# A td ends where the next one begins; the first of a theme has a line before it.
BLANK, FIRST = "<td>", '<td class="t">'
ARROW = mark_safe('<span aria-hidden="true">→</span><span class="sr-only"> til </span>')
CHANGE = '<li><a href="{}{}{}">{} {}</a> {} {} {}</li>'


@register.simple_tag
def matrix_cells(matrix: Matrix, row: Row) -> SafeString:
    """The cells of a row."""
    before, after = _address(matrix, row.municipality.code)
    themes = [found.focus_area.theme_id for found in matrix.recommendations]
    begins = [theme != last for theme, last in zip(themes, [None, *themes], strict=False)]
    return mark_safe(
        "".join(
            f"{FIRST if first else BLANK}{_link(before, found, after, cell) if cell else ''}"
            for found, cell, first in zip(matrix.recommendations, row.cells, begins, strict=True)
        )
    )


def _address(matrix: Matrix, code: int) -> tuple[SafeString, SafeString]:
    """What stands before the number in the address of a cell, and after it."""
    before, _, after = reverse("cell", args=[code, 0]).rpartition("0")
    query = f"?{matrix.moment.query}" if matrix.moment.query else ""
    return conditional_escape(before), conditional_escape(after + query)


def _link(before: SafeString, found: Recommendation, after: SafeString, cell: Cell) -> str:
    """The address, the number for those who see one municipality at a time, the words for those who hear it."""
    old = cell.is_old and cell.answered_on is not None
    picture, words = _drawn(cell.status, cell.signal, old, cell.before, cell.answered_on)
    return f'<a href="{before}{found.slug}{after}"{picture}<b>{found.number}</b>{words}'


@lru_cache(maxsize=5000)
def _drawn(
    status: str, signal: str, is_old: bool, before: State | None, answered_on: date | None
) -> tuple[SafeString, SafeString]:
    """Its classes, and its words twice; green is not marked."""
    sign = SIGNAL_MARKS[signal] if signal in (Signal.YELLOW, Signal.RED) else ""
    classes = " ".join(filter(None, (MARKS[status], sign, "old" if is_old else "", "new" if before else "")))
    words = cell_words(status, signal, is_old, before)
    title = f"{words}. Svar fra {answered_on:%d.%m.%Y}" if answered_on else words
    return format_html(' class="{}" title="{}">', classes, title), format_html("<i>{}</i></a>", words)


@register.simple_tag
def matrix_changes(matrix: Matrix, changes: list[Change]) -> SafeString:
    """What has changed in one municipality, each with what stood there before."""
    before, after = _address(matrix, changes[0].municipality.code)
    return format_html_join(
        "\n",
        CHANGE,
        (
            (
                *(before, change.recommendation.slug, after),
                *(change.recommendation.number, change.recommendation.short_name),
                *(status_line(*(change.cell.before or ())), ARROW),
                status_line(change.cell.status, change.cell.signal),
            )
            for change in changes
        ),
    )
