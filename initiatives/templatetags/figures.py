"""Figures in templates: ``{% load figures %}``."""

from collections.abc import Mapping

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from initiatives.figures import MENTION, danish, number_of, stated

register = template.Library()
register.filter("danish", danish)
register.filter("stated", stated)
register.filter("number_of", number_of)


@register.filter
def with_links(note: str, addresses: Mapping[str, str]) -> SafeString:
    """A note in which the names of other figures lead to them."""
    parts = MENTION.split(note)
    parts[1::2] = [
        format_html('<a href="{}">{}</a>', addresses[name], name) if name in addresses else format_html("»{}«", name)
        for name in parts[1::2]
    ]
    return mark_safe("".join(conditional_escape(part) for part in parts))
