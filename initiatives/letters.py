"""What our e-mails about rounds, cases and reports say. One without a purpose when its turn comes is not sent."""

from __future__ import annotations

from typing import Any

from django.utils.dateformat import format as as_text

from flere_haender.days import danish_day, today
from stakeholders.letters import letter, on_day, to_page
from stakeholders.models import Message
from stakeholders.texts import Lines, Values

from .models import Case, CaseDecision, Decision, Participation, ReportOrder, State
from .models.orders import READY

ROUND = "Foråret 2027"
PAGE = "/kommuner/999/status/?runde=2"
ABOUT_ROUND = {"runde": ROUND, "kommune": "Korsbæk Kommune", "frist": "fredag den 7. maj 2027"}
COMMENT = {"kommentar": "Ring, hvis I er i tvivl."}
CASE = {"indsats": "Fast vejledningsdag"}
OWED = Lines([(to_page(ROUND, PAGE), ": 12 af 20 besvaret. Fristen er fredag den 7. maj 2027.")])
CORRECT, READ = "Ret svarene, og indsend igen", "Se svarene igennem, og indsend"


def _owing(**which: Any) -> list[Participation]:
    """What is owed now, the soonest deadline first."""
    rows = Participation.objects.owing(on=today()).filter(**which).select_related("round", "municipality")
    return sorted(rows, key=lambda here: here.deadline)


def _path(here: Participation) -> str:
    return f"{here.get_absolute_url()}?runde={here.round_id}"


def _is_late(here: Participation) -> bool:
    return here.deadline < today()


def _owed(rows: list[Participation]) -> Lines:
    return Lines((to_page(here.round.name, _path(here)), _how_far(here)) for here in rows)


def _how_far(here: Participation) -> str:
    asked, missing = here.round.asked.count(), len(here.missing())
    where = ", ligger hos lederen" if here.state == State.WITH_LEADER else "" if missing else ", ikke indsendt"
    due = f"Fristen {'var' if _is_late(here) else 'er'} {on_day(here.deadline)}."
    more = f" I kan svare til og med {on_day(here.last_day)}." if _is_late(here) else ""
    return f": {asked - missing} af {asked} besvaret{where}. {due}{more}"


def _about(here: Participation) -> dict[str, Any]:
    return {"runde": here.round.name, "kommune": str(here.municipality), "frist": on_day(here.deadline)}


@letter(
    "round_opened",
    "Når en runde åbner",
    subject="{runde}: runden er åben",
    body="""
KL har åbnet statusrunden “{runde}”. {kommune} bliver spurgt om {antal} anbefalinger.

Fristen er {frist}. Er et svar som sidst, så tryk Uændret.

Besked fra KL: {besked}

Svar her:

{link}""",
    **ABOUT_ROUND,
    antal="20",
    besked="Svarene bruges til det nationale overblik.",
    link=to_page("Svar på runden", PAGE),
)
def round_opened(message: Message) -> Values | None:
    for here in _owing(pk=message.about["participation"]):
        asked = {"antal": here.round.asked.count(), "besked": here.round.message}
        return {**_about(here), **asked, "link": to_page("Svar på runden", _path(here))}
    return None


@letter(
    "reminder",
    "Påmindelse, der sendes af sig selv før og efter fristen",
    subject="{runde}: {fristen}",
    body="""
{kommune} mangler at svare KL:

{svar}""",
    kommune=ABOUT_ROUND["kommune"],
    runde=ROUND,
    fristen="fristen er den 7.5.",
    svar=OWED,
)
def reminder(message: Message) -> Values | None:
    owing = _owing(municipality=message.about["municipality"])
    if not owing:
        return None
    first = owing[0]
    due = f"fristen {'var' if _is_late(first) else 'er'} den {first.deadline.day}.{first.deadline.month}."
    return {**_about(first), "fristen": due, "svar": _owed(owing)}


def _decided(message: Message, label: str, *states: State) -> tuple[Decision, dict[str, Any]] | None:
    """The decision that the letter is about, and what it says; None when the answer has moved on."""
    rows = Decision.objects.select_related("participation__round", "participation__municipality", "made_by")
    decision = rows.get(pk=message.about["decision"])
    here = decision.participation
    if states and here.state not in states:
        return None
    said = {"kommentar": decision.comment, "link": to_page(label, _path(here))}
    return decision, {**_about(here), **said}


@letter(
    "returned",
    "Når KL sender svarene tilbage",
    subject="{runde}: KL har sendt jeres svar tilbage",
    body="""
KL har sendt svarene fra {kommune} til “{runde}” tilbage. I har frist til og med {frist}. \
Alt, hvad I har svaret, står der endnu.

“{kommentar}”

{link}""",
    **ABOUT_ROUND,
    **COMMENT,
    link=to_page(CORRECT, PAGE),
)
def returned(message: Message) -> Values | None:
    found = _decided(message, CORRECT, State.RETURNED)
    return found and found[1]


@letter(
    "accepted",
    "Når KL godkender svarene",
    subject="{runde}: KL har godkendt jeres svar",
    body="""
KL har godkendt svarene fra {kommune} til “{runde}”. Tak for dem.

“{kommentar}”

{link}""",
    **ABOUT_ROUND,
    **COMMENT,
    link=to_page("Se svarene", PAGE),
)
def accepted(message: Message) -> Values | None:
    found = _decided(message, "Se svarene", State.ACCEPTED)
    return found and found[1]


