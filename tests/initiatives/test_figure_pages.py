"""Where the figures are shown: on the page of their indicator, in the list and in files, for members."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from initiatives.models import Indicator
from stakeholders.models import Municipality, User
from tests.factories import AsUser

from .figure_files import ORIGIN, PAGE, address, choose, csv_of, read, take_in

pytestmark = pytest.mark.django_db

HEAD = ["Kommune", "År", "Tal"]


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


@pytest.fixture
def neighbour(as_user: AsUser, nabo: User) -> Client:
    return as_user(nabo)


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured.captured_queries)


def test_an_indicator_without_figures(client: Client, gaest: Client, indicator: Indicator) -> None:
    page = indicator.get_absolute_url()
    assert "Ingen tal endnu" in gaest.get(page).content.decode()
    assert PAGE not in gaest.get(page).content.decode()
    assert PAGE in client.get(page).content.decode()


def test_the_newest_years_stand_beside_each_other(client: Client, neighbour: Client, indicator: Indicator) -> None:
    rows = [["Fanø", str(year), str(year - 2000)] for year in range(2010, 2020)] + [["Ærø", "2019", "1.234,5"]]
    take_in(client, csv_of([HEAD, *rows]), indicator)
    page = neighbour.get(indicator.get_absolute_url()).content.decode()
    assert "2019: fra 19 pct. i Fanø til 1.234,5 pct. i Ærø" in page
    assert "Tal for 2 kommuner" in page
    assert [year for year in range(2010, 2020) if f">{year}<" in page] == [2015, 2016, 2017, 2018, 2019]
    assert ORIGIN in page
    assert "Tal for kommunerne til og med 2019" in neighbour.get("/indikatorer/").content.decode()


def test_what_is_of_a_municipality_is_not_public(client: Client, gaest: Client, indicator: Indicator) -> None:
    take_in(client, csv_of([HEAD, ["Fanø", "2019", "77,7"]]), indicator)
    page = indicator.get_absolute_url()
    assert "77,7" in client.get(page).content.decode()
    shown = gaest.get(page).content.decode()
    assert indicator.definition in shown
    assert not [text for text in ("77,7", "Fanø", ORIGIN) if text in shown]
    assert gaest.get(f"{page}?format=csv")["Location"] == f"/konto/login/?next={page}%3Fformat%3Dcsv"


def test_a_revised_figure_is_the_newest(client: Client, neighbour: Client, indicator: Indicator) -> None:
    take_in(client, csv_of([HEAD, ["Fanø", "2019", "77,7"]]), indicator)
    take_in(client, csv_of([HEAD, ["Fanø", "2019", "88,8"]]), indicator)
    page = neighbour.get(indicator.get_absolute_url()).content.decode()
    assert "88,8" in page
    assert "77,7" not in page


def test_the_file_holds_all_years(client: Client, neighbour: Client, indicator: Indicator) -> None:
    rows = [["Fanø", str(year), "1,5"] for year in range(2000, 2020)]
    take_in(client, csv_of([HEAD, *rows]), indicator)
    content = neighbour.get(f"{indicator.get_absolute_url()}?format=csv").getvalue().decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(content), delimiter=";"))
    assert found[0][:5] == ["Kommunekode", "Kommune", "År", "Tal", "Nøgletal"]
    assert [row[:4] for row in found[1:]] == [["563", "Fanø", str(year), "1,5"] for year in range(2000, 2020)]
    assert neighbour.get(f"{indicator.get_absolute_url()}?format=pdf").status_code == 400


def test_the_fictional_one_is_no_finding(client: Client, indicator: Indicator, korsbaek: Municipality) -> None:
    take_in(client, csv_of([HEAD, ["Fanø", "2019", "5"], ["Korsbæk", "2019", "1"]]), indicator)
    page = client.get(indicator.get_absolute_url()).content.decode()
    assert "2019: 5 pct. i Fanø" in page
    assert "(opdigtet)" in page


def test_queries_do_not_grow_with_the_figures(client: Client, neighbour: Client, indicator: Indicator) -> None:
    def fill(count: int) -> list[int]:
        places = [place.name for place in Municipality.objects.real()[:count]]
        job = read(client, csv_of([HEAD, *([place, str(2000 + count), "1"] for place in places)]))
        choose(client, job, indicator)
        counted = [queries(client, page) for page in (address(job), f"{address(job)}noegletal/", PAGE)]
        take_in(client, csv_of([HEAD, *([place, str(2000 + count), "1"] for place in places)]), indicator)
        page = indicator.get_absolute_url()
        return counted + [queries(neighbour, url) for url in (page, f"{page}?format=csv", "/indikatorer/")]

    assert fill(3) == fill(50)
