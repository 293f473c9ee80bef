from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict

from flere_haender.days import today
from flere_haender.form_keys import BROKEN_FORM

from .models import DraftAnswer, Participation, Progress, Recommendation, ReportingRound, StatusUpdate
from .status import SIGNAL_MEANINGS, UNDER_WAY, Signal, Status

DATES = ["%Y-%m-%d", "%d.%m.%Y"]
EARLIEST = date(2018, 1, 1)
LATEST = date(2099, 12, 31)


class DayField(forms.DateField):
    """A Danish day; refused in Danish."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["error_messages"] = {
            "required": "Skriv en dato.",
            "invalid": "Skriv en dato som 2026-05-31 eller 31.05.2026.",
        }
        super().__init__(input_formats=DATES, **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not EARLIEST <= value <= LATEST:
            raise ValidationError(f"Datoen skal ligge mellem {EARLIEST.year} og {LATEST.year}.")


class AnswerForm(forms.Form):
    """What an answer says. The rules themselves are the verbs'."""

    status = forms.ChoiceField(
        label="Status nu",
        required=False,
        widget=forms.RadioSelect,
        choices=Status.choices,
        error_messages={"invalid_choice": "Vælg en status fra listen."},
    )
    signal = forms.ChoiceField(
        label="Hvordan går det?",
        required=False,
        widget=forms.RadioSelect,
        choices=[(signal.value, SIGNAL_MEANINGS[signal]) for signal in Signal],
        error_messages={"invalid_choice": "Vælg et trafiklys fra listen."},
    )
    expected_on = forms.DateField(label="Forventet dato", required=False, input_formats=DATES)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    internal_note = forms.CharField(label="Intern note", required=False, widget=forms.Textarea)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**63 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.error_messages["invalid"] = "Skriv en dato som 2026-05-31 eller 31.05.2026."
            elif field.widget.is_hidden:
                field.error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), BROKEN_FORM)

    def clean_expected_on(self) -> date | None:
        return self._not_too_early("expected_on")

    def _not_too_early(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day is not None and day < EARLIEST:
            raise ValidationError("Datoen kan ikke ligge før 2018.")
        return day


class StatusForm(AnswerForm):
    """Records a status on a cell: ``Progress.record``."""

    effective_on = forms.DateField(label="Gælder fra", required=False, input_formats=DATES)
    corrects = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, cell: Progress, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"id-{cell.recommendation.slug}-%s"
        super().__init__(*args, **kwargs)
        self.cell = cell

    @classmethod
    def blank(cls, cell: Progress, *, seen: int | None, correcting: Any = None) -> StatusForm:
        """A form to fill in; when it corrects a row, with what that row says."""
        initial: dict[str, Any] = {"effective_on": today(), "seen": seen, "key": uuid.uuid4()}
        if correcting is not None:
            same = ("status", "signal", "internal_note", "effective_on", "expected_on")
            initial |= {name: getattr(correcting, name) for name in same} | {"corrects": correcting.pk}
        return cls(initial=initial, cell=cell)

    def clean_corrects(self) -> StatusUpdate | None:
        number = self.cleaned_data["corrects"]
        if number is None:
            return None
        row = StatusUpdate.objects.filter(pk=number, progress=self.cell).first()
        if row is None:
            raise ValidationError("Svaret, der rettes, findes ikke her.")
        return row

    def clean_effective_on(self) -> date | None:
        return self._not_too_early("effective_on")

    def save(self, *, by: Any) -> StatusUpdate | None:
        """Record what was typed. None when the rules refuse it; the messages stand at the fields.

        Raises:
            ChangedSince: somebody has recorded since the form was shown.
            PermissionDenied: the user may not write here.
        """
        if not self.is_valid():
            return None
        try:
            return self.cell.record(by=by, **self.cleaned_data)
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return None


class DraftForm(AnswerForm):
    """What is typed for one recommendation in a round: ``Participation.draft``."""

    def __init__(self, *args: Any, recommendation: Recommendation, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id-%s", prefix=str(recommendation.number), **kwargs)
        self.recommendation = recommendation

    @classmethod
    def showing(cls, recommendation: Recommendation, draft: DraftAnswer | None) -> DraftForm:
        """The form as it was last saved; empty when nothing is."""
        initial = {**draft.content, "seen": draft.version} if draft else {"seen": 0}
        return cls(initial=initial, recommendation=recommendation)

    def clean(self) -> dict[str, Any]:
        """A signal and an expected date that are hidden, because the status is another, are not meant."""
        cleaned = super().clean() or self.cleaned_data
        return cleaned if cleaned.get("status") in UNDER_WAY else cleaned | {"signal": "", "expected_on": None}

    @property
    def is_sent(self) -> bool:
        """Whether what was sent holds this form at all."""
        return self.add_prefix("seen") in self.data

    @property
    def says_anything(self) -> bool:
        return any(self.data.get(self.add_prefix(name)) for name in self.fields if name != "seen")

    def save(self, participation: Participation, *, by: Any, **key_answers: Any) -> DraftAnswer | None:
        """Keep what was typed. None when a value is refused; the messages stand at the fields.

        Raises:
            DraftChanged: a colleague has saved since the form was shown.
            PermissionDenied: the user may not write here.
        """
        if not self.is_valid():
            return None
        content = {**self.cleaned_data, "seen": self.cleaned_data["seen"] or 0, **key_answers}
        try:
            return participation.draft(self.recommendation, by=by, **content)
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return None


class RoundForm(forms.Form):
    """A status round: planned, or while it is open. The rules are the verbs'."""

    DAYS: ClassVar[dict[str, str]] = {  # with what is said when one is missing
        "status_on": "Skriv, hvilken dag svarene gælder for.",
        "opens_on": "Skriv, hvornår runden åbner.",
        "due_on": "Skriv fristen.",
        "closes_on": "Skriv, hvornår runden lukker.",
    }
    NAMES = ("name", "plan", *DAYS, "message")
    FIXED = ("status_on", "opens_on", "plan")  # once it is open

    def __init__(self, data: Any = None, *, instance: ReportingRound | None = None) -> None:
        super().__init__(data, initial=model_to_dict(instance, self.NAMES) if instance else {"key": uuid.uuid4()})
        self.fields |= forms.fields_for_model(
            ReportingRound,
            self.NAMES,
            field_classes=dict.fromkeys(self.DAYS, DayField),
            widgets={"message": forms.Textarea},
            error_messages={"name": {"required": "Skriv et navn."}},
            help_texts=dict.fromkeys(self.NAMES, ""),  # the page has its own
        )
        for name, missing in self.DAYS.items():
            self.fields[name].error_messages["required"] = missing
        self.fields["key"] = forms.UUIDField(
            required=False, widget=forms.HiddenInput, error_messages={"invalid": BROKEN_FORM}
        )
        plans: Any = self.fields["plan"]
        plans.empty_label = "Den plan, der gælder"
        for name in self.FIXED if instance and instance.is_open else ():
            self.fields[name].disabled = True

    def save(self, *, by: Any, to: ReportingRound | None = None) -> ReportingRound | None:
        """Plan a round, or change one. None when it is refused; the messages stand at the fields."""
        if not self.is_valid():
            return None
        content = {name: self.cleaned_data[name] for name in self.NAMES}
        try:
            if to:
                return to.reschedule(by=by, **content)
            return ReportingRound.schedule(by=by, key=self.cleaned_data["key"], **content)
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return None


class DecisionForm(forms.Form):
    """What KL says to a municipality's answer: the verbs of ``Participation``."""

    ACTIONS = {
        "accept": "Indberetningen er godkendt.",
        "undo": "Godkendelsen er fortrudt.",
        "return": "Svarene er sendt tilbage.",
        "extend": "Kommunen har fået en ny frist.",
    }

    action = forms.ChoiceField(
        choices=ACTIONS.items(), error_messages=dict.fromkeys(("required", "invalid_choice"), BROKEN_FORM)
    )
    comment = forms.CharField(label="Kommentar til kommunen", required=False, widget=forms.Textarea)
    due_on = DayField(label="Ny frist", required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**31)

    @property
    def done(self) -> str:
        return self.ACTIONS[self.cleaned_data["action"]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("action") in ("return", "extend") and "due_on" in cleaned and not cleaned["due_on"]:
            self.add_error("due_on", "Skriv, hvornår kommunen senest skal svare.")
        return cleaned

    def save(self, participation: Participation, *, by: Any) -> bool:
        """Carry it out. False when it is refused; the messages stand at the fields."""
        if not self.is_valid():
            return False
        if self.cleaned_data["seen"] not in (None, participation.decision_mark):
            self.add_error(None, "Der er sket noget nyt, siden du så svarene. Se dem igen, før du afgør noget.")
            return False
        try:
            self._carry_out(participation, by)
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return False
        return True

    def _carry_out(self, participation: Participation, by: Any) -> None:
        comment, due_on = self.cleaned_data["comment"], self.cleaned_data["due_on"]
        match self.cleaned_data["action"]:
            case "accept":
                participation.accept(by=by)
            case "undo":
                participation.undo_acceptance(by=by, comment=comment)
            case "return":
                participation.return_it(by=by, comment=comment, due_on=due_on)
            case "extend":
                participation.give_until(due_on, by=by, comment=comment)
