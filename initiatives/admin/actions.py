"""Local actions in the admin: looked at, and written through the same form and verbs as on their own pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from flere_haender.access import is_kl_consultant
from initiatives.action_forms import ActionForm
from initiatives.action_history import differences
from initiatives.models import LocalAction, Milestone
from stakeholders.admin import KeptAdmin, ReadOnlyInline
from stakeholders.models import Municipality


class AdminActionForm(ActionForm):
    """Without the rows of milestones, which are written on the action's own page."""

    data: Any
    municipality = forms.ModelChoiceField(label="Kommune", queryset=Municipality.objects.all())

    class Meta(ActionForm.Meta):
        fields = ("municipality", *ActionForm.Meta.fields)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.newest = LocalAction.objects.get(pk=self.instance.pk)
            self.initial["seen"] = self.newest.version
            self.fields["municipality"].disabled = True

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.get("seen")
        if self.instance.pk and seen is not None and seen != self.newest.version:
            self.data = {**self.data.dict(), "seen": str(self.newest.version)}
            theirs = "; ".join(str(change) for change in differences(self.newest, LocalAction(**self._typed())))
            raise ValidationError(
                f"En anden har ændret indsatsen imens (gemt nu → din udgave): {theirs}. "
                "Din udgave står i felterne. Gem den, hvis den skal gælde i stedet."
            )
        return cleaned

    def _typed(self) -> dict[str, Any]:
        names = set(ActionForm.Meta.fields) - {"recommendations", "grants"}
        return {name: self.cleaned_data.get(name) for name in names}

    @property
    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ActionForm.Meta.fields}


class MilestoneInline(ReadOnlyInline):
    model = Milestone
    fields = ("title", "due_on", "done_on")


@admin.register(LocalAction)
class LocalActionAdmin(KeptAdmin):
    form = AdminActionForm
    inlines = (MilestoneInline,)
    list_display = ("title", "municipality", "phase", "visibility", "ends_on", "updated_at")
    list_filter = ("visibility", "phase", "recommendations", "municipality")
    list_select_related = ("municipality",)
    search_fields = ("title", "what", "problem", "responsible_unit", "municipality__name")
    search_help_text = "Titel, tekst, ansvarlig enhed eller kommune"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_kl_consultant(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_kl_consultant(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LocalAction]:
        return super().get_queryset(request).select_related("municipality")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            obj.change(by=request.user, **form.content)
            return
        written = LocalAction.start(form.cleaned_data["municipality"], by=request.user, **form.content)
        obj.pk, obj._state.adding, obj._state.db = written.pk, False, written._state.db

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The verb has written what the action itself says."""
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)
