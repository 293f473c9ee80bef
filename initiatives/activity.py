"""Who did what: the log of statuses, the edit history of local actions, what was handed in and what became a case.

A query over what is kept anyway, not a table. Each part says which of its rows a reader may see, and turns some of
them into deeds; the list itself is a union of the moments, so that a page costs the same however long it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import CharField, Count, F, QuerySet, Value

from flere_haender.access import is_member, sees_inside
from flere_haender.days import danish_day
from stakeholders.models import KL, Municipality, User

from .action_history import author_of, differences, user_id_of
from .feed import Deed, followed_by, status_deeds
from .models import (
    CaseDecision,
    LocalAction,
    LocalActionEvent,
    Participation,
    Recommendation,
    StatusUpdate,
    Submission,
)
from .phases import Visibility

STATUS, ACTION, SUBMISSION, CASE = "status", "indsats", "indberetning", "case"
CASE_IS = {CaseDecision.Kind.PUBLISHED: "Publiceret som case", CaseDecision.Kind.WITHDRAWN: "Trukket tilbage af KL"}


@dataclass(frozen=True)
class Chosen:
    """What a reader wants to see; None and empty is everything."""

    kind: str = ""
    recommendation: Recommendation | None = None
    municipality: Municipality | None = None

    def narrowed(self, rows: Any, *, recommendation: str, municipality: str) -> Any:
        """The rows of the choice; each name is the path to what is chosen."""
        chosen = {recommendation: self.recommendation, municipality: self.municipality}
        return rows.filter(**{path: wanted for path, wanted in chosen.items() if path and wanted is not None})


@dataclass(frozen=True)
class Part:
    """A part of the list.

    Args:
        rows: those that a reader may see and has chosen, annotated with ``at``.
        deeds: what was done, by the id of the row; a fixed number of queries.
    """

    label: str
    rows: Callable[[Any, Chosen], Any]
    deeds: Callable[[Iterable[int], Any], Mapping[int, Deed]]


def _statuses(reader: Any, chosen: Chosen) -> Any:
    """What was handed in stands under its handing-in, unless one asks for statuses."""
    rows = followed_by(reader).statuses
    if chosen.kind != STATUS and chosen.recommendation is None:
        rows = rows.filter(submission=None)
    rows = chosen.narrowed(rows, recommendation="progress__recommendation", municipality="progress__municipality")
    return rows.annotate(at=F("recorded_at"))


def _action_events(reader: Any, chosen: Chosen) -> Any:
    """What was done to the actions that are shared, while they were: never a draft, not even one's own."""
    actions = LocalAction.objects.visible_to(reader).shared()
    actions = chosen.narrowed(actions, recommendation="recommendations", municipality="municipality")
    events = LocalActionEvent.objects.filter(pgh_obj__in=actions).exclude(visibility=Visibility.DRAFT)
    return events.annotate(at=F("touched_at"))


def _action_deeds(keys: Iterable[int], reader: Any) -> dict[int, Deed]:
    wanted = set(keys)
    actions = LocalActionEvent.objects.filter(pk__in=wanted).values("pgh_obj")
    related = ("pgh_context", "pgh_obj__municipality", "challenge", "builds_on")
    events = LocalActionEvent.objects.filter(pgh_obj__in=actions).exclude(visibility=Visibility.DRAFT)
    events = list(events.select_related(*related).order_by("pgh_id"))
    users = User.objects.in_bulk({user_id_of(event) for event in events} - {None})
    shown: dict[int, Any] = {}
    found = {}
    for event in events:
        if event.pk in wanted:
            found[event.pk] = _action_deed(event, shown.get(event.pgh_obj_id), users, reader)
        shown[event.pgh_obj_id] = event
    return found


def _action_deed(event: Any, before: Any, users: dict[int, User], reader: Any) -> Deed:
    action = event.pgh_obj
    return Deed(
        key=f"indsats-{event.pk}",
        at=event.touched_at,
        title=event.title,
        url=action.get_absolute_url(),
        place=action.municipality.marked_name,
        author=author_of(action, event, users, reader),
        sentences=_done(event, before),
    )


def _done(event: Any, before: Any) -> tuple[str, ...]:
    """In words what was done, by what others had seen of it before."""
    if before is None:
        return (f"Lokal indsats: {event.get_visibility_display()}",)
    if before.version == event.version:
        return ("Lokal indsats: Stadig aktuel",)
    changes = differences(before, event)
    if not changes:
        return ("Lokal indsats: Anbefalinger, tilskud eller milepæle er ændret",)
    return tuple(f"{one.label} er ændret" if one.is_long else str(one) for one in changes)


