"""Key questions as fields of a form: for a page of their own, and for every other form that asks them.

A page that asks a recommendation's questions inside its own ``<form>`` makes a ``QuestionsForm`` beside its own
form, with the same data, and renders it where the questions belong::

    questions = QuestionsForm(asked, request.POST or None, held={"strategi-vedtaget": True})
    {% include "initiatives/_questions.html" with questions=questions %}
    if questions.is_valid():
        draft.values = questions.values     # {"strategi-vedtaget": True, "strategi-dato": None}, ready for JSON

The names of the fields hold the slug of the question, so the questions of a whole page can stand in one ``<form>``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from flere_haender.days import today
from flere_haender.form_keys import BROKEN_FORM
from stakeholders.models import Municipality

from .forms import EARLIEST
from .kinds import NO, YES, Kind, checked, danish_number
from .models import KeyAnswer, Question, Recommendation
from .models.question import answer_all

NO_ANSWER = ("", "Ikke besvaret")
CHOOSE = {"invalid_choice": "Vælg et svar fra listen.", "invalid_list": "Vælg svar fra listen."}
# 12 and 12,5, with or without points at the thousands.
DANISH_NUMBER = re.compile(r"-?(\d{1,12}|\d{1,3}(\.\d{3}){1,3})(,\d{1,6})?")


class OpeningRadio(forms.RadioSelect):
    """Marks the answers that further questions hang on, for the style sheet: ``data-opens``."""

    opening: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.opening:
            option["attrs"]["data-opens"] = True
        return option


class OpeningCheckboxes(OpeningRadio, forms.CheckboxSelectMultiple):
    """The same for several answers."""

    allow_multiple_selected = True
    input_type = "checkbox"
    template_name = forms.CheckboxSelectMultiple.template_name
    option_template_name = forms.CheckboxSelectMultiple.option_template_name


class NumberField(forms.CharField):
    """A number as Danes write it."""

    def to_python(self, value: Any) -> Any:
        text = (super().to_python(value) or "").replace(" ", "")
        if text and not DANISH_NUMBER.fullmatch(text):
            raise ValidationError("Skriv et tal som 12 eller 12,5.")
        number = float(text.replace(".", "").replace(",", ".")) if text else None
        return int(number) if number is not None and number.is_integer() else number


class LinkField(forms.CharField):
    """An address; one that begins with ``www.`` is taken to be https."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return f"https://{text}" if text.lower().startswith("www.") else text


class DayField(forms.DateField):
    """A day, cleaned to ISO."""

    def to_python(self, value: Any) -> Any:
        day = super().to_python(value)
        return day.isoformat() if day else None


def field_for(question: Question, opening: Iterable[Any] = ()) -> forms.Field:
    """The form field of a question. Its clean value is what ``initiatives.kinds.checked`` takes, or empty.

    Args:
        opening: the answers that further questions hang on.
    """
    field: Any = _FIELDS[Kind(question.kind)](question)
    field.required, field.label, field.help_text = False, question.text, question.help_text
    field.question = question
    if isinstance(field.widget, OpeningRadio):
        field.widget.opening = frozenset(as_typed(question, value) for value in opening)
    return field


def _radios(choices: Iterable[tuple[str, str]]) -> forms.Field:
    return forms.ChoiceField(choices=[*choices, NO_ANSWER], widget=OpeningRadio, error_messages=CHOOSE)


_YES_NO = {"ja": True, "nej": False}
_FIELDS = {
    Kind.YES_NO: lambda question: _radios([("ja", YES), ("nej", NO)]),
    Kind.CHOICE: lambda question: _radios(question.labels.items()),
    Kind.CHOICES: lambda question: forms.MultipleChoiceField(
        choices=list(question.labels.items()), widget=OpeningCheckboxes, error_messages=CHOOSE
    ),
    Kind.NUMBER: lambda question: NumberField(widget=forms.TextInput(attrs={"inputmode": "decimal"})),
    Kind.DATE: lambda question: DayField(
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        error_messages={"invalid": "Skriv en dato som 2026-05-31 eller 31.05.2026."},
    ),
    Kind.LINK: lambda question: LinkField(widget=forms.URLInput),
}


def as_typed(question: Question, value: Any) -> Any:
    """A value of the log as the field shows it."""
    if question.kind == Kind.YES_NO:
        return {True: "ja", False: "nej"}.get(value, "")
    if question.kind == Kind.NUMBER:
        return "" if value is None else danish_number(value)
    if question.kind == Kind.DATE:
        return date.fromisoformat(value) if value else None
    return value or ([] if question.kind == Kind.CHOICES else "")


