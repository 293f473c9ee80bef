"""Figures that were wrong are withdrawn: what held before them holds again, and the history stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from flere_haender.access import Role
from initiatives.chores import forget_uploads
from initiatives.figure_files.showing import Shown
from initiatives.figure_files.working import take_next
from initiatives.models import FigureImport, Indicator, MovedOn, MunicipalityFigure, Step
from stakeholders.models import User
from tests.factories import AsUser, make_user

from .figure_files import (
    address,
    as_shown,
    choose,
    csv_of,
    figures,
    looked_through,
    make_indicator,
    newest,
    read,
    save,
    take_in,
    upload,
)

pytestmark = pytest.mark.django_db

HEAD = ["Kommune", "År", "Andel"]
RIGHT = [HEAD, ["Thisted", "2022", "7"], ["Thisted", "2023", "8"]]
WRONG = [HEAD, ["Thisted", "2023", "88"], ["Thisted", "2024", "99"], ["Morsø", "2024", "5"]]
WHY = "Kolonnen var antal og ikke pct."


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


@pytest.fixture
def wrong(client: Client, indicator: Indicator) -> FigureImport:
    take_in(client, csv_of(RIGHT), indicator)
    return take_in(client, csv_of(WRONG), indicator)


def withdraw(client: Client, job: FigureImport, reason: str = WHY) -> Any:
    response = client.post(address(job, "tilbage/"), {"reason": reason})
    job.refresh_from_db()
    return response


def test_what_held_before_holds_again(
    client: Client, wrong: FigureImport, indicator: Indicator, konsulent: User
) -> None:
    before = timezone.now()
    page = client.get(address(wrong)).content.decode()
    assert "2 tal bliver fjernet. For 1 tal gælder værdien fra før igen. Det kan ikke fortrydes" in page
    assert withdraw(client, wrong).status_code == 302
    assert figures(indicator) == {("Thisted", 2022): "7", ("Thisted", 2023): "8"}
    assert (wrong.step, wrong.withdrawn_by, wrong.withdrawn_because) == (Step.WITHDRAWN, konsulent, WHY)
    known = MunicipalityFigure.objects.standing(known_at=before)
    assert sorted(row.value for row in known) == [5, 7, 88, 99]
    page = client.get(address(wrong)).content.decode()
    assert "<h1>3 tal er trukket tilbage</h1>" in page and WHY in page
    assert address(wrong, "tilbage/") not in page
    shown = client.get(indicator.get_absolute_url()).content.decode()
    assert ">2023</th>" in shown and ">2024</th>" not in shown and "Morsø" not in shown
    csv = b"".join(client.get(f"{indicator.get_absolute_url()}tal/?format=csv")).decode()
    assert "88" not in csv and "Morsø" not in csv
    assert "Trukket tilbage" in client.get("/indikatorer/indlaes/").content.decode()


def test_what_is_changed_later_stays(client: Client, wrong: FigureImport, indicator: Indicator) -> None:
    take_in(client, csv_of([HEAD, ["Thisted", "2024", "9"]]), indicator)
    assert Shown(wrong).withdrawing == [
        "1 tal bliver fjernet.",
        "For 1 tal gælder værdien fra før igen.",
        "1 tal er senere ændret og bliver stående.",
    ]
    withdraw(client, wrong)
    assert figures(indicator) == {("Thisted", 2022): "7", ("Thisted", 2023): "8", ("Thisted", 2024): "9"}


def test_the_same_file_can_be_read_in_again(client: Client, wrong: FigureImport, indicator: Indicator) -> None:
    withdraw(client, wrong)
    shown = choose(client, job := read(client, csv_of(WRONG)), indicator)
    assert shown.heading == "2 nye tal, 1 ændret"
    save(client, job)
    assert figures(indicator)["Thisted", 2023] == "88"


def test_its_choices_are_not_offered_again(client: Client, indicator: Indicator) -> None:
    withdraw(client, take_in(client, csv_of(RIGHT), indicator))
    upload(client, csv_of(RIGHT))
    assert "Valgene er som sidst" not in client.get(address(newest(), "kolonner/")).content.decode()


def test_without_figures_there_is_no_table(client: Client, indicator: Indicator) -> None:
    job = take_in(client, csv_of(RIGHT), indicator)
    assert ">2023</th>" in client.get(indicator.get_absolute_url()).content.decode()
    withdraw(client, job)
    assert ">2023</th>" not in client.get(indicator.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("reason", "said"), [("", "Skriv, hvorfor"), (" \n", "Skriv, hvorfor"), ("x" * 1001, "Skriv højst 1.000 tegn.")]
)
def test_a_reason_is_needed(client: Client, wrong: FigureImport, indicator: Indicator, reason: str, said: str) -> None:
    response = withdraw(client, wrong, reason)
    assert (response.status_code, wrong.step) == (422, Step.SAVED)
    page = response.content.decode()
    assert said in page and "Tallene er ikke trukket tilbage" in page and reason in page
    assert figures(indicator)["Thisted", 2023] == "88"


def test_twice_is_once(client: Client, wrong: FigureImport) -> None:
    withdraw(client, wrong)
    first = wrong.withdrawn_at
    assert withdraw(client, wrong, "Noget andet.").status_code == 302
    assert (wrong.withdrawn_at, wrong.withdrawn_because) == (first, WHY)


def test_what_is_not_saved_cannot_be_withdrawn(client: Client, konsulent: User) -> None:
    job = looked_through(konsulent)
    response = client.post(address(job, "tilbage/"), {"reason": WHY}, follow=True)
    assert "Indlæsningen er kommet videre" in response.content.decode()
    with pytest.raises(MovedOn):
        job.withdraw(WHY, by=konsulent)


def test_somebody_else_at_kl_can(as_user: AsUser, wrong: FigureImport, hr: User) -> None:
    other = make_user(Role.KL_CONSULTANT)
    with pytest.raises(PermissionDenied):
        wrong.withdraw(WHY, by=hr)
    assert withdraw(as_user(other), wrong).status_code == 302
    assert wrong.withdrawn_by == other


def test_what_was_looked_through_meanwhile_is_looked_through_again(
    client: Client, wrong: FigureImport, indicator: Indicator, konsulent: User
) -> None:
    """Also when another file has the newest figure."""
    other = make_indicator(konsulent, "Et andet")
    take_in(client, csv_of(RIGHT), other)
    first, second = read(client, csv_of(WRONG)), read(client, csv_of(WRONG))
    for job in (first, second):
        choose(client, job, indicator)
    shown = as_shown(first)
    seen = Shown(second).seen
    second.save_figures(["changed", "new"], seen=seen, choices=second.choices, by=konsulent)
    withdraw(client, wrong)
    assert client.post(address(first, "gem/"), shown | {"grupper": "new"}).status_code == 409
    assert take_next()
    second.refresh_from_db()
    assert (second.step, figures(indicator)["Thisted", 2023]) == (Step.LOOKING, "8")


def test_it_is_kept(client: Client, wrong: FigureImport) -> None:
    withdraw(client, wrong)
    FigureImport.objects.update(expires_at=timezone.now())
    forget_uploads()
    assert FigureImport.objects.filter(pk=wrong.pk).exists()


@pytest.mark.parametrize(
    "wrongly", [{"step": Step.WITHDRAWN}, {"withdrawn_because": WHY}, {"withdrawn_at": timezone.now()}]
)
def test_the_database_keeps_who_and_why_together(wrong: FigureImport, wrongly: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        FigureImport.objects.filter(pk=wrong.pk).update(**wrongly)
