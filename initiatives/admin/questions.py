"""The key questions, which KL edits, and the log of what is answered, to look at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Count
from django.http import HttpRequest

from flere_haender.days import DANISH_TIME
from initiatives.models import KeyAnswer, Question
from stakeholders.admin import KeptAdmin, ReadOnlyAdmin

from .exchange import ExchangeMixin
from .log_resources import KeyAnswerResource
from .question_resources import OptionsField, QuestionResource, opening, opening_as_typed


class QuestionAdminForm(forms.ModelForm):
    options = OptionsField(
        label="Svarmuligheder",
        required=False,
        help_text=(
            "En på hver linje, som “delvist: Delvist”. Koden gemmes og må ikke ændres. Teksten vises. "
            "Koden ingen står alene, når der kan vælges flere."
        ),
    )
    asked_if_value = forms.CharField(
        label="Når svaret er", required=False, help_text="ja, nej eller koden for en svarmulighed."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["asked_if_value"] = opening_as_typed(self.instance.asked_if_value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["asked_if_value"] = opening(cleaned.get("asked_if"), cleaned.get("asked_if_value", "").strip())
        return cleaned


@admin.register(Question)
class QuestionAdmin(ExchangeMixin, KeptAdmin):
    form = QuestionAdminForm
    resource_classes = [QuestionResource]
    file_stem = "spoergsmaal"
    list_display = ("text", "recommendation", "kind", "order", "answer_count", "retired_on")
    list_filter = ("kind", "retired_on", "recommendation")
    list_select_related = ("recommendation",)
    search_fields = ("text", "slug", "help_text", "=recommendation__number", "recommendation__short_name")
    search_help_text = "Spørgsmål, kode, anbefalingens nummer eller korte navn"
    key_fields = ("slug",)
    formfield_overrides = {models.CharField: {"widget": forms.TextInput(attrs={"class": "vLargeTextField"})}}
    fieldsets = (
        (None, {"fields": ("recommendation", "slug", "text", "help_text", "kind", "order", "retired_on")}),
        ("Hvad der kan svares", {"fields": ("options", "unit", "allows_negative", "past_only", "finding")}),
        ("Kun ved et bestemt svar på et andet spørgsmål", {"fields": ("asked_if", "asked_if_value")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(answer_count=Count("answers"))

    @admin.display(description="svar i loggen", ordering="answer_count")
    def answer_count(self, question: Any) -> int:
        return int(question.answer_count)


@admin.register(KeyAnswer)
class KeyAnswerAdmin(ExchangeMixin, ReadOnlyAdmin):
    """The log. It is written on the municipality's page."""

    resource_classes = [KeyAnswerResource]
    file_stem = "svar-paa-spoergsmaal"

    list_display = ("answer", "question", "municipality", "holds_from", "recorded", "organisation")
    list_filter = ("recorded_at", "question__recommendation")
    list_select_related = ("question", "municipality", "recorded_by", "recorded_for", "on_behalf_of")
    search_fields = ("question__text", "question__slug", "=question__recommendation__number", "municipality__name")
    fields = ("question", "municipality", "answer", "note", "effective_on", "recorded_at", "author", "corrects")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.reader = request.user
        return row

    @admin.display(description="svar")
    def answer(self, row: KeyAnswer) -> str:
        return row.said or "Trukket tilbage"

    @admin.display(description="gælder fra", ordering="effective_on")
    def holds_from(self, row: KeyAnswer) -> str:
        return f"{row.effective_on:%d.%m.%Y}"

    @admin.display(description="registreret", ordering="recorded_at")
    def recorded(self, row: KeyAnswer) -> str:
        return f"{row.recorded_at.astimezone(DANISH_TIME):%d.%m.%Y %H.%M}"

    @admin.display(description="skrevet af")
    def author(self, row: Any) -> str:
        return row.author_for(row.reader)

    @admin.display(description="skrevet af")
    def organisation(self, row: KeyAnswer) -> str:
        return row.organisation
