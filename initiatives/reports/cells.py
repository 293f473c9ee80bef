"""From cells to the rows of a report: where they stand, what needs attention, what has changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from initiatives.changes import ChangedCell, base_changes, changed_cells, corrected_cells
from initiatives.history import Cell, with_history
from initiatives.models import Thresholds
from initiatives.moment import Moment
from initiatives.overview import Disagreement
from initiatives.status import NOT_ASSESSED, STATUS_LABELS, Signal, Spread, Status

from .facts import NOBODY, texts_of
from .parts import Changes, Corrections, Group, ReportChange, ReportRow, SinceThen
from .words import breakable, danish_date, listed, number_word

BECAME = {
    Status.COMPLETED: "er gennemført",
    Status.IN_PROGRESS: "er gået i gang",
    Status.PLANNED: "er planlagt",
    Status.NOT_STARTED: "er ikke igangsat",
    Status.ON_HOLD: "er sat i bero",
    Status.NOT_RELEVANT: f"er {STATUS_LABELS[Status.NOT_RELEVANT].lower()}",
    NOT_ASSESSED: "er ikke længere vurderet",
}
CORRECTED = "Rettelser til tidligere tal"


def cells_of(progress: Any, moment: Moment, *, among: Any = None) -> list[Cell]:
    """The cells with their texts and histories as nobody in particular may know them, in the plan's order.

    Args:
        among: the recommendations with their texts; those of the plan when it is None.
    """
    texts = (texts_of(moment) if among is None else among).in_bulk()
    cells = list(
        progress.filter(recommendation__in=texts)
        .select_related("municipality")
        .order_by("recommendation__number", "municipality__sort_order")
    )
    for cell in cells:
        cell.recommendation = texts[cell.recommendation_id]
    return with_history(cells, moment=moment, reader=NOBODY, shown=0)


def row_of(
    cell: Cell, *, addressees: str = "", spread: Spread | None = None, thresholds: Thresholds | None = None
) -> ReportRow:
    """Where a cell stands; with ``thresholds`` also whether it disagrees with the municipalities' ``spread``."""
    current = cell.current
    return ReportRow(
        number=cell.recommendation.number,
        title=cell.recommendation.title,
        status=cell.status,
        signal=cell.signal,
        since=cell.since,
        note=breakable(current.note) if current else "",
        is_overdue=cell.is_overdue,
        expected_on=current.expected_on if current else None,
        addressees=addressees,
        spread=spread,
        disagreement=Disagreement.between(cell.status, spread, thresholds) if thresholds else None,
        place=cell.municipality.name if cell.municipality else "",
    )


def by_theme(cells: Iterable[Cell], rows: Iterable[ReportRow]) -> tuple[Group, ...]:
    return grouped((cell.recommendation.focus_area.theme for cell in cells), rows)


def grouped(keys: Iterable[Any], rows: Iterable[ReportRow]) -> tuple[Group, ...]:
    """The rows by theme, focus area or whatever else has a number and a title."""
    found: dict[Any, list[ReportRow]] = {}
    for key, row in zip(keys, rows, strict=True):
        found.setdefault(key, []).append(row)
    return tuple(
        Group(key.title, Spread.of(row.status for row in found[key]), tuple(found[key]), number=key.number)
        for key in sorted(found, key=lambda key: key.number)
    )


def urgent(rows: Iterable[ReportRow]) -> tuple[ReportRow, ...]:
    """What needs attention, the worst first: red, yellow, late, on hold."""

    def urgency(row: ReportRow) -> int | None:
        tests = (row.signal == Signal.RED, row.signal == Signal.YELLOW, row.is_overdue, row.status == Status.ON_HOLD)
        return next((place for place, found in enumerate(tests) if found), None)

    ranked = [(urgency(row), row.number, row) for row in rows if urgency(row) is not None]
    return tuple(row for _, _, row in sorted(ranked, key=lambda item: item[:2]))