def _submissions(reader: Any, chosen: Chosen) -> Any:
    """The own municipality's and, for KL, everybody's. They are about no single recommendation."""
    rows = Submission.objects.filter(participation__in=Participation.objects.visible_to(reader))
    rows = rows.none() if chosen.recommendation else rows
    rows = chosen.narrowed(rows, recommendation="", municipality="participation__municipality")
    return rows.annotate(at=F("submitted_at"))


def _submission_deeds(keys: Iterable[int], reader: Any) -> dict[int, Deed]:
    related = ("participation__round", "participation__municipality", "submitted_by", "submitted_for")
    found = Submission.objects.select_related(*related).in_bulk(list(keys))
    answers = StatusUpdate.objects.filter(submission__in=found).order_by().values("submission")
    counts = dict(answers.annotate(count=Count("pk")).values_list("submission", "count"))
    return {key: _submission_deed(row, counts.get(key, 0), reader) for key, row in found.items()}


def _submission_deed(row: Submission, count: int, reader: Any) -> Deed:
    part = row.participation
    name = f"{row.submitted_by.name}, " if sees_inside(reader, row.submitted_for_id) else ""
    what = "Svar indsendt" if row.number == 1 else f"Indsendt igen, nr. {row.number}"
    written = f"{count} {'svar' if row.number == 1 else 'rettelser' if count != 1 else 'rettelse'}"
    return Deed(
        key=f"indberetning-{row.pk}",
        at=row.submitted_at,
        title=f"{what}: {part.round}",
        url=f"{part.get_absolute_url()}?runde={part.round_id}",
        place=part.municipality.marked_name,
        author=f"{name}{row.organisation}",
        sentences=(written,),
    )


def case_decisions(reader: Any, chosen: Chosen) -> Any:
    """What anybody can see of them: published and withdrawn. The fictional municipality's are for members."""
    rows = CaseDecision.objects.filter(kind__in=CASE_IS)
    if not is_member(reader):
        rows = rows.filter(action__municipality__is_fictional=False)
    rows = chosen.narrowed(
        rows, recommendation="action__case__related__recommendation", municipality="action__municipality"
    )
    return rows.annotate(at=F("made_at"))


def case_deeds(keys: Iterable[int], reader: Any) -> dict[int, Deed]:
    found = CaseDecision.objects.select_related("action__municipality", "action__case", "made_by").in_bulk(list(keys))
    return {key: _case_deed(row, reader) for key, row in found.items()}


def _case_deed(row: CaseDecision, reader: Any) -> Deed:
    """A case that has been withdrawn is not named any more."""
    case, name = row.action.case, f"{row.made_by.name}, " if sees_inside(reader, None) else ""
    return Deed(
        key=f"case-{row.pk}",
        at=row.made_at,
        title=case.title if case.is_published else "En case",
        url=case.get_absolute_url(),
        place=row.action.municipality.marked_name,
        author=f"{name}{KL}",
        sentences=(CASE_IS[CaseDecision.Kind(row.kind)],),
    )


PARTS: dict[str, Part] = {
    STATUS: Part("Status", _statuses, status_deeds),
    ACTION: Part("Lokal indsats", _action_events, _action_deeds),
    SUBMISSION: Part("Indberetning", _submissions, _submission_deeds),
    CASE: Part("Case", case_decisions, case_deeds),
}


def activity(reader: Any, chosen: Chosen) -> QuerySet[Any]:
    """What has been done, the newest first: ``(at, part, id)``."""
    wanted = [chosen.kind] if chosen.kind else list(PARTS)
    rows = [
        PARTS[name]
        .rows(reader, chosen)
        .order_by()
        .annotate(part=Value(name, output_field=CharField()))
        .values_list("at", "part", "pk")
        for name in wanted
    ]
    return rows[0].union(*rows[1:], all=True).order_by("-at", "part", "-pk")


@dataclass(frozen=True)
class Day:
    day: date
    deeds: list[Deed]


def by_day(rows: Iterable[tuple[datetime, str, int]], reader: Any) -> list[Day]:
    """A page of ``activity`` as deeds, day by day; the number of queries does not depend on how many."""
    rows = list(rows)
    keys: dict[str, list[int]] = defaultdict(list)
    for _, part, key in rows:
        keys[part].append(key)
    told = {part: PARTS[part].deeds(those, reader) for part, those in keys.items()}
    deeds = [told[part][key] for _, part, key in rows]
    return [Day(day, list(those)) for day, those in groupby(deeds, key=lambda deed: danish_day(deed.at))]
