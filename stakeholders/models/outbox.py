"""The outbox: e-mails that are to be sent, and what became of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from flere_haender.background import look_soon
from flere_haender.leases import Leased, claim

from .places import Municipality
from .users import User

OUTBOX = "outbox"  # what the worker calls it by
LEASE = timedelta(minutes=10)  # longer than the longest talk with a mail server
# After a failure; after the last one it is given up.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60)]
LONGEST_ERROR = 1000


class State(models.TextChoices):
    QUEUED = "queued", "I kø"
    SENDING = "sending", "Sendes nu"
    SENT = "sent", "Sendt"
    DROPPED = "dropped", "Ikke sendt: ikke længere aktuel"
    GIVEN_UP = "given_up", "Opgivet"


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> MessageQuerySet:
        return self.filter(state__in=(State.QUEUED, State.SENDING))

    def due(self) -> MessageQuerySet:
        """Those to send now, also those that a worker took and never finished."""
        now = timezone.now()
        return self.filter(Q(state=State.QUEUED, due_at__lte=now) | Q(state=State.SENDING, lease_until__lte=now))

    def claim(self) -> Message | None:
        """Take the next one that is due. Nobody else gets it before the lease is out. None: nothing is due."""
        message: Message | None = claim(self.due().order_by("due_at", "pk"), LEASE, state=State.SENDING)
        return message

    def wait_for_server(self) -> None:
        """None of them is tried before the first pause is over."""
        then = timezone.now() + PAUSES[0]
        self.filter(state=State.QUEUED, due_at__lt=then).update(due_at=then)


class Message(Leased, models.Model):
    """An e-mail to a user, or to a municipality's mailbox. What it says is made when it is sent: names, addresses and
    secrets are never kept here."""

    occasion = models.SlugField("anledning", max_length=50)
    recipient = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="messages", verbose_name="modtager"
    )
    mailbox_of = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name="postkasse hos",
    )
    about = models.JSONField("handler om", default=dict, blank=True)
    key = models.CharField("nøgle", max_length=200, unique=True)
    state = models.CharField("tilstand", max_length=10, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField("sat i kø", default=timezone.now)
    due_at = models.DateTimeField("sendes tidligst", default=timezone.now)
    lease_until = models.DateTimeField("taget til", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("forsøg", default=0)
    sent_at = models.DateTimeField("sendt", null=True, blank=True)
    error = models.TextField("fejl", blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "e-mail"
        verbose_name_plural = "e-mails"
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="message_has_one_recipient",
                condition=Q(recipient=None, mailbox_of__isnull=False) | Q(recipient__isnull=False, mailbox_of=None),
            ),
            models.CheckConstraint(
                name="message_sent_has_its_time",
                condition=Q(state=State.SENT, sent_at__isnull=False) | ~Q(state=State.SENT) & Q(sent_at=None),
            ),
            models.CheckConstraint(
                name="message_sending_has_a_lease",
                condition=Q(state=State.SENDING, lease_until__isnull=False)
                | ~Q(state=State.SENDING) & Q(lease_until=None),
            ),
        )
        # For `due`, which the worker asks every minute.
        indexes = (
            models.Index(F("due_at"), name="message_waiting", condition=Q(state__in=(State.QUEUED, State.SENDING))),
        )

    def __str__(self) -> str:
        return f"E-mail {self.pk}"

    @classmethod
    def queue(cls, occasion: str, *, to: User | Municipality, about: dict[str, Any], key: str) -> Message:
        """Have an e-mail sent when what is being written now is committed.

        Args:
            occasion: the name of a letter (``stakeholders.letters.letter``).
            to: a user, or a municipality, which gets it in its unit's mailbox.
            about: what the letter is about: ids, and codes and dates that name nobody.
            key: says what it is, once and for all: the same key again queues nothing and returns the first message.
        """
        where = {"recipient": to} if isinstance(to, User) else {"mailbox_of": to}
        message, is_new = cls.objects.get_or_create(key=key, defaults={"occasion": occasion, "about": about, **where})
        if is_new:
            look_soon(OUTBOX)
        return message

    @property
    def message_id(self) -> str:
        """Its Message-ID, the same however often it is sent."""
        host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
        return f"<{self.created_at:%Y%m%d%H%M%S%f}.{self.pk}@{host}>"

    @property
    def address(self) -> str:
        """Where it goes to now; empty when nobody is there to read it."""
        if self.recipient is None:
            return self.mailbox_of.unit_mailbox if self.mailbox_of else ""
        return self.recipient.email if self.recipient.is_active else ""

    def be_sent(self) -> None:
        """The mail server has accepted it."""
        self._become(State.SENT, sent_at=timezone.now(), error="")

    def drop(self, reason: str) -> None:
        """It is not to be sent any more."""
        self._become(State.DROPPED, error=reason[:LONGEST_ERROR])

    def wait(self, error: str, *, counted: bool = True) -> None:
        """Try again later, after a longer pause each time, and give it up at the end.

        Args:
            error: why, without addresses.
            counted: False when the message has not been tried, because there is no mail server.
        """
        if not counted:
            self.attempts -= 1
        elif self.attempts > len(PAUSES):
            self.give_up(error)
            return
        pause = PAUSES[self.attempts - 1] if counted else PAUSES[0]
        fields = {"error": error[:LONGEST_ERROR], "attempts": self.attempts}
        self._become(State.QUEUED, due_at=timezone.now() + pause, **fields)

    def give_up(self, error: str) -> None:
        self._become(State.GIVEN_UP, error=error[:LONGEST_ERROR])

    def send_again(self) -> None:
        """Begin anew with one that was given up; another one stays as it is."""
        if self.state == State.GIVEN_UP:
            self._become(State.QUEUED, due_at=timezone.now(), attempts=0)
            look_soon(OUTBOX)