def field_name(question: Question) -> str:
    return f"spg-{question.slug}"


class QuestionsForm(forms.Form):
    """The questions of one recommendation.

    Args:
        questions: in their order, as ``Question.objects.active`` gives them.
        held: what is answered so far, by slug; the fields start with it.
    """

    def __init__(
        self, questions: Iterable[Question], data: Any = None, *, held: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        self.questions = list(questions)
        held = held or {}
        initial = {field_name(q): as_typed(q, held.get(q.slug)) for q in self.questions}
        super().__init__(data, initial=initial | kwargs.pop("initial", {}), **{"auto_id": "id-%s"} | kwargs)
        for question in self.questions:
            self.fields[field_name(question)] = field_for(
                question, [q.asked_if_value for q in self.questions if q.asked_if_id == question.pk]
            )

    def groups(self) -> Iterator[tuple[forms.BoundField, list[forms.BoundField]]]:
        """Each question that is always asked, with those that hang on it; for ``initiatives/_questions.html``."""
        here = {question.pk for question in self.questions}
        for question in self.questions:
            if question.asked_if_id not in here:
                hanging = [self[field_name(q)] for q in self.questions if q.asked_if_id == question.pk]
                yield self[field_name(question)], hanging

    def clean(self) -> dict[str, Any]:
        """Hold each answer against the rules; what hangs on another answer and is not asked is let go."""
        cleaned = super().clean() or self.cleaned_data
        self.values: dict[str, Any] = {}
        for question in self.questions:
            self._take(question, cleaned.get(field_name(question)))
        for question in self.questions:
            if not question.applies(self.values):
                self.values.pop(question.slug, None)
                self.errors.pop(field_name(question), None)
        return cleaned

    def _take(self, question: Question, typed: Any) -> None:
        value = _YES_NO.get(typed) if question.kind == Kind.YES_NO else typed
        self.values[question.slug] = None if value in ("", None, []) else value
        if self.values[question.slug] is None or field_name(question) in self.errors:
            return
        try:
            self.values[question.slug] = checked(question, value)
        except ValidationError as refusal:
            self.add_error(field_name(question), refusal)

    @property
    def typed(self) -> dict[str, Any]:
        """What is typed and can be understood, by slug; also of a form with errors."""
        return getattr(self, "values", {})


class AnswerForm(QuestionsForm):
    """A recommendation's questions on a page of their own. The rules themselves are the verb's: ``answer_all``."""

    correcting = forms.BooleanField(label="Det gamle svar var forkert", required=False)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    effective_on = forms.DateField(
        label="Gælder fra",
        required=False,
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        error_messages={"invalid": "Skriv en dato som 2026-05-31 eller 31.05.2026."},
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, error_messages={"invalid": BROKEN_FORM})
    key = forms.UUIDField(required=False, widget=forms.HiddenInput, error_messages={"invalid": BROKEN_FORM})

    @classmethod
    def blank(cls, questions: Iterable[Question], *, held: Mapping[str, Any], seen: int | None) -> AnswerForm:
        """A form to fill in, with what is answered so far."""
        return cls(questions, held=held, initial={"effective_on": today(), "seen": seen, "key": uuid.uuid4()})

    def clean_effective_on(self) -> date | None:
        day: date | None = self.cleaned_data["effective_on"]
        if day is not None and day < EARLIEST:
            raise ValidationError("Datoen kan ikke ligge før 2018.")
        return day

    def save(self, recommendation: Recommendation, municipality: Municipality, *, by: Any) -> list[KeyAnswer] | None:
        """Record what was typed. None when the rules refuse it; the messages stand at the fields.

        Raises:
            ChangedSince: somebody has recorded since the form was shown.
            PermissionDenied: the user may not write here.
        """
        if not self.is_valid():
            return None
        values = {question: self.values[question.slug] for question in self.questions if question.slug in self.values}
        said = {name: self.cleaned_data[name] for name in ("correcting", "note", "effective_on", "seen", "key")}
        try:
            return answer_all(recommendation, municipality, values, by=by, **said)
        except ValidationError as refusal:
            self._refused(refusal)
            return None

    def _refused(self, refusal: ValidationError) -> None:
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        names = {question.slug: field_name(question) for question in self.questions}
        for name, messages in refusal.message_dict.items():
            self.add_error(names.get(name, name if name in self.fields else None), messages)
