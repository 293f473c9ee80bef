"""How far the municipalities of each KKR are together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from stakeholders.models import Kkr, Municipality

from .reports.words import listed
from .status import Spread


@dataclass(frozen=True)
class KkrSpread:
    kkr: Kkr
    size: int
    spread: Spread


def spreads_by_kkr(statuses: Iterable[tuple[Municipality, str]]) -> list[KkrSpread]:
    """The spread in each KKR, in their order, of statuses with their municipalities, which are ``placed()``.

    The fictional municipality is left out.
    """
    found: dict[Kkr, list[str]] = defaultdict(list)
    places: dict[Kkr, set[int]] = defaultdict(set)
    for municipality, status in statuses:
        if municipality.kkr and not municipality.is_fictional:
            found[municipality.kkr].append(status)
            places[municipality.kkr].add(municipality.pk)
    ordered = sorted(found, key=lambda kkr: kkr.order)
    return [KkrSpread(kkr, len(places[kkr]), Spread.of(found[kkr])) for kkr in ordered]


def who_is_ahead(rows: list[KkrSpread]) -> str:
    """The finding: the KKR with the largest share completed, with its numbers."""
    shares = {row.kkr: row.spread.completed / row.spread.counting for row in rows if row.spread.counting}
    best = max(shares.values(), default=0)
    if not best:
        return "Ingen kommuner har gennemført endnu"
    ahead = [row for row in rows if shares.get(row.kkr) == best]
    names = listed(row.kkr.name for row in ahead)
    if len(ahead) == 1:
        return f"{names} er længst fremme: {ahead[0].spread.share_completed} har gennemført"
    numbers = listed(f"{row.spread.completed} af {row.spread.counting}" for row in ahead)
    return f"{names} er lige langt fremme: {numbers} har gennemført"
