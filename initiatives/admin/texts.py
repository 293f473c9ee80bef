"""The texts of e-mails and help in files: all of them go out, and those that are changed come in by their verb."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from import_export.fields import Field

from stakeholders.models import EditableText
from stakeholders.text_admin import EditableTextAdmin
from stakeholders.texts import known_texts

from .columns import text_column
from .exchange import ExchangeMixin, VerbResource


def holding(slug: str) -> EditableText:
    """A text as it is now, KL's or the standard."""
    subject, body = EditableText.holding(known_texts()[slug])
    return EditableText(slug=slug, subject=subject, body=body)


class TextResource(VerbResource):
    slug = text_column("slug", "Kode")
    title = Field(column_name="Tekst om", readonly=True)
    subject = text_column("subject", "Emne")
    body = text_column("body", "Tekst")

    class Meta(VerbResource.Meta):
        model = EditableText
        name = "Tekster"
        import_id_fields = ("slug",)
        fields = ("slug", "title", "subject", "body")

    def dehydrate_title(self, text: EditableText) -> str:
        return known_texts()[text.slug].title

    def iter_queryset(self, queryset: Any) -> Any:
        """All that there are, also those that stand as they did at first."""
        return map(holding, known_texts())

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        return holding(row["Kode"]) if row["Kode"] in known_texts() else None

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        text = known_texts().get(instance.slug)
        if text is None:
            raise ValidationError({"slug": f"Der findes ingen tekst med koden “{instance.slug}”."})
        text.check(subject=instance.subject, body=instance.body)

    def write(self, instance: Any, *, is_new: bool) -> None:
        EditableText.change(instance.slug, by=self.by, subject=instance.subject, body=instance.body)


@admin.register(EditableText)
class ExchangedTextAdmin(ExchangeMixin, EditableTextAdmin):
    resource_classes = [TextResource]
    file_stem = "tekster"

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def generate_log_entries(self, result: Any, request: HttpRequest) -> None:
        """The texts have a history of their own."""
