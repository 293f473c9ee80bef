"""What it takes to take in 100,000 figures: read, looked through and saved by the worker, beside COPY of the rows.

Allowed are three times what COPY takes and a second for each 10,000 rows.
"""

from __future__ import annotations

import csv
import io
import itertools
import os
import time
from collections.abc import Iterator
from typing import Any

import django
import xlsxwriter
from django.db import connection

from .reports import EMAIL, timed, worker

FIGURES = int(os.environ.get("FIGURES", "100000"))
INDICATORS, FIRST_YEAR, YEARS = 26, 1985, 40
PATIENCE = 600
HEADINGS = ["Kommune", "Nøgletal", "År", "Tal"]
COLUMNS = {"place": 1, "label": 2, "year": 3, "value": 4, "layout": "long", "style": "comma"}


def rows() -> Iterator[list[str]]:
    """As a publisher writes them: names, years, a decimal comma and points between thousands."""
    from stakeholders.models import Municipality

    names = [place.authority_name for place in Municipality.objects.real()]
    labels = [f"Nøgletal {number:02}" for number in range(INDICATORS)]
    years = [str(FIRST_YEAR + number) for number in range(YEARS)]
    every = itertools.product(labels, years, names)
    for number, (label, year, name) in enumerate(itertools.islice(every, FIGURES)):
        value = f"{((number + 1) * 7919) % 10_000_000 / 100:,.2f}".translate(str.maketrans(",.", ".,"))
        yield [name, label, year, value]


def as_csv() -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerows([HEADINGS, *rows()])
    return file.getvalue().encode("cp1252")


def as_xlsx() -> bytes:
    """The same, but the numbers are numbers, each half greater, so that all are changed."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, HEADINGS)
        for number, (name, label, year, value) in enumerate(rows(), 1):
            sheet.write_row(number, 0, [name, label, int(year), float(value.replace(".", "").replace(",", ".")) * 1.5])
    return file.getvalue()


def copied(indicators: list[Any]) -> float:
    """Seconds that COPY of the same rows takes, into a table with the same columns, checks and indexes."""
    from stakeholders.models import Municipality

    places = {place.authority_name: place.pk for place in Municipality.objects.real()}
    by_label = {f"Nøgletal {number:02}": indicator.pk for number, indicator in enumerate(indicators)}
    file = io.StringIO(newline="")
    csv.writer(file).writerows(
        [number, int(year), value.replace(".", "").replace(",", "."), by_label[label], places[name], 1]
        for number, (name, label, year, value) in enumerate(rows(), 1)
    )
    columns = "id, year, value, indicator_id, municipality_id, source_id"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE copied (LIKE initiatives_municipalityfigure INCLUDING ALL)")

        def copy() -> None:
            file.seek(0)
            cursor.execute("TRUNCATE copied")
            cursor.copy_expert(f"COPY copied ({columns}) FROM STDIN WITH (FORMAT csv)", file)

        seconds = min(timed(copy) for _ in range(3))
        cursor.execute("DROP TABLE copied")
    return seconds


def wait(job: Any, *steps: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while job.step not in steps and time.monotonic() < deadline:
        time.sleep(0.1)
        job.refresh_from_db(fields=["step", "labels", "error", "done", "total", "indicators", "counts"])
    assert job.step in steps, (job.step, job.error)


def take_in(content: bytes, name: str, indicators: list[Any], user: Any) -> dict[str, float]:
    """Seconds of each part; between them nobody thinks."""
    from initiatives.figure_files.columns import AT_FIRST, Columns, FigureFile, look
    from initiatives.figure_files.showing import Shown
    from initiatives.models import FigureImport, Step

    def read() -> None:
        head = look(FigureFile(content, name, AT_FIRST))
        columns = Columns(sheet=head.sheet, head=head.number, **COLUMNS)
        job.choose_columns(columns.kept | {"named": {}}, headings=head.fingerprint, by=user)
        job.refresh_from_db()
        wait(job, Step.INDICATORS, Step.FAILED)

    def preview() -> None:
        chosen = {label: indicators[place].pk for place, (label, _) in enumerate(job.labels)}
        job.choose_indicators(chosen, origin="Bænk", by=user)
        job.refresh_from_db()
        shown = Shown(job)
        print(f"  {shown.heading}", flush=True)
        seen.append(shown.seen)
        assert sum(group.count for group in shown.groups) == FIGURES

    def save() -> None:
        job.save_figures(["new", "changed"], seen=seen[0], choices=job.choices, by=user)
        job.refresh_from_db()
        wait(job, Step.SAVED, Step.LOOKING)

    seen: list[int] = []
    job = FigureImport.receive(content, file_name=name, by=user)
    return {"read": timed(read), "previewed": timed(preview), "saved": timed(save)}


def main() -> None:
    django.setup()
    from initiatives.models import Indicator
    from stakeholders.models import User

    user = User.objects.get(email=EMAIL)
    said = {"definition": "Bænk", "unit": "pct.", "group": "Bænk", "topic": "other", "publisher": "Bænk"}
    indicators = [Indicator.define(by=user, name=f"Nøgletal {n:02}", direction="", **said) for n in range(INDICATORS)]
    copy = copied(indicators)
    allowed = 3 * copy + FIGURES / 10_000
    print(f"{'COPY of the same rows':48}{copy:>8.2f} s", flush=True)
    for name, content in (("tal.csv", as_csv()), ("tal.xlsx", as_xlsx())):
        with worker() as watch:
            idle = watch.peak
            parts = take_in(content, name, indicators, user)
            time.sleep(1.5)
            each = ", ".join(f"{part} {seconds:.1f}" for part, seconds in parts.items())
            total = sum(parts.values())
            print(f"{f'{name}, {len(content) / 1e6:.1f} MB':48}{total:>8.2f} s (at most {allowed:.1f})  {each}")
            print(f"{'peak memory of the worker, MB':48}{watch.peak:>8.0f}   idle {idle:.0f}", flush=True)


if __name__ == "__main__":
    main()
