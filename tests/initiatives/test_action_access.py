"""Drafts are for the own municipality and KL, everywhere; nothing of it is public. There is something to leak."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.test import Client

from initiatives.models import LocalAction
from initiatives.opendata import DATASETS
from stakeholders.models import Municipality, User
from tests.factories import AsUser, make_action, make_user

pytestmark = pytest.mark.django_db

DRAFT, SHARED = "Kladdeindsatsen", "Delingsindsatsen"


@pytest.fixture
def draft(korsbaek: Municipality, hr: User) -> LocalAction:
    make_action(korsbaek, by=hr, title=SHARED, what="En zebra", phase="planned")
    return make_action(korsbaek, by=hr, title=DRAFT, what="Zebrastriber", visibility="draft", phase="running")


PLACES = (
    "/kommuner/999/indsatser/",
    "/kommuner/999/indsatser/?format=csv",
    "/soeg/?q=zebra",
    "/soeg/?q=zebrastriber&i=indsatser",
    "/indsatser/",
    "/anbefalinger/10/",
)


def shows(client: Client, place: str) -> set[str]:
    text = client.get(place).getvalue().decode()
    return {title for title in (DRAFT, SHARED) if title in text}


def test_who_sees_what(
    as_user: AsUser, draft: LocalAction, hr: User, leder: User, laeser: User, konsulent: User, nabo: User
) -> None:
    """The inspiration and the recommendation show what is shared; the draft is nobody's inspiration."""
    both = [{DRAFT, SHARED}, {DRAFT, SHARED}, {DRAFT, SHARED}, {DRAFT}, {SHARED}, {SHARED}]
    for user in (hr, leder, laeser, konsulent):
        assert [shows(as_user(user), place) for place in PLACES] == both
    for user, found in ((nabo, [{SHARED}, {SHARED}, {SHARED}, set(), {SHARED}, {SHARED}]), (None, [set()] * 6)):
        assert [shows(as_user(user), place) for place in PLACES] == found


def test_the_page_of_a_draft_is_not_there_for_others(
    as_user: AsUser, draft: LocalAction, nabo: User, hr: User
) -> None:
    addresses = [
        draft.get_absolute_url(),
        f"{draft.get_absolute_url()}ret/",
        f"/kommuner/787/indsatser/ny/?fra={draft.pk}",
    ]
    assert [as_user(nabo).get(address).status_code for address in addresses] == [404, 404, 404]
    assert as_user(nabo).post(f"{draft.get_absolute_url()}stadig-aktuel/").status_code == 404
    assert [as_user(hr).get(address).status_code for address in addresses[:2]] == [200, 200]


def test_counts_leave_drafts_out(as_user: AsUser, draft: LocalAction, nabo: User, hr: User, gaest: Client) -> None:
    assert "Lokale indsatser (2)" in as_user(hr).get("/kommuner/999/").content.decode()
    assert "Lokale indsatser (1)" in as_user(nabo).get("/kommuner/999/").content.decode()
    assert "Lokale indsatser" not in gaest.get("/kommuner/999/").content.decode()
    assert "har 1 lokal indsats" in as_user(nabo).get("/kommuner/999/indsatser/").content.decode()
    assert "Lokale indsatser (1)" in as_user(hr).get("/anbefalinger/10/").content.decode()
    assert "Lokale indsatser" not in gaest.get("/anbefalinger/10/").content.decode()


def test_a_filter_finds_only_what_one_may_see(as_user: AsUser, draft: LocalAction, nabo: User, hr: User) -> None:
    for choice in ("fase=running", "q=zebrastriber", "synlighed=draft&fase=running"):
        assert shows(as_user(hr), f"/kommuner/999/indsatser/?{choice}") == {DRAFT}
        assert shows(as_user(nabo), f"/kommuner/999/indsatser/?{choice}") == set()
    assert "Synlighed</label>" in as_user(hr).get("/kommuner/999/indsatser/").content.decode()
    assert "Synlighed</label>" not in as_user(nabo).get("/kommuner/999/indsatser/").content.decode()


def test_the_workbook_leaves_drafts_out(as_user: AsUser, draft: LocalAction, nabo: User, hr: User) -> None:
    def titles(user: User) -> set[str]:
        content = as_user(user).get("/kommuner/999/indsatser/?format=xlsx").getvalue()
        return {row[1] for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(2, values_only=True)}

    assert (titles(hr), titles(nabo)) == ({DRAFT, SHARED}, {SHARED})


def test_open_data_is_what_it_was(gaest: Client, korsbaek: Municipality, hr: User, thisted: Municipality) -> None:
    def files() -> dict[str, bytes]:
        return {
            f"{name}.{form}": gaest.get(f"/data/{name}.{form}").content
            for name in DATASETS
            for form in ("json", "csv")
        }

    before = files()
    nabo = make_user("editor", thisted)
    make_action(thisted, by=nabo, title=SHARED)
    make_action(thisted, by=nabo, title=DRAFT, visibility="draft")
    assert files() == before


def test_names_are_for_the_own_municipality_and_kl(
    as_user: AsUser, draft: LocalAction, hr: User, nabo: User, konsulent: User
) -> None:
    address = LocalAction.objects.get(title=SHARED).get_absolute_url()
    for user in (hr, konsulent):
        assert "Hanne Lund" in as_user(user).get(address).content.decode().partition("<main")[2]
    assert "Hanne Lund" not in as_user(nabo).get(address).content.decode()


def test_an_origin_that_is_a_draft_again_is_not_named(
    as_user: AsUser, korsbaek: Municipality, thisted: Municipality, hr: User, nabo: User
) -> None:
    origin = make_action(thisted, by=nabo, title=SHARED)
    copy = make_action(korsbaek, by=hr, copied_from=origin)
    assert shows(as_user(hr), copy.get_absolute_url()) == {SHARED}
    origin.change(by=nabo, visibility="draft")
    assert shows(as_user(hr), copy.get_absolute_url()) == set()
    assert "en indsats i Thisted Kommune" in as_user(hr).get(copy.get_absolute_url()).content.decode()
