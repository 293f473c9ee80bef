"""Accounts that nobody uses: warned twice, closed, and opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from flere_haender.access import Role
from stakeholders.letters import written
from stakeholders.models import AccessEntry, Installation, Invitation, Membership, Message, Municipality, User
from stakeholders.models.closing import close, open_again, tend_unused_accounts
from tests.factories import PASSWORD, AsUser, make_user, moment

pytestmark = pytest.mark.django_db

Travel = Callable[[str], None]
USED = moment("2026-01-15 10:00")


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Go to a day, do what the worker does, and have the mail server take what there is to send."""

    def go(day: str) -> None:
        now = moment(f"{day} 09:00")
        monkeypatch.setattr(timezone, "now", lambda: now)
        tend_unused_accounts()
        tend_unused_accounts()
        Message.objects.waiting().update(state="sent", sent_at=now, lease_until=None)

    return go


@pytest.fixture(autouse=True)
def nobody_else() -> None:
    User.objects.update(last_login=moment("2030-01-01 10:00"))


@pytest.fixture
def quiet(hr: User, leder: User, konsulent: User) -> User:
    """An editor who was here last on 15 January 2026; the others are here all the time."""
    User.objects.update(last_login=moment("2030-01-01 10:00"))
    User.objects.filter(pk=hr.pk).update(last_login=USED, date_joined=USED)
    return hr


def warnings(user: User) -> list[datetime]:
    found = Message.objects.filter(recipient=user, occasion="account_unused").order_by("pk")
    return [message.sent_at.date().isoformat() for message in found if message.sent_at]