@letter(
    "extended",
    "Når KL giver en kommune en ny frist",
    subject="{runde}: I har fået en ny frist",
    body="""
KL har givet {kommune} en ny frist til “{runde}”: {frist}.

“{kommentar}”

{link}""",
    **ABOUT_ROUND,
    **COMMENT,
    link=to_page("Svar på runden", PAGE),
)
def extended(message: Message) -> Values | None:
    found = _decided(message, "Svar på runden")
    if not found or found[0].participation.is_handed_in or found[0].due_on != found[0].participation.due_on:
        return None
    return found[1]


@letter(
    "with_leader",
    "Når redaktøren sender svarene til lederen",
    subject="{runde}: svarene er klar til at blive indsendt",
    body="""
{redaktør} har svaret på “{runde}” for {kommune}. Du indsender svarene. Fristen er {frist}.

“{kommentar}”

{link}""",
    **ABOUT_ROUND,
    **COMMENT,
    redaktør="Hanne Lund",
    link=to_page(READ, PAGE),
)
def with_leader(message: Message) -> Values | None:
    found = _decided(message, READ, State.WITH_LEADER)
    return found and {**found[1], "redaktør": found[0].made_by.shown_to(message.recipient)}


@letter(
    "nudge",
    "Påmindelse, som en konsulent sender",
    subject="{runde}: KL minder om jeres svar",
    body="""
KL minder om statusrunden.

“{kommentar}”

{svar}""",
    runde=ROUND,
    kommune=ABOUT_ROUND["kommune"],
    **COMMENT,
    svar=OWED,
)
def nudge(message: Message) -> Values | None:
    """KL's consultant reminds, with words of their own."""
    found = _decided(message, "")
    owing = _owing(municipality=found[0].participation.municipality_id) if found else []
    return {**found[1], "svar": _owed(owing)} if found and owing else None


@letter(
    "taken_back",
    "Når svarene kommer tilbage fra lederen",
    subject="{runde}: svarene skal rettes",
    body="""
Svarene fra {kommune} til “{runde}” skal rettes, før de kan indsendes. Fristen er {frist}.

“{kommentar}”

{link}""",
    **ABOUT_ROUND,
    **COMMENT,
    link=to_page("Ret svarene", PAGE),
)
def taken_back(message: Message) -> Values | None:
    found = _decided(message, "Ret svarene")
    return found[1] if found and found[0].participation.takes_answers() else None


def _on_case(message: Message) -> CaseDecision:
    rows = CaseDecision.objects.select_related("action__municipality", "made_by")
    return rows.get(pk=message.about["case_decision"])


@letter(
    "case_returned",
    "Når KL sender et forslag til en case tilbage",
    subject="KL har sendt jeres forslag til en case tilbage",
    body="""
KL har sendt jeres forslag “{indsats}” tilbage. Indsatsen er stadig delt med kommunerne. \
Ret den, og foreslå den igen, hvis I vil.

“{kommentar}”

{link}""",
    **CASE,
    **COMMENT,
    link=to_page("Se indsatsen", "/indsatser/7/"),
)
def case_returned(message: Message) -> Values | None:
    decision = _on_case(message)
    if decision.action.case_decisions.first() != decision:
        return None
    link = to_page("Se indsatsen", decision.action.get_absolute_url())
    return {"indsats": decision.action.title, "kommentar": decision.comment, "link": link}


@letter(
    "case_published",
    "Når KL publicerer en case",
    subject="Jeres indsats er nu en case",
    body="""
KL har publiceret jeres indsats “{indsats}” som en case, så alle kan lære af den. \
KL har skrevet den om. Sig til, hvis noget ikke passer.

{link}""",
    **CASE,
    link=to_page("Fast vejledningsdag for alle elever", "/casebank/fast-vejledningsdag/"),
)
def case_published(message: Message) -> Values | None:
    decision = _on_case(message)
    case = Case.objects.published().filter(from_action=decision.action).first()
    if case is None:
        return None
    return {"indsats": decision.action.title, "link": to_page(case.title, case.get_absolute_url())}


@letter(
    READY,
    "Når bestilte rapporter er lavet",
    subject="{bestilling}: {resultat}",
    body="""
Du har bestilt {bestilling}. {antal}

{fejl} På siden står hvorfor.

{link}

Rapporterne kan hentes til og med {udløb}.""",
    bestilling="Status pr. 1. maj 2027, KKR Sjælland",
    resultat="rapporterne er klar",
    antal="15 af 17 rapporter er lavet.",
    fejl="2 kunne ikke laves.",
    link=to_page("Se og hent rapporterne", "/rapporter/bestillinger/7/"),
    udløb="8. maj 2027",
)
def reports_ready(message: Message) -> Values | None:
    """The ZIP that the recipient ordered; nothing when it has expired, or they may not have it any more."""
    order: Any = ReportOrder.objects.zips_of(message.recipient).counted().filter(pk=message.about["order"]).first()
    if order is None:
        return None
    return {
        "bestilling": order.title,
        "resultat": "rapporterne er klar" if order.done else "rapporterne kunne ikke laves",
        "antal": f"{order.done} af {order.total} rapporter er lavet.",
        "fejl": f"{order.failed} kunne ikke laves." if order.failed else "",
        "link": to_page("Se og hent rapporterne" if order.done else "Se bestillingen", order.get_absolute_url()),
        "udløb": as_text(danish_day(order.expires_at), "j. F Y") if order.done else "",
    }
