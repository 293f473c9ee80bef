"""Every address, every method and the whole admin: no 500, nothing written by reading, no unknown method."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stakeholders.models import User
from tests.addresses import Arguments, address_of, admin_addresses, written
from tests.factories import AsUser, cell_of, make_action, make_round, make_user
from tests.test_access import BOOKKEEPING, GET_TABLE

pytestmark = pytest.mark.django_db

UNKNOWN = ("OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "SLET")


def test_methods_that_nobody_uses_are_refused(as_user: AsUser, konsulent: User, arguments: Arguments) -> None:
    for client in (as_user(None), as_user(konsulent)):
        for name in [*GET_TABLE, "admin:index", "admin:stakeholders_user_changelist"]:
            url = address_of(name, arguments)
            codes = {method: client.generic(method, url).status_code for method in UNKNOWN}
            assert set(codes.values()) == {405}, (name, codes)


def test_the_address_of_a_form_says_so_when_it_is_opened_as_a_page(as_user: AsUser, konsulent: User) -> None:
    url = f"/runder/{make_round().pk}/handling/"
    refused = as_user(konsulent).post(url, {"action": "remind"})
    assert refused.status_code == 422  # and now the address bar has it
    response = as_user(konsulent).get(url)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Siden kan ikke åbnes på den måde" in response.content.decode()


def test_head_says_what_get_says_and_sends_nothing(as_user: AsUser, konsulent: User, arguments: Arguments) -> None:
    client = as_user(konsulent)
    for name in GET_TABLE:
        if name == "account_logout":
            continue
        url = address_of(name, arguments)
        with CaptureQueriesContext(connection) as captured:
            head = client.head(url)
        assert written(captured) <= BOOKKEEPING or head.status_code == 202, name
        assert head.status_code in (405, client.get(url).status_code), name
        assert not b"".join(head), name


def test_every_page_of_the_admin(as_user: AsUser, konsulent: User, hr: User) -> None:
    """Read as those who may and who may not: an answer that is meant, and nothing written."""
    cell_of(10, hr.membership.municipality).record("planned", by=hr)
    make_action(hr.membership.municipality, by=hr)
    clients = {user: as_user(user) for user in (hr, konsulent, make_user(is_superuser=True))}
    walked = 0
    for url in admin_addresses(0, 2**70, "x\x00"):
        for user, client in clients.items():
            connection.queries_log.clear()  # a full one captures nothing
            with CaptureQueriesContext(connection) as captured:
                code = client.get(url).status_code
            assert captured or code == 400, url
            assert code in ((400, 403) if user == hr else (200, 302, 400, 403, 404, 405)), (url, code)
            assert written(captured) <= BOOKKEEPING, (url, captured.captured_queries)
            walked += 1
    assert walked > 600


def test_stored_files_have_no_address_of_their_own(gaest: Client, settings: pytest.FixtureRequest) -> None:
    """What is uploaded and printed lies in the database; each has a page in the table of tests/test_access.py."""
    assert settings.MEDIA_URL == "/"
    assert settings.MEDIA_ROOT == ""
    assert {name for name in GET_TABLE if "media" in name} == set()
    assert gaest.get("/media/x.pdf").status_code == 404