def is_open(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_active


def test_warned_twice_then_closed(quiet: User, travel: Travel, korsbaek: Municipality) -> None:
    travel("2026-12-15")
    assert warnings(quiet) == []
    for day in ("2026-12-16", "2027-01-07", "2027-01-08", "2027-01-14"):
        travel(day)
    assert warnings(quiet) == ["2026-12-16", "2027-01-08"]
    assert is_open(quiet)
    travel("2027-01-15")
    assert not is_open(quiet)
    row = AccessEntry.objects.get(kind="account_closed")
    assert (row.by, row.about_user, row.municipality) == (None, quiet, korsbaek)
    travel("2027-01-16")
    assert AccessEntry.objects.filter(kind="account_closed").count() == 1


def test_who_signs_in_keeps_the_account_and_is_not_written_to(quiet: User, travel: Travel) -> None:
    travel("2026-12-16")
    message = Message.objects.get()
    letter = written(message)
    assert letter is not None
    assert "Din konto lukkes fredag den 15. januar 2027" in letter.subject
    User.objects.filter(pk=quiet.pk).update(last_login=moment("2026-12-20 10:00"))
    message.refresh_from_db()
    assert written(Message.objects.select_related("recipient").get()) is None
    for day in ("2027-01-08", "2027-01-15", "2027-06-01"):
        travel(day)
    assert is_open(quiet)
    assert warnings(quiet) == ["2026-12-16"]


def test_nobody_is_closed_unwarned(quiet: User, travel: Travel) -> None:
    """The worker was away for half a year: the warnings come first."""
    for day in ("2027-07-01", "2027-07-20", "2027-07-24", "2027-07-30"):
        travel(day)
        assert is_open(quiet)
    assert warnings(quiet) == ["2027-07-01", "2027-07-24"]
    travel("2027-07-31")
    assert not is_open(quiet)


def test_nobody_is_closed_while_the_warning_waits(quiet: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in ("2026-12-16", "2027-01-08", "2027-01-15", "2027-03-01"):
        monkeypatch.setattr(timezone, "now", lambda day=day: moment(f"{day} 09:00"))
        tend_unused_accounts()
    assert Message.objects.count() == 1
    assert is_open(quiet)


def test_a_closed_account_gets_a_polite_page(quiet: User, gaest: Client) -> None:
    User.objects.filter(pk=quiet.pk).update(is_active=False, closed_at=USED)
    response = gaest.post("/konto/login/", {"login": quiet.email, "password": PASSWORD}, follow=True)
    page = response.content.decode()
    assert "Din konto er lukket" in page and "eller når KL spærrer den" in page
    assert not response.wsgi_request.user.is_authenticated


@pytest.mark.parametrize("state", ["given_up", "dropped"])
@pytest.mark.parametrize("number", [1, 2])
def test_nobody_is_closed_whom_no_warning_reached(quiet: User, travel: Travel, state: str, number: int) -> None:
    for day in ("2026-12-16", "2027-01-08", "2027-01-15", "2027-03-01"):
        Message.objects.filter(about__number=number).update(state=state, sent_at=None)
        travel(day)
        Message.objects.filter(about__number=number).update(state=state, sent_at=None)
    assert is_open(quiet)


def closed_after_all(travel: Travel, unused: User) -> QuerySet[Message]:
    """Everybody else is here all the time; this one is closed. Returns what was told of it."""
    User.objects.exclude(pk=unused.pk).update(last_login=moment("2030-01-01 10:00"))
    User.objects.filter(pk=unused.pk).update(last_login=USED, date_joined=USED)
    for day in ("2026-12-16", "2027-01-08", "2027-01-15", "2027-01-16"):
        travel(day)
    assert not is_open(unused)
    return (
        Message.objects.filter(occasion="last_of_role_closed").order_by("recipient__name").select_related("recipient")
    )


def test_the_last_editor_is_told_of(
    hr: User, leder: User, konsulent: User, nabo: User, laeser: User, travel: Travel
) -> None:
    told = closed_after_all(travel, hr)
    assert {message.recipient for message in told} == {leder, konsulent}
    letter = written(told.get(recipient=konsulent))
    assert letter is not None
    assert "Korsbæk Kommune har ingen kommunal redaktør" in letter.subject
    assert "Kommunen har så ingen redaktør" in letter.body
    assert "/brugere/?kommune=999" in letter.body


@pytest.mark.parametrize("hands_in", [True, False])
def test_the_last_leader_is_told_of_where_the_leader_hands_in(
    hr: User, leder: User, konsulent: User, korsbaek: Municipality, travel: Travel, hands_in: bool
) -> None:
    Municipality.objects.filter(pk=korsbaek.pk).update(leader_hands_in=hands_in)
    told = closed_after_all(travel, leder)
    assert [message.recipient for message in told] == ([konsulent] if hands_in else [])
    for message in told:
        letter = written(message)
        assert letter is not None and "Kommunen har så ingen leder" in letter.body


def test_of_the_last_consultant_the_superusers_are_told(
    konsulent: User, leder: User, laeser: User, travel: Travel
) -> None:
    boss = make_user(is_superuser=True)
    [message] = closed_after_all(travel, konsulent)
    letter = written(message)
    assert message.recipient == boss
    assert letter is not None and "KL har så ingen konsulent" in letter.body
    assert f"/admin/stakeholders/user/?id={konsulent.pk}" in letter.body
    User.objects.filter(pk=konsulent.pk).update(is_active=True)
    assert written(message) is None


def test_the_last_consultant_stays_when_there_is_nobody_to_tell(konsulent: User, leder: User) -> None:
    long_ago = moment("2020-01-01 10:00")
    User.objects.filter(pk=konsulent.pk).update(last_login=long_ago, date_joined=long_ago)
    assert close(konsulent.pk) is False
    make_user(is_superuser=True)
    assert close(konsulent.pk) is True


def test_one_of_two_editors_is_nobodys_business(quiet: User, korsbaek: Municipality, travel: Travel) -> None:
    make_user(Role.EDITOR, korsbaek, last_login=moment("2030-01-01 10:00"))
    for day in ("2026-12-16", "2027-01-08", "2027-01-15"):
        travel(day)
    assert not is_open(quiet)
    assert not Message.objects.filter(occasion="last_of_role_closed").exists()


def test_the_last_superuser_stays(travel: Travel) -> None:
    first, last = (make_user(is_superuser=True, last_login=USED, date_joined=USED) for _ in range(2))
    for day in ("2026-12-16", "2027-01-08", "2027-01-15", "2027-01-16"):
        travel(day)
    assert (is_open(first), is_open(last)) == (False, True)


def test_who_is_no_member_is_left_alone(travel: Travel, settings: Any) -> None:
    make_user(date_joined=USED)
    travel("2027-06-01")
    assert not Message.objects.exists()


def test_never_in_a_demo_database_or_when_switched_off(quiet: User, travel: Travel, settings: Any) -> None:
    settings.ACCOUNT_UNUSED_MONTHS = 0
    travel("2027-06-01")
    settings.ACCOUNT_UNUSED_MONTHS = 12
    Installation.become_demo()
    travel("2027-06-02")
    assert not Message.objects.exists()


def test_a_sign_in_at_the_last_moment_wins(quiet: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment("2027-01-15 09:00"))
    User.objects.filter(pk=quiet.pk).update(last_login=moment("2027-01-15 08:59"))
    assert close(quiet.pk) is False
    assert is_open(quiet)


def test_a_leader_opens_it_again(as_user: AsUser, quiet: User, leder: User, nabo: User, travel: Travel) -> None:
    membership = Membership.objects.get(user=quiet)
    User.objects.filter(pk=quiet.pk).update(is_active=False, closed_at=USED)
    client, url = as_user(leder), f"/brugere/{membership.pk}/aabn/"
    page = client.get("/brugere/").content.decode()
    assert "Lukket 15.01.2026" in page
    assert url in page
    assert as_user(nabo).post(url).status_code == 404
    with pytest.raises(PermissionDenied):
        open_again(membership, by=nabo)
    for _ in range(2):
        assert client.post(url).status_code == 302
    assert is_open(quiet)
    opened = AccessEntry.objects.filter(kind="account_opened")
    assert [(row.by, row.about_user) for row in opened] == [(leder, quiet)]
    travel(timezone.now().date().isoformat())
    assert is_open(quiet)
    assert warnings(quiet) == []


def test_a_blocked_user_is_not_opened_by_a_leader(quiet: User, leder: User) -> None:
    User.objects.filter(pk=quiet.pk).update(is_active=False)
    assert open_again(Membership.objects.get(user=quiet), by=leder) is False
    assert not is_open(quiet)


def test_a_closed_user_is_not_invited_but_opened(as_user: AsUser, quiet: User, leder: User, konsulent: User) -> None:
    User.objects.filter(pk=quiet.pk).update(is_active=False, closed_at=USED)
    fields = {"email": quiet.email, "role": "editor", "key": "7b3c1c52-3d0b-4b5c-9d55-0e7a0e0a1a11"}
    response = as_user(leder).post("/brugere/inviter/", fields)
    assert response.status_code == 422
    assert "Åbn den igen fra listen" in response.content.decode()
    assert not Invitation.objects.exists()
    listed = as_user(konsulent).get("/brugere/", {"tilstand": "closed"}).content.decode()
    assert quiet.email in listed
    assert quiet.email not in as_user(konsulent).get("/brugere/", {"tilstand": "active"}).content.decode()


def test_the_day_counts_from_the_sending(quiet: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail server was away for a week: the letter names a day that holds."""
    monkeypatch.setattr(timezone, "now", lambda: moment("2026-12-16 09:00"))
    tend_unused_accounts()
    later = moment("2026-12-16 09:00") + timedelta(days=7)
    monkeypatch.setattr(timezone, "now", lambda: later)
    letter = written(Message.objects.get())
    assert letter is not None
    assert "22. januar 2027" in letter.subject
