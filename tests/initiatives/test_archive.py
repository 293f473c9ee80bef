"""The archive of a municipality: all that it has put in, and nothing of anybody else's."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from flere_haender.access import Role
from flere_haender.days import today
from initiatives.archive import LEFT_OUT, TABLES
from initiatives.archive.packing import archive
from initiatives.models import Case, Milestone, Participation, Progress, Question
from initiatives.models.action_parts import MilestoneRow
from initiatives.opendata.dataset import Kind
from stakeholders.models import Installation, Invitation, Membership, Municipality, User
from tests.factories import (
    AsUser,
    answer_all,
    cell_of,
    draft,
    make_action,
    make_answer,
    make_issued,
    make_round,
    make_row,
    make_user,
    participation_of,
    recommendation,
)

pytestmark = pytest.mark.django_db

PAGE = "/kommuner/999/arkiv/"


def opened(content: Any) -> zipfile.ZipFile:
    file = zipfile.ZipFile(content if hasattr(content, "read") else io.BytesIO(content))
    assert file.testzip() is None
    return file


def rows_of(file: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read(f"{name}.csv").decode("utf-8-sig"), newline=""), delimiter=";"))


def text_of(file: zipfile.ZipFile) -> str:
    """All that can be read in it."""
    return "\n".join(file.read(name).decode() for name in file.namelist() if not name.endswith(".pdf"))


def fill(place: Municipality, by: User, leader: User, konsulent: User, word: str) -> None:
    """A row of every sort, each with ``word`` where something can be written."""
    cell = cell_of(10, place)
    Progress.objects.filter(pk=cell.pk).update(responsible_unit=f"Enhed {word}")
    on = {"effective_on": today() - timedelta(days=1)}
    first = make_row(cell, "planned", by=by, note=f"Note {word}", internal_note=f"Intern {word}", signal="red", **on)
    make_row(cell, "in_progress", by=konsulent, corrects=first, note=f"=Rettet {word}\nto linjer; “æøå”", **on)
    question = Question.objects.filter(kind="yes_no")[0]
    answer = make_answer(question, place, True, by=by, note=f"Svarnote {word}", **on)
    make_answer(question, place, None, by=by, corrects=answer, note=f"Trukket {word}", **on)
    action = make_action(place, by=by, title=f"Delt {word}", visibility="proposed")
    action.change(by=by, milestones=[MilestoneRow(f"Milepæl {word}", today())])
    make_action(place, by=by, title=f"Kladde {word}", visibility="draft")
    chosen = {"recommendations": [recommendation(10)], "evidence": "promising"}
    case = Case.edit(action, by=konsulent, title=f"Case {word}", what="Det.", **chosen)
    case.publish(by=konsulent)
    case.withdraw(by=konsulent, comment=f"Trukket af KL {word}")
    action.change(by=by, problem=f"Problem {word}")
    Invitation.invite(f"{uuid.uuid4()}@example.org", role=Role.EDITOR, municipality=place, by=leader)
    make_issued(f"kommune:{place.code}", by=leader, til=f"Udvalget {word}")
    place.unit_mailbox = f"{word}@example.org"
    place.save()


def hand_in(part: Participation, by: User, konsulent: User, word: str) -> None:
    answer_all(part, by=by, note=f"Udkast {word}", internal_note=f"Internt udkast {word}")
    part.hand_in(by=by)
    part.refresh_from_db()
    part.return_it(by=konsulent, comment=f"Retur {word}", due_on=today() + timedelta(days=9))
    part.refresh_from_db()
    draft(part, part.round.asked.order_by("number")[0], by=by, status="completed", note=f"Igen {word}")


@pytest.fixture
def filled(korsbaek: Municipality, thisted: Municipality, hr: User, leder: User, nabo: User, konsulent: User) -> None:
    boss = make_user(Role.LEADER, thisted, name="Bo Thisted")
    fill(korsbaek, hr, leder, konsulent, "ibsen")
    fill(thisted, nabo, boss, konsulent, "hugo")
    make_round()
    hand_in(participation_of(korsbaek), hr, konsulent, "ibsen")
    hand_in(participation_of(thisted), nabo, konsulent, "hugo")
    gone = make_user(name="Gitte Rejst")
    started = today() - timedelta(days=900)
    Membership.objects.create(
        user=gone, role=Role.EDITOR, municipality=korsbaek, started_on=started, ended_on=started + timedelta(days=30)
    )


def test_every_table_has_what_was_written(filled: None, korsbaek: Municipality, hr: User) -> None:
    file = opened(archive(korsbaek, hr))
    found = {table.name: rows_of(file, table.name) for table in TABLES}
    assert {name for name, rows in found.items() if not rows} == set()
    first, second, *handed_in = found["statusser"]
    assert (first["Status"], first["Trafiklys"], first["Note"]) == ("Planlagt", "Rød", "Note ibsen")
    assert (first["Intern note"], first["Art"], first["Står"]) == ("Intern ibsen", "Svar", "nej")
    assert (second["Art"], second["Retter"], second["Af"]) == (
        "Rettelse",
        first["Id"],
        "KL på vegne af Korsbæk Kommune",
    )
    assert second["Note"] == "'=Rettet ibsen\nto linjer; “æøå”"
    assert len(handed_in) == 20 and {row["Indberetning"] for row in handed_in} == {found["indberetninger"][0]["Id"]}
    answers = [(row["Svar"], row["Værdi"], row["Note"], row["Står"]) for row in found["svar-paa-spoergsmaal"]]
    assert answers == [("Ja", "true", "Svarnote ibsen", "nej"), ("", "", "Trukket ibsen", "nej")]
    assert [row["Titel"] for row in found["lokale-indsatser"]] == ["Delt ibsen", "Kladde ibsen"]
    assert ("Milepæl ibsen", today().isoformat()) == tuple(found["milepaele"][0][name] for name in ("Milepæl", "Dato"))
    history = [(row["Hvad"], row["Efter"]) for row in found["lokale-indsatser-historik"]]
    assert ("Problemet", "Problem ibsen") in history and ("Oprettet", "") in history
    assert [(row["Afgørelse"], row["Kommentar"]) for row in found["afgoerelser"]] == [("Sendt tilbage", "Retur ibsen")]
    assert {row["Note"] for row in found["kladder"]} == {"Udkast ibsen", "Igen ibsen"}
    assert [row["Tilstand"] for row in found["cases"]] == ["Trukket tilbage"]
    assert [row["Kommentar"] for row in found["case-afgoerelser"]] == ["", "Trukket af KL ibsen"]
    assert {row["Navn"] for row in found["medlemskaber"]} == {"Gitte Rejst", "Hanne Lund", "Lars Friis"}
    assert found["kommune"][0]["Fælles postkasse"] == "ibsen@example.org"
    units = [row["Ansvarlig enhed"] for row in found["anbefalinger"] if row["Ansvarlig enhed"]]
    assert units == ["Enhed ibsen"]


def test_the_issued_reports_lie_in_it_as_they_were_issued(filled: None, korsbaek: Municipality, hr: User) -> None:
    file = opened(archive(korsbaek, hr))
    listed = {row["Fil"]: row["SHA-256"] for row in rows_of(file, "udstedte-rapporter")}
    kept = {name: file.read(name) for name in file.namelist() if name.endswith(".pdf")}
    assert listed == {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()}
    assert len(kept) == 1 and all(content.startswith(b"%PDF-") for content in kept.values())


def test_nothing_of_another_municipality(
    filled: None, korsbaek: Municipality, thisted: Municipality, hr: User
) -> None:
    own, other = (text_of(opened(archive(place, user))) for place, user in ((korsbaek, hr), (thisted, hr_of(thisted))))
    words = ("Note", "Intern", "Kladde", "Problem", "Milepæl", "Svarnote", "Retur", "Udkast", "Igen", "Enhed", "Case")
    for word in words:
        assert f"{word} ibsen" in own and f"{word} hugo" in other  # there is something to leak
    assert "hugo" not in own
    assert "ibsen" not in other
    assert "Tine Vad" in other and "Tine Vad" not in own


def hr_of(place: Municipality) -> User:
    return Membership.objects.active().filter(municipality=place, role=Role.EDITOR).earliest("pk").user


def test_names_are_those_that_the_reader_may_know(
    filled: None, korsbaek: Municipality, hr: User, konsulent: User
) -> None:
    """KL's people are named to KL alone."""
    assert "Karen Holm" in text_of(opened(archive(korsbaek, konsulent)))
    assert "Karen Holm" not in text_of(opened(archive(korsbaek, hr)))


