"""Work that a process takes for a while: nobody else gets it before the lease is out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone


class Leased:
    """Of a model with ``lease_until``, ``attempts`` and a state, which stands in the field ``STATE``."""

    STATE: ClassVar[str] = "state"

    def _become(self, state: str, **fields: Any) -> bool:
        """Only from the state in which this process knows it: one that has lost its lease writes nothing."""
        row: Any = self
        values = {self.STATE: state, "lease_until": None, **fields}
        known = {self.STATE: getattr(self, self.STATE), "lease_until": row.lease_until}
        if not type(row)._base_manager.filter(pk=row.pk, **known).update(**values):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        return True


def claim(due: Any, lease: timedelta, *, state: str = "") -> Any:
    """Take the first of those that are due, unless somebody else is taking it; None when there is none.

    Args:
        state: what it is in while it is worked on; as before when it is not given.
    """
    with transaction.atomic():
        found = due.select_for_update(skip_locked=True, of=("self",)).first()
        if found is not None:
            state = state or getattr(found, found.STATE)
            found._become(state, lease_until=timezone.now() + lease, attempts=found.attempts + 1)
    return found
