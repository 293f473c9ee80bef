"""The pages of figures, cases, words and lists, and what the plan's own pages show of them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from initiatives.models import Case, Indicator, Programme, Recommendation, Related
from stakeholders.models import Municipality

pytestmark = pytest.mark.django_db

PAGES = ("/indikatorer/", "/casebank/", "/ordliste/", "/planens-baggrund/")
LONG = "x" * 500


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def cases_in(client: Client, query: str) -> set[str]:
    return {case.slug for case in client.get(f"/casebank/?{query}").context["page"].object_list}


def figures_in(client: Client, query: str) -> set[str]:
    topics = client.get(f"/indikatorer/?{query}").context["topics"]
    return {indicator.slug for topic in topics for indicator in topic["indicators"]}


def test_all_figures_are_listed_by_topic(gaest: Client) -> None:
    assert len(figures_in(gaest, "")) == Indicator.objects.count()
    text = text_of(gaest, "/indikatorer/")
    assert "3.570 stillinger" in text and "21,9 dagsværk" in text and "ca. 1/3" in text


def test_figures_are_filtered(gaest: Client) -> None:
    assert figures_in(gaest, "emne=absence") == {
        "sygefravaer-16-dagsvaerk",
        "sygefravaer-aeldreplejen",
        "sygefravaer-kommunerne",
    }
    assert figures_in(gaest, "anbefaling=1") == {"maend-andel", "menn-i-helse-uddannede"}
    assert figures_in(gaest, "udgiver=Finansministeriet") == {"mangel-2030-2035"}
    assert figures_in(gaest, "q=pædagogerne") >= {"forgaeves-rate-paedagoger", "forgaeves-antal-paedagoger"}
    assert figures_in(gaest, "emne=absence&anbefaling=1") == set()


def test_cases_are_filtered(gaest: Client) -> None:
    assert cases_in(gaest, "anbefaling=1") == {"menn-i-helse"}
    assert cases_in(gaest, "kommune=751") == set()
    assert cases_in(gaest, "kommune=147") == {"frederiksberg-arbejdstid"}
    assert cases_in(gaest, "tema=omdoemme") == {"horsens-hverdagsguide"}
    assert len(cases_in(gaest, "evidens=effective")) == 6
    assert len(cases_in(gaest, "evidens=promising")) == 4


@pytest.mark.parametrize(
    ("word", "slug"),
    [
        ("uddannelse", "overgangssamtaler-og-onboarding"),  # social- og sundhedsuddannelserne
        ("uddannelser", "overgangssamtaler-og-onboarding"),
        ("mentorerne", "faelles-fynsk-mentorkorps"),
        ("mentor", "faelles-fynsk-mentorkorps"),
        ("korps", "faelles-fynsk-mentorkorps"),
        ("koebenhavn", "gruppevejledning-koebenhavn"),
        ("KØBENHAVN gruppe", "gruppevejledning-koebenhavn"),
        ("praksischok", "simulation-i-foerste-oplaering"),
        ("tryghed", "faelles-fynsk-mentorkorps"),  # among the mechanisms
    ],
)
def test_cases_are_found_in_any_form_of_the_word(gaest: Client, word: str, slug: str) -> None:
    assert slug in cases_in(gaest, f"q={word}")


def test_a_part_of_a_word_is_found(gaest: Client) -> None:
    Case.objects.create(slug="stillinger", title="Fuldtidsstillinger", what="Slås op.", evidence="not_assessed")
    assert "stillinger" in cases_in(gaest, "q=fuldtid")
    assert "stillinger" in cases_in(gaest, "q=stilling")


def test_all_words_must_be_there(gaest: Client) -> None:
    assert cases_in(gaest, "q=mentorer+Norge") == set()


@pytest.mark.parametrize("query", ["q=%21%3F", f"q={'x' * 99}", "q=%25", "q=_"])
def test_what_is_not_found_is_an_empty_list(gaest: Client, query: str) -> None:
    assert cases_in(gaest, query) == figures_in(gaest, query) == set()
    assert "Ingen cases passer" in text_of(gaest, f"/casebank/?{query}")
    assert "Ingen nøgletal passer" in text_of(gaest, f"/indikatorer/?{query}")


@pytest.mark.parametrize(
    "query",
    [
        *("anbefaling=27", "anbefaling=x", "anbefaling=-1", f"anbefaling={'9' * 40}", "anbefaling=1%00"),
        *(f"q={LONG}", "q=%00"),
        *("emne=x", "udgiver=x", "emne=%00"),
    ],
)
def test_a_choice_that_cannot_be_used_gives_a_message(gaest: Client, query: str) -> None:
    text = text_of(gaest, f"/indikatorer/?{query}", 400)
    assert "Valget kunne ikke bruges" in text
    assert figures_in(gaest, query) == set()


@pytest.mark.parametrize("query", ["kommune=x", "kommune=1", "evidens=x", "tema=x", "anbefaling=99", f"q={LONG}"])
def test_a_choice_of_cases_that_cannot_be_used_gives_a_message(gaest: Client, query: str) -> None:
    text = text_of(gaest, f"/casebank/?{query}", 400)
    assert "Valget kunne ikke bruges" in text
    assert cases_in(gaest, query) == set()


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30])
def test_a_page_that_is_not_there_is_the_nearest(gaest: Client, page: str) -> None:
    assert cases_in(gaest, f"side={page}") == set(Case.objects.values_list("slug", flat=True))


@pytest.mark.parametrize("url", ["/indikatorer/findes-ikke/", "/casebank/findes-ikke/"])
def test_what_is_not_there_is_404(gaest: Client, url: str) -> None:
    assert gaest.get(url).status_code == 404


def test_every_figure_and_case_has_its_page(gaest: Client) -> None:
    for thing in [*Indicator.objects.all(), *Case.objects.all()]:
        assert gaest.get(thing.get_absolute_url()).status_code == 200, thing


def test_a_figure_stands_with_those_it_belongs_to(gaest: Client) -> None:
    text = text_of(gaest, "/indikatorer/forgaeves-rate-assistenter/")
    assert "Fra 30 pct. til 23 pct." in text and "Forgæves rekrutteringsrate: folkeskolelærere" in text
    text = text_of(gaest, "/indikatorer/andel-over-55/")
    assert "Læs det sammen med et andet tal" in text and "»over 55«" in text


def test_a_note_leads_to_the_figure_that_it_names(gaest: Client) -> None:
    html = gaest.get("/indikatorer/sygefravaer-aeldreplejen/").content.decode()
    assert '<a href="/indikatorer/sygefravaer-kommunerne/">Sygefravær i kommunerne i gennemsnit</a>' in html


def test_citations_are_as_people_cite(gaest: Client) -> None:
    html = gaest.get("/casebank/menn-i-helse/").content.decode()
    assert "Flere hænder ind i faget: øg kønsdiversitet" in html
    assert "113-149" not in html and ".txt" not in html


def test_a_programme_stands_with_its_number_and_no_invented_name(gaest: Client) -> None:
    text = text_of(gaest, "/casebank/")
    assert "43 kommuner. Ingen er nævnt ved navn" in text
    assert "26 kommuner. Kilderne nævner Frederikshavn og Thisted" in text


def test_a_figure_without_values_says_so(gaest: Client) -> None:
    figure = Indicator.objects.create(slug="tom", name="Forgæves rekrutteringsrate: ingen", unit="pct.", topic="other")
    Related.objects.create(recommendation=Recommendation.objects.get(number=4), basis="ours", indicator=figure)
    for url in ("/indikatorer/tom/", "/indikatorer/", "/anbefalinger/4/", "/indikatorer/forgaeves-rate-assistenter/"):
        assert "Ingen tal endnu" in text_of(gaest, url)
    assert "Sådan står det" not in text_of(gaest, "/indikatorer/tom/")


def test_the_words_stand_in_danish_order_with_anchors(gaest: Client) -> None:
    response = gaest.get("/ordliste/")
    letters = list(response.context["letters"])
    assert letters == sorted(letters, key=lambda letter: "ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ".find(letter))
    assert 'id="virksom-indsats"' in response.content.decode()


def test_the_lists_are_all_there(gaest: Client) -> None:
    html = gaest.get("/planens-baggrund/").content.decode()
    for anchor in ("themes-2018-seniorer", "challenges-flere-aeldre", "solutions-flere-maend", "grants-amu-pakken"):
        assert f'id="{anchor}"' in html


def test_the_recommendation_shows_what_has_to_do_with_it(gaest: Client) -> None:
    text = text_of(gaest, "/anbefalinger/7/")
    assert "39 pct. til 18 pct." in text and "Fælles Fynsk Mentorkorps" in text
    assert "Rambølls tre anbefalingsspor" in text
    assert "Velfærdsteknologiens tre bundlinjer" in text_of(gaest, "/anbefalinger/24/")
    text = text_of(gaest, "/anbefalinger/20/")
    assert "AMU-pakken Nævnt i kilden" in text and "Den Kommunale Kompetencefond Vores vurdering" in text


def test_a_long_list_of_cases_leads_to_the_rest(gaest: Client) -> None:
    count = Case.objects.filter(related__recommendation__number=10).count()
    assert count > 5
    assert f"Se alle {count} cases" in text_of(gaest, "/anbefalinger/10/")
    assert len(cases_in(gaest, "anbefaling=10")) == count


def test_a_recommendation_without_anything_says_so(gaest: Client) -> None:
    Related.objects.all().delete()
    assert text_of(gaest, "/anbefalinger/10/").count("Ingen i kilderne") == 3


def test_the_municipality_shows_its_cases_and_programmes_to_all(gaest: Client) -> None:
    assert "Kommunen er med i 1 program" in text_of(gaest, "/kommuner/787/")
    horsens = Municipality.objects.get(name="Horsens")
    assert "Kommunen er med i 4 cases" in text_of(gaest, horsens.get_absolute_url())
    assert "Kommunen er med i" not in text_of(gaest, "/kommuner/151/")


@pytest.mark.parametrize("url", PAGES)
def test_the_pages_are_full_and_for_all(gaest: Client, url: str) -> None:
    assert gaest.get(url).status_code == 200


def test_the_pages_bear_being_empty(gaest: Client) -> None:
    Case.objects.all().delete()
    Programme.objects.all().delete()
    assert "Prøv et andet ord" in text_of(gaest, "/casebank/")
