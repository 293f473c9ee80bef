"""Files as they are published: long and wide, with a title above and notes below, in any encoding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client

from initiatives.figure_files.columns import AT_FIRST, FigureFile, Layout, look, proposal
from initiatives.figure_files.numbers import NumberStyle
from initiatives.models import Indicator
from stakeholders.models import User
from tests.factories import AsUser

from .figure_files import (
    LONG,
    address,
    choose,
    csv_of,
    figures,
    make_indicator,
    newest,
    read,
    take_in,
    upload,
    xlsx_of,
)

pytestmark = pytest.mark.django_db

WIDE = {"layout": "wide", "place": "1", "style": "comma"}
TITLED: list[Sequence[Any]] = [
    ["Ansatte efter område, køn og tid"],
    [],
    ["", "2021", "2022*", "Note"],
    ["Hele landet", "1.000", "2.000", ""],
    ["Region Sjælland", "100", "200", ""],
    ["Høje Taastrup", "10", "20,5", "a"],
    ["Lyngby-Tårbæk", "-", "30", ""],
    ["Kilde: Danmarks Statistik"],
]


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


def test_wide_with_a_title_and_notes(client: Client, indicator: Indicator) -> None:
    job = read(client, csv_of(TITLED), WIDE)
    shown = choose(client, job, indicator)
    assert shown.heading == "3 nye tal"
    assert [each["said"] for each in shown.left_out] == ["Hele landet", "Region Sjælland"]
    assert [(each["said"], each["count"]) for each in shown.nothing] == [("-", 1)]
    take_in(client, csv_of(TITLED), indicator, columns=WIDE)
    expected = {("Høje-Taastrup", 2021): "10", ("Høje-Taastrup", 2022): "20.5", ("Lyngby-Taarbæk", 2022): "30"}
    assert figures(indicator) == expected


def test_a_dash_is_zero_when_somebody_says_so(client: Client, indicator: Indicator) -> None:
    take_in(client, csv_of(TITLED), indicator, columns=WIDE | {"dash_is_zero": "on"})
    assert figures(indicator)["Lyngby-Taarbæk", 2021] == "0"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encodings_and_delimiters(client: Client, indicator: Indicator, encoding: str, delimiter: str) -> None:
    rows = [["Område", "År", "Tal"], ["Ærø", "2023", "1,5"], ["Århus", "2023", "1.234"], ["Brønderslev", "2023", ".."]]
    take_in(client, csv_of(rows, encoding=encoding, delimiter=delimiter), indicator)
    assert figures(indicator) == {("Ærø", 2023): "1.5", ("Aarhus", 2023): "1234"}


def test_the_encoding_and_the_sample_are_shown(client: Client) -> None:
    upload(client, csv_of([["Område", "År", "Tal"], ["Ærø", "2023", "1.234"]], encoding="cp1252"))
    page = client.get(address(newest(), "kolonner/")).content.decode()
    assert "Teksten er læst som Windows-1252" in page
    assert "Ærø" in page
    assert "(“1.234” læses som 1.234)" in page
    assert "(“1.234” læses som 1,234)" in page
    assert 'name="style" value="comma" id="id_style_0" checked' not in page.replace(" required", "")


def test_what_is_in_doubt_has_to_be_said(client: Client) -> None:
    upload(client, csv_of([["Område", "År", "Tal"], ["Ærø", "2023", "1.234"]]))
    columns = {name: value for name, value in LONG.items() if name != "style"}
    response = client.post(address(newest(), "kolonner/"), columns)
    assert response.status_code == 422
    assert "Vælg, hvordan filen skriver tal." in response.content.decode()


def test_excel_has_numbers_of_its_own(client: Client, indicator: Indicator) -> None:
    rows = [["Kommune", "År", "Tal"], [101, 2023, 1.234], ["Ærø", "2023", 1234.5], [751, 2023.0, 0.1 + 0.2]]
    take_in(client, xlsx_of(rows), indicator, columns=LONG | {"style": "plain"}, name="tal.xlsx")
    assert figures(indicator) == {("København", 2023): "1.234", ("Ærø", 2023): "1234.5", ("Aarhus", 2023): "0.3"}


def test_several_indicators_in_one_file(client: Client, indicator: Indicator, konsulent: User) -> None:
    other = make_indicator(konsulent, "Gennemsnitsalder")
    rows = [["Kommune", "Hvad", "År", "Tal"]]
    rows += [["Fanø", name, "2023", str(number)] for number, name in enumerate(["Deltid", "Alder", "Andet"])]
    columns = {"layout": "long", "place": "1", "label": "2", "year": "3", "value": "4", "style": "plain"}
    job = read(client, csv_of(rows), columns)
    assert [label for label, _ in job.labels] == ["Deltid", "Alder", "Andet"]
    shown = choose(client, job, indicator, other, None)
    assert (shown.heading, shown.not_chosen) == ("2 nye tal", [("Andet", 1)])
    take_in(client, csv_of(rows), indicator, other, None, columns=columns)
    assert (figures(indicator), figures(other)) == ({("Fanø", 2023): "0"}, {("Fanø", 2023): "1"})


def test_every_name_has_to_be_decided(client: Client, indicator: Indicator) -> None:
    rows = [["Kommune", "Hvad", "År", "Tal"], ["Fanø", "a", "2023", "1"], ["Fanø", "b", "2023", "2"]]
    columns = {"layout": "long", "place": "1", "label": "2", "year": "3", "value": "4", "style": "plain"}
    job = read(client, csv_of(rows), columns)
    for chosen, said in (
        ({"label-0": indicator.pk, "origin": "x"}, "Vælg et nøgletal."),
        ({"label-0": indicator.pk, "label-1": indicator.pk}, "Skriv, hvor tallene kommer fra."),
        ({"label-0": "udelad", "label-1": "udelad", "origin": "x"}, "Vælg mindst ét nøgletal"),
        ({"label-0": "999999", "label-1": "udelad", "origin": "x"}, "Vælg et nøgletal."),
    ):
        response = client.post(address(job, "noegletal/"), chosen)
        assert (response.status_code, said in response.content.decode()) == (422, True)


def test_a_new_indicator_is_made_on_the_way(client: Client) -> None:
    job = read(client, csv_of([["Kommune", "År", "Tal"], ["Fanø", "2023", "1"]]))
    response = client.post(address(job, "noegletal/"), {"nyt": "0", "origin": "Tabel 7"})
    assert response["Location"] == address(job, "noegletal/nyt/?nr=0")
    said = {"name": "Frafald", "unit": "pct.", "group": "Elever", "publisher": "STAR", "topic": "education"}
    page = client.post(response["Location"], said).content.decode()
    assert "Definition skal udfyldes." in page
    assert "God retning skal udfyldes." in page
    said |= {"definition": "Elever, der stopper.", "direction": "down"}
    assert client.post(response["Location"], said).status_code == 302
    made = Indicator.objects.get(name="Frafald")
    page = client.get(address(job, "noegletal/")).content.decode()
    assert f'<option value="{made.pk}" selected>Frafald (pct.)</option>' in page
    assert 'value="Tabel 7"' in page


def test_a_new_indicator_is_asked_for_everything_by_name(client: Client) -> None:
    rows = [["Kommune", "Hvad", "År", "Tal"], ["Fanø", "Deltid", "2023", "1"], ["Fanø", "Alder", "2023", "2"]]
    columns = {"layout": "long", "place": "1", "label": "2", "year": "3", "value": "4", "style": "plain"}
    job = read(client, csv_of(rows), columns)
    page = client.get(address(job, "noegletal/nyt/?nr=1")).content.decode()
    assert "I filen hedder det “Alder”." in page
    assert 'value="Alder"' in page
    for label in ("Navn", "Definition", "Enhed", "Hvem det handler om", "Opgjort af", "Emne"):
        assert f">{label}" in page


def test_the_sheet_that_names_municipalities_is_found(konsulent: User) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Læs mig"])
    sheet = book.create_sheet("Tal")
    for row in (["Kommune", 2022, 2023], ["Fanø", 1, 2.5]):
        sheet.append(row)
    import io

    file = io.BytesIO()
    book.save(file)
    head = look(FigureFile(file.getvalue(), "a.xlsx", AT_FIRST))
    assert (head.sheet, head.years) == ("Tal", [(2, 2022), (3, 2023)])
    assert proposal(head) == {"place": 1, "layout": Layout.WIDE, "style": NumberStyle.PLAIN}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["Kommune", "År", "Tal"], ["Fanø", "2023", "1,5"]], {"place": 1, "year": 2, "value": 3, "style": "comma"}),
        ([["Fanø", "2023", "1"]], {"place": 1, "year": 2, "value": 3, "style": "plain"}),
        (
            [["Nr", "Navn", "År", "Tal"], ["563", "Fanø", "2023", "1.234"]],
            {"place": 2, "year": 3, "value": 4, "style": None},
        ),
    ],
)
def test_what_the_columns_seem_to_be(rows: list[list[str]], expected: dict[str, Any]) -> None:
    head = look(FigureFile(csv_of(rows), "a.csv", AT_FIRST))
    assert proposal(head) == expected | {"layout": Layout.LONG}


def test_without_headings(client: Client, indicator: Indicator) -> None:
    take_in(client, csv_of([["Fanø", "2023", "1"], ["Ærø", "2023", "2"]]), indicator)
    assert figures(indicator) == {("Fanø", 2023): "1", ("Ærø", 2023): "2"}
