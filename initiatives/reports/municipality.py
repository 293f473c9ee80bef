"""Where a municipality is with the recommendations that it is asked about."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse

from initiatives.models import Progress
from initiatives.moment import Moment
from initiatives.overview import signal_counts
from initiatives.status import Spread
from stakeholders.models import Municipality

from .case import Matter, case_text
from .cells import (
    base_sentences,
    by_theme,
    cells_of,
    changed_rows,
    changes_part,
    corrections_part,
    row_of,
    since_part,
    unchanged,
    urgent,
)
from .documents import known_events, known_figures
from .extras import actions_of, municipal_answers
from .facts import Brief, Report, at, compose, finding, plan_of, texts_of
from .parts import (
    Actions,
    Answers,
    Attention,
    BesideOthers,
    CaseText,
    Changes,
    Corrections,
    KnownEvents,
    KnownFigures,
    Months,
    Overview,
    OwnTable,
    ReportRow,
    SinceThen,
)
from .pictures import beside_others, months
from .words import listed

QUIET = "Ingen anbefalinger er røde, gule, forsinkede eller sat i bero."
SILENT = "Ingen anbefalinger er vurderet endnu."


def municipality_report(municipality: Municipality, moment: Moment, **asked: Any) -> Report:
    """The report of one municipality.

    Args:
        asked: of the ``Brief``: ``front``, ``contents``, ``compared``.
    """
    brief = Brief(moment, **asked)
    moment = brief.pinned(_rests_on(municipality, brief), rounds=True)
    counting = Progress.objects.filter(municipality=municipality).counting(**at(moment), plan=moment.plan)
    cells = cells_of(counting, moment)
    rows = [row_of(cell) for cell in cells]
    changed = changed_rows(cells, moment)
    plan = plan_of(moment)
    name, themes, spread = municipality.authority_name, by_theme(cells, rows), Spread.of(row.status for row in rows)
    title, basis = finding(spread, "anbefalinger"), f"{spread.answered} af {spread.total} anbefalinger er vurderet."
    since = since_part(changed, moment, signal_counts(rows), base_sentences(moment))
    matter = Matter(name, plan, title, basis, spread, themes, since, urgent(rows))
    return compose(
        brief,
        moment,
        [
            (
                Overview,
                lambda: Overview("Hvor langt er vi?", name, spread, themes, of="anbefalinger", by="Tema"),
            ),
            (Attention, lambda: attention(rows, moment, "Hvad skal udvalget lægge mærke til?")),
            (SinceThen, lambda: since),
            (OwnTable, lambda: OwnTable(f"De {len(rows)} anbefalinger", themes)),
            (Months, lambda: months(counting, moment, of="anbefalinger")),
            (BesideOthers, lambda: beside_others(municipality, moment)),
            (Changes, lambda: changes_part(changed, moment, rest=unchanged(cells, changed, moment))),
            (Corrections, lambda: corrections_part(cells, moment)),
            (Actions, lambda: actions_of(municipality, moment)),
            (Answers, lambda: municipal_answers(municipality, cells, moment)),
            (KnownFigures, lambda: known_figures([cell.recommendation for cell in cells], moment)),
            (KnownEvents, lambda: known_events(moment, rounds=True)),
            (CaseText, lambda: case_text(brief, moment, matter, "Forvaltningen indstiller", "status")),
        ],
        url=reverse("municipality_report", args=[municipality.code]),
        title=title,
        lead=f"{name}s opfølgning på KL’s handleplan {plan}.",
        basis=basis,
        subject_name=name,
        fictional=municipality.is_fictional,
        reading=(f"{name} svarer selv. KL’s nationale status indgår ikke i tallene.", *_not_asked(rows, moment)),
    )


def _rests_on(municipality: Municipality, brief: Brief) -> Q:
    """Its own statuses; all of them where it stands beside others."""
    own = Q(progress__municipality=municipality)
    compares = BesideOthers.content in brief.contents
    return own | Q(progress__municipality__is_fictional=False) if compares else own


def attention(rows: list[ReportRow], moment: Moment, heading: str) -> Attention:
    nothing = QUIET if any(row.status != "not_assessed" for row in rows) else SILENT
    return Attention(heading, urgent(rows), nothing, None if moment.since else signal_counts(rows))


def _not_asked(rows: list[ReportRow], moment: Moment) -> tuple[str, ...]:
    asked = {row.number for row in rows}
    every = list(texts_of(moment).order_by("number").values_list("number", flat=True))
    numbers = [number for number in every if number not in asked]
    if not numbers:
        return ()
    which = f"{len(numbers)} af planens {len(every)} anbefalinger ({listed(numbers)})"
    return (f"{which} er rettet mod andre end kommunerne og er ikke med her.",)
