"""Tables that only grow: the database refuses to change, delete and empty them."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger

append_only = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


def never_emptied(refusal: str) -> pgtrigger.Trigger:
    """Refuse TRUNCATE, which fires no trigger of a row, with these words."""
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=f"RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation';",
    )


def edit_history(model: Any, said: str, *, exclude: list[str] | None = None) -> Any:
    """The model of a model's edit history, whose rows the database itself writes.

    Args:
        said: what a row is called, with itself as ``{0}``.
        exclude: the fields that are not kept.
    """
    return pghistory.create_event_model(
        model,
        *(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()),
        exclude=exclude,
        append_only=True,
        obj_field=pghistory.ObjForeignKey(related_name="+", related_query_name="+", null=True),
        attrs={"__str__": lambda row: said.format(row)},
        abstract=False,
    )
