"""Loads what the documents know around the plan from ``fixtures/``: figures, cases, programmes, lists and terms."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from stakeholders.models import Municipality
from stakeholders.reference import read_toml, when_changed
from timeline.models import Event
from timeline.reference import cite, event_rows

from .models import Case, FactList, Indicator, IndicatorValue, ListItem, Programme, Recommendation, Related, Term

Row = dict[str, Any]


def load_background(folder: Path) -> int:
    """Load all of it, and which recommendations it has to do with. Returns how many rows were new or changed.

    The sources and the events must be there. A changed row replaces its values, items and recommendations, also
    those that a user has added to it; a row that is unchanged is left alone.
    """
    codes = _codes(folder)
    return (
        _load_rows(folder, "indicators", "indicator", _load_indicator)
        + _load_rows(folder, "cases", "case", partial(_load_case, codes=codes))
        + _load_rows(folder, "programmes", "programme", partial(_load_programme, codes=codes))
        + _load_rows(folder, "lists", "list", _load_list)
        + _load_rows(folder, "glossary", "term", _load_term, table="terms")
        + _load_events(folder)
    )


def _load_rows(folder: Path, name: str, kind: str, load: Callable[[Row], None], table: str = "") -> int:
    rows = read_toml(folder / f"{name}.toml")[table or name]
    return sum(when_changed(f"{kind}:{row['slug']}", row, load) for row in rows)


def _load_events(folder: Path) -> int:
    """Which recommendations the events have to do with; the events themselves are loaded before."""
    rows = [{name: row[name] for name in ("slug", "recommendations")} for row in event_rows(folder)]
    return sum(when_changed(f"event-recommendations:{row['slug']}", row, _relate_event) for row in rows)


def _relate_event(row: Row) -> None:
    _relate(row["recommendations"], event=Event.objects.get(slug=row["slug"]))


def _codes(folder: Path) -> dict[str, int]:
    """The code of each municipality by its name in the fixtures; in the database it may have been renamed."""
    with (folder / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: int(row["code"]) for row in csv.DictReader(file)}


def _municipalities(names: list[str], codes: dict[str, int]) -> Any:
    return Municipality.objects.filter(code__in=[codes[name] for name in names])


def _fields(row: Row, *names: str) -> Row:
    """These columns of a fixture row, with the line breaks of long texts folded."""
    given = {name: row[name] for name in names if name in row}
    return {name: " ".join(text.split()) if isinstance(text, str) else text for name, text in given.items()}


def _relate(recommendations: list[Any], **thing: Any) -> None:
    """Say which recommendations a thing has to do with. A bare number is our own judgement."""
    Related.objects.filter(**thing).delete()
    for entry in recommendations:
        named = entry if isinstance(entry, dict) else {"number": entry, "basis": Related.Basis.OURS}
        recommendation = Recommendation.objects.get(slug=named["number"])
        Related.objects.create(recommendation=recommendation, basis=named["basis"], **thing)


def _load_indicator(row: Row) -> None:
    names = ("name", "definition", "unit", "group", "topic", "direction", "publisher")
    indicator, _ = Indicator.objects.update_or_create(slug=row["slug"], defaults=_fields(row, *names))
    kept = [_load_value(indicator, value).pk for value in row["values"]]
    indicator.values.exclude(pk__in=kept).delete()
    _relate(row["recommendations"], indicator=indicator)


def _load_value(indicator: Indicator, row: Row) -> IndicatorValue:
    numbers = {name: _number(row.get(name)) for name in ("value", "low", "high")}
    value, _ = IndicatorValue.objects.update_or_create(
        indicator=indicator,
        **_fields(row, "period", "geography", "text"),
        defaults={**numbers, **_fields(row, "year", "note")},
    )
    value.citations.set(cite(row["citations"]))
    return value


def _number(value: float | None) -> str | None:
    """A number without the noise of a binary fraction."""
    return None if value is None else str(value)


def _load_case(row: Row, codes: dict[str, int]) -> None:
    names = ("title", "where", "problem", "what", "target_group", "evidence", "mechanisms", "results")
    defaults = {"carried_theme": "", **_fields(row, *names, "carried_theme")}
    case, _ = Case.objects.update_or_create(slug=row["slug"], defaults=defaults)
    case.municipalities.set(_municipalities(row["municipalities"], codes))
    case.citations.set(cite(row["citations"]))
    _relate(row["recommendations"], case=case)


def _load_programme(row: Row, codes: dict[str, int]) -> None:
    names = ("title", "period", "participants_text", "participant_count", "description", "carried_theme")
    event = Event.objects.get(slug=row["event"]) if row.get("event") else None
    defaults = {"participant_count": None, "carried_theme": "", **_fields(row, *names), "event": event}
    programme, _ = Programme.objects.update_or_create(slug=row["slug"], defaults=defaults)
    programme.known.set(_municipalities(row["known"], codes))
    programme.citations.set(cite(row["citations"]))
    _relate(row["recommendations"], programme=programme)


def _load_list(row: Row) -> None:
    fact_list, _ = FactList.objects.update_or_create(slug=row["slug"], defaults={"title": row["title"]})
    kept = [_load_item(fact_list, order, item).pk for order, item in enumerate(row["items"], start=1)]
    fact_list.items.exclude(pk__in=kept).delete()


def _load_item(fact_list: FactList, order: int, row: Row) -> ListItem:
    defaults = {"order": order, **_fields(row, "title", "text")}
    item, _ = ListItem.objects.update_or_create(list=fact_list, slug=row["slug"], defaults=defaults)
    item.citations.set(cite(row["citations"]))
    _relate(row["recommendations"], item=item)
    return item


def _load_term(row: Row) -> None:
    defaults = _fields(row, "term", "definition", "also", "changed")
    term, _ = Term.objects.update_or_create(slug=row["slug"], defaults=defaults)
    term.citations.set(cite(row["citations"]))
