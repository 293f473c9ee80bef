"""What a file of key questions holds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from import_export import widgets
from import_export.fields import Field

from initiatives.kinds import Kind
from initiatives.models import Question, Recommendation

from .columns import NaturalKey, OneOf, PlanKey, day_column, number_column, text_column, yes_no_column
from .exchange import VerbResource

OPTION_LIMIT = 120


class OptionsField(forms.CharField):
    """Options as lines: ``kode: Tekst``."""

    widget = forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(f"{option['value']}: {option['label']}" for option in value)
        return value

    def to_python(self, value: Any) -> Any:
        return [self._option(line) for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def _option(self, line: str) -> dict[str, str]:
        ProhibitNullCharactersValidator()(line)
        code, colon, label = (part.strip() for part in line.partition(":"))
        forms.SlugField(error_messages={"invalid": "Koden “%(value).40s” må kun have a-z, 0-9 og -."}).clean(code)
        if not colon or not label or len(label) > OPTION_LIMIT:
            raise ValidationError(
                f"Skriv hver svarmulighed som kode: tekst, med højst {OPTION_LIMIT} tegn. Se linjen “{line[:40]}”."
            )
        return {"value": code, "label": label}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def opening(asked_if: Question | None, typed: str) -> Any:
    """The answer that a question hangs on, as it is kept: ``ja`` and ``nej`` are yes and no."""
    answers: dict[str, Any] = {"ja": True, "nej": False} if asked_if and asked_if.kind == Kind.YES_NO else {}
    return answers.get(typed.lower(), typed) if typed else None


def opening_as_typed(value: Any) -> str:
    typed: str = {True: "ja", False: "nej", None: ""}.get(value, value)
    return typed


class RecommendationKey(NaturalKey):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return super().clean(PlanKey().clean(value), row, **kwargs)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return PlanKey().render(value.slug) if value else ""


class Options(widgets.Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            return OptionsField(required=False).clean(str(value or ""))
        except ValidationError as fault:
            raise ValueError(" ".join(fault.messages)) from fault

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(OptionsField().prepare_value(value or []))


class QuestionResource(VerbResource):
    """The questions. One that has been answered keeps its kind, its place and the options that were chosen."""

    slug = text_column("slug", "Kode")
    recommendation = Field("recommendation", "Anbefaling", RecommendationKey(Recommendation, "slug"))
    text = text_column("text", "Spørgsmål")
    help_text = text_column("help_text", "Hjælp")
    kind = Field("kind", "Svartype", OneOf(dict(Kind.choices)))
    options = Field("options", "Svarmuligheder", Options())
    unit = text_column("unit", "Enhed")
    allows_negative = yes_no_column("allows_negative", "Må være under 0")
    past_only = yes_no_column("past_only", "Ligger bagud")
    finding = text_column("finding", "Overskrift ved ja")
    asked_if = Field("asked_if", "Stilles kun ved svar på", NaturalKey(Question, "slug"))
    asked_if_value = text_column("asked_if_value", "Når svaret er")
    order = number_column("order", "Rækkefølge")
    retired_on = day_column("retired_on", "Stilles ikke fra")

    class Meta(VerbResource.Meta):
        model = Question
        name = "Spørgsmål"
        import_id_fields = ("slug",)
        fields = (
            "slug",
            "recommendation",
            "text",
            "help_text",
            "kind",
            "options",
            "unit",
            "allows_negative",
            "past_only",
            "finding",
            "asked_if",
            "asked_if_value",
            "order",
            "retired_on",
        )

    def get_queryset(self) -> Any:
        return Question.objects.select_related("recommendation", "asked_if")

    def dehydrate_asked_if_value(self, question: Question) -> str:
        return opening_as_typed(question.asked_if_value)

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        super().import_instance(instance, row, **kwargs)
        if isinstance(instance.asked_if_value, str):
            instance.asked_if_value = opening(instance.asked_if, instance.asked_if_value)

    def write(self, instance: Any, *, is_new: bool) -> None:
        instance.save()
