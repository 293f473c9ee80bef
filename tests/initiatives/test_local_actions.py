"""Local actions: who writes them, what the rules refuse, and what counts as late or untouched."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from flere_haender.days import today
from initiatives.models import ActionChangedSince, Case, LocalAction, MilestoneRow, Recommendation
from initiatives.phases import Phase
from stakeholders.models import Municipality, User
from tests.factories import day, make_action, moment

pytestmark = pytest.mark.django_db

YESTERDAY, TOMORROW = today() - timedelta(days=1), today() + timedelta(days=1)


def recommendations(*numbers: int) -> Any:
    return Recommendation.objects.filter(number__in=numbers)


def faults(call: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        call()
    return refused.value.message_dict


def test_the_editor_writes_and_the_row_says_who_for_whom_and_when(korsbaek: Municipality, hr: User) -> None:
    action = make_action(korsbaek, by=hr, numbers=(10, 12))
    action.refresh_from_db()
    assert (action.created_by, action.updated_by, action.written_for) == (hr, hr, korsbaek)
    assert action.created_at <= action.updated_at == action.touched_at <= timezone.now()
    assert [recommendation.number for recommendation in action.recommendations.all()] == [10, 12]
    assert (action.organisation, action.version) == ("Korsbæk Kommune", 1)


def test_kl_writes_on_behalf_and_it_is_kept(korsbaek: Municipality, konsulent: User) -> None:
    action = make_action(korsbaek, by=konsulent)
    assert action.organisation == "KL på vegne af Korsbæk Kommune"
    assert action.written_for is None


def test_nobody_else_writes(korsbaek: Municipality, hr: User, leder: User, nabo: User, laeser: User) -> None:
    action = make_action(korsbaek, by=hr)
    for user in (leder, nabo, laeser):
        with pytest.raises(PermissionDenied):
            make_action(korsbaek, by=user)
        with pytest.raises(PermissionDenied):
            action.change(by=user, title="Andet")
        with pytest.raises(PermissionDenied):
            action.confirm(by=user)
    assert LocalAction.objects.get().title == "Mentor til nye"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"title": " "}, {"title"}),
        ({"what": ""}, {"what"}),
        ({"numbers": ()}, {"recommendations"}),
        ({"starts_on": day("2026-05-02"), "ends_on": day("2026-05-01")}, {"ends_on"}),
        ({"phase": "måske"}, {"phase"}),
        ({"visibility": "alle"}, {"visibility"}),
        ({"links": ["javascript:alert(1)"]}, {"links"}),
        ({"milestones": [MilestoneRow("A", TOMORROW), MilestoneRow("A", TOMORROW, TOMORROW)]}, {"milestones"}),
        ({"milestones": [MilestoneRow("A", YESTERDAY, TOMORROW)]}, {"milestones"}),
    ],
)
def test_the_rules(korsbaek: Municipality, hr: User, content: dict[str, Any], expected: set[str]) -> None:
    assert set(faults(lambda: make_action(korsbaek, by=hr, **content))) == expected
    assert not LocalAction.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("phase_is_known", "phase = 'måske'"),
        ("visibility_is_known", "visibility = 'alle'"),
        ("involvement_is_known", "involvement = 'ja'"),
        ("says_what", "title = ''"),
        ("ends_after_start", "starts_on = '2026-05-02', ends_on = '2026-05-01'"),
        ("one_origin", "copied_from_id = id, inspired_by_id = (SELECT min(id) FROM initiatives_case)"),
        ("written_for_its_own", "written_for_id = (SELECT min(id) FROM stakeholders_municipality)"),
    ],
)
def test_the_database_refuses_too(korsbaek: Municipality, hr: User, name: str, value: str) -> None:
    make_action(korsbaek, by=hr)
    with pytest.raises(IntegrityError, match=f"localaction_{name}"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE initiatives_localaction SET {value}")


def test_a_key_used_twice_writes_once(korsbaek: Municipality, hr: User) -> None:
    key = uuid.uuid4()
    rows = [MilestoneRow("Start", TOMORROW)]
    first = make_action(korsbaek, by=hr, key=key, milestones=rows)
    assert make_action(korsbaek, by=hr, key=key, milestones=rows) == first
    with pytest.raises(ValidationError, match="allerede oprettet"):
        make_action(korsbaek, by=hr, key=key, title="Noget andet")
    assert (LocalAction.objects.count(), first.milestones.count()) == (1, 1)


def test_a_key_of_another_municipality_tells_nothing(korsbaek: Municipality, hr: User, nabo: User) -> None:
    key = uuid.uuid4()
    make_action(korsbaek, by=hr, key=key, visibility="draft")
    assert nabo.membership is not None and nabo.membership.municipality is not None
    with pytest.raises(ValidationError, match="allerede oprettet"):
        make_action(nabo.membership.municipality, by=nabo, key=key, visibility="draft")


def test_a_change_since_is_refused_and_both_are_known(korsbaek: Municipality, hr: User, konsulent: User) -> None:
    action = make_action(korsbaek, by=hr)
    seen = action.version
    action.change(by=konsulent, seen=seen, title="KL’s titel")
    with pytest.raises(ActionChangedSince) as refused:
        action.change(by=hr, seen=seen, title="Vores titel")
    assert refused.value.newest.title == "KL’s titel"
    assert action.change(by=hr, seen=refused.value.newest.version, title="Vores titel").title == "Vores titel"


def test_the_same_change_twice_is_one_change(korsbaek: Municipality, hr: User) -> None:
    action = make_action(korsbaek, by=hr)
    new = {"title": "Ny titel", "milestones": [MilestoneRow("Start", TOMORROW)], "seen": action.version}
    first = action.change(by=hr, **new)
    assert action.change(by=hr, **new).version == first.version == 2
    assert first.milestones.count() == 1


def test_milestones_are_changed_removed_and_left_alone(korsbaek: Municipality, hr: User, nabo: User) -> None:
    rows = [MilestoneRow(title, TOMORROW) for title in ("A", "B", "C")]
    action = make_action(korsbaek, by=hr, milestones=rows)
    a, b, c = action.milestones.order_by("title")
    assert nabo.membership is not None and nabo.membership.municipality is not None
    theirs = make_action(nabo.membership.municipality, by=nabo, milestones=rows[:1]).milestones.get()
    action.change(
        by=hr,
        milestones=[
            MilestoneRow("B", TOMORROW, pk=a.pk),  # A and B change places
            MilestoneRow("A", TOMORROW, today(), pk=b.pk),
            MilestoneRow("", date.min, pk=c.pk, removed=True),
            MilestoneRow("Ny", TOMORROW, pk=theirs.pk),  # somebody else's is never touched
        ],
    )
    found = set(action.milestones.values_list("title", "done_on", "pk"))
    assert {(title, done) for title, done, _ in found} == {("B", None), ("A", today()), ("Ny", None)}
    assert {pk for _, _, pk in found} > {a.pk, b.pk}
    theirs.refresh_from_db()
    assert theirs.title == "A"


def test_only_what_is_shared_is_copied(korsbaek: Municipality, hr: User, nabo: User) -> None:
    assert nabo.membership is not None and nabo.membership.municipality is not None
    draft = make_action(nabo.membership.municipality, by=nabo, visibility="draft")
    assert set(faults(lambda: make_action(korsbaek, by=hr, copied_from=draft))) == {"copied_from"}
    shared = draft.change(by=nabo, visibility="shared")
    copy = make_action(korsbaek, by=hr, copied_from=shared)
    shared.change(by=nabo, visibility="draft")
    assert copy.change(by=hr, title="Vores egen").copied_from == shared


def test_followers_are_other_municipalities_that_share(korsbaek: Municipality, hr: User, nabo: User) -> None:
    assert nabo.membership is not None and nabo.membership.municipality is not None
    origin = make_action(nabo.membership.municipality, by=nabo)
    make_action(nabo.membership.municipality, by=nabo, copied_from=origin)
    copy = make_action(korsbaek, by=hr, copied_from=origin, visibility="draft")

    def followers() -> int:
        return int(LocalAction.objects.with_followers().get(pk=origin.pk).followers)

    assert followers() == 0
    copy.change(by=hr, visibility="shared")
    make_action(korsbaek, by=hr, copied_from=origin)
    assert followers() == 1


def test_late(korsbaek: Municipality, hr: User) -> None:
    on = day("2026-11-22")
    before, after = day("2026-11-21"), day("2026-11-23")
    late = {
        make_action(korsbaek, by=hr, ends_on=before),
        make_action(korsbaek, by=hr, ends_on=after, milestones=[MilestoneRow("A", before)]),
        make_action(korsbaek, by=hr, ends_on=before, phase=Phase.RUNNING),
    }
    make_action(korsbaek, by=hr, ends_on=on)
    make_action(korsbaek, by=hr, milestones=[MilestoneRow("A", before, before), MilestoneRow("B", on)])
    for phase in (Phase.COMPLETED, Phase.ABANDONED):
        make_action(korsbaek, by=hr, ends_on=before, phase=phase, milestones=[MilestoneRow("A", before)])
    assert set(LocalAction.objects.late(on=on)) == late


def test_untouched(korsbaek: Municipality, hr: User) -> None:
    old = moment("2026-05-21 23:59")
    action = make_action(korsbaek, by=hr, at=old)
    make_action(korsbaek, by=hr, at=old, phase=Phase.COMPLETED)
    make_action(korsbaek, by=hr, at=moment("2026-05-22 00:01"))
    assert list(LocalAction.objects.untouched_since(day("2026-05-22"))) == [action]
    confirmed = action.confirm(by=hr)
    assert list(LocalAction.objects.untouched_since(day("2026-05-22"))) == []
    assert (confirmed.updated_at, confirmed.version) == (old, 1)


def test_builds_on_an_effective_intervention_only_when_it_is_one(korsbaek: Municipality, hr: User) -> None:
    effective = Case.objects.filter(evidence="effective").first()
    other = Case.objects.exclude(evidence="effective").first()
    assert [make_action(korsbaek, by=hr, builds_on=case).builds_on_effective for case in (effective, other, None)] == [
        True,
        False,
        False,
    ]
