"""Files with figures and the worker: how far it is, who has it, and what becomes of it when its workers die."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from initiatives.figure_files import working
from initiatives.figure_files.working import read, take_next
from initiatives.models import FigureImport, FigureRow, Step
from initiatives.models.figure_import import BROKEN_OFF
from stakeholders.models import Municipality, User
from tests.factories import AsUser

from .figure_files import LONG, address, csv_of, newest, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


@pytest.fixture
def job(client: Client) -> FigureImport:
    """5,390 figures that wait to be read."""
    places = list(Municipality.objects.real())
    rows = [[place.name, year, "1,5"] for year in range(1980, 2035) for place in places]
    upload(client, csv_of([["Kommune", "År", "Tal"], *rows]))
    assert client.post(address(newest(), "kolonner/"), LONG).status_code == 302
    return newest()


def expire(job: FigureImport) -> None:
    FigureImport.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_the_page_says_how_far_it_is(client: Client, job: FigureImport) -> None:
    assert "Filen er i kø" in client.get(address(job)).content.decode()
    taken = FigureImport.objects.claim()
    assert taken.advance(5_000, 5_391)
    page = client.get(address(job)).content.decode()
    assert "5.000 af 5.391 rækker er læst" in page
    assert 'max="5391" value="5000"' in page
    part = client.get(address(job), headers={"HX-Request": "true"}).content.decode()
    assert "5.000 af 5.391 rækker er læst" in part
    assert "<h1" not in part
    read(taken)
    done = client.get(address(job), headers={"HX-Request": "true"})
    assert done["HX-Refresh"] == "true"
    assert FigureRow.objects.count() == 55 * 98
    job.refresh_from_db()
    assert (job.step, job.done, job.total, job.lease_until) == (Step.INDICATORS, 5_391, 5_391, None)


def test_nobody_takes_what_somebody_has(job: FigureImport) -> None:
    assert FigureImport.objects.claim() is not None
    assert FigureImport.objects.claim() is None
    assert not take_next()
    expire(job)
    assert take_next()
    job.refresh_from_db()
    assert job.step == Step.INDICATORS


def test_who_has_lost_it_writes_no_more(job: FigureImport, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the first is reading, another takes over and reads all of it: each figure is there once."""
    first = FigureImport.objects.claim()
    began = working.read_rows

    def interrupted(*arguments: Any) -> Any:
        monkeypatch.setattr(working, "read_rows", began)
        for number, found in began(*arguments):
            if number == 5_100:
                expire(job)
                assert take_next()
            yield number, found

    monkeypatch.setattr(working, "read_rows", interrupted)
    read(first)
    assert FigureRow.objects.count() == 55 * 98
    job.refresh_from_db()
    assert (job.step, job.labels) == (Step.INDICATORS, [["", 55 * 98]])


def test_it_is_given_up_after_some_attempts(client: Client, job: FigureImport) -> None:
    for _ in range(3):
        assert FigureImport.objects.claim() is not None
        expire(job)
    assert take_next()
    job.refresh_from_db()
    assert (job.step, job.error) == (Step.FAILED, BROKEN_OFF)
    assert BROKEN_OFF in client.get(address(job)).content.decode()


def test_what_nobody_foresaw_is_said_and_can_be_tried_again(
    client: Client, job: FigureImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(working, "read_rows", fails)
        assert take_next()
    job.refresh_from_db()
    assert (job.step, job.error) == (Step.FAILED, working.FAILED)
    assert client.post(address(job, "kolonner/"), LONG).status_code == 302
    assert take_next()
    job.refresh_from_db()
    assert job.step == Step.INDICATORS


def test_one_can_cancel_while_it_is_read(client: Client, job: FigureImport, monkeypatch: pytest.MonkeyPatch) -> None:
    began = working.read_rows

    def interrupted(*arguments: Any) -> Any:
        for number, found in began(*arguments):
            if number == 5_100:
                assert client.post(address(job, "annuller/")).status_code == 302
            yield number, found

    monkeypatch.setattr(working, "read_rows", interrupted)
    assert take_next()
    job.refresh_from_db()
    assert (job.step, job.content, FigureRow.objects.count()) == (Step.CANCELLED, None, 0)
