"""What is done with users and roles in the admin, written in the access log."""

from __future__ import annotations

from typing import Any

from .models import AccessKind, Membership, User, record_about


def trace_user(user: User, form: Any, *, by: Any, is_new: bool) -> None:
    """A user was made, or these of their fields were changed: their names, never what they say."""
    names = [str(form.fields[name].label) for name in form.changed_data]
    subject = "Oprettet" if is_new else ", ".join(names) or "Uden ændringer"
    record_about(AccessKind.USER_CHANGED, user, by=by, subject=subject)


def trace_role(membership: Membership, *, by: Any, is_new: bool) -> None:
    """A membership was given, or ended; what they signed in to before is not what they have now."""
    membership.trace(AccessKind.ROLE_GIVEN if is_new else AccessKind.ROLE_ENDED, by=by)
    if membership.user != by:
        membership.user.sign_out_everywhere()


def trace_roles(formset: Any, *, by: Any) -> None:
    for membership in formset.new_objects:
        trace_role(membership, by=by, is_new=True)
    for membership, _ in formset.changed_objects:
        trace_role(membership, by=by, is_new=False)
