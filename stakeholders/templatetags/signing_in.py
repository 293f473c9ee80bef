"""What the pages about signing in need of templates."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """For an attribute that a script reads; the template escapes it."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def in_fours(text: str) -> str:
    """``ABCD EFGH``, which can be typed without getting lost."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))
