"""One municipality in one round: its drafts, and the verbs by which it answers and KL replies."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone

from flere_haender.access import is_kl, is_kl_consultant, may_hand_in, may_record, membership_of
from flere_haender.days import today
from stakeholders.models import Municipality

from .draft import DraftAnswer, DraftChanged
from .plan import Recommendation
from .progress import Progress
from .rounds import EDITABLE, FARTHEST, HANDED_IN, ReportingRound, State
from .status_update import StatusUpdate
from .submission import COMMENT_LIMIT, Decision, Submission

if TYPE_CHECKING:
    from stakeholders.models import User


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def visible_to(self, user: Any) -> ParticipationQuerySet:
        """Drafts are the municipality's own and KL's."""
        membership = membership_of(user)
        if membership is None:
            return self.none()
        return self if is_kl(user) else self.filter(municipality=membership.municipality_id)

    def owing(self, *, on: date) -> ParticipationQuerySet:
        """Those that can still answer on that day."""
        running = Q(round__opened_at__isnull=False, round__closed_at=None, round__closes_on__gte=on)
        return self.filter(running | Q(due_on__gte=on), state__in=(*EDITABLE, State.WITH_LEADER))


class Participation(models.Model):
    """One municipality in one round. Its answers are drafts until they are handed in."""

    round = models.ForeignKey(
        ReportingRound, on_delete=models.PROTECT, related_name="participations", verbose_name="statusrunde"
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="participations", verbose_name="kommune"
    )
    state = models.CharField("tilstand", max_length=20, choices=State.choices, default=State.DRAFTING)
    due_on = models.DateField("egen frist", null=True, blank=True)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = "deltagelse i en runde"
        verbose_name_plural = "deltagelse i runder"
        ordering = ("round", "municipality__sort_order", "municipality__name")
        constraints = (
            models.UniqueConstraint(name="participation_one_per_round", fields=("round", "municipality")),
            models.CheckConstraint(name="participation_state_is_known", condition=Q(state__in=State.values)),
        )

    def __str__(self) -> str:
        return f"{self.municipality}, {self.round}"

    def get_absolute_url(self) -> str:
        return reverse("our_status", args=[self.municipality.code])

    @property
    def deadline(self) -> date:
        """The municipality's own deadline, or the round's."""
        return self.due_on or self.round.due_on

    @property
    def last_day(self) -> date:
        """The last day on which it can answer."""
        if not self.round.is_open:
            return self.due_on or self.round.closes_on
        return max(self.round.closes_on, self.due_on or self.round.closes_on)

    def takes_answers(self, *, on: date | None = None) -> bool:
        """Whether drafts can be changed and handed in."""
        return self.state in EDITABLE and self.is_running_on(on or today())

    @property
    def is_running(self) -> bool:
        return self.is_running_on(today())

    def is_running_on(self, day: date) -> bool:
        """Whether the municipality's time is not up."""
        return (self.due_on is not None and day <= self.due_on) or (self.round.is_open and day <= self.round.closes_on)

    @property
    def is_handed_in(self) -> bool:
        return self.state in HANDED_IN

    @property
    def effective_on(self) -> date:
        """The day from which answers handed in today hold: the round's status date, or today if that is earlier."""
        return min(today(), self.round.status_on)

    @property
    def known_before(self) -> datetime | None:
        """The moment just before the round's first handing-in; None while there is none."""
        first = self.submissions.order_by("number").first()
        return first.submitted_at - timedelta(microseconds=1) if first else None

    def before(self) -> dict[int, StatusUpdate]:
        """The answer of last time to each recommendation, by its id: what held before the round's first handing-in."""
        cells = Progress.objects.filter(municipality=self.municipality_id, recommendation__in=self.round.asked.all())
        rows = cells.with_status(as_of=self.effective_on, known_at=self.known_before).values_list(
            "current_id", flat=True
        )
        holding = StatusUpdate.objects.select_related("progress").in_bulk([pk for pk in rows if pk])
        return {row.progress.recommendation_id: row for row in holding.values()}

    def missing(self) -> list[Recommendation]:
        """The recommendations without a whole answer, in the plan's order."""
        answered = self.drafts.filter(is_complete=True).values("recommendation")
        return list(self.round.asked.exclude(pk__in=answered).order_by("number"))

    @property
    def draft_mark(self) -> int:
        """Rises with every draft that is saved: what somebody has looked through."""
        return self.drafts.aggregate(mark=Sum("version"))["mark"] or 0

    @property
    def decision_mark(self) -> int:
        """Rises with every handing-in and every decision: what somebody decides about."""
        return self.submissions.count() + self.decisions.count()

    # ------------------------------------------------------------- the municipality's verbs

    def _locked(self) -> Participation:
        rows = Participation.objects.select_for_update(of=("self",)).select_related("round", "municipality")
        return rows.get(pk=self.pk)

    def _locked_for_drafting(self, by: User) -> Participation:
        if not may_record(by, self.municipality_id):
            raise PermissionDenied
        here = self._locked()
        if not here.takes_answers():
            raise ValidationError(here.why_closed)
        return here

    @property
    def why_closed(self) -> str:
        if self.state == State.WITH_LEADER and self.is_running:
            return "Svarene ligger hos lederen. Tag dem tilbage, hvis I vil rette dem."
        if self.is_handed_in:
            return "Svarene er indsendt og låst. KL kan sende dem tilbage, hvis noget skal rettes."
        return "Runden er lukket. KL kan åbne den igen for jer."

    @transaction.atomic
    def draft(
        self, recommendation: Recommendation, *, by: User, seen: int = 0, origin: str = "", **content: Any
    ) -> DraftAnswer:
        """Keep what is typed for one recommendation; it need not be whole yet.

        Args:
            seen: the ``version`` of the draft when the form was shown, 0 when there was none.
            origin: an ``Origin``, when it was not typed in the form; it follows the answer to the log.
            content: ``status``, ``signal``, ``expected_on``, ``note``, ``internal_note``, and ``key_answers``: values
                by the slug of the question; a question that is not there is not touched.

        Raises:
            PermissionDenied: ``by`` may not write for the municipality.
            ValidationError: the round takes no answers, or a value is none, by field, in Danish.
            DraftChanged: something else has been saved since ``seen``, by a colleague or in another window.
        """
        here = self._locked_for_drafting(by)
        if not here.round.asked.filter(pk=recommendation.pk).exists():
            raise ValidationError(f"Runden spørger ikke om anbefaling {recommendation.number}.")
        draft = here.drafts.filter(recommendation=recommendation).first()
        typed = DraftAnswer(participation=here, recommendation=recommendation, origin=origin, **content)
        typed.tidy()
        if draft is not None and "key_answers" not in content:
            typed.key_answers = draft.key_answers
        if draft is None:
            draft = typed
        elif draft.repeats(typed):
            return draft
        elif draft.version != seen:
            raise DraftChanged(draft)
        if draft is typed and not typed.says_anything:
            return typed
        return draft.take(typed, by=by)

    @transaction.atomic
    def keep_unchanged(
        self, recommendations: Iterable[Recommendation], *, by: User, also_answered: bool = False
    ) -> list[DraftAnswer]:
        """Answer as last time; a note that has been typed goes along. Leaves alone what had no answer last time.

        Args:
            also_answered: also where another status is chosen by now.
        """
        here = self._locked_for_drafting(by)
        before = here.before()
        drafts = {draft.recommendation_id: draft for draft in here.drafts.all()}
        kept = []
        for each in recommendations:
            draft = drafts.get(each.pk)
            if each.pk in before and (also_answered or draft is None or not draft.status):
                content = before[each.pk].content | (draft.notes if draft else {})
                kept.append(here.draft(each, by=by, seen=draft.version if draft else 0, **content))
        return kept

    @transaction.atomic
    def send_to_leader(self, *, by: User) -> None:
        """The editor has answered everything; the leader hands it in. Lies it there already, it stays."""
        if may_record(by, self.municipality_id) and self._locked().state == State.WITH_LEADER:
            return
        here = self._locked_for_drafting(by)
        here._refuse_unless_whole()
        here._move(State.WITH_LEADER, Decision.Kind.SENT_TO_LEADER, by=by)

    @transaction.atomic
    def take_back(self, *, by: User, comment: str = "") -> None:
        """From the leader to the editor again; either of them may do it."""
        here = self._locked()
        if not (may_record(by, self.municipality_id) or may_hand_in(by, here.municipality)):
            raise PermissionDenied
        if here.state != State.WITH_LEADER:
            raise ValidationError("Svarene ligger ikke hos lederen.")
        returned = here.submissions.exists()
        here._move(State.RETURNED if returned else State.DRAFTING, Decision.Kind.TAKEN_BACK, by=by, comment=comment)

    @transaction.atomic
    def hand_in(self, *, by: User, seen: int | None = None) -> Submission:
        """Write all answers to the log, each naming its submission; from then on they are locked.

        Handing in again writes only what is changed, each as a correction of the earlier row. Handed in already:
        the submission that there is.

        Args:
            seen: ``draft_mark`` when the answers were looked through.

        Raises:
            PermissionDenied: ``by`` does not hand in for the municipality.
            ValidationError: an answer is missing, or the round takes none.
        """
        here = self._locked()
        if not may_hand_in(by, here.municipality):
            raise PermissionDenied
        last = here.submissions.first()
        if here.is_handed_in and last is not None:
            return last
        if not (here.state in (*EDITABLE, State.WITH_LEADER) and here.is_running):
            raise ValidationError(here.why_closed)
        here._refuse_unless_whole()
        if seen is not None and seen != here.draft_mark:
            raise ValidationError("Et svar er ændret, siden du så dem igennem. Se dem igennem igen.", code="changed")
        return here._write(by, last)

    def _refuse_unless_whole(self) -> None:
        if missing := self.missing():
            numbers = ", ".join(str(each.number) for each in missing)
            raise ValidationError(f"Der mangler {len(missing)} svar, før I kan indsende: {numbers}.")

    def _write(self, by: User, last: Submission | None) -> Submission:
        cells = Progress.objects.filter(municipality=self.municipality_id).select_for_update(of=("self",))
        cells = cells.select_related("recommendation", "municipality").order_by("pk")
        by_recommendation = {cell.recommendation_id: cell for cell in cells}
        earlier = last.answers() if last else {}
        membership = by.membership
        assert membership is not None  # may_hand_in
        submission = self.submissions.create(
            number=last.number + 1 if last else 1,
            submitted_at=timezone.now(),
            submitted_by=by,
            submitted_for=membership.municipality,
        )
        for draft in self.drafts.filter(recommendation__in=self.round.asked.all()).order_by("recommendation__number"):
            draft.write(by_recommendation[draft.recommendation_id], earlier.get(draft.recommendation_id), submission)
            draft.write_answers(self.municipality, submission)
        Participation.objects.filter(pk=self.pk).update(state=State.SUBMITTED)
        return submission

    # ------------------------------------------------------------- KL's verbs

    def _move(
        self,
        state: State,
        kind: Decision.Kind,
        *,
        by: User,
        comment: str = "",
        due_on: date | None = None,
        key: uuid.UUID | None = None,
    ) -> None:
        comment = comment.replace("\x00", "").strip()
        if len(comment) > COMMENT_LIMIT:
            raise ValidationError({"comment": f"Teksten er for lang. Skriv højst {COMMENT_LIMIT} tegn."})
        if kind in Decision.NEEDS_COMMENT and not comment:
            raise ValidationError({"comment": "Skriv, hvorfor."})
        if due_on is not None and due_on < today():
            raise ValidationError({"due_on": "Fristen kan ikke ligge før i dag."})
        if due_on is not None and due_on > today() + FARTHEST:
            raise ValidationError({"due_on": "Fristen kan højst ligge to år fremme."})
        changes: dict[str, Any] = {"state": state} | ({"due_on": due_on} if due_on else {})
        Participation.objects.filter(pk=self.pk).update(**changes)
        decision = self.decisions.create(
            kind=kind, made_at=timezone.now(), made_by=by, comment=comment, due_on=due_on, key=key
        )
        self.refresh_from_db(fields=list(changes))
        from initiatives.reminders import tell_of_decision  # which asks about participations

        tell_of_decision(decision)

    def _locked_for_kl(self, by: User, *states: State, else_say: str) -> Participation:
        if not is_kl_consultant(by):
            raise PermissionDenied
        here = self._locked()
        if here.state not in states:
            raise ValidationError(else_say)
        return here

    @transaction.atomic
    def accept(self, *, by: User) -> None:
        """KL's receipt. Changes no status."""
        if self._locked().state == State.ACCEPTED and is_kl_consultant(by):
            return
        here = self._locked_for_kl(by, State.SUBMITTED, else_say="Kun det, der er indsendt, kan godkendes.")
        here._move(State.ACCEPTED, Decision.Kind.ACCEPTED, by=by)

    @transaction.atomic
    def undo_acceptance(self, *, by: User, comment: str) -> None:
        here = self._locked_for_kl(by, State.ACCEPTED, else_say="Indberetningen er ikke godkendt.")
        here._move(State.SUBMITTED, Decision.Kind.ACCEPTANCE_UNDONE, by=by, comment=comment)

    @transaction.atomic
    def return_it(self, *, by: User, comment: str, due_on: date) -> None:
        """Send what was handed in back with a comment and a deadline of its own; the drafts are as handed in.

        Raises:
            PermissionDenied: ``by`` is not KL's consultant.
            ValidationError: nothing is handed in, the comment is empty, or the deadline is over.
        """
        here = self._locked_for_kl(by, *HANDED_IN, else_say="Kun det, der er indsendt, kan sendes tilbage.")
        here._move(State.RETURNED, Decision.Kind.RETURNED, by=by, comment=comment, due_on=due_on)

    @transaction.atomic
    def remind(self, *, by: User, comment: str = "", key: uuid.UUID | None = None) -> None:
        """Write to those who must act, with words of one's own; it stands in the history of the answer.

        Args:
            key: of the form. The same key again writes to nobody.
        """
        here = self._locked_for_kl(by, *EDITABLE, State.WITH_LEADER, else_say="Kommunen har indsendt.")
        if key and here.decisions.filter(key=key).exists():
            return
        if not here.is_running:
            raise ValidationError(here.why_closed)
        from initiatives.reminders import People  # which asks about participations

        if not People([here.municipality_id]).to_act(here):
            raise ValidationError("Der er ingen at skrive til, hverken en redaktør eller en postkasse.")
        here._move(State(here.state), Decision.Kind.REMINDED, by=by, comment=comment, key=key)

    @transaction.atomic
    def give_until(self, due_on: date, *, by: User, comment: str = "") -> None:
        """Give a municipality that has not handed in a deadline of its own, also after the round has closed."""
        say = "Svarene er indsendt. Send dem tilbage, hvis de skal rettes."
        here = self._locked_for_kl(by, *EDITABLE, State.WITH_LEADER, else_say=say)
        kind = Decision.Kind.EXTENDED if here.round.is_open else Decision.Kind.REOPENED
        here._move(State(here.state), kind, by=by, comment=comment, due_on=due_on)
