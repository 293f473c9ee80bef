from django.contrib import admin

from stakeholders.admin import KeptAdmin

from .models import Source


@admin.register(Source)
class SourceAdmin(KeptAdmin):
    list_display = ("title", "publisher", "published", "kind")
    list_filter = ("kind", "publisher")
    search_fields = ("title", "publisher", "slug", "file_name")
    key_fields = ("slug",)
