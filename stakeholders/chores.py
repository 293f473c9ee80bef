"""What the worker looks after in WHO: it sends the outbox, and forgets what is to be kept no longer."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection

from flere_haender.background import AWAY, every_minute, shift

from .letters import written
from .models import AccessEntry, Message
from .models.closing import tend_unused_accounts
from .models.outbox import LONGEST_ERROR, OUTBOX, PAUSES, State
from .sessions import SessionStore

logger = logging.getLogger(__name__)


class NoMailServer(Exception):
    """There is none to talk to: nothing is wrong with the message."""


@every_minute(OUTBOX)
def send_due() -> None:
    """Send what is due, one by one. When there is no mail server the rest waits a minute."""
    while not shift.over:
        message = Message.objects.claim()
        if message is None or not send(message):
            return


@every_minute("unused accounts")
def tend_accounts() -> None:
    tend_unused_accounts()


@every_minute("access log")
def forget_access() -> None:
    """What is too old in the access log is kept no longer."""
    AccessEntry.objects.forget_expired()


@every_minute("sessions")
def forget_sessions() -> None:
    """Sessions that have ended are nobody's any more."""
    SessionStore.clear_expired()


@every_minute("cache")
def forget_cached() -> None:
    """Attempts that are no longer counted, with the addresses they came from, and files that were read in."""
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < now()")


def send(message: Message) -> bool:
    """Send a claimed message, or write down why not. False when the mail server is away or silent.

    It is marked as sent when the mail server has accepted it. A process killed in between sends it once more when
    the lease is out, with the same Message-ID.
    """
    if message.attempts > len(PAUSES) + 1:
        give_up(message, "Sendingen blev afbrudt for mange gange.")
        return True
    try:
        mail = written(message) if message.address else None
    except Exception as error:
        logger.exception("E-mail %s (%s) cannot be written", message.pk, message.occasion)
        put_off(message, error)
        return True
    if mail is None:
        message.drop("Ikke længere aktuel." if message.address else "Modtageren har ingen adresse.")
        return True
    return deliver(message, mail)


def deliver(message: Message, mail: EmailMultiAlternatives) -> bool:
    try:
        hand_over(mail)
    except NoMailServer as error:
        logger.warning("No mail server: %s", error)
        message.wait(str(error), counted=False)
    except Exception as error:
        give_up(message, in_short(error)) if is_final(error) else put_off(message, error)
        if is_answer(error):
            return True
    else:
        write_down(message.be_sent)
        return True
    Message.objects.wait_for_server()
    return False


def hand_over(mail: EmailMultiAlternatives) -> None:
    """Give it to the mail server, on a connection of its own: what breaks it is this e-mail's doing.

    Raises NoMailServer, or what the server or the network answers.
    """
    server = get_connection()
    try:
        server.open()
    except OSError as error:  # smtplib's errors are such
        raise NoMailServer(in_short(error)) from error
    try:
        server.send_messages([mail])
    finally:
        server.close()


def is_final(error: Exception) -> bool:
    """The server refuses the recipient or the e-mail for good (5xx)."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code >= 500


def is_answer(error: Exception) -> bool:
    """The server has spoken, rather than being silent or gone; or the fault is not the server's."""
    return isinstance(error, SMTPRecipientsRefused | SMTPResponseException) or not isinstance(error, OSError)


def put_off(message: Message, error: Exception) -> None:
    message.wait(in_short(error))
    if message.state == State.GIVEN_UP:
        tell(message)


def give_up(message: Message, error: str) -> None:
    message.give_up(error)
    tell(message)


def tell(message: Message) -> None:
    logger.error("E-mail %s (%s) is given up: %s", message.pk, message.occasion, message.error)


def in_short(error: Exception) -> str:
    """What it says, without the addresses in it."""
    return re.sub(r"\S+@\S+", "…", f"{type(error).__name__}: {error}".replace("\x00", ""))[:LONGEST_ERROR]


def write_down(write: Callable[[], None]) -> None:
    """Write, also when the database is away for a while: what has been sent must not be sent again."""
    while True:
        try:
            return write()
        except AWAY:
            logger.warning("The database is away; waiting to write down what was sent")
            connection.close()
            time.sleep(1)
