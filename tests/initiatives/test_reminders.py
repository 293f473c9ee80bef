"""E-mails about rounds: who gets which, on which day, and never twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from flere_haender.access import Role
from flere_haender.days import DANISH_TIME
from initiatives.chores import remind
from initiatives.models import Participation, ReportingRound
from initiatives.reminders import day_of, due_reminders, is_working_day
from stakeholders.letters import written
from stakeholders.models import Message, Municipality, User
from tests.factories import answer_all, make_round, make_user, participation_of, recommendation

pytestmark = pytest.mark.django_db

OPENED = date(2026, 11, 2)
DUE = date(2026, 12, 4)


def at(day: date, hour: int = 10) -> time_machine.travel:
    return time_machine.travel(datetime(day.year, day.month, day.day, hour, tzinfo=DANISH_TIME), tick=True)


@pytest.fixture
def found(korsbaek: Municipality, hr: User, leder: User) -> ReportingRound:
    with at(OPENED):
        return make_round(name="Efteråret 2026", due_on=DUE, closes_on=DUE + timedelta(days=14))


def queued(occasion: str) -> list[User | Municipality | None]:
    return [message.recipient or message.mailbox_of for message in Message.objects.filter(occasion=occasion)]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 12, 4), True),
        (date(2026, 12, 5), False),  # Saturday
        (date(2026, 5, 14), False),  # Kristi himmelfartsdag
        (date(2026, 5, 1), False),  # 1 May, Grundlovsdag and Christmas Eve are taken off by agreement
        (date(2026, 12, 24), False),
        (date(2024, 4, 26), True),  # store bededag is a working day from 2024
        (date(2023, 5, 5), False),
    ],
)
def test_working_days(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_before_the_deadline_rather_earlier_and_after_it_rather_later() -> None:
    friday = date(2026, 12, 4)
    assert day_of(-14, friday) == date(2026, 11, 20)
    assert day_of(-3, friday) == date(2026, 12, 1)
    assert day_of(1, friday) == date(2026, 12, 7)
    assert day_of(-3, date(2026, 12, 28)) == date(2026, 12, 23)
    assert day_of(1, date(2026, 12, 23)) == date(2026, 12, 28)


def test_opening_tells_the_editors(found: ReportingRound, hr: User) -> None:
    assert queued("round_opened") == [hr]


def test_the_reminders_of_a_whole_round(found: ReportingRound, hr: User, leder: User) -> None:
    sent = []
    for offset in range(60):
        day = OPENED + timedelta(days=offset)
        with at(day):
            before = Message.objects.count()
            remind()
            remind()
            sent += [(day, m.recipient) for m in Message.objects.order_by("pk")[before:]]
    assert sent == [
        (date(2026, 11, 20), hr),
        (date(2026, 12, 1), hr),
        (date(2026, 12, 7), hr),
        (date(2026, 12, 7), leder),
        (date(2026, 12, 11), hr),
        (date(2026, 12, 11), leder),
        (date(2026, 12, 18), hr),
        (date(2026, 12, 18), leder),
    ]


def test_nobody_is_reminded_at_night_or_after_handing_in(
    found: ReportingRound, korsbaek: Municipality, hr: User
) -> None:
    with at(date(2026, 12, 1), hour=6):
        remind()
        assert queued("reminder") == []
    with at(date(2026, 12, 1)):
        answer_all(participation_of(korsbaek), by=hr)
        participation_of(korsbaek).hand_in(by=hr)
        remind()
        assert queued("reminder") == []


def test_the_leader_is_reminded_where_it_lies_with_the_leader(
    found: ReportingRound, korsbaek: Municipality, hr: User, leder: User
) -> None:
    Municipality.objects.filter(pk=korsbaek.pk).update(leader_hands_in=True)
    with at(date(2026, 11, 30)):
        answer_all(participation_of(korsbaek), by=hr)
        participation_of(korsbaek).send_to_leader(by=hr)
        assert queued("with_leader") == [leder]
    with at(date(2026, 12, 1)):
        remind()
        assert queued("reminder") == [leder]


def test_the_mailbox_is_written_to_where_there_is_nobody(
    found: ReportingRound, korsbaek: Municipality, hr: User
) -> None:
    Municipality.objects.filter(pk=korsbaek.pk).update(unit_mailbox="hr@korsbaek.example")
    hr.memberships.update(ended_on=OPENED + timedelta(days=700))
    with at(date(2026, 12, 1)):
        remind()
    assert queued("reminder") == [korsbaek]


def test_a_worker_that_slept_sends_it_the_next_day_and_not_weeks_later(found: ReportingRound, hr: User) -> None:
    with at(date(2026, 11, 23)):  # the Monday after the Friday
        assert [r.to for r in due_reminders(date(2026, 11, 23))] == []
    with at(date(2026, 12, 2)):
        assert [r.to for r in due_reminders(date(2026, 12, 2))] == [hr]


def test_one_letter_a_person_lists_everything_that_is_owed(
    found: ReportingRound, korsbaek: Municipality, hr: User, konsulent: User
) -> None:
    first = participation_of(korsbaek)
    with at(DUE + timedelta(days=15)):
        found.close(by=konsulent)
        first.give_until(date(2027, 2, 15), by=konsulent)
    with at(date(2027, 1, 11)):
        make_round(name="Foråret 2027", due_on=date(2027, 2, 15), closes_on=date(2027, 3, 1))
    with at(date(2027, 2, 12)):
        remind()
        remind()
        message = Message.objects.get(occasion="reminder")
        mail = written(message)
        assert message.recipient == hr
        assert "Efteråret 2026: 0 af 20 besvaret" in mail.body
        assert "Foråret 2027: 0 af 20 besvaret" in mail.body
        assert f"/kommuner/999/status/?runde={first.round_id}" in mail.body


def test_a_letter_that_has_no_purpose_any_more_is_not_written(
    found: ReportingRound, korsbaek: Municipality, hr: User
) -> None:
    with at(date(2026, 12, 1)):
        remind()
        message = Message.objects.get(occasion="reminder")
        assert written(message) is not None
        answer_all(participation_of(korsbaek), by=hr)
        participation_of(korsbaek).hand_in(by=hr)
        assert written(message) is None


def test_what_kl_says_is_told_with_its_comment(
    found: ReportingRound, korsbaek: Municipality, hr: User, konsulent: User
) -> None:
    here: Participation = participation_of(korsbaek)
    with at(date(2026, 11, 25)):
        answer_all(here, by=hr)
        here.hand_in(by=hr)
        here.return_it(by=konsulent, comment="Hvad med <10>?", due_on=date(2026, 12, 9))
        mail = written(Message.objects.get(occasion="returned", recipient=hr))
        html = mail.alternatives[0][0]
        assert "Hvad med <10>?" in mail.body
        assert "Hvad med &lt;10&gt;?" in html
        assert "onsdag den 9. december 2026" in mail.body
        here.draft(recommendation(10), by=hr, seen=1, status="completed")
        here.hand_in(by=hr)
        here.accept(by=konsulent)
        assert "godkendt" in written(Message.objects.get(occasion="accepted")).body
        assert written(Message.objects.get(occasion="returned")) is None


def test_names_and_addresses_are_not_kept_in_the_outbox(found: ReportingRound, hr: User) -> None:
    message = Message.objects.get(occasion="round_opened")
    kept = f"{message.about} {message.key} {message.error}"
    assert hr.email not in kept
    assert hr.name not in kept


def test_the_command_shows_what_would_go_out_and_queues_nothing(found: ReportingRound, hr: User) -> None:
    with at(date(2026, 11, 22)):
        out = StringIO()
        call_command("send_reminders", "--dry-run", "--at", "2026-12-01", stdout=out)
        assert "Hanne Lund, Korsbæk Kommune: Efteråret 2026, frist 04.12.2026, 3 dage før" in out.getvalue()
        assert "1 påmindelser ville blive sat i kø (01.12.2026)." in out.getvalue()
        assert queued("reminder") == []
        with pytest.raises(CommandError, match="dry-run"):
            call_command("send_reminders", "--at", "2026-12-01")


def test_reminders_cost_the_same_however_many(found: ReportingRound, django_assert_max_num_queries: object) -> None:
    for municipality in Municipality.objects.real()[:30]:
        make_user(Role.EDITOR, municipality)
    with at(date(2026, 12, 1)), django_assert_max_num_queries(3):
        assert len(due_reminders(date(2026, 12, 1))) == 31
