"""A query that is made once answers as one that is made each time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from flere_haender.days import today
from flere_haender.prepared import prepared
from initiatives.models import Addressing, Recommendation, Theme
from stakeholders.models import MUNICIPALITIES

pytestmark = pytest.mark.django_db

MADE: list[dict[str, Any]] = []


@prepared
def asked(**moment: Any) -> Any:
    MADE.append(moment)
    return Recommendation.objects.with_text(**moment).addressed_to(MUNICIPALITIES, **moment)


@prepared
def numbered(*, ids: Any, theme: Any) -> Any:
    found = Recommendation.objects.filter(pk__in=ids)
    return (found if theme is None else found.filter(focus_area__theme=theme)).values_list("pk", flat=True)


@pytest.fixture
def moved() -> Iterator[None]:
    """Recommendation 4 comes to concern the municipalities today."""
    first = Addressing.objects.filter(actor__slug=MUNICIPALITIES, basis="overview").first()
    Recommendation.objects.get(slug="4").address(first.actor, by=None, addressed=True, effective_on=today())
    MADE.clear()
    yield


@pytest.mark.usefixtures("moved")
def test_it_is_asked_with_the_values_of_each_time() -> None:
    days = [today(), today() - timedelta(days=1), date(2019, 1, 1), today()]
    found = [[each.slug for each in asked(as_of=day, known_at=None)] for day in days]
    assert found == [
        [each.slug for each in Recommendation.objects.with_text(as_of=day).addressed_to(MUNICIPALITIES, as_of=day)]
        for day in days
    ]
    assert "4" in found[0] and "4" not in found[1] and found[1] and not found[2]


@pytest.mark.usefixtures("moved")
def test_it_is_made_once_for_each_shape() -> None:
    fresh = prepared(asked.__wrapped__)
    known = datetime.now().astimezone()
    for days in range(3):
        fresh(as_of=today() - timedelta(days=days), known_at=None)
        fresh(as_of=today() - timedelta(days=days), known_at=known - timedelta(days=days))
    assert len(MADE) == 2


def test_what_is_fetched_is_whole() -> None:
    row = asked(as_of=today(), known_at=None)[0]
    with connection.execute_wrapper(_refuse):
        assert row.title and row.focus_area.theme.plan.slug and not row.retired


def _refuse(*_: Any) -> Any:
    raise AssertionError("asked the database")


def test_a_list_of_ids_may_be_of_any_length() -> None:
    every = list(Recommendation.objects.values_list("pk", flat=True))
    theme = Theme.objects.all()[0]
    of_theme = set(Recommendation.objects.filter(focus_area__theme=theme).values_list("pk", flat=True))
    assert set(numbered(ids=every, theme=None)) == set(every)
    assert numbered(ids=every[:1], theme=None) == every[:1]
    assert numbered(ids=[], theme=None) == []
    assert set(numbered(ids=every, theme=theme.pk)) == of_theme and 0 < len(of_theme) < len(every)


def test_threads_share_the_query_and_not_the_connection() -> None:
    numbered(ids=[1], theme=None)

    def ask(pk: int) -> list[Any]:
        try:
            return numbered(ids=[pk, -1], theme=None)
        finally:
            connection.close()

    every = list(Recommendation.objects.values_list("pk", flat=True))
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, every)) == [[pk] for pk in every]