def change_of(change: ChangedCell) -> ReportChange:
    return ReportChange(
        change.recommendation.number,
        change.recommendation.title,
        change.before_status,
        change.before_signal,
        change.status,
        change.signal,
        change.changed_on,
        breakable(change.row.note) if change.row else "",
        place=change.place,
    )


def changed_rows(cells: list[Cell], moment: Moment) -> tuple[ReportChange, ...]:
    if moment.since is None:
        return ()
    return tuple(change_of(change) for change in changed_cells(cells, moment, NOBODY))


def changes_part(
    rows: tuple[ReportChange, ...], moment: Moment, kind: type[Changes] = Changes, *, rest: tuple[str, ...] = ()
) -> Changes | None:
    if not rows or moment.since is None:
        return None
    return kind(f"Ændringer siden {danish_date(moment.since)}", rows, rest=rest)


def unchanged(
    cells: Iterable[Cell], changed: Iterable[ReportChange], moment: Moment, *, answered: str = "besvaret"
) -> tuple[str, ...]:
    """Of what is not ``changed``: which have been said again since, and which have not."""
    if moment.since is None:
        return ()
    moved = {row.number for row in changed}
    rest = [cell for cell in cells if cell.recommendation.number not in moved]
    again = {cell.recommendation.number for cell in rest if _said_after(cell, moment.since)}
    silent = [cell for cell in rest if cell.recommendation.number not in again]
    holds = " Det seneste svar gælder." if any(cell.current for cell in silent) else ""
    return (
        *([f"Bekræftet uændret siden da: {listed(sorted(again))}."] if again else []),
        *([f"Ikke {answered} siden da: {listed(_numbers(silent))}.{holds}"] if silent else []),
    )


def _said_after(cell: Cell, day: date) -> bool:
    return cell.current is not None and cell.current.effective_on > day


def _numbers(cells: Iterable[Cell]) -> list[int]:
    return sorted(cell.recommendation.number for cell in cells)


def corrections_part(cells: list[Cell], moment: Moment, kind: type[Corrections] = Corrections) -> Corrections | None:
    """What is another figure for the earlier day than it was known to be then."""
    rows = tuple(change_of(change) for change in corrected_cells(cells, moment, NOBODY))
    if not rows or moment.since is None:
        return None
    then = f"Det her er ikke sket siden. Det er rettet, hvad der gjaldt {danish_date(moment.since)}."
    return kind(CORRECTED, rows, then)


def base_sentences(moment: Moment, of: str = "", **which: Any) -> tuple[str, ...]:
    """Which recommendations have begun or ceased to count since, and from which day.

    Args:
        of: in what they count, such as ``i kommunernes svar``; ``which``: as in ``base_changes``.
    """
    found = groupby(base_changes(moment, **which), key=lambda change: change[:2])
    return tuple(
        f"Anbefaling {listed(number for *_, number in changes)} tæller {'' if asked else 'ikke længere '}med"
        f"{of and ' '}{of} fra {danish_date(day)}."
        for (day, asked), changes in found
    )


def _moved(row: ReportChange) -> str:
    """What it has done since."""
    if row.before_status != row.status:
        return BECAME[row.status]
    return "har fået nyt trafiklys" if row.signal else "har ikke længere trafiklys"


def since_part(
    rows: tuple[ReportChange, ...], moment: Moment, signals: dict[str, int] | None, base: tuple[str, ...] = ()
) -> SinceThen | None:
    """In one sentence what has changed: how many came to which status, with their numbers; ``base`` stands after."""
    if moment.since is None:
        return None
    if not rows:
        what = "Ingen status" if base else "Intet"
        return SinceThen(moment.since, f"{what} er ændret siden {danish_date(moment.since)}.", signals, base)
    moved: dict[str, list[int]] = {}
    for row in rows:
        moved.setdefault(_moved(row), []).append(row.number)
    parts = [f"{number_word(len(numbers))} {words} ({listed(numbers)})" for words, numbers in moved.items()]
    return SinceThen(moment.since, f"{listed(parts)}.".capitalize(), signals, base)
