"""Seeing as a user: who may, whom, that nothing can be done meanwhile, and how it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from flere_haender.access import Role
from initiatives.models import StatusUpdate
from stakeholders.models import AccessEntry, Membership, User
from stakeholders.seeing_as import ENDING, FILES, MARK, ONLY_LOOKING, end
from stakeholders.sessions import SessionStore
from tests.addresses import Arguments, address_of, admin_addresses, named_patterns, written
from tests.factories import AsUser, make_user
from tests.test_access import GET_TABLE

pytestmark = pytest.mark.django_db

BAND = "Du ser siderne som <strong>Hanne Lund</strong>, kommunal redaktør i Korsbæk Kommune. Du kan ikke ændre noget."
STOP = "/se-som/slut/"
ONLY_THE_TRACE = {"stakeholders_usersession", "stakeholders_accessentry"}


@pytest.fixture
def boss(db: None) -> User:
    """KL's administrator, who writes for KL too."""
    return make_user(Role.KL_CONSULTANT, name="Grethe Boss", is_superuser=True)


def see_as(client: Client, user: User) -> Client:
    assert client.post(f"/se-som/{user.pk}/")["Location"] == "/"
    return client


@pytest.fixture
def seeing(as_user: AsUser, boss: User, hr: User) -> Client:
    """The administrator's browser, who sees as Korsbæk's editor."""
    return see_as(as_user(boss), hr)


def text_of(response: Any) -> str:
    text: str = response.content.decode()
    return text


def last_subject() -> str:
    [row] = AccessEntry.objects.filter(kind="seeing_as_ended")
    return row.subject


# Who, and whom


def test_it_is_begun_from_the_user_in_the_admin(as_user: AsUser, boss: User, hr: User, konsulent: User) -> None:
    client = as_user(boss)
    link = f'href="/se-som/{hr.pk}/"'
    assert link in text_of(client.get(f"/admin/stakeholders/user/{hr.pk}/change/"))
    assert "/se-som/" not in text_of(client.get(f"/admin/stakeholders/user/{konsulent.pk}/change/"))
    page = text_of(client.get(f"/se-som/{hr.pk}/"))
    assert "Hanne Lund er kommunal redaktør i Korsbæk Kommune." in page
    assert "Lederen i Korsbæk Kommune kan se dem" in page
    assert MARK not in client.session


def test_members_without_the_admin_are_seen_as(
    as_user: AsUser, boss: User, hr: User, leder: User, laeser: User
) -> None:
    for user in (hr, leder, laeser):
        client = see_as(as_user(boss), user)
        page = text_of(client.get("/min-side/"))
        assert f"Du ser siderne som <strong>{user}</strong>, {user.membership.role_in_text}" in page
        assert page.count(f"<p>{user}, {user.membership.organisation}</p>") == 2
        assert "Grethe Boss" not in page


def test_nobody_else_is(as_user: AsUser, boss: User, hr: User, konsulent: User, korsbaek: Any) -> None:
    closed = make_user(Role.EDITOR, korsbaek, is_active=False)
    former = make_user(Role.EDITOR, korsbaek)
    Membership.objects.filter(user=former).update(ended_on="2026-01-01")
    client = as_user(boss)
    for user in (boss, konsulent, make_user(is_superuser=True), make_user(), closed, former):
        response = client.post(f"/se-som/{user.pk}/", follow=True)
        assert response.redirect_chain == [(f"/admin/stakeholders/user/{user.pk}/change/", 302)]
        assert f"Du kan ikke se siderne som {user}." in text_of(response)
        assert MARK not in client.session
    assert client.post(f"/se-som/{2**70}/").status_code == 404
    assert not AccessEntry.objects.filter(kind="seeing_as_began").exists()


def test_never_as_another_meanwhile(seeing: Client, hr: User, leder: User) -> None:
    for method in (seeing.get, seeing.post):
        assert method(f"/se-som/{leder.pk}/").status_code == 403
        assert method(f"/se-som/{hr.pk}/")["Location"] == "/"  # pressed twice
    assert seeing.session[MARK]["user"] == hr.pk
    assert AccessEntry.objects.filter(kind="seeing_as_began").count() == 1


# What one can do meanwhile: read


