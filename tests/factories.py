"""Plain functions that make what a test needs; every argument has a sensible default."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.test import Client

from flere_haender.access import Role
from flere_haender.days import DANISH_TIME, today
from initiatives.models import (
    DraftAnswer,
    IssuedReport,
    KeyAnswer,
    LocalAction,
    Participation,
    Progress,
    Question,
    Recommendation,
    ReportingRound,
    ReportOrder,
    StatusUpdate,
    StoredReport,
)
from initiatives.reports.choice import Choice
from stakeholders.models import Membership, Municipality, User
from stakeholders.reference import FIRST_PLACEMENT, place
from timeline.models import Event

# What the fixture ``as_user`` is: a browser in which the user is signed in.
AsUser = Callable[[User | None], Client]

_numbers = itertools.count(1)

THISTED = 787
KORSBAEK = 999
PASSWORD = "en-lang-adgangskode-1"


def moment(text: str) -> datetime:
    """``"2026-03-01 10:00"`` in Danish time."""
    return datetime.fromisoformat(text).replace(tzinfo=DANISH_TIME)


def day(text: str) -> date:
    return date.fromisoformat(text)


def make_korsbaek() -> Municipality:
    """The fictional municipality, with a cell for every recommendation."""
    korsbaek = Municipality.objects.create(
        code=KORSBAEK,
        name="Korsbæk",
        authority_name="Korsbæk Kommune",
        cvr="11111111",
        sort_order=50,
        is_fictional=True,
    )
    place(korsbaek, kkr="sjaelland", region="Region Sjælland", starts_on=FIRST_PLACEMENT)
    Progress.objects.fill()
    return korsbaek


def make_user(
    role: Role | None = None, municipality: Municipality | None = None, *, name: str = "", **fields: Any
) -> User:
    """A user; with a role also a member."""
    number = next(_numbers)
    user = User.objects.create_user(f"bruger{number}@example.org", PASSWORD, name=name or f"Person {number}", **fields)
    if role is not None:
        Membership.objects.create(user=user, role=role, municipality=municipality, started_on=date(2024, 1, 1))
    return user


def recommendation(number: int) -> Recommendation:
    """A recommendation with its text of today."""
    return Recommendation.objects.with_text(as_of=today()).get(slug=number)


def cell_of(number: int, municipality: Municipality | None = None) -> Progress:
    """The cell of a recommendation in a municipality; without one the national line."""
    return Progress.objects.select_related("municipality", "recommendation").get(
        recommendation__slug=number, municipality=municipality
    )


def make_row(
    cell: Progress,
    status: str = "in_progress",
    *,
    by: User,
    effective_on: date | None = None,
    recorded_at: datetime | None = None,
    **fields: Any,
) -> StatusUpdate:
    """A row of the log recorded when the test says, which ``record()`` never does."""
    on = effective_on or (recorded_at.date() if recorded_at else today())
    at = recorded_at or datetime.combine(on, datetime.min.time(), tzinfo=DANISH_TIME).replace(hour=12)
    membership = by.membership
    fields.setdefault("note", "Note" if cell.municipality_id is None or fields.get("corrects") else "")
    return StatusUpdate.objects.create(
        progress=cell,
        status=status,
        effective_on=on,
        recorded_at=at,
        recorded_by=by,
        recorded_for=membership.municipality,
        on_behalf_of=cell.municipality if membership.is_kl else None,
        **fields,
    )


def make_action(
    municipality: Municipality,
    *,
    by: User,
    numbers: tuple[int, ...] = (10,),
    visibility: str = "shared",
    **content: Any,
) -> LocalAction:
    """A local action, shared unless the test says otherwise."""
    said = {"title": "Mentor til nye", "what": "Alle nye får en mentor.", **content}
    chosen = Recommendation.objects.filter(slug__in=numbers)
    return LocalAction.start(municipality, by=by, recommendations=chosen, visibility=visibility, **said)


def make_issued(about: str = "landet", *, by: User, **choices: str) -> IssuedReport:
    """An issued report; ``choices`` as the address has them: ``pr="2026-03-01"``."""
    return IssuedReport.issue(Choice.from_query(QueryDict(urlencode({"om": about, **choices})), user=by), by=by)


def make_order(about: str = "landet", *, by: Any, **choices: str) -> ReportOrder:
    """An order of one report as a PDF, which nobody has printed yet."""
    choice = Choice.from_query(QueryDict(urlencode({"om": about, **choices})), user=by)
    return ReportOrder.show(choice, by=by, title=choice.about, digest=uuid.uuid4().hex)


def make_zip(places: list[Municipality], *, by: User, query: str = "") -> ReportOrder:
    """An order of the reports of these municipalities, which nobody has printed yet."""
    choice = Choice.from_query(QueryDict(query), user=by)
    return ReportOrder.of_many(choice, places, by=by, title="Nogle kommuner", key=uuid.uuid4())


def finish(order: ReportOrder) -> ReportOrder:
    """The order with files that nobody has printed."""
    for ordered in order.reports.all():
        exact = uuid.uuid4().hex
        said = {"exact": exact, "facts": exact, "file_name": f"{ordered.name}.pdf", "as_of": today()}
        ordered.be_done(StoredReport.objects.create(content=b"%PDF-", size=5, **said))
    order.refresh_from_db()
    return order


def make_round(*, by: User | None = None, opened: bool = True, **fields: Any) -> ReportingRound:
    """A round that is open from today and two weeks on; its status date is today."""
    on = fields.pop("on", today())
    fields.setdefault("name", f"Runde {next(_numbers)}")
    fields.setdefault("due_on", on + timedelta(days=12))
    fields.setdefault("closes_on", max(on, fields["due_on"]) + timedelta(days=14))
    found = ReportingRound.objects.create(**{"status_on": on, "opens_on": on} | fields)
    return found.open(by=by) if opened else found


def participation_of(municipality: Municipality) -> Participation:
    """The municipality's part in the newest round."""
    rows = Participation.objects.select_related("round", "municipality")
    return rows.filter(municipality=municipality).latest("round__opens_on")


