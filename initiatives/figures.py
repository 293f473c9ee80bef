"""Figures as people read them: what a document states, Danish numbers, and figures that belong side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .models import Indicator, IndicatorValue

# A note names another figure like this: »Sygefravær i ældreplejen«.
MENTION = re.compile("»([^»«]+)«")

NO_VALUE = "Ingen tal endnu"


def danish(number: Decimal | int | None) -> str:
    """A number with Danish signs: ``3.570`` and ``21,9``; nothing when there is none."""
    if number is None:
        return ""
    return f"{Decimal(number).normalize():,f}".translate(str.maketrans(",.", ".,"))


def number_of(value: IndicatorValue) -> str:
    """The number or the interval; nothing when the document has only words."""
    if value.low is not None:
        return f"{danish(value.low)}–{danish(value.high)}"
    return danish(value.value)


def stated(value: IndicatorValue | None) -> str:
    """What the document writes, with the unit when the document leaves it to the heading."""
    if value is None:
        return NO_VALUE
    unit = value.indicator.unit
    only_words = value.value is None and value.low is None
    first = unit.split(maxsplit=1)[0].strip(",")
    says_unit = first in value.text or (unit == "pct." and "%" in value.text)
    return value.text if only_words or says_unit else f"{value.text} {unit}"


def newest(indicator: Indicator) -> IndicatorValue | None:
    values = list(indicator.values.all())
    return values[-1] if values else None


def change(indicator: Indicator) -> tuple[str, str]:
    """The figure in short, with its period: from the oldest value to the newest, or the only one."""
    values = list(indicator.values.all())
    if not values:
        return NO_VALUE, ""
    first, last = values[0], values[-1]
    if len(values) == 1:
        return stated(last), last.period
    period = f"{first.period} til {last.period}"
    return (stated(last) if is_unchanged(values) else f"{stated(first)} til {stated(last)}"), period


def is_unchanged(values: Sequence[IndicatorValue]) -> bool:
    return len({stated(value) for value in values}) == 1


def _stem(name: str) -> str:
    return name.partition(":")[0] if ":" in name else ""


def _mentions(indicator: Indicator) -> set[str]:
    return {name for value in indicator.values.all() for name in MENTION.findall(value.note)}


def belonging(indicator: Indicator, others: Sequence[Indicator]) -> list[Indicator]:
    """The figures that are read together with this one.

    They count the same for another group (``Pris pr. borger: 85 år`` and ``Pris pr. borger: 95 år``), or the note of
    one names the other because they come close or disagree.
    """
    stem, named = _stem(indicator.name), _mentions(indicator)

    def belongs(other: Indicator) -> bool:
        return other.name in named or indicator.name in _mentions(other) or stem == _stem(other.name) != ""

    return [other for other in others if other.pk != indicator.pk and belongs(other)]


@dataclass(frozen=True)
class Bar:
    """One value. The widths are shares of the widest bar, as SVG attributes; ``more`` is the width of an interval."""

    value: IndicatorValue
    width: str
    more: str


@dataclass(frozen=True)
class BarGroup:
    indicator: Indicator
    is_own: bool
    bars: list[Bar]


@dataclass(frozen=True)
class Chart:
    heading: str
    groups: list[BarGroup]
    compares: bool


def chart_of(indicator: Indicator, companions: Sequence[Indicator]) -> Chart | None:
    """Bars for a figure and those of its companions that have the same unit; None when there is nothing to compare."""
    numbers = {shown.pk: _numbers(shown) for shown in (indicator, *companions) if shown.unit == indicator.unit}
    own = numbers[indicator.pk]
    values = [value for shown in numbers.values() for value in shown]
    if not own or len(values) < 2:
        return None
    top = max(_end(value) for value in values)
    shown = [other for other in (indicator, *companions) if numbers.get(other.pk)]
    shown.sort(key=lambda other: -_end(numbers[other.pk][-1]))
    groups = [BarGroup(o, o.pk == indicator.pk, [_bar(value, top) for value in numbers[o.pk]]) for o in shown]
    return Chart(_heading(own, len(groups) - 1), groups, len(groups) > 1)


def _heading(own: list[IndicatorValue], others: int) -> str:
    if len(own) > 1 and is_unchanged(own):
        return f"{stated(own[0])} {'begge' if len(own) == 2 else 'alle'} gange"
    if len(own) > 1:
        return f"Fra {stated(own[0])} til {stated(own[-1])}"
    return f"{stated(own[0])} ved siden af {'et andet tal' if others == 1 else f'{others} andre tal'}"


def _numbers(indicator: Indicator) -> list[IndicatorValue]:
    return [value for value in indicator.values.all() if value.value is not None or value.low is not None]


def _end(value: IndicatorValue) -> Decimal:
    number = value.value if value.low is None else value.high
    assert number is not None, "only of values with a number"
    return number


def _bar(value: IndicatorValue, top: Decimal) -> Bar:
    end, share = _end(value), 100 / top if top else Decimal(0)
    if value.low is None:
        return Bar(value, f"{end * share:.2f}%", "")
    return Bar(value, f"{value.low * share:.2f}%", f"{(end - value.low) * share:.2f}%")
