"""What the demo data hold: plausible answers that obey every rule of the log."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import F

from flere_haender.days import danish_day
from initiatives.action_history import history_of
from initiatives.demo import load_demo
from initiatives.demo.cast import PASSWORD
from initiatives.key_answers import distributions
from initiatives.models import (
    KeyAnswer,
    LocalAction,
    Participation,
    Progress,
    Question,
    Recommendation,
    StatusUpdate,
    Submission,
)
from initiatives.models.status_update import content_errors
from initiatives.moment import Moment
from initiatives.overview import plan_rows, spreads
from initiatives.status import NOT_ASSESSED
from stakeholders.models import Membership, Municipality, User
from stakeholders.reference import read_toml

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

LAST_DAY = date(2026, 11, 20)
NEVER_ANSWERED = {151, 306, 430, 740, 756}


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo data, loaded once for all tests of this file and taken back after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo(settings.FIXTURE_DIR)
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


def rows_of_the_98() -> Any:
    return StatusUpdate.objects.select_related("recorded_by").filter(progress__municipality__is_fictional=False)


def test_the_accounts(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    assert {user.email for user in User.objects.all() if not user.email.endswith(".example")} == set()
    assert {
        user.email: (user.name, str(user.membership), user.is_superuser)
        for user in User.objects.filter(is_active=True)
    } == {
        "konsulent@kl.example": ("Karen Holm", "KL-konsulent, KL", False),
        "admin@kl.example": ("Anders Beck", "KL-konsulent, KL", True),
        "hr@korsbaek.example": ("Hanne Lund", "Kommunal redaktør, Korsbæk Kommune", False),
        "leder@korsbaek.example": ("Lars Friis", "Kommunal leder, Korsbæk Kommune", False),
        "hr@thisted.example": ("Tine Vad", "Kommunal redaktør, Thisted Kommune", False),
    }
    (password,) = User.objects.filter(is_active=True).values_list("password", flat=True).distinct().order_by()
    assert check_password(PASSWORD, password)
    demo_user = User.objects.get(is_active=False)
    assert not demo_user.has_usable_password()
    assert not Membership.objects.filter(user=demo_user).exists()


def test_korsbaek_stands_where_the_alphabet_says_and_has_every_cell() -> None:
    korsbaek = Municipality.objects.placed(as_of=LAST_DAY).get(is_fictional=True)
    assert (korsbaek.code, str(korsbaek), korsbaek.cvr) == (999, "Korsbæk Kommune", "11111111")
    assert (str(korsbaek.kkr), str(korsbaek.region)) == ("KKR Sjælland", "Region Sjælland")
    assert str(Municipality.objects.placed(as_of=date(2027, 1, 1)).get(code=999).region) == "Region Østdanmark"
    assert (korsbaek.tile_row, korsbaek.tile_column) == (None, None)
    names = list(Municipality.objects.values_list("name", flat=True))
    assert names[names.index("Korsbæk") - 1 : names.index("Korsbæk") + 2] == ["Kolding", "Korsbæk", "København"]
    assert korsbaek.cells.count() == Recommendation.objects.count() == 26
    assert Municipality.objects.real().count() == 98


def test_korsbaek_has_answered_16_of_20() -> None:
    """Before the open round, in which it has answered 12, most of them as before."""
    cells = Progress.objects.filter(municipality__code=999).counting(as_of=LAST_DAY).with_status(as_of=LAST_DAY)
    cells = cells.select_related("recommendation")
    statuses = {cell.recommendation.number: (cell.status, cell.signal) for cell in cells}
    assert statuses == {
        1: ("in_progress", "green"),
        2: ("completed", ""),
        3: ("completed", ""),
        5: ("in_progress", "green"),
        7: ("in_progress", "yellow"),
        9: ("planned", "green"),
        10: ("in_progress", "green"),
        11: ("completed", ""),
        12: (NOT_ASSESSED, ""),
        13: ("in_progress", "green"),
        14: ("completed", ""),
        15: ("completed", ""),
        16: (NOT_ASSESSED, ""),
        18: ("planned", "yellow"),
        19: ("in_progress", "green"),
        20: ("in_progress", "green"),
        21: ("in_progress", "red"),
        24: ("completed", ""),
        25: (NOT_ASSESSED, ""),
        26: (NOT_ASSESSED, ""),
    }
    rows = StatusUpdate.objects.filter(progress__municipality__code=999)
    kinds = ("is_correction", "is_withdrawal", "on_behalf_of", "internal_note")
    assert {kind: sum(bool(getattr(row, kind)) for row in rows) for kind in kinds} == {
        "is_correction": 1,
        "is_withdrawal": 1,
        "on_behalf_of": 1,
        "internal_note": 1,
    }


def test_the_98_end_where_the_file_says() -> None:
    numbers = dict(Recommendation.objects.values_list("pk", "number"))
    spread = read_toml(settings.FIXTURE_DIR / "demo.toml")["spread"]
    order = ("completed", "in_progress", "planned", "not_started", "on_hold", "not_relevant")
    ended = {str(numbers[pk]): [of[status] for status in order] for pk, of in spreads(Moment(as_of=LAST_DAY)).items()}
    assert ended == spread
    assert {of[NOT_ASSESSED] for of in spreads(Moment(as_of=LAST_DAY)).values()} == {5}


def test_five_have_never_answered_and_61_have_answered_last() -> None:
    answered = set(rows_of_the_98().values_list("progress__municipality__code", flat=True))
    assert set(Municipality.objects.real().values_list("code", flat=True)) - answered == NEVER_ANSWERED
    last = rows_of_the_98().filter(recorded_at__date__gte=date(2026, 11, 2))
    assert last.values("progress__municipality").distinct().count() == 61


def test_the_log_has_everything_that_can_happen() -> None:
    rows = rows_of_the_98()
    corrections = rows.exclude(corrects=None).exclude(status="")
    assert 30 <= corrections.count() <= 60
    assert corrections.filter(corrects__corrects__isnull=False).count() >= 3
    assert 5 <= rows.filter(status="").count() <= 25
    assert 20 <= rows.exclude(on_behalf_of=None).count() <= 60
    assert rows.exclude(confirms=None).count() > 1000
    assert rows.filter(signal="red").count() > 50
    assert rows.exclude(internal_note="").count() > 50
    assert sum(row.effective_on < danish_day(row.recorded_at) for row in rows) > 300
    assert 0.3 < rows.exclude(note="").count() / rows.count() < 0.5


def test_kl_has_said_something_about_all_26_and_disagrees_with_some() -> None:
    national = plan_rows(Moment(as_of=LAST_DAY))
    assert Counter(row.national.status for row in national) == {
        "in_progress": 14,
        "completed": 5,
        "planned": 3,
        "not_started": 2,
        "on_hold": 2,
    }
    assert [row.recommendation.number for row in national if row.disagreement] == [2, 3, 24]
    history = Counter(StatusUpdate.objects.filter(progress__municipality=None).values_list("progress", flat=True))
    assert set(history.values()) <= {2, 3, 4, 5}


def test_every_row_obeys_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is held against ``clean`` as it would have been before it was written."""
    monkeypatch.setattr("initiatives.models.progress.today", lambda: LAST_DAY)
    asked = set(Recommendation.objects.asked(as_of=date(2024, 1, 1)).values_list("pk", flat=True))
    assert asked == set(Recommendation.objects.asked(as_of=LAST_DAY).values_list("pk", flat=True))
    monkeypatch.setattr(Progress, "is_asked", lambda self, *, as_of: self.recommendation_id in asked)
    rows = list(StatusUpdate.objects.select_related("progress__recommendation", "corrects", "recorded_by"))
    for row in rows:
        assert row.note == row.note.strip()
        if row.corrects_id is None:
            row.clean()
        else:
            assert (content_errors(row), row._reason_errors()) == ({}, {})
            assert row.corrects.progress_id == row.progress_id
    assert len(rows) == StatusUpdate.objects.count()


