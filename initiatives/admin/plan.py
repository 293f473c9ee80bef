"""The plan: its recommendations, the versions of their texts, and whom they are addressed to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from flere_haender.days import today
from initiatives.forms import EARLIEST
from initiatives.models import ActionPlan, Addressing, FocusArea, Recommendation, RecommendationText, Theme
from initiatives.models.log import LATEST_FIRST
from initiatives.models.plan import add_recommendation
from initiatives.moment import Moment
from initiatives.reports import as_pdf, file_name, national_report
from stakeholders.admin import KeptAdmin, ReadOnlyAdmin, ReadOnlyInline
from stakeholders.models import Actor

from .exchange import ExchangeMixin
from .files import download
from .resources import TITLE_LIMIT, WORDING, RecommendationResource


@admin.register(ActionPlan)
class ActionPlanAdmin(KeptAdmin):
    list_display = ("title", "year", "initiative_count")
    list_filter = ("year",)
    search_fields = ("title", "slug")
    key_fields = ("slug",)


@admin.register(Theme)
class ThemeAdmin(KeptAdmin):
    list_display = ("number", "title", "plan")
    list_display_links = ("number", "title")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("title", "=number")
    key_fields = ("number",)


@admin.register(FocusArea)
class FocusAreaAdmin(KeptAdmin):
    list_display = ("number", "title", "theme")
    list_display_links = ("number", "title")
    list_filter = ("theme",)
    list_select_related = ("theme",)
    search_fields = ("title", "=number")
    key_fields = ("number",)


def check_day(day: Any) -> Any:
    """A day from which something can hold: not before the plans, not after today."""
    if day is not None and not EARLIEST <= day <= today():
        raise ValidationError("Datoen skal ligge mellem 2018 og i dag.")
    return day


class RecommendationForm(forms.ModelForm):
    """The recommendation and its texts. Changed texts are a new version; the old one stays for old reports."""

    title = forms.CharField(
        label="Titel", max_length=TITLE_LIMIT, widget=forms.TextInput(attrs={"class": "vLargeTextField"})
    )
    overview_title = forms.CharField(
        label="Titel i oversigten",
        max_length=200,
        required=False,
        help_text="Kun hvis den afviger.",
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )
    summary = forms.CharField(label="Resumé", widget=forms.Textarea(attrs={"class": "vLargeTextField"}))
    effective_on = forms.DateField(
        label="Tekster gælder fra",
        required=False,
        validators=[check_day],
        help_text="Kun når en tekst ændres. Tom: i dag. Rapporter om dagene før viser den gamle tekst.",
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Recommendation
        fields = ("number", "short_name", "focus_area", "source", "place", "lines")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.newest = self.instance.texts.order_by("-pk").first() if self.instance.pk else None
        standing = self.instance.texts.standing(as_of=today()).first() if self.instance.pk else None
        if standing is not None and self.newest is not None:
            self.initial.update({name: getattr(standing, name) for name in WORDING}, seen=self.newest.pk)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.get("seen")
        if self.newest is not None and seen is not None and seen != self.newest.pk:
            self.data = {**self.data.dict(), "seen": str(self.newest.pk)}  # type: ignore[attr-defined]
            raise ValidationError(
                "En anden har ændret teksterne imens. Deres titel: “%(title)s”. Deres resumé: “%(summary)s”. "
                "Din udgave står i felterne. Gem den, hvis den skal gælde i stedet.",
                params={"title": self.newest.title, "summary": self.newest.summary},
            )
        return cleaned

    @property
    def wording(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in WORDING}


class TextInline(ReadOnlyInline):
    template = "admin/edit_inline/stacked.html"
    model = RecommendationText
    fields = ("title", "overview_title", "summary", "effective_on", "recorded_at", "recorded_by", "corrects")
    verbose_name_plural = "tekstversioner"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("recorded_by", "corrects")


class AddressingInline(ReadOnlyInline):
    model = Addressing
    fields = ("actor", "basis", "addressed", "wording", "effective_on", "recorded_at", "recorded_by")
    verbose_name_plural = "rettet mod"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("recorded_by", "actor", "recommendation")
        return rows.order_by("actor__order", "basis", *LATEST_FIRST)


class AddressingForm(forms.Form):
    """Whom a recommendation is addressed to from a day on."""

    actor = forms.ModelChoiceField(label="Aktør", queryset=Actor.objects.all())
    basis = forms.ChoiceField(label="Grundlag", choices=Addressing.Basis.choices)
    addressed = forms.TypedChoiceField(
        label="Rettet mod aktøren",
        choices=[("1", "Ja"), ("0", "Nej, ikke længere")],
        coerce=lambda value: value == "1",
    )
    wording = forms.CharField(label="Kildens ord", max_length=200, required=False)
    effective_on = forms.DateField(label="Fra", initial=today, validators=[check_day])


@admin.register(Recommendation)
class RecommendationAdmin(ExchangeMixin, KeptAdmin):
    form = RecommendationForm
    resource_classes = [RecommendationResource]
    file_stem = "anbefalinger"
    change_form_template = "admin/initiatives/recommendation/change_form.html"
    inlines = (TextInline, AddressingInline)
    list_display = ("number", "title", "short_name", "focus_area", "source")
    list_display_links = ("number", "title")
    list_filter = ("focus_area__theme", "focus_area", "source")
    search_fields = ("title", "short_name", "summary", "=number")
    search_help_text = "Nummer, titel, kort navn eller resumé"
    key_fields = ("number",)
    actions = ("status_report",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return Recommendation.objects.with_text(as_of=today())

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        texts = (*WORDING, "effective_on", "seen") if obj else WORDING
        return (
            (None, {"fields": ("number", "short_name", "focus_area", "source", "place", "lines")}),
            ("Tekster", {"fields": texts}),
        )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    @admin.display(description="titel", ordering="title")
    def title(self, recommendation: Recommendation) -> str:
        return recommendation.title

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            obj.reword(by=request.user, effective_on=form.cleaned_data["effective_on"], **form.wording)
            return
        fields = {name: form.cleaned_data[name] for name in RecommendationForm.Meta.fields}
        added = add_recommendation(by=request.user, **form.wording, **fields)
        obj.pk, obj._state.adding, obj._state.db = added.pk, False, added._state.db

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.address_view)
        return [path("<int:pk>/rettet-mod/", view, name="initiatives_recommendation_address"), *super().get_urls()]

    def address_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say from a day on whether the recommendation is addressed to an actor."""
        recommendation = self.get_object(request, str(pk))
        if recommendation is None:
            raise Http404
        if not self.has_change_permission(request, recommendation):
            raise PermissionDenied
        form = AddressingForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            row = recommendation.address(by=request.user, **form.cleaned_data)
            if row is None:
                self.message_user(request, "Sådan var det allerede den dag. Intet er ændret.", messages.WARNING)
            else:
                self.log_change(request, recommendation, f"Rettet mod: {row.actor}")
                self.message_user(request, "Adresseringen er gemt.", messages.SUCCESS)
            return redirect(reverse("admin:initiatives_recommendation_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": "Rettet mod fra en dato",
            "subtitle": str(recommendation),
            "opts": self.opts,
            "original": recommendation,
            "form": form,
        }
        return TemplateResponse(request, "admin/initiatives/recommendation/address.html", context)

    @admin.action(description="Statusrapport (PDF)", permissions=["view"])
    def status_report(self, request: HttpRequest, queryset: QuerySet[Recommendation]) -> HttpResponse:
        """The national report on the chosen recommendations."""
        report = national_report(Moment.now(), only=sorted(queryset.values_list("number", flat=True)))
        return download(as_pdf(report), file_name(report), "application/pdf")


@admin.register(RecommendationText)
class RecommendationTextAdmin(ReadOnlyAdmin):
    list_display = ("title", "recommendation", "effective_on", "recorded_at", "recorded_by")
    list_filter = ("effective_on", "recorded_at")
    list_select_related = ("recommendation", "recorded_by")
    search_fields = ("title", "summary", "=recommendation__number")


@admin.register(Addressing)
class AddressingAdmin(ReadOnlyAdmin):
    list_display = ("recommendation", "actor", "basis", "addressed", "effective_on", "recorded_at", "recorded_by")
    list_filter = ("actor", "basis", "addressed")
    list_select_related = ("recommendation", "actor", "recorded_by")
    search_fields = ("recommendation__short_name", "wording", "=recommendation__number")
