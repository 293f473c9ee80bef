"""What our e-mails about rounds, cases and reports say. A letter without a purpose when its turn comes is not sent."""

from __future__ import annotations

from typing import Any

from flere_haender.days import today
from stakeholders.letters import Letter, letter
from stakeholders.models import Message

from .models import Case, CaseDecision, Decision, Participation, ReportOrder, State
from .models.orders import READY


def _owed(**which: Any) -> list[dict[str, Any]]:
    """What is owed now, the soonest deadline first: the round, how far, by when and where."""
    rows = Participation.objects.owing(on=today()).filter(**which).select_related("round", "municipality")
    return [
        {
            "here": here,
            "asked": here.round.asked.count(),
            "answered": here.round.asked.count() - len(here.missing()),
            "is_late": here.deadline < today(),
            "path": f"{here.get_absolute_url()}?runde={here.round_id}",
        }
        for here in sorted(rows, key=lambda here: here.deadline)
    ]


@letter("round_opened")
def round_opened(message: Message) -> Letter | None:
    owed = _owed(pk=message.about["participation"])
    if not owed:
        return None
    return Letter(f"{owed[0]['here'].round.name}: runden er åben", "round_opened", {"owed": owed[0]})


@letter("reminder")
def reminder(message: Message) -> Letter | None:
    owed = _owed(municipality=message.about["municipality"])
    if not owed:
        return None
    first = owed[0]["here"]
    when = "var" if owed[0]["is_late"] else "er"
    subject = f"{first.round.name}: fristen {when} den {first.deadline.day}.{first.deadline.month}."
    return Letter(subject, "reminder", {"owed": owed, "municipality": first.municipality})


def _decided(message: Message) -> tuple[Decision, dict[str, Any]]:
    rows = Decision.objects.select_related("participation__round", "participation__municipality", "made_by")
    decision = rows.get(pk=message.about["decision"])
    here = decision.participation
    path = f"{here.get_absolute_url()}?runde={here.round_id}"
    who = decision.made_by.shown_to(message.recipient)
    return decision, {"decision": decision, "here": here, "path": path, "who": who}


@letter("returned")
def returned(message: Message) -> Letter | None:
    decision, context = _decided(message)
    if decision.participation.state != State.RETURNED:
        return None
    return Letter(f"{decision.participation.round.name}: KL har sendt jeres svar tilbage", "returned", context)


@letter("accepted")
def accepted(message: Message) -> Letter | None:
    decision, context = _decided(message)
    if decision.participation.state != State.ACCEPTED:
        return None
    return Letter(f"{decision.participation.round.name}: KL har godkendt jeres svar", "accepted", context)


@letter("extended")
def extended(message: Message) -> Letter | None:
    decision, context = _decided(message)
    if decision.participation.is_handed_in or decision.due_on != decision.participation.due_on:
        return None
    return Letter(f"{decision.participation.round.name}: I har fået en ny frist", "extended", context)


@letter("with_leader")
def with_leader(message: Message) -> Letter | None:
    decision, context = _decided(message)
    if decision.participation.state != State.WITH_LEADER:
        return None
    return Letter(
        f"{decision.participation.round.name}: svarene er klar til at blive indsendt", "with_leader", context
    )


@letter("nudge")
def nudge(message: Message) -> Letter | None:
    """KL's consultant reminds, with words of their own."""
    decision, context = _decided(message)
    owed = _owed(municipality=decision.participation.municipality_id)
    if not owed:
        return None
    return Letter(f"{decision.participation.round.name}: KL minder om jeres svar", "nudge", {**context, "owed": owed})


@letter("taken_back")
def taken_back(message: Message) -> Letter | None:
    decision, context = _decided(message)
    if not decision.participation.takes_answers():
        return None
    return Letter(f"{decision.participation.round.name}: svarene skal rettes", "taken_back", context)


def _on_case(message: Message) -> CaseDecision:
    rows = CaseDecision.objects.select_related("action__municipality", "made_by")
    return rows.get(pk=message.about["case_decision"])


@letter("case_returned")
def case_returned(message: Message) -> Letter | None:
    decision = _on_case(message)
    if decision.action.case_decisions.first() != decision:
        return None
    return Letter("KL har sendt jeres forslag til en case tilbage", "case_returned", {"decision": decision})


@letter("case_published")
def case_published(message: Message) -> Letter | None:
    decision = _on_case(message)
    case = Case.objects.published().filter(from_action=decision.action).first()
    if case is None:
        return None
    return Letter("Jeres indsats er nu en case", "case_published", {"decision": decision, "case": case})


@letter(READY)
def reports_ready(message: Message) -> Letter | None:
    """The ZIP that the recipient ordered; nothing when it has expired, or they may not have it any more."""
    order = ReportOrder.objects.zips_of(message.recipient).counted().filter(pk=message.about["order"]).first()
    if order is None:
        return None
    return Letter(f"{order.title}: rapporterne er klar", "reports_ready", {"order": order})
