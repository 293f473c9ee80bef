"""How many queries a list takes does not depend on how many rows it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flere_haender.access import Role
from flere_haender.days import today
from initiatives.models import Recommendation
from stakeholders.models import Invitation, Municipality, User
from tests.factories import cell_of, make_row, make_user

pytestmark = pytest.mark.django_db

AsUser = Callable[[User | None], Client]


def fill_history(korsbaek: Municipality, hr: User, konsulent: User, *, rows: int) -> None:
    for number in Recommendation.objects.asked(as_of=today()).values_list("number", flat=True)[:rows]:
        for municipality, user in ((korsbaek, hr), (None, konsulent)):
            cell = cell_of(number, municipality)
            first = make_row(cell, "planned", by=user, signal="red", effective_on=today() - timedelta(days=400))
            make_row(cell, "in_progress", by=user, corrects=first, signal="yellow", effective_on=today())


def queries(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


# Pinned: what a page costs for the editor. A visitor's pages cost less.
PINNED = {
    "/": 22,
    "/anbefalinger/": 16,
    "/anbefalinger/10/": 30,
    "/kommuner/": 7,
    "/kommuner/999/": 15,
    "/kommuner/999/rapport/": 16,
    "/rapport/": 16,
}


@pytest.mark.parametrize("url", PINNED)
def test_query_counts_are_constant(
    as_user: AsUser, hr: User, konsulent: User, korsbaek: Municipality, url: str
) -> None:
    client = as_user(hr)
    fill_history(korsbaek, hr, konsulent, rows=1)
    client.get(url)
    few = queries(client, url)
    fill_history(korsbaek, hr, konsulent, rows=20)
    many = queries(client, url)
    assert len(many) == len(few), "\n".join(sorted(set(many) - set(few)))
    assert len(many) <= PINNED[url]


def test_the_list_of_users_costs_the_same_however_many(as_user: AsUser, konsulent: User, leder: User) -> None:
    korsbaek = leder.membership.municipality  # type: ignore[union-attr]

    def fill(count: int) -> None:
        for _ in range(count):
            number = User.objects.count()
            make_user(Role.EDITOR, korsbaek)
            Invitation.invite(f"ny{number}@korsbaek.example", role=Role.EDITOR, municipality=korsbaek, by=leder)

    fill(1)
    few = {reader: len(queries(as_user(reader), "/brugere/")) for reader in (konsulent, leder)}
    fill(15)
    many = {reader: len(queries(as_user(reader), "/brugere/")) for reader in (konsulent, leder)}
    assert few == many
    assert max(many.values()) <= 12
