"""What Prometheus reads, and that nobody else does."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from flere_haender import background
from stakeholders.models import Message, User
from tests.factories import make_order, make_round

PAGE, TOKEN = "/sundhed/maal", "en-lang-tilfaeldig-tekst"


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def ask(client: Client, authorization: str = f"Bearer {TOKEN}") -> Any:
    return client.get(PAGE, headers={"Authorization": authorization})


def read(client: Client) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(ask(client).content.decode())
    samples = [sample for family in families for sample in family.samples]
    return {(sample.name.removeprefix("flere_haender_"), *sample.labels.values()): sample.value for sample in samples}


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN])
def test_it_is_for_who_has_the_token(gaest: Client, as_user: Any, konsulent: User, said: str) -> None:
    for client in (gaest, as_user(konsulent)):
        assert ask(client, said).status_code == 403


@pytest.mark.parametrize("said", ["Bearer ", "Bearer None", ""])
def test_without_a_token_it_is_not_there(gaest: Client, settings: Any, said: str) -> None:
    settings.METRICS_TOKEN = ""
    assert ask(gaest, said).status_code == 404


def test_what_it_says(gaest: Client, hr: User, monkeypatch: pytest.MonkeyPatch) -> None:
    before = read(gaest)
    assert before["messages", "queued"] == before["oldest_message_seconds",] == 0
    Message.queue("password_reset", to=hr, about={}, key="en")
    make_order("kommune:999", by=hr)
    make_round()
    look_started = time.time()
    after = read(gaest)
    assert after["messages", "queued"] > 0 and after["oldest_message_seconds",] > 0
    assert after["ordered_reports", "waiting"] == before["ordered_reports", "waiting"] + 1
    assert (before["rounds_open",], after["rounds_open",]) == (0, 1)
    assert after["database_bytes",] > 1_000_000
    assert before["worker_last_look_timestamp_seconds",] < look_started
    monkeypatch.setattr(background, "_looks", {})
    background.look_after_all()
    assert read(gaest)["worker_last_look_timestamp_seconds",] >= look_started
