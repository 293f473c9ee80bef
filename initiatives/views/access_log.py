"""/adgangslog/: who signed in, read and took out what. KL's administrator sees it all, a leader their own part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from flere_haender.access import may_read_access_log, membership_of
from flere_haender.days import DANISH_TIME, end_of_day, start_of_day
from initiatives.exporting import Column, Listing, wanted_format
from stakeholders.models import KL, AccessEntry, AccessKind, Municipality, User
from stakeholders.people import named
from stakeholders.trail import concerns
from timeline.filters import choice

from .background import filtered

NAME = "Adgangslog"


def day_filter(label: str, **options: Any) -> django_filters.DateFilter:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    errors = {"invalid": f"{label}: Skriv en dato."}
    return django_filters.DateFilter(label=label, widget=widget, error_messages=errors, **options)


class AccessFilter(django_filters.FilterSet):
    """What the log is narrowed by. The municipality is KL's to choose."""

    haendelse = choice("Hændelse", "Alle hændelser", field_name="kind", choices=AccessKind.choices)
    kommune = choice(
        "Kommune", "Alle", field_name="municipality", to_field_name="code", queryset=Municipality.objects.all()
    )
    fra = day_filter("Fra", method="since")
    til = day_filter("Til og med", method="until")
    q = django_filters.CharFilter(
        label="Bruger",
        method="of_user",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Navn eller e-mail"}),
    )

    class Meta:
        model = AccessEntry
        fields = ("haendelse", "kommune", "fra", "til", "q")

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader
        if not reader.is_superuser:
            del self.filters["kommune"]

    def since(self, rows: QuerySet[AccessEntry], name: str, day: Any) -> QuerySet[AccessEntry]:
        return rows.filter(at__gte=start_of_day(day))

    def until(self, rows: QuerySet[AccessEntry], name: str, day: Any) -> QuerySet[AccessEntry]:
        return rows.filter(at__lte=end_of_day(day))

    def of_user(self, rows: QuerySet[AccessEntry], name: str, text: str) -> QuerySet[AccessEntry]:
        """Among those whose names the reader may know."""
        users = User.objects.all()
        if not self.reader.is_superuser:
            users = users.filter(memberships__municipality=membership_of(self.reader).municipality)
        found = named(users, text).values("pk")
        return rows.filter(Q(by__in=found) | Q(about_user__in=found))


@require_safe
def access_log(request: HttpRequest) -> HttpResponse:
    reader: Any = request.user
    if not may_read_access_log(reader):
        raise PermissionDenied
    people = ("by__memberships__municipality", "about_user__memberships__municipality")
    rows = AccessEntry.objects.visible_to(reader).select_related("by", "about_user", "municipality")
    chosen = AccessFilter(request.GET, queryset=rows.prefetch_related(*people), reader=reader)
    context = filtered(request, chosen)
    _tell_whom(request, chosen)
    listing = Listing(NAME, columns_for(reader), context["found"])
    if (form := wanted_format(request)) and context["status"] == 200:
        return listing.file(form)
    context |= {
        "section": "access_log",
        "months": settings.ACCESS_LOG_MONTHS,
        "listing": listing.page(request.GET.get("side")),
        "own": None if reader.is_superuser else membership_of(reader).municipality,
    }
    return TemplateResponse(request, "initiatives/access_log.html", context, status=context["status"])


def _tell_whom(request: HttpRequest, chosen: AccessFilter) -> None:
    place = chosen.form.cleaned_data.get("kommune") if chosen.is_valid() else None
    if not chosen.reader.is_superuser:
        place = membership_of(chosen.reader).municipality
    concerns(request, *([place.code] if place else []))


def columns_for(reader: User) -> tuple[Column, ...]:
    called = naming(reader)
    return (
        Column("Tidspunkt", lambda row: f"{row.at.astimezone(DANISH_TIME):%d.%m.%Y %H.%M.%S}"),
        Column("Hvem", lambda row: called(row.by) if row.by else _nobody(row)),
        Column("Hændelse", lambda row: row.get_kind_display()),
        Column("Hvad", lambda row: row.subject, about=lambda row: row.detail),
        Column("Nærmere", lambda row: row.detail, only_in_file=True),
        Column("Hvis adgang", lambda row: called(row.about_user) if row.about_user else ""),
        Column("Kommune", lambda row: row.municipality.name if row.municipality else ""),
    )


def _nobody(row: AccessEntry) -> str:
    return "Ukendt" if row.kind == AccessKind.SIGN_IN_REFUSED else "Tjenesten selv"


def naming(reader: User) -> Callable[[User], str]:
    """What the reader may call somebody: by name in the own municipality, and to KL's administrator; others by
    organisation. The memberships have been fetched."""
    own = membership_of(reader)

    def called(user: User) -> str:
        held = sorted(user.memberships.all(), key=lambda each: (each.ended_on is None, each.started_on))
        if reader.is_superuser or user == reader:
            return f"{user}, {held[-1].organisation}" if held else str(user)
        if own and own.municipality_id in {each.municipality_id for each in held}:
            return str(user)
        return held[-1].organisation if held else KL

    return called
