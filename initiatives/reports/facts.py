"""The facts of a status report. No request, no PDF; the template asks no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone

from initiatives.changes import ChangedCell, changed_cells, corrected_cells
from initiatives.history import Cell, with_history
from initiatives.models import (
    ActionPlan,
    Addressing,
    Progress,
    Recommendation,
    RecommendationText,
    StatusUpdate,
    Thresholds,
)
from initiatives.moment import Moment
from initiatives.overview import Disagreement, addressees, signal_counts, spreads
from initiatives.status import NOT_ASSESSED, STATUS_LABELS, Signal, Spread, Status
from stakeholders.models import Installation, Municipality

from .words import breakable, danish_date, listed, number_word

# A report is for everybody who gets the paper: it knows no reader, no names, no internal notes.
NOBODY = AnonymousUser()


@dataclass(frozen=True)
class FrontMatter:
    """What the user writes on the front: free text, never stored."""

    to: str = ""
    case_number: str = ""
    prepared_by: str = ""


@dataclass(frozen=True)
class ReportRow:
    number: int
    title: str
    status: str
    signal: str
    since: date | None
    note: str
    is_overdue: bool
    expected_on: date | None
    addressees: str = ""
    spread: Spread | None = None
    disagreement: Disagreement | None = None

    @property
    def why(self) -> str:
        """Why the row deserves attention: its note, and that its date has passed."""
        late = f"Forsinket. Ventet {self.expected_on:%d.%m.%Y}." if self.is_overdue and self.expected_on else ""
        return " ".join(part for part in (late, self.note) if part) or "Ingen note."


@dataclass(frozen=True)
class ReportTheme:
    number: int
    title: str
    spread: Spread
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True)
class ReportChange:
    number: int
    title: str
    before_status: str
    before_signal: str
    status: str
    signal: str
    changed_on: date | None
    note: str


@dataclass(frozen=True)
class Report:
    title: str
    lead: str
    subject_name: str
    is_national: bool
    demo: bool
    fictional: bool
    as_of: date
    since: date | None
    known_text: str
    front: tuple[tuple[str, str], ...]
    spread: Spread
    signals: dict[str, int]
    themes: tuple[ReportTheme, ...]
    attention: tuple[ReportRow, ...]
    changes: tuple[ReportChange, ...]
    changes_sentence: str
    corrections: tuple[ReportChange, ...]
    not_included: str
    case_text: str
    address: str

    @property
    def count(self) -> int:
        return self.spread.total


def municipality_report(municipality: Municipality, moment: Moment, *, front: FrontMatter = FrontMatter()) -> Report:
    """Where a municipality is with the recommendations that it is asked about."""
    asked_at = moment
    moment = _pinned(moment, Q(progress__municipality=municipality))
    cells = _cells(
        Progress.objects.filter(municipality=municipality).counting(**_at(moment), plan=moment.plan), moment
    )
    rows = [_row(cell) for cell in cells]
    others = _texts(moment).exclude(pk__in=[cell.recommendation.pk for cell in cells])
    plan = _plan(moment)
    name = municipality.authority_name
    return _report(
        cells,
        rows,
        moment,
        asked_at,
        front,
        reverse("municipality_report", args=[municipality.code]),
        subject_name=name,
        is_national=False,
        fictional=municipality.is_fictional,
        lead=f"{name}s opfølgning på KL’s handleplan {plan}.",
        not_included=_not_included([other.number for other in others.order_by("number")]),
        case_text=(
            f"Forvaltningen indstiller{' til ' + front.to if front.to else ''}, at status på handleplanen "
            f"{plan} tages til efterretning."
        ),
    )


def national_report(
    moment: Moment, *, front: FrontMatter = FrontMatter(), only: Sequence[int] | None = None
) -> Report:
    """KL's status of the plan beside the spread of the municipalities' own; public facts only.

    Args:
        only: the numbers of the recommendations to report on; all of them when None.
    """
    asked_at = moment
    moment = _pinned(moment, ~Q(progress__municipality__is_fictional=True))
    cells = Progress.objects.national()
    if only is not None:
        cells = cells.filter(recommendation__number__in=only)
    found = _cells(cells, moment)
    rows = _national_rows(found, moment)
    plan = _plan(moment)
    chosen = _chosen(rows) if only is not None else ""
    url = reverse("national_report")
    return _report(
        found,
        rows,
        moment,
        asked_at,
        front,
        f"{url}?kun={','.join(str(row.number) for row in rows)}" if only is not None else url,
        subject_name=f"Hele landet, {chosen}" if chosen else "Hele landet",
        is_national=True,
        fictional=False,
        lead=f"KL’s opfølgning på handleplanen {plan}.",
        not_included=f"Rapporten handler kun om {chosen}." if chosen else "",
        case_text=(
            f"Det indstilles{' til ' + front.to if front.to else ''}, at den nationale status på handleplanen "
            f"{plan} tages til efterretning."
        ),
    )


def _chosen(rows: list[ReportRow]) -> str:
    return f"anbefaling {listed(row.number for row in rows)}"


def _pinned(moment: Moment, statuses: Q) -> Moment:
    """The moment, known at the last recording that the report can rest on.

    That is of a status, a text, an addressing or a threshold.
    So a row that comes while the report is made is not half in it, and the same facts give the same report.
    """
    rows = (
        StatusUpdate.objects.known(moment.known_at).filter(statuses),
        RecommendationText.objects.known(moment.known_at),
        Addressing.objects.known(moment.known_at),
        Thresholds.objects.known(moment.known_at),
    )
    recorded = [found for log in rows if (found := log.aggregate(last=Max("recorded_at"))["last"])]
    return replace(moment, known_at=max(recorded)) if recorded else moment


def _at(moment: Moment) -> dict[str, Any]:
    return {"as_of": moment.as_of, "known_at": moment.known_at}


def _texts(moment: Moment) -> Any:
    """The recommendations of the plan that the report is about."""
    return Recommendation.objects.with_text(**_at(moment)).in_force().in_plan(moment.plan, as_of=moment.as_of)


def _plan(moment: Moment) -> str:
    plan = ActionPlan.objects.called(moment.plan, as_of=moment.as_of).first()
    return plan.title if plan else "Flere hænder"


def _cells(progress: Any, moment: Moment) -> list[Cell]:
    texts = _texts(moment).in_bulk()
    cells = list(
        progress.filter(recommendation__in=texts).select_related("municipality").order_by("recommendation__number")
    )
    for cell in cells:
        cell.recommendation = texts[cell.recommendation_id]
    return with_history(cells, moment=moment, reader=NOBODY, shown=0)


def _national_rows(cells: list[Cell], moment: Moment) -> list[ReportRow]:
    """With whom each is addressed to, the municipalities' answers, and whether the two voices disagree."""
    spread_of, addressed, thresholds = spreads(moment), addressees(moment), Thresholds.holding(moment)
    rows = []
    for cell in cells:
        spread = spread_of.get(cell.recommendation.pk)
        disagreement = Disagreement.between(cell.status, spread, thresholds)
        whom = addressed.get(cell.recommendation.pk, "")
        rows.append(replace(_row(cell), addressees=whom, spread=spread, disagreement=disagreement))
    return rows


