"""What stands in the columns of the admin's files, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from import_export import widgets
from import_export.fields import Field

from flere_haender.form_keys import whole_number
from initiatives.intake.cells import as_day
from initiatives.models import FocusArea, Theme
from initiatives.models.action_plan import key_of, plan_and_number


class WholeNumber(widgets.IntegerWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        if value in ("", None):
            return None
        number = whole_number(str(value), digits=5)
        if number is None:
            raise ValueError(f"Skriv et helt tal i stedet for “{value}”.")
        return number


class NaturalKey(widgets.ForeignKeyWidget):
    """A row known by what people call it; who is called so is looked up."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if value in ("", None):
            return None
        try:
            return self.model.objects.get(**{self.field: value})
        except (self.model.DoesNotExist, ValueError) as missing:
            name = self.model._meta.verbose_name
            raise ValueError(f"Der findes ikke noget, der hedder “{value}” ({name}).") from missing


class Day(widgets.Widget):
    """A Danish day, as spreadsheets and people write it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        if value in ("", None):
            return None
        found = as_day(str(value))
        if found is None:
            raise ValueError(f"Skriv en dato som 31-05-2026 i stedet for “{value}”.")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class OneOf(widgets.Widget):
    """One of some labels, however its letters are written."""

    def __init__(self, labels: Mapping[Any, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.labels = dict(labels)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        wanted = str(value or "").strip().casefold()
        for kept, label in self.labels.items():
            if label.casefold() == wanted:
                return kept
        raise ValueError(f"Skriv {', '.join(filter(None, self.labels.values()))} i stedet for “{value}”.")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.labels.get(value, "")


YES_NO = {True: "ja", False: "nej"}


class PlanKey(widgets.CharWidget):
    """What a recommendation, a theme or a focus area is known by among all plans: 10, or flere-haender-3-10."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        plan, text = plan_and_number(str(value or "").strip())
        if not (number := whole_number(text, digits=4)):
            raise ValueError(f"Skriv et nummer som 10 eller flere-haender-3-10 i stedet for “{value}”.")
        return key_of(plan, number)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return int(value) if str(value).isdecimal() else value


class DivisionKey(NaturalKey):
    """A theme or a focus area, by its number in its plan."""

    PLAN = {Theme: "plan__slug", FocusArea: "theme__plan__slug"}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if value in ("", None):
            return None
        found = division(self.model, str(value))
        if found is None:
            name = self.model._meta.verbose_name
            raise ValueError(f"Der findes ikke noget, der hedder “{value}” ({name}).")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.plan_key if value else ""


def division(model: Any, key: str) -> Any:
    """The theme or the focus area with this key; None when there is none."""
    plan, text = plan_and_number(key.strip())
    if (number := whole_number(text, digits=4)) is None:
        return None
    rows = model.objects.select_related(DivisionKey.PLAN[model].removesuffix("__slug"))
    return rows.filter(**{DivisionKey.PLAN[model]: plan, "number": number}).first()


def text_column(attribute: str, column: str) -> Field:
    return Field(attribute, column, widgets.CharWidget(allow_blank=True))


def number_column(attribute: str, column: str) -> Field:
    return Field(attribute, column, WholeNumber())


def day_column(attribute: str, column: str) -> Field:
    return Field(attribute, column, Day())


def yes_no_column(attribute: str, column: str) -> Field:
    return Field(attribute, column, OneOf(YES_NO))
