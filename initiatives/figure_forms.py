"""The forms on the way of a file with figures: the file, its columns, its indicators, and an indicator that is new."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from .figure_files.columns import AT_FIRST, Columns, FigureFile, Head, Layout, look, sample_numbers
from .figure_files.numbers import NoFigure, NumberStyle, number_in
from .figures import danish
from .file_forms import FileForm, file_field
from .models import FigureImport, Indicator, Topic

LEFT_OUT = "udelad"
PICK_COLUMN, NOT_TWICE = "Vælg en kolonne.", "Kolonnen er valgt til noget andet."
DIRECTIONS = (("up", "Høje tal er gode"), ("down", "Lave tal er gode"), ("none", "Ingen af delene"))


class FigureFileForm(FileForm):
    """A file with figures."""

    file = file_field("Fil", accept=".xlsx,.csv,.txt,.tsv", missing="Vælg den fil, du vil indlæse.")

    def save(self, *, by: Any) -> FigureImport | None:
        """Keep it, when its beginning can be read. None when it is refused."""

        def keep(content: bytes, name: str) -> FigureImport:
            look(FigureFile(content, name, AT_FIRST))
            return FigureImport.receive(content, file_name=name, by=by)

        return self.kept(keep)


class ColumnsForm(forms.Form):
    """What the columns are, and how the file writes numbers. ``head`` is the beginning of the file."""

    layout = forms.ChoiceField(
        choices=Layout.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Vælg, hvordan tabellen er bygget op."},
    )
    place = forms.TypedChoiceField(label="Kommune", coerce=int)
    year = forms.TypedChoiceField(label="År", coerce=int, required=False, empty_value=None)
    value = forms.TypedChoiceField(label="Tal", coerce=int, required=False, empty_value=None)
    label = forms.TypedChoiceField(label="Nøgletal", coerce=int, required=False, empty_value=None)
    style = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": "Vælg, hvordan filen skriver tal."}
    )
    dash_is_zero = forms.BooleanField(required=False)

    def __init__(self, head: Head, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.head = head
        named = [(number, head.named(number)) for number in head.headings]
        for name, none in (("place", "Vælg"), ("year", "Vælg"), ("value", "Vælg"), ("label", "Ingen")):
            field: Any = self.fields[name]
            field.choices = [("", none), *named]
            field.error_messages |= {"required": PICK_COLUMN, "invalid_choice": PICK_COLUMN}
        styles: Any = self.fields["style"]
        styles.choices = [(style.value, self._shown(style)) for style in NumberStyle]

    def _shown(self, style: NumberStyle) -> str:
        """A style with what it makes of a number in the file."""
        cell = sample_numbers(self.head, self.head.headings)
        if cell is None:
            return str(style.label)
        try:
            return f"{style.label} (“{cell.text}” læses som {danish(number_in(cell, style))})"
        except NoFigure:
            return f"{style.label} (“{cell.text}” kan ikke læses sådan)"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("layout") == Layout.WIDE:
            cleaned["year"] = cleaned["value"] = None
            if not self.head.years:
                self.add_error("layout", "Ingen af overskrifterne er et årstal.")
        if cleaned.get("layout") == Layout.LONG:
            for name in ("year", "value"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, PICK_COLUMN)
        chosen: list[int] = []
        for name in ("place", "year", "value", "label"):
            if (number := cleaned.get(name)) is not None:
                if number in chosen:
                    self.add_error(name, NOT_TWICE)
                chosen.append(number)
        return cleaned

    def save(self, job: FigureImport, *, by: Any) -> None:
        """Have the file read. Raises what ``FigureImport.choose_columns`` raises."""
        chosen, head = self.cleaned_data, self.head
        years = head.years if chosen["layout"] == Layout.WIDE else []
        taken = [number for number in (chosen["place"], chosen["label"]) if number]
        columns = Columns(
            sheet=head.sheet, head=head.number, years=[pair for pair in years if pair[0] not in taken], **chosen
        )
        roles = {name: chosen[name] for name in ("place", "year", "value", "label") if chosen[name]}
        named = {name: head.headings[number] for name, number in roles.items()}
        job.choose_columns(columns.kept | {"named": named}, headings=head.fingerprint, by=by)


class IndicatorsForm(forms.Form):
    """Which indicator each name in the file stands for, and where the figures are from."""

    origin = forms.CharField(
        label="Hvor kommer tallene fra?",
        max_length=200,
        error_messages={"required": "Skriv, hvor tallene kommer fra."},
    )

    def __init__(self, job: FigureImport, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.job = job
        known = [(str(each.pk), f"{each.name} ({each.unit})") for each in Indicator.objects.order_by("name")]
        choices = [("", "Vælg et nøgletal"), *known]
        if len(job.labels) > 1:
            choices.insert(1, (LEFT_OUT, "Tag ikke med"))
        for place, (label, _) in enumerate(job.labels):
            self.fields[f"label-{place}"] = forms.ChoiceField(
                label=label or "Nøgletal",
                choices=choices,
                error_messages={"required": "Vælg et nøgletal.", "invalid_choice": "Vælg et nøgletal."},
            )

    @property
    def rows(self) -> list[tuple[int, int, Any]]:
        """Each name: its number, how many figures it has, and its field."""
        return [(place, count, self[f"label-{place}"]) for place, (_, count) in enumerate(self.job.labels)]

    @property
    def chosen(self) -> dict[str, int | None]:
        """What has been chosen so far."""
        said = {label: self.cleaned_data.get(f"label-{place}") for place, (label, _) in enumerate(self.job.labels)}
        return {label: None if value == LEFT_OUT else int(value) for label, value in said.items() if value}


def initial_indicators(job: FigureImport, before: FigureImport | None) -> dict[str, Any]:
    """What was chosen already, or the last time for a file with the same headings.

    Of a file that does not name its figures nothing is known: many such files have the same headings.
    """
    named = {label: pk for label, pk in (before.indicators if before else {}).items() if label}
    known = named | job.indicators
    chosen = {
        f"label-{place}": known[label] or LEFT_OUT for place, (label, _) in enumerate(job.labels) if label in known
    }
    return chosen | {"origin": job.origin}


class IndicatorForm(forms.Form):
    """A new indicator. Nothing of it is guessed."""

    name = forms.CharField(label="Navn", max_length=200)
    definition = forms.CharField(label="Definition", widget=forms.Textarea(attrs={"rows": 4}))
    unit = forms.CharField(label="Enhed", max_length=60)
    group = forms.CharField(label="Hvem det handler om", max_length=200)
    publisher = forms.CharField(label="Opgjort af", max_length=200)
    topic = forms.ChoiceField(label="Emne", choices=[("", "Vælg et emne"), *Topic.choices])
    direction = forms.ChoiceField(label="God retning", choices=DIRECTIONS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"{field.label} skal udfyldes."

    def save(self, *, by: Any) -> Indicator | None:
        """None when it is refused; the message stands at the field."""
        said = self.cleaned_data
        direction = "" if said["direction"] == "none" else said["direction"]
        try:
            return Indicator.define(by=by, **said | {"direction": direction})
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return None


class WithdrawalForm(forms.Form):
    """Why the figures of a file are withdrawn: ``FigureImport.withdraw``."""

    reason = forms.CharField(label="Begrundelse", required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def save(self, job: FigureImport, *, by: Any) -> bool:
        """Raises MovedOn. False when it is refused; the message stands at the field."""
        if not self.is_valid():
            return False
        try:
            job.withdraw(self.cleaned_data["reason"], by=by)
        except ValidationError as refusal:
            self.add_error(None, refusal)
        return not self.errors
