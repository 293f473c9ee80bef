"""Loads the documents and the timeline from ``fixtures/``: sources, events with their parts, and commitments."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from stakeholders.models import Actor
from stakeholders.reference import read_toml, when_changed

from .citations import FILE, Key, line_range, read_digests
from .models import Citation, Commitment, Event, Source

EVENT_FIELDS = (
    *("title", "other_names", "kind", "year", "month", "day", "season", "end_year", "precision", "certainty"),
    *("certainty_note", "standing", "description", "lane", "carried_theme", "conflicts"),
)
COMMITMENT_FIELDS = ("who", "what", "amount", "amount_text", "unit", "frequency", "period", "due")
PROSE = ("description", "certainty_note", "conflicts", "what")


def load_sources(folder: Path) -> int:
    """Load the documents and the digests of the places in them. Returns how many rows were new or changed."""
    rows = read_toml(folder / "sources.toml")["sources"]
    changed = sum(when_changed(f"source:{row['slug']}", row, _load_source) for row in rows)
    digests = sorted([*key, digest] for key, digest in read_digests(folder).items())
    return changed + when_changed("citations", digests, _refresh_digests)


def load_events(folder: Path) -> int:
    """Load events and commitments; the sources must be there. Returns how many rows were new or changed."""
    fixture = read_toml(folder / "events.toml")
    changed = sum(when_changed(f"event:{row['slug']}", row, _load_event) for row in _parents_first(fixture["events"]))
    commitments = fixture.get("commitments", [])
    return changed + sum(when_changed(f"commitment:{row['slug']}", row, _load_commitment) for row in commitments)


def event_rows(folder: Path) -> list[dict[str, Any]]:
    """The events as the fixture writes them, for what other apps hang on them (``recommendations``)."""
    return list(read_toml(folder / "events.toml")["events"])


def cite(rows: Iterable[dict[str, str]]) -> list[Citation]:
    """The citations that fixture rows (``source``, ``lines``, ``place``) name, made where they are missing.

    Raises ``Source.DoesNotExist`` when a row names a source that is not loaded.
    """
    path = Path(settings.FIXTURE_DIR) / FILE
    digests = _digests(path.parent, path.stat().st_mtime_ns if path.exists() else 0)
    return [_citation(row, digests) for row in rows]


def drop_unused_citations() -> None:
    """Delete the citations that no row of any app rests on any longer; run it when everything is loaded."""
    unused = {f"{relation.name}__isnull": True for relation in Citation._meta.related_objects}
    Citation.objects.filter(**unused).delete()


def _citation(row: dict[str, str], digests: dict[Key, str]) -> Citation:
    lines = line_range(row["lines"])
    citation, _ = Citation.objects.get_or_create(
        source=Source.objects.get(slug=row["source"]),
        lines=lines,
        place=row["place"],
        defaults={"digest": digests.get((row["source"], lines), "")},
    )
    return citation


@lru_cache(maxsize=2)
def _digests(folder: Path, _written_at: int) -> dict[Key, str]:
    return read_digests(folder)


def _load_source(row: dict[str, Any]) -> None:
    Source.objects.update_or_create(slug=row["slug"], defaults={"about": "", **row})


def _refresh_digests(rows: list[list[str]]) -> None:
    """The citations that are there already learn what the file now says."""
    digests = {(source, lines): digest for source, lines, digest in rows}
    citations = list(Citation.objects.select_related("source"))
    for citation in citations:
        citation.digest = digests.get((citation.source.slug, citation.lines), "")
    Citation.objects.bulk_update(citations, ["digest"], batch_size=500)


def _parents_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: "parent" in row)


def _load_event(row: dict[str, Any]) -> None:
    defaults = _filled_in(Event, EVENT_FIELDS, row)
    defaults["parent"] = Event.objects.get(slug=row["parent"]) if row.get("parent") else None
    event, _ = Event.objects.update_or_create(slug=row["slug"], defaults=defaults)
    event.actors.set([Actor.objects.get(slug=slug) for slug in row["actors"]])
    event.citations.set(cite(row["citations"]))


def _load_commitment(row: dict[str, Any]) -> None:
    defaults = _filled_in(Commitment, COMMITMENT_FIELDS, row)
    defaults["event"] = Event.objects.get(slug=row["event"])
    commitment, _ = Commitment.objects.update_or_create(slug=row["slug"], defaults=defaults)
    commitment.citations.set(cite(row["citations"]))


def _filled_in(model: type[Event] | type[Commitment], names: Iterable[str], row: dict[str, Any]) -> dict[str, Any]:
    """What the row says of these fields; what it leaves out is as the model has it. Prose is on one line."""
    empty = model()
    values = {name: row.get(name, getattr(empty, name)) for name in names}
    return {name: " ".join(value.split()) if name in PROSE and value else value for name, value in values.items()}
