"""The outbox: what is queued is sent once, by a real mail server's leave, and nothing is lost or hidden."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from flere_haender.background import look_soon
from stakeholders import letters, texts
from stakeholders.chores import send_due
from stakeholders.models import Installation, Message, Municipality, User
from stakeholders.models.outbox import PAUSES, State
from tests.factories import PASSWORD, AsUser, make_user
from tests.mailserver import MailServer, mail_server

pytestmark = pytest.mark.django_db

OCCASION = "password_reset"


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 1
        yield running


@pytest.fixture
def message(hr: User) -> Message:
    return queue(hr)


def queue(to: User | Municipality, key: str = "en") -> Message:
    return Message.queue(OCCASION, to=to, about={}, key=key)


def look(message: Message) -> Message:
    """What it has become after a worker has looked."""
    send_due()
    message.refresh_from_db()
    return message


def be_due(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(due_at=timezone.now())


def test_it_is_sent_in_text_and_html_with_an_id_of_its_own(server: MailServer, message: Message, hr: User) -> None:
    assert look(message).state == State.SENT
    assert message.sent_at and message.attempts == 1 and message.lease_until is None
    [mail] = server.accepted
    assert server.recipients == [hr.email]
    assert mail["Message-ID"] == message.message_id
    assert mail["Subject"] == "Flere hænder: Ny adgangskode"
    text, html = (mail.get_body([kind]).get_content() for kind in ("plain", "html"))
    assert "/konto/adgangskode/ny/" in text and 'href="http://127.0.0.1:8000/konto/adgangskode/ny/' in html
    assert "Hej Hanne Lund" in text and '<html lang="da">' in html and "style" not in html
    assert "Demodata" not in text + html


def test_in_a_demo_database_it_says_so(server: MailServer, message: Message) -> None:
    Installation.become_demo()
    look(message)
    for part in server.accepted[0].iter_parts():
        assert "Demodata: opdigtede tal" in part.get_content()


def test_sent_once_is_sent(server: MailServer, message: Message) -> None:
    for _ in range(3):
        look(message)
    assert len(server.accepted) == 1


def test_the_same_key_queues_once(server: MailServer, hr: User, nabo: User) -> None:
    assert queue(hr, "nøgle") == queue(nabo, "nøgle")
    assert Message.objects.get().recipient == hr


def test_what_is_rolled_back_is_not_sent(server: MailServer, hr: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue(hr)
        raise ZeroDivisionError
    send_due()
    assert not Message.objects.exists() and not server.accepted


def test_a_worker_is_told_when_it_is_committed(
    hr: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        queue(hr)
        assert not DBTaskResult.objects.exists()
    [task] = DBTaskResult.objects.all()
    assert task.args_kwargs == {"args": ["outbox"], "kwargs": {}}


def test_when_nobody_can_be_told_the_message_is_there_all_the_same(
    hr: User,
    server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    def fail(name: str) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr("flere_haender.background._enqueue", fail)
    with django_capture_on_commit_callbacks() as callbacks:
        message = queue(hr)
    with pytest.raises(DatabaseError):  # what Django's `robust` logs
        callbacks[0]()
    assert look(message).state == State.SENT


def test_a_mailbox(server: MailServer, korsbaek: Municipality, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((letters, "_writers"), (texts, "_texts")):  # what is registered here is for this test alone
        monkeypatch.setattr(module, name, dict(getattr(module, name)))
    letters.letter("prøve", "Prøve", subject="Prøve", body="Prøve")(lambda message: {})
    korsbaek.unit_mailbox = "sosu@korsbaek.example"
    korsbaek.save()
    sent = Message.queue("prøve", to=korsbaek, about={}, key="en")
    assert look(sent).state == State.SENT
    assert server.recipients == ["sosu@korsbaek.example"]
    korsbaek.unit_mailbox = ""
    korsbaek.save()
    dropped = Message.queue("prøve", to=korsbaek, about={}, key="to")
    assert (look(dropped).state, dropped.error) == (State.DROPPED, "Modtageren har ingen adresse.")


@pytest.mark.parametrize("how", ["anonymised", "blocked"])
def test_nobody_writes_to_who_is_gone(server: MailServer, message: Message, hr: User, how: str) -> None:
    if how == "anonymised":
        hr.anonymise(by=make_user(is_superuser=True))
    else:
        User.objects.filter(pk=hr.pk).update(is_active=False)
    assert look(message).state == State.DROPPED
    assert server.tried == 0


def test_a_letter_without_purpose_is_dropped(
    server: MailServer, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(letters._writers, OCCASION, lambda message: None)
    assert (look(message).state, message.error) == (State.DROPPED, "Ikke længere aktuel.")
    assert server.tried == 0


def test_a_refused_recipient_is_given_up_at_once_and_loudly(
    server: MailServer, message: Message, hr: User, caplog: pytest.LogCaptureFixture
) -> None:
    server.recipient = f"550 <{hr.email}> findes ikke"
    assert look(message).state == State.GIVEN_UP
    assert "550" in message.error
    [said] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "550" in said.getMessage()
    assert hr.email not in message.error + said.getMessage()
    server.recipient = "250 OK"
    assert look(message).state == State.GIVEN_UP


def test_a_refused_text_is_given_up_at_once(server: MailServer, message: Message) -> None:
    server.data = "554 ligner reklame"
    assert look(message).state == State.GIVEN_UP


@pytest.mark.parametrize("behaviour", ["defers", "hangs", "dies", "defers the text"])
def test_it_is_tried_again_after_growing_pauses_and_then_given_up(
    server: MailServer, message: Message, behaviour: str, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.1
    if behaviour == "defers":
        server.recipient = "450 senere"
    else:
        server.data = {"hangs": "hang", "dies": "die", "defers the text": "451 senere"}[behaviour]
    pauses = []
    while look(message).state == State.QUEUED:
        pauses.append(timedelta(seconds=round((message.due_at - timezone.now()).total_seconds())))
        assert message.error and message.attempts == len(pauses)
        tried = server.tried
        send_due()
        assert server.tried == tried  # not before its time
        be_due(message)
    assert pauses == PAUSES == sorted(PAUSES)
    assert message.state == State.GIVEN_UP and message.error
    assert [record.levelname for record in caplog.records if "given up" in record.getMessage()] == ["ERROR"]
    assert not server.accepted


@pytest.mark.parametrize("behaviour", ["hang", "die"])
def test_a_server_that_is_well_again_gets_everything_once(server: MailServer, hr: User, behaviour: str) -> None:
    waiting = [queue(hr, key) for key in "abc"]
    server.data = behaviour
    send_due()
    assert server.tried == 1  # a sick server is not tried with all of them
    server.data = "250 OK"
    for message in waiting:
        be_due(message)
        look(message)
    assert [mail["Message-ID"] for mail in server.accepted] == [message.message_id for message in waiting]


def test_without_a_server_nothing_is_lost_and_nothing_given_up(server: MailServer, hr: User) -> None:
    first, second = queue(hr, "a"), queue(hr, "b")
    server.stop()
    for _ in range(len(PAUSES) + 3):
        be_due(first)
        assert look(first).state == State.QUEUED
    second.refresh_from_db()
    assert first.error.startswith("ConnectionRefusedError") and first.attempts == second.attempts == 0
    assert timezone.now() < second.due_at < timezone.now() + timedelta(minutes=2)
    server.start()
    for message in (first, second):
        be_due(message)
        assert look(message).state == State.SENT
    assert len(server.accepted) == 2


def test_a_writer_that_fails_keeps_nobody_else_back(
    server: MailServer, message: Message, hr: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(message: Message) -> None:
        raise ValueError(f"kan ikke skrive til {hr.email}")

    monkeypatch.setitem(letters._writers, "fejler", fail)
    failing = Message.queue("fejler", to=hr, about={}, key="to")
    unknown = Message.queue("ukendt", to=hr, about={}, key="tre")
    assert look(message).state == State.SENT
    for other in (failing, unknown):
        other.refresh_from_db()
        assert (other.state, other.attempts) == (State.QUEUED, 1)
    assert failing.error == "ValueError: kan ikke skrive til …"
    assert "KeyError" in unknown.error


def test_a_message_that_a_worker_took_is_left_to_it_until_the_lease_is_out(
    server: MailServer, message: Message
) -> None:
    taken = Message.objects.claim()
    assert taken == message
    assert look(message).state == State.SENDING
    Message.objects.update(lease_until=timezone.now())
    assert look(message).state == State.SENT
    taken.wait("for sent")  # the first worker wakes up, and has lost it
    message.refresh_from_db()
    assert message.state == State.SENT


def test_a_message_that_kills_its_workers_is_given_up(server: MailServer, message: Message) -> None:
    for _ in range(len(PAUSES) + 1):
        assert Message.objects.claim() == message
        Message.objects.update(lease_until=timezone.now())
    assert (look(message).state, message.error) == (State.GIVEN_UP, "Sendingen blev afbrudt for mange gange.")
    assert server.tried == 0


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": None},
        {"state": State.SENT},
        {"state": State.SENDING},
        {"lease_until": timezone.now()},
        {"sent_at": timezone.now()},
    ],
)
def test_the_database_knows_the_rules(message: Message, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(**change)


def test_the_admin_shows_it_and_sends_it_again(
    server: MailServer, message: Message, konsulent: User, as_user: AsUser
) -> None:
    server.recipient = "550 nej"
    look(message)
    page = "/admin/stakeholders/message/"
    client = as_user(konsulent)
    shown = client.get(page, {"state__exact": "given_up"}).content.decode()
    assert "550" in shown and "Hanne Lund" in shown and "Opgivet" in shown
    assert client.get(f"{page}{message.pk}/change/").status_code == 200
    assert client.get(f"{page}add/").status_code == 403
    server.recipient = "250 OK"
    client.post(page, {"action": "send_again", "_selected_action": [message.pk]})
    assert look(message).state == State.SENT
    client.post(page, {"action": "send_again", "_selected_action": [message.pk]})
    assert look(message).state == State.SENT and len(server.accepted) == 1


def test_the_admin_calls_letters_by_their_titles(message: Message, hr: User, konsulent: User, as_user: AsUser) -> None:
    nudge = Message.queue("nudge", to=hr, about={}, key="to")
    title = letters.title_of("nudge")
    assert title != "nudge" and letters.title_of("of_old") == "of_old"
    page, client = "/admin/stakeholders/message/", as_user(konsulent)
    shown = client.get(page).content.decode()
    assert f'<td class="field-letter">{title}</td>' in shown and f'<a href="?occasion=nudge">{title}</a>' in shown
    assert list(client.get(page, {"occasion": "nudge"}).context["cl"].result_list) == [nudge]
    one = client.get(f"{page}{nudge.pk}/change/").content.decode()
    assert title in one and ">nudge<" not in one


def test_a_forgotten_password(server: MailServer, hr: User, gaest: Client) -> None:
    """The link is made when the letter is sent; the outbox holds neither it nor an address."""
    assert gaest.post("/konto/adgangskode/glemt/", {"email": hr.email}).status_code == 302
    message = Message.objects.get()
    assert (message.recipient, message.about) == (hr, {})
    assert look(message).state == State.SENT
    text = server.accepted[0].get_body(["plain"]).get_content()
    [link] = [line for line in text.splitlines() if "/konto/" in line]
    form = gaest.get(link.removeprefix("http://127.0.0.1:8000"), follow=True)
    new = {"password1": f"{PASSWORD}-ny", "password2": f"{PASSWORD}-ny"}
    assert gaest.post(form.redirect_chain[-1][0], new).status_code == 302
    hr.refresh_from_db()
    assert hr.check_password(f"{PASSWORD}-ny")


def test_a_forgotten_password_of_nobody_looks_the_same(server: MailServer, gaest: Client) -> None:
    response = gaest.post("/konto/adgangskode/glemt/", {"email": "ingen@example.org"})
    assert (response.status_code, response["Location"]) == (302, "/konto/adgangskode/glemt/sendt/")
    assert not Message.objects.exists()


def test_a_worker_is_asked_once_for_all_that_is_written_together(
    db: None, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as asked:
        for _ in range(3):
            with transaction.atomic():
                look_soon("outbox")
        look_soon("outbox")
        look_soon("rounds")
    assert len(asked) == 2


def test_a_worker_is_asked_although_the_first_who_asked_takes_it_back(
    db: None, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as asked:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            look_soon("outbox")
            raise ZeroDivisionError
        look_soon("outbox")
    assert len(asked) == 1