def test_nothing_is_sent_to_any_address(seeing: Client, hr: User, arguments: Arguments) -> None:
    ours = [address_of(name, arguments) for name in GET_TABLE if name not in (*ENDING, "see_as")]
    addresses = [*ours, *admin_addresses()]
    for headers, said in (({}, "<h1>Du kan kun se</h1>"), ({"HX-Request": "true"}, ONLY_LOOKING)):
        for url in addresses:
            with CaptureQueriesContext(connection) as captured:
                response = seeing.post(url, {"status": "completed", "note": "Note"}, headers=headers)
            assert written(captured) == set(), url
            assert (response.status_code, text_of(response).count(said)) == (403, 1), url
    assert len(addresses) > 250
    for method in ("put", "patch", "delete", "options", "trace"):
        assert getattr(seeing, method)("/velkommen/").status_code == 405
    assert not StatusUpdate.objects.filter(note="Note").exists()
    assert seeing.session[MARK]["user"] == hr.pk


@pytest.mark.parametrize("who", ["hr", "leder", "laeser"])
def test_no_address_hands_out_a_file_or_changes_anything(
    as_user: AsUser, boss: User, arguments: Arguments, role_users: dict[str, User], who: str
) -> None:
    client = see_as(as_user(boss), role_users[who])
    read = 0
    for name in GET_TABLE:
        url = address_of(name, arguments)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url)
        assert written(captured) <= ONLY_THE_TRACE, name
        assert "Content-Disposition" not in response, name
        if url.startswith("/konto/") or name in FILES:
            assert response.status_code == 403, name
            assert "kan du ikke gemme, hente filer eller åbne kontoen" in text_of(response)
        read += response.status_code == 200 and "seeing-band" in text_of(response)
    assert read > 30
    for url in ("/indsatser/?format=csv", "/matrix/?format=xlsx", "/adgangslog/?format=csv", "/kommuner/?format=x"):
        assert client.get(url).status_code == 403
    assert set(FILES) <= set(named_patterns(get_resolver()))


def test_the_admin_is_not_there(seeing: Client) -> None:
    for url in ("/admin/", "/admin/login/", *admin_addresses()):
        response = seeing.get(url)
        assert (response.status_code, text_of(response).count(BAND)) == (403, 1), url


def test_whoever_sees_as_nobody_asks_the_database_nothing_more(as_user: AsUser, hr: User, boss: User) -> None:
    for user in (hr, boss):
        client = as_user(user)
        client.get("/privatliv/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/privatliv/")
        assert len(captured) <= 4, [query["sql"] for query in captured]


# Every page says so


