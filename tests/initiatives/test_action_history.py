"""The edit history of local actions: written by the database, read as sentences, and never telling too much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from pghistory.models import Context

from flere_haender.days import today
from initiatives.action_history import Entry, history_of
from initiatives.models import ListItem, LocalAction, LocalActionEvent, MilestoneRow, Recommendation
from stakeholders.models import Municipality, User
from tests.factories import make_action, moment

pytestmark = pytest.mark.django_db

TOMORROW = today() + timedelta(days=1)


def said(entries: list[Entry]) -> list[tuple[str, list[str]]]:
    return [(entry.author, [*entry.sentences, *map(str, entry.changes)]) for entry in entries]


def whole_story(korsbaek: Municipality, hr: User, konsulent: User) -> LocalAction:
    """A draft that names a person by mistake, is mended, shared, and changed by KL."""
    action = make_action(
        korsbaek,
        by=hr,
        visibility="draft",
        title="Hemmelig kladdetitel",
        milestones=[MilestoneRow("Hemmelig milepæl", TOMORROW)],
        at=moment("2026-10-01 09:00"),
    )
    action = action.change(by=hr, title="Mentor", recommendations=Recommendation.objects.filter(number__in=(11, 12)))
    milestone = action.milestones.get()
    row = MilestoneRow("40 mentorer", TOMORROW, pk=milestone.pk)
    action = action.change(by=hr, visibility="shared", milestones=[row])
    action = action.change(
        by=konsulent,
        phase="in_progress",
        recommendations=Recommendation.objects.filter(number__in=(11,)),
        grants=ListItem.objects.filter(slug="amu-pakken"),
        milestones=[MilestoneRow("40 mentorer", TOMORROW, today(), pk=milestone.pk)],
        at=moment("2026-11-22 10:00"),
    )
    return action.confirm(by=hr)


def test_the_own_municipality_reads_it_all_with_names(korsbaek: Municipality, hr: User, konsulent: User) -> None:
    action = whole_story(korsbaek, hr, konsulent)
    day, today_ = f"{TOMORROW:%d.%m.%Y}", f"{today():%d.%m.%Y}"
    hanne, kl = "Hanne Lund, Korsbæk Kommune", "KL på vegne af Korsbæk Kommune"
    entries = history_of(action, hr)
    assert said(entries) == [
        (hanne, ["Stadig aktuel"]),
        (
            kl,
            [
                "Anbefaling fjernet: 12. Støttefunktioner",
                "Tilskud tilføjet: AMU-pakken",
                f"Milepæl nået {today_}: 40 mentorer",
                "Fase: Idé → I gang",
            ],
        ),
        (hanne, [f"Milepæl: Hemmelig milepæl, {day} → 40 mentorer, {day}", "Synlighed: Kladde → Delt med kommunerne"]),
        (
            hanne,
            [
                "Anbefaling fjernet: 10. Praktikvejledning",
                "Anbefaling tilføjet: 11. Introforløb",
                "Anbefaling tilføjet: 12. Støttefunktioner",
                "Titel: Hemmelig kladdetitel → Mentor",
            ],
        ),
        (hanne, ["Oprettet", "Synlighed: Kladde"]),
    ]
    assert (entries[1].at, entries[-1].at) == (moment("2026-11-22 10:00"), moment("2026-10-01 09:00"))


def test_kl_reads_its_own_names_too(korsbaek: Municipality, hr: User, konsulent: User, laeser: User) -> None:
    action = whole_story(korsbaek, hr, konsulent)
    assert said(history_of(action, laeser))[1][0] == "Karen Holm, KL på vegne af Korsbæk Kommune"


def test_others_read_what_was_shared_and_the_organisation(
    korsbaek: Municipality, hr: User, konsulent: User, nabo: User
) -> None:
    action = whole_story(korsbaek, hr, konsulent)
    assert "Hemmelig" in str(said(history_of(action, hr)))
    theirs = said(history_of(action, nabo))
    assert [(author, texts[-1]) for author, texts in theirs] == [
        ("Korsbæk Kommune", "Stadig aktuel"),
        ("KL på vegne af Korsbæk Kommune", "Fase: Idé → I gang"),
        ("Korsbæk Kommune", "Delt med kommunerne"),
    ]
    assert "Hemmelig" not in str(theirs) and "Hanne" not in str(theirs) and "Karen" not in str(theirs)


def test_what_was_done_while_it_was_a_draft_again_is_not_told(korsbaek: Municipality, hr: User, nabo: User) -> None:
    action = make_action(korsbaek, by=hr)
    action.change(by=hr, visibility="draft", what="Hemmelig tekst")
    action.change(by=hr, recommendations=Recommendation.objects.filter(number=5))
    shared = action.change(by=hr, visibility="shared", what="Ny tekst", milestones=[MilestoneRow("A", TOMORROW)])
    assert "Hemmelig tekst" in str(said(history_of(shared, hr)))
    assert said(history_of(shared, nabo)) == [
        ("Korsbæk Kommune", ["Hvad der gøres: Alle nye får en mentor. → Ny tekst"]),
        ("Korsbæk Kommune", ["Delt med kommunerne"]),
    ]


def test_nothing_personal_is_kept_but_the_users_id(korsbaek: Municipality, hr: User, konsulent: User) -> None:
    whole_story(korsbaek, hr, konsulent)
    assert {str(context.metadata) for context in Context.objects.all()} == {
        f"{{'user': {hr.pk}}}",
        f"{{'user': {konsulent.pk}}}",
    }
    columns = {field.name for field in LocalActionEvent._meta.get_fields()}
    assert not columns & {"created_by", "updated_by"}


def test_an_anonymised_user_is_anonymous_in_the_history(korsbaek: Municipality, hr: User, konsulent: User) -> None:
    action = make_action(korsbaek, by=hr)
    hr.anonymise(by=User.objects.create_superuser("super@example.org", name="Super"))
    assert said(history_of(action, konsulent))[0][0] == f"Tidligere bruger {hr.pk}, Korsbæk Kommune"


@pytest.mark.parametrize("statement", ["UPDATE {} SET title = 'Andet'", "DELETE FROM {}"])
def test_the_history_itself_is_never_changed(korsbaek: Municipality, hr: User, statement: str) -> None:
    make_action(korsbaek, by=hr)
    with (
        pytest.raises(InternalError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("initiatives_localactionevent"))


def test_the_number_of_queries_does_not_grow(
    korsbaek: Municipality, hr: User, konsulent: User, django_assert_num_queries: Any
) -> None:
    for action in (make_action(korsbaek, by=hr), whole_story(korsbaek, hr, konsulent)):
        action = LocalAction.objects.select_related("municipality").get(pk=action.pk)
        with django_assert_num_queries(5):
            history_of(action, hr)
