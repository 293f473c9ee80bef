"""Figures that others publish: a file is read in the background, looked through, and saved, all of it or nothing."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InternalError, transaction
from django.test import Client
from django.utils import timezone

from initiatives.figure_files.working import take_next
from initiatives.models import FigureImport, FigureRow, Indicator, MovedOn, MunicipalityFigure, Step
from stakeholders.models import User
from tests.factories import AsUser

from .figure_files import (
    LONG,
    ORIGIN,
    PAGE,
    address,
    as_shown,
    choose,
    csv_of,
    figures,
    make_indicator,
    newest,
    read,
    receive,
    save,
    take_in,
    upload,
)

pytestmark = pytest.mark.django_db

ROWS = [
    ["Kommune", "År", "Andel"],
    ["København", "2023", "12,5"],
    ["0751", "2023", "1.234,5"],
    ["Hele landet", "2023", "40"],
    ["Thisted", "2023", ".."],
    ["Atlantis", "2023", "3"],
    ["Thisted", "2022", "7"],
]


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


def test_the_whole_way(client: Client, indicator: Indicator, konsulent: User) -> None:
    job = read(client, csv_of(ROWS))
    assert (job.step, job.labels) == (Step.INDICATORS, [["", 3]])
    shown = choose(client, job, indicator)
    assert shown.heading == "3 nye tal, 1 afvist"
    assert shown.refused == [("A6", "“Atlantis” er ikke en kommune.")]
    assert [(each["said"], each["count"]) for each in shown.left_out] == [("Hele landet", 1)]
    assert [(each["said"], each["count"]) for each in shown.nothing] == [("..", 1)]
    page = client.get(address(job)).content.decode()
    assert "3 nye tal, 1 afvist" in page
    assert "1.234,5" in page
    assert not MunicipalityFigure.objects.exists()
    assert save(client, job).status_code == 302
    assert figures(indicator) == {("København", 2023): "12.5", ("Aarhus", 2023): "1234.5", ("Thisted", 2022): "7"}
    assert (job.step, job.saved_count, job.content) == (Step.SAVED, 3, None)
    assert not FigureRow.objects.exists()
    [figure] = MunicipalityFigure.objects.filter(year=2022)
    assert (figure.source.origin, figure.source.uploaded_by) == (ORIGIN, konsulent)
    assert "3 tal er gemt" in client.get(address(job)).content.decode()


def test_the_same_file_again_changes_nothing(client: Client, indicator: Indicator) -> None:
    take_in(client, csv_of(ROWS), indicator)
    job = read(client, csv_of(ROWS[:5]))
    shown = choose(client, job, indicator)
    assert (shown.heading, shown.same, shown.groups) == ("Ingen ændringer", 2, [])


def test_what_is_changed_stands_beside_what_was(client: Client, indicator: Indicator) -> None:
    take_in(client, csv_of(ROWS), indicator)
    before = timezone.now()
    job = read(client, csv_of([*ROWS[:1], ["Københavns Kommune", "2023", "13"], ["Thisted", "2024", "8"]]))
    shown = choose(client, job, indicator)
    assert shown.heading == "1 nyt tal, 1 ændret"
    [line] = shown.groups[1].lines
    assert (line.municipality, line.before, line.value) == ("København", 12.5, 13)
    save(client, job, "changed")
    assert figures(indicator)["København", 2023] == "13"
    assert ("Thisted", 2024) not in figures(indicator)
    earlier = MunicipalityFigure.objects.standing(known_at=before).get(municipality__code=101)
    assert earlier.value == 12.5


def test_a_group_has_to_be_chosen(client: Client, indicator: Indicator) -> None:
    job = read(client, csv_of(ROWS))
    choose(client, job, indicator)
    response = client.post(address(job, "gem/"), {"set": "0"})
    assert response.status_code == 422
    assert "Vælg, om de nye eller de ændrede tal skal gemmes." in response.content.decode()
    assert not MunicipalityFigure.objects.exists()


def test_what_others_have_saved_meanwhile_is_a_conflict(
    client: Client, as_user: AsUser, indicator: Indicator, konsulent: User
) -> None:
    job = read(client, csv_of(ROWS))
    choose(client, job, indicator)
    shown = as_shown(job)
    take_in(client, csv_of([*ROWS[:1], ["København", "2023", "99"]]), indicator)
    response = client.post(address(job, "gem/"), shown | {"grupper": "new"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "Tallene er ændret af andre, siden du så dem igennem." in page
    assert "2 nye tal, 1 ændret, 1 afvist" in page
    assert figures(indicator) == {("København", 2023): "99"}


def test_also_when_the_worker_has_it_already(client: Client, indicator: Indicator, konsulent: User) -> None:
    first, second = read(client, csv_of(ROWS)), read(client, csv_of([*ROWS[:1], ["København", "2023", "99"]]))
    seen = choose(client, first, indicator).seen
    choose(client, second, indicator)
    for job in (first, second):
        job.save_figures(["new"], seen=seen, choices=job.choices, by=konsulent)
    assert [take_next(), take_next(), take_next()] == [True, True, False]
    second.refresh_from_db()
    assert second.step == Step.LOOKING
    assert figures(indicator)["København", 2023] == "12.5"
    page = client.get(address(second)).content.decode()
    assert "Tallene er ændret af andre, siden du så dem igennem." in page


def test_the_same_confirmation_twice_saves_once(client: Client, indicator: Indicator) -> None:
    job = read(client, csv_of(ROWS))
    choose(client, job, indicator)
    shown = as_shown(job)
    for _ in range(3):
        assert client.post(address(job, "gem/"), shown | {"grupper": "new"}).status_code == 302
    assert [take_next(), take_next()] == [True, False]
    assert client.post(address(job, "gem/"), shown | {"grupper": "new"}).status_code == 302
    assert not take_next()
    assert MunicipalityFigure.objects.count() == 3


def test_figures_are_never_changed_or_deleted(client: Client, indicator: Indicator) -> None:
    take_in(client, csv_of(ROWS), indicator)
    for act in (lambda: MunicipalityFigure.objects.update(value=0), lambda: MunicipalityFigure.objects.all().delete()):
        with pytest.raises(InternalError), transaction.atomic():
            act()


def test_the_columns_can_be_chosen_again(client: Client, indicator: Indicator) -> None:
    job = read(client, csv_of(ROWS), LONG | {"style": "point"})
    shown = choose(client, job, indicator)
    assert [message for _, message in shown.refused][:2] == [
        "“12,5” passer ikke til den måde at skrive tal på, der er valgt.",
        "“1.234,5” passer ikke til den måde at skrive tal på, der er valgt.",
    ]
    assert client.post(address(job, "kolonner/"), LONG).status_code == 302
    assert take_next()
    job.refresh_from_db()
    assert choose(client, job, indicator).heading == "3 nye tal, 1 afvist"


def test_what_was_chosen_anew_in_another_window_is_a_conflict(client: Client, indicator: Indicator) -> None:
    """The old window still shows 2023, and would save the same column of figures as another year's."""
    rows = [["Kommune", "År", "År igen", "Andel"], ["Thisted", "2023", "2024", "7,5"]]
    job = read(client, csv_of(rows), LONG | {"value": "4"})
    page = client.get(address(job, "noegletal/")).content.decode()
    asked = dict(re.findall(r'name="(laest)" value="(\w+)"', page))
    choose(client, job, indicator)
    shown = as_shown(job)
    client.post(address(job, "kolonner/"), LONG | {"year": "3", "value": "4"})
    assert take_next()

    old = {"origin": ORIGIN, "label-0": indicator.pk} | asked
    response = client.post(address(job, "noegletal/"), old, follow=True)
    assert "er valgt om, siden du så siden" in response.content.decode()
    job.refresh_from_db()
    assert job.step == Step.INDICATORS
    choose(client, job, indicator)
    response = client.post(address(job, "gem/"), shown | {"grupper": "new"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "er valgt om, siden du så siden" in page and "2024" in page
    assert not take_next()
    assert save(client, job).status_code == 302
    assert figures(indicator) == {("Thisted", 2024): "7.5"}


def test_what_was_chosen_last_is_offered_for_the_same_headings(client: Client, indicator: Indicator) -> None:
    take_in(client, csv_of(ROWS), indicator)
    moved = [[year, value, place] for place, year, value in ROWS]
    upload(client, csv_of(moved))
    page = client.get(address(newest(), "kolonner/")).content.decode()
    assert "Valgene er som sidst" in page
    assert '<option value="3" selected>C: Kommune</option>' in page
    client.post(address(newest(), "kolonner/"), LONG | {"place": "3", "year": "1", "value": "2"})
    take_next()
    page = client.get(address(newest(), "noegletal/")).content.decode()  # the file names no indicator: it is asked for
    assert f'<option value="{indicator.pk}">' in page and f'<option value="{indicator.pk}" selected>' not in page


def test_one_cancels_and_nothing_is_left(client: Client, indicator: Indicator) -> None:
    job = read(client, csv_of(ROWS))
    assert client.post(address(job, "annuller/")).status_code == 302
    job.refresh_from_db()
    assert (job.step, job.content) == (Step.CANCELLED, None)
    assert not FigureRow.objects.exists()
    assert client.get(address(job)).status_code == 404


def test_old_ones_are_forgotten_but_what_is_saved_is_not(client: Client, indicator: Indicator) -> None:
    from initiatives.chores import forget_uploads

    saved = take_in(client, csv_of(ROWS), indicator)
    left = read(client, csv_of(ROWS))
    FigureImport.objects.update(expires_at=timezone.now())
    forget_uploads()
    assert list(FigureImport.objects.values_list("pk", flat=True)) == [saved.pk] != [left.pk]
    assert not FigureRow.objects.exists()


def test_only_kl_takes_in_and_only_ones_own(konsulent: User, laeser: User, hr: User, client: Client) -> None:
    for user in (laeser, hr):
        with pytest.raises(PermissionDenied):
            receive(csv_of(ROWS), user)
        with pytest.raises(PermissionDenied):
            make_indicator(user)
    job = receive(csv_of(ROWS), konsulent)
    with pytest.raises(PermissionDenied):
        job.choose_columns({}, headings="", by=laeser)
    with pytest.raises(MovedOn):
        job.save_figures(["new"], seen=0, choices="", by=konsulent)


def test_an_indicator_says_everything(client: Client, konsulent: User, indicator: Indicator) -> None:
    for missing in ("definition", "unit", "group", "publisher"):
        with pytest.raises(ValidationError):
            make_indicator(konsulent, f"Uden {missing}", **{missing: ""})
    with pytest.raises(ValidationError, match="allerede et nøgletal med det navn"):
        make_indicator(konsulent, "andel PÅ deltid")
    assert (indicator.slug, make_indicator(konsulent, "Andel på deltid!").slug) == (
        "tal-andel-paa-deltid",
        "tal-andel-paa-deltid-2",
    )


def test_the_list_says_where_they_are(client: Client, indicator: Indicator) -> None:
    assert "Ingen filer endnu" in client.get(PAGE).content.decode()
    take_in(client, csv_of(ROWS), indicator)
    page = client.get(PAGE).content.decode()
    assert "1 fil" in page
    assert ORIGIN in page
