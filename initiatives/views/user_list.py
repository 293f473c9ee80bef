"""Many users invited from a list: the list is uploaded here, and looked through as every upload is."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from flere_haender.access import Role, may_manage_users, member_required, membership_of
from initiatives.file_forms import FileForm, file_field
from initiatives.models import Upload
from initiatives.user_list import MOST, keep, read
from stakeholders.models import roles_of


class ListForm(FileForm):
    """A list of those to invite."""

    file = file_field("Liste", accept=".xlsx,.csv", missing="Vælg den liste, du vil uploade.")

    def save(self, *, by: Any) -> Upload | None:
        """Read it and keep its rows. None when it is refused."""
        return self.kept(lambda content, name: keep(read(content, name), by=by, file_name=name))


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
