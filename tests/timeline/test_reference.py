"""The documents and the timeline: loaded as often as one likes, and never over what users have written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from stakeholders.reference import read_toml
from tests.factories import edit_fixture
from timeline.citations import cited_places, read_digests
from timeline.models import Citation, Commitment, Event, Source
from timeline.reference import cite, event_rows, load_events, load_sources

pytestmark = pytest.mark.django_db


def test_all_of_it_is_loaded() -> None:
    fixture = read_toml(settings.FIXTURE_DIR / "events.toml")
    assert Source.objects.count() == 5
    assert set(Event.objects.values_list("slug", flat=True)) == {row["slug"] for row in fixture["events"]}
    assert set(Commitment.objects.values_list("slug", flat=True)) == {row["slug"] for row in fixture["commitments"]}
    assert [row["slug"] for row in event_rows(settings.FIXTURE_DIR)] == [row["slug"] for row in fixture["events"]]


def test_every_event_and_commitment_is_cited() -> None:
    assert not Event.objects.filter(citations=None).exists()
    assert not Commitment.objects.filter(citations=None).exists()


def test_every_citation_of_the_fixtures_has_its_digest() -> None:
    places = {place.key for place in cited_places(settings.FIXTURE_DIR)}
    assert places == set(read_digests(settings.FIXTURE_DIR))
    assert not Citation.objects.filter(digest="").exists()


def test_an_event_is_as_the_fixture_says() -> None:
    ok21 = Event.objects.get(slug="ok21")
    assert (ok21.year, ok21.month, ok21.day, ok21.season, ok21.end_year) == (2021, 3, None, "", None)
    assert ok21.parts.count() == 8
    assert "\n" not in ok21.description and "  " not in ok21.description
    assert {citation.source.slug for citation in ok21.citations.all()} >= {"flere-haender-2", "hoering-2024"}


def test_loading_again_changes_nothing() -> None:
    before = [model.objects.count() for model in (Source, Citation, Event, Commitment)]
    assert load_sources(settings.FIXTURE_DIR) + load_events(settings.FIXTURE_DIR) == 0
    assert [model.objects.count() for model in (Source, Citation, Event, Commitment)] == before


def test_a_changed_event_is_loaded_and_only_that(fixtures: Path) -> None:
    Event.objects.filter(slug="ok24").update(title="Overenskomst 2024")
    edit_fixture(fixtures, "events.toml", 'title = "Robusthedskommissionen"', 'title = "En kommission"')
    assert load_events(fixtures) == 1
    assert Event.objects.get(slug="robusthedskommissionen").title == "En kommission"
    assert Event.objects.get(slug="ok24").title == "Overenskomst 2024"


def test_what_the_fixture_no_longer_says_goes(fixtures: Path) -> None:
    edit_fixture(fixtures, "events.toml", "end_year = 2024\n", "")
    load_events(fixtures)
    assert Event.objects.get(slug="trepartsaftale-2023-eller-2024").end_year is None


def test_citing_a_place_twice_is_one_citation() -> None:
    row = {"source": "hoering-2024", "lines": "45", "place": "Et sted"}
    first, second = cite([row, {**row, "lines": "45-45"}])
    assert first == second
    assert str(first) == (
        "Åben høring om rekruttering og fastholdelse af medarbejdere i ældreplejen (20. marts 2024): Et sted"
    )


def test_a_place_that_no_row_cites_any_longer_goes_and_no_other(fixtures: Path, settings: Any) -> None:
    before = set(Citation.objects.all())
    old = Citation.objects.get(source__slug="hoering-2024", lines="978-986")
    assert [event.slug for event in old.events.all()] == ["aftale-sosu-pakke"]
    edit_fixture(fixtures, "events.toml", 'lines = "978-986"', 'lines = "986"')
    settings.FIXTURE_DIR = fixtures
    call_command("load_reference", verbosity=0)
    after = set(Citation.objects.all())
    assert before - after == {old}
    assert {citation.lines for citation in after - before} == {"986-986"}


def test_a_place_in_an_unknown_document_is_refused() -> None:
    with pytest.raises(Source.DoesNotExist):
        cite([{"source": "findes-ikke", "lines": "1-2", "place": "Et sted"}])


def test_a_changed_digest_reaches_the_citations_that_are_there(fixtures: Path) -> None:
    citation = Citation.objects.exclude(digest="").first()
    assert citation is not None
    edit_fixture(fixtures, "citations.csv", citation.digest, "0" * 64)
    assert load_sources(fixtures) == 1
    citation.refresh_from_db()
    assert citation.digest == "0" * 64
