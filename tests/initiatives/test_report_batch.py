"""Many reports at once: as one ZIP, of what has changed alone, and one that fails keeps nothing else back."""

from __future__ import annotations

import io
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone

from flere_haender.days import today
from initiatives import reports
from initiatives.models import OrderedReport, Purpose, ReportOrder, StoredReport, Thresholds
from initiatives.models.orders import KEPT, WAITING_ZIPS
from initiatives.press import NO_MORE, print_next
from initiatives.reports.choice import Choice
from stakeholders.chores import send_due
from stakeholders.models import Membership, Message, Municipality, User
from tests.factories import AsUser, cell_of, finish, make_zip

pytestmark = pytest.mark.django_db


@pytest.fixture
def places(korsbaek: Municipality, thisted: Municipality) -> list[Municipality]:
    return [thisted, korsbaek]


def print_all(order: ReportOrder) -> ReportOrder:
    while print_next():
        pass
    order.refresh_from_db()
    return order


def entries(response: Any) -> dict[str, bytes]:
    content = b"".join(response.streaming_content)
    assert response["Content-Length"] == str(len(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def reused(order: ReportOrder) -> list[bool]:
    return [row.is_reused for row in order.reports.all()]


def test_the_files_are_the_reports_alone(as_user: AsUser, konsulent: User, places: list[Municipality]) -> None:
    order = print_all(make_zip(places, by=konsulent, query="siden=2026-01-01&til=Udvalget"))
    client, url = as_user(konsulent), f"/rapporter/bestillinger/{order.key}.zip"
    found = entries(client.get(url))
    asked = [f"om=kommune:{place.code}&siden=2026-01-01&til=Udvalget" for place in places]
    alone = [Choice.from_query(QueryDict(query), user=konsulent).report() for query in asked]
    assert found == {reports.file_name(report): reports.as_pdf(report) for report in alone}
    twice = [b"".join(client.get(url).streaming_content) for _ in range(2)]
    assert twice[0] == twice[1]
    assert client.head(url)["Content-Length"] == str(len(twice[0]))


def test_only_what_has_changed_is_printed_again(konsulent: User, hr: User, places: list[Municipality]) -> None:
    first = print_all(make_zip(places, by=konsulent))
    cell_of(10, places[1]).record("completed", by=hr)
    second = print_all(make_zip(places, by=konsulent))
    third = print_all(make_zip(places, by=konsulent))
    assert [reused(order) for order in (first, second, third)] == [[False, False], [True, False], [True, True]]
    files = [[row.file_id for row in order.reports.all()] for order in (first, second, third)]
    assert (files[0][0] == files[1][0], files[0][1] == files[1][1], files[1] == files[2]) == (True, False, True)


def test_a_reused_file_keeps_the_day_that_it_was_known(konsulent: User, places: list[Municipality]) -> None:
    """Something that is of no consequence for it has been recorded; the report alone says so, the batch does not."""
    [file] = [row.file for row in print_all(make_zip(places[:1], by=konsulent)).reports.all()]
    known_at = file.known_at
    Thresholds.set(by=konsulent, disagree_above=20, assessed_at_least=50)
    report = Choice.from_query(QueryDict(f"om=kommune:{places[0].code}"), user=konsulent).report()
    assert report.known_at and known_at and report.known_at > known_at
    again = print_all(make_zip(places[:1], by=konsulent))
    assert (reused(again), again.reports.get().file.known_at) == ([True], known_at)


def test_one_that_fails_is_told_and_the_rest_is_there(
    as_user: AsUser, konsulent: User, places: list[Municipality], settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    order = make_zip(places, by=konsulent)
    order.reports.filter(name="Korsbæk Kommune").update(query="om=kommune:5")
    print_all(order)
    page = as_user(konsulent).get(order.get_absolute_url()).content.decode()
    assert ("1 af 2 rapporter er færdige" in page, f"Korsbæk Kommune: {NO_MORE}" in page) == (True, True)
    assert len(entries(as_user(konsulent).get(f"/rapporter/bestillinger/{order.key}.zip"))) == 1
    order.finish()
    send_due()
    [letter] = mail.outbox
    assert letter.to == [konsulent.email]
    assert "1 af 2 rapporter er lavet." in letter.body and "1 kunne ikke laves." in letter.body
    assert order.get_absolute_url() in letter.body


def test_no_letter_to_who_may_not_have_it_any_more(konsulent: User, places: list[Municipality]) -> None:
    finish(make_zip(places, by=konsulent))
    Membership.objects.filter(user=konsulent).update(ended_on=today() - timedelta(days=1))
    send_due()
    assert Message.objects.get().get_state_display() == "Ikke sendt: ikke længere aktuel"


def test_a_cancelled_order_prints_no_more(as_user: AsUser, konsulent: User, places: list[Municipality]) -> None:
    order, client = make_zip(places, by=konsulent), as_user(konsulent)
    print_next()
    page = client.post(f"/rapporter/bestillinger/{order.key}/annuller/", follow=True).content.decode()
    assert "Bestillingen er annulleret." in page and "1 af 2" in page and "hx-trigger" not in page
    assert print_next() is False
    assert (OrderedReport.objects.being_made().count(), Message.objects.count()) == (0, 0)
    assert client.get(f"/rapporter/bestillinger/{order.key}.zip").status_code == 404
    done = finish(make_zip(places, by=konsulent))
    told = client.post(f"/rapporter/bestillinger/{done.key}/annuller/", follow=True).content.decode()
    assert "Rapporterne er allerede færdige." in told
    with pytest.raises(IntegrityError, match="finished_or_cancelled"), transaction.atomic():
        ReportOrder.objects.filter(pk=done.pk).update(cancelled_at=timezone.now())


def test_what_is_in_hand_when_it_is_cancelled_is_let_be(konsulent: User, places: list[Municipality]) -> None:
    order = make_zip(places[:1], by=konsulent)
    ordered = OrderedReport.objects.claim()
    assert ordered and order.cancel()
    ordered.fail("Nu.")
    order.refresh_from_db()
    assert (order.finished_at, order.phase, Message.objects.count()) == (None, "cancelled", 0)


def test_kl_orders_from_the_page(as_user: AsUser, konsulent: User, laeser: User, hr: User) -> None:
    page = as_user(konsulent).get("/rapporter/?om=landet&siden=2026-01-01&til=Byrådet").content.decode()
    form = page[page.index('action="/rapporter/bestil/') :].split("</form>")[0]
    url, key = form.split('"')[1].replace("&amp;", "&"), form.split('name="key" value="')[1].split('"')[0]
    for _ in range(2):
        response = as_user(konsulent).post(url, {"key": key, "hos": "sjaelland"})
    order = ReportOrder.objects.get()
    assert response["Location"] == order.get_absolute_url()
    assert (order.purpose, order.reports.count(), order.title[:27]) == (Purpose.ZIP, 17, "KKR Sjælland, 17 rapporter ")
    query = QueryDict(order.reports.get(name="Faxe Kommune").query)
    assert {name: query[name] for name in ("om", "siden", "til")} == {
        "om": "kommune:320",
        "siden": "2026-01-01",
        "til": "Byrådet",
    }
    as_user(laeser).post("/rapporter/bestil/?om=landet", {"key": str(uuid.uuid4())})
    assert ReportOrder.objects.latest("pk").reports.count() == 98
    assert "bestil" not in as_user(hr).get("/rapporter/").content.decode()


def test_an_order_is_the_orderers_own(as_user: AsUser, konsulent: User, laeser: User, places: Any) -> None:
    order = finish(make_zip(places, by=konsulent))
    zipped = f"/rapporter/bestillinger/{order.key}.zip"
    for user, status in ((konsulent, 200), (laeser, 404)):
        statuses = [as_user(user).get(url).status_code for url in (zipped, order.get_absolute_url())]
        assert statuses == [status, status]
    assert order.title in as_user(konsulent).get("/rapporter/bestillinger/").content.decode()
    assert order.title not in as_user(laeser).get("/rapporter/bestillinger/").content.decode()
    Membership.objects.filter(user=konsulent).update(ended_on=today() - timedelta(days=1))
    assert as_user(User.objects.get(pk=konsulent.pk)).get(zipped).status_code == 403


def test_bad_orders_are_refused(as_user: AsUser, konsulent: User, korsbaek: Municipality) -> None:
    client, key = as_user(konsulent), {"key": str(uuid.uuid4())}
    url = "/rapporter/bestil/?om=landet"
    for hos in ("findes-ikke", "\x00", "x" * 5000, "sjaelland\x00"):
        assert client.post(url, {**key, "hos": hos}).status_code == 404
    assert client.post("/rapporter/bestil/?om=findes-ikke", key).status_code == 404
    for address, fields in ((url, {"key": "\x00"}), (url, {}), (f"{url}&pr=igaar", key), (f"{url}&med=alt", key)):
        page = client.post(address, fields, follow=True)
        assert page.redirect_chain[0][0] == "/rapporter/bestillinger/"
        assert "notice--error" in page.content.decode()
    assert not ReportOrder.objects.exists()
    for _ in range(WAITING_ZIPS):
        make_zip([korsbaek], by=konsulent)
    assert "Der laves allerede flere rapporter." in client.post(url, key, follow=True).content.decode()
    assert ReportOrder.objects.count() == WAITING_ZIPS
    for path in ("x", "00000000-0000-0000-0000-000000000000", "x.zip"):
        assert client.get(f"/rapporter/bestillinger/{path}/").status_code == 404


def test_it_is_kept_for_a_week_from_when_it_was_ready(konsulent: User, places: list[Municipality]) -> None:
    order = finish(make_zip(places, by=konsulent))
    assert order.finished_at and order.expires_at == order.finished_at + KEPT[Purpose.ZIP]
    assert KEPT[Purpose.ZIP] == timedelta(days=7)


def test_a_name_makes_no_folder(konsulent: User, places: list[Municipality], as_user: AsUser) -> None:
    order = finish(make_zip(places[:1], by=konsulent))
    StoredReport.objects.update(file_name="../../etc/x\\y.pdf")
    found = entries(as_user(konsulent).get(f"/rapporter/bestillinger/{order.key}.zip"))
    assert list(found) == ["..-..-etc-x-y.pdf"]
