"""Every figure of a report is the same on the page and in each of its files, read back from them."""

from __future__ import annotations

import os
import random
import re
import shutil
from typing import Any

import pytest
from django.http import QueryDict

from initiatives.models import Progress
from initiatives.reports import Report
from initiatives.reports.choice import Choice
from initiatives.reports.parts import Overview
from initiatives.status import STATUS_LABELS, UNDER_WAY, Status
from stakeholders.models import Municipality, User
from tests.factories import cell_of, day, make_row, moment
from tests.report_reading import (
    MONTHS,
    WORDS,
    Bars,
    Table,
    bars_in,
    bars_of_columns,
    bars_of_page,
    bars_of_slides,
    page_of,
    pdf_of,
    plain,
    slides_of,
    tables_of_document,
    tables_of_slides,
    tables_of_workbook,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not shutil.which("pdftotext") and os.environ.get("CI") != "true",
        reason="poppler mangler. Det installeres med: sudo apt-get install poppler-utils",
    ),
]

NAMED = ("Hvor", "Kommune", "Tema", "Gruppe")
Standings = dict[str, tuple[str, str]]


@pytest.fixture(params=[1, 2])
def chance(request: pytest.FixtureRequest, korsbaek: Municipality, konsulent: User) -> random.Random:
    """A country in which anything may have happened."""
    chance = random.Random(request.param)
    cells = list(Progress.objects.select_related("municipality", "recommendation"))
    own = [cell for cell in cells if cell.municipality is None or cell.municipality == korsbaek]
    for cell in [*own, *chance.sample(cells, 150)]:
        if chance.random() < 0.8:
            record(cell, chance, konsulent, at=f"2026-0{chance.randint(1, 5)}-10 10:00")
    return chance


def record(cell: Progress, chance: random.Random, user: User, *, at: str) -> None:
    status = chance.choice(list(Status))
    signal = chance.choice(["green", "yellow", "red"]) if status in UNDER_WAY else ""
    expected = {"expected_on": day("2026-02-01")} if status in UNDER_WAY and chance.random() < 0.3 else {}
    make_row(cell, status, by=user, signal=signal, note="Der er en grund.", recorded_at=moment(at), **expected)


def change(cell: Progress, old: str, user: User) -> None:
    """Give the cell another status than the old one, before the day of the reports."""
    status = "on_hold" if old != STATUS_LABELS["on_hold"] else "completed"
    make_row(cell, status, by=user, note="Nyt.", recorded_at=moment("2026-05-20 10:00"))


def place(name: str) -> Municipality:
    return Municipality.objects.get(name=name)


def asked(about: str, user: User) -> Report:
    return Choice.from_query(QueryDict(f"om={about}&pr=2026-06-01"), user=user).report()


def counted(bars: Bars) -> set[tuple[str, str]]:
    """The bars that show somebody's answer, with what a bar shows: all but *Ikke relevant*."""
    shown = {(name, re.sub(r"(, |^)Ikke relevant \d+", "", plain(said))) for name, said in bars}
    return {(name, said) for name, said in shown if re.sub(r"Ikke vurderet \d+", "", said)}


def standings_in(text: str, report: Report) -> Standings:
    """What a page says of each recommendation: its number, its title, and then its status and signal."""
    plain, found = re.sub(r"\s", "", text), {}
    words = "|".join(word.replace(" ", "") for word in WORDS)
    for group in report[Overview].groups:
        for row in group.rows:
            title = re.escape(re.sub(r"\s", "", row.title))
            said = set(re.findall(rf"{row.number}{title}({words})(Grøn|Gul|Rød)?", plain))
            assert len(said) == 1, (row.number, said)
            status, signal = said.pop()
            found[str(row.number)] = (next(word for word in WORDS if word.replace(" ", "") == status), signal)
    return found


def standings_of(tables: list[Table]) -> Standings:
    found: Standings = {}
    for head, *rows in tables:
        if {"Nr.", "Status"} <= set(head) and "Før" not in head:
            for row in (dict(zip(head, row, strict=True)) for row in rows):
                if row["Nr."].isdecimal():
                    said = row["Status"], row.get("Trafiklys", "")
                    assert found.setdefault(row["Nr."], said) == said
    return found


def read(report: Report) -> dict[str, Any]:
    """The figures of the report by file: of a country or a municipality also each recommendation's status."""
    page, (pdf_bars, pdf_text) = page_of(report).text_content(), pdf_of(report)
    workbook, document, slides = (make(report) for make in (tables_of_workbook, tables_of_document, tables_of_slides))
    bars = {"page": bars_of_page(report), "pdf": pdf_bars}
    bars |= {"workbook": bars_of_columns(workbook, NAMED), "document": bars_of_columns(document, NAMED)}
    found: dict[str, Any] = {
        name: {
            "bars": {bar for bar in counted(those) if bar[0] != MONTHS},
            "months": {bar for bar in counted(those) if bar[0] == MONTHS},
        }
        for name, those in bars.items()
    }
    assert [len(parts["months"]) for parts in found.values()] == [1] * len(bars)
    found["slides"] = {"bars": counted(bars_of_slides(report))}
    if not hasattr(report[Overview].groups[0].rows[0], "here"):
        found["page"]["standings"] = standings_in(page, report)
        found["pdf"]["standings"] = standings_in(pdf_text, report)
        for name, tables in (("workbook", workbook), ("document", document), ("slides", slides)):
            found[name]["standings"] = standings_of(tables)
    return found


