"""The form of a local action with its milestones. The rules themselves are the verbs': ``LocalAction``."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from flere_haender.days import today
from flere_haender.form_keys import BROKEN_FORM

from .action_history import Change, differences
from .forms import EARLIEST
from .models import Case, CaseState, ListItem, LocalAction, Milestone, MilestoneRow, Recommendation
from .models.local_action import GRANTS, MOST_LINKS, NO_TEXT, NO_TITLE, ONLY_WEB, TEXT_LIMIT
from .phases import Phase, Visibility

MOST_MILESTONES = 40
EMPTY_ROWS = 3
NO_DATE = "Skriv en dato som 2026-05-31 eller 31.05.2026."
# What a copy takes from its origin: what was done, not who did it, when, and how it went.
COPIED = ("title", "what", "problem", "challenge", "target_groups", "builds_on", "expected_effect")


def not_too_early(day: date) -> None:
    if day < EARLIEST:
        raise ValidationError("Datoen kan ikke ligge før 2018.")


class LinksField(forms.CharField):
    """Addresses on the web, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        links = (super().to_python(value) or "").split()
        if len(links) > MOST_LINKS:
            raise ValidationError(f"Links: Skriv højst {MOST_LINKS}.")
        for link in links:
            self._check(link)
        return links

    def _check(self, link: str) -> None:
        try:
            ONLY_WEB(link)
        except ValidationError as refusal:
            raise ValidationError(f"Links: “{link[:80]}” er ikke en webadresse. Skriv den som https://…") from refusal
        if len(link) > 500:
            raise ValidationError("Links: En adresse er for lang.")


class CaseField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.title} ({obj.get_evidence_display().lower()})"


class MilestoneForm(forms.Form):
    title = forms.CharField(
        label="Milepæl", max_length=200, error_messages={"required": "Skriv, hvad milepælen er, eller fjern den."}
    )
    due_on = forms.DateField(
        label="Dato",
        validators=[not_too_early],
        error_messages={"required": "Skriv milepælens dato.", "invalid": NO_DATE},
    )
    done_on = forms.DateField(
        label="Nået den", required=False, validators=[not_too_early], error_messages={"invalid": NO_DATE}
    )
    removed = forms.BooleanField(label="Fjern", required=False)
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput, error_messages={"invalid": BROKEN_FORM})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].error_messages["max_length"] = "Milepæl: Skriv højst 200 tegn."

    def clean(self) -> dict[str, Any]:
        """What is removed need not be right."""
        if self.cleaned_data.get("removed"):
            self.errors.clear()
        return self.cleaned_data

    @property
    def row(self) -> MilestoneRow | None:
        """What was typed; None when it is nothing."""
        typed = self.cleaned_data
        if not typed:
            return None
        title, due_on = typed.get("title", ""), typed.get("due_on") or date.min
        return MilestoneRow(title, due_on, typed.get("done_on"), typed.get("pk"), typed["removed"])


MilestoneFormSet = forms.formset_factory(
    MilestoneForm, extra=EMPTY_ROWS, max_num=MOST_MILESTONES, absolute_max=MOST_MILESTONES + 20, validate_max=True
)


def recommendations_field(offered: QuerySet[Recommendation]) -> forms.ModelMultipleChoiceField:
    """What an action or a case is about: one recommendation at least."""
    return forms.ModelMultipleChoiceField(
        label="Anbefalinger",
        queryset=offered,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Vælg mindst én anbefaling.",
            "invalid_choice": "Vælg anbefalinger fra listen.",
            "invalid_pk_value": "Vælg anbefalinger fra listen.",
        },
    )


