"""What the documents know is looked at in the admin, and written in the reference data."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from initiatives.models import Case, FactList, Indicator, IndicatorValue, ListItem, Programme, Related, Term
from stakeholders.models import User
from tests.factories import AsUser

pytestmark = pytest.mark.django_db

MODELS = (Case, FactList, Indicator, IndicatorValue, ListItem, Programme, Related, Term)


@pytest.fixture
def client(as_user: AsUser, konsulent: User) -> Client:
    return as_user(konsulent)


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:initiatives_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_is_looked_at_and_not_changed(client: Client, model: Any) -> None:
    row = model.objects.first()
    assert client.get(address(model, "change", row.pk)).status_code == 200
    assert client.post(address(model, "change", row.pk), {"title": "Andet"}).status_code == 403
    assert client.get(address(model, "add")).status_code == 403
    assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_can_be_searched(client: Client, model: Any) -> None:
    page = client.get(address(model, "changelist"), {"q": "qvark"})
    assert page.status_code == 200
    assert page.context["cl"].result_count == 0


def test_shows_the_documents_own_file_and_lines(client: Client) -> None:
    term = Term.objects.filter(citations__isnull=False).first()
    assert term is not None
    citation = term.citations.select_related("source").first()
    assert citation is not None
    page = client.get(address(Term, "change", term.pk)).content.decode()
    assert f"{citation.source.file_name}, linje {citation.lines}" in page


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_list_takes_few_queries(client: Client, model: Any) -> None:
    client.get(address(model, "changelist"))
    with CaptureQueriesContext(connection) as captured:
        client.get(address(model, "changelist"))
    assert len(captured) <= 15
