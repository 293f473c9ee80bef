"""What a file of the logs holds: as much of each row as the one who exports it may see. Nothing comes in this way."""

from __future__ import annotations

from typing import Any

from import_export.fields import Field

from flere_haender.days import DANISH_TIME
from initiatives.models import KeyAnswer, StatusUpdate
from initiatives.old_statuses.reading import NATIONAL
from initiatives.old_statuses.taking import DAY, EXPECTED, INTERNAL, NOTE, NUMBER, PLACE, SIGNAL, STATUS

from .columns import PlanKey, day_column, text_column
from .exchange import VerbResource


class LogResource(VerbResource):
    """Rows of a log: who said it, when, and from where."""

    recorded_at = Field(column_name="Registreret")
    author = Field(column_name="Skrevet af")
    origin = Field(column_name="Oprindelse")
    corrects = Field(column_name="Retter svaret fra")

    def dehydrate_recorded_at(self, row: Any) -> str:
        return f"{row.recorded_at.astimezone(DANISH_TIME):%d.%m.%Y %H.%M}"

    def dehydrate_author(self, row: Any) -> str:
        return str(row.author_for(self.by))

    def dehydrate_origin(self, row: Any) -> str:
        return str(row.get_origin_display())

    def dehydrate_corrects(self, row: Any) -> Any:
        return row.corrects.effective_on if row.corrects else None


class StatusUpdateResource(LogResource):
    """The log of statuses, in the long form that ``old_statuses`` reads."""

    place = Field(column_name=PLACE)
    number = Field(column_name=NUMBER)
    name = Field(column_name="Kort navn")
    status = Field(column_name=STATUS)
    signal = Field(column_name=SIGNAL)
    expected_on = day_column("expected_on", EXPECTED)
    note = text_column("note", NOTE)
    internal_note = Field(column_name=INTERNAL)
    effective_on = day_column("effective_on", DAY)

    class Meta(VerbResource.Meta):
        model = StatusUpdate
        name = "Statusnotater"
        fields = (
            *("place", "number", "name", "status", "signal", "expected_on", "note", "internal_note", "effective_on"),
            *("recorded_at", "author", "origin", "corrects"),
        )

    def dehydrate_place(self, row: StatusUpdate) -> str:
        return str(row.progress.municipality or NATIONAL)

    def dehydrate_number(self, row: StatusUpdate) -> Any:
        return PlanKey().render(row.progress.recommendation.slug)

    def dehydrate_name(self, row: StatusUpdate) -> str:
        return row.progress.recommendation.short_name

    def dehydrate_status(self, row: StatusUpdate) -> str:
        return row.label

    def dehydrate_signal(self, row: StatusUpdate) -> str:
        return str(row.get_signal_display())

    def dehydrate_internal_note(self, row: StatusUpdate) -> str:
        return row.internal_note_for(self.by)


class KeyAnswerResource(LogResource):
    """The log of answers to key questions, in words."""

    place = Field(column_name=PLACE)
    question = Field(column_name="Spørgsmålets kode")
    text = Field(column_name="Spørgsmål")
    answer = Field(column_name="Svar")
    note = text_column("note", NOTE)
    effective_on = day_column("effective_on", DAY)

    class Meta(VerbResource.Meta):
        model = KeyAnswer
        name = "Svar på spørgsmål"
        fields = (
            *("place", "question", "text", "answer", "note", "effective_on"),
            *("recorded_at", "author", "origin", "corrects"),
        )

    def dehydrate_place(self, row: KeyAnswer) -> str:
        return str(row.municipality)

    def dehydrate_question(self, row: KeyAnswer) -> str:
        return row.question.slug

    def dehydrate_text(self, row: KeyAnswer) -> str:
        return row.question.text

    def dehydrate_answer(self, row: KeyAnswer) -> str:
        return row.said or "Trukket tilbage"
