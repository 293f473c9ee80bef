"""What a municipality does: its local actions with milestones and history, and the cases they became."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from initiatives.action_history import Entry, history_of
from initiatives.exporting import each
from initiatives.models import (
    ActionGrant,
    ActionGrantEvent,
    ActionRecommendation,
    ActionRecommendationEvent,
    Case,
    CaseDecision,
    CaseState,
    LocalAction,
    LocalActionEvent,
    Milestone,
    MilestoneEvent,
)
from stakeholders.models import KL, Municipality

from .table import Field, Table, day, moment, number, texts

ACTION = number("Indsats", lambda row: row.action_id, "Id i lokale-indsatser.csv.")


def _own(municipality: Municipality, reader: Any) -> Any:
    return LocalAction.objects.visible_to(reader).filter(municipality=municipality).order_by("pk")


def _actions(municipality: Municipality, reader: Any) -> Iterable[Any]:
    related = ("challenge", "builds_on", "copied_from__municipality", "inspired_by")
    rows = _own(municipality, reader).select_related(*related)
    return each(rows.prefetch_related("recommendations", "grants"))


def _inspired_by(action: LocalAction) -> str:
    """A case that has been withdrawn is not named any more."""
    case = action.inspired_by
    return "" if case is None else case.title if case.is_published else "En case, der er trukket tilbage"


ACTIONS = Table(
    "lokale-indsatser",
    "Lokale indsatser",
    "En linje for hver indsats, også kladder.",
    (
        number("Id", lambda row: row.pk),
        Field("Titel", lambda row: row.title),
        Field("Hvad der gøres", lambda row: row.what),
        texts("Anbefalinger", lambda row: sorted(one.slug for one in row.recommendations.all())),
        Field("Fase", lambda row: row.get_phase_display()),
        day("Start", lambda row: row.starts_on),
        day("Slut", lambda row: row.ends_on),
        Field("Ansvarlig enhed", lambda row: row.responsible_unit),
        Field("Synlighed", lambda row: row.get_visibility_display()),
        Field("Målgrupper", lambda row: row.target_groups),
        Field("Problemet", lambda row: row.problem),
        Field("Udfordring", lambda row: row.challenge and row.challenge.title),
        Field("Bygger på", lambda row: row.builds_on and row.builds_on.title, "En indsats fra casebanken."),
        Field("MED og TRIO", lambda row: row.get_involvement_display()),
        texts("Tilskud", lambda row: sorted(one.title for one in row.grants.all())),
        Field("Andre tilskud", lambda row: row.other_grants),
        Field("Forventet virkning", lambda row: row.expected_effect),
        Field("Virkning indtil nu", lambda row: row.seen_effect),
        texts("Links", lambda row: row.links),
        Field("Kopieret fra", lambda row: row.copied_from and str(row.copied_from.municipality), "En kommune."),
        Field("Inspireret af", _inspired_by, "En case."),
        moment("Oprettet", lambda row: row.created_at),
        moment("Ændret", lambda row: row.updated_at),
        moment("Ændret eller bekræftet", lambda row: row.touched_at),
    ),
    _actions,
    (LocalAction, ActionRecommendation, ActionGrant),
)


@dataclass(frozen=True)
class _Deed:
    """A line of an action's history."""

    action_id: int
    at: datetime
    author: str
    what: str
    before: str = ""
    after: str = ""


def _history(municipality: Municipality, reader: Any) -> Iterator[_Deed]:
    for action in each(_own(municipality, reader).select_related("municipality")):
        for entry in reversed(history_of(action, reader)):
            yield from _deeds(action, entry)


def _deeds(action: LocalAction, entry: Entry) -> Iterator[_Deed]:
    for sentence in entry.sentences:
        yield _Deed(action.pk, entry.at, entry.author, sentence)
    for change in entry.changes:
        yield _Deed(action.pk, entry.at, entry.author, change.label, change.before, change.after)


HISTORY = Table(
    "lokale-indsatser-historik",
    "De lokale indsatsers historik",
    "En linje for hvert felt, der er ændret, og for hvert, der er tilføjet, fjernet, nået eller bekræftet.",
    (
        ACTION,
        moment("Tidspunkt", lambda row: row.at),
        Field("Af", lambda row: row.author),
        Field("Hvad", lambda row: row.what, "Det ændrede felt, eller det, der skete."),
        Field("Før", lambda row: row.before),
        Field("Efter", lambda row: row.after),
    ),
    _history,
    (LocalActionEvent, ActionRecommendationEvent, ActionGrantEvent, MilestoneEvent),
)

MILESTONES = Table(
    "milepaele",
    "De lokale indsatsers milepæle",
    "En linje for hver milepæl.",
    (
        ACTION,
        Field("Milepæl", lambda row: row.title),
        day("Dato", lambda row: row.due_on),
        day("Nået", lambda row: row.done_on),
    ),
    lambda municipality, reader: each(
        Milestone.objects.filter(action__in=_own(municipality, reader)).order_by("action", "due_on", "pk")
    ),
    (Milestone,),
)


def _cases(municipality: Municipality, reader: Any) -> Iterable[Any]:
    """Those that have been public; what KL is still writing is KL's."""
    rows = Case.objects.filter(from_action__in=_own(municipality, reader)).exclude(state=CaseState.DRAFT)
    return each(rows.order_by("pk"))


CASES = Table(
    "cases",
    "Cases, som KL har lavet af indsatserne",
    "En linje for hver indsats, der er eller har været publiceret i casebanken, med KL’s tekst.",
    (
        number("Indsats", lambda row: row.from_action_id, "Id i lokale-indsatser.csv."),
        Field("Titel", lambda row: row.title),
        Field("Tilstand", lambda row: row.get_state_display()),
        day("Publiceret", lambda row: row.published_on),
        day("Trukket tilbage", lambda row: row.withdrawn_on),
        Field("Problem", lambda row: row.problem),
        Field("Hvad der blev gjort", lambda row: row.what),
        Field("Målgruppe", lambda row: row.target_group),
        Field("Evidens", lambda row: row.get_evidence_display()),
        texts("Virkemidler", lambda row: row.mechanisms),
        Field("Resultater", lambda row: row.results),
    ),
    _cases,
    (Case,),
)

CASE_DECISIONS = Table(
    "case-afgoerelser",
    "KL’s svar på forslag til cases",
    "En linje for hver gang, KL har publiceret, sendt tilbage eller trukket tilbage.",
    (
        ACTION,
        Field("Afgørelse", lambda row: row.get_kind_display()),
        moment("Tidspunkt", lambda row: row.made_at),
        Field("Af", lambda row: KL),
        Field("Kommentar", lambda row: row.comment),
    ),
    lambda municipality, reader: each(
        CaseDecision.objects.filter(action__in=_own(municipality, reader)).order_by("pk")
    ),
    (CaseDecision,),
)
