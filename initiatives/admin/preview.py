"""See it first: a form of the admin that shows what its texts will look like, and saves nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms

PREVIEW = "_preview"


@dataclass(frozen=True)
class Preview:
    """What the public page will say, and what else follows."""

    heading: str
    eyebrow: str = ""
    lead: str = ""
    notes: list[str] = field(default_factory=list)


class PreviewedForm(forms.BaseForm):
    """For a form: asked for a preview, it is not valid, so that the admin shows it again as it was typed."""

    data: Any

    def is_valid(self) -> bool:
        return super().is_valid() and PREVIEW not in self.data

    @property
    def shown(self) -> Preview | None:
        """The preview, when it was asked for and nothing is wrong."""
        asked = PREVIEW in (self.data or {}) and not self.errors
        return self.preview() if asked else None

    def preview(self) -> Preview:
        raise NotImplementedError
