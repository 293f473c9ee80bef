"""What a municipality has said: the cells, its statuses and its answers to questions, with every correction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flere_haender.days import today
from initiatives.exporting import each
from initiatives.history import SAID_BY
from initiatives.kinds import said
from initiatives.models import KeyAnswer, Progress, StatusUpdate
from initiatives.status import STATUS_LABELS
from stakeholders.models import Municipality

from .table import Field, Table, as_json, day, moment, number, signed, yes_no

RECOMMENDATION = "Kode for anbefalingen, som i adressen på dens side. I Flere hænder 2.0 er det dens nummer."


def _cells(municipality: Municipality, reader: Any) -> Iterable[Any]:
    rows = Progress.objects.visible_to(reader).filter(municipality=municipality).with_status(as_of=today())
    return each(rows.select_related("recommendation").order_by("recommendation"))


CELLS = Table(
    "anbefalinger",
    "Anbefalingerne, som de står nu",
    "En linje for hver anbefaling, også dem, kommunerne ikke bliver spurgt om.",
    (
        Field("Anbefaling", lambda row: row.recommendation.slug, RECOMMENDATION),
        Field("Kort navn", lambda row: row.recommendation.short_name),
        Field("Status", lambda row: STATUS_LABELS[row.status], "Det, der gælder nu."),
        number("Statusnotat", lambda row: row.current_id, "Id på den linje i statusser.csv, der siger det."),
        Field("Ansvarlig enhed", lambda row: row.responsible_unit),
    ),
    _cells,
    (Progress,),
)


def _statuses(municipality: Municipality, reader: Any) -> Iterable[Any]:
    rows = StatusUpdate.objects.visible_to(reader).filter(progress__municipality=municipality)
    rows = rows.with_standing(as_of=today()).select_related(*SAID_BY, "progress__recommendation").order_by("pk")
    for row in signed(each(rows), reader):
        row.shown_note = row.internal_note_for(reader)
        yield row


def _sort_of(row: StatusUpdate) -> str:
    if row.is_withdrawal:
        return "Tilbagetrækning"
    return "Rettelse" if row.is_correction else "Bekræftelse" if row.is_confirmation else "Svar"


_AUTHOR = Field("Af", lambda row: row.author, "Hvem der skrev, og hvem de skrev for.")
_STANDS = yes_no("Står", lambda row: row.stands, "Nej, hvis linjen er rettet eller trukket tilbage.")
_CORRECTS = number("Retter", lambda row: row.corrects_id, "Id på den linje i filen, som denne træder i stedet for.")
# What every row of a log has at its end.
_RECORDED = (
    day("Gælder fra", lambda row: row.effective_on),
    moment("Registreret", lambda row: row.recorded_at),
    _AUTHOR,
    Field("Oprindelse", lambda row: row.get_origin_display(), "Tom, hvis det er skrevet her."),
    number("Indberetning", lambda row: row.submission_id, "Id i indberetninger.csv, hvis det kom ind i en runde."),
    _CORRECTS,
    _STANDS,
)

STATUSES = Table(
    "statusser",
    "Statusser med hele historikken",
    "En linje for hver gang, der er svaret, bekræftet, rettet eller trukket tilbage. Ingen linje er ændret siden.",
    (
        number("Id", lambda row: row.pk),
        Field("Anbefaling", lambda row: row.progress.recommendation.slug, RECOMMENDATION),
        Field("Art", _sort_of, "Svar, Bekræftelse, Rettelse eller Tilbagetrækning."),
        Field("Status", lambda row: STATUS_LABELS[row.status] if row.status else ""),
        Field("Trafiklys", lambda row: row.get_signal_display()),
        day("Ventes", lambda row: row.expected_on, "Forventet start eller slut."),
        Field("Note", lambda row: row.note, "Deles med kommunerne og KL."),
        Field("Intern note", lambda row: row.shown_note, "Kun for kommunen selv og KL."),
        *_RECORDED,
        number("Bekræfter", lambda row: row.confirms_id, "Id på den linje, der er gentaget."),
    ),
    _statuses,
    (StatusUpdate,),
)


def _answers(municipality: Municipality, reader: Any) -> Iterable[Any]:
    rows = KeyAnswer.objects.visible_to(reader).filter(municipality=municipality).with_standing(as_of=today())
    return signed(each(rows.select_related(*SAID_BY, "question__recommendation").order_by("pk")), reader)


ANSWERS = Table(
    "svar-paa-spoergsmaal",
    "Svar på spørgsmål med hele historikken",
    "En linje for hver gang, der er svaret, rettet eller trukket tilbage.",
    (
        number("Id", lambda row: row.pk),
        Field("Anbefaling", lambda row: row.question.recommendation.slug, RECOMMENDATION),
        Field("Spørgsmål", lambda row: row.question.text),
        Field("Kode", lambda row: row.question.slug, "Spørgsmålets faste kode."),
        Field("Svar", lambda row: said(row.question, row.value), "Tom, hvis svaret er trukket tilbage."),
        Field("Værdi", lambda row: as_json(row.value), "Svaret som JSON, for programmer."),
        Field("Note", lambda row: row.note),
        *_RECORDED,
    ),
    _answers,
    (KeyAnswer,),
)
