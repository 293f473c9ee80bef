"""The reference data: all of the plan, loaded as often as one likes, and never over what users have written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from flere_haender.days import today
from initiatives.models import Addressing, Progress, Recommendation, RecommendationText
from initiatives.reference import load_plan
from stakeholders.models import Municipality, Placement, User
from stakeholders.reference import load_organisations
from tests.factories import cell_of, day, edit_fixture, moment

pytestmark = pytest.mark.django_db

# As they stand at the recommendations themselves, words joined where a line break split them.
TITLES = """\
Skab øget kønsdiversitet på social- og sundhedsuddannelserne
Tiltræk flere brancheskiftere
Øg vidensdeling
Giv mulighed for kombinationsudbud af STX og EUX-forløb
Øg elevernes praktikparathed
Styrk støtten til flersprogede elever
Nedbring frafaldet på SOSU-skolerne
Etablér forskningsprogram på EUD-området
Øg brugen af data til monitorering af kvalitet og fastholdelse i uddannelserne
Professionalisér praktikvejledningsopgaven, og styrk praktikkulturen
Styrk introforløb for elever
Etabler støttefunktioner
Styrk arbejdsfællesskabet
Gør rekruttering og fastholdelse til en strategisk prioritet
Udarbejd en kommunal rekrutterings- og fastholdelsesstrategi
Synliggør relationsarbejdet som en central del af faglighed
Indfør plejeløfte
Tydeliggør karriereveje
Tilpas kompetenceudvikling til opgaven og den enkelte
Fokusér på hjælpernes udvikling
Benyt faste vikarer med månedsløn
Investér i teknologikommuner
Styrk offentlige og private samarbejder om brug af digital velfærd
Anvend KL’s fælleserklæring om velfærdsteknologi
Udbred erfaringerne med Digitech assistentuddannelsen til hele landet
Styrk medarbejdernes teknologiforståelse""".splitlines()

ASKED = [1, 2, 3, 5, 7, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 24, 25, 26]


def loaded() -> list[Recommendation]:
    return list(Recommendation.objects.with_text(as_of=today()))


def numbers(actor: str, basis: str) -> list[int]:
    found = Recommendation.objects.addressed_to(actor, as_of=today(), basis=basis)
    return list(found.values_list("number", flat=True))


def test_the_titles_are_the_documents() -> None:
    assert [recommendation.title for recommendation in loaded()] == TITLES


def test_only_one_title_is_worded_otherwise_in_the_overview() -> None:
    others = {r.number: r.overview_title for r in loaded() if r.overview_title}
    assert others == {10: "Professionalisér praktikvejledningsopgaven, og styrk praktikpladskulturen"}


def test_each_has_theme_focus_area_source_and_summary() -> None:
    for recommendation in loaded():
        assert recommendation.place and recommendation.source.title
        assert 40 <= len(recommendation.summary.split()) <= 90
    areas = Counter(r.focus_area.number for r in loaded())
    assert areas == {1: 4, 2: 4, 3: 3, 4: 4, 5: 6, 6: 5}
    assert Counter(r.focus_area.theme.number for r in loaded()) == {1: 11, 2: 10, 3: 5}


def test_whom_they_are_addressed_to() -> None:
    assert numbers("kommuner", "overview") == ASKED
    assert numbers("staten", "overview") == numbers("staten", "text") == [4, 6, 8, 17, 22]
    assert numbers("oevrige", "overview") == numbers("oevrige", "text") == [23]
    assert numbers("sosu-skoler", "overview") == [1, 2, 5, 7, 9, 25]
    assert numbers("kl", "text") == [3, 18]
    assert [n for n in ASKED if n not in numbers("kommuner", "text")] == [3, 5, 7, 25]


def test_addressing_holds_from_2021_and_not_before() -> None:
    assert Recommendation.objects.asked(as_of=day("2021-01-01")).count() == 20
    assert Recommendation.objects.asked(as_of=day("2020-12-31")).count() == 0
    assert Recommendation.objects.asked(as_of=today(), known_at=moment("2020-12-31 23:59")).count() == 0


def test_98_municipalities_in_danish_order() -> None:
    names = list(Municipality.objects.values_list("name", flat=True))
    assert len(names) == 98
    assert names[:2] == ["Albertslund", "Allerød"]
    assert names[-4:] == ["Ærø", "Aabenraa", "Aalborg", "Aarhus"]
    assert names.index("Furesø") < names.index("Faaborg-Midtfyn")


def test_kkr_and_regions_are_dated() -> None:
    now = Counter(m.kkr.name for m in Municipality.objects.placed(as_of=day("2026-12-31")))
    assert now == {
        "KKR Hovedstaden": 29,
        "KKR Syddanmark": 22,
        "KKR Midtjylland": 19,
        "KKR Sjælland": 17,
        "KKR Nordjylland": 11,
    }
    regions = [
        {m.region.name for m in Municipality.objects.placed(as_of=day(text))} for text in ("2026-12-31", "2027-01-01")
    ]
    assert regions[0] - regions[1] == {"Region Hovedstaden", "Region Sjælland"}
    assert regions[1] - regions[0] == {"Region Østdanmark"}


def test_every_recommendation_has_a_cell_in_every_municipality_and_a_national_line() -> None:
    assert Progress.objects.of_municipalities().count() == 26 * 98
    assert Progress.objects.national().count() == 26


def test_loading_again_changes_nothing() -> None:
    before = [model.objects.count() for model in (Recommendation, RecommendationText, Addressing, Progress, Placement)]
    assert load_organisations(settings.FIXTURE_DIR) + load_plan(settings.FIXTURE_DIR) == 0
    after = [model.objects.count() for model in (Recommendation, RecommendationText, Addressing, Progress, Placement)]
    assert after == before


def test_a_changed_title_is_a_new_version_and_the_old_one_stays(fixtures: Path) -> None:
    edit_fixture(fixtures, "plan.toml", 'title = "Indfør plejeløfte"', 'title = "Indfør et plejeløfte"')
    assert load_plan(fixtures) == 1
    title = Recommendation.objects.with_text(as_of=today()).get(number=17).title
    before = Recommendation.objects.with_text(as_of=today(), known_at=moment("2026-01-01 12:00")).get(number=17).title
    assert (title, before) == ("Indfør et plejeløfte", "Indfør plejeløfte")


def test_a_changed_addressing_is_a_correction(fixtures: Path) -> None:
    text = (fixtures / "plan.toml").read_text(encoding="utf-8")
    part = text[text.index("number = 17\n") :]
    edit_fixture(
        fixtures, "plan.toml", part, part.replace('group = "folketing-og-regering"', 'group = "kl-og-kommunerne"', 1)
    )
    load_plan(fixtures)
    assert numbers("kommuner", "overview") == sorted([*ASKED, 17])
    assert Recommendation.objects.asked(as_of=today(), known_at=moment("2026-01-01 12:00")).count() == 20


def test_what_a_user_has_written_stays(fixtures: Path, konsulent: User) -> None:
    cell = cell_of(17)
    row = cell.record("completed", by=konsulent, note="Loven er vedtaget.")
    Recommendation.objects.get(number=17).reword(by=konsulent, title="Indfør løftet", summary="Kort.")
    Municipality.objects.filter(code=787).update(name="Thisted og omegn")
    load_organisations(fixtures)
    load_plan(fixtures)
    assert Recommendation.objects.with_text(as_of=today()).get(number=17).title == "Indfør løftet"
    assert Municipality.objects.get(code=787).name == "Thisted og omegn"
    assert list(cell.updates.all()) == [row]
