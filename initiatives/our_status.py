"""*Vores status*: what a municipality is asked in a round, what it said last time and what it has typed now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flere_haender.access import is_kl, may_hand_in, may_record
from flere_haender.days import today
from flere_haender.prepared import prepared
from stakeholders.models import KL, Municipality

from .answers import CellGroup, group_by_theme
from .boxes import Asked, Box
from .history import Cell, Line, mark_named, with_history
from .key_answers import asked_and_held
from .models import (
    Decision,
    DraftAnswer,
    Participation,
    Progress,
    Recommendation,
    State,
    StatusUpdate,
    Submission,
)
from .moment import Moment


@dataclass(frozen=True)
class Step:
    """Something that happened to a municipality's answer: handed in, sent back, accepted…"""

    when: datetime
    what: str
    who: str
    comment: str = ""
    due_on: date | None = None
    kind: str = ""


class HowFar:
    """How far a municipality is with its answer to a round, for one reader. Few queries.

    Args:
        texts: recommendations with today's texts that the caller has; the others that the round asks about are got.
    """

    def __init__(self, participation: Participation, reader: Any, texts: Iterable[Recommendation] = ()) -> None:
        self.participation = participation
        self.round = participation.round
        self.municipality = participation.municipality
        self.reader = reader
        self.texts = {found.pk: found for found in texts}

    @cached_property
    def boxes(self) -> Sequence[Asked]:
        return [Asked(found, self._drafts.get(found.pk)) for found in self._asked()]

    def _asked(self) -> list[Recommendation]:
        numbers = _asked_ids(round=self.round.pk) if self.texts else []
        if not (numbers and all(number in self.texts for number in numbers)):
            return _asked(as_of=today(), round=self.round.pk)
        return [self.texts[number] for number in numbers]

    @cached_property
    def _drafts(self) -> dict[int, DraftAnswer]:
        """By the id of the recommendation."""
        return {draft.recommendation_id: draft for draft in _drafts(participation=self.participation.pk)}

    @property
    def url(self) -> str:
        return self.participation.get_absolute_url()

    @cached_property
    def is_writer(self) -> bool:
        """Whether the reader types answers here."""
        return may_record(self.reader, self.municipality.pk)

    @cached_property
    def is_hander_in(self) -> bool:
        """Whether the reader is who hands in here."""
        return may_hand_in(self.reader, self.municipality)

    @property
    def may_write(self) -> bool:
        return self.is_writer and self.participation.takes_answers()

    @property
    def themes(self) -> list[CellGroup]:
        return group_by_theme(self.boxes)

    @property
    def answered(self) -> int:
        return sum(box.answer is not None for box in self.boxes)

    @property
    def missing(self) -> list[Asked]:
        return [box for box in self.boxes if box.answer is None]

    @property
    def latest(self) -> DraftAnswer | None:
        """What was saved last, by whomever."""
        drafts = [box.draft for box in self.boxes if box.draft]
        return max(drafts, key=lambda draft: draft.updated_at, default=None)

    @property
    def latest_by(self) -> str:
        return self.latest.updated_by.shown_to(self.reader) if self.latest else ""

    @property
    def goes_to_leader(self) -> bool:
        """Whether the reader sends it to the leader rather than handing it in."""
        return self.may_write and not self.is_hander_in

    @property
    def may_hand_in(self) -> bool:
        here = self.participation
        ready = here.takes_answers() or (here.state == State.WITH_LEADER and here.is_running)
        return ready and self.is_hander_in


