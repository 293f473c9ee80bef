"""The form with which a file is uploaded, whatever the file is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError

Kept = TypeVar("Kept")


def file_field(label: str, *, accept: str, missing: str, **more: Any) -> forms.FileField:
    """A field for a file; what is in it is judged when it is read.

    Args:
        missing: what is said when none is chosen.
    """
    return forms.FileField(
        label=label,
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": accept}),
        error_messages={"required": missing, "invalid": "Vælg en fil."},
        **more,
    )


class FileForm(forms.Form):
    """A form with a ``file``."""

    def kept(self, keep: Callable[[bytes, str], Kept]) -> Kept | None:
        """What ``keep`` makes of content and name. None when it is refused; the message stands at the field."""
        if not self.is_valid():
            return None
        file = self.cleaned_data["file"]
        try:
            return keep(file.read(), file.name)
        except ValidationError as refusal:
            self.add_error("file", refusal)
            return None
