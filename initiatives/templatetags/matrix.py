"""The two thousand cells of the matrix, written without a template for each: ``{% load matrix %}``."""

from __future__ import annotations

from functools import cache

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from initiatives.matrix import Cell, Change, Matrix, Row, State, cell_words
from initiatives.status import Signal

from .status import MARKS, SIGNAL_MARKS, status_line

register = template.Library()

# The address, its picture, the number for those who see one municipality at a time, the words for those who hear it.
LINK = '<td><a href="{}{}{}" class="{}" title="{}{}"><b>{}</b><i>{}</i></a>'
BLANK = "<td>"  # a td ends where the next one begins
CHANGE = '<li><a href="{}{}{}">{} {}</a> {} <span aria-hidden="true">→</span><span class="sr-only"> til </span> {}</li>'


@register.simple_tag
def matrix_cells(matrix: Matrix, row: Row) -> SafeString:
    """The cells of a row."""
    before, after = _address(matrix, row.municipality.code)
    return mark_safe(
        "".join(
            _cell(before, found.number, after, cell) if cell else BLANK
            for found, cell in zip(matrix.recommendations, row.cells, strict=True)
        )
    )


def _address(matrix: Matrix, code: int) -> tuple[SafeString, SafeString]:
    """What stands before the number in the address of a cell, and after it."""
    before, _, after = reverse("cell", args=[code, 0]).rpartition("0")
    query = f"?{matrix.moment.query}" if matrix.moment.query else ""
    return conditional_escape(before), conditional_escape(after + query)


def _cell(before: SafeString, number: int, after: SafeString, cell: Cell) -> str:
    words, picture = _drawn(cell.status, cell.signal, cell.is_old and cell.answered_on is not None, cell.before)
    answered = f". Svar fra {cell.answered_on:%d.%m.%Y}" if cell.answered_on else ""
    return format_html(LINK, before, number, after, picture, words, answered, number, words)


@cache
def _drawn(status: str, signal: str, is_old: bool, before: State | None) -> tuple[SafeString, SafeString]:
    """Its words and its classes; green is not marked."""
    sign = SIGNAL_MARKS[signal] if signal in (Signal.YELLOW, Signal.RED) else ""
    classes = (MARKS[status], sign, "old" if is_old else "", "new" if before else "")
    return conditional_escape(cell_words(status, signal, is_old, before)), mark_safe(" ".join(filter(None, classes)))


@register.simple_tag
def matrix_changes(matrix: Matrix, changes: list[Change]) -> SafeString:
    """What has changed in one municipality, each with what stood there before."""
    before, after = _address(matrix, changes[0].municipality.code)
    return format_html_join(
        "\n",
        CHANGE,
        (
            (
                *(before, change.recommendation.number, after),
                *(change.recommendation.number, change.recommendation.short_name),
                status_line(*(change.cell.before or ())),
                status_line(change.cell.status, change.cell.signal),
            )
            for change in changes
        ),
    )