class ActionForm(forms.ModelForm):
    """Writes an action down, or changes it; ``milestones`` holds the rows of its milestones."""

    recommendations = recommendations_field(Recommendation.objects.all())
    grants = forms.ModelMultipleChoiceField(
        label="Tilskud",
        queryset=ListItem.objects.filter(list__slug=GRANTS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "Vælg tilskud fra listen.",
            "invalid_pk_value": "Vælg tilskud fra listen.",
        },
    )
    builds_on = CaseField(
        label="Bygger på en indsats fra casebanken",
        queryset=Case.objects.order_by("title"),
        required=False,
        empty_label="Nej, eller ikke endnu",
        error_messages={"invalid_choice": "Vælg en case fra listen."},
    )
    what = forms.CharField(
        label="Hvad I gør",
        max_length=TEXT_LIMIT,
        widget=forms.Textarea,
        error_messages={"required": NO_TEXT},
    )
    links = LinksField(label="Links", required=False)
    phase = forms.ChoiceField(
        label="Fase",
        choices=Phase.choices,
        widget=forms.RadioSelect,
        initial=Phase.IDEA,
        error_messages={"required": "Vælg en fase.", "invalid_choice": "Vælg en fase fra listen."},
    )
    visibility = forms.ChoiceField(
        label="Hvem kan se indsatsen?",
        choices=Visibility.choices,
        widget=forms.RadioSelect,
        initial=Visibility.DRAFT,
        error_messages={"required": "Vælg, hvem der kan se indsatsen.", "invalid_choice": "Vælg fra listen."},
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, error_messages={"invalid": BROKEN_FORM})
    key = forms.UUIDField(required=False, widget=forms.HiddenInput, error_messages={"invalid": BROKEN_FORM})

    class Meta:
        model = LocalAction
        fields: tuple[str, ...] = (
            "title",
            "what",
            "recommendations",
            "phase",
            "starts_on",
            "ends_on",
            "responsible_unit",
            "visibility",
            "problem",
            "challenge",
            "target_groups",
            "builds_on",
            "expected_effect",
            "seen_effect",
            "involvement",
            "grants",
            "other_grants",
            "links",
        )
        error_messages = {
            "title": {"required": NO_TITLE},
            "starts_on": {"invalid": NO_DATE},
            "ends_on": {"invalid": NO_DATE},
            "challenge": {"invalid_choice": "Vælg en udfordring fra listen."},
            "involvement": {"invalid_choice": "MED og TRIO: Vælg fra listen."},
        }

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        recommendations: Any = self.fields["recommendations"]
        recommendations.queryset = _offered(self.instance)
        cases: Any = self.fields["builds_on"]
        cases.queryset = Case.objects.filter(Q(state=CaseState.PUBLISHED) | Q(pk=self.instance.builds_on_id))
        for name, field in self.fields.items():
            longest = getattr(field, "max_length", None)
            if longest:
                field.error_messages["max_length"] = f"{field.label}: Skriv højst {longest} tegn."
            if name in ("starts_on", "ends_on"):
                field.validators.append(not_too_early)
        existing = self.instance.milestones.all() if self.instance.pk else Milestone.objects.none()
        rows = [{**{n: getattr(m, n) for n in ("title", "due_on", "done_on", "pk")}} for m in existing]
        self.milestones = MilestoneFormSet(data, prefix="milepael", initial=rows)

    @classmethod
    def blank(cls, *, copied_from: LocalAction | None = None, case: Case | None = None) -> ActionForm:
        """A form to fill in, begun with what an origin says."""
        initial: dict[str, Any] = {"key": uuid.uuid4()}
        if copied_from is not None:
            initial |= {name: getattr(copied_from, name) for name in COPIED}
            initial["recommendations"] = copied_from.recommendations.all()
        if case is not None:
            same = {"title": case.title, "what": case.what, "problem": case.problem, "builds_on": case}
            initial |= {**same, "target_groups": case.target_group if len(case.target_group) <= 300 else ""}
            initial["recommendations"] = Recommendation.objects.filter(related__case=case)
        return cls(initial=initial)

    @classmethod
    def of(cls, action: LocalAction) -> ActionForm:
        """A form that shows an action as it is."""
        return cls(instance=action, initial={"seen": action.version})

    @property
    def content(self) -> dict[str, Any]:
        """What was typed, for a verb."""
        rows = [form.row for form in self.milestones]
        kept = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return {**kept, "milestones": [row for row in rows if row]}

    def start(self, municipality: Any, *, by: Any, **origin: Any) -> LocalAction | None:
        """Write down what was typed. None when the rules refuse it; the messages stand at the fields."""
        key = {"key": self.cleaned_data["key"]} if self.is_valid() else {}
        return self._through(lambda: LocalAction.start(municipality, by=by, **key, **origin, **self.content))

    def change(self, action: LocalAction, *, by: Any) -> LocalAction | None:
        """Change the action to what was typed; None as in ``start``.

        Raises:
            ActionChangedSince: somebody has changed it since the form was shown.
        """
        return self._through(lambda: action.change(by=by, seen=self.cleaned_data["seen"], **self.content))

    def _through(self, verb: Any) -> LocalAction | None:
        if not all([self.is_valid(), self.milestones.is_valid()]):
            return None
        try:
            written: LocalAction = verb()
        except ValidationError as refusal:
            self._refused(refusal)
            return None
        return written

    def _refused(self, refusal: ValidationError) -> None:
        for name, faults in getattr(refusal, "error_dict", {None: refusal}).items():
            self.add_error(name if name in self.fields else None, faults)

    def differences_from(self, newest: LocalAction) -> list[Change]:
        """What differs between the action as it is now and what was typed."""
        sets = [
            Change("Anbefalinger", _joined(newest.recommendations.all()), _joined(self.content["recommendations"])),
            Change("Tilskud", _joined(newest.grants.all()), _joined(self.content["grants"])),
            Change("Milepæle", _joined(newest.milestones.all()), _joined(self._typed_milestones())),
        ]
        return [*differences(newest, self.instance), *(one for one in sets if one.before != one.after)]

    def _typed_milestones(self) -> list[Milestone]:
        rows = [row for row in self.content["milestones"] if not row.removed]
        return sorted((Milestone(title=row.title, due_on=row.due_on) for row in rows), key=lambda one: one.due_on)


def _offered(action: LocalAction) -> QuerySet[Recommendation]:
    """The recommendations that are in a plan today, and those that the action is about already."""
    chosen = action.recommendations.values("pk") if action.pk else []
    return Recommendation.objects.with_text(as_of=today()).filter(Q(retired=False) | Q(pk__in=chosen))


def _joined(things: QuerySet[Any] | list[Any]) -> str:
    return ", ".join(str(thing) for thing in things) or "ingen"
