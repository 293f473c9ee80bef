"""What can be chosen in the matrix; everything stands in the address."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from stakeholders.models import Kkr

from .models import ActionPlan, Programme, Theme
from .status import DISPLAY_ORDER, SIGNAL_MEANINGS, STATUS_LABELS

OLD_AFTER = 12  # months, when nothing else is chosen
MONTHS = (3, 6, 12, 18, 24)
SORTS = {"andel": "Flest gennemført først", "aendret": "Senest ændret først", "navn": "Efter navn"}


class MatrixForm(forms.Form):
    """Choices of rows, of columns, and of cells. A choice that is none gets a message."""

    kkr = forms.ModelChoiceField(Kkr.objects.all(), to_field_name="slug", label="KKR", empty_label="Alle KKR")
    tema = forms.ModelChoiceField(
        Theme.objects.none(), to_field_name="number", label="Tema", empty_label="Alle temaer"
    )
    status = forms.ChoiceField(
        label="Status", choices=[("", "Alle statusser"), *((code, STATUS_LABELS[code]) for code in DISPLAY_ORDER)]
    )
    signal = forms.ChoiceField(label="Trafiklys", choices=[("", "Alle trafiklys"), *SIGNAL_MEANINGS.items()])
    maaneder = forms.TypedChoiceField(
        label="Ikke opdateret i",
        choices=[("", "Alle svar"), *((months, f"{months} måneder") for months in MONTHS)],
        coerce=int,
        empty_value=None,
    )
    program = forms.ModelChoiceField(
        Programme.objects.filter(known__isnull=False).distinct(),
        to_field_name="slug",
        label="Deltager i",
        empty_label="Alle kommuner",
    )
    sorter = forms.ChoiceField(label="Rækkefølge", choices=[("", "Efter KKR og navn"), *SORTS.items()])

    def __init__(self, *args: Any, as_of: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themes: Any = self.fields["tema"]
        themes.queryset = Theme.objects.filter(plan__in=ActionPlan.objects.current(as_of=as_of))
        for field in self.fields.values():
            field.required = False
            field.error_messages["invalid_choice"] = f"{field.label}: Vælg fra listen."

    @property
    def narrows(self) -> bool:
        """Whether anything but the order is chosen."""
        return any(self.data.get(name) for name in self.fields if name != "sorter")
