"""A municipality in the rounds: its part in each, its drafts, what it has handed in and what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from initiatives.exporting import each
from initiatives.models import Decision, DraftAnswer, Participation, Submission
from initiatives.status import STATUS_LABELS
from stakeholders.models import Municipality

from .log import RECOMMENDATION
from .table import Field, Table, as_json, day, moment, number, yes_no

ROUND = Field("Runde", lambda row: row.participation.round.name)


def _participations(municipality: Municipality, reader: Any) -> Iterable[Any]:
    rows = Participation.objects.visible_to(reader).filter(municipality=municipality).select_related("round")
    return each(rows.order_by("pk"))


PARTICIPATIONS = Table(
    "runder",
    "Statusrunder, kommunen er med i",
    "En linje for hver runde.",
    (
        Field("Runde", lambda row: row.round.name),
        day("Status pr.", lambda row: row.round.status_on),
        Field("Tilstand", lambda row: row.get_state_display()),
        day("Frist", lambda row: row.deadline, "Kommunens egen, hvis den har fået en, ellers rundens."),
    ),
    _participations,
    (Participation,),
)


def _of_rounds(model: Any, *signers: str) -> Any:
    """The rows of a municipality's part in the rounds, with ``author``: who did it, as the reader may know them."""

    def rows(municipality: Municipality, reader: Any) -> Iterable[Any]:
        parts = Participation.objects.visible_to(reader).filter(municipality=municipality)
        found = model.objects.filter(participation__in=parts).select_related("participation__round", *signers)
        names: dict[int, str] = {}
        for row in each(found.order_by("pk")):
            user = getattr(row, signers[0])
            if user.pk not in names:
                names[user.pk] = user.shown_to(reader)
            row.author = names[user.pk]
            yield row

    return rows


DRAFTS = Table(
    "kladder",
    "Kladder i runderne",
    "Det, der er skrevet i en runde. En kladde bliver liggende, også når svaret er indsendt.",
    (
        ROUND,
        Field("Anbefaling", lambda row: row.recommendation.slug, RECOMMENDATION),
        Field("Status", lambda row: STATUS_LABELS[row.status] if row.status else ""),
        Field("Trafiklys", lambda row: row.get_signal_display()),
        day("Ventes", lambda row: row.expected_on),
        Field("Note", lambda row: row.note),
        Field("Intern note", lambda row: row.internal_note, "Kun for kommunen selv og KL."),
        Field("Svar på spørgsmål", lambda row: as_json(row.key_answers or None), "JSON: spørgsmålets kode og svaret."),
        yes_no("Hel", lambda row: row.is_complete, "Om svaret kan indsendes."),
        moment("Gemt", lambda row: row.updated_at),
        Field("Af", lambda row: row.author),
        Field("Oprindelse", lambda row: row.get_origin_display(), "Tom, hvis det er skrevet her."),
    ),
    _of_rounds(DraftAnswer, "updated_by", "recommendation"),
    (DraftAnswer,),
)

SUBMISSIONS = Table(
    "indberetninger",
    "Indberetninger",
    "En linje for hver gang, kommunen har indsendt. Svarene står i statusser.csv og svar-paa-spoergsmaal.csv.",
    (
        number("Id", lambda row: row.pk),
        ROUND,
        number("Nr.", lambda row: row.number, "Indberetningens nummer i runden."),
        moment("Indsendt", lambda row: row.submitted_at),
        Field("Af", lambda row: row.author),
        Field("For", lambda row: row.organisation),
    ),
    _of_rounds(Submission, "submitted_by", "submitted_for", "participation__municipality"),
    (Submission,),
)

DECISIONS = Table(
    "afgoerelser",
    "Afgørelser i runderne",
    "Det, KL eller kommunens leder har svaret: godkendt, sendt tilbage, ny frist.",
    (
        ROUND,
        Field("Afgørelse", lambda row: row.get_kind_display()),
        moment("Tidspunkt", lambda row: row.made_at),
        Field("Af", lambda row: row.author),
        Field("Kommentar", lambda row: row.comment),
        day("Ny frist", lambda row: row.due_on),
    ),
    _of_rounds(Decision, "made_by"),
    (Decision,),
)
