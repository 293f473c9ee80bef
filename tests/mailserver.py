"""A real SMTP server that accepts, refuses, defers, hangs or dies, as a test tells it."""

from __future__ import annotations

import asyncio
import email
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailServer:
    """``recipient``, ``data`` and ``greeting`` say how it behaves; ``accepted`` holds what it has said 250 to."""

    def __init__(self) -> None:
        self.accepted: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.tried = 0
        self.recipient = "250 OK"
        self.data = "250 OK"  # or "hang" or "die"
        self.when_accepted: Callable[[], None] = lambda: None
        self.lock = threading.Lock()
        self.controller: Controller | None = None
        self.port = 0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: Any) -> str:
        self.tried += 1
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data == "hang":
            await asyncio.sleep(30)
        if self.data == "die":
            server.transport.abort()
        if self.data.startswith("250"):
            with self.lock:
                self.accepted.append(email.message_from_bytes(envelope.content, policy=default))
                self.recipients += envelope.rcpt_tos
            self.when_accepted()
        return self.data

    def to(self, address: str) -> list[EmailMessage]:
        """What it has accepted for this address."""
        with self.lock:
            return [mail for mail in self.accepted if mail["To"] == address]

    def start(self) -> None:
        """Listen; again on the same port as the first time."""
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        if not self.port:
            self.port = free_port()
            self.controller.port = self.port
        self.controller.start()

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop(no_assert=True)
            self.controller = None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
