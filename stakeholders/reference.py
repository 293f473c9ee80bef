"""Loads the reference data of this app from ``fixtures/``: actors, KKR, regions, municipalities."""

import csv
import hashlib
import json
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from .models import Actor, Kkr, LoadedFixture, Municipality, Placement, Region

FIRST_PLACEMENT = date(2007, 1, 1)
REGIONS_CHANGE = date(2027, 1, 1)


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def when_changed(name: str, row: Any, load: Callable[[Any], None]) -> bool:
    """Load a fixture row when it is new or says something else than when it was last loaded.

    So loading again changes nothing, and what a user has edited since stays until the fixture itself changes.
    """
    if says_the_same(name, row):
        return False
    load(row)
    LoadedFixture.objects.update_or_create(name=name, defaults={"digest": _digest(row)})
    return True


def says_the_same(name: str, row: Any) -> bool:
    """Whether a row says what its fixture said when it was last loaded."""
    return LoadedFixture.objects.filter(name=name, digest=_digest(row)).exists()


def _digest(row: Any) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest()


def load_organisations(folder: Path) -> int:
    """Load actors, KKR, regions and municipalities. Returns how many rows were new or changed."""
    organisations = read_toml(folder / "organisations.toml")
    actors = read_toml(folder / "plan.toml")["actors"]
    changed = sum(when_changed(f"actor:{row['slug']}", row, _load_actor) for row in actors)
    changed += sum(when_changed(f"kkr:{row['slug']}", row, _load_kkr) for row in organisations["kkr"])
    changed += sum(when_changed(f"region:{row['name']}", row, _load_region) for row in organisations["regions"])
    with (folder / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return changed + sum(when_changed(f"municipality:{row['code']}", row, _load_municipality) for row in rows)


def _load_actor(row: dict[str, Any]) -> None:
    Actor.objects.update_or_create(slug=row["slug"], defaults=row)


def _load_kkr(row: dict[str, Any]) -> None:
    Kkr.objects.update_or_create(slug=row["slug"], defaults=row)


def _load_region(row: dict[str, Any]) -> None:
    Region.objects.update_or_create(
        name=row["name"],
        defaults={"code": row.get("code", ""), "starts_on": row["valid_from"], "ends_on": row.get("valid_to")},
    )


def _load_municipality(row: dict[str, str]) -> None:
    fields = ("name", "authority_name", "cvr", "sort_order", "tile_row", "tile_column", "tile_name")
    municipality, _ = Municipality.objects.update_or_create(
        code=int(row["code"]), defaults={name: row[name] for name in fields}
    )
    place(municipality, kkr=row["kkr"], region=row["region"], starts_on=FIRST_PLACEMENT)
    if row["region_2027"] != row["region"]:
        place(municipality, kkr=row["kkr"], region=row["region_2027"], starts_on=REGIONS_CHANGE)


def place(municipality: Municipality, *, kkr: str, region: str, starts_on: date) -> None:
    """Say in which KKR (slug) and region (name) a municipality lies from a day on."""
    Placement.objects.update_or_create(
        municipality=municipality,
        starts_on=starts_on,
        defaults={"kkr": Kkr.objects.get(slug=kkr), "region": Region.objects.get(name=region)},
    )
