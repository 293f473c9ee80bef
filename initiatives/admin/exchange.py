"""Import and export in the admin: django-import-export, in Danish, through the verbs, all or nothing."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from diff_match_patch import diff_match_patch
from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from import_export import resources
from import_export.admin import ImportExportMixin
from import_export.forms import ConfirmImportForm, ExportForm, ImportForm
from import_export.results import Error, Result, RowResult
from import_export.tmp_storages import CacheStorage
from tablib import Dataset

from flere_haender.days import today
from initiatives.intake.cells import as_text
from initiatives.status import thousands

from .files import MAX_BYTES, DanishCSV, SafeXLSX

logger = logging.getLogger(__name__)
MOST_EXPORTED = 20_000
CHANGED_SINCE_PREVIEW = "Noget er ændret, siden du så forhåndsvisningen. Her er den nye. Intet er indlæst endnu."


class MarkedDiff(resources.Diff):
    """The difference as <ins> and <del>, without styles of its own."""

    TAGS = {-1: "<del>{}</del>", 0: "{}", 1: "<ins>{}</ins>"}

    def as_html(self) -> list[SafeString]:
        before = [""] * len(self.right) if self.new else self.left
        return [self.marked(str(old or ""), str(new or "")) for old, new in zip(before, self.right, strict=True)]

    def marked(self, old: str, new: str) -> SafeString:
        differ = diff_match_patch()
        parts = differ.diff_main(old, new)
        differ.diff_cleanupSemantic(parts)
        return format_html_join("", "{}", ((format_html(self.TAGS[kind], text),) for kind, text in parts))


class VerbResource(resources.ModelResource):
    """Rows are written by ``write``, a verb's work; the whole file or nothing."""

    class Meta:
        skip_unchanged = True
        report_skipped = True
        clean_model_instances = True
        use_transactions = True

    def __init__(self, *, by: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.by = by

    @classmethod
    def get_diff_class(cls) -> type[MarkedDiff]:
        return MarkedDiff

    def write(self, instance: Any, *, is_new: bool) -> None:
        raise NotImplementedError

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        instance.is_known_by_the_file = not new

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """A cell that says what is there already changes nothing, however it is kept."""
        if instance.is_known_by_the_file and self._says(field, instance) == row.get(field.column_name):
            return
        super().import_field(field, instance, row, is_m2m, **kwargs)

    def _says(self, field: Any, instance: Any) -> str:
        """What an exported file would say of it, as it is read again."""
        return as_text(self.export_field(field, instance, force_native_type=True))

    def do_instance_save(self, instance: Any, is_create: bool) -> None:
        # A savepoint, so that a row that the database refuses does not take the next ones with it.
        with transaction.atomic():
            self.write(instance, is_new=is_create)

    def columns(self) -> list[str]:
        return [field.column_name for field in self.get_import_fields()]

    def get_user_visible_fields(self) -> list[Any]:
        return [field for field in self.get_import_fields() if not field.readonly]

    @property
    def key(self) -> Any:
        return self.fields[self._meta.import_id_fields[0]]

    def check_columns(self, dataset: Dataset) -> None:
        """Hold the headings, and then the key of each row, against what the file may say.

        Raises:
            ValidationError: with one message for each fault.
        """
        headers, columns, faults = dataset.headers or [], self.columns(), []
        if self.key.column_name not in headers:
            faults.append(f"Kolonnen “{self.key.column_name}” mangler.")
        unknown = [header or "(uden navn)" for header in headers if header not in columns]
        if unknown:
            faults.append(f"Ukendte kolonner: {', '.join(unknown)}. Filen kan have: {', '.join(columns)}.")
        twice = sorted({header for header in headers if headers.count(header) > 1})
        if twice:
            faults.append(f"Kolonnen står to gange: {', '.join(twice)}.")
        if faults or (faults := self._key_faults(dataset[self.key.column_name])):
            raise ValidationError(faults)

    def _key_faults(self, keys: list[str]) -> list[str]:
        """What is wrong with the column that says which row is which."""
        name, faults = self.key.column_name, []
        for place, key in enumerate(keys, 2):
            if not key:
                faults.append(f"{name} mangler i række {place}.")
                continue
            try:
                self.key.widget.clean(key)
            except ValueError as fault:
                faults.append(f"Række {place}, {name}: {fault}")
        doubles = sorted({key for key in keys if key and keys.count(key) > 1})
        if doubles:
            faults.append(f"{name} står i flere rækker: {', '.join(doubles)}.")
        return faults

    def import_data(self, dataset: Dataset, *args: Any, **kwargs: Any) -> Result:
        try:
            self.check_columns(dataset)
        except ValidationError as faults:
            result = Result()
            for fault in faults.messages:
                result.append_base_error(Error(fault))
            return result
        kwargs["rollback_on_validation_errors"] = True
        result = super().import_data(dataset, *args, **kwargs)
        self._in_danish(result)
        return result

    def _in_danish(self, result: Result) -> None:
        """Faults stand under the heading of their column, not under the name of the model's field."""
        names = {field.attribute: field.column_name for field in self.fields.values()}
        for row in result.invalid_rows:
            row.error_dict = {names.get(name, name): faults for name, faults in row.error_dict.items()}
        for row in result.error_rows:
            for fault in row.errors:
                logger.error("Import failed in row %s", row.number + 1, exc_info=fault.error)


class FileForm(ImportForm):
    """One file; what it is, its name says."""

    FORMATS = (".csv", ".xlsx")

    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        del self.fields["format"]
        file = self.fields["import_file"]
        file.label = "Fil"
        file.help_text = f"CSV eller XLSX, højst {MAX_BYTES // 1024 // 1024} MB."
        file.widget.attrs = {"accept": ".csv,.xlsx"}

    @property
    def media(self) -> forms.Media:
        return forms.Media()

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        ending = "." + file.name.rpartition(".")[2].lower()
        if ending not in self.FORMATS:
            raise ValidationError("Filen har en forkert type. Vælg en CSV- eller XLSX-fil.")
        if file.size > MAX_BYTES:
            raise ValidationError(f"Filen er for stor. Den må højst fylde {MAX_BYTES // 1024 // 1024} MB.")
        self.cleaned_data["format"] = str(self.FORMATS.index(ending))
        return file


class ConfirmForm(ConfirmImportForm):
    """Names the file that waits, and what its preview said."""

    format = forms.TypedChoiceField(choices=[("0", "CSV"), ("1", "XLSX")], widget=forms.HiddenInput)
    previewed = forms.CharField(widget=forms.HiddenInput)


class KindForm(ExportForm):
    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.fields["format"].label = "Filtype"
        self.fields["format"].choices = [(str(place), kind().get_title()) for place, kind in enumerate(formats)]
        self.fields["format"].initial = "0"


def digest(result: Result) -> str:
    """What a preview says, in short: the same only when the import would do the same."""
    said = [(row.import_type, [str(cell) for cell in row.diff or ()]) for row in result.rows]
    return hashlib.sha256(repr(said).encode()).hexdigest()


class ExchangeMixin(ImportExportMixin):
    """Import and export of one model, for who may change it and who may see it."""

    formats = [DanishCSV, SafeXLSX]
    import_form_class = FileForm
    confirm_form_class = ConfirmForm
    export_form_class = KindForm
    # The file waits in the cache, which all processes share, and goes away by itself.
    tmp_storage_class = CacheStorage
    file_stem = ""

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and self.has_add_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"by": request.user}

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"by": request.user}

    def get_export_filename(self, request: HttpRequest, queryset: Any, file_format: Any) -> str:
        return f"{self.file_stem}-{today().isoformat()}.{file_format.get_extension()}"

    def get_data_for_export(self, request: HttpRequest, queryset: Any, **kwargs: Any) -> Dataset:
        if queryset.count() > MOST_EXPORTED:
            most = thousands(MOST_EXPORTED)
            raise ValueError(f"Der er flere end {most} rækker. Vælg færre med listens filtre, og eksportér igen.")
        kwargs["force_native_type"] = True
        return super().get_data_for_export(request, queryset, **kwargs)

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        form.add_error("import_file", e if isinstance(e, ValidationError) else "Filen kan ikke læses.")

    def export_action(self, request: HttpRequest) -> HttpResponse:
        try:
            answered = super().export_action(request)
        except IncorrectLookupParameters:
            return redirect(self._url("changelist") + "?e=1")  # as the list does
        response = self._titled(answered, f"Eksportér {self.opts.verbose_name_plural}")
        if getattr(response, "context_data", None):
            resource = self.resource_classes[0]
            response.context_data["fields_list"] = [(resource.get_display_name(), resource().columns())]
        return response

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = self._titled(super().import_action(request, **kwargs), f"Importér {self.opts.verbose_name_plural}")
        context = getattr(response, "context_data", None) or {}
        if "confirm_form" in context:
            context["confirm_form"].initial["previewed"] = digest(context["result"])
        return response

    def _titled(self, response: Any, title: str) -> Any:
        if getattr(response, "context_data", None):
            response.context_data["title"] = title
        return response

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Import what was previewed. What has become another import since is previewed again."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = self.create_confirm_form(request)
        dataset = self._waiting(form) if request.method == "POST" and form.is_valid() else None
        if dataset is None:
            messages.error(request, "Filen venter ikke længere. Vælg den igen.")
            return redirect(self._url("import"))
        with transaction.atomic():
            result = self.process_dataset(dataset, form, request, **kwargs)
            done = not (result.has_errors() or result.has_validation_errors())
            if done and digest(result) != form.cleaned_data["previewed"]:
                messages.warning(request, CHANGED_SINCE_PREVIEW)
                done = False
            transaction.set_rollback(not done)
        if not done:
            return self._preview_again(request, form, result)
        CacheStorage(name=form.cleaned_data["import_file_name"]).remove()
        return self.process_result(result, request)

    def _waiting(self, form: forms.Form) -> Dataset | None:
        content = CacheStorage(name=form.cleaned_data["import_file_name"]).read()
        kind: Any = self.formats[int(form.cleaned_data["format"])]
        return kind().create_dataset(content) if content else None

    def _preview_again(self, request: HttpRequest, form: forms.Form, result: Result) -> HttpResponse:
        refused = result.has_errors() or result.has_validation_errors()
        context = {
            **self.admin_site.each_context(request),
            "title": f"Importér {self.opts.verbose_name_plural}",
            "opts": self.opts,
            "result": result,
            "form": self.import_form_class(self.formats, self.resource_classes),
        }
        if not refused:
            context["confirm_form"] = self.confirm_form_class(
                initial={**form.cleaned_data, "previewed": digest(result)}
            )
        return TemplateResponse(request, self.import_template_name, context, status=409)

    def _url(self, name: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}")

    def add_success_message(self, result: Result, request: HttpRequest) -> None:
        new, changed = (result.totals[kind] for kind in (RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE))
        same = result.totals[RowResult.IMPORT_TYPE_SKIP]
        messages.success(request, f"Filen er indlæst: {new} nye, {changed} ændrede, {same} uændrede.")

    def _create_log_entry(self, user_pk: int, rows: Any, import_type: str, action_flag: int) -> None:
        LogEntry.objects.log_actions(user_pk, rows, action_flag, change_message="Indlæst fra fil.")
