"""The timeline: bands, lanes, what is uncertain, and the filters."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from initiatives.models import Recommendation, Related
from timeline import when
from timeline.models import Citation, Commitment, Event

pytestmark = pytest.mark.django_db

NUMBER = iter(range(1, 10_000))


def make_event(title: str = "Begivenhed", **fields: Any) -> Event:
    defaults = {"kind": "aftale", "year": 2022, "precision": "year", "certainty": "sure", "standing": "happened"}
    defaults |= {"lane": "kl", "description": "Noget skete. Mere ved vi ikke.", "slug": f"ny-{next(NUMBER)}"}
    event = Event.objects.create(title=title, **{**defaults, **fields})
    event.citations.add(Citation.objects.filter(source__slug="hoering-2024")[0])
    return event


def titles(client: Client, query: str = "", status: int = 200) -> list[str]:
    response = client.get(f"/tidslinje/{query}")
    assert response.status_code == status
    bands = response.context["bands"]
    return [entry.event.title for band in bands for lane in band.lanes for entry in lane.entries]


def slugs(client: Client, query: str) -> set[str]:
    bands = client.get(f"/tidslinje/{query}").context["bands"]
    return {entry.event.slug for band in bands for lane in band.lanes for entry in lane.entries}


def text_of(client: Client, url: str) -> str:
    html = client.get(url).content.decode().split("<main", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_band_for_each_year_and_for_what_has_none(gaest: Client) -> None:
    bands = [band.title for band in gaest.get("/tidslinje/").context["bands"]]
    years = ["2018", "2019", "2020", "2021", "2022", "2021 eller 2022", "2023", "2024", "2023 eller 2024"]
    assert bands == [*years, "Uafklaret"]


def test_months_come_first_and_in_order(gaest: Client) -> None:
    band = gaest.get("/tidslinje/").context["bands"][0]
    agreements, kl, common = band.lanes
    assert [entry.time for entry in agreements.entries][:1] == ["Maj (udledt)"]
    assert [entry.event.slug for entry in kl.entries] == ["flere-haender-2018", "materialepakke-frafald-2018"]
    assert common.entries == [] and common.is_empty_in_sources


def test_the_plain_timeline_leaves_out_parts_milestones_and_analyses(gaest: Client) -> None:
    plain, everything = slugs(gaest, ""), slugs(gaest, "?vis=alt")
    assert everything == set(Event.objects.values_list("slug", flat=True))
    out = Event.objects.filter(slug__in=everything - plain)
    assert all(event.parent or event.standing == "planned" or event.kind == "analyse" for event in out)
    assert "ok21-rekrutteringspulje" in slugs(gaest, "?vis=dele") - plain
    assert "trepartsdroeftelser-oplaeringspladser" in slugs(gaest, "?vis=planlagt") - plain
    assert "vive-image-2022" in slugs(gaest, "?vis=analyser") - plain
    assert f"Vis også de {len(everything - plain)}" in text_of(gaest, "/tidslinje/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("art=kommission", {"kind": "kommission"}),
        ("aktoer=sosu-skoler", {"actors__slug": "sosu-skoler"}),
        ("anbefaling=2", {"related__recommendation__number": 2}),
        ("stand=undecided", {"standing": "undecided"}),
        ("kilde=brev-laerepladsaftale-2021", {"citations__source__slug": "brev-laerepladsaftale-2021"}),
        ("art=aftale&aktoer=staten", {"kind": "aftale", "actors__slug": "staten"}),
    ],
)
def test_a_filter_finds_all_that_it_names(gaest: Client, query: str, found: dict[str, Any]) -> None:
    expected = set(Event.objects.filter(**found).values_list("slug", flat=True))
    assert expected and slugs(gaest, f"?{query}") == expected


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("youtuber", "SOSU-skolernes rekrutteringskampagne"),
        ("dimensioneringsaftale toårig", "Toårig dimensioneringsaftale"),
        ("løntrin", "OK21: ny rekrutteringspulje"),
        ("konferencen", "KL’s Rekrutteringskonference"),
        ("laerepladsaftale femaarig", "Femårig lærepladsaftale"),
        ("AELDRETOPMOEDE", "Ældretopmøde 2020"),
        ("140 mio", "Trepartsaftale om rekruttering til det offentlige arbejdsmarked"),
    ],
)
def test_search_finds_names_forms_and_commitments(gaest: Client, words: str, title: str) -> None:
    assert title in titles(gaest, f"?q={words}")


def test_counts_of_sources_do_not_depend_on_the_filter(gaest: Client) -> None:
    def count(query: str) -> int:
        bands = gaest.get(f"/tidslinje/{query}").context["bands"]
        entries = [entry.event for band in bands for lane in band.lanes for entry in lane.entries]
        return next(event.source_count for event in entries if event.slug == "ok21")

    assert count("") == count("?kilde=hoering-2024") == 5


def test_nothing_found_says_so(gaest: Client) -> None:
    assert titles(gaest, "?q=findesikke") == []
    assert "Ingen begivenheder passer" in text_of(gaest, "/tidslinje/?q=findesikke")
    assert titles(gaest, "?anbefaling=24&art=kampagne") == []


@pytest.mark.parametrize(
    "query",
    [
        "?vis=hvad",
        "?art=fest",
        "?aktoer=ingen",
        "?anbefaling=27",
        "?anbefaling=0",
        "?anbefaling=x",
        "?stand=maaske",
        "?kilde=999",
        "?kilde=%00",
        "?q=%00",
        f"?q={'a' * 500}",
    ],
)
def test_a_bad_choice_gives_a_message_and_never_the_whole_list(gaest: Client, query: str) -> None:
    assert titles(gaest, query, status=400) == []
    assert "Valget kunne ikke bruges" in text_of(gaest, f"/tidslinje/{query}")


def test_uncertain_times_say_so(gaest: Client) -> None:
    event = make_event("Usikker", certainty="uncertain", precision="unknown", certainty_note="Kilden er udateret.")
    html = gaest.get("/tidslinje/").content.decode()
    entry = html[: html.index(event.get_absolute_url())].rsplit("<li", 1)[1]
    assert "event--uncertain" in entry and "Årstal usikkert" in entry
    assert "Kilden er udateret." in text_of(gaest, event.get_absolute_url())


def test_a_conflict_is_told_where_it_stands(gaest: Client) -> None:
    event = make_event(conflicts="Planen siger 2021, brevet 2022.")
    for url in ("/tidslinje/", event.get_absolute_url()):
        assert "Kilderne er uenige. Planen siger 2021, brevet 2022." in text_of(gaest, url)


@pytest.mark.parametrize(
    ("fields", "in_full", "in_year"),
    [
        ({"precision": "day", "month": 3, "day": 20}, "20. marts 2022", "20. marts"),
        ({"precision": "month", "month": 5}, "Maj 2022", "Maj"),
        ({"precision": "season", "season": "foraar"}, "Foråret 2022", "Forår"),
        ({"precision": "season", "season": "ultimo"}, "Slutningen af 2022", "Slutningen af året"),
        ({"precision": "year", "month": 5}, "2022", ""),
        ({"end_year": 2024}, "2022–2024", ""),
        ({"end_year": 2023, "certainty": "uncertain"}, "2022 eller 2023", ""),
        ({"year": None, "precision": "unknown"}, "Årstal ukendt", ""),
    ],
)
def test_the_time_in_words(fields: dict[str, Any], in_full: str, in_year: str) -> None:
    event = make_event(**fields)
    assert (when.in_full(event), when.in_year(event)) == (in_full, in_year)


def test_the_page_of_an_event(gaest: Client) -> None:
    event = make_event("Aftalen", other_names=["Paragraf 7"], carried_theme="fuldtid")
    make_event("Delen", parent=event)
    commitment = Commitment.objects.create(
        slug="ny", event=event, what="Flere pladser", who="Kommunerne", amount=6000, unit="pladser", frequency="yearly"
    )
    commitment.citations.add(Citation.objects.filter(source__slug="brev-laerepladsaftale-2021")[0])
    Related.objects.create(recommendation=Recommendation.objects.get(number=7), event=event, basis="ours")
    text = text_of(gaest, event.get_absolute_url())
    for part in ("Paragraf 7", "Flere på fuldtid", "1 del hører med", "Delen", "Flere pladser", "6.000 pladser"):
        assert part in text
    for part in ("Årligt", "(udateret): KL’s brev til borgmestrene", "7. Frafald", "Vores vurdering", "1 kilde"):
        assert part in text
    assert gaest.get("/tidslinje/findes-ikke/").status_code == 404


def test_every_event_has_its_page(gaest: Client) -> None:
    for event in Event.objects.all():
        assert gaest.get(event.get_absolute_url()).status_code == 200


def test_the_page_of_the_sources_counts_what_rests_on_each(gaest: Client) -> None:
    text = text_of(gaest, "/kilder/")
    for slug in ("flere-haender-2", "hoering-2024"):
        count = Event.objects.filter(citations__source__slug=slug).distinct().count()
        assert count and f"{count} begivenheder" in text
    assert "26 anbefalinger" in text and "Udateret" in text


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_the_query_count_of_an_event_is_constant(gaest: Client) -> None:
    event = make_event()
    url = event.get_absolute_url()
    citations = list(Citation.objects.all()[:20])
    for rows in (1, 20):
        for _ in range(rows):
            make_event(parent=event)
            commitment = Commitment.objects.create(slug=f"ny-{next(NUMBER)}", event=event, what="Noget")
            commitment.citations.set(citations[:rows])
        event.citations.set(citations[:rows])
        found = queries(gaest, url)
        if rows == 1:
            few = found
    assert found == few <= 9
