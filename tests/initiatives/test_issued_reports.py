"""An issued report: numbered, kept as it was printed, and something to compare with."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from flere_haender.days import today
from initiatives.models import FactsChanged, IssuedReport
from initiatives.press import print_next
from initiatives.reports.choice import Choice
from initiatives.reports.parts import Changes, Corrections
from stakeholders.models import Municipality, User
from tests.factories import AsUser, cell_of, make_issued, make_row

pytestmark = pytest.mark.django_db


def choice(query: str, user: User) -> Choice:
    return Choice.from_query(QueryDict(query), user=user)


def posted(client: Client, query: str = "om=kommune:999") -> tuple[str, dict[str, str]]:
    """The address and the fields of the form that issues what the page shows."""
    page = client.get(f"/rapporter/?{query}").content.decode()
    form = page[page.index('action="/rapporter/udsted/') :].split("</form>")[0]
    url = form.split('"')[1].replace("&amp;", "&")
    return url, dict(re.findall(r'name="(key|seen)" value="([^"]*)"', form))


def test_it_is_kept_as_it_was_printed(as_user: AsUser, korsbaek: Municipality, hr: User, leder: User) -> None:
    cell_of(10, korsbaek).record("completed", by=hr)
    issued = make_issued("kommune:999", by=leder, til="Udvalget")
    printed = bytes(issued.content)
    row = cell_of(10, korsbaek).updates.get()
    cell_of(10, korsbaek).record("planned", by=hr, corrects=row, effective_on=row.effective_on, note="Rettet.")
    response = as_user(hr).get(issued.get_absolute_url())
    assert response.content == printed
    assert hashlib.sha256(printed).hexdigest() == issued.sha256
    assert {name: response[name] for name in ("Content-Type", "ETag", "Content-Length", "Cache-Control")} == {
        "Content-Type": "application/pdf",
        "ETag": f'"{issued.sha256}"',
        "Content-Length": str(len(printed)),
        "Cache-Control": "private, no-cache",
    }
    unchanged = as_user(hr).get(issued.get_absolute_url(), headers={"if-none-match": f'"{issued.sha256}"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert choice("om=kommune:999&til=Udvalget", leder).report().fingerprint != issued.fingerprint


def test_the_database_keeps_it(konsulent: User) -> None:
    issued = make_issued(by=konsulent)
    table = IssuedReport._meta.db_table
    for statement in (f"UPDATE {table} SET title = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    forged = IssuedReport.objects.get(pk=issued.pk)
    forged.pk, forged.number, forged.key, forged.content = None, 99, uuid.uuid4(), b"andet"
    with pytest.raises(IntegrityError, match="issuedreport_bytes_are_theirs"), transaction.atomic():
        forged.save(force_insert=True)
    assert IssuedReport.objects.get().sha256 == issued.sha256


def test_numbers_run_within_the_year(konsulent: User, leder: User) -> None:
    labels = [make_issued(about, by=by).label for about, by in (("landet", konsulent), ("kommune:999", leder))]
    assert labels == [f"1/{today().year}", f"2/{today().year}"]


def test_it_says_its_number_on_the_front(konsulent: User) -> None:
    issued = make_issued(by=konsulent)
    plain = choice("om=landet", konsulent).report()
    assert "Rapport" not in dict(plain.front)
    from initiatives.reports import issued_front

    assert dict(issued_front(plain, issued).front)["Rapport"].startswith(f"Nr. 1/{today().year}, udstedt ")
    assert dict(issued_front(plain, issued).front)["Rapport"].endswith(" af KL")


def test_issuing_twice_is_issuing_once(konsulent: User) -> None:
    key = uuid.uuid4()
    first = IssuedReport.issue(choice("om=landet", konsulent), by=konsulent, key=key)
    cell_of(1).record("completed", by=konsulent, note="Færdig.")
    again = IssuedReport.issue(choice("om=landet", konsulent), by=konsulent, seen=first.fingerprint, key=key)
    assert (again.pk, IssuedReport.objects.count()) == (first.pk, 1)
    with pytest.raises(ValidationError, match="brugt før"):
        IssuedReport.issue(choice("om=tema:1", konsulent), by=konsulent, key=key)


def test_who_may_issue_what(
    korsbaek: Municipality, konsulent: User, laeser: User, hr: User, leder: User, nabo: User
) -> None:
    users = {"konsulent": konsulent, "laeser": laeser, "hr": hr, "leder": leder, "nabo": nabo}
    found = {}
    for about in ("landet", "kkr:sjaelland", "kommune:999"):
        for name, user in users.items():
            try:
                found[about, name] = make_issued(about, by=user).organisation
            except PermissionDenied:
                found[about, name] = ""
    assert {key: who for key, who in found.items() if who} == {
        ("landet", "konsulent"): "KL",
        ("kkr:sjaelland", "konsulent"): "KL",
        ("kommune:999", "konsulent"): "KL",
        ("kommune:999", "hr"): "Korsbæk Kommune",
        ("kommune:999", "leder"): "Korsbæk Kommune",
    }


def test_it_is_read_by_those_who_may_read_the_report(
    as_user: AsUser, konsulent: User, leder: User, nabo: User
) -> None:
    public, closed = make_issued("landet", by=konsulent), make_issued("kommune:999", by=leder)
    guest, member = as_user(None), as_user(nabo)
    assert [guest.get(each.get_absolute_url()).status_code for each in (public, closed)] == [200, 302]
    assert [member.get(each.get_absolute_url()).status_code for each in (public, closed)] == [200, 200]
    assert [each.pk for each in IssuedReport.objects.visible_to(None)] == [public.pk]
    seen = [client.get("/rapporter/udstedte/").content.decode().count("Korsbæk Kommune") for client in (guest, member)]
    assert seen[0] == 0 < seen[1]
    exported = guest.get("/rapporter/udstedte/?format=csv").getvalue().decode("utf-8-sig")
    assert ("Hele landet" in exported, "Korsbæk" in exported, public.sha256 in exported) == (True, False, True)
    assert "Lars Friis" not in member.get("/rapporter/udstedte/").content.decode()


def test_an_issued_report_that_is_none(as_user: AsUser, konsulent: User) -> None:
    for pk in ("0", "999999", "9" * 30):
        assert as_user(konsulent).get(f"/rapporter/udstedte/{pk}.pdf").status_code == 404


def test_from_the_page(as_user: AsUser, leder: User, korsbaek: Municipality) -> None:
    client = as_user(leder)
    url, fields = posted(client, "om=kommune:999&til=Udvalget&siden=2026-01-01")
    order = client.post(url, fields)["Location"]
    print_next()
    response = client.get(order, follow=True)
    issued = IssuedReport.objects.get()
    assert issued.parameters["til"] == ["Udvalget"]
    assert (issued.about, issued.municipality, issued.is_public) == ("kommune:999", korsbaek, False)
    assert f"udstedt som nr. {issued.label}" in response.content.decode()
    assert client.post(url, fields, follow=True).status_code == 200
    assert IssuedReport.objects.count() == 1


def test_what_has_changed_since_it_was_shown_is_shown_again(
    as_user: AsUser, leder: User, hr: User, korsbaek: Municipality
) -> None:
    client = as_user(leder)
    url, fields = posted(client)
    cell_of(10, korsbaek).record("completed", by=hr)
    response = client.post(url, fields)
    assert (response.status_code, IssuedReport.objects.count()) == (409, 0)
    assert "Tallene er ændret" in response.content.decode()
    assert client.post(url, posted(client)[1]).status_code == 302
    with pytest.raises(FactsChanged):
        IssuedReport.issue(choice("om=kommune:999", leder), by=leder, seen="et-andet")


def test_bad_forms_are_refused(as_user: AsUser, leder: User) -> None:
    client = as_user(leder)
    assert client.post("/rapporter/udsted/?om=kommune:999", {"key": "\x00"}).status_code == 422
    key = {"key": str(uuid.uuid4())}
    assert client.post("/rapporter/udsted/?om=kommune:999&pr=igaar", key).status_code == 422
    assert client.post("/rapporter/udsted/?om=findes-ikke", key).status_code == 404
    assert client.post("/rapporter/udsted/?om=kommune:787", key).status_code == 403
    assert IssuedReport.objects.count() == 0


def test_a_later_report_is_compared_with_it(korsbaek: Municipality, hr: User, leder: User) -> None:
    """Its own day and what it knew: what was only corrected stands apart from what has happened."""
    then = today() - timedelta(days=10)
    wrong = make_row(cell_of(1, korsbaek), "completed", by=hr, effective_on=then)
    make_row(cell_of(2, korsbaek), "planned", by=hr, effective_on=then)
    issued = make_issued("kommune:999", by=leder, pr=then.isoformat())
    cell_of(1, korsbaek).record("in_progress", by=hr, corrects=wrong, effective_on=then, note="Rettet.")
    cell_of(2, korsbaek).record("in_progress", by=hr)
    compared = choice(f"om=kommune:999&mod={issued.pk}&siden=2025-01-01", leder)
    report = compared.report()
    changed = [(row.number, row.before_status, row.status) for row in report[Changes].rows]
    corrected = [(row.number, row.before_status, row.status) for row in report[Corrections].rows]
    assert changed == [(2, "planned", "in_progress")]
    assert corrected == [(1, "completed", "in_progress")]
    assert f"mod={issued.pk}" in report.address
    assert "siden" not in report.address
    assert dict(report.front)["Sammenlignet med"].startswith(f"Rapport 1/{today().year}, status pr. ")
    # By the end of that day alone the correction would be one too; by the moment of issuing a later one is not.
    later = make_issued("kommune:999", by=leder, pr=then.isoformat())
    assert choice(f"om=kommune:999&mod={later.pk}", leder).report().part(Corrections) is None


def test_only_an_issued_report_on_the_same_subject(korsbaek: Municipality, leder: User, konsulent: User) -> None:
    own, other = make_issued("kommune:999", by=leder), make_issued("landet", by=konsulent)
    errors = [bool(choice(f"om=kommune:999&mod={pk}", leder).errors) for pk in (own.pk, other.pk, 999999, "9" * 40)]
    assert errors == [False, True, True, True]
    earlier = today() - timedelta(days=3)
    assert choice(f"om=kommune:999&mod={own.pk}&pr={earlier.isoformat()}", leder).errors != ()


def test_an_issued_report_can_be_made_again(korsbaek: Municipality, hr: User, leder: User) -> None:
    """From its parameters and what it knew; the number on its front apart."""
    cell_of(10, korsbaek).record("completed", by=hr)
    issued = make_issued("kommune:999", by=leder)
    cell_of(11, korsbaek).record("completed", by=hr)
    params = QueryDict(mutable=True)
    for name, values in issued.parameters.items():
        params.setlist(name, values)
    params["kendt"] = issued.known_at.isoformat().replace("+00:00", "Z")
    assert Choice.from_query(params, user=leder).report().fingerprint == issued.fingerprint
    assert issued.known_at <= timezone.now()
