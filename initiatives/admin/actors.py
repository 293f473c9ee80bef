"""Whom recommendations are addressed to."""

from __future__ import annotations

from django.contrib import admin

from stakeholders.admin import KeptAdmin
from stakeholders.models import Actor

from .division_resources import ActorResource
from .exchange import ExchangeMixin


@admin.register(Actor)
class ActorAdmin(ExchangeMixin, KeptAdmin):
    resource_classes = [ActorResource]
    file_stem = "aktoerer"
    list_display = ("name", "slug", "order")
    search_fields = ("name", "slug")
    key_fields = ("slug",)
