"""When the two voices are said to disagree: KL writes a new version, and the old ones stand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from flere_haender.days import today
from initiatives.models import Thresholds
from initiatives.moment import Moment
from stakeholders.admin import KeptAdmin

from .plan import check_day


class ThresholdsForm(forms.ModelForm):
    effective_on = forms.DateField(
        label="Gælder fra",
        initial=today,
        validators=[check_day],
        help_text="Sider og rapporter om dagene før bruger de gamle grænser.",
    )

    class Meta:
        model = Thresholds
        fields = ("disagree_above", "assessed_at_least", "effective_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            now = Thresholds.holding(Moment.now())
            self.initial.update({name: getattr(now, name) for name in ("disagree_above", "assessed_at_least")})


@admin.register(Thresholds)
class ThresholdsAdmin(KeptAdmin):
    """A new version is a new row with its day; none is rewritten."""

    form = ThresholdsForm
    list_display = ("__str__", "effective_on", "recorded_at", "recorded_by")
    list_select_related = ("recorded_by",)
    list_filter = ("effective_on",)
    search_fields = ("=disagree_above", "=assessed_at_least")
    fields = ThresholdsForm.Meta.fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        written = Thresholds.set(by=request.user, **form.cleaned_data)
        obj.pk, obj._state.adding, obj._state.db = written.pk, False, written._state.db
