"""What is kept about a user: all of it is known, handed out to the user, and erased or kept without the name."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import models
from django.test import Client

from initiatives.models import StatusUpdate, Upload
from stakeholders.letters import written
from stakeholders.models import AccessEntry, Membership, Message, Municipality, User
from stakeholders.models.personal_data import HELD, held_about
from tests.factories import AsUser, cell_of, make_action, make_user

pytestmark = pytest.mark.django_db

URL = "/konto/mine-data/"
# Apps of ours and of libraries that are not installed everywhere.
SOMETIMES = {"mfa.Authenticator", "socialaccount.SocialAccount", "stakeholders.UserSession"}


def test_every_key_to_a_user_is_known() -> None:
    """Whatever names a user is handed out to them, and it is decided whether it is erased with them."""
    found = {
        (model._meta.label, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ForeignKey)
        and field.related_model is User
        and model._meta.managed
        and not model._meta.proxy
        and not model._meta.auto_created
    }
    known = {(held.model, held.key) for held in HELD}
    assert found - known == set()
    assert {model for model, _ in known - found} <= SOMETIMES


def test_all_that_is_handed_out_can_be_read(hr: User) -> None:
    for _, rows in held_about(hr):
        assert list(rows.values_list("pk")) is not None
    for held, rows in held_about(hr):
        list(rows.values_list(*held.columns))


def files_of(client: Client) -> dict[str, str]:
    response = client.get(f"{URL}hent/")
    assert response["Content-Disposition"].startswith('attachment; filename="Mine oplysninger ')
    packed = zipfile.ZipFile(io.BytesIO(b"".join(response)))
    return {name: packed.read(name).decode("utf-8-sig") for name in packed.namelist()}


def test_the_file_has_the_own_rows_and_no_others(
    as_user: AsUser, hr: User, leder: User, korsbaek: Municipality
) -> None:
    row = cell_of(10, korsbaek).record("planned", by=hr, internal_note="Hemmelig aftale")
    make_action(korsbaek, by=hr, title="=Min indsats")
    files = files_of(as_user(hr))
    whole = json.loads(files["oplysninger.json"])
    assert whole["Din konto"][0]["name"] == "Hanne Lund"
    assert whole["Dine roller"][0]["role"] == "editor"
    assert [each["pk"] for each in whole["Statusnotater, du har skrevet"]] == [row.pk]
    assert "Hanne Lund" in files["konto.csv"]
    assert "'=Min indsats" in files["Lokale indsatser, du har lavet.csv"]
    everything = " ".join(files.values())
    assert "Lars Friis" not in everything
    assert hr.password not in everything
    assert "own_data" in AccessEntry.objects.filter(by=hr).values_list("kind", flat=True)
    assert not AccessEntry.objects.filter(by=hr, kind="exported").exists()


def test_the_page_says_what_is_erased(as_user: AsUser, hr: User, korsbaek: Municipality) -> None:
    EmailAddress.objects.create(user=hr, email=hr.email)
    page = as_user(hr).get(URL).content.decode()
    assert hr.email in page
    assert "Din e-mail til login" in page
    assert page.count("Slettes") == 2  # the address that one signs in with, and the session
    assert "Bliver stående uden dit navn" in page


def test_erasure_takes_the_person_and_leaves_the_log(hr: User, korsbaek: Municipality) -> None:
    row = cell_of(10, korsbaek).record("planned", by=hr)
    EmailAddress.objects.create(user=hr, email=hr.email)
    Upload.keep({}, kind="x", by=hr, municipality=korsbaek, file_name="Hanne Lunds fil.xlsx")
    hr.anonymise(by=make_user(is_superuser=True))
    left = {held.model for held, rows in held_about(hr) if held.is_erased and rows.exists()}
    assert left == set()
    assert StatusUpdate.objects.get(pk=row.pk).recorded_by == hr
    assert hr.is_erased
    assert not Membership.objects.active().filter(user=hr).exists()
    for model in apps.get_models():
        for values in model._default_manager.values() if model._meta.managed else ():
            assert "Hanne Lund" not in str(values), model


def test_asking_to_be_erased_tells_the_administrators_once(as_user: AsUser, hr: User) -> None:
    boss = make_user(is_superuser=True)
    make_user(is_superuser=True, is_active=False)
    client = as_user(hr)
    for _ in range(2):
        assert client.post(f"{URL}slet/").status_code == 302
    message = Message.objects.get()
    assert (message.recipient, message.occasion) == (boss, "erasure_asked")
    letter = written(message)
    assert letter is not None
    assert "Hanne Lund, Korsbæk Kommune, har bedt om at blive slettet" in letter.body
    assert f"/admin/stakeholders/user/?id={hr.pk}" in letter.body
    assert "Du har bedt om at blive slettet" in client.get(URL).content.decode()
    hr.anonymise(by=boss)
    assert written(message) is None