def own_bars(report: Report) -> set[tuple[str, str]]:
    part = report[Overview]
    every = [(part.label, part.spread), *((group.title, group.spread) for group in part.groups)]
    return counted([(name, spread.spoken) for name, spread in every])


def without_headings(bars: set[tuple[str, str]], report: Report) -> set[tuple[str, str]]:
    """On its slide a theme's bars are named as the theme's heading is."""
    names = {group.heading: group.title for group in report[Overview].groups}
    return {(names.get(name, name), said) for name, said in bars}


def test_a_municipality(chance: random.Random, korsbaek: Municipality, konsulent: User) -> None:
    def check() -> dict[str, Any]:
        report = asked("kommune:999", konsulent)
        found = read(report)
        found["slides"]["bars"] = without_headings(found["slides"]["bars"], report)
        assert found["page"]["bars"] == own_bars(report)
        assert len(found["page"]["standings"]) == 20
        for name, parts in found.items():  # the slides have no months
            assert parts == {part: found["page"][part] for part in parts}, name
        return found

    before = check()
    old = before["page"]["standings"]["10"][0]
    change(cell_of(10, korsbaek), old, konsulent)
    after = check()
    assert all(after[name][part] != before[name][part] for name in after for part in after[name])


def test_the_country(chance: random.Random, konsulent: User) -> None:
    """Beside KL's own, each recommendation has what the municipalities say."""

    def check() -> dict[str, Any]:
        report = asked("landet", konsulent)
        found = read(report)
        rows = [row for group in report[Overview].groups for row in group.rows]
        named = counted([(row.title, row.spread.spoken) for row in rows if row.spread])
        workbook = next(table for table in tables_of_workbook(report) if "Uenighed" in table[0])
        columns = [column.removeprefix("Kommuner: ") for column in workbook[0]]
        spoken = [row for row in workbook[1:] if row[columns.index(WORDS[0])]]
        found["workbook"]["bars"] |= counted(bars_of_columns([[columns, *spoken]], ("Anbefaling",)))
        document = next(table for table in tables_of_document(report) if "Kommunernes egne svar" in table[0])
        said = document[0].index("Kommunernes egne svar")
        found["document"]["bars"] |= counted(bars_in(f"{row[1]}: {row[said]}" for row in document[1:]))
        assert found["page"]["bars"] == own_bars(report) | named
        assert without_headings(found["slides"].pop("bars"), report) == own_bars(report)
        assert len(found["page"]["standings"]) == 26
        for name in ("pdf", "workbook", "document"):
            assert found[name] == found["page"]
        assert found["slides"]["standings"] == found["page"]["standings"]
        done = {row[0]: row[-1] for table in tables_of_slides(report) if "gennemført" in table[0][-1] for row in table}
        asked_about = {
            str(row.number): f"{row.spread.completed} af {row.spread.counting}" for row in rows if row.spread
        }
        assert {number: said for number, said in done.items() if " af " in said} == asked_about
        return found

    before = check()
    old = before["page"]["standings"]["10"][0]
    change(cell_of(10), old, konsulent)
    after = check()
    assert all(after[name]["standings"] != before[name]["standings"] for name in after)


def test_a_kkr(chance: random.Random, konsulent: User) -> None:
    """Each recommendation beside the country; on the slides the KKR alone."""

    def check() -> dict[str, Any]:
        report = asked("kkr:nordjylland", konsulent)
        files = read(report)
        assert [files[name]["months"] for name in ("pdf", "workbook", "document")] == [files["page"]["months"]] * 3
        found = {name: parts["bars"] for name, parts in files.items()}
        rows = [row for group in report[Overview].groups for row in group.rows]
        here = counted([(f"{row.number}. {row.title}", row.here.spoken) for row in rows])
        assert len(rows) == 20
        assert found["slides"] == own_bars(report) | here
        assert own_bars(report) <= found["page"]
        assert [found[name] for name in ("pdf", "workbook", "document")] == [found["page"]] * 3
        return found

    before = check()
    thisted = Progress.objects.with_status(as_of=day("2026-06-01")).get(pk=cell_of(10, place("Thisted")).pk)
    change(thisted, STATUS_LABELS.get(thisted.status, ""), konsulent)
    after = check()
    assert all(after[name] != before[name] for name in after)


def test_the_finding_is_in_all(chance: random.Random, konsulent: User) -> None:
    report = asked("kkr:nordjylland", konsulent)
    assert report.title in " ".join(page_of(report).text_content().split())
    assert report.title.replace(" ", "") in pdf_of(report)[1].replace(" ", "")
    assert ["Rapport", report.title] in tables_of_workbook(report)[0]
    assert report.title in [slide.shapes.title.text for slide in slides_of(report)]
