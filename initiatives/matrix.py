"""All municipalities and all recommendations that they are asked about: what each answers, in few queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from django.db.models import Q

from flere_haender.access import is_kl, membership_of
from flere_haender.days import months_before
from stakeholders.models import Kkr, Municipality

from .exporting import Column, Listing
from .matrix_form import OLD_AFTER
from .models import Progress, Recommendation, Theme
from .moment import Moment
from .status import DISPLAY_ORDER, NOT_ASSESSED, STATUS_LABELS, Signal, Spread

Answers = dict[tuple[int, int], dict[str, Any] | None]
State = tuple[str, str]  # status and signal


@dataclass(frozen=True, slots=True)
class Cell:
    """What one municipality answers to one recommendation.

    Attributes:
        answered_on: the day of the last row, confirmations included; None without an answer.
        is_old: the answer has not been renewed for so long as is asked for.
        before: what stood there on the day to compare with, when it was something else.
    """

    status: str
    signal: str
    answered_on: date | None
    is_old: bool
    before: State | None

    @property
    def words(self) -> str:
        """All that its picture says."""
        return cell_words(self.status, self.signal, self.is_old and self.answered_on is not None, self.before)


@cache
def cell_words(status: str, signal: str, is_old: bool, before: State | None) -> str:
    parts = [_said(status, signal)]
    parts += ["gammelt svar"] * is_old
    parts += [f"før {_said(*before)}"] if before else []
    return ", ".join(parts)


def _said(status: str, signal: str) -> str:
    return f"{STATUS_LABELS[status]}, {Signal(signal).label.lower()}" if signal else STATUS_LABELS[status]


@dataclass(frozen=True)
class Row:
    """A municipality. A cell is None where the choice leaves it out; ``spread`` counts those too."""

    municipality: Municipality
    cells: list[Cell | None]
    spread: Spread
    changed_on: date | None
    is_own: bool

    @property
    def never(self) -> bool:
        return not self.spread.answered

    @property
    def shown(self) -> list[Cell]:
        return [cell for cell in self.cells if cell]


@dataclass(frozen=True)
class Group:
    """Rows that stand together; ``kkr`` is None when all of them do. ``size`` leaves out the fictional one."""

    kkr: Kkr | None
    rows: list[Row]

    @property
    def size(self) -> int:
        return sum(not row.municipality.is_fictional for row in self.rows)


@dataclass(frozen=True)
class Change:
    municipality: Municipality
    recommendation: Recommendation
    cell: Cell


@dataclass(frozen=True)
class Matrix:
    """The matrix as it is shown. All sums are of the real municipalities among ``rows``."""

    moment: Moment
    recommendations: list[Recommendation]
    rows: list[Row]
    spreads: list[Spread]
    by_kkr: bool
    old_after: int
    picks_cells: bool

    @property
    def real(self) -> list[Row]:
        return [row for row in self.rows if not row.municipality.is_fictional]

    @property
    def own(self) -> Row | None:
        return next((row for row in self.rows if row.is_own), None)

    @property
    def themes(self) -> list[tuple[Theme, int]]:
        """The themes over the columns, with how many columns each has."""
        themes = groupby(self.recommendations, key=lambda found: found.focus_area.theme)
        return [(theme, len(list(members))) for theme, members in themes]

    @property
    def groups(self) -> list[Group]:
        if not self.by_kkr:
            return [Group(None, self.rows)]
        return [Group(kkr, list(rows)) for kkr, rows in groupby(self.rows, key=lambda row: row.municipality.kkr)]

    @property
    def totals(self) -> list[tuple[str, list[int]]]:
        """For each status how many have it in each column."""
        return [(status, [spread[status] for spread in self.spreads]) for status in DISPLAY_ORDER]

    @property
    def changes(self) -> list[Change]:
        """The cells shown that stood otherwise on the day to compare with, in the order of the matrix."""
        return [
            Change(row.municipality, recommendation, cell)
            for row in self.rows
            for recommendation, cell in zip(self.recommendations, row.cells, strict=True)
            if cell and cell.before
        ]

    @property
    def heading(self) -> str:
        """The finding."""
        if self.picks_cells:
            return f"{self._in_municipalities([row.shown for row in self.real])} passer"
        if self.moment.since:
            changed = [[cell for cell in row.shown if cell.before] for row in self.real]
            return f"{self._in_municipalities(changed)} er ændret"
        return _finding(self.recommendations, self.spreads)

    def _in_municipalities(self, found: list[list[Cell]]) -> str:
        cells, places = sum(map(len, found)), sum(map(bool, found))
        return f"{cells} svar i {_municipalities(places)}" if cells else "Ingen svar"

    @property
    def whose(self) -> str:
        count = len(self.recommendations)
        asked = "1 anbefaling" if count == 1 else f"{count} anbefalinger"
        return f"{_municipalities(len(self.real), owning=True)} egne svar på {asked}"

    def listing(self) -> Listing:
        """The matrix as a file: the same rows, columns and cells."""
        columns = [
            Column("Kommune", lambda row: row.municipality.name),
            Column("Kommunekode", lambda row: row.municipality.code),
            Column("KKR", lambda row: row.municipality.kkr and row.municipality.kkr.name),
            *(_column(i, found) for i, found in enumerate(self.recommendations)),
            Column("Gennemført", lambda row: None if row.never else row.spread.completed),
            Column("Tæller med", lambda row: row.spread.counting),
            Column("Opdigtet", lambda row: "ja" if row.municipality.is_fictional else ""),
            Column("Status pr.", lambda row: self.moment.as_of),
        ]
        return Listing("Matrix", columns, self.rows)


def _column(place: int, recommendation: Recommendation) -> Column:
    """The column of a file for one recommendation: what the cells say."""

    def words(row: Row) -> str:
        cell = row.cells[place]
        return cell.words if cell else ""

    return Column(f"{recommendation.number} {recommendation.short_name}", words)


def _municipalities(count: int, *, owning: bool = False) -> str:
    return f"{count} kommune{'' if count == 1 else 'r'}{'s' if owning else ''}"


def _finding(recommendations: list[Recommendation], spreads: list[Spread]) -> str:
    """Which recommendation most have completed, and which fewest."""
    if not any(spread.answered for spread in spreads):
        return "Ingen kommuner har svaret"
    counts = {found.number: spread.completed for found, spread in zip(recommendations, spreads, strict=True)}
    most, fewest = max(counts, key=lambda n: counts[n]), min(counts, key=lambda n: counts[n])
    if counts[most] == counts[fewest]:
        each = f"anbefaling {most}" if len(counts) == 1 else "hver anbefaling"
        return f"{_municipalities(counts[most])} har gennemført {each}"
    return f"Flest har gennemført anbefaling {most}, færrest anbefaling {fewest}"


def matrix(moment: Moment, chosen: dict[str, Any], reader: Any) -> Matrix:
    """What the municipalities answer as of a moment; nine queries at most, however many there are.

    Args:
        chosen: the cleaned data of a ``MatrixForm``.
    """
    recommendations = _recommendations(moment, chosen["tema"])
    cells = Progress.objects.filter(recommendation__in=[found.pk for found in recommendations])
    months = chosen["maaneder"] or OLD_AFTER
    rows = _Rows(
        recommendations,
        now=_answers(cells, moment),
        earlier=_answers(cells, moment.at_since) if moment.since else None,
        changed_on=_changed_on(cells, moment) if chosen["sorter"] == "aendret" else {},
        old_on=months_before(moment.as_of, months),
        chosen=chosen,
        reader=reader,
    )
    found = [rows.of(municipality) for municipality in _municipalities_of(moment, chosen, reader)]
    picks_cells = any(chosen[name] for name in ("status", "signal", "maaneder"))
    found = _sorted([row for row in found if row.shown or not picks_cells], chosen["sorter"])
    return Matrix(
        moment,
        recommendations,
        found,
        _column_spreads(rows.now, recommendations, found),
        not chosen["sorter"],
        months,
        picks_cells,
    )


def _recommendations(moment: Moment, theme: Theme | None) -> list[Recommendation]:
    """Those that the municipalities are asked about on the day, by theme."""
    rows = Recommendation.objects.with_text(as_of=moment.as_of, known_at=moment.known_at)
    rows = rows.asked(as_of=moment.as_of, known_at=moment.known_at, plan=moment.plan)
    rows = rows.order_by("focus_area__theme__number", "number")
    return list(rows.filter(focus_area__theme=theme) if theme else rows)


def _municipalities_of(moment: Moment, chosen: dict[str, Any], reader: Any) -> Iterable[Municipality]:
    """Those chosen. The fictional one is for its own users and KL."""
    membership = membership_of(reader)
    fictional = Q() if is_kl(reader) else Q(is_fictional=False) | Q(pk=membership and membership.municipality_id)
    rows = Municipality.objects.filter(fictional).placed(as_of=moment.as_of)
    if chosen["kkr"]:
        rows = rows.in_kkr(chosen["kkr"], as_of=moment.as_of)
    return rows.filter(programmes=chosen["program"]) if chosen["program"] else rows


def _answers(cells: Any, moment: Moment) -> Answers:
    """What holds, by municipality and recommendation; the national lines are under None."""
    rows = cells.with_answer(as_of=moment.as_of, known_at=moment.known_at).order_by()
    return {(place, found): answer for place, found, answer in rows.values_list(*CELL, "answer")}


def _changed_on(cells: Any, moment: Moment) -> dict[int, date]:
    """When each municipality last changed an answer."""
    rows = cells.with_change(as_of=moment.as_of, known_at=moment.known_at).exclude(changed_on=None)
    latest: dict[int, date] = {}
    for place, changed_on in rows.order_by("changed_on").values_list("municipality_id", "changed_on"):
        latest[place] = changed_on
    return latest


CELL = ("municipality_id", "recommendation_id")


@dataclass(frozen=True)
class _Rows:
    """Makes the rows out of what has been fetched for all of them."""

    recommendations: list[Recommendation]
    now: Answers
    earlier: Answers | None
    changed_on: dict[int, date]
    old_on: date
    chosen: dict[str, Any]
    reader: Any

    def of(self, municipality: Municipality) -> Row:
        membership = membership_of(self.reader)
        keys = [(municipality.pk, found.pk) for found in self.recommendations]
        cells = [self._cell(key) for key in keys]
        return Row(
            municipality,
            [cell if self._is_chosen(cell) else None for cell in cells],
            Spread.of(cell.status for cell in cells),
            self.changed_on.get(municipality.pk),
            membership is not None and membership.municipality_id == municipality.pk,
        )

    def _cell(self, key: tuple[int, int]) -> Cell:
        answer = self.now.get(key)
        answered_on = date.fromisoformat(answer["effective_on"]) if answer else None
        state = state_of(answer)
        before = None if self.earlier is None else state_of(self.earlier.get(key))
        return Cell(
            *state,
            answered_on,
            answered_on is None or answered_on <= self.old_on,
            before if before != state else None,
        )

    def _is_chosen(self, cell: Cell) -> bool:
        chosen = self.chosen
        return (
            (not chosen["status"] or cell.status == chosen["status"])
            and (not chosen["signal"] or cell.signal == chosen["signal"])
            and (not chosen["maaneder"] or cell.is_old)
        )


def state_of(answer: dict[str, Any] | None) -> State:
    return (answer["status"], answer["signal"]) if answer else (NOT_ASSESSED, "")


def _column_spreads(answers: Answers, recommendations: list[Recommendation], rows: list[Row]) -> list[Spread]:
    real = [row.municipality.pk for row in rows if not row.municipality.is_fictional]
    return [Spread.of(state_of(answers.get((place, found.pk)))[0] for place in real) for found in recommendations]


def _by_kkr(row: Row) -> Any:
    return (row.municipality.kkr.order if row.municipality.kkr else 99, *_by_name(row))


def _by_name(row: Row) -> Any:
    return row.municipality.sort_order, row.municipality.name


def _by_share(row: Row) -> Any:
    return row.never, -row.spread.completed / (row.spread.counting or 1), _by_name(row)


def _by_change(row: Row) -> Any:
    return -(row.changed_on or date.min).toordinal(), _by_name(row)


ORDERS = {"": _by_kkr, "andel": _by_share, "aendret": _by_change, "navn": _by_name}


def _sorted(rows: list[Row], order: str) -> list[Row]:
    return sorted(rows, key=ORDERS[order])