def test_who_gets_it(as_user: AsUser, filled: None, hr: User, leder: User, laeser: User, nabo: User) -> None:
    for user in (hr, leder, laeser):
        page = as_user(user).get(PAGE).content.decode()
        assert "Hent arkivet (ZIP)" in page and all(table.file_name in page for table in TABLES)
        answer = as_user(user).get(f"{PAGE}hent/", headers={"accept-encoding": "gzip"})
        content = answer.getvalue()
        assert int(answer["Content-Length"]) == len(content)
        assert "Intern ibsen" in text_of(opened(content))
    for address in (PAGE, f"{PAGE}hent/"):
        assert as_user(nabo).get(address).status_code == 404


def test_the_municipality_s_page_leads_to_it(as_user: AsUser, hr: User, nabo: User) -> None:
    assert PAGE in as_user(hr).get("/kommuner/999/").content.decode()
    assert PAGE not in as_user(nabo).get("/kommuner/999/").content.decode()


def test_the_same_facts_give_the_same_bytes(filled: None, korsbaek: Municipality, hr: User) -> None:
    first = archive(korsbaek, hr).read()
    assert archive(korsbaek, hr).read() == first
    cell_of(11, korsbaek).record("completed", by=hr)
    assert archive(korsbaek, hr).read() != first


