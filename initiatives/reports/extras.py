"""What a report can hold beside the statuses: local actions and key questions, as they were at the moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Max

from flere_haender.days import end_of_day
from initiatives.history import Cell
from initiatives.key_answers import Distribution, answers_of, distributions_of
from initiatives.kinds import said
from initiatives.models import (
    ActionRecommendationEvent,
    KeyAnswer,
    LocalAction,
    LocalActionEvent,
    Recommendation,
    ReportingRound,
)
from initiatives.models.plan import in_order
from initiatives.moment import Moment
from initiatives.phases import Visibility
from stakeholders.models import Municipality

from .parts import Actions, Answers, KnownEvents, PlacedActions, ReportAction, ReportAnswer
from .words import breakable


def recordings(contents: Collection[str], moment: Moment, *, rounds: bool) -> list[datetime | None]:
    """When what these contents rest on was last recorded, as known then."""
    found: list[datetime | None] = []
    if Actions.content in contents:
        for events in (LocalActionEvent.objects.all(), ActionRecommendationEvent.objects.all()):
            events = events.filter(pgh_created_at__lte=last_moment(moment))
            found.append(events.aggregate(last=Max("pgh_created_at"))["last"])
    if rounds and KnownEvents.content in contents:
        for field in ("opened_at", "closed_at"):
            past = ReportingRound.objects.filter(**{f"{field}__lte": last_moment(moment)})
            found.append(past.aggregate(last=Max(field))["last"])
    if Answers.content in contents:
        answers = KeyAnswer.objects.deciding(as_of=moment.as_of, known_at=moment.known_at)
        found.append(answers.aggregate(last=Max("recorded_at"))["last"])
    return found


def last_moment(moment: Moment) -> datetime:
    """Until when the edit history and the rounds are read: they have no day of their own from which they hold."""
    end = end_of_day(moment.as_of)
    return min(moment.known_at, end) if moment.known_at else end


def actions_of(municipality: Municipality, moment: Moment) -> Actions:
    return Actions(_actions([municipality], moment))


def actions_in(
    places: Iterable[Municipality], moment: Moment, *, about: Recommendation | None = None
) -> PlacedActions:
    """The shared actions of several municipalities; of one recommendation, when it is given."""
    rows = _actions(places, moment)
    return PlacedActions(tuple(row for row in rows if about is None or about.slug in row.numbers))


def _actions(places: Iterable[Municipality], moment: Moment) -> tuple[ReportAction, ...]:
    """What was shared then and is shared now, as it was then, in the order of the municipalities."""
    names = {place.pk: place.name for place in places}
    shared = LocalAction.objects.shared().filter(municipality__in=names).values("pk")
    events = LocalActionEvent.objects.filter(pgh_created_at__lte=last_moment(moment), pgh_obj_id__in=shared)
    then = {event.pgh_obj_id: event for event in events.order_by("pgh_id")}
    numbers = _numbers(then, moment)
    found = [event for event in then.values() if event.visibility != Visibility.DRAFT]
    order = list(names)
    found.sort(key=lambda event: (order.index(event.municipality_id), event.title, event.pgh_obj_id))
    return tuple(
        ReportAction(
            names[event.municipality_id],
            breakable(event.title),
            str(event.get_phase_display()),
            tuple(in_order(numbers[event.pgh_obj_id])),
            event.starts_on,
            event.ends_on,
            breakable(event.what),
        )
        for event in found
    )


def _numbers(actions: Iterable[int], moment: Moment) -> dict[int, set[Recommendation]]:
    """The recommendations that each action was about then."""
    events = ActionRecommendationEvent.objects.filter(
        action__in=list(actions), pgh_created_at__lte=last_moment(moment)
    )
    about: dict[int, set[Recommendation]] = defaultdict(set)
    for event in events.select_related("recommendation").order_by("pgh_id"):
        change = about[event.action_id].discard if event.pgh_label == "delete" else about[event.action_id].add
        change(event.recommendation)
    return about


def municipal_answers(municipality: Municipality, cells: list[Cell], moment: Moment) -> Answers | None:
    """Its answers to the questions that it is asked; nothing where none are."""
    found = answers_of(municipality, moment, recommendations=[cell.recommendation for cell in cells])
    rows = tuple(
        ReportAnswer(
            cell.recommendation.number,
            each.question.text,
            breakable(said(each.question, each.value)) or "Ikke besvaret",
        )
        for cell in cells
        for each in found.get(cell.recommendation.pk, [])
    )
    if not rows:
        return None
    answered = sum(row.answer != "Ikke besvaret" for row in rows)
    return Answers(f"{answered} af {len(rows)} nøglespørgsmål er besvaret", "", rows)


def answers_together(recommendations: Iterable[Any], moment: Moment) -> Answers | None:
    """What the real municipalities answer, all together: public, and names no one."""
    found = distributions_of(recommendations, moment)
    rows = tuple(_together(each) for each in found)
    if not rows:
        return None
    explanation = "Det er kommunernes egne svar. Procenten er af dem, der har svaret."
    return Answers("Det svarer kommunerne på nøglespørgsmålene", explanation, rows)


def _together(found: Distribution) -> ReportAnswer:
    parts = [] if found.question.kind in ("number", "link") or not found.answered else found.parts
    details = "; ".join(f"{part.label}: {part.stated}" for part in parts)
    number = found.question.recommendation.number
    return ReportAnswer(number, found.question.text, found.heading, details or found.range)
