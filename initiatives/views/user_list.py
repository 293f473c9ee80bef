"""Many users invited from a list: the list is uploaded here, and looked through as every upload is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from flere_haender.access import Role, may_manage_users, member_required, membership_of
from initiatives.models import Upload
from initiatives.user_list import MOST, keep, read
from stakeholders.models import roles_of


class ListForm(forms.Form):
    """A list of those to invite."""

    file = forms.FileField(
        label="Liste",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": "Vælg den liste, du vil uploade.", "invalid": "Vælg en fil."},
    )

    def save(self, *, by: Any) -> Upload | None:
        """Read it and keep its rows. None when it is refused; the message stands at the field."""
        if not self.is_valid():
            return None
        file = self.cleaned_data["file"]
        try:
            rows = read(file.read(), file.name)
        except ValidationError as refusal:
            self.add_error("file", refusal)
            return None
        return keep(rows, by=by, file_name=file.name)


@require_http_methods(["GET", "POST"])
@member_required
def invite_list(request: HttpRequest) -> HttpResponse:
    own = membership_of(request.user).municipality
    if not may_manage_users(request.user, own.pk if own else None):
        raise PermissionDenied
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    if request.method == "POST":
        kept = form.save(by=request.user)
        if kept is not None:
            return redirect(kept)
    roles = [role.label for role in (roles_of(own) if own else Role)]
    context = {"section": "users", "form": form, "own": own, "roles": roles, "most": MOST}
    return TemplateResponse(request, "initiatives/user_list.html", context, status=422 if form.errors else 200)
