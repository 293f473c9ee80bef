"""Plans are data: a new one is made in the admin, lives beside the old one, and changes nothing of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from flere_haender.days import today
from initiatives.models import (
    SHORT_PLAN,
    ActionPlan,
    FocusArea,
    LocalAction,
    Participation,
    Progress,
    Recommendation,
    Theme,
)
from initiatives.models.plan import add_recommendation
from initiatives.moment import Moment
from initiatives.reports import municipality_report, national_report
from initiatives.reports.parts import NationalTable, Overview
from stakeholders.models import Actor, Municipality, User
from tests.factories import AsUser, answer_all, cell_of, make_round, make_row, recommendation

pytestmark = pytest.mark.django_db

NEW = "flere-haender-3"


def add(client: Client, model: str, **fields: Any) -> Any:
    response = client.post(reverse(f"admin:initiatives_{model}_add"), fields)
    assert response.status_code == 302, response.context["adminform"].form.errors


def make_in_the_admin(client: Client) -> ActionPlan:
    """A new plan with three recommendations, of which the first two are for the municipalities."""
    add(client, "actionplan", title="Flere hænder 3.0", slug=NEW, year=2027)
    plan = ActionPlan.objects.get(slug=NEW)
    add(client, "theme", plan=plan.pk, number=1, title="Nyt tema")
    add(client, "focusarea", theme=plan.themes.get().pk, number=1, title="Nyt område")
    area = FocusArea.objects.get(theme__plan=plan)
    for number in (1, 2, 3):
        texts = {"title": f"Ny titel {number}", "overview_title": "", "summary": f"Nyt resumé {number}."}
        add(client, "recommendation", number=number, short_name=f"Ny {number}", focus_area=area.pk, **texts)
    kommuner, staten = Actor.objects.get(slug="kommuner"), Actor.objects.get(slug="staten")
    for number, actor in ((1, kommuner), (2, kommuner), (3, staten)):
        url = reverse("admin:initiatives_recommendation_address", args=[new(number).pk])
        given = {"actor": actor.pk, "basis": "overview", "addressed": "1", "effective_on": today().isoformat()}
        assert client.post(url, given).status_code == 302
    return plan


def new(number: int) -> Recommendation:
    return Recommendation.objects.get(slug=f"{NEW}-{number}")


def make_current(plan: ActionPlan) -> None:
    """As if the day, which lies ahead when it is typed, had come."""
    ActionPlan.objects.filter(pk=plan.pk).update(current_from=today())


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


@pytest.fixture
def plan(client: Client, korsbaek: Municipality) -> ActionPlan:
    return make_in_the_admin(client)


def facts(gaest: Client) -> list[Any]:
    """What everybody can see of 2.0, addresses and figures."""
    status = json.loads(gaest.get("/data/status.json").content)["raekker"]
    named = json.loads(gaest.get("/data/anbefalinger.json").content)["raekker"]
    front = gaest.get("/").context
    report = national_report(Moment.now(plan=SHORT_PLAN))
    return [
        [row for row in status if row["handleplan"] == SHORT_PLAN],
        [row for row in named if row["handleplan"] == SHORT_PLAN],
        front["heading"],
        [[row.recommendation.get_absolute_url() for row in theme.rows] for theme in front["themes"]],
        (report[Overview].spread, report[NationalTable].groups, report.title),
        gaest.get("/anbefalinger/10/").context["recommendation"].title,
    ]


def test_a_new_plan_changes_nothing_of_the_old_one(
    as_user: AsUser, gaest: Client, client: Client, konsulent: User, hr: User, korsbaek: Municipality
) -> None:
    make_row(cell_of(10), "planned", by=konsulent)
    make_row(cell_of(10, korsbaek), "completed", by=hr)
    before, own = facts(gaest), as_user(hr).get("/kommuner/999/").context["spread"]
    make_in_the_admin(client)
    cell = Progress.objects.get(recommendation=new(1), municipality=korsbaek)
    cell.record("in_progress", by=hr)
    assert facts(gaest) == before
    after = as_user(hr).get("/kommuner/999/").context
    assert (after["spread"], after["spread"].total) == (own, 20)
    assert municipality_report(korsbaek, Moment.now())[Overview].spread == own
    assert [url for urls in before[3] for url in urls] == [f"/anbefalinger/{number}/" for number in range(1, 27)]


def test_its_answers_have_pages_of_their_own(as_user: AsUser, hr: User, plan: ActionPlan) -> None:
    page = as_user(hr).get(f"/kommuner/999/anbefalinger/{NEW}-1/").content.decode()
    assert "Svar på 1" in page and "ikke spurgt" not in page
    assert "ikke spurgt" in as_user(hr).get(f"/kommuner/999/anbefalinger/{NEW}-3/").content.decode()


def test_the_plan_of_a_theme_is_named_where_it_is_chosen(client: Client, plan: ActionPlan) -> None:
    form = client.get(reverse("admin:initiatives_focusarea_add")).context["adminform"].form
    labels = [label for _, label in form.fields["theme"].choices]
    assert labels[-1] == "Flere hænder 3.0 (2027): 1. Nyt tema"
    assert len(labels) == len(set(labels))


def test_its_pages(gaest: Client, as_user: AsUser, hr: User, plan: ActionPlan) -> None:
    assert recommendation(10).title in gaest.get("/").content.decode()
    for path in (f"/handleplaner/{NEW}/", f"/handleplaner/{NEW}/anbefalinger/1/", f"/rapport/?plan={NEW}"):
        for client in (gaest, as_user(hr)):
            html = client.get(path).content.decode()
            assert "Ny titel 1" in html and recommendation(10).title not in html, path
    assert "Flere hænder 3.0" in gaest.get("/handleplaner/").content.decode()
    assert gaest.get("/anbefalinger/1/").context["recommendation"].plan_slug == SHORT_PLAN
    assert gaest.get(f"/handleplaner/{SHORT_PLAN}/anbefalinger/10/").status_code == 200
    for path in (
        "findes-ikke/",
        f"{NEW}/anbefalinger/4/",
        "findes-ikke/anbefalinger/1/",
        "flere-haender-2018/anbefalinger/1/",
    ):
        assert gaest.get(f"/handleplaner/{path}").status_code == 404
    assert "38 initiativer" in gaest.get("/handleplaner/flere-haender-2018/").content.decode()


def test_a_municipality_answers_it_beside_the_old_one(
    as_user: AsUser, hr: User, plan: ActionPlan, korsbaek: Municipality
) -> None:
    client, url = as_user(hr), f"/kommuner/999/anbefalinger/{NEW}-1/status/"
    page = client.get("/kommuner/999/")
    assert [(part["plan"].slug, part["spread"].total) for part in page.context["plans"]] == [
        (SHORT_PLAN, 20),
        (NEW, 2),
    ]
    html = page.content.decode()
    assert f'id="anbefaling-{NEW}-1"' in html and html.count('id="anbefaling-1"') == 1
    response = client.post(url, {"status": "completed", "seen": "", "effective_on": today().isoformat()})
    assert (response.status_code, response["Location"]) == (302, f"/kommuner/999/#anbefaling-{NEW}-1")
    parts = client.get("/kommuner/999/").context["plans"]
    assert [part["spread"].completed for part in parts] == [0, 1]
    assert cell_of_old_one(korsbaek).updates.count() == 0
    refused = client.post(f"/kommuner/999/anbefalinger/{NEW}-3/status/", {"status": "completed"})
    assert refused.status_code == 422
    fragment = client.get("/kommuner/999/").context["plans"][1]["progress_id"]
    assert fragment == f"fremdrift-{NEW}"


def cell_of_old_one(korsbaek: Municipality) -> Progress:
    return Progress.objects.get(recommendation__slug="1", municipality=korsbaek)


def test_kl_writes_its_national_status(client: Client, gaest: Client, plan: ActionPlan) -> None:
    url = f"/anbefalinger/{NEW}-3/status/"
    response = client.post(url, {"status": "planned", "note": "Aftalt.", "effective_on": today().isoformat()})
    assert (response.status_code, response["Location"]) == (302, f"/handleplaner/{NEW}/anbefalinger/3/")
    rows = json.loads(gaest.get("/data/status.json").content)["raekker"]
    found = {(row["handleplan"], row["anbefaling"]): row["national_status"] for row in rows}
    assert (found[NEW, 3], found[SHORT_PLAN, 3]) == ("Planlagt", "Ikke vurderet")


def test_search_and_filters_tell_the_plans_apart(as_user: AsUser, hr: User, plan: ActionPlan, korsbaek: Any) -> None:
    client = as_user(hr)
    action = _about_the_new_one(korsbaek, hr)
    html = client.get("/soeg/", {"q": "Ny titel 1"}).content.decode()
    assert f"/handleplaner/{NEW}/anbefalinger/1/" in html and "Flere hænder 3.0" in html
    found = client.get("/kommuner/999/indsatser/", {"anbefaling": f"{NEW}-1"}).context["found"]
    assert list(found) == [action]
    assert not client.get("/kommuner/999/indsatser/", {"anbefaling": "1"}).context["found"].exists()
    assert client.get("/kommuner/999/indsatser/", {"anbefaling": f"{NEW}-9"}).status_code == 400
    assert "Om den nye" in client.get(f"/handleplaner/{NEW}/anbefalinger/1/").content.decode()
    assert "Om den nye" not in client.get("/anbefalinger/1/").content.decode()


def _about_the_new_one(korsbaek: Municipality, hr: User) -> Any:
    said = {"title": "Om den nye", "what": "Noget", "visibility": "shared"}
    return LocalAction.start(korsbaek, by=hr, recommendations=[new(1)], **said)


def test_its_matrix_and_its_map(
    as_user: AsUser, gaest: Client, hr: User, nabo: User, thisted: Municipality, plan: ActionPlan
) -> None:
    make_row(Progress.objects.get(recommendation=new(1), municipality=thisted), "completed", by=nabo)
    member = as_user(hr)
    page = member.get(f"/handleplaner/{NEW}/")
    html = page.content.decode()
    assert f'href="/matrix/?plan={NEW}"' in html and "Thisted: 1 af 2 gennemført" in html
    assert [(each.label, each.count) for each in page.context["map"].classes] == [
        ("0 gennemført", 0),
        ("1 gennemført", 1),
        ("2 gennemført", 0),
        ("– har ikke svaret", 97),
    ]
    found = member.get(f"/matrix/?plan={NEW}")
    assert [each.slug for each in found.context["matrix"].recommendations] == [f"{NEW}-1", f"{NEW}-2"]
    html = found.content.decode()
    assert f"/kommuner/787/anbefalinger/{NEW}-1/" in html and f'name="plan" value="{NEW}"' in html
    assert member.get(f"/matrix/?plan={NEW}&tema=1").context["matrix"].heading == found.context["matrix"].heading
    assert [member.get(f"/matrix/?plan={wrong}").status_code for wrong in ("findes-ikke", f"{NEW}&tema=2")] == [
        400
    ] * 2
    assert len(member.get("/matrix/").context["matrix"].recommendations) == 20
    assert member.get("/matrix/?plan=flere-haender-2018").status_code == 200
    public = gaest.get(f"/handleplaner/{NEW}/").content.decode()
    assert "Ny titel 1" in public and "Thisted" not in public and "/matrix/" not in public


def test_a_round_asks_about_the_current_plan(plan: ActionPlan) -> None:
    asked = make_round().asked
    assert asked.count() == 20 and not asked.filter(slug__startswith=NEW).exists()


def test_kl_can_choose_another_plan_for_a_round(
    as_user: AsUser, hr: User, plan: ActionPlan, korsbaek: Municipality
) -> None:
    later = make_round(plan=plan)
    assert sorted(later.asked.values_list("slug", flat=True)) == [f"{NEW}-1", f"{NEW}-2"]
    here = Participation.objects.get(round=later, municipality=korsbaek)
    answer_all(here, by=hr)
    html = as_user(hr).get(f"/kommuner/999/status/?runde={later.pk}").content.decode()
    assert "2 af 2 besvaret" in html and 'id="anbefaling-1"' in html
    here.hand_in(by=hr)
    assert (
        Progress.objects.with_status(as_of=today()).get(recommendation=new(2), municipality=korsbaek).status
        == "planned"
    )


def test_when_its_day_comes_the_lists_show_it_and_the_old_one_stays(
    as_user: AsUser, gaest: Client, konsulent: User, hr: User, plan: ActionPlan, korsbaek: Municipality
) -> None:
    make_row(cell_of_old_one(korsbaek), "completed", by=hr)
    report = national_report(Moment(as_of=today() - timedelta(days=1)))
    make_current(plan)
    for path in ("/", "/anbefalinger/", "/rapport/"):
        html = gaest.get(path).content.decode()
        assert "Ny titel 1" in html and recommendation(10).title not in html, path
    assert gaest.get("/anbefalinger/10/").context["recommendation"].plan_slug == SHORT_PLAN
    parts = as_user(hr).get("/kommuner/999/").context["plans"]
    assert [(part["plan"].slug, part["spread"].completed) for part in parts] == [(NEW, 0), (SHORT_PLAN, 1)]
    assert national_report(Moment(as_of=today() - timedelta(days=1))) == report
    assert len(gaest.get(f"/rapport/?plan={SHORT_PLAN}").context["report"][Overview].groups) == 3
    asked = make_round(on=today()).asked
    assert sorted(asked.values_list("slug", flat=True)) == [f"{NEW}-1", f"{NEW}-2"]
    assert gaest.get("/anbefalinger/", {"tema": "1"}).context["count"] == 3
    assert gaest.get("/anbefalinger/", {"tema": "2"}).status_code == 400
    assert gaest.get("/rapport/?plan=findes-ikke").status_code == 400


def test_numbers_are_free_in_every_plan_and_used_once_in_one(
    client: Client, konsulent: User, plan: ActionPlan
) -> None:
    area = FocusArea.objects.get(theme__plan=plan)
    texts = {"title": "Igen", "overview_title": "", "summary": "Igen."}
    fields = {"number": 1, "short_name": "Igen", "focus_area": area.pk, **texts}
    html = client.post(reverse("admin:initiatives_recommendation_add"), fields).content.decode()
    assert "Planen har allerede en anbefaling med det nummer." in html
    html = client.post(
        reverse("admin:initiatives_focusarea_add"), {"theme": area.theme_id, "number": 1, "title": "x"}
    ).content.decode()
    assert "Planen har allerede et indsatsområde med det nummer." in html
    with pytest.raises(IntegrityError), transaction.atomic():
        Theme.objects.create(plan=plan, number=1, title="Igen")
    with pytest.raises(IntegrityError), transaction.atomic():
        add_recommendation(by=konsulent, number=1, focus_area=area, short_name="Igen", title="x", summary="x")
    old = Recommendation.objects.get(slug="10")
    old.focus_area = area
    with pytest.raises(Exception, match="anden handleplan"):
        old.clean()


def test_the_day_of_a_plan_lies_ahead(client: Client, plan: ActionPlan) -> None:
    url = reverse("admin:initiatives_actionplan_change", args=[plan.pk])
    given = {"title": plan.title, "year": 2027, "initiative_count": ""}
    for day, refusal in ((today(), "Vælg en dag efter i dag."), (today() + timedelta(days=1), "")):
        response = client.post(url, given | {"current_from": day.isoformat()})
        assert (response.status_code == 302) == (not refusal)
        assert refusal in response.content.decode()
    make_current(plan)
    html = client.post(url, given | {"current_from": ""}).content.decode()
    assert "Planen gælder allerede." in html


def test_a_preview_saves_nothing(client: Client, plan: ActionPlan) -> None:
    row = new(1)
    url = reverse("admin:initiatives_recommendation_change", args=[row.pk])
    given = {"short_name": "Ny 1", "focus_area": row.focus_area_id, "title": "Bedre titel", "summary": "Bedre."}
    given |= {f"{prefix}-{kind}_FORMS": "0" for prefix in ("texts", "addressings") for kind in ("TOTAL", "INITIAL")}
    html = client.post(url, given | {"_preview": "1"}).content.decode()
    assert "Intet er gemt endnu." in html and "1. Bedre titel" in html and "Den nye tekst gælder fra" in html
    assert row.texts.count() == 1
    assert client.post(url, given).status_code == 302
    assert row.texts.count() == 2
    add_url = reverse("admin:initiatives_actionplan_add")
    html = client.post(add_url, {"title": "4.0", "slug": "fire", "year": 2030, "_preview": "1"}).content.decode()
    assert "/handleplaner/fire/" in html and not ActionPlan.objects.filter(slug="fire").exists()
    html = client.post(add_url, {"title": "", "slug": "fire", "year": 2030, "_preview": "1"}).content.decode()
    assert "Intet er gemt endnu." not in html and "Dette felt er påkrævet." in html


def test_the_consequences_are_shown_first_and_nothing_is_written(
    client: Client, hr: User, nabo: User, thisted: Municipality, korsbaek: Municipality
) -> None:
    make_row(cell_of(10, thisted), "completed", by=nabo)
    make_row(cell_of(10, korsbaek), "completed", by=hr)  # is fictional and counts nowhere
    make_round(name="Foråret")
    row = Recommendation.objects.get(slug="10")
    written = row.texts.count(), row.addressings.count()
    retire = reverse("admin:initiatives_recommendation_retire", args=[row.pk])
    given = {"retired": "1", "effective_on": today().isoformat(), "_preview": "1"}
    html = client.post(retire, given).content.decode()
    assert "Intet er gemt endnu." in html and "Dens side og historik bliver." in html
    assert "Kommunerne bliver spurgt om 19 anbefalinger i planen. Før: 20." in html
    assert "Svar fra 1 af 98 kommuner tæller ikke længere med, men bliver stående." in html
    assert "Runden “Foråret” er åben og spørger stadig om den." in html
    address = reverse("admin:initiatives_recommendation_address", args=[row.pk])
    given = {"basis": "overview", "effective_on": today().isoformat(), "_preview": "1"}
    staten = Actor.objects.get(slug="staten").pk
    html = client.post(address, given | {"actor": staten, "addressed": "1"}).content.decode()
    assert (
        "Kommunerne bliver spurgt om de samme anbefalinger som før." in html and "Oversigten siger rettet mod:" in html
    )
    html = client.post(address, given | {"actor": staten, "addressed": "0"}).content.decode()
    assert "Sådan er det allerede den dag." in html
    html = client.post(address, given | {"actor": "x"}).content.decode()
    assert "Intet er gemt endnu." not in html and "Det er ikke gemt." in html
    early = (today() - timedelta(days=900)).isoformat()
    row.reword(by=None, title="Ny", summary="Ny.")
    html = client.post(retire, {"retired": "1", "effective_on": early, "_preview": "1"}).content.decode()
    assert "gælder fra en senere dag" in html and "Intet er gemt endnu." not in html
    assert (row.texts.count(), row.addressings.count()) == (written[0] + 1, written[1])
    assert Recommendation.objects.asked(as_of=today()).count() == 20


def test_a_recommendation_is_retired_from_a_day(
    client: Client, gaest: Client, as_user: AsUser, hr: User, korsbaek: Municipality
) -> None:
    make_row(cell_of(10, korsbaek), "completed", by=hr, effective_on=today() - timedelta(days=20))
    row, day = Recommendation.objects.get(slug="10"), today() - timedelta(days=5)
    before = national_report(Moment(as_of=day - timedelta(days=1)))
    url = reverse("admin:initiatives_recommendation_retire", args=[row.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"retired": "1", "effective_on": day.isoformat()}).status_code == 302
    assert gaest.get("/anbefalinger/").context["count"] == 25
    assert as_user(hr).get("/kommuner/999/").context["spread"].total == 19
    page = gaest.get("/anbefalinger/10/")
    assert page.status_code == 200 and "Anbefalingen er udgået" in page.content.decode()
    assert page.context["retired_on"] == day
    assert national_report(Moment(as_of=day - timedelta(days=1)))[NationalTable].groups == before[NationalTable].groups
    assert (
        "Sådan var det allerede den dag."
        in client.post(url, {"retired": "1", "effective_on": day.isoformat()}, follow=True).content.decode()
    )
    earlier = client.post(url, {"retired": "1", "effective_on": (day - timedelta(days=9)).isoformat()})
    assert "gælder fra en senere dag" in earlier.content.decode()
    assert client.post(url, {"retired": "0", "effective_on": today().isoformat()}).status_code == 302
    assert gaest.get("/anbefalinger/").context["count"] == 26
