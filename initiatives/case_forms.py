"""The form of a case that was a local action. The rules are the verbs': ``Case``."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from flere_haender.days import today
from flere_haender.form_keys import BROKEN_FORM

from .action_forms import recommendations_field
from .action_history import Change, differences
from .models import Case, Evidence, LocalAction, Recommendation

TEXT_LIMIT = 8000
LONGEST_MECHANISM = 120
MOST_MECHANISMS = 20
# What KL edits, in the order of the page.
FIELDS = ("title", "problem", "what", "target_group", "evidence", "mechanisms", "results")


class LinesField(forms.CharField):
    """Short texts, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]
        if len(lines) > MOST_MECHANISMS or any(len(line) > LONGEST_MECHANISM for line in lines):
            raise ValidationError(
                f"Virkemidler: Skriv højst {MOST_MECHANISMS} linjer, hver på højst {LONGEST_MECHANISM} tegn."
            )
        return lines


def _long(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea,
        error_messages={
            "required": f"{label}: Skriv en tekst.",
            "max_length": f"{label}: Skriv højst {TEXT_LIMIT} tegn.",
        },
        **options,
    )


class CaseForm(forms.ModelForm):
    problem = _long("Problemet", required=False)
    what = _long("Hvad der blev gjort")
    target_group = _long("Målgruppe", required=False)
    results = _long("Resultater", required=False)
    evidence = forms.ChoiceField(
        label="Evidens",
        choices=Evidence.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Vælg et niveau.", "invalid_choice": "Evidens: Vælg fra listen."},
    )
    mechanisms = LinesField(label="Virkemidler", required=False)
    recommendations = recommendations_field(Recommendation.objects.none())
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, error_messages={"invalid": BROKEN_FORM})

    class Meta:
        model = Case
        fields = FIELDS
        error_messages = {"title": {"required": "Skriv en titel.", "max_length": "Titel: Skriv højst 200 tegn."}}

    def __init__(self, *args: Any, action: LocalAction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action = action
        recommendations: Any = self.fields["recommendations"]
        recommendations.queryset = _offered(action, self.instance)

    @classmethod
    def of(cls, action: LocalAction, *, anew: bool = False) -> CaseForm:
        """A form that shows KL's copy; with ``anew``, or before there is one, what the municipality has written."""
        case = Case.of(action)
        shown = Case.begun_from(action) if anew or not case.pk else case
        chosen = (
            action.recommendations.all() if shown.pk is None else Recommendation.objects.filter(related__case=case)
        )
        return cls(instance=shown, action=action, initial={"seen": case.version, "recommendations": chosen})

    def save(self, *, by: Any) -> Case | None:  # type: ignore[override]  # as all forms here do
        """Write what was typed. None when the rules refuse it; the messages stand at the fields.

        Raises:
            CaseChangedSince: somebody has changed it since the form was shown.
        """
        if not self.is_valid():
            return None
        try:
            return Case.edit(self.action, by=by, seen=self.cleaned_data["seen"], **self.content)
        except ValidationError as refusal:
            for name, faults in getattr(refusal, "error_dict", {None: refusal}).items():
                self.add_error(name if name in self.fields else None, faults)
            return None

    @property
    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*FIELDS, "recommendations")}

    def differences_from(self, newest: Case) -> list[Change]:
        """What differs between the case as it is now and what was typed."""
        now = Recommendation.objects.filter(related__case=newest)
        before, after = (", ".join(str(one) for one in chosen) for chosen in (now, self.content["recommendations"]))
        changes = list(differences(newest, self.instance, FIELDS))
        return [*changes, Change("Anbefalinger", before, after)] if before != after else changes


def _offered(action: LocalAction, case: Case) -> QuerySet[Recommendation]:
    """The recommendations that are in a plan today, and those that it is about already."""
    about = Q(pk__in=action.recommendations.values("pk")) | Q(related__case=case.pk or 0)
    return Recommendation.objects.with_text(as_of=today()).filter(Q(retired=False) | about).distinct()
