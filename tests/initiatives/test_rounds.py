"""Status rounds: drafts, handing in, returning, closing, and that the log agrees with what was handed in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, InternalError, connection, transaction

from flere_haender.access import Role
from flere_haender.days import today
from initiatives.models import DraftChanged, Participation, ReportingRound, State, StatusUpdate
from initiatives.models.rounds import tend_rounds
from stakeholders.models import Municipality, User
from tests.factories import (
    answer_all,
    cell_of,
    draft,
    make_round,
    make_user,
    participation_of,
    recommendation,
)

pytestmark = pytest.mark.django_db


def test_opening_asks_every_municipality_what_is_addressed_to_the_municipalities(korsbaek: Municipality) -> None:
    found = make_round()
    assert found.asked.count() == 20
    assert found.participations.count() == 99
    assert not found.participations.exclude(state=State.DRAFTING).exists()


def test_what_is_asked_is_fixed_when_the_round_opens(korsbaek: Municipality, hr: User) -> None:
    found = make_round()
    kommuner = recommendation(10).addressings.filter(actor__slug="kommuner").first().actor
    recommendation(10).address(kommuner, by=None, addressed=False, effective_on=today())
    assert found.asked.filter(number=10).exists()
    answer_all(participation_of(korsbaek), by=hr)
    assert participation_of(korsbaek).hand_in(by=hr).answers()[recommendation(10).pk].status == "planned"


def test_rounds_never_overlap() -> None:
    make_round(on=today())
    with pytest.raises(IntegrityError), transaction.atomic():
        make_round(on=today() + timedelta(days=26), opened=False)
    make_round(on=today() + timedelta(days=27), opened=False)


def test_a_draft_is_nobody_elses_and_not_in_the_log(
    korsbaek: Municipality, here: Participation, hr: User, nabo: User
) -> None:
    here.draft(recommendation(10), by=hr, status="completed", note="Kun vores")
    assert here.drafts.get().note == "Kun vores"
    assert not StatusUpdate.objects.filter(progress__municipality=korsbaek).exists()
    with pytest.raises(PermissionDenied):
        here.draft(recommendation(10), by=nabo, status="planned")
    assert not type(here).objects.visible_to(nabo).filter(municipality=korsbaek).exists()
    assert type(here).objects.visible_to(hr).get() == here


def test_what_is_not_whole_is_kept_and_does_not_count(here: Participation, hr: User) -> None:
    draft = here.draft(recommendation(25), by=hr, status="not_relevant")
    assert draft.lacks == {"note": "Skriv, hvorfor anbefaling 25 ikke er relevant hos jer."}
    assert len(here.missing()) == 20
    here.draft(recommendation(25), by=hr, status="not_relevant", note="Vi har ingen", seen=draft.version)
    assert len(here.missing()) == 19


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"status": "done"}, "status"),
        ({"status": "completed", "signal": "green"}, "signal"),
        ({"status": "planned", "signal": "blue"}, "signal"),
        ({"status": "planned", "note": "x" * 4001}, "note"),
        ({"status": "completed", "expected_on": date(2027, 1, 1)}, "expected_on"),
    ],
)
def test_a_value_that_is_none_is_refused(korsbaek: Municipality, hr: User, content: dict, field: str) -> None:
    make_round()
    with pytest.raises(ValidationError) as refusal:
        participation_of(korsbaek).draft(recommendation(10), by=hr, **content)
    assert list(refusal.value.message_dict) == [field]


def test_a_colleagues_draft_is_not_overwritten_in_silence(korsbaek: Municipality, hr: User) -> None:
    make_round()
    colleague = make_user(Role.EDITOR, korsbaek)
    here = participation_of(korsbaek)
    first = here.draft(recommendation(10), by=hr, status="planned")
    second = here.draft(recommendation(10), by=colleague, seen=first.version, status="completed")
    with pytest.raises(DraftChanged) as changed:
        here.draft(recommendation(10), by=hr, seen=first.version, status="on_hold")
    assert changed.value.draft.status == "completed"
    assert here.draft(recommendation(10), by=hr, seen=second.version, status="on_hold").status == "on_hold"


def test_the_same_typed_twice_is_written_once(here: Participation, hr: User) -> None:
    first = here.draft(recommendation(10), by=hr, status="planned")
    again = here.draft(recommendation(10), by=hr, status="planned")
    assert (again.pk, again.version) == (first.pk, first.version)


def test_unchanged_repeats_the_last_answer_and_is_a_confirmation_when_handed_in(
    korsbaek: Municipality, hr: User
) -> None:
    before = cell_of(10, korsbaek).record("in_progress", signal="yellow", note="Som før", by=hr)
    make_round()
    here = participation_of(korsbaek)
    kept = here.keep_unchanged(here.missing(), by=hr)
    assert [draft.recommendation.number for draft in kept] == [10]
    assert kept[0].content == before.content
    answer_all(here, by=hr)
    row = here.hand_in(by=hr).answers()[recommendation(10).pk]
    assert (row.confirms, row.content) == (before, before.content)


def test_handing_in_writes_everything_at_one_moment_and_locks(korsbaek: Municipality, hr: User) -> None:
    found = make_round(status_on=today() - timedelta(days=3))
    here = participation_of(korsbaek)
    with pytest.raises(ValidationError, match="Der mangler 20 svar"):
        here.hand_in(by=hr)
    answer_all(here, by=hr)
    submission = here.hand_in(by=hr)
    rows = StatusUpdate.objects.filter(submission=submission)
    assert rows.count() == 20
    assert set(rows.values_list("effective_on", "recorded_at")) == {(found.status_on, submission.submitted_at)}
    with pytest.raises(ValidationError, match="indsendt og låst"):
        here.draft(recommendation(10), by=hr, status="completed")
    assert here.hand_in(by=hr) == submission


def test_the_leader_hands_in_where_the_municipality_has_chosen_that(
    korsbaek: Municipality, hr: User, leder: User
) -> None:
    make_round()
    Municipality.objects.filter(pk=korsbaek.pk).update(leader_hands_in=True)
    here = participation_of(korsbaek)
    answer_all(here, by=hr)
    with pytest.raises(PermissionDenied):
        here.hand_in(by=hr)
    here.send_to_leader(by=hr)
    with pytest.raises(ValidationError, match="hos lederen"):
        here.draft(recommendation(10), by=hr, status="completed")
    here.take_back(by=leder, comment="Se på 10 igen")
    here.draft(recommendation(10), by=hr, seen=1, status="completed")
    here.send_to_leader(by=hr)
    submission = here.hand_in(by=leder)
    row = submission.answers()[recommendation(10).pk]
    assert (row.status, row.recorded_by, row.recorded_for) == ("completed", leder, korsbaek)


def test_a_leader_does_not_hand_in_unless_chosen(korsbaek: Municipality, hr: User, leder: User) -> None:
    make_round()
    answer_all(participation_of(korsbaek), by=hr)
    with pytest.raises(PermissionDenied):
        participation_of(korsbaek).hand_in(by=leder)


def test_returned_and_handed_in_again_only_what_is_changed_is_written_as_a_correction(
    here: Participation, hr: User, konsulent: User
) -> None:
    answer_all(here, by=hr)
    first = here.hand_in(by=hr)
    here.return_it(by=konsulent, comment="Se på 10", due_on=today() + timedelta(days=40))
    here.refresh_from_db()
    assert (here.state, here.last_day) == (State.RETURNED, today() + timedelta(days=40))
    here.draft(recommendation(10), by=hr, seen=1, status="completed")
    second = here.hand_in(by=hr)
    written = StatusUpdate.objects.filter(submission=second).get()
    assert written.corrects == first.answers()[recommendation(10).pk]
    assert written.note == "Rettet i indberetning nr. 2."
    assert [s.number for s in here.submissions.all()] == [2, 1]
    assert len(second.answers()) == 20


def test_what_was_recorded_outside_the_round_stands_when_the_answer_is_not_changed(
    korsbaek: Municipality, here: Participation, hr: User, konsulent: User
) -> None:
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    outside = cell_of(10, korsbaek).record("completed", by=hr)
    here.return_it(by=konsulent, comment="Se på 11", due_on=today())
    draft(here, recommendation(11), by=hr, status="on_hold")
    second = here.hand_in(by=hr)
    assert [row.progress.recommendation.number for row in StatusUpdate.objects.filter(submission=second)] == [11]
    assert cell_of(10, korsbaek).updates.standing(as_of=today()).first() == outside


def test_an_answer_without_a_note_is_corrected_once(here: Participation, hr: User, konsulent: User) -> None:
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    for status in ("completed", "completed"):
        here.return_it(by=konsulent, comment="Igen", due_on=today())
        draft(here, recommendation(10), by=hr, status=status)
        last = here.hand_in(by=hr)
    assert (last.number, StatusUpdate.objects.filter(submission=last).count()) == (3, 0)


def test_what_has_changed_since_it_was_looked_through_is_not_handed_in(here: Participation, hr: User) -> None:
    answer_all(here, by=hr)
    seen = here.draft_mark
    draft(here, recommendation(10), by=hr, status="completed")
    with pytest.raises(ValidationError, match="Et svar er ændret"):
        here.hand_in(by=hr, seen=seen)
    assert here.hand_in(by=hr, seen=here.draft_mark).number == 1


def test_a_deadline_in_another_age_is_refused(korsbaek: Municipality, konsulent: User) -> None:
    make_round()
    with pytest.raises(ValidationError, match="højst ligge to år fremme"):
        participation_of(korsbaek).give_until(date(9999, 12, 31), by=konsulent)


def test_only_kl_accepts_returns_and_gives_time(here: Participation, hr: User, laeser: User) -> None:
    for by in (hr, laeser):
        with pytest.raises(PermissionDenied):
            here.give_until(today(), by=by)
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    for by in (hr, laeser):
        with pytest.raises(PermissionDenied):
            here.accept(by=by)
        with pytest.raises(PermissionDenied):
            here.return_it(by=by, comment="x", due_on=today())


def test_accepting_is_a_receipt_that_can_be_undone_with_a_reason(
    here: Participation, hr: User, konsulent: User
) -> None:
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    rows = StatusUpdate.objects.count()
    here.accept(by=konsulent)
    here.accept(by=konsulent)
    with pytest.raises(ValidationError, match="Skriv, hvorfor"):
        here.undo_acceptance(by=konsulent, comment=" ")
    here.undo_acceptance(by=konsulent, comment="For hurtigt")
    here.refresh_from_db()
    assert (here.state, StatusUpdate.objects.count()) == (State.SUBMITTED, rows)
    assert [d.kind for d in here.decisions.all()] == ["acceptance_undone", "accepted"]


def test_a_round_that_closes_freezes_until_kl_opens_it_for_a_municipality(
    korsbaek: Municipality, hr: User, konsulent: User
) -> None:
    found = make_round()
    here = participation_of(korsbaek)
    here.draft(recommendation(10), by=hr, status="planned")
    with time_machine.travel(found.closes_on + timedelta(days=1)):
        tend_rounds()
        found.refresh_from_db()
        assert found.closed_at is not None
        with pytest.raises(ValidationError, match="Runden er lukket"):
            here.draft(recommendation(11), by=hr, status="planned")
        here.give_until(today() + timedelta(days=3), by=konsulent)
        assert here.drafts.get().status == "planned"
        answer_all(here, by=hr)
        assert here.hand_in(by=hr).number == 1
    assert not participation_of(Municipality.objects.get(code=787)).takes_answers()


def test_on_the_last_day_one_can_answer_and_on_the_next_one_cannot_whether_the_worker_ran_or_not(
    korsbaek: Municipality, hr: User
) -> None:
    found = make_round()
    here = participation_of(korsbaek)
    with time_machine.travel(found.closes_on):
        here.draft(recommendation(10), by=hr, status="planned")
    with time_machine.travel(found.closes_on + timedelta(days=1)), pytest.raises(ValidationError, match="lukket"):
        here.draft(recommendation(11), by=hr, status="planned")


def test_the_worker_opens_on_the_day(korsbaek: Municipality) -> None:
    found = make_round(on=today() + timedelta(days=2), opened=False)
    tend_rounds()
    assert not ReportingRound.objects.open().exists()
    with time_machine.travel(found.opens_on):
        tend_rounds()
        assert ReportingRound.objects.open().get() == found


def test_an_answer_given_outside_the_round_changes_no_submission(
    korsbaek: Municipality, here: Participation, hr: User
) -> None:
    answer_all(here, by=hr)
    submission = here.hand_in(by=hr)
    cell_of(10, korsbaek).record("completed", by=hr)
    assert submission.answers()[recommendation(10).pk].status == "planned"


@pytest.mark.parametrize("table", ["initiatives_submission", "initiatives_decision"])
def test_submissions_and_decisions_are_never_changed(
    here: Participation, hr: User, konsulent: User, table: str
) -> None:
    answer_all(here, by=hr)
    here.hand_in(by=hr)
    here.accept(by=konsulent)
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_kl_hands_in_on_behalf_and_both_are_kept(here: Participation, konsulent: User) -> None:
    answer_all(here, by=konsulent)
    submission = here.hand_in(by=konsulent)
    row = submission.answers()[recommendation(10).pk]
    assert submission.organisation == row.organisation == "KL på vegne af Korsbæk Kommune"