def test_pages_that_say_what_is_wrong_have_the_band_too(
    as_user: AsUser, boss: User, hr: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_user(boss)
    assert BAND not in text_of(client.get("/"))
    see_as(client, hr)
    client.raise_request_exception = False
    monkeypatch.setattr("stakeholders.views.people_visible_to", lambda user: 1 / 0)
    asked = {"/": 200, "/findes-ikke/": 404, "/kommuner/1/": 404, "/runder/ny/": 404, "/konto/": 403, "/brugere/": 500}
    for url, status in asked.items():
        response = client.get(url)
        assert (response.status_code, text_of(response).count(BAND)) == (status, 1), url
        assert 'name="csrfmiddlewaretoken"' in text_of(response).split("Hold op")[0]
    client.handler.enforce_csrf_checks = True
    response = client.post(STOP)
    assert (response.status_code, text_of(response).count(BAND)) == (403, 1)


# How it ends


def test_it_is_stopped(seeing: Client, hr: User) -> None:
    response = seeing.post(STOP, follow=True)
    assert response.redirect_chain == [(f"/admin/stakeholders/user/{hr.pk}/change/", 302)]
    assert "Du ser igen siderne som dig selv." in text_of(response)
    assert last_subject() == ""
    assert seeing.post(STOP)["Location"] == "/"
    assert AccessEntry.objects.filter(kind="seeing_as_ended").count() == 1


def test_two_requests_that_find_out_at_once_end_it_once(seeing: Client, boss: User) -> None:
    requests = [RequestFactory().get("/") for _ in range(2)]
    for request in requests:
        request.session, request.user = SessionStore(seeing.session.session_key), boss
        assert MARK in request.session  # read before the other has ended it
    for request in requests:
        end(request)
    assert last_subject() == ""
    assert MARK not in seeing.session


def test_a_page_from_before_cannot_be_sent_as_oneself(as_user: AsUser, boss: User, hr: User) -> None:
    client = see_as(as_user(boss), hr)
    client.handler.enforce_csrf_checks = True
    token = client.get("/kommuner/999/anbefalinger/10/status/").context["csrf_token"]
    form = {"status": "completed", "csrfmiddlewaretoken": str(token)}
    assert client.post(STOP, form).status_code == 302
    response = client.post("/kommuner/999/anbefalinger/10/status/", form)
    assert (response.status_code, "Siden er for gammel" in text_of(response)) == (403, True)
    assert not StatusUpdate.objects.exists()


def test_the_time_runs_out_and_nothing_is_done_as_oneself(seeing: Client, boss: User) -> None:
    session = seeing.session
    assert 29 * 60 < session[MARK]["until"] - time.time() <= 30 * 60
    session[MARK] = {**session[MARK], "until": int(time.time())}
    session.save()
    url, form = "/kommuner/999/anbefalinger/10/status/", {"status": "completed"}
    part = seeing.post(url, form, headers={"HX-Request": "true"})
    assert (part.status_code, part["Content-Type"]) == (403, "text/plain; charset=utf-8")
    page = seeing.post(url, form)
    assert (page.status_code, "Tiden er gået" in text_of(page)) == (403, True)
    assert "Grethe Boss" in text_of(page) and "seeing-band" not in text_of(page)
    assert not StatusUpdate.objects.exists()
    assert last_subject() == "De 30 minutter var gået"
    assert seeing.get("/admin/").status_code == 200


def _ends_membership(boss: User, hr: User) -> None:
    Membership.objects.filter(user=hr).update(ended_on="2026-11-01")


def _is_closed(boss: User, hr: User) -> None:
    User.objects.filter(pk=hr.pk).update(is_active=False)


def _becomes_superuser(boss: User, hr: User) -> None:
    User.objects.filter(pk=hr.pk).update(is_superuser=True)


def _is_superuser_no_more(boss: User, hr: User) -> None:
    User.objects.filter(pk=boss.pk).update(is_superuser=False)


@pytest.mark.parametrize("happens", [_ends_membership, _is_closed, _becomes_superuser, _is_superuser_no_more])
def test_it_ends_when_one_of_them_may_not_any_more(
    seeing: Client, boss: User, hr: User, happens: Callable[[User, User], None]
) -> None:
    assert seeing.get("/brugere/").status_code == 200
    happens(boss, hr)
    response = seeing.get("/brugere/")
    assert (response.status_code, "adgang er ændret" in text_of(response)) == (403, True)
    assert last_subject() == "Adgangen var ændret"
    assert MARK not in seeing.session
    assert "seeing-band" not in text_of(seeing.get("/"))


def test_it_ends_when_the_second_step_is_missing(seeing: Client, settings: Any) -> None:
    settings.REQUIRE_MFA = True
    assert seeing.get("/").status_code == 403
    assert seeing.get("/")["Location"] == "/konto/totrin/"


def test_signing_out_ends_it(seeing: Client, boss: User, hr: User) -> None:
    seeing.post("/konto/logout/")
    rows = AccessEntry.objects.filter(kind__in=("signed_out", "seeing_as_ended"))
    assert set(rows.values_list("kind", "by", "about_user", "subject")) == {
        ("signed_out", boss.pk, None, ""),
        ("seeing_as_ended", boss.pk, hr.pk, "Loggede af"),
    }
    assert seeing.get("/min-side/")["Location"].startswith("/konto/login/")


def test_so_does_a_session_that_is_left_alone_or_ended_elsewhere(as_user: AsUser, boss: User, hr: User) -> None:
    left, ended = see_as(as_user(boss), hr), see_as(as_user(boss), hr)
    session = left.session
    session["seen_at"] = 0
    session.save()
    assert left.get("/min-side/")["Location"].startswith("/konto/login/")
    assert last_subject() == "Loggede af"
    boss.sign_out_everywhere()
    assert ended.get("/min-side/")["Location"].startswith("/konto/login/")
    assert not AccessEntry.objects.filter(by=hr).exists()
