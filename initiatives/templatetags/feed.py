"""The lines of a feed: ``{% load feed %}``."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from initiatives.feed import Deed

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=2000)
def deed_line(deed: Deed, clock: bool = False, hide_municipality: bool = False) -> SafeString:
    """What somebody did. It does not change, so it is drawn once for all who may see the same of it."""
    context = {"deed": deed, "clock": clock, "hide_municipality": hide_municipality}
    return mark_safe(render_to_string("components/deed.html", context))
