"""KL changes the texts of e-mails and help: each with a preview, its placeholders checked, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from flere_haender.access import is_kl_consultant
from flere_haender.form_keys import whole_number

from .models import EditableText, EditableTextEvent, TextChangedSince, User
from .texts import Text, as_html, as_plain, known_texts

MEANWHILE = "En anden har ændret teksten imens. Den nye tekst står nederst. Gem igen, hvis din skal gælde i stedet."


class TextForm(forms.Form):
    subject = forms.CharField(
        label="Emne", required=False, max_length=200, widget=forms.TextInput(attrs={"class": "vLargeTextField"})
    )
    body = forms.CharField(label="Tekst", required=False, widget=forms.Textarea(attrs={"rows": 14, "cols": 90}))
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**31)

    def __init__(self, *args: Any, text: Text, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = text
        if not text.is_mail:
            del self.fields["subject"]

    def clean(self) -> dict[str, Any]:
        """The placeholders, also before a preview."""
        cleaned = super().clean() or self.cleaned_data
        given = {name: cleaned.get(name, "") for name in ("subject", "body")}
        try:
            self.text.check(**given)
        except ValidationError as refusal:
            self.add_error(None, refusal)
        return cleaned

    def save(self, *, by: User) -> bool:
        """Whether it could be saved; the messages stand at the fields."""
        if not self.is_valid():
            return False
        try:
            EditableText.change(self.text.slug, by=by, **self.cleaned_data)
        except ValidationError as refusal:
            self.add_error(None, refusal)
        except TextChangedSince:
            self.add_error(None, MEANWHILE)
            sent: Any = self.data
            typed = sent.copy()
            typed["seen"] = EditableText.version_of(self.text.slug)
            self.data = typed
        return not self.errors


@dataclass(frozen=True)
class Line:
    """What somebody let a text say."""

    at: datetime
    author: str
    subject: str
    body: str
    is_standard: bool


def history_of(text: Text) -> list[Line]:
    """Every wording since the standard one, the newest first; two queries."""
    events = list(EditableTextEvent.objects.filter(slug=text.slug).select_related("pgh_context").order_by("-pgh_id"))
    users = User.objects.in_bulk({_user_id(event) for event in events})
    return [
        Line(
            event.pgh_created_at,
            str(users.get(_user_id(event), "KL")),
            event.subject,
            event.body,
            event.pgh_label == "delete",
        )
        for event in events
    ]


def _user_id(event: Any) -> int:
    return (event.pgh_context.metadata.get("user") or 0) if event.pgh_context else 0


class EditableTextAdmin(admin.ModelAdmin):
    """All texts stand in the list; those that KL has changed say by whom and when.

    Registered in ``initiatives.admin.texts``, where they also come as files.
    """

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_kl_consultant(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        edit = self.admin_site.admin_view(self.edit_view)
        return [path("<slug:slug>/ret/", edit, name="stakeholders_editabletext_edit"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        changed = {row.slug: row for row in EditableText.objects.select_related("changed_by")}
        texts = [{"text": text, "row": changed.get(slug)} for slug, text in known_texts().items()]
        context = {**self._frame(request), **(extra_context or {})}
        context |= {"title": "Tekster i e-mails og hjælp", "texts": texts}
        return TemplateResponse(request, "admin/stakeholders/editabletext/list.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The admin's own address of a row leads to the form."""
        row = EditableText.objects.filter(pk=whole_number(object_id) or 0).first()
        if row is None:
            raise Http404
        return redirect("admin:stakeholders_editabletext_edit", row.slug)

    def edit_view(self, request: Any, slug: str) -> HttpResponse:
        text = known_texts().get(slug)
        if text is None:
            raise Http404
        if not self.has_change_permission(request):
            raise PermissionDenied
        subject, body = EditableText.holding(text)
        if request.method == "POST" and "_standard" in request.POST:
            subject, body = text.subject, text.body
            EditableText.change(slug, by=request.user, subject=subject, body=body)
            return self._done(request, "Standardteksten gælder igen.")
        now = {"subject": subject, "body": body, "seen": EditableText.version_of(slug)}
        form = TextForm(request.POST or None, initial=now, text=text)
        is_preview = request.method == "POST" and "_preview" in request.POST
        if request.method == "POST" and not is_preview and form.save(by=request.user):
            return self._done(request, "Teksten er gemt. Den gælder fra nu af.")
        context = {
            **self._frame(request),
            "title": text.title,
            "text": text,
            "form": form,
            "shown": _shown(text, form) if is_preview and form.is_valid() else None,
            "history": history_of(text),
            "is_changed": (subject, body) != (text.subject, text.body),
        }
        return TemplateResponse(request, "admin/stakeholders/editabletext/edit.html", context)

    def _frame(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts}

    def _done(self, request: HttpRequest, said: str) -> HttpResponse:
        self.message_user(request, said, messages.SUCCESS)
        return redirect(reverse("admin:stakeholders_editabletext_changelist"))


def _shown(text: Text, form: TextForm) -> dict[str, Any]:
    """The text as it will be read, with the examples."""
    given = form.cleaned_data
    return {
        "subject": as_plain(given.get("subject", ""), text.examples),
        "html": as_html(given["body"], text.examples),
        "plain": as_plain(given["body"], text.examples) if text.is_mail else "",
    }
