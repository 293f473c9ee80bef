"""The plan, whom it concerns and where it stands, as open data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from initiatives.models import ALL_PLANS, SHORT_PLAN, Addressing, Progress, Recommendation
from initiatives.moment import Moment
from initiatives.overview import State, spreads, states
from initiatives.status import NOT_ASSESSED, STATUS_LABELS, Signal, Spread, Status
from stakeholders.models import Municipality

from .dataset import SOURCES, Column, Dataset, Kind, Row

# The columns of the spread, and the statuses that they count.
COUNTED = {
    "ikke_vurderet": NOT_ASSESSED,
    "ikke_igangsat": Status.NOT_STARTED,
    "planlagt": Status.PLANNED,
    "i_gang": Status.IN_PROGRESS,
    "gennemfoert": Status.COMPLETED,
    "sat_i_bero": Status.ON_HOLD,
    "ikke_relevant": Status.NOT_RELEVANT,
}


PLAN = Column("handleplan", "Koden for den handleplan, nummeret hører til.")


def _recommendations(moment: Moment) -> Any:
    """Of all plans, those with the short addresses first."""
    found = Recommendation.objects.with_text(as_of=moment.as_of, known_at=moment.known_at).in_force()
    found = found.select_related("source")
    return sorted(found, key=lambda one: (one.plan_slug != SHORT_PLAN, one.plan_slug, one.number))


def recommendation_rows(moment: Moment) -> Iterator[Row]:
    actors = _actors(moment)
    for recommendation in _recommendations(moment):
        area, source = recommendation.focus_area, recommendation.source
        yield {
            "nummer": recommendation.number,
            "titel": recommendation.title,
            "tema": area.theme.title,
            "indsatsomraade": area.title,
            "aktoerer": actors[recommendation.pk, Addressing.Basis.OVERVIEW],
            "naevnte_aktoerer": actors[recommendation.pk, Addressing.Basis.TEXT],
            "resume": recommendation.summary,
            "kilder": [f"{source.file_name}:{part.strip()}" for part in recommendation.lines.split(",") if part]
            if source
            else [],
            "handleplan": recommendation.plan_slug,
        }


def _actors(moment: Moment) -> dict[tuple[int, str], list[str]]:
    """The names of those addressed, by recommendation and basis, in their own order."""
    rows = Addressing.objects.standing(as_of=moment.as_of, known_at=moment.known_at).select_related("actor")
    latest: dict[tuple[int, str, int], Any] = {}
    for row in rows:
        latest.setdefault((row.recommendation_id, row.basis, row.actor_id), row)
    names: dict[tuple[int, str], list[str]] = defaultdict(list)
    for (recommendation, basis, _), row in sorted(latest.items(), key=lambda item: item[1].actor.order):
        if row.addressed:
            names[recommendation, basis].append(row.actor.name)
    return names


def municipality_rows(moment: Moment) -> Iterator[Row]:
    for municipality in Municipality.objects.real().placed(as_of=moment.as_of):
        yield {
            "kode": municipality.code,
            "navn": municipality.name,
            "myndighed": municipality.authority_name,
            "kkr": municipality.kkr.name if municipality.kkr else None,
            "region": municipality.region.name if municipality.region else None,
            "cvr": municipality.cvr,
        }


def status_rows(moment: Moment) -> Iterator[Row]:
    spread_of = spreads(replace(moment, plan=ALL_PLANS))
    national = states(Progress.objects.national(), moment)
    for recommendation in _recommendations(moment):
        yield {
            "anbefaling": recommendation.number,
            **_national(national.get(recommendation.pk, State())),
            **_counts(spread_of.get(recommendation.pk)),
            "pr": moment.as_of,
            "handleplan": recommendation.plan_slug,
        }


def _national(state: State) -> Row:
    return {
        "national_status": STATUS_LABELS[state.status],
        "national_signal": Signal(state.signal).label if state.signal else None,
        "national_dato": state.current.effective_on if state.current else None,
    }


def _counts(spread: Spread | None) -> Row:
    """Empty where the municipalities are not asked: that is not the same as nobody."""
    counts: Row = {column: spread[status] if spread else None for column, status in COUNTED.items()}
    return {**counts, "kommuner_i_alt": spread.total if spread else None}


RECOMMENDATIONS = Dataset(
    "anbefalinger",
    "Anbefalinger",
    "Handleplanens anbefalinger. Titlerne er planens egne. Resuméerne er vores.",
    (
        Column("nummer", "Anbefalingens nummer i planen. Sammen med handleplan er det dens id.", Kind.NUMBER),
        Column("titel", "Den officielle titel."),
        Column("tema", "Temaets titel."),
        Column("indsatsomraade", "Indsatsområdets titel."),
        Column("aktoerer", "Dem, planens oversigt retter anbefalingen mod.", Kind.TEXTS),
        Column("naevnte_aktoerer", "Dem, anbefalingens egen tekst nævner. De kan være færre.", Kind.TEXTS),
        Column("resume", "Vores resumé."),
        SOURCES,
        PLAN,
    ),
    recommendation_rows,
)

MUNICIPALITIES = Dataset(
    "kommuner",
    "Kommuner",
    "De 98 kommuner, og hvor de ligger i dag.",
    (
        Column("kode", "Kommunekoden. Det er kommunens id.", Kind.NUMBER),
        Column("navn", "Kommunens navn uden “Kommune”."),
        Column("myndighed", "Myndighedens navn."),
        Column("kkr", "Kommunekontaktrådet."),
        Column("region", "Regionen."),
        Column("cvr", "Kommunens CVR-nummer."),
    ),
    municipality_rows,
)

STATUS = Dataset(
    "status",
    "Status",
    "KL’s nationale status på hver anbefaling ved siden af fordelingen af kommunernes egne svar. "
    "Den enkelte kommunes svar er ikke med. Skriv en dag i adressen for at se en tidligere status: "
    "status.json?pr=2026-05-31.",
    (
        Column("anbefaling", "Anbefalingens nummer.", Kind.NUMBER),
        Column("national_status", f"KL’s vurdering: {', '.join(STATUS_LABELS.values())}."),
        Column("national_signal", f"KL’s trafiklys: {', '.join(Signal.labels)}. Kan være tom."),
        Column("national_dato", "Dagen, KL’s vurdering gælder fra. Tom ved Ikke vurderet.", Kind.DAY),
        *(
            Column(name, f"Antal kommuner med svaret {STATUS_LABELS[status]}.", Kind.NUMBER)
            if status != NOT_ASSESSED
            else Column(name, "Antal kommuner, der ikke har svaret.", Kind.NUMBER)
            for name, status in COUNTED.items()
        ),
        Column(
            "kommuner_i_alt",
            "Antal kommuner, der bliver spurgt. Er den tom, er anbefalingen ikke rettet mod kommunerne.",
            Kind.NUMBER,
        ),
        Column("pr", "Dagen, tallene gælder.", Kind.DAY),
        PLAN,
    ),
    status_rows,
    holds_progress=True,
    parameters=("pr",),
)
