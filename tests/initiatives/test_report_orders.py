"""A report that is printed by the worker: asked for once, shown to those who may read it, told of when it fails."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from initiatives import reports
from initiatives.chores import tidy_reports
from initiatives.models import IssuedReport, OrderedReport, ReportOrder, Stage, StoredReport
from initiatives.models.ordered import TRIES
from initiatives.models.orders import WAITING_OF_USER, WAITING_OF_VISITORS
from initiatives.press import BROKEN_OFF, FAILED, NO_MORE, print_next
from initiatives.reports.choice import Choice
from stakeholders.models import Municipality, User
from tests.factories import AsUser, cell_of, make_order, make_zip

pytestmark = pytest.mark.django_db

OWN = "/kommuner/999/rapport.pdf"
HTMX = {"hx-request": "true"}


def text(response: Any) -> str:
    return str(response.content.decode())


def print_all() -> int:
    """Be the worker. Returns how many reports there were."""
    count = 0
    while print_next():
        count += 1
    return count


def test_it_is_on_its_way_and_then_it_is_there(as_user: AsUser, hr: User, korsbaek: Municipality) -> None:
    client = as_user(hr)
    first = client.get(OWN)
    order = ReportOrder.objects.get()
    assert (first.status_code, "Rapporten er i kø." in text(first)) == (202, True)
    assert client.get(order.get_absolute_url()).status_code == 202
    assert print_all() == 1
    there, again = client.get(order.get_absolute_url()), client.get(OWN)
    made = reports.as_pdf(Choice.from_query(QueryDict("om=kommune:999"), user=hr).report())
    assert (there.status_code, there["Content-Type"], there.content) == (200, "application/pdf", made)
    assert (again.status_code, again.content, ReportOrder.objects.count()) == (200, made, 1)
    assert again["Content-Disposition"].startswith("inline; filename*=utf-8''Statusrapport%20Korsb%C3%A6k%20Kommune")
    cell_of(10, korsbaek).record("completed", by=hr)
    assert client.get(OWN).status_code == 202  # it says something else now


def test_the_page_that_waits_asks_for_itself(as_user: AsUser, hr: User) -> None:
    client = as_user(hr)
    page = text(client.get(OWN))
    url = ReportOrder.objects.get().get_absolute_url()
    assert f'hx-get="{url}?sagt=waiting"' in page
    assert ('role="status"' in page, f'<a id="opdater" href="{url}">' in page) == (True, True)
    quiet, news = (text(client.get(f"{url}?sagt={said}", headers=HTMX)) for said in ("waiting", "stuck"))
    assert ("hx-swap-oob" in quiet, "hx-swap-oob" in news, "<html" in news) == (False, True, False)
    print_all()
    ready = text(client.get(f"{url}?sagt=making", headers=HTMX))
    assert ("data-go" in ready, "hx-trigger" in ready, "Rapporten er klar." in ready) == (True, False, True)


def test_clicks_on_the_same_report_print_it_once(
    as_user: AsUser, hr: User, leder: User, nabo: User, gaest: Client
) -> None:
    for user in (hr, hr, leder, nabo):
        as_user(user).get(OWN)
    assert [(order.ordered_by, order.reports.count()) for order in ReportOrder.objects.all()] == [(hr, 1)]
    gaest.get("/rapport.pdf")
    gaest.get("/rapporter/rapport.pdf?om=landet")
    assert ReportOrder.objects.count() == 2


def test_only_who_may_read_it_may_have_it(as_user: AsUser, hr: User, nabo: User, gaest: Client) -> None:
    closed, public = make_order("kommune:999", by=hr), make_order("landet", by=nabo)
    with_map = make_order("landet", med="kort", by=nabo)  # names the municipalities
    print_all()
    found = [
        [client.get(each.get_absolute_url()).status_code for client in (gaest, as_user(nabo))]
        for each in (closed, public, with_map)
    ]
    assert found == [[302, 200], [200, 200], [302, 200]]
    assert gaest.get(closed.get_absolute_url(), headers=HTMX).status_code == 404
    assert gaest.get(OWN).status_code == 302


def test_somebody_who_waits_comes_before_a_batch(korsbaek: Municipality, konsulent: User, hr: User) -> None:
    many = make_zip([korsbaek], by=konsulent)
    one = make_order("kommune:999", by=hr)
    assert (one.ahead(), many.ahead()) == (0, 1)
    first = OrderedReport.objects.claim()
    assert first and first.order == one


def test_so_many_and_no_more(as_user: AsUser, hr: User, leder: User, gaest: Client) -> None:
    for client, most in ((as_user(hr), WAITING_OF_USER), (gaest, WAITING_OF_VISITORS)):
        statuses = [
            client.get(f"/rapporter/rapport.pdf?om=landet&til={n}-{most}").status_code for n in range(most + 1)
        ]
        assert statuses == [202] * most + [429]
    page = as_user(hr).get("/rapporter/rapport.pdf?om=landet&til=en-til")
    assert "Der laves allerede flere rapporter." in text(page)
    assert as_user(leder).get("/rapporter/rapport.pdf?om=landet&til=min").status_code == 202
    print_next()
    assert as_user(hr).get("/rapporter/rapport.pdf?om=landet&til=nu").status_code == 202


def test_without_a_worker_it_says_so(as_user: AsUser, hr: User) -> None:
    order = make_order("kommune:999", by=hr)
    ReportOrder.objects.update(ordered_at=timezone.now() - timedelta(seconds=20))
    assert "svarer ikke lige nu" in text(as_user(hr).get(order.get_absolute_url()))
    OrderedReport.objects.claim()
    assert "Rapporten laves." in text(as_user(hr).get(order.get_absolute_url()))


def test_what_cannot_be_printed_is_told(
    as_user: AsUser, hr: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone, broken = make_order("kommune:999", by=hr), make_order("landet", by=hr)
    gone.reports.update(query="om=kommune:5")
    print_next()
    monkeypatch.setattr(reports, "as_pdf", lambda report: 1 / 0)
    print_next()
    assert [each.reports.get().error for each in (gone, broken)] == [NO_MORE, FAILED]
    page = text(as_user(hr).get(broken.get_absolute_url()))
    assert ("Rapporten kunne ikke laves." in page, FAILED in page, "hx-trigger" in page) == (True, True, False)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]


def test_a_printer_that_has_lost_its_lease_writes_nothing(hr: User) -> None:
    make_order("landet", by=hr)
    slow = OrderedReport.objects.claim()
    assert slow and OrderedReport.objects.claim() is None
    OrderedReport.objects.update(lease_until=timezone.now())
    quick = OrderedReport.objects.claim()
    assert quick and (quick.pk, quick.attempts) == (slow.pk, 2)
    slow.fail("For sent.")
    slow.let_go()
    assert OrderedReport.objects.get().stage == Stage.MAKING
    quick.fail("Nu.")
    assert OrderedReport.objects.get().error == "Nu."
    assert ReportOrder.objects.get().phase == "failed"


def test_one_that_kills_its_printers_is_given_up(hr: User) -> None:
    order = make_order("landet", by=hr)
    for _ in range(TRIES):
        OrderedReport.objects.claim()
        OrderedReport.objects.update(lease_until=timezone.now())
    assert print_all() == 1
    order.refresh_from_db()
    assert (order.reports.get().error, order.phase) == (BROKEN_OFF, "failed")


def test_issuing_goes_the_same_way(as_user: AsUser, leder: User, hr: User, korsbaek: Municipality) -> None:
    client, key = as_user(leder), str(uuid.uuid4())
    seen = client.get("/rapporter/?om=kommune:999").context["report"].fingerprint
    for _ in range(2):
        response = client.post("/rapporter/udsted/?om=kommune:999", {"key": key, "seen": seen})
    order = ReportOrder.objects.get()
    assert response["Location"] == order.get_absolute_url()
    assert "Rapporten er i kø." in text(client.get(order.get_absolute_url()))
    assert as_user(hr).get(order.get_absolute_url()).status_code == 404
    cell_of(10, korsbaek).record("completed", by=hr)
    # It was said after the click, so it is not in it; a test is one transaction, which has one time.
    ReportOrder.objects.update(ordered_at=timezone.now() - timedelta(minutes=1))
    print_all()
    issued = IssuedReport.objects.get()
    assert issued.fingerprint == seen
    shown = client.get(order.get_absolute_url(), follow=True)
    assert shown.redirect_chain[-1][0] == "/rapporter/udstedte/"
    assert f"Rapporten er udstedt som nr. {issued.label}." in text(shown)
    client.post("/rapporter/udsted/?om=kommune:999", {"key": key, "seen": seen})
    assert (print_all(), IssuedReport.objects.count()) == (0, 1)
    assert client.post("/rapporter/udsted/?om=kommune:999&til=X", {"key": key}).status_code == 422


def test_orders_expire_and_then_their_files(hr: User, konsulent: User) -> None:
    short, long = make_order("landet", by=hr), make_order("tema:1", by=konsulent)
    print_all()
    ReportOrder.objects.filter(pk=short.pk).update(expires_at=timezone.now())
    StoredReport.objects.update(used_at=timezone.now() - timedelta(hours=2))
    tidy_reports()
    assert [order.pk for order in ReportOrder.objects.all()] == [long.pk]
    assert [file.ordered.get().order for file in StoredReport.objects.all()] == [long]


def test_a_file_that_was_just_asked_for_stays(hr: User) -> None:
    make_order("landet", by=hr)
    print_all()
    ReportOrder.objects.update(expires_at=timezone.now())
    tidy_reports()
    assert (ReportOrder.objects.count(), StoredReport.objects.count()) == (0, 1)