def _row(cell: Cell) -> ReportRow:
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
    )


def _report(
    cells: list[Cell],
    rows: list[ReportRow],
    moment: Moment,
    asked_at: Moment,
    front: FrontMatter,
    url: str,
    *,
    lead: str,
    **subject: Any,
) -> Report:
    spread = Spread.of(row.status for row in rows)
    changes = changed_cells(cells, moment, NOBODY) if moment.since else []
    return Report(
        title=_title(spread),
        lead=f"{lead} Status pr. {danish_date(moment.as_of)}.",
        demo=Installation.is_demo(),
        as_of=moment.as_of,
        since=moment.since,
        known_text=_known_text(moment, asked_at),
        front=_front(front, spread, moment),
        spread=spread,
        signals=signal_counts(rows),
        themes=_themes(cells, rows),
        attention=_attention(rows),
        changes=tuple(_change(change) for change in changes),
        changes_sentence=_changes_sentence(changes, moment),
        corrections=tuple(_change(change) for change in corrected_cells(cells, moment, NOBODY)),
        address=_address(url, moment, front),
        **subject,
    )


def _title(spread: Spread) -> str:
    if not spread.counting:
        return "Ingen anbefalinger tæller med på denne dag"
    if not spread.answered:
        return f"Ingen af de {spread.total} anbefalinger er vurderet endnu"
    return f"{spread.completed} af {spread.counting} anbefalinger er gennemført, {spread.in_progress} er i gang"