def test_a_municipality_that_has_written_nothing(thisted: Municipality, nabo: User) -> None:
    file = opened(archive(thisted, nabo))
    assert {table.name for table in TABLES if rows_of(file, table.name)} == {"anbefalinger", "kommune", "medlemskaber"}


def test_the_description_is_of_the_files(filled: None, korsbaek: Municipality, hr: User) -> None:
    file = opened(archive(korsbaek, hr))
    package = json.loads(file.read("datapackage.json"))
    readme = file.read("README.txt").decode("utf-8-sig")
    assert [each["path"] for each in package["resources"]] == [table.file_name for table in TABLES]
    for resource, table in zip(package["resources"], TABLES, strict=True):
        names = [field["name"] for field in resource["schema"]["fields"]]
        header = file.read(resource["path"]).decode(resource["encoding"]).lstrip("\ufeff").split("\r\n")[0]
        assert header.split(resource["dialect"]["delimiter"]) == names == table.headings
        assert len(set(names)) == len(names)
        assert table.file_name in readme and all(f"  {name}" in readme for name in names)
        for row in rows_of(file, table.name):
            for field in table.fields:
                if field.kind == Kind.NUMBER:
                    assert row[field.name] == "" or row[field.name].isdecimal()
    assert all(reason in readme for reason in LEFT_OUT.values())


def test_a_demo_says_so_in_every_file(filled: None, korsbaek: Municipality, hr: User) -> None:
    Installation.become_demo()
    file = opened(archive(korsbaek, hr))
    for table in TABLES:
        assert {row["demodata"] for row in rows_of(file, table.name)} == {"Opdigtede tal"}
    assert "opdigtede tal" in file.read("README.txt").decode()


def hanging_on(model: type[models.Model]) -> set[type[models.Model]]:
    """What ``model`` has keys to, or lists of."""
    fields = (field for field in model._meta.get_fields(include_hidden=True) if not field.auto_created)
    return {field.related_model for field in fields if isinstance(field.related_model, type)}


def test_nothing_that_hangs_on_a_municipality_is_forgotten() -> None:
    """Whatever leads to a municipality, by however many steps, is in the archive or left out for a reason."""
    every = apps.get_models(include_auto_created=True)
    found: set[type[models.Model]] = {Municipality}
    while more := {model for model in every if hanging_on(model) & found} - found:
        found |= more
    held = {model for table in TABLES for model in table.holds}
    assert held | set(LEFT_OUT) == found
    assert not held & set(LEFT_OUT)
    assert {Progress, Participation, Milestone} <= held
