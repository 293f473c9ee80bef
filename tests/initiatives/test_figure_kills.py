"""The worker is killed (`kill -9`) in the middle of reading and of saving: nothing half, and then all of it, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from flere_haender.days import today
from tests.world import SLOWLY, World, until, world_in

INDICATORS, YEARS = 5, 20
ROWS = 98 * INDICATORS * YEARS  # more than are read between two signs of life
STEP = "SELECT step FROM initiatives_figureimport"
FIGURES = "SELECT count(*), count(DISTINCT (indicator_id, municipality_id, year)) FROM initiatives_municipalityfigure"


def prepare() -> None:
    """A file that waits for the worker. Prints its id. For ``manage.py shell``."""
    from flere_haender.access import Role
    from initiatives.figure_files.columns import Columns
    from initiatives.models import FigureImport
    from stakeholders.models import Membership, Municipality, User

    from .figure_files import csv_of, make_indicator

    user = User.objects.create(email="konsulent@kl.example", name="Karen Holm", password="!")
    Membership.objects.create(user=user, role=Role.KL_CONSULTANT, started_on=today())
    names = [make_indicator(user, f"Nøgletal {number}").name for number in range(INDICATORS)]
    places = Municipality.objects.real()
    rows = [[place.code, name, 2010 + year, "1,5"] for name in names for year in range(YEARS) for place in places]
    job = FigureImport.receive(csv_of([["Kode", "Navn", "År", "Tal"], *rows]), file_name="tal.csv", by=user)
    columns = Columns(sheet="", head=1, layout="long", place=1, label=2, year=3, value=4, style="comma")
    job.choose_columns(columns.kept | {"named": {}}, headings="", by=user)
    print(json.dumps(job.pk))


def confirm() -> None:
    """Choose the indicators and have the figures saved. For ``manage.py shell``."""
    from initiatives.models import FigureImport, Indicator

    job = FigureImport.objects.get()
    chosen = {label: Indicator.objects.get(name=label).pk for label, _ in job.labels}
    job.choose_indicators(chosen, origin="Prøve", by=job.uploaded_by)
    job.refresh_from_db()
    job.save_figures(["new", "changed"], seen=0, choices=job.choices, by=job.uploaded_by)


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("figure-kills")) as here:
        here.manage("prepare_database")
        yield here


def call(world: World, name: str) -> Any:
    return world.manage("shell", "-v0", "-c", f"from {__name__} import {name}; {name}()")


def kill_after(world: World, table: str, rows: int) -> None:
    """Kill the worker and what it has started when so many rows are on their way; another one begins anew."""
    world.ask(SLOWLY.format(table=table, seconds=0.001))
    world.start("worker")
    until(lambda: world.number("SELECT last_value FROM written") > rows)
    world.kill("worker")
    world.ask(f"DROP TRIGGER a_slowly ON {table}")


def go_on(world: World, step: str) -> None:
    """What it had taken is free as soon as its lease is out."""
    world.ask("UPDATE initiatives_figureimport SET lease_until = now()")
    world.start("worker")
    until(lambda: world.ask(STEP) == [(step,)])
    world.kill("worker")


def test_killed_while_reading_and_while_saving(world: World) -> None:
    call(world, "prepare")
    kill_after(world, "initiatives_figurerow", 5_100)
    assert world.ask(STEP) == [("reading",)]
    assert world.number("SELECT count(*) FROM initiatives_figurerow") == 5_000
    go_on(world, "indicators")
    assert world.number("SELECT count(*) FROM initiatives_figurerow") == ROWS
    call(world, "confirm")
    kill_after(world, "initiatives_municipalityfigure", 500)
    assert (world.ask(STEP), world.ask(FIGURES)) == ([("saving",)], [(0, 0)])
    go_on(world, "saved")
    assert world.ask(FIGURES) == [(ROWS, ROWS)]
    assert world.number("SELECT count(*) FROM initiatives_figurerow") == 0