def answer_all(participation: Participation, *, by: User, **content: Any) -> None:
    """A draft for everything that is asked and has no whole answer yet."""
    for recommendation in participation.missing():
        draft(participation, recommendation, by=by, **{"status": "planned", **content})


def draft(participation: Participation, recommendation: Recommendation, *, by: User, **content: Any) -> DraftAnswer:
    """A draft by somebody who has seen the one that is there."""
    seen = participation.drafts.filter(recommendation=recommendation).values_list("version", flat=True).first()
    return participation.draft(recommendation, by=by, seen=seen or 0, **content)


def make_question(recommendation: int = 10, slug: str = "", kind: str = "yes_no", **fields: Any) -> Question:
    """A key question; of a list when it has options: ``options="a b"``."""
    slug = slug or f"spoergsmaal-{next(_numbers)}"
    options = [{"value": value, "label": f"Svar {value}"} for value in fields.pop("options", "").split()]
    return Question.objects.create(
        recommendation=Recommendation.objects.get(slug=recommendation),
        slug=slug,
        text=fields.pop("text", f"Spørgsmålet {slug}?"),
        kind=kind,
        options=options,
        **fields,
    )


def make_answer(
    question: Question,
    municipality: Municipality,
    value: Any,
    *,
    by: User,
    effective_on: date | None = None,
    recorded_at: datetime | None = None,
    **fields: Any,
) -> KeyAnswer:
    """A row of the log of answers, recorded when the test says."""
    on = effective_on or (recorded_at.date() if recorded_at else today())
    membership = by.membership
    fields.setdefault("note", "Note" if fields.get("corrects") or fields.get("corrects_id") else "")
    return KeyAnswer.objects.create(
        question=question,
        municipality=municipality,
        value=value,
        effective_on=on,
        recorded_at=recorded_at or datetime.combine(on, datetime.min.time(), tzinfo=DANISH_TIME),
        recorded_by=by,
        recorded_for=membership.municipality,
        on_behalf_of=municipality if membership.is_kl else None,
        **fields,
    )


def make_event(slug: str = "proeve", **fields: Any) -> Event:
    defaults = {
        "title": "Prøveaftale",
        "kind": "aftale",
        "year": 2020,
        "precision": "year",
        "certainty": "sure",
        "standing": "happened",
        "description": "En prøve.",
        "lane": "kl",
    }
    return Event.objects.create(slug=slug, **defaults | fields)


def status_form(**fields: Any) -> dict[str, Any]:
    """What the form of a status sends."""
    sent = {"status": "in_progress", "signal": "yellow", "note": "Vi er i gang.", "key": uuid.uuid4(), "seen": ""}
    return sent | fields


def edit_fixture(fixtures: Path, name: str, old: str, new: str) -> None:
    """Say something else in a copy of the fixtures."""
    file = fixtures / name
    text = file.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
