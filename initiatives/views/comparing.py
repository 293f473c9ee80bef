"""Sammenlign: one municipality beside its KKR, the country and up to four others."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from flere_haender.access import member_required
from initiatives.comparing import Comparison
from initiatives.exporting import wanted_format
from initiatives.moment import Moment
from stakeholders.models import Municipality
from stakeholders.trail import concerns

MOST = 4  # others
FROM_THE_LIST = "Vælg en kommune fra listen."


class CompareForm(forms.Form):
    """The address: ``kommune`` and up to four ``med``. A choice that is not made is left out."""

    data: QueryDict

    kommune = forms.ModelChoiceField(
        Municipality.objects.all(),
        to_field_name="code",
        required=False,
        error_messages={"invalid_choice": f"Kommune: {FROM_THE_LIST}"},
    )
    med = forms.ModelMultipleChoiceField(
        Municipality.objects.all(),
        to_field_name="code",
        required=False,
        error_messages=dict.fromkeys(("invalid_choice", "invalid_pk_value"), f"Sammenlign med: {FROM_THE_LIST}"),
    )

    def __init__(self, params: QueryDict, home: Municipality | None) -> None:
        given = params.copy()
        given.setlist("med", list(dict.fromkeys(code for code in params.getlist("med") if code.strip())))
        if home is not None and not given.get("kommune", "").strip():
            given["kommune"] = str(home.code)
        super().__init__(given)

    def clean_med(self) -> list[Municipality]:
        others = [place for place in self.cleaned_data["med"] if place != self.cleaned_data.get("kommune")]
        if len(others) > MOST:
            raise ValidationError("Sammenlign med: Vælg højst fire kommuner.")
        return others

    @property
    def slots(self) -> list[str]:
        """The code in each of the four lists, in the order in which they were chosen."""
        chosen: list[str] = self.data.getlist("med")[:MOST]
        return chosen + [""] * (MOST - len(chosen))

    @property
    def faults(self) -> list[str]:
        return [str(message) for messages in self.errors.values() for message in messages]


@require_safe
@member_required
def compare(request: Any) -> HttpResponse:
    form = CompareForm(request.GET, request.user.membership.municipality)
    moment = Moment.from_query(request.GET)
    comparison = None if moment.errors else _comparison(form, moment, request)
    errors = [*form.faults, *moment.errors]
    if comparison and (file := wanted_format(request)):
        return comparison.listing().file(file)
    context = {
        "section": "municipalities",
        "form": form,
        "errors": errors,
        "moment": moment,
        "municipalities": [(str(place.code), place.name) for place in Municipality.objects.all()],
        "comparison": comparison,
    }
    return TemplateResponse(request, "initiatives/compare.html", context, status=400 if errors else 200)


def _comparison(form: CompareForm, moment: Moment, request: HttpRequest) -> Comparison | None:
    if not form.is_valid() or form.cleaned_data["kommune"] is None:
        return None
    concerns(request, *(place.code for place in (form.cleaned_data["kommune"], *form.cleaned_data["med"])))
    others = sorted(form.cleaned_data["med"], key=lambda place: form.slots.index(str(place.code)))
    return Comparison(form.cleaned_data["kommune"], others, moment, request.user)
