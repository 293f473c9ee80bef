"""Marks, signals and spread bars in templates: ``{% load status %}``. The HTML is in ``templates/components/``."""

from functools import cache, lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from initiatives.development import Development
from initiatives.status import (
    BAR_ORDER,
    DISPLAY_ORDER,
    MARKS,
    NOT_ASSESSED,
    SIGNAL_MEANINGS,
    STATUS_LABELS,
    Segment,
    Signal,
    Spread,
    Status,
    thousands,
)

register = template.Library()

SIGNAL_WORDS: dict[str, str] = dict(Signal.choices)
SIGNAL_MARKS: dict[str, str] = {Signal.GREEN: "g", Signal.YELLOW: "y", Signal.RED: "r"}

# Fill, edge and text of a bar's segments, as attributes: the same drawing goes to the screen and to paper.
FILLS: dict[str, tuple[str, str, str]] = {
    Status.COMPLETED: ("#0f4c5c", "", "#fff"),
    Status.IN_PROGRESS: ("#357a8a", "", "#fff"),
    Status.PLANNED: ("#b7d8df", "#357a8a", "#1a1a1a"),
    Status.NOT_STARTED: ("#fff", "#5f6f75", "#1a1a1a"),
    Status.ON_HOLD: ("#ebddbe", "#7a5c1e", "#1a1a1a"),
    NOT_ASSESSED: ("#fff", "#5f6f75", "#1a1a1a"),
}

STRIPES = 90  # over the width of an area chart


@cache
def _drawn(component: str, **context: Any) -> SafeString:
    """A small component, rendered once: a page may show two thousand."""
    return mark_safe(render_to_string(f"components/{component}.html", context).strip())


@register.simple_tag
def mark(code: str, size: int = 20) -> SafeString:
    """The square of a status. Its word must stand beside it."""
    return _drawn("mark", name=MARKS.get(code, MARKS[NOT_ASSESSED]), size=size)


@register.simple_tag
def signal(code: str) -> SafeString:
    """The sign of a signal. Its word must stand beside it."""
    return _drawn("signal", name=SIGNAL_MARKS[code]) if code in SIGNAL_MARKS else SafeString()


@register.filter
def signal_word(code: str) -> str:
    """Its colour."""
    return SIGNAL_WORDS.get(code, "")


@register.filter
def signal_meaning(code: str) -> str:
    """Its colour, and what it means."""
    return SIGNAL_MEANINGS.get(code, "")


@register.simple_tag
def status_line(code: str, signal: str = "", long: bool = False, size: int = 20) -> SafeString:
    """Mark and word of a status, and of its signal when there is one; ``long`` says what the signal means."""
    code = code if code in STATUS_LABELS else NOT_ASSESSED
    words = SIGNAL_MEANINGS if long else SIGNAL_WORDS
    signal = signal if signal in words else ""
    return _drawn(
        "status_line", code=code, word=STATUS_LABELS[code], signal=signal, signal_word=words.get(signal, ""), size=size
    )


@register.simple_tag
def radios(field: BoundField) -> SafeString:
    """The choices of a status or of a signal, each with its mark."""
    choices = tuple(field.field.choices)  # type: ignore[attr-defined]  # of a ChoiceField
    chosen = field.value()
    return _drawn(
        "radios",
        name=field.html_name,
        id=field.auto_id,
        choices=choices,
        signals=field.name == "signal",
        chosen=chosen if chosen in dict(choices) else "",
        is_invalid=bool(field.errors),
    )


@register.simple_tag
def strip_link(cell: Any, page: str, wide: bool = False) -> SafeString:
    """The way from the strip to a recommendation of the municipality, with a tick or a dash.

    Args:
        cell: has a ``recommendation``, a ``status`` and an ``anchor``.
        page: the address of the municipality, or empty where the strip is on its page.
        wide: whether the page counts on from this link when it has been answered.
    """
    return _drawn(
        "strip_link",
        page=page,
        anchor=cell.anchor,
        number=cell.recommendation.number,
        title=cell.recommendation.title,
        is_answered=cell.status != NOT_ASSESSED,
        wide=bool(wide),
    )


