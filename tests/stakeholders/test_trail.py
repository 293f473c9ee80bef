"""Who read and took out what: every address says what it shows, and leaves the trace that it should."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from stakeholders.models import AccessEntry, Municipality, User
from stakeholders.trail import SHOWS
from tests.addresses import named_patterns
from tests.factories import AsUser, cell_of, finish, make_action, make_issued, make_user, make_zip, moment

pytestmark = pytest.mark.django_db

# Where allauth and we have what is about oneself: signing in, passwords, keys.
OWN_ACCOUNT = ("account", "mfa_", "sessions", "recovery_codes", "openid_connect_")


def traces() -> list[tuple[str, int | None, str, str]]:
    found = AccessEntry.objects.filter(kind__in=("read", "exported")).order_by("pk")
    return [(row.kind, row.municipality_id, row.subject, row.detail) for row in found]


def test_every_address_says_what_it_shows() -> None:
    names = {name for name in named_patterns(get_resolver()) if not name.startswith(("admin:", *OWN_ACCOUNT))}
    assert names == set(SHOWS)


@pytest.mark.parametrize(
    "url", ["/kommuner/999/", "/kommuner/999/anbefalinger/10/", "/kommuner/999/rapport/", "/kommuner/999/indsatser/"]
)
def test_another_municipality_is_a_trace_and_ones_own_is_none(
    as_user: AsUser, nabo: User, hr: User, konsulent: User, url: str
) -> None:
    for reader in (None, hr):
        as_user(reader).get(url)
    assert traces() == []
    for reader in (nabo, konsulent):
        assert as_user(reader).get(url).status_code == 200
    assert traces() == [("read", 999, url, "")] * 2
    assert set(AccessEntry.objects.filter(kind="read").values_list("by", flat=True)) == {nabo.pk, konsulent.pk}


def test_the_same_page_within_ten_minutes_is_one_trace(
    as_user: AsUser, nabo: User, korsbaek: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_user(nabo)
    for minute in (0, 4, 9, 10, 19):
        monkeypatch.setattr(
            timezone, "now", lambda minute=minute: moment("2026-11-22 12:00") + timedelta(minutes=minute)
        )
        client.get("/kommuner/999/")
        client.get("/matrix/?siden=2026-01-01")
    assert traces() == [("read", 999, "/kommuner/999/", ""), ("read", None, "/matrix/", "")] * 2


def test_a_trace_is_one_query(as_user: AsUser, nabo: User, korsbaek: Municipality) -> None:
    client = as_user(nabo)
    for url in ("/kommuner/999/", "/matrix/", "/sammenlign/?kommune=999&med=101&med=147"):
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        found = [query["sql"] for query in captured if "accessentry" in query["sql"]]
        assert len(found) == 1, found
        assert found[0].startswith("INSERT")


def test_what_is_refused_or_wrong_is_not_read(as_user: AsUser, nabo: User, korsbaek: Municipality) -> None:
    client = as_user(nabo)
    codes = [client.get(url).status_code for url in ("/kommuner/999/arkiv/", "/kommuner/998/", "/sammenlign/?med=x")]
    assert codes == [404, 404, 400]
    assert traces() == []


def test_those_that_are_compared(as_user: AsUser, nabo: User, korsbaek: Municipality) -> None:
    as_user(nabo).get("/sammenlign/?med=999&med=101")
    assert sorted(traces()) == [("read", 101, "/sammenlign/", ""), ("read", 999, "/sammenlign/", "")]


def test_reports_say_whom_they_are_about(as_user: AsUser, nabo: User, korsbaek: Municipality) -> None:
    client = as_user(nabo)
    for about in ("kommune:999", "kkr:sjaelland", "landet", "kommune:787"):
        client.get("/rapporter/", {"om": about, "til": "Udvalget for Hemmeligheder"})
    assert [row[:3] for row in traces()] == [("read", 999, "/rapporter/"), ("read", None, "/rapporter/")]
    assert client.get("/rapporter/rapport.xlsx?om=kommune:999").status_code == 200
    kind, code, url, name = traces()[-1]
    assert (kind, code, url) == ("exported", 999, "/rapporter/rapport.xlsx")
    assert name.startswith("Statusrapport Korsbæk Kommune")


def test_files_are_traces_every_time_also_ones_own(as_user: AsUser, hr: User, korsbaek: Municipality) -> None:
    client = as_user(hr)
    for url in (
        "/kommuner/999/arkiv/hent/",
        "/kommuner/999/regneark/hent/",
        "/kommuner/999/indsatser/?format=csv",
    ) * 2:
        assert b"".join(client.get(url)) != b""
    found = [(kind, code, url) for kind, code, url, _ in traces()]
    urls = ("/kommuner/999/arkiv/hent/", "/kommuner/999/regneark/hent/", "/kommuner/999/indsatser/")
    assert found == [("exported", 999, url) for url in urls] * 2


def test_issued_and_ordered_reports(as_user: AsUser, konsulent: User, leder: User, korsbaek: Municipality) -> None:
    client = as_user(konsulent)
    issued = make_issued("kommune:999", by=leder)
    assert client.get(f"/rapporter/udstedte/{issued.pk}.pdf").status_code == 200
    order = finish(make_zip([korsbaek, Municipality.objects.get(code=101)], by=konsulent))
    assert client.get(f"/rapporter/bestillinger/{order.key}.zip").status_code == 200
    found = [(kind, code, url) for kind, code, url, _ in traces()]
    zipped = f"/rapporter/bestillinger/{order.key}.zip"
    assert found[0] == ("exported", 999, f"/rapporter/udstedte/{issued.pk}.pdf")
    assert sorted(found[1:]) == [("exported", 101, zipped), ("exported", 999, zipped)]


def test_pages_whose_address_does_not_say_whom_they_are_about(
    as_user: AsUser, nabo: User, konsulent: User, hr: User, korsbaek: Municipality
) -> None:
    action = make_action(korsbaek, by=hr)
    proposed = make_action(korsbaek, by=hr, visibility="proposed")
    urls = [f"/casebank/forslag/{proposed.pk}/", f"/casebank/forslag/{proposed.pk}/ret/"]
    urls += [f"/indsatser/{action.pk}/ret/", "/brugere/?kommune=999"]
    urls += [f"/brugere/{hr.membership.pk}/{what}/" for what in ("rolle", "fjern")]
    for url in urls:
        assert as_user(konsulent).get(url).status_code == 200
    assert as_user(nabo).get(f"/indsatser/{action.pk}/").status_code == 200
    assert as_user(hr).get("/brugere/").status_code == 200
    assert {code for _, code, _, _ in traces()} == {999}
    assert len(traces()) == 7


def test_kl_s_front_page_shows_what_municipalities_have_answered(
    as_user: AsUser, hr: User, nabo: User, konsulent: User
) -> None:
    cell_of(10, hr.membership.municipality).record("planned", by=hr)
    for user in (hr, nabo, konsulent):
        assert as_user(user).get("/").status_code == 200
    assert [row[:3] for row in traces()] == [("read", None, "/")]


def test_the_admin_is_written_down_whoever_reads_it(as_user: AsUser, konsulent: User, hr: User) -> None:
    boss = make_user(is_superuser=True)
    secret = reverse("admin:stakeholders_user_change", args=[hr.pk])
    assert as_user(boss).get(secret).status_code == 200
    assert as_user(konsulent).get("/admin/initiatives/progress/?q=hemmelig").status_code == 200
    assert traces() == [("read", None, secret, ""), ("read", None, "/admin/initiatives/progress/", "")]


def test_an_export_from_the_admin(as_user: AsUser, konsulent: User) -> None:
    cell_of(10).record("planned", by=konsulent, note="Note")
    fields = {"format": "0", "resource": ""}
    url = "/admin/initiatives/statusupdate/export/"
    response = as_user(konsulent).post(url, fields)
    assert "attachment" in response.get("Content-Disposition", ""), response.content.decode()[:2000]
    assert [row[:3] for row in traces()] == [("exported", None, url)]


def test_open_data_leaves_no_trace(as_user: AsUser, hr: User) -> None:
    for url in ("/data/status.csv", "/data/", "/aktivitet/atom.xml", "/tidslinje/"):
        assert as_user(hr).get(url).status_code == 200
    assert traces() == []
