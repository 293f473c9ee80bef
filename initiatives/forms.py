from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from flere_haender.days import today

from .models import Progress, StatusUpdate
from .status import SIGNAL_MEANINGS, Signal, Status

EARLIEST = date(2018, 1, 1)
BROKEN_FORM = "Formularen er ikke hel. Hent siden igen, og prøv en gang til."


class StatusForm(forms.Form):
    """Records a status on a cell. The rules themselves are the verb's: ``Progress.record``."""

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
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    internal_note = forms.CharField(label="Intern note", required=False, widget=forms.Textarea)
    effective_on = forms.DateField(label="Gælder fra", required=False, input_formats=["%Y-%m-%d", "%d.%m.%Y"])
    expected_on = forms.DateField(label="Ventes", required=False, input_formats=["%Y-%m-%d", "%d.%m.%Y"])
    corrects = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, cell: Progress, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"id-{cell.recommendation.number}-%s"
        super().__init__(*args, **kwargs)
        self.cell = cell
        for name in ("corrects", "seen", "key"):
            self.fields[name].error_messages["invalid"] = BROKEN_FORM
        for name in ("effective_on", "expected_on"):
            self.fields[name].error_messages["invalid"] = "Skriv en dato som 2026-05-31 eller 31.05.2026."

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

    def clean_expected_on(self) -> date | None:
        return self._not_too_early("expected_on")

    def _not_too_early(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day is not None and day < EARLIEST:
            raise ValidationError("Datoen kan ikke ligge før 2018.")
        return day

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