class Page(HowFar):
    """All of it: what is asked, what was said last time, what is typed. Few queries, however much is asked."""

    @cached_property
    def boxes(self) -> list[Box]:
        before = Moment(as_of=self.participation.effective_on, known_at=self.participation.known_before)
        outside = self._outside() if before.known_at else {}
        boxes = [
            Box(cell.recommendation, self._drafts.get(key), cell, outside.get(key))
            for cell in self._cells(before)
            for key in [cell.recommendation.pk]
        ]
        moment = Moment(as_of=self.participation.effective_on)
        asked, held = asked_and_held(self.municipality, moment, [box.recommendation for box in boxes])
        for box in boxes:
            box.questions = asked.get(box.recommendation.pk, [])
            box.held = {question.slug: held[question.slug] for question in box.questions if question.slug in held}
            box.reader = self.reader
            if box.draft:
                box.draft.recommendation = box.recommendation
        return boxes

    def _outside(self) -> dict[int, Line]:
        """What holds now and is not an answer to this round, by the recommendation's id."""
        cells = Progress.objects.filter(municipality=self.municipality, recommendation__in=self.round.asked.all())
        holding = cells.with_status(as_of=today()).values_list("current_id", flat=True)
        rows = StatusUpdate.objects.filter(pk__in=[pk for pk in holding if pk])
        rows = rows.exclude(submission__participation=self.participation)
        named = ("progress__recommendation", "recorded_by", "recorded_for", "on_behalf_of", "corrects")
        return {row.progress.recommendation_id: Line.of(row, self.reader) for row in rows.select_related(*named)}

    def _cells(self, before: Moment) -> list[Cell]:
        """What was said before this round's first handing-in."""
        texts = {found.pk: found for found in _asked(as_of=today(), round=self.round.pk)}
        cells = Progress.objects.filter(municipality=self.municipality, recommendation__in=texts)
        rows = list(cells.order_by("recommendation__number"))
        for row in rows:
            row.recommendation, row.municipality = texts[row.recommendation_id], self.municipality
        found = with_history(rows, moment=before, reader=self.reader, shown=0)
        mark_named(found, as_of=today())
        return found

    def __iter__(self) -> Iterator[Box]:
        return iter(self.boxes)

    def box(self, number: int) -> Box | None:
        return next((box for box in self.boxes if box.number == number), None)

    def open(self, *, everything: bool = False) -> None:
        """Show the form of what has no whole answer, or of everything."""
        for box in self.boxes:
            if self.may_write and box.form is None and (everything or box.answer is None):
                box.open()

    @property
    def on_behalf_of(self) -> Municipality | None:
        return self.municipality if is_kl(self.reader) else None

    @property
    def unchanged_left(self) -> list[Box]:
        """What nobody has begun to answer otherwise, but was answered last time."""
        left = [box for box in self.boxes if box.answer is None and box.last is not None]
        return [box for box in left if not (box.draft and box.draft.status)]

    @property
    def changed(self) -> list[Box]:
        """What is answered otherwise than last time."""
        return [box for box in self.boxes if box.answer is not None and not box.is_unchanged]

    @cached_property
    def history(self) -> list[Step]:
        """What has been handed in and decided, the newest first."""
        here = self.participation
        steps = [self._handed_in(each) for each in here.submissions.select_related("submitted_by", "submitted_for")]
        steps += [self._decided(each) for each in here.decisions.select_related("made_by")]
        return sorted(steps, key=lambda step: step.when, reverse=True)

    def _handed_in(self, each: Submission) -> Step:
        name = each.submitted_by.shown_to(self.reader)
        who = name if each.submitted_for else f"{name}, {each.organisation}" if name != KL else each.organisation
        return Step(each.submitted_at, f"Indberetning nr. {each.number}", who)

    def _decided(self, each: Decision) -> Step:
        who = each.made_by.shown_to(self.reader)
        return Step(each.made_at, each.get_kind_display(), who, each.comment, each.due_on, each.kind)

    @property
    def has_handed_in(self) -> bool:
        return self.participation.submissions.exists()

    @property
    def returned(self) -> Step | None:
        """KL's comment, while the answers are sent back."""
        return self._newest(Decision.Kind.RETURNED) if self.participation.state == State.RETURNED else None

    @property
    def sent_back(self) -> Step | None:
        """The leader's comment, while the editor corrects."""
        step = self._newest(Decision.Kind.TAKEN_BACK, Decision.Kind.SENT_TO_LEADER)
        is_back = step is not None and step.kind == Decision.Kind.TAKEN_BACK and bool(step.comment)
        return step if is_back and self.participation.takes_answers() else None

    def _newest(self, *kinds: str) -> Step | None:
        return next((step for step in self.history if step.kind in kinds), None)

    @property
    def may_take_back(self) -> bool:
        return self.participation.state == State.WITH_LEADER and (self.is_writer or self.is_hander_in)


@prepared
def _drafts(*, participation: int) -> Any:
    return DraftAnswer.objects.filter(participation=participation).select_related("updated_by")


@prepared
def _asked_ids(*, round: int) -> Any:
    return Recommendation.objects.filter(rounds=round).order_by("number").values_list("pk", flat=True)


@prepared
def _asked(*, as_of: date, round: int) -> Any:
    """What a round asks about, with today's texts."""
    return Recommendation.objects.with_text(as_of=as_of).filter(rounds=round).order_by("number")


def pick(participations: Any, *, on: date) -> Participation | None:
    """The one to show first: what can be answered, the soonest deadline first; else the newest."""
    rows = list(participations.select_related("round", "municipality").order_by("-round__opens_on"))
    running = [row for row in rows if row.is_running_on(on) and not row.is_handed_in]
    return min(running, key=lambda row: row.deadline) if running else next(iter(rows), None)