def _known_text(moment: Moment, asked_at: Moment) -> str:
    """What was known: by the moment asked for, when it has passed, and the last recording that is in the report."""
    last = f"Seneste registrering, der er med: {danish_date(moment.known_at, time=True)}." if moment.known_at else ""
    if asked_at.known_at is None or asked_at.known_at > timezone.now():
        return last
    return f"Som kendt {danish_date(asked_at.known_at, time=True)}. {last}"


def _front(front: FrontMatter, spread: Spread, moment: Moment) -> tuple[tuple[str, str], ...]:
    basis = f"{spread.answered} af {spread.total} anbefalinger er vurderet."
    pairs = (
        ("Til", front.to),
        ("Sagsnr.", front.case_number),
        ("Udarbejdet af", front.prepared_by),
        ("Ændringer siden", danish_date(moment.since) if moment.since else ""),
        ("Grundlag", basis),
    )
    return tuple(pair for pair in pairs if pair[1])


def _themes(cells: list[Cell], rows: list[ReportRow]) -> tuple[ReportTheme, ...]:
    of_theme: dict[Any, list[ReportRow]] = {}
    for cell, row in zip(cells, rows, strict=True):
        of_theme.setdefault(cell.recommendation.focus_area.theme, []).append(row)
    return tuple(
        ReportTheme(
            theme.number, theme.title, Spread.of(row.status for row in of_theme[theme]), tuple(of_theme[theme])
        )
        for theme in sorted(of_theme, key=lambda theme: theme.number)
    )


def _attention(rows: list[ReportRow]) -> tuple[ReportRow, ...]:
    """What needs attention, the worst first: red, yellow, late, on hold."""

    def urgency(row: ReportRow) -> int | None:
        tests = (row.signal == Signal.RED, row.signal == Signal.YELLOW, row.is_overdue, row.status == Status.ON_HOLD)
        return next((place for place, found in enumerate(tests) if found), None)

    urgent = [(urgency(row), row.number, row) for row in rows if urgency(row) is not None]
    return tuple(row for _, _, row in sorted(urgent, key=lambda item: item[:2]))


def _change(change: ChangedCell) -> ReportChange:
    return ReportChange(
        change.recommendation.number,
        change.recommendation.title,
        change.before_status,
        change.before_signal,
        change.status,
        change.signal,
        change.changed_on,
        breakable(change.row.note) if change.row else "",
    )


def _changes_sentence(changes: list[ChangedCell], moment: Moment) -> str:
    """In one sentence what has changed: how many came to which status, with their numbers."""
    if moment.since is None:
        return ""
    if not changes:
        return f"Intet er ændret siden {danish_date(moment.since)}."
    moved: dict[str, list[int]] = {}
    for change in changes:
        same = change.before_status == change.status
        words = "har fået nyt trafiklys" if same else BECAME[change.status]
        moved.setdefault(words, []).append(change.recommendation.number)
    parts = [f"{number_word(len(numbers))} {words} ({listed(numbers)})" for words, numbers in moved.items()]
    return f"{listed(parts)}.".capitalize()


BECAME = {
    Status.COMPLETED: "er gennemført",
    Status.IN_PROGRESS: "er gået i gang",
    Status.PLANNED: "er planlagt",
    Status.NOT_STARTED: "er ikke igangsat",
    Status.ON_HOLD: "er sat i bero",
    Status.NOT_RELEVANT: f"er {STATUS_LABELS[Status.NOT_RELEVANT].lower()}",
    NOT_ASSESSED: "er ikke længere vurderet",
}


def _not_included(numbers: list[int]) -> str:
    if not numbers:
        return ""
    which = f"{len(numbers)} af planens anbefalinger ({listed(numbers)})"
    return which + " er rettet mod andre end kommunerne og er ikke med her."


def _address(url: str, moment: Moment, front: FrontMatter) -> str:
    """The address that makes the same report again: as of the same day, as known at the same moment."""
    known = moment.known_at
    choices = {
        "pr": moment.as_of.isoformat(),
        "plan": moment.plan,
        "kendt": known.astimezone(UTC).isoformat().replace("+00:00", "Z") if known else "",
        "siden": moment.since.isoformat() if moment.since else "",
        "til": front.to,
        "sag": front.case_number,
        "af": front.prepared_by,
    }
    query = urlencode({name: value for name, value in choices.items() if value}, safe=":")
    return f"{settings.SITE_URL}{url}{'&' if '?' in url else '?'}{query}"
