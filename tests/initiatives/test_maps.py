"""The maps: each municipality a link that says where it stands, for members alone; and which KKR is ahead."""

from __future__ import annotations

import re

import pytest

from flere_haender.days import today
from initiatives.kkr import spreads_by_kkr, who_is_ahead
from initiatives.tilemap import count_classes
from stakeholders.models import Kkr, Municipality, User
from tests.factories import AsUser, cell_of, make_row

pytestmark = pytest.mark.django_db


def tiles(page: str) -> dict[str, str]:
    """What each link on the map is called, with its address."""
    return {name: url for url, name in re.findall(r'<a href="([^"]+)"><title>([^<]+)</title>', page)}


def test_each_tile_of_the_front_page_is_a_link_that_says_how_far(
    as_user: AsUser, hr: User, nabo: User, thisted: Municipality
) -> None:
    make_row(cell_of(10, thisted), "completed", by=nabo)
    make_row(cell_of(11, thisted), "not_relevant", by=nabo, note="Begrundelse")
    page = as_user(hr).get("/").content.decode()
    found = tiles(page)
    assert len(found) == 98
    assert found["Thisted: 1 af 19 gennemført"] == "/kommuner/787/"
    assert found["Samsø: har ikke svaret"] == "/kommuner/741/"
    assert '<td class="numeric">1 af 19</td>' in page
    assert tiles(as_user(None).get("/").content.decode()) == {}


@pytest.mark.parametrize(
    ("asked", "labels"),
    [
        (20, ["0", "1–3", "4–6", "7–10", "11–14", "15–20"]),
        (3, ["0", "1", "2", "3"]),
        (6, ["0", "1", "2", "3", "4", "5–6"]),
        (0, ["0"]),
    ],
)
def test_the_classes_follow_how_many_are_asked(asked: int, labels: list[str]) -> None:
    assert [each.label for each in count_classes(asked)] == [f"{label} gennemført" for label in labels]


@pytest.mark.parametrize("asked", range(61))
def test_every_count_is_in_one_class_and_all_is_the_darkest(asked: int) -> None:
    classes = count_classes(asked)
    counts = [count for each in classes for count in range(each.lowest, each.highest + 1)]
    assert counts == list(range(asked + 1))
    assert len({each.css_class for each in classes}) == len(classes)
    assert classes[-1].css_class == ("q5" if asked else "q0")


def test_each_tile_of_a_recommendation_says_the_status_and_the_signal(
    as_user: AsUser, hr: User, nabo: User, thisted: Municipality
) -> None:
    make_row(cell_of(10, thisted), "in_progress", signal="red", by=nabo)
    found = tiles(as_user(hr).get("/anbefalinger/10/").content.decode())
    assert len(found) == 98
    assert found["Thisted: I gang, Rød"] == "/kommuner/787/#anbefaling-10"
    assert found["Samsø: Ikke vurderet"] == "/kommuner/741/#anbefaling-10"
    assert tiles(as_user(hr).get("/anbefalinger/10/?pr=2024-01-01").content.decode())["Thisted: Ikke vurderet"]
    assert tiles(as_user(hr).get("/anbefalinger/4/").content.decode()) == {}  # not for the municipalities


def test_nothing_by_kkr_or_municipality_is_public(
    as_user: AsUser, hr: User, nabo: User, thisted: Municipality
) -> None:
    make_row(cell_of(10, thisted), "completed", by=nabo)
    shown = [as_user(user).get("/anbefalinger/10/").content.decode() for user in (hr, None)]
    assert ["KKR Nordjylland er længst fremme" in page for page in shown] == [True, False]
    assert ["KKR" in page for page in shown] == [True, False]
    assert ["Thisted" in page for page in shown] == [True, False]


def in_kkr(slug: str) -> list[Municipality]:
    kkr = Kkr.objects.get(slug=slug)
    return list(Municipality.objects.in_kkr(kkr, as_of=today()).placed(as_of=today()).order_by("sort_order"))


def test_who_is_ahead_is_said_with_the_numbers() -> None:
    north, zealand = in_kkr("nordjylland")[:4], in_kkr("sjaelland")[:4]

    def said(*statuses: str) -> str:
        return who_is_ahead(spreads_by_kkr(zip([*north, *zealand], statuses, strict=True)))

    none = ["planned"] * 4
    assert said(*none, *none) == "Ingen kommuner har gennemført endnu"
    assert (
        said("completed", "completed", "planned", "not_relevant", "completed", *none[:3])
        == "KKR Nordjylland er længst fremme: 67 pct. (2 af 3) har gennemført"
    )
    assert (
        said("completed", "planned", "not_relevant", "not_relevant", "completed", "completed", *none[:2])
        == "KKR Nordjylland og KKR Sjælland er lige langt fremme: 1 af 2 og 2 af 4 har gennemført"
    )


def test_the_fictional_municipality_counts_in_no_kkr(korsbaek: Municipality) -> None:
    places = in_kkr("sjaelland")
    assert korsbaek in places
    rows = spreads_by_kkr((place, "completed" if place == korsbaek else "planned") for place in places)
    assert [(row.size, row.spread.completed) for row in rows] == [(17, 0)]
