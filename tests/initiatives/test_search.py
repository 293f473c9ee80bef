"""Search: everything public, in any Danish spelling, the best first, whatever is typed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from initiatives.findable import FINDERS
from initiatives.models import Case, FactList, Indicator, ListItem, Programme, Recommendation, Term
from initiatives.search import marked, search, snippet
from stakeholders.models import Municipality, User
from stakeholders.words import Query, Word, fold
from tests.factories import AsUser, cell_of, make_event, make_row
from timeline.models import Commitment, Source

pytestmark = pytest.mark.django_db


def found(text: str) -> dict[str, list[str]]:
    """The titles of what is found, by group, the best first."""
    groups = search(FINDERS.values(), Query.of(text), None)
    return {group.finder.name: [hit.title for hit in group.hits] for group in groups}


def make_term(term: str, definition: str = "En prøve.", **fields: Any) -> Term:
    return Term.objects.create(slug=fold(term).strip().replace(" ", "-"), term=term, definition=definition, **fields)


# Local actions are for members: tests/initiatives/test_action_access.py.
PUBLIC = FINDERS.keys() - {"indsatser"}


@pytest.fixture
def one_of_each(db: None) -> None:
    """A word that stands in one row of every sort, and nowhere else."""
    event = make_event(title="Zebraaftalen")
    indicator = Indicator.objects.create(
        slug="proeve", name="Zebratal", definition="D", unit="pct.", topic="other", publisher="KL"
    )
    indicator.values.create(text="12 pct.", value=12, period="2020", year=2020, geography="Danmark")
    Case.objects.create(slug="proeve", title="Zebracase", what="W", evidence="promising")
    Programme.objects.create(slug="proeve", title="Zebraprogram", description="D", event=event)
    facts = FactList.objects.create(slug="proeve", title="Prøveliste")
    ListItem.objects.create(list=facts, slug="proeve", order=1, title="Zebrapunkt")
    make_term("Zebraord")
    Source.objects.create(slug="proeve", title="Zebrakilde", publisher="KL", kind="brev", file_name="zebra.txt")
    Municipality.objects.filter(code=825).update(name="Zebrasted", authority_name="Zebrasted Kommune")
    Recommendation.objects.get(number=5).reword(by=None, title="Øg elevernes zebraparathed", summary="Kort.")


# What is found


def test_one_of_each_sort_is_found_and_has_a_page(one_of_each: None, gaest: Client) -> None:
    assert {name: len(titles) for name, titles in found("zebra").items()} == dict.fromkeys(PUBLIC, 1)
    for group in search(FINDERS.values(), Query.of("zebra"), None):
        (hit,) = group.hits
        assert gaest.get(hit.url).status_code == 200, hit.url
    page = gaest.get("/soeg/?q=zebra").content.decode()
    assert "9 steder passer på “zebra”" in page
    assert page.count("<mark>") >= 9


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("Ålborg", "Aalborg Kommune"),
        ("aalborg", "Aalborg Kommune"),
        ("AALBORG", "Aalborg Kommune"),
        ("aarhus", "Aarhus Kommune"),
        ("Århus", "Aarhus Kommune"),
        ("aeroe", "Ærø Kommune"),
        ("ÆRØ", "Ærø Kommune"),
        ("A\u030alborg", "Aalborg Kommune"),
        ("lyngby-taarbæk", "Lyngby-Taarbæk Kommune"),
        ("lyngby tårbaek", "Lyngby-Taarbæk Kommune"),
    ],
)
def test_danish_letters_are_folded_both_ways(typed: str, title: str) -> None:
    assert found(typed)["kommuner"] == [title]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("uddannelse", "Styrk sundhedsuddannelserne"),  # inside a word
        ("fuldtid", "Nye fuldtidsstillinger"),  # first in a word
        ("kommunernes", "En kommune alene"),  # another form
        ("uddannelserne", "Styrk sundhedsuddannelsen"),  # another form inside a word
        ("vejledning", "Praktikvejledningsopgaven"),
        ("foerste loefte", "Det første løfte"),
        ("2.0", "Planen 2.0 kom"),
        ("SOSU-assistent", "En SOSU assistent"),
    ],
)
def test_other_forms_of_a_word_and_parts_of_it_are_found(typed: str, text: str) -> None:
    make_term("Prøveord", f"{text} qvark.")
    assert "Prøveord" in found(f"{typed} qvark").get("ord", [])


def test_every_word_must_be_there() -> None:
    make_term("Prøveord", "Qvark og qvirk.")
    assert found("qvark qvirk") == {"ord": ["Prøveord"]}
    assert found("qvark qvurk") == {}


def test_a_number_is_the_recommendations_or_the_municipalitys() -> None:
    ten = Recommendation.objects.with_text(as_of=date.today()).get(number=10).title
    assert next(iter(found("10").items())) == ("anbefalinger", [ten])
    assert found("787")["kommuner"] == ["Thisted Kommune"]


def test_what_belongs_to_a_row_finds_it(thisted: Municipality) -> None:
    event = make_event(title="Zebraaftalen", other_names=["Qvark 21"], conflicts="Der er qvirk om det.")
    Commitment.objects.create(slug="proeve", event=event, what="Der skal 500 qvurk til.")
    case = Case.objects.create(slug="proeve", title="Prøvecase", what="W", evidence="promising")
    case.municipalities.add(thisted)
    for word in ("qvark", "qvirk", "qvurk"):
        assert found(word) == {"begivenheder": ["Zebraaftalen"]}
    assert "Prøvecase" in found("Thisted")["cases"]


# The best first


def test_the_name_before_the_text_and_the_whole_word_before_a_part() -> None:
    make_term("Aqvarkel")
    make_term("Qvarkmester")
    make_term("Stort", "Her står qvark.")
    make_term("Den gode qvark")
    make_term("Qvark")
    make_term("Lille", "Her står aqvarkel.")
    wanted = ["Qvark", "Den gode qvark", "Qvarkmester", "Aqvarkel", "Stort", "Lille"]
    assert found("qvark") == {"ord": wanted}


def test_the_group_with_the_best_answer_stands_first() -> None:
    make_term("Prøveord", "Her står Qvarkaftalen.")
    make_event(title="Qvarkaftalen")
    assert list(found("qvarkaftalen")) == ["begivenheder", "ord"]
    assert next(iter(found("aalborg"))) == "kommuner"


def test_a_stem_that_says_little_comes_last() -> None:
    make_term("Ledige qvark")
    make_term("Qvark", "Om ledelse.")
    assert found("ledelse qvark")["ord"] == ["Qvark", "Ledige qvark"]


# Whatever is typed


def test_one_letter_finds_what_begins_with_it(gaest: Client) -> None:
    names = found("å")["kommuner"]
    assert names == ["Aabenraa Kommune", "Aalborg Kommune", "Aarhus Kommune"]
    assert found("z") == {}
    make_term("Zebraord")
    make_term("En zebra")
    assert found("Z") == {"ord": ["Zebraord"]}
    assert "begynder med “Z”" in gaest.get("/soeg/?q=Z").content.decode()


TYPED = (
    *("", " ", "%", "_", "%_", "'", '"', "\\", "\x00", "a\x00b", "'; DROP TABLE x; --", "& | ! ( ) :* <->"),
    *("🤖", "<script>alert(1)</script>", "x" * 500, "ord " * 125, "æ" * 500, "\u202e", "ß İ ſ", "a:*", "-", "१"),
)


@pytest.mark.parametrize("typed", TYPED)
def test_anything_can_be_typed(gaest: Client, typed: str) -> None:
    for only in ("", "ord", "kommuner"):
        response = gaest.get("/soeg/", {"q": typed, "i": only})
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()


def test_signs_alone_find_nothing(gaest: Client) -> None:
    for typed in ("%", "_", "%_", "'", "\\"):
        assert found(typed) == {}
        assert "er kun tegn" in gaest.get("/soeg/", {"q": typed}).content.decode()


def test_a_long_text_is_cut_and_the_page_says_so(gaest: Client) -> None:
    query = Query.of("mentor " * 80)
    assert (len(query.text) <= 100, query.was_cut, query.phrase) == (True, True, "mentor")
    assert "Teksten er lang" in gaest.get("/soeg/", {"q": "mentor " * 80}).content.decode()
    assert Query.of("mentor").was_cut is False


def test_little_words_do_not_count_beside_others() -> None:
    make_term("Prøveord", "Qvark alene.")
    assert found("qvark og i på") == {"ord": ["Prøveord"]}


# The page


def test_the_page_before_and_after_suggests(gaest: Client) -> None:
    before = gaest.get("/soeg/").content.decode()
    assert "/soeg/?q=sygefrav%C3%A6r" in before
    nothing = gaest.get("/soeg/?q=qvark+qvirk").content.decode()
    assert "Intet passer på “qvark qvirk”" in nothing
    assert 'href="/soeg/?q=qvirk"' in nothing


def test_a_group_is_shown_in_part_and_in_full(gaest: Client) -> None:
    for number in range(23):
        make_term(f"Qvark {number}")
    page = gaest.get("/soeg/?q=qvark").content.decode()
    assert page.count('class="hit"') == 5
    assert "/soeg/?q=qvark&amp;i=ord" in page
    assert gaest.get("/soeg/?q=qvark&i=ord").content.decode().count('class="hit"') == 20
    for side in ("2", "99999999999999999999"):
        assert gaest.get(f"/soeg/?q=qvark&i=ord&side={side}").content.decode().count('class="hit"') == 3
    assert gaest.get("/soeg/?q=qvark&i=ord&side=x").status_code == 200


def test_an_unknown_group_gets_a_message_and_nothing_else(gaest: Client) -> None:
    response = gaest.get("/soeg/?q=fuldtid&i=hemmeligt")
    assert response.status_code == 400
    page = response.content.decode()
    assert "Valget kunne ikke bruges" in page
    assert 'class="hit"' not in page


def test_the_header_has_the_form_and_the_footer_the_data(gaest: Client) -> None:
    page = gaest.get("/").content.decode()
    assert '<form class="header__search" method="get" action="/soeg/"' in page
    assert '<a href="/data/">Åbne data</a>' in page


def test_everybody_finds_the_same_and_no_notes(as_user: AsUser, gaest: Client, konsulent: User, hr: User) -> None:
    make_row(cell_of(10), "planned", by=konsulent, note="Qvark note", internal_note="Qvirk note")
    for word in ("qvark", "qvirk", "Karen Holm"):
        for client in (gaest, as_user(konsulent), as_user(hr)):
            assert "Intet passer på" in client.get("/soeg/", {"q": word}).content.decode()


# The pieces


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Ærø", "aeroe"), ("Ålborg", "aalborg"), ("a\u030al", "aal"), ("Café-2.0!", "cafe 2 0 "), ("Müller", "muller")],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_the_database_folds_as_we_do() -> None:
    names = [*"æøåÆØÅéÉüÜöÖçñÑ", "Blå-bær: 2.0", "É t", "naïve ”ord” – og “andre”…", "KL’s 110 pct."]
    terms = [make_term(f"{name} qvark {number}") for number, name in enumerate(names)]
    for term in terms:
        assert found(f"{term.term}") == {"ord": [term.term]}, term.term


def test_marks_are_safe_and_at_the_right_place() -> None:
    words = (Word("oel", "oel"), Word("boern", "boern"))
    assert marked("<b>Øl & BØRN</b>", words) == "&lt;b&gt;<mark>Øl</mark> &amp; <mark>BØRN</mark>&lt;/b&gt;"
    assert marked("uddannelserne", [Word("uddannelse", "uddan")]) == "<mark>uddannelserne</mark>"
    assert marked("sundhedsuddannelse", [Word("uddannelse", "")]) == "sundheds<mark>uddannelse</mark>"
    assert marked("i en kl-plan", [Word("kl")]) == "i en <mark>kl</mark>-plan"
    assert marked("", [Word("kl")]) == ""


def test_a_snippet_is_cut_between_words_around_the_first_hit() -> None:
    text = " ".join(["ord"] * 100 + ["qvark"] + ["ord"] * 100)
    part = snippet(text, [Word("qvark")])
    assert part.startswith("… ord") and part.endswith("ord …")
    assert " qvark " in part and len(part) < 240
    assert snippet("Kort qvark.", [Word("qvark")]) == "Kort qvark."