def test_korsbaek_has_drafts_for_12_in_the_open_round() -> None:
    here = Participation.objects.get(municipality__code=999, round__closed_at=None)
    assert here.takes_answers()
    drafts = here.drafts.values_list("recommendation__number", flat=True)
    assert list(drafts) == [1, 2, 3, 9, 10, 11, 13, 14, 15, 18, 20, 24]
    assert {draft.lacks == {} for draft in here.drafts.all()} == {True}


def test_who_has_handed_in_has_answered_everything_at_that_moment() -> None:
    submissions = Submission.objects.select_related("participation")
    assert submissions.count() == 61
    for submission in submissions:
        drafts = {d.recommendation_id: d.content for d in submission.participation.drafts.all()}
        assert len(drafts) == 20
        assert {pk: row.content for pk, row in submission.answers().items()} == drafts


def test_moments_rise_within_a_cell_and_end_on_the_last_day() -> None:
    moments: dict[int, list[datetime]] = {}
    for row in StatusUpdate.objects.order_by("id"):
        assert row.effective_on <= danish_day(row.recorded_at) <= LAST_DAY
        moments.setdefault(row.progress_id, []).append(row.recorded_at)
    assert all(times == sorted(set(times)) for times in moments.values())


def test_a_confirmation_repeats_the_row_that_held() -> None:
    repeated = ("status", "signal", "expected_on", "note", "internal_note")
    rows = StatusUpdate.objects.exclude(confirms=None).select_related("confirms")
    assert all(getattr(row, name) == getattr(row.confirms, name) for row in rows for name in repeated)
    corrected_before = rows.filter(confirms__corrected_by__recorded_at__lt=F("recorded_at"))
    assert not corrected_before.exists()


