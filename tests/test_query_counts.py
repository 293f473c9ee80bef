"""How many queries a list takes does not depend on how many rows it shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from flere_haender.access import Role
from flere_haender.days import today
from initiatives.models import Case, FactList, Indicator, Programme, Question, Recommendation, Related, Term
from stakeholders.models import Invitation, Municipality, User
from tests.factories import (
    AsUser,
    cell_of,
    finish,
    make_action,
    make_answer,
    make_issued,
    make_row,
    make_user,
    make_zip,
)
from timeline.models import Citation, Commitment, Event, Source

pytestmark = pytest.mark.django_db


def fill_history(korsbaek: Municipality, hr: User, konsulent: User, *, rows: int) -> None:
    numbers = Recommendation.objects.asked(as_of=today()).values_list("number", flat=True)
    for number in sorted(numbers, key=lambda each: (each != 10, each))[:rows]:  # 10 has pages here
        for municipality, user in ((korsbaek, hr), (None, konsulent)):
            cell = cell_of(number, municipality)
            first = make_row(cell, "planned", by=user, signal="red", effective_on=today() - timedelta(days=400))
            make_row(cell, "in_progress", by=user, corrects=first, signal="yellow", effective_on=today())
        make_action(korsbaek, by=hr, numbers=(number, 26), ends_on=today() - timedelta(days=1))


def fill_answers(korsbaek: Municipality, thisted: Municipality, konsulent: User, *, rows: int) -> None:
    for question in Question.objects.filter(kind="choice")[:rows]:
        for municipality in (korsbaek, thisted)[:rows]:
            for option in list(question.labels)[:rows]:
                make_answer(question, municipality, option, by=konsulent)


def queries(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


# Pinned: what a page costs for the editor, the line of the access log among it. A visitor's pages cost less.
PINNED = {
    "/": 18,
    "/anbefalinger/": 12,
    "/anbefalinger/10/": 29,
    "/kommuner/": 7,
    "/kommuner/999/": 21,
    "/kommuner/999/anbefalinger/10/spoergsmaal/": 10,
    "/kommuner/999/rapport/": 27,
    "/rapport/": 27,
    "/rapporter/": 26,
    "/rapporter/?om=kkr:sjaelland&siden=2025-01-01&med=overblik&med=tabel&med=aendringer&med=indsatser": 38,
    "/rapporter/?om=anbefaling:10&siden=2025-01-01&med=overblik&med=tabel&med=aendringer&med=svar": 42,
    "/rapporter/?om=tema:1": 29,
    "/kommuner/999/indsatser/": 10,
    "/kommuner/999/indsatser/?format=csv": 11,
    "/indsatser/": 14,
    "/matrix/": 12,
    "/matrix/?siden=2026-01-01": 13,
    "/kommuner/999/anbefalinger/10/": 9,
    "/sammenlign/?med=787": 18,
    "/sammenlign/?med=787&format=csv": 17,
    "/aktivitet/atom.xml": 8,
}


@pytest.mark.parametrize("url", PINNED)
def test_query_counts_are_constant(
    as_user: AsUser, hr: User, konsulent: User, korsbaek: Municipality, thisted: Municipality, url: str
) -> None:
    client = as_user(hr)
    fill_history(korsbaek, hr, konsulent, rows=1)
    fill_answers(korsbaek, thisted, konsulent, rows=1)
    client.get(url)
    few = queries(client, url)
    fill_history(korsbaek, hr, konsulent, rows=20)
    fill_answers(korsbaek, thisted, konsulent, rows=3)
    many = queries(client, url)
    assert len(many) == len(few), "\n".join(sorted(set(many) - set(few)))
    assert len(many) <= PINNED[url]


def test_the_list_of_issued_reports(as_user: AsUser, konsulent: User) -> None:
    client, url = as_user(konsulent), "/rapporter/udstedte/"
    make_issued(by=konsulent)
    client.get(url)
    few = queries(client, url)
    for number in (1, 2, 3):
        make_issued(f"tema:{number}", by=konsulent)
    many = queries(client, url)
    assert len(many) == len(few) <= 7
    assert not [query for query in many if '"content"' in query]


def test_orders_of_reports(as_user: AsUser, konsulent: User) -> None:
    client, places = as_user(konsulent), list(Municipality.objects.real()[:20])
    one = finish(make_zip(places[:1], by=konsulent))
    client.get("/rapporter/bestillinger/")
    few = [queries(client, url) for url in ("/rapporter/bestillinger/", one.get_absolute_url())]
    many = finish(make_zip(places, by=konsulent))
    for _ in range(3):
        make_zip(places, by=konsulent).cancel()
    more = [queries(client, url) for url in ("/rapporter/bestillinger/", many.get_absolute_url())]
    assert [len(found) for found in more] == [len(found) for found in few]
    assert [len(found) for found in more] <= [7, 10]
    assert not [query for found in more for query in found if '"content"' in query]


def fill_background(numbers: range) -> None:
    """Rows of every sort that the documents know, all called Qvark, each with a citation and recommendations."""
    citation, municipalities = Citation.objects.all()[0], list(Municipality.objects.all()[:20])
    recommendations = list(Recommendation.objects.filter(number__in=(9, 10, 11)))
    fields: dict[str, Any] = {"kind": "aftale", "year": 2022, "precision": "year", "certainty": "sure"}
    fields |= {"standing": "happened", "lane": "kl", "description": "Ny."}
    for number in numbers:
        slug, title = f"ny-{number}", f"Qvark {number}"
        Source.objects.create(slug=slug, title=title, publisher="KL", kind="brev", file_name=f"{slug}.txt")
        event = Event.objects.create(slug=slug, title=title, **fields)
        Event.objects.create(slug=f"{slug}-del", title=title, parent=event, **fields)
        commitment = Commitment.objects.create(slug=slug, event=event, what=title)
        case = Case.objects.create(slug=slug, title=title, what="Ny.", evidence="effective")
        case.municipalities.set([municipalities[number]])
        programme = Programme.objects.create(slug=slug, title=title, description="Ny.", event=event)
        programme.known.set([municipalities[number]])
        figure = Indicator.objects.create(
            slug=slug, name=f"Forgæves rekrutteringsrate: qvark {number}", unit="pct.", topic="recruitment"
        )
        value = figure.values.create(value=number, text=f"{number} pct.", period="2024", year=2024)
        item = FactList.objects.create(slug=slug, title=title).items.create(slug="a", order=1, title=title)
        term = Term.objects.create(slug=slug, term=title, definition="Ny.")
        for row in (event, commitment, case, programme, value, item, term):
            row.citations.set([citation])
        things = {"event": event, "case": case, "programme": programme, "indicator": figure, "item": item}
        for recommendation in recommendations:
            for kind, thing in things.items():
                related: dict[str, Any] = {kind: thing}
                Related.objects.create(recommendation=recommendation, basis="ours", **related)


# Pinned: what a page of the plan's background costs for a visitor.
BACKGROUND = {
    "/tidslinje/": 6,
    "/tidslinje/?vis=alt&q=qvark": 7,
    "/kilder/": 18,
    "/indikatorer/": 9,
    "/indikatorer/?q=qvark": 10,
    "/indikatorer/forgaeves-rate-assistenter/": 8,
    "/casebank/": 14,
    "/casebank/?q=qvark": 14,
    "/casebank/gruppevejledning-koebenhavn/": 8,
    "/ordliste/": 5,
    "/planens-baggrund/": 8,
    "/soeg/?q=qvark": 16,
    "/data/": 3,
    "/handleplaner/": 5,
    "/handleplaner/flere-haender-2/": 12,
    "/anbefalinger/10/": 24,
    "/kommuner/787/": 8,
}


@pytest.mark.parametrize("url", BACKGROUND)
def test_query_counts_of_the_background_are_constant(gaest: Client, url: str) -> None:
    fill_background(range(1))
    gaest.get(url)
    few = queries(gaest, url)
    fill_background(range(1, 15))
    many = queries(gaest, url)
    assert len(many) == len(few), "\n".join(sorted(set(many) - set(few)))
    assert len(many) <= BACKGROUND[url]


def test_the_list_of_users_costs_the_same_however_many(as_user: AsUser, konsulent: User, leder: User) -> None:
    korsbaek = leder.membership.municipality

    def fill(count: int) -> None:
        for _ in range(count):
            number = User.objects.count()
            make_user(Role.EDITOR, korsbaek)
            Invitation.invite(f"ny{number}@korsbaek.example", role=Role.EDITOR, municipality=korsbaek, by=leder)

    fill(1)
    few = {reader: len(queries(as_user(reader), "/brugere/")) for reader in (konsulent, leder)}
    fill(15)
    many = {reader: len(queries(as_user(reader), "/brugere/")) for reader in (konsulent, leder)}
    assert few == many
    assert max(many.values()) <= 12


def test_the_queue_of_proposals_costs_the_same_however_many(
    as_user: AsUser, konsulent: User, nabo: User, thisted: Municipality
) -> None:
    def fill(count: int) -> None:
        chosen = {"recommendations": Recommendation.objects.filter(slug="10"), "evidence": "promising"}
        for number in range(count):
            action = make_action(thisted, by=nabo, title=f"Indsats {number}", visibility="proposed")
            case = Case.edit(action, by=konsulent, title="Case", what="Det.", **chosen)
            if number % 2:
                case.publish(by=konsulent)

    client = as_user(konsulent)
    fill(2)
    client.get("/casebank/forslag/")
    few = queries(client, "/casebank/forslag/")
    fill(12)
    many = queries(client, "/casebank/forslag/")
    assert len(many) == len(few) <= 9
