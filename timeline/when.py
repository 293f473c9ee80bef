"""When an event was, in words, and how sure that is."""

from __future__ import annotations

from django.utils.dates import MONTHS

from .models import Certainty, Event, Precision

SEASONS = {
    "primo": ("begyndelsen af året", "begyndelsen af {}", 1),
    "foraar": ("forår", "foråret {}", 4),
    "sommer": ("sommer", "sommeren {}", 7),
    "efteraar": ("efterår", "efteråret {}", 10),
    "vinter": ("vinter", "vinteren {}", 12),
    "ultimo": ("slutningen af året", "slutningen af {}", 12),
}
DATED = (Precision.MONTH, Precision.DAY)


def is_uncertain(event: Event) -> bool:
    return event.certainty == Certainty.UNCERTAIN


def either_year(event: Event) -> bool:
    """Whether the two years are a choice between them, and not a period."""
    return is_uncertain(event) and event.end_year is not None


def in_year(event: Event) -> str:
    """When in its year: ``Maj``, ``23. april``, ``Forår``; empty when the sources have only the year."""
    if event.precision == Precision.DAY and event.month:
        text = f"{event.day}. {MONTHS[event.month]}"
    elif event.precision == Precision.MONTH and event.month:
        text = str(MONTHS[event.month])
    elif event.precision == Precision.SEASON and event.season in SEASONS:
        text = SEASONS[event.season][0]
    else:
        text = ""
    return text[:1].upper() + text[1:]


def in_full(event: Event) -> str:
    """``20. marts 2024``, ``marts 2021``, ``foråret 2020``, ``2023 eller 2024``, ``2021–2023``, ``Årstal ukendt``."""
    if event.year is None:
        return "Årstal ukendt"
    if event.precision in DATED and event.month:
        day = f"{event.day}. " if event.precision == Precision.DAY else ""
        text = f"{day}{MONTHS[event.month]} {event.year}"
    elif event.precision == Precision.SEASON and event.season in SEASONS:
        text = SEASONS[event.season][1].format(event.year)
    else:
        text = str(event.year)
    if event.end_year and event.end_year != event.year:
        text += f" eller {event.end_year}" if either_year(event) else f"–{event.end_year}"
    return text[:1].upper() + text[1:]


def doubt(event: Event) -> str:
    """What of the time is not certain, in two words; empty when the sources say it."""
    if event.certainty == Certainty.SURE:
        return ""
    what = "Måned" if event.precision in DATED else "Årstal"
    if is_uncertain(event):
        return "Måned usikker" if what == "Måned" else "Årstal usikkert"
    return f"{what} udledt"


def order_in_year(event: Event) -> tuple[int, int, int]:
    """Months and seasons in their order; what has only the year comes last, as the fixture has it."""
    season = SEASONS[event.season][2] if event.precision == Precision.SEASON and event.season in SEASONS else 13
    return event.month or season, event.day or 32, event.pk