def test_who_writes_for_whom() -> None:
    authors = {(row.recorded_by.email, row.recorded_for_id is None) for row in rows_of_the_98()}
    assert authors == {("demo@kl.example", False), ("hr@thisted.example", False), ("konsulent@kl.example", True)}
    thisted = StatusUpdate.objects.filter(recorded_by__email="hr@thisted.example")
    assert set(thisted.values_list("progress__municipality__code", flat=True)) == {787}
    national = StatusUpdate.objects.filter(progress__municipality=None)
    assert set(national.values_list("recorded_by__email", flat=True)) == {"konsulent@kl.example"}


def test_the_local_actions() -> None:
    """Late ones, drafts, one that was copied and one that a case inspired; KL writes for those without a user."""
    actions = LocalAction.objects.select_related("municipality")
    assert actions.count() == 10
    assert {action.municipality.code for action in actions} == {376, 461, 630, 657, 751, 787, 813, 999}
    assert actions.filter(visibility="draft").count() == 2
    assert actions.late(on=date(2026, 11, 21)).count() == 5
    assert actions.untouched_since(date(2026, 5, 21)).count() >= 3
    copy = actions.get(copied_from__isnull=False)
    assert (copy.municipality.code, copy.copied_from.municipality.code) == (999, 787)
    assert [action.inspired_by.slug for action in actions.exclude(inspired_by=None)] == ["menn-i-helse"]
    assert {action.municipality.code for action in actions if action.written_for_id} == {787, 999}
    days = [entry.at.date() for entry in history_of(copy, User.objects.get(email="hr@korsbaek.example"))]
    assert days == [date(2026, 11, 16), date(2026, 6, 3), date(2026, 4, 8)]


def test_most_municipalities_have_answered_the_key_questions() -> None:
    moment = Moment(LAST_DAY)
    for question in Question.objects.active(on=LAST_DAY):
        found = distributions(question.recommendation, moment)
        one = next(one for one in found if one.question == question)
        assert len(one.asked) / 3 < one.answered < len(one.asked), one.heading
        assert not one.parts or sum(part.count > 3 for part in one.parts) > 1, one.heading
    assert not KeyAnswer.objects.filter(municipality__code__in=NEVER_ANSWERED).exists()
    assert all(row.effective_on <= danish_day(row.recorded_at) for row in KeyAnswer.objects.all())


def test_the_answers_obey_the_rules_of_the_verb() -> None:
    for row in KeyAnswer.objects.select_related("question__recommendation")[::7]:
        if row.corrects_id is None:
            row.clean()


def test_korsbaeks_own_answers() -> None:
    rows = KeyAnswer.objects.filter(municipality__code=999).holding(as_of=LAST_DAY)
    assert {row.question.slug: row.value for row in rows} == {
        "praktikvejledning-organisering": "deltid",
        "introforloeb-gennemgaaet": "2025-03-18",
        "stoettefunktioner": ["vagtplan", "sparring"],
        "strategi-vedtaget": True,
        "strategi-dato": "2026-09-24",
        "strategi-link": "https://www.korsbaek.example/flere-haender-strategi",
        "hjaelpere-til-assistent": 8,
        "faste-vikarer": "delvist",
    }
