"""Help that KL can change: ``{% load texts %}{% help_text "runder" %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from stakeholders.models import EditableText
from stakeholders.texts import as_line, known_texts

register = template.Library()


@register.simple_tag(takes_context=True)
def help_text(context: Any, slug: str, **values: Any) -> SafeString:
    """The text as it is now, with what its placeholders say; one query for all on a page."""
    request = context.get("request")
    changed = getattr(request, "_changed_texts", None)
    if changed is None:
        changed = dict(EditableText.objects.values_list("slug", "body"))
        if request is not None:
            request._changed_texts = changed
    return as_line(changed.get(slug, known_texts()[slug].body), values)
