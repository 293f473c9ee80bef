"""The rows of a history: ``{% load history %}``."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from initiatives.history import Line

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=10000)
def history_row(row: Line, form_url: str) -> SafeString:
    """A row of the log. It never changes, so it is drawn once for all who may see the same of it."""
    return mark_safe(render_to_string("initiatives/_history_row.html", {"row": row, "form_url": form_url}))
