"""What the documents know around the plan: loaded as often as one likes, with the places it stands on."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from initiatives.background import load_background
from initiatives.figures import belonging, chart_of, danish, number_of, stated
from initiatives.models import Case, FactList, Indicator, IndicatorValue, ListItem, Programme, Related, Term
from stakeholders.models import Municipality
from stakeholders.reference import read_toml
from tests.factories import edit_fixture

pytestmark = pytest.mark.django_db

MODELS = (Indicator, IndicatorValue, Case, Programme, FactList, ListItem, Term, Related)


def rows_of(name: str, table: str = "") -> list[dict]:
    return read_toml(settings.FIXTURE_DIR / f"{name}.toml")[table or name]


def indicator_of(slug: str) -> Indicator:
    return Indicator.objects.prefetch_related("values__indicator").get(slug=slug)


def others() -> list[Indicator]:
    return list(Indicator.objects.prefetch_related("values__indicator"))


def test_every_row_of_the_fixtures_is_there() -> None:
    indicators, lists = rows_of("indicators"), rows_of("lists")
    assert Indicator.objects.count() == len(indicators)
    assert IndicatorValue.objects.count() == sum(len(row["values"]) for row in indicators)
    assert Case.objects.count() == len(rows_of("cases"))
    assert Programme.objects.count() == len(rows_of("programmes"))
    assert FactList.objects.count() == len(lists)
    assert ListItem.objects.count() == sum(len(row["items"]) for row in lists)
    assert Term.objects.count() == len(rows_of("glossary", "terms"))


@pytest.mark.parametrize("model", [IndicatorValue, Case, Programme, ListItem, Term])
def test_everything_has_a_citation(model: type) -> None:
    assert list(model.objects.filter(citations=None)) == []


def test_loading_again_changes_nothing() -> None:
    before = [list(model.objects.order_by("pk").values()) for model in MODELS]
    assert load_background(settings.FIXTURE_DIR) == 0
    assert [list(model.objects.order_by("pk").values()) for model in MODELS] == before


def test_a_changed_figure_replaces_the_old_one(fixtures: Path) -> None:
    before = IndicatorValue.objects.count()
    edit_fixture(fixtures, "indicators.toml", 'text = "9 pct."', 'text = "10 pct."')
    assert load_background(fixtures) == 1
    assert IndicatorValue.objects.count() == before
    assert [value.text for value in Indicator.objects.get(slug="maend-andel").values.all()] == ["10 pct."]


def test_what_a_user_has_written_stays_until_the_fixture_changes(fixtures: Path) -> None:
    Case.objects.filter(slug="menn-i-helse").update(what="Rettet af KL.")
    load_background(fixtures)
    assert Case.objects.get(slug="menn-i-helse").what == "Rettet af KL."
    edit_fixture(fixtures, "cases.toml", 'title = "Menn i Helse"', 'title = "Menn i helse"')
    load_background(fixtures)
    case = Case.objects.get(slug="menn-i-helse")
    assert (case.title, case.what != "Rettet af KL.") == ("Menn i helse", True)


def test_a_renamed_municipality_still_takes_part(fixtures: Path) -> None:
    Municipality.objects.filter(name="Thisted").update(name="Thisted og omegn")
    edit_fixture(fixtures, "programmes.toml", 'participants_text = "26 kommuner"', 'participants_text = "26 af dem"')
    assert load_background(fixtures) == 1
    programme = Programme.objects.get(slug="en-fremtid-med-fuldtid")
    assert {municipality.name for municipality in programme.known.all()} == {"Thisted og omegn", "Frederikshavn"}


def test_who_says_that_a_recommendation_has_to_do_with_it() -> None:
    assert Related.objects.get(case__slug="menn-i-helse").basis == "source"
    assert {row.basis for row in Related.objects.filter(item__list__slug="bottom-lines")} == {"source"}
    assert {row.basis for row in Related.objects.filter(item__list__slug="ramboll-tracks")} == {"ours"}
    events = {row["slug"]: len(row["recommendations"]) for row in rows_of("events")}
    assert Related.objects.filter(event__isnull=False).count() == sum(events.values()) > 0


def test_danish_numbers() -> None:
    assert [danish(Decimal(text)) for text in ("3570.00", "21.90", "9", "160000", "0.05")] == [
        "3.570",
        "21,9",
        "9",
        "160.000",
        "0,05",
    ]


def test_a_value_is_shown_as_stated() -> None:
    def shown(slug: str) -> tuple[str, str]:
        value = indicator_of(slug).values.all()[0]
        return stated(value), number_of(value)

    assert shown("forgaeves-antal-assistenter") == ("3.570 stillinger", "3.570")
    assert shown("sygefravaer-aeldreplejen") == ("21,9 dagsværk", "21,9")
    assert shown("aarligt-behov-nyuddannede") == ("8.000-9.000 personer pr. år", "8.000–9.000")
    assert shown("mangel-2035-hvis-uddannede-daekker") == ("op mod 27.400 personer", "27.400")
    assert shown("sygeplejeopgaver-udfoert-af-sosu") == ("61-85%", "61–85")
    assert shown("andel-over-55") == ("ca. 1/3", "")


def test_figures_of_the_same_kind_stand_side_by_side() -> None:
    indicator = indicator_of("forgaeves-rate-paedagoger")
    companions = belonging(indicator, others())
    assert {one.slug for one in companions} == {
        "forgaeves-rate-assistenter",
        "forgaeves-rate-hjaelpere",
        "forgaeves-rate-sygeplejersker",
        "forgaeves-rate-folkeskolelaerere",
    }
    chart = chart_of(indicator, companions)
    assert chart is not None
    newest = [group.bars[-1].value.text for group in chart.groups]
    assert newest == ["30 pct.", "23 pct.", "22 pct.", "17 pct.", "9 pct."]
    assert [group.is_own for group in chart.groups] == [False, False, False, True, False]
    assert chart.groups[0].bars[0].width == "100.00%"


def test_figures_that_disagree_stand_side_by_side_both_ways() -> None:
    for one, other in (("sygefravaer-16-dagsvaerk", "sygefravaer-kommunerne"), ("andel-55-plus", "andel-over-55")):
        assert other in {found.slug for found in belonging(indicator_of(one), others())}
        assert one in {found.slug for found in belonging(indicator_of(other), others())}


def test_the_heading_says_what_the_chart_shows() -> None:
    def heading(slug: str) -> str:
        indicator = indicator_of(slug)
        chart = chart_of(indicator, belonging(indicator, others()))
        assert chart is not None
        return chart.heading

    assert heading("forgaeves-rate-hjaelpere") == "Fra 37 pct. til 30 pct."
    assert heading("ufaglaerte-andel-kommunerne") == "21 pct. begge gange"
    assert heading("pris-pr-borger-85-aar") == "81.800 kr. ved siden af et andet tal"
    assert heading("forgaeves-rate-paedagoger") == "17 pct. ved siden af 4 andre tal"


def test_bars_are_only_drawn_for_the_same_unit() -> None:
    for indicator in others():
        chart = chart_of(indicator, belonging(indicator, others()))
        assert {group.indicator.unit for group in chart.groups} == {indicator.unit} if chart else True
    words = indicator_of("andel-over-55")
    assert chart_of(words, belonging(words, others())) is None


def test_an_interval_is_drawn_as_one() -> None:
    indicator = indicator_of("aarligt-behov-nyuddannede")
    chart = chart_of(indicator, belonging(indicator, others()))
    assert chart is not None
    bar = chart.groups[0].bars[0]
    assert (bar.width, bar.more) == ("88.89%", "11.11%")
