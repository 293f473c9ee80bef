"""Triggers for tables that only grow: the database refuses to change, delete and empty them."""

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