@register.simple_tag
@lru_cache(maxsize=2000)
def spread_bar(spread: Spread, height: int = 24, label: str = "", width: int = 330) -> SafeString:
    """How many have each status, as a bar that is as wide as its place. Drawn once for the same numbers.

    Args:
        height: in pixels.
        label: what is counted; it is said before the numbers.
        width: the least that the bar will have, in pixels; where there is no room for a number there is none.
    """
    font = 16 if height >= 32 else 13 if height >= 20 else 12

    def has_room(segment: Segment) -> bool:
        return segment.width / 100 * width >= font * 0.62 * len(thousands(segment.count)) + 2

    segments = [
        {
            "x": _per_cent(segment.x),
            "end": _per_cent(segment.x + segment.width),
            "middle": _per_cent(segment.middle),
            "width": _per_cent(segment.width),
            "count": thousands(segment.count) if has_room(segment) else None,
            "box": round(font * (0.35 + 0.62 * len(thousands(segment.count)))),
            "fill": FILLS[segment.status][0],
            "edge": FILLS[segment.status][1],
            "ink": FILLS[segment.status][2],
            "dashes": "2 2" if segment.status == NOT_ASSESSED else "",
            "pattern": MARKS[segment.status],
        }
        for segment in spread.segments
    ]
    context = {
        "segments": segments,
        "height": height,
        "low": height - 0.5,
        "font": font,
        "baseline": height / 2 + (5.5 if height >= 32 else 4.5),
        "dots": range(4, height, 6),
        "spoken": f"{label}: {spread.spoken}" if label else spread.spoken,
    }
    return mark_safe(render_to_string("components/spread_bar.html", context))


@register.inclusion_tag("components/area.html")
def area_chart(development: Development, until: str) -> dict[str, Any]:
    """How the answers have moved, as areas with the fills of the bars; ``until`` names the last day."""
    fills = {Status.ON_HOLD: "url(#area-stripes)", NOT_ASSESSED: "none"}
    return {
        "development": development,
        "areas": [(area.points, fills.get(area.status, FILLS[area.status][0])) for area in development.areas],
        "height": development.height,
        "stripe": f"{development.days / STRIPES:.2f}",
        "stroke": f"{development.days / STRIPES / 4:.2f}",
        "until": until,
    }


register.filter("thousands", thousands)


@register.filter
def whole_last_clause(sentence: str) -> SafeString:
    """A heading whose last clause is not broken over two lines, when it is short."""
    before, comma, last = sentence.rpartition(", ")
    if not comma or len(last) > 24:
        return conditional_escape(sentence)
    return format_html('{}, <span class="nowrap">{}</span>', before, last)


@register.filter
def whole_numbers(share: str) -> SafeString:
    """A percentage with its numbers, which are not broken over two lines."""
    before, bracket, numbers = share.partition(" (")
    return format_html('{} <span class="nowrap">({}</span>', before, numbers) if bracket else conditional_escape(share)


def _per_cent(share: float) -> str:
    return f"{round(share, 3):g}%"


@register.inclusion_tag("components/legend.html")
def legend(spread: Spread | None = None) -> dict[str, Any]:
    """All statuses with their words; with a spread also its numbers, and only those of the bar or with a number."""
    if spread is None:
        return {"entries": [(status, STATUS_LABELS[status], None) for status in DISPLAY_ORDER]}
    return {
        "entries": [
            (status, STATUS_LABELS[status], count) for status, count in spread if status in BAR_ORDER or count
        ],
        "counts": True,
    }


@register.inclusion_tag("components/signal_legend.html")
def signal_legend() -> dict[str, Any]:
    return {"entries": list(SIGNAL_MEANINGS.items())}
