"""A report as a presentation: where we stand, theme by theme, what has changed, and what is next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pptx.util import Inches

from initiatives.status import STATUS_LABELS, Signal, Spread, Status

from .deck import INNER, LEFT, Deck
from .deck_figures import Column, add_bars, add_counts, add_table, pages, shortened
from .facts import Report, finding
from .parts import Attention, Beside, Changes, Group, Movements, Overview, PlacedChanges, Red, ReportRow
from .words import danish_date

NEXT = 8  # of what is planned, where nothing is red or late
CHART_WIDTH, GAP = Inches(4.3), Inches(0.3)
BESIDE_CHART = (LEFT + CHART_WIDTH + GAP, INNER - CHART_WIDTH - GAP)
NUMBER, TITLE = ("Nr.", 0.6), ("Anbefaling", 5.0)
STATUS, SIGNAL, PLACE = ("Status", 1.6), ("Trafiklys", 1.1), ("Kommune", 1.8)
COUNTED = "Ikke relevant er ikke i søjlerne og tæller ikke med."


def as_pptx(report: Report) -> bytes:
    """The report's findings as slides. The same report gives the same bytes.

    What needs a page of text is left to the report itself: a long note is cut, and of what has changed or is red
    there is one slide.
    """
    deck = Deck(report)
    deck.front(
        f"Statusrapport: {report.subject_name}", (report.lead, *(f"{label}: {value}" for label, value in report.front))
    )
    overview = report.part(Overview)
    if overview is not None:
        _overview(deck, overview)
        for group in overview.groups:
            if group.rows:
                _group(deck, group, overview)
    _changes(deck)
    _next(deck, overview)
    return deck.content()


def _overview(deck: Deck, part: Overview) -> None:
    slide = deck.slide(deck.report.title, f"Antal {part.of}. {COUNTED}")
    bars = [(part.label, part.spread), *((group.title, group.spread) for group in part.groups)]
    counting = [bar for bar in bars if bar[1].counting]
    if counting:
        add_bars(slide, counting, _spoken(counting))


def _group(deck: Deck, group: Group, part: Overview) -> None:
    title = f"{group.heading}: {finding(group.spread, part.of)}"
    if isinstance(group.rows[0], Beside):
        bars = [(f"{row.number}. {row.title}", row.here) for row in group.rows]
        slide = deck.slide(title, f"Kommunernes egne svar i {part.label}. {COUNTED}")
        add_bars(slide, bars, _spoken(bars))
        return
    own = [(row.number, row.title, *row.words) for row in group.rows]
    columns: list[Column] = [NUMBER, TITLE, STATUS, SIGNAL]
    if any(row.spread for row in group.rows):
        columns.append(("Kommunerne: gennemført", 2.0))
        own = [(*cells, _completed(row)) for cells, row in zip(own, group.rows, strict=True)]
    for number, rows in enumerate(pieces := list(pages(columns, own, BESIDE_CHART)), 1):
        slide = deck.slide(f"{title} ({number} af {len(pieces)})" if len(pieces) > 1 else title, COUNTED)
        add_counts(slide, group.heading, group.spread, _spoken([(group.heading, group.spread)]), (LEFT, CHART_WIDTH))
        add_table(slide, columns, rows, f"Anbefalingerne i {group.heading}", BESIDE_CHART)


def _completed(row: ReportRow) -> str:
    return row.spread.completed_of_counting if row.spread else "Ikke spurgt"


def _spoken(bars: Sequence[tuple[str, Spread]]) -> str:
    return ". ".join(f"{label}: {spread.spoken}" for label, spread in bars)


def _changes(deck: Deck) -> None:
    report = deck.report
    movements, changes = report.part(Movements), report.part(Changes) or report.part(PlacedChanges)
    if report.since is None or not (movements or changes):
        return
    since = danish_date(report.since)
    if movements:
        title = f"Svar er ændret i {_many(len(movements.rows), 'anbefaling', 'er')} siden {since}"
        columns = [NUMBER, TITLE, ("Gennemført", 1.2), ("I gang", 1.2), ("Ændret i", 3.5)]
        rows: list[Sequence[Any]] = [
            (
                row.number,
                row.title,
                f"{row.before.completed} → {row.now.completed}",
                f"{row.before.in_progress} → {row.now.in_progress}",
                shortened(", ".join(row.places)),
            )
            for row in movements.rows
        ]
    elif changes:
        title = f"{_many(len(changes.rows), 'anbefaling', 'er')} har ny status eller nyt trafiklys siden {since}"
        columns = [NUMBER, TITLE, ("Før", 1.7), ("Nu", 1.7), ("Fra", 1.1), ("Begrundelse", 4.0)]
        rows = [(*row.stated[1:6], shortened(row.note)) for row in changes.rows]
    _first_page(deck, title if rows else f"Intet er ændret siden {since}", columns, rows)


def _next(deck: Deck, overview: Overview | None) -> None:
    """What is red or late; where nothing is, what is planned."""
    red, attention = deck.report.part(Red), deck.report.part(Attention)
    if red is not None and red.rows:
        rows = [(row.place, row.number, row.title, row.words[0], shortened(row.why)) for row in red.rows]
        _first_page(deck, red.heading, [PLACE, NUMBER, TITLE, STATUS, ("Hvorfor", 4.0)], rows)
        return
    urgent = [row for row in attention.rows if row.signal == Signal.RED or row.is_overdue] if attention else []
    if urgent:
        words = "er rød eller forsinket" if len(urgent) == 1 else "er røde eller forsinkede"
        title = f"{_many(len(urgent), 'anbefaling', 'er')} {words}"
        late = [(row.number, row.title, *row.words, shortened(row.why)) for row in urgent]
        _first_page(deck, title, [NUMBER, TITLE, STATUS, SIGNAL, ("Hvorfor", 4.0)], late)
    elif red is not None or attention is not None:
        _planned(deck, overview)


def _planned(deck: Deck, overview: Overview | None) -> None:
    rows = [row for group in (overview.groups if overview else ()) for row in group.rows]
    beside = sorted(
        (row for row in rows if isinstance(row, Beside) and row.here[Status.PLANNED]),
        key=lambda row: (-row.here[Status.PLANNED], row.number),
    )
    own = [row for row in rows if isinstance(row, ReportRow) and row.status == Status.PLANNED]
    own.sort(key=lambda row: (row.expected_on or date.max, row.number))
    if beside:
        title = f"Intet er rødt. {STATUS_LABELS[Status.PLANNED]} af flest kommuner"
        found: list[Sequence[Any]] = [(row.number, row.title, row.here[Status.PLANNED]) for row in beside[:NEXT]]
        _first_page(deck, title, [NUMBER, TITLE, ("Kommuner, der har planlagt det", 2.5)], found)
    elif own:
        title = f"Intet er rødt eller forsinket. {_many(len(own), 'anbefaling', 'er')} er planlagt"
        found = [(row.number, row.title, row.words[1], row.expected_on, shortened(row.note)) for row in own]
        _first_page(deck, title, [NUMBER, TITLE, SIGNAL, ("Forventet", 1.3), ("Note", 4.0)], found)
    else:
        deck.slide("Intet er rødt, forsinket eller planlagt")


def _first_page(deck: Deck, title: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
    """The rows for which one slide has room; when there are more, the title says so."""
    shown = next(iter(pages(columns, rows)), ())
    if len(shown) < len(rows):
        title = f"{title}. Her er {len(shown)}; rapporten har alle {len(rows)}"
    slide = deck.slide(title)
    if shown:
        add_table(slide, columns, shown, title)


def _many(count: int, one: str, ending: str) -> str:
    return f"{count} {one}{ending if count != 1 else ''}"
