"""Open data: fixed and documented columns, real figures only, files that Danish Excel and programs can read."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flere_haender.days import today
from initiatives.models import Case, Indicator, IndicatorValue, Programme, Recommendation, Related
from initiatives.moment import Moment
from initiatives.opendata import DATASETS, Dataset, Kind
from initiatives.opendata.formats import as_csv, as_json
from stakeholders.models import Actor, Installation, Municipality, User
from tests.factories import AsUser, cell_of, day, make_event, make_row
from timeline.models import Citation, Commitment, Source

pytestmark = pytest.mark.django_db

# The columns as they were promised. A column is never renamed, taken away or moved.
COLUMNS = {
    "anbefalinger": "nummer titel tema indsatsomraade aktoerer naevnte_aktoerer resume kilder handleplan",
    "begivenheder": "id titel andre_navne art aar maaned praecision sikkerhed stand beskrivelse aktoerer anbefalinger "
    "kilder overordnet",
    "forpligtelser": "id begivenhed hvem hvad vaerdi vaerdi_tekst enhed hyppighed periode frist kilder",
    "indikatorer": "indikator definition gruppe vaerdi vaerdi_tekst enhed periode geografi udgiver kilder navn",
    "cases": "id titel kommuner evidens problem maalgruppe anbefalinger kilder publiceret andre_planer",
    "programmer": "id titel periode deltagere deltagere_tekst kendte_deltagere beskrivelse begivenhed anbefalinger "
    "kilder",
    "kommuner": "kode navn myndighed kkr region cvr",
    "status": "anbefaling national_status national_signal national_dato ikke_vurderet ikke_igangsat planlagt i_gang "
    "gennemfoert sat_i_bero ikke_relevant kommuner_i_alt pr handleplan",
}
PYTHON = {Kind.TEXT: str, Kind.NUMBER: int | float | Decimal, Kind.DAY: date, Kind.TEXTS: list, Kind.NUMBERS: list}
FILES = [f"/data/{name}.{extension}" for name in COLUMNS for extension in ("json", "csv")]


def fetch(client: Client, name: str, **query: str) -> dict[str, Any]:
    response = client.get(f"/data/{name}.json", query)
    assert response.status_code == 200
    return json.loads(response.content)


def rows_of(client: Client, name: str, **query: str) -> list[dict[str, Any]]:
    return fetch(client, name, **query)["raekker"]


def table_of(client: Client, name: str) -> list[list[str]]:
    content = client.get(f"/data/{name}.csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def cite(lines: str = "12-15") -> Citation:
    source = Source.objects.get(slug="flere-haender-2")
    return Citation.objects.create(source=source, place=f"Prøve {lines}", lines=lines, digest="0" * 64)


def make_value(slug: str = "proeve-tal", **fields: Any) -> IndicatorValue:
    indicator = Indicator.objects.create(
        slug=slug, name="Prøvetal", definition="En prøve.", unit="pct.", topic="other", publisher="KL"
    )
    defaults = {"text": "ca. 12,5 pct.", "value": Decimal("12.50"), "period": "2020", "year": 2020, "geography": "DK"}
    return IndicatorValue.objects.create(indicator=indicator, **defaults | fields)


def one(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    assert len(found) == 1
    return found[0]


# The columns


def test_the_datasets_and_their_columns_are_the_promised_ones() -> None:
    found = {name: " ".join(column.name for column in dataset.columns) for name, dataset in DATASETS.items()}
    assert found == COLUMNS


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.name)
def test_every_row_has_exactly_its_columns_of_the_kind_that_is_documented(dataset: Dataset) -> None:
    event = make_event(month=5)
    event.citations.add(cite())
    Commitment.objects.create(slug="proeve-penge", event=event, what="Noget", amount=Decimal("1.5"))
    make_value()
    rows = list(dataset.rows(Moment.now()))
    assert rows
    for row in rows:
        assert list(row) == [column.name for column in dataset.columns]
        for column in dataset.columns:
            value = row[column.name]
            assert value is None or isinstance(value, PYTHON[column.kind]), (column.name, value)


def test_the_page_documents_every_column_and_links_every_file(gaest: Client) -> None:
    page = gaest.get("/data/").content.decode()
    for url in FILES:
        assert f'href="{url}"' in page
    for dataset in DATASETS.values():
        for column in dataset.columns:
            assert f"<code>{column.name}</code>" in page
            assert column.explanation.endswith(".")
    assert "demodata" not in page.lower()


# What stands in them


def test_recommendations(gaest: Client) -> None:
    rows = rows_of(gaest, "anbefalinger")
    assert [row["nummer"] for row in rows] == list(range(1, 27))
    row = one(rows, nummer=24)
    assert row["titel"] == "Anvend KL’s fælleserklæring om velfærdsteknologi"
    assert row["kilder"] == ["001_44d1df0466a8c77e.txt:477-500"]
    assert "Kommunerne" in row["aktoerer"]
    assert one(rows, nummer=7)["naevnte_aktoerer"] != one(rows, nummer=7)["aktoerer"]


def test_events_name_their_parent_their_recommendations_and_every_place(gaest: Client) -> None:
    whole = make_event("proeve-hel", other_names=["Prøven", "P1"])
    part = make_event("proeve-del", parent=whole, month=3, precision="month", certainty="uncertain")
    part.citations.add(cite("7-9"), cite("3-4"))
    part.actors.add(Actor.objects.get(slug="kl"))
    for number in (18, 3):
        recommendation = Recommendation.objects.get(number=number)
        Related.objects.create(recommendation=recommendation, event=part, basis="ours")
    rows = rows_of(gaest, "begivenheder")
    assert one(rows, id="proeve-hel")["andre_navne"] == ["Prøven", "P1"]
    row = one(rows, id="proeve-del")
    assert (row["overordnet"], row["aar"], row["maaned"]) == ("proeve-hel", 2020, 3)
    assert (row["praecision"], row["sikkerhed"], row["stand"], row["art"]) == ("Måned", "Usikker", "Sket", "Aftale")
    assert row["anbefalinger"] == [3, 18]
    assert row["aktoerer"] == [Actor.objects.get(slug="kl").name]
    assert row["kilder"] == ["001_44d1df0466a8c77e.txt:7-9", "001_44d1df0466a8c77e.txt:3-4"]


def test_numbers_are_numbers_in_json_and_have_a_decimal_comma_in_csv(gaest: Client) -> None:
    make_value("proeve-halv")
    make_value("proeve-hel", value=Decimal("23.00"))
    make_value("proeve-ord", value=None, text="op mod halvdelen")
    rows = rows_of(gaest, "indikatorer")
    values = {slug: one(rows, indikator=slug)["vaerdi"] for slug in ("proeve-halv", "proeve-hel", "proeve-ord")}
    assert values == {"proeve-halv": 12.5, "proeve-hel": 23, "proeve-ord": None}
    assert isinstance(values["proeve-hel"], int)
    cells = {row[0]: row[3:5] for row in table_of(gaest, "indikatorer")}
    assert cells["proeve-halv"] == ["12,5", "ca. 12,5 pct."]
    assert cells["proeve-hel"][0] == "23"
    assert cells["proeve-ord"] == ["", "op mod halvdelen"]


def test_csv_has_semicolons_lists_with_bars_and_no_formulas(gaest: Client) -> None:
    make_event("proeve-formel", title="=1+1", other_names=["@a", "b;c"], description='Med "gåseøjne"')
    table = table_of(gaest, "begivenheder")
    assert table[0] == COLUMNS["begivenheder"].split()
    row = next(row for row in table if row[0] == "proeve-formel")
    assert row[1:3] == ["'=1+1", "'@a | b;c"]
    assert row[9] == 'Med "gåseøjne"'
    assert one(rows_of(gaest, "begivenheder"), id="proeve-formel")["titel"] == "=1+1"


def test_98_municipalities_without_the_invented_one(gaest: Client, korsbaek: Municipality) -> None:
    case = Case.objects.create(slug="proeve-case", title="Prøve", what="Noget", evidence="promising")
    programme = Programme.objects.create(slug="proeve-program", title="Prøve", description="Noget")
    thisted = Municipality.objects.get(code=787)
    case.municipalities.set([korsbaek, thisted])
    programme.known.set([korsbaek, thisted])
    rows = rows_of(gaest, "kommuner")
    assert len(rows) == 98
    assert one(rows, kode=787) == {
        "kode": 787,
        "navn": "Thisted",
        "myndighed": "Thisted Kommune",
        "kkr": "KKR Nordjylland",
        "region": "Region Nordjylland",
        "cvr": thisted.cvr,
    }
    assert one(rows_of(gaest, "cases"), id="proeve-case")["kommuner"] == ["Thisted"]
    assert one(rows_of(gaest, "programmer"), id="proeve-program")["kendte_deltagere"] == ["Thisted"]
    for url in FILES:
        assert b"Korsb" not in gaest.get(url).content


# Status


def test_status_is_the_national_line_beside_the_spread(
    gaest: Client, konsulent: User, nabo: User, hr: User, thisted: Municipality, korsbaek: Municipality
) -> None:
    make_row(cell_of(10), "planned", by=konsulent, signal="red", effective_on=day("2026-01-10"))
    make_row(cell_of(10, thisted), "completed", by=nabo, effective_on=day("2026-02-10"))
    make_row(cell_of(10, korsbaek), "completed", by=hr, effective_on=day("2026-02-10"))
    row = one(rows_of(gaest, "status"), anbefaling=10)
    assert row == {
        "anbefaling": 10,
        "national_status": "Planlagt",
        "national_signal": "Rød",
        "national_dato": "2026-01-10",
        "ikke_vurderet": 97,
        "ikke_igangsat": 0,
        "planlagt": 0,
        "i_gang": 0,
        "gennemfoert": 1,
        "sat_i_bero": 0,
        "ikke_relevant": 0,
        "kommuner_i_alt": 98,
        "pr": today().isoformat(),
        "handleplan": "flere-haender-2",
    }
    before = one(rows_of(gaest, "status", pr="2026-02-09"), anbefaling=10)
    assert (before["gennemfoert"], before["national_status"], before["pr"]) == (0, "Planlagt", "2026-02-09")
    earlier = one(rows_of(gaest, "status", pr="01.01.2026"), anbefaling=10)
    assert (earlier["national_status"], earlier["national_dato"]) == ("Ikke vurderet", None)


def test_where_the_municipalities_are_not_asked_the_counts_are_empty(gaest: Client) -> None:
    row = one(rows_of(gaest, "status"), anbefaling=4)
    assert [row[name] for name in ("ikke_vurderet", "gennemfoert", "kommuner_i_alt")] == [None] * 3


def test_status_has_no_notes_and_no_names(gaest: Client, konsulent: User) -> None:
    make_row(cell_of(10), "planned", by=konsulent, note="En hemmelig note", internal_note="Meget hemmelig")
    for url in FILES:
        content = gaest.get(url).content.decode()
        assert "emmelig" not in content
        assert "Karen Holm" not in content
        assert "@" not in content


@pytest.mark.parametrize("pr", ["x", "2026-13-45", "2999-01-01", "1999-01-01", "\x00", "1" * 500, "-1"])
def test_a_day_that_is_none_gets_a_message_and_no_rows(gaest: Client, pr: str) -> None:
    for extension in ("json", "csv"):
        response = gaest.get(f"/data/status.{extension}", {"pr": pr})
        assert response.status_code == 400
        assert response["Access-Control-Allow-Origin"] == "*"
        assert list(json.loads(response.content)) == ["fejl"]


def test_what_a_dataset_does_not_know_is_refused(gaest: Client) -> None:
    assert gaest.get("/data/cases.json", {"pr": "2026-01-01"}).status_code == 400
    assert gaest.get("/data/status.json", {"kommune": "787"}).status_code == 400
    for url in ("/data/ukendt.json", "/data/cases.xlsx"):
        response = gaest.get(url)
        assert response.status_code == 404
        assert "anbefalinger" in json.loads(response.content)["fejl"]


def test_a_demo_database_says_so(gaest: Client) -> None:
    assert "demo" not in fetch(gaest, "status")
    assert table_of(gaest, "status")[0] == COLUMNS["status"].split()
    Installation.become_demo()
    assert fetch(gaest, "status")["demo"] is True
    table = table_of(gaest, "status")
    assert table[0] == [*COLUMNS["status"].split(), "demodata"]
    assert {row[-1] for row in table[1:]} == {"Opdigtede tal"}
    assert "demodata" in gaest.get("/data/status.csv")["Content-Disposition"]
    assert list(rows_of(gaest, "status")[0]) == COLUMNS["status"].split()
    assert "demo" not in fetch(gaest, "kommuner")
    assert "demodata" in gaest.get("/data/").content.decode()


# How it is handed out


@pytest.mark.parametrize("url", FILES)
def test_the_same_content_is_not_sent_twice(gaest: Client, url: str) -> None:
    first = gaest.get(url)
    assert first.status_code == 200
    assert first["Cache-Control"] == "public, max-age=300"
    assert first["Access-Control-Allow-Origin"] == "*"
    assert first["ETag"].startswith('"')
    assert not first.cookies
    again = gaest.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Access-Control-Allow-Origin"] == "*"
    assert gaest.get(url, headers={"If-None-Match": '"andet"'}).status_code == 200
    head = gaest.head(url)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])


def test_new_content_has_a_new_tag(gaest: Client, konsulent: User) -> None:
    before = gaest.get("/data/status.json")["ETag"]
    make_row(cell_of(10), "planned", by=konsulent)
    after = gaest.get("/data/status.json", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after["ETag"] != before


def test_the_content_types(gaest: Client) -> None:
    assert gaest.get("/data/cases.json")["Content-Type"] == "application/json; charset=utf-8"
    response = gaest.get("/data/cases.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="cases.csv"'


def test_everybody_gets_the_same_file(as_user: AsUser, gaest: Client, konsulent: User, hr: User) -> None:
    for url in FILES:
        mine = gaest.get(url).content
        assert as_user(konsulent).get(url).content == mine
        assert as_user(hr).get(url).content == mine


def fill(rows: int) -> None:
    for number in range(rows):
        event = make_event(f"fyld-{rows}-{number}")
        case = Case.objects.create(slug=f"fyld-{rows}-{number}", title="Fyld", what="Fyld", evidence="promising")
        programme = Programme.objects.create(slug=f"fyld-{rows}-{number}", title="F", description="F", event=event)
        value = make_value(f"fyld-{rows}-{number}")
        commitment = Commitment.objects.create(slug=f"fyld-{rows}-{number}", event=event, what="Fyld")
        citation = cite(f"{rows}{number}-{rows}{number}")
        for thing in (event, case, programme, value, commitment):
            thing.citations.add(citation)
        municipality = Municipality.objects.all()[number]
        case.municipalities.add(municipality)
        programme.known.add(municipality)
        for kind, thing in (("event", event), ("case", case), ("programme", programme)):
            related: dict[str, Any] = {kind: thing}
            Related.objects.create(recommendation=Recommendation.objects.all()[number], basis="ours", **related)


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.name)
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(dataset: Dataset) -> None:
    fill(1)
    with CaptureQueriesContext(connection) as few:
        list(dataset.rows(Moment.now()))
    fill(8)
    with CaptureQueriesContext(connection) as many:
        list(dataset.rows(Moment.now()))
    assert len(many) == len(few) <= 6


def test_the_files_themselves() -> None:
    dataset = DATASETS["programmer"]
    row = dict.fromkeys(COLUMNS["programmer"].split()) | {
        "id": "a",
        "titel": "-1",
        "deltagere": 26,
        "kendte_deltagere": ["Thisted", "Frederikshavn"],
        "periode": "",
    }
    text = as_csv(dataset, [row], {}).decode("utf-8-sig").splitlines()
    assert text == [COLUMNS["programmer"].replace(" ", ";"), "a;'-1;;26;;Thisted | Frederikshavn;;;;"]
    whole = json.loads(as_json(dataset, [row], {"pr": "2026-01-01"}))
    assert list(whole) == ["navn", "titel", "beskrivelse", "pr", "raekker"]
    assert (whole["raekker"][0]["deltagere"], whole["raekker"][0]["periode"]) == (26, None)
