"""The action plans, and how they are divided."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from flere_haender.days import today
from initiatives.models import ActionPlan, FocusArea, Theme
from initiatives.reports.words import danish_date
from stakeholders.admin import KeptAdmin

from .division_resources import FocusAreaResource, ThemeResource
from .exchange import ExchangeMixin
from .preview import Preview, PreviewedForm


class ActionPlanForm(PreviewedForm, forms.ModelForm):
    def clean_current_from(self) -> date | None:
        """The days that have been are as they were: reports rest on them."""
        day, before = self.cleaned_data["current_from"], self.initial.get("current_from")
        if day == before:
            return before
        if before is not None and before <= today():
            raise ValidationError("Planen gælder allerede. Dagen kan ikke ændres.")
        if day is not None and day <= today():
            raise ValidationError("Vælg en dag efter i dag. Rapporter om dagene før skal være, som de var.")
        return day

    def preview(self) -> Preview:
        given = self.cleaned_data
        slug, day = given.get("slug") or self.instance.slug, given["current_from"]
        notes = [f"Planens side får adressen /handleplaner/{slug}/."]
        notes.append(
            f"Fra {danish_date(day)} viser forsiden, listerne, rapporterne og nye runder denne plan. "
            "De andre planer beholder deres adresser, svar og historie."
            if day
            else "Forsiden, listerne og rapporterne viser stadig den plan, der gælder nu."
        )
        return Preview(given["title"], f"Handleplan, {given['year']}", notes=notes)


class DivisionForm(PreviewedForm, forms.ModelForm):
    """A theme or a focus area."""

    def preview(self) -> Preview:
        name = str(self.instance._meta.verbose_name).capitalize()
        number = self.cleaned_data.get("number") or self.instance.number
        above = self.cleaned_data.get("plan") or self.cleaned_data.get("theme")
        return Preview(f"{name} {number}: {self.cleaned_data['title']}", str(above or ""))


class FocusAreaForm(DivisionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themes: Any = self.fields.get("theme")
        if themes is not None:
            themes.queryset = Theme.objects.select_related("plan").order_by("plan", "number")
            themes.label_from_instance = lambda theme: f"{theme.plan}: {theme.number}. {theme.title}"


class PreviewAdmin(KeptAdmin):
    change_form_template = "admin/previewed_form.html"


class NamedAdmin(PreviewAdmin):
    """Names in a plan that has begun are the plan's own; they stay, and so do the reports."""

    form = DivisionForm

    def plan_of(self, obj: Any) -> ActionPlan:
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and self.plan_of(obj).has_begun)


@admin.register(ActionPlan)
class ActionPlanAdmin(PreviewAdmin):
    form = ActionPlanForm
    list_display = ("title", "year", "current_from", "initiative_count")
    list_filter = ("year",)
    search_fields = ("title", "slug")
    fields = ("title", "slug", "year", "current_from", "initiative_count")
    key_fields = ("slug",)


@admin.register(Theme)
class ThemeAdmin(ExchangeMixin, NamedAdmin):
    resource_classes = [ThemeResource]
    file_stem = "temaer"
    list_display = ("number", "title", "plan")
    list_display_links = ("number", "title")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("title", "=number")
    key_fields = ("plan", "number")

    def plan_of(self, obj: Theme) -> ActionPlan:
        return obj.plan


@admin.register(FocusArea)
class FocusAreaAdmin(ExchangeMixin, NamedAdmin):
    form = FocusAreaForm
    resource_classes = [FocusAreaResource]
    file_stem = "indsatsomraader"
    list_display = ("number", "title", "theme", "plan")
    list_display_links = ("number", "title")
    list_filter = ("theme__plan", "theme")
    list_select_related = ("theme__plan",)
    search_fields = ("title", "=number")
    key_fields = ("theme", "number")

    def plan_of(self, obj: FocusArea) -> ActionPlan:
        return obj.theme.plan

    @admin.display(description="handleplan", ordering="theme__plan")
    def plan(self, area: FocusArea) -> str:
        return str(area.theme.plan)
