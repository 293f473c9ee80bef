"""Hostile values at every address, parameter and field, as everybody: no fault, and nothing told that is secret."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stakeholders.models import Municipality, User
from tests.addresses import Arguments, address_of, admin_addresses
from tests.factories import cell_of, make_action
from tests.test_access import GET_TABLE

from .walking import Walk

pytestmark = pytest.mark.django_db

REQUESTS = int(os.environ.get("HOSTILE_REQUESTS", "2000"))
SEED = int(os.environ.get("HOSTILE_SEED", "8"))
# What is Korsbæk's own, and Thisted's: internal notes, drafts, and the names of users.
KORSBAEK = ["kanarie-korsbaek-note", "kanarie-korsbaek-kladde", "Hanne Lund", "Lars Friis"]
THISTED = ["kanarie-thisted-note", "kanarie-thisted-kladde", "Tine Vad"]


@pytest.fixture(autouse=True)
def without_log() -> Iterator[None]:
    """Two thousand refusals are not worth reading."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def secrets(korsbaek: Municipality, thisted: Municipality, hr: User, nabo: User) -> dict[str, list[str]]:
    for municipality, user, (note, kept, *_) in ((korsbaek, hr, KORSBAEK), (thisted, nabo, THISTED)):
        cell_of(12, municipality).record("completed", by=user, note="Fælles note", internal_note=note)
        make_action(municipality, by=user, title=kept, visibility="draft")
    nobody = [*KORSBAEK, *THISTED, "Karen Holm", "Rikke Dam"]
    return {"gaest": nobody, "uden": nobody, "nabo": KORSBAEK, "hr": THISTED, "leder": THISTED}


@pytest.fixture
def clients(as_user: Any, role_users: dict[str, User | None]) -> dict[str, Client]:
    found = {role: as_user(user) for role, user in role_users.items()}
    for client in found.values():
        client.raise_request_exception = False
    return found


def test_hostile_values_everywhere(
    clients: dict[str, Client], arguments: Arguments, secrets: dict[str, list[str]]
) -> None:
    walk = Walk(clients, secrets, seed=SEED)
    ours = [address_of(name, arguments) for name in GET_TABLE]
    walk.read(ours, "hr")
    walk.read(ours, "konsulent")
    walk.read(["/admin/", reverse("admin:jsi18n"), reverse("admin:autocomplete"), *admin_addresses()], "superuser")
    assert [secret for secret in KORSBAEK if secret not in walk.told["hr"]] == []
    walk.go(REQUESTS)
    print(f"\nseed {SEED}: {walk.summary()}")
    different = {finding.detail: finding for finding in walk.findings}.values()
    assert not walk.findings, "\n".join(map(str, [*different][:40]))


@pytest.mark.urls("tests.hostile.planted")
def test_the_walk_finds_what_is_planted(clients: dict[str, Client], secrets: dict[str, list[str]]) -> None:
    walk = Walk(clients, secrets, seed=1, within="/plantet/")
    walk.read(["/plantet/"], "gaest")
    walk.go(600)
    found = {(finding.what, finding.request.split("/")[2]) for finding in walk.findings}
    assert found == {
        *{("fault", "tal"), ("fault", "gem"), ("script", "ekko"), ("led astray", "videre")},
        *{("leak", "noter"), ("insides", "filer")},
    }
