"""Municipalities are found by what others call them, and nothing else is."""

from __future__ import annotations

import pytest

from stakeholders.models import Municipality
from stakeholders.spellings import MunicipalityNames, is_larger_area

pytestmark = pytest.mark.django_db

OTHERWISE = {
    "101.0": 101,
    "101,0": 101,
    "København": 101,
    "KØBENHAVN": 101,
    "Københavns": 101,
    "Københavns Kommune": 101,
    "København Kommune": 101,
    "Københavns kommunes": 101,
    "Koebenhavn": 101,
    "Copenhagen": 101,
    "101 København": 101,
    "København (101)": 101,
    "Lyngby-Tårbæk": 173,
    "Lyngby Taarbæk": 173,
    "Høje Taastrup": 169,
    "Høje-Tåstrup Kommune": 169,
    "Bornholm": 400,
    "Bornholms": 400,
    "Bornholms Regionskommune": 400,
    "Bornholms Kommune": 400,
    "Faaborg Midtfyn": 430,
    "Fåborg-Midtfyn": 430,
    "FAABORG – MIDTFYN": 430,
    "Nordfyn": 480,
    "Nordfyns": 480,
    "Brønderslev-Dronninglund": 810,
    "Vesthimmerland": 820,
    "Vesthimmerlands": 820,
    "Vesthimmerlands Kommune": 820,
    "Vesthimmerland Kommune": 820,
    "Frederiksværk-Hundested": 260,
    "Ringkøbing Skjern": 760,
    "Ikast Brande": 756,
    "Åbenrå": 580,
    "Ålborg Kommune": 851,
    "Århus": 751,
    "A\u030arhus": 751,  # as a Mac writes it
    "0751 - Aarhus": 751,
    " Aarhus\u00a0Kommune ": 751,
    "AErø": 492,
}
NONE = (
    "",
    " ",
    "Aarhuss",
    "Rander",
    "Hørsens",
    "751 Odense",
    "1751",
    "75",
    "Kommune",
    "?",
    "x" * 200,
    "K\ufffdbenhavn",
)
LARGER = (
    *("Hele landet", "Danmark", "hele danmark", "I alt", "Region Sjælland", "Landsdel Bornholm", "KKR Midtjylland"),
    *("000", "0", "1084", "1085 Region Sjælland", "Landsgennemsnit", "Christiansø", "411", "411 Christiansø", "Total"),
)


@pytest.fixture
def names() -> MunicipalityNames:
    return MunicipalityNames()


def test_each_of_them_in_every_usual_spelling(names: MunicipalityNames) -> None:
    real = list(Municipality.objects.real())
    assert len(real) == 98
    for each in real:
        usual = [each.name, each.authority_name, f"{each.name} Kommune", str(each.code), f"0{each.code}"]
        usual += [each.name.replace("-", " "), each.name.replace("aa", "å").replace("Aa", "Å")]
        usual += [text.upper() for text in usual] + [text.lower() for text in usual]
        usual += [f"{each.code} {each.name}", f"{each.name} ({each.code})", f" {each.name}\n"]
        assert [(text, names.find(text)) for text in usual] == [(text, each) for text in usual]
        assert not any(is_larger_area(text) for text in usual)


@pytest.mark.parametrize("text", OTHERWISE)
def test_other_spellings(names: MunicipalityNames, text: str) -> None:
    found = names.find(text)
    assert found is not None
    assert found.code == OTHERWISE[text]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_municipality(names: MunicipalityNames, text: str) -> None:
    assert names.find(text) is None
    assert not is_larger_area(text)


@pytest.mark.parametrize("text", LARGER)
def test_larger_areas(names: MunicipalityNames, text: str) -> None:
    assert names.find(text) is None
    assert is_larger_area(text)


def test_the_fictional_one_is_found_where_it_is(korsbaek: Municipality) -> None:
    names = MunicipalityNames()
    assert names.find("Korsbæk") == names.find("999") == korsbaek
