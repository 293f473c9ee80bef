"""Answers and their histories: ``{% load history %}``. The log never changes, so both are drawn once for all who may
see, and do, the same.
"""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from initiatives.history import Line, Told

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=2000)
def answer(told: Told) -> SafeString:
    """What a municipality says of a recommendation, with its newest rows."""
    return mark_safe(render_to_string("initiatives/_answer.html", {"told": told}))


@register.simple_tag
@lru_cache(maxsize=10000)
def history_row(row: Line, form_url: str) -> SafeString:
    """A row of the log."""
    return mark_safe(render_to_string("initiatives/_history_row.html", {"row": row, "form_url": form_url}))
