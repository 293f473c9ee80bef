"""The rows of one cell while they are being made up, and the way in which all of them are written."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from itertools import zip_longest
from typing import Any

from flere_haender.access import is_kl
from flere_haender.days import danish_day
from initiatives.models import Progress, StatusUpdate
from stakeholders.models import User

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "flere-haender/demo")
REPEATED = ("status", "signal", "expected_on", "note", "internal_note")


class History:
    """The log of one cell in order of time, not yet in the database.

    ``Progress.record`` writes what is said now. This is for what is made up about the past, and takes the
    moment of each row from the caller. The rules of the database hold for both.
    """

    def __init__(self, cell: Progress) -> None:
        self.cell = cell
        self.rows: list[StatusUpdate] = []
        self._standing: list[StatusUpdate] = []

    @property
    def current(self) -> StatusUpdate | None:
        """The row that holds."""
        return self._standing[-1] if self._standing else None

    def say(self, status: str, *, at: datetime, by: User, **content: Any) -> None:
        """A new status, recorded ``at`` a moment and effective on the same day unless ``content`` says otherwise."""
        self._standing.append(self._add(status, at, by, content))

    def confirm(self, *, at: datetime, by: User) -> None:
        """Repeat the row that holds, and name it."""
        assert self.current is not None
        content = {name: getattr(self.current, name) for name in REPEATED}
        self._standing.append(self._add(content.pop("status"), at, by, {**content, "confirms": self.current}))

    def correct(self, status: str, *, at: datetime, by: User, **content: Any) -> None:
        """Replace the row that holds; without a status it is withdrawn, and the one before it holds again."""
        corrected = self._standing.pop()
        content.setdefault("effective_on", corrected.effective_on)
        row = self._add(status, at, by, {**content, "corrects": corrected})
        if status:
            self._standing.append(row)

    def _add(self, status: str, at: datetime, by: User, content: dict[str, Any]) -> StatusUpdate:
        municipality = self.cell.municipality
        content.setdefault("effective_on", danish_day(at))
        row = StatusUpdate(
            progress=self.cell,
            status=status,
            recorded_at=at,
            recorded_by=by,
            recorded_for=None if is_kl(by) else municipality,
            on_behalf_of=municipality if is_kl(by) else None,
            key=self._next_key(),
            **content,
        )
        self.rows.append(row)
        return row

    def _next_key(self) -> uuid.UUID:
        code = self.cell.municipality.code if self.cell.municipality else "national"
        return uuid.uuid5(NAMESPACE, f"{self.cell.recommendation.number}/{code}/{len(self.rows)}")


def insert(histories: Iterable[History]) -> int:
    """Write all rows. Returns how many.

    The first rows of all cells, then the second ones and so on: so ids rise within each cell, and a row that
    names another one finds it there.
    """
    written = 0
    for generation in zip_longest(*(history.rows for history in histories)):
        rows = [row for row in generation if row is not None]
        written += len(StatusUpdate.objects.bulk_create(rows, batch_size=1000))
    return written
