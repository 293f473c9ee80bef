"""The plan in the admin: versions of its texts, whom it is addressed to, and the reports."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flere_haender.days import today
from initiatives.models import Recommendation, ReportOrder
from stakeholders.models import Actor, Municipality, User
from tests.factories import AsUser, cell_of, make_user, recommendation

pytestmark = pytest.mark.django_db

RECOMMENDATIONS = "admin:initiatives_recommendation"
MUNICIPALITIES = "admin:stakeholders_municipality"


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


# The plan


def plan_fields(**fields: Any) -> dict[str, Any]:
    row = recommendation(1)
    given = {
        "short_name": row.short_name,
        "focus_area": row.focus_area_id,
        "source": row.source_id,
        "place": row.place,
    }
    given |= {"title": row.title, "overview_title": row.overview_title, "summary": row.summary}
    given |= {"seen": row.texts.order_by("-pk").values_list("pk", flat=True).first()}
    return given | no_rows() | fields


def no_rows() -> dict[str, str]:
    return {f"{prefix}-{kind}_FORMS": "0" for prefix in ("texts", "addressings") for kind in ("TOTAL", "INITIAL")}


def test_a_changed_text_is_a_new_version(client: Client, konsulent: User) -> None:
    row = recommendation(1)
    url = reverse(f"{RECOMMENDATIONS}_change", args=[row.pk])
    assert client.post(url, plan_fields(short_name="Nyt", number=77)).status_code == 302
    assert row.texts.count() == 1
    assert client.post(url, plan_fields(title="En ny titel", effective_on="2026-01-15")).status_code == 302
    after = recommendation(1)
    assert (after.short_name, after.title) == ("Nyt", "En ny titel")
    newest = row.texts.latest("pk")
    assert (newest.recorded_by, newest.effective_on, row.texts.count()) == (konsulent, date(2026, 1, 15), 2)
    before = Recommendation.objects.with_text(as_of=date(2026, 1, 14)).get(number=1)
    assert before.title == row.title


def test_two_who_change_a_text_see_both(client: Client, konsulent: User) -> None:
    row, given = recommendation(1), plan_fields(title="Min titel")
    row.reword(by=konsulent, title="Deres titel", summary="Deres resumé")
    html = client.post(reverse(f"{RECOMMENDATIONS}_change", args=[row.pk]), given).content.decode()
    assert "Deres titel" in html and "Min titel" in html
    assert recommendation(1).title == "Deres titel"


def test_a_text_does_not_hold_from_tomorrow(client: Client) -> None:
    row = recommendation(1)
    given = plan_fields(title="Ny", effective_on="2999-01-01")
    html = client.post(reverse(f"{RECOMMENDATIONS}_change", args=[row.pk]), given).content.decode()
    assert "Datoen skal ligge mellem 2018 og i dag." in html


def test_a_new_recommendation_gets_its_cells(client: Client, korsbaek: Municipality) -> None:
    given = plan_fields(title="Helt ny", number=27, short_name="Ny")
    assert client.post(reverse(f"{RECOMMENDATIONS}_add"), given).status_code == 302
    added = recommendation(27)
    assert (added.title, added.cells.count()) == ("Helt ny", 100)


def test_the_addressing_changes_from_a_day(client: Client, konsulent: User) -> None:
    row, actor = recommendation(10), Actor.objects.get(slug="kommuner")
    url = reverse(f"{RECOMMENDATIONS}_address", args=[row.pk])
    given = {"actor": actor.pk, "basis": "overview", "addressed": "0", "effective_on": "2026-05-01"}
    assert client.post(url, given).status_code == 302
    newest = row.addressings.latest("pk")
    assert (newest.addressed, newest.recorded_by, newest.effective_on) == (False, konsulent, date(2026, 5, 1))
    assert not cell_of(10).is_asked(as_of=today()) and cell_of(10).is_asked(as_of=date(2026, 4, 30))
    again = client.post(url, given, follow=True)
    assert "Sådan var det allerede den dag." in again.content.decode()
    refused = client.post(url, given | {"effective_on": "2999-01-01"})
    assert "Datoen skal ligge mellem 2018 og i dag." in refused.content.decode()


# Reports


def report_on(client: Client, where: str, action: str, *rows: Any) -> Any:
    given = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(reverse(f"{where}_changelist"), given, follow=True)


def test_the_report_of_one_municipality_is_a_pdf(client: Client, korsbaek: Municipality) -> None:
    response = report_on(client, MUNICIPALITIES, "status_reports", korsbaek)
    assert response.redirect_chain == [("/kommuner/999/rapport.pdf", 302)]
    assert (response.status_code, ReportOrder.objects.get().title) == (202, "Korsbæk Kommune")


def test_the_reports_of_several_are_ordered(
    client: Client, as_user: AsUser, korsbaek: Municipality, thisted: Municipality
) -> None:
    response = report_on(client, MUNICIPALITIES, "status_reports", korsbaek, thisted)
    order = ReportOrder.objects.get()
    assert response.redirect_chain == [(order.get_absolute_url(), 302)]
    assert [row.name for row in order.reports.all()] == ["Korsbæk Kommune", "Thisted Kommune"]
    superuser = as_user(make_user(is_superuser=True))
    refused = report_on(superuser, MUNICIPALITIES, "status_reports", korsbaek, thisted)
    assert "Kun KL kan bestille flere rapporter på én gang." in refused.content.decode()


def test_the_national_report_on_the_chosen_recommendations(client: Client) -> None:
    response = report_on(client, RECOMMENDATIONS, "status_report", recommendation(10), recommendation(3))
    assert response.redirect_chain == [("/rapport.pdf?plan=flere-haender-2&kun=3,10", 302)]
    order = ReportOrder.objects.get()
    assert (response.status_code, order.title) == (202, "Hele landet, anbefaling 3 og 10")
