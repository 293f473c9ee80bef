"""The recommendations: the versions of their texts, and whom they are addressed to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

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
from initiatives.models import Addressing, FocusArea, Recommendation, RecommendationText
from initiatives.models.action_plan import key_of
from initiatives.models.log import LATEST_FIRST
from initiatives.models.plan import WORDING, add_recommendation
from initiatives.reports.words import danish_date
from stakeholders.admin import ReadOnlyAdmin, ReadOnlyInline
from stakeholders.models import Actor
from stakeholders.requests import UserRequest

from .consequences import consequences
from .exchange import ExchangeMixin
from .plans import PreviewAdmin
from .preview import PREVIEW, Preview, PreviewedForm
from .resources import TITLE_LIMIT, RecommendationResource


def check_day(day: Any) -> Any:
    """A day from which something can hold: not before the plans, not after today."""
    if day is not None and not EARLIEST <= day <= today():
        raise ValidationError("Datoen skal ligge mellem 2018 og i dag.")
    return day


class RecommendationForm(PreviewedForm, forms.ModelForm):
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
        areas: Any = self.fields["focus_area"]
        areas.queryset = FocusArea.objects.select_related("theme__plan").order_by("theme__plan", "number")
        areas.label_from_instance = lambda area: f"{area.theme.plan}: {area.number}. {area.title}"
        self.newest = self.instance.texts.order_by("-pk").first() if self.instance.pk else None
        standing = self.instance.texts.standing(as_of=today()).first() if self.instance.pk else None
        if standing is not None and self.newest is not None:
            self.initial.update({name: getattr(standing, name) for name in WORDING}, seen=self.newest.pk)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.get("seen")
        if self.newest is not None and seen is not None and seen != self.newest.pk:
            self.data = {**self.data.dict(), "seen": str(self.newest.pk)}
            raise ValidationError(
                "En anden har ændret teksterne imens. Deres titel: “%(title)s”. Deres resumé: “%(summary)s”. "
                "Din udgave står i felterne. Gem den, hvis den skal gælde i stedet.",
                params={"title": self.newest.title, "summary": self.newest.summary},
            )
        return cleaned

    def preview(self) -> Preview:
        given, area = self.cleaned_data, self.cleaned_data["focus_area"]
        number = self.instance.number or given["number"]
        notes = [f"Adressen er {self._address(area, number)}"]
        if self.instance.pk:
            day = given["effective_on"] or today()
            changed = self.newest is not None and self.newest.wording != tuple(self.wording.values())
            notes.append(
                f"Den nye tekst gælder fra {danish_date(day)}. Rapporter om dagene før viser den gamle."
                if changed
                else "Teksterne er de samme som før."
            )
        else:
            notes.append("Den er ikke rettet mod nogen endnu. Det siger du, når den er gemt.")
        eyebrow = f"{area.theme.plan.title}. {area.theme}. Indsatsområde: {area.title}"
        return Preview(f"{number}. {given['title']}", eyebrow, given["summary"], notes)

    def _address(self, area: FocusArea, number: int) -> str:
        return Recommendation(slug=key_of(area.theme.plan.slug, number), number=number).get_absolute_url()

    @property
    def wording(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in WORDING}


class TextInline(ReadOnlyInline):
    template = "admin/edit_inline/stacked.html"
    model = RecommendationText
    fields = (
        "title",
        "overview_title",
        "summary",
        "retired",
        "effective_on",
        "recorded_at",
        "recorded_by",
        "corrects",
    )
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


class RetiringForm(forms.Form):
    """Takes a recommendation out of its plan from a day on, or puts it back."""

    retired = forms.TypedChoiceField(
        label="Fra den dag",
        choices=[("1", "er anbefalingen udgået af planen"), ("0", "er anbefalingen med igen")],
        coerce=lambda value: value == "1",
    )
    effective_on = forms.DateField(label="Dag", initial=today, validators=[check_day])


@admin.register(Recommendation)
class RecommendationAdmin(ExchangeMixin, PreviewAdmin):
    form = RecommendationForm
    resource_classes = [RecommendationResource]
    file_stem = "anbefalinger"
    change_form_template = "admin/initiatives/recommendation/change_form.html"
    inlines = (TextInline, AddressingInline)
    list_display = ("number", "title", "plan", "focus_area", "is_retired")
    list_display_links = ("number", "title")
    list_filter = ("focus_area__theme__plan", "focus_area__theme", "focus_area", "source")
    search_fields = ("title", "short_name", "summary", "=number")
    search_help_text = "Nummer, titel, kort navn eller resumé"
    key_fields = ("number",)
    actions = ("status_report",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return Recommendation.objects.with_text(as_of=today()).select_related("source")

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

    @admin.display(description="handleplan")
    def plan(self, recommendation: Recommendation) -> str:
        return str(recommendation.focus_area.theme.plan)

    @admin.display(description="udgået", boolean=True)
    def is_retired(self, recommendation: Recommendation) -> bool:
        return recommendation.retired

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            obj.reword(by=request.user, effective_on=form.cleaned_data["effective_on"], **form.wording)
            return
        fields = {name: form.cleaned_data[name] for name in RecommendationForm.Meta.fields}
        added = add_recommendation(by=request.user, **form.wording, **fields)
        obj.pk, obj.slug, obj._state.adding, obj._state.db = added.pk, added.slug, False, added._state.db

    def get_urls(self) -> list[URLPattern]:
        dated = {
            "rettet-mod": ("initiatives_recommendation_address", self.address_view),
            "udgaar": ("initiatives_recommendation_retire", self.retire_view),
        }
        urls = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=known_as)
            for name, (known_as, view) in dated.items()
        ]
        return [*urls, *super().get_urls()]

    def address_view(self, request: UserRequest, pk: int) -> HttpResponse:
        """Say from a day on whether the recommendation is addressed to an actor."""

        def address(recommendation: Recommendation, form: Any) -> str:
            row = recommendation.address(by=request.user, **form.cleaned_data)
            return f"Rettet mod: {row.actor}" if row else ""

        return self._dated(request, pk, AddressingForm, address, "Rettet mod fra en dato", "Adresseringen er gemt.")

    def retire_view(self, request: UserRequest, pk: int) -> HttpResponse:
        """Take the recommendation out of its plan from a day on, or put it back."""

        def retire(recommendation: Recommendation, form: Any) -> str:
            given = form.cleaned_data
            verb = recommendation.retire if given["retired"] else recommendation.take_up_again
            row = verb(by=request.user, effective_on=given["effective_on"])
            return ("Udgået" if given["retired"] else "Med igen") if row else ""

        return self._dated(request, pk, RetiringForm, retire, "Udgår fra en dato", "Det er gemt.")

    def _dated(self, request: HttpRequest, pk: int, kind: Any, verb: Any, title: str, done: str) -> HttpResponse:
        """A form that says something about the recommendation from a day on, and the verb that writes it."""
        recommendation = self.get_object(request, str(pk))
        if recommendation is None:
            raise Http404
        if not self.has_change_permission(request, recommendation):
            raise PermissionDenied
        form, shown = kind(request.POST or None), None
        if request.method == "POST" and form.is_valid():
            if PREVIEW in request.POST:
                shown = self._foreseen(recommendation, form, verb)
            elif self._said(request, recommendation, form, verb, done):
                return redirect(reverse("admin:initiatives_recommendation_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(recommendation),
            "opts": self.opts,
            "original": recommendation,
            "form": form,
            "shown": shown,
        }
        return TemplateResponse(request, "admin/initiatives/recommendation/dated.html", context)

    def _foreseen(self, recommendation: Any, form: Any, verb: Any) -> Preview | None:
        try:
            day = form.cleaned_data["effective_on"]
            return consequences(recommendation, day, lambda: verb(recommendation, form))
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return None

    def _said(self, request: HttpRequest, recommendation: Any, form: Any, verb: Any, done: str) -> bool:
        try:
            said = verb(recommendation, form)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return False
        if said:
            self.log_change(request, recommendation, said)
            self.message_user(request, done, messages.SUCCESS)
        else:
            self.message_user(request, "Sådan var det allerede den dag. Intet er ændret.", messages.WARNING)
        return True

    @admin.action(description="Statusrapport (PDF)", permissions=["view"])
    def status_report(self, request: HttpRequest, queryset: QuerySet[Recommendation]) -> HttpResponse | None:
        """The national report on the chosen recommendations, which are of one plan."""
        chosen = list(queryset)
        plans = {recommendation.plan_slug for recommendation in chosen}
        if len(plans) > 1:
            self.message_user(request, "Vælg anbefalinger fra én handleplan ad gangen.", messages.ERROR)
            return None
        numbers = ",".join(str(one.number) for one in sorted(chosen, key=lambda one: one.number))
        return redirect(
            f"{reverse('national_report_pdf')}?{urlencode({'plan': plans.pop(), 'kun': numbers}, safe=',')}"
        )


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
