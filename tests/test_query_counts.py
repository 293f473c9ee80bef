"""How many queries a list takes does not depend on how many rows it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flere_haender.days import today
from initiatives.models import Recommendation
from stakeholders.models import Municipality, User
from tests.factories import cell_of, make_action, make_row

pytestmark = pytest.mark.django_db

AsUser = Callable[[User | None], Client]


def fill_history(korsbaek: Municipality, hr: User, konsulent: User, *, rows: int) -> None:
    for number in Recommendation.objects.asked(as_of=today()).values_list("number", flat=True)[:rows]:
        for municipality, user in ((korsbaek, hr), (None, konsulent)):
            cell = cell_of(number, municipality)
            first = make_row(cell, "planned", by=user, signal="red", effective_on=today() - timedelta(days=400))
            make_row(cell, "in_progress", by=user, corrects=first, signal="yellow", effective_on=today())
        make_action(korsbaek, by=hr, numbers=(number, 26), ends_on=today() - timedelta(days=1))


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
    "/kommuner/999/": 16,
    "/kommuner/999/rapport/": 16,
    "/rapport/": 16,
    "/kommuner/999/indsatser/": 10,
    "/kommuner/999/indsatser/?format=csv": 10,
    "/indsatser/": 13,
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
