from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from flere_haender.access import may_order_reports
from flere_haender.days import today
from initiatives.models import Progress, ReportOrder, TooManyOrders
from initiatives.reports.choice import COUNTRY, Choice
from initiatives.reports.words import danish_date
from stakeholders.admin import KeptAdmin, KeptInline
from stakeholders.models import Kkr, Municipality, Placement

from .exchange import ExchangeMixin
from .resources import MunicipalityResource, municipality_faults


class MunicipalityForm(forms.ModelForm):
    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        given = self.cleaned_data.get
        for name, fault in municipality_faults(given("code") or self.instance.code, given("cvr")).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, fault)
        return cleaned


class PlacementFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        placed = [form for form in self.forms if form.has_changed() or form.instance.pk]
        if not placed:
            raise ValidationError("Skriv, hvilket KKR og hvilken region kommunen ligger i.")


class PlacementInline(KeptInline):
    """Where it lies, from a day on. A change is a new row; the rows before stay for the reports that rest on them."""

    model = Placement
    formset = PlacementFormSet
    fields = ("kkr", "region", "starts_on")
    verbose_name_plural = "placeringer: en ændring er en ny række med den dag, den gælder fra"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Placement]:
        return super().get_queryset(request).select_related("municipality", "kkr", "region")


class KkrFilter(admin.SimpleListFilter):
    title = "KKR"
    parameter_name = "kkr"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Kkr.objects.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        now = Placement.objects.filter(municipality=OuterRef("pk"), starts_on__lte=today()).order_by("-starts_on")
        return queryset.alias(lies_in=Subquery(now.values("kkr__slug")[:1])).filter(lies_in=self.value())


@admin.register(Municipality)
class MunicipalityAdmin(ExchangeMixin, KeptAdmin):
    form = MunicipalityForm
    resource_classes = [MunicipalityResource]
    file_stem = "kommuner"
    inlines = (PlacementInline,)
    list_display = ("authority_name", "code", "cvr", "kkr", "region", "is_fictional")
    list_filter = (KkrFilter, "is_fictional")
    list_per_page = 100
    search_fields = ("name",)
    search_help_text = "Navn eller kommunekode"
    fields = ("code", "name", "authority_name", "cvr", "sort_order", ("tile_row", "tile_column"))
    key_fields = ("code",)
    actions = ("status_reports",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return Municipality.objects.placed(as_of=today())

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (queryset.called(search_term) if search_term.strip() else queryset), False

    @admin.display(description="KKR")
    def kkr(self, municipality: Municipality) -> str:
        return str(municipality.kkr or "–")

    @admin.display(description="region")
    def region(self, municipality: Municipality) -> str:
        return str(municipality.region or "–")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        Progress.objects.fill()

    @admin.action(description="Statusrapport (PDF)", permissions=["view"])
    def status_reports(self, request: Any, queryset: QuerySet[Municipality]) -> HttpResponse | None:
        """One report as a PDF, several as an order of a ZIP. For KL, which may read them."""
        chosen = list(queryset)
        if len(chosen) == 1:
            return redirect("municipality_report_pdf", code=chosen[0].code)
        if not may_order_reports(request.user):
            self.message_user(request, "Kun KL kan bestille flere rapporter på én gang.", messages.ERROR)
            return None
        title = f"{len(chosen)} rapporter pr. {danish_date(today())}"
        try:
            choice = Choice.from_query(QueryDict(f"om={COUNTRY}"), user=request.user)
            return redirect(ReportOrder.of_many(choice, chosen, by=request.user, title=title, key=uuid.uuid4()))
        except TooManyOrders:
            self.message_user(request, TooManyOrders.said, messages.ERROR)
        return None
