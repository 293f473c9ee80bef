"""What a spreadsheet of statuses would add to the log, municipality by municipality, and what it would not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError

from initiatives.intake.cells import as_text
from initiatives.intake.items import Difference, Fault, Item, Preview, State
from initiatives.intake.uploads import kind
from initiatives.models import (
    Origin,
    Progress,
    Recording,
    StatusUpdate,
    Upload,
    record_many,
)
from initiatives.models.recording import AskedByDay, newest_rows

from .reading import NATIONAL, Said, reading_of
from .report import Report, words_of
from .taking import LONG

KIND = "statusser"
NO_WITHDRAWAL = "En tilbagetrækning kan ikke indlæses. Træk svaret tilbage på kommunens side."
ANOTHER = "{} har allerede svaret {} den dag."
TWICE = "Der står også et svar for den dag i celle {}."


@kind(KIND)
def look(upload: Upload, reader: Any) -> Preview:
    """What the rows would add to the log, as it is now."""
    return Look(upload, reader).preview


class Look:
    """One look at an upload, in a number of queries that grows with the days that it speaks of, not with its rows."""

    def __init__(self, upload: Upload, reader: Any) -> None:
        kept = upload.rows
        self.reader = reader
        self.reading = reading_of(kept)
        as_of, is_long = date.fromisoformat(kept["as_of"]), kept["layout"] == LONG
        self.report = Report(
            self.reading, kept["sheet"], as_of, is_long, kept.get("others", ()), kept.get("untitled", 0)
        )
        said = self.reading.said
        self.cells = _cells(said)
        self.rows = _rows_of_those_days(self.cells.values(), {one.effective_on for one in said})
        self.held = {} if is_long else _held(self.cells.values(), as_of)
        self.newest = newest_rows(cell.pk for cell in self.cells.values())
        self.asked = AskedByDay()
        self.seen: dict[tuple[int, date], str] = {}

    @property
    def preview(self) -> Preview:
        chosen: dict[str, list[tuple[Said, Progress]]] = defaultdict(list)
        for said in self.reading.said:
            cell = self.cells[said.recommendation.pk, said.municipality.pk if said.municipality else None]
            if self._is_new(said, cell):
                chosen[_place(said)].append((said, cell))
        self.report.new = sum(map(len, chosen.values()))
        items = {item.id: item for item in (self._item(place, found) for place, found in chosen.items())}
        recordings = {f"sted-{_code(found)}": [self._recording(*one) for one in found] for found in chosen.values()}
        return Preview(
            list(items.values()),
            untouched=self.report.same,
            save_together=partial(_save, recordings, by=self.reader),
            report=self.report,
        )

    def _is_new(self, said: Said, cell: Progress) -> bool:
        """Whether it can be recorded; if not, the report says why."""
        there = self.rows.get((cell.pk, said.effective_on), [])
        standing = [row for row in there if not row.is_corrected and not row.is_withdrawal]
        if any(_same(said, row, whole=self.report.is_long) for row in (there if self.report.is_long else standing)):
            self.report.same += 1
        elif said.status == "":
            self._refuse(said, NO_WITHDRAWAL)
        elif cell.municipality_id and said.recommendation.pk not in self.asked[said.effective_on]:
            name = str(said.recommendation)
            self.report.not_asked[name] = self.report.not_asked.get(name, 0) + 1
        elif standing:
            message = ANOTHER.format(_place(said), words_of(standing[0].status, standing[0].signal))
            self.report.taken.append(Fault(self.report.sheet, said.address, message))
        elif other := self.seen.get((cell.pk, said.effective_on)):
            self._refuse(said, TWICE.format(other))
        else:
            return self._is_right(said, cell)
        return False

    def _is_right(self, said: Said, cell: Progress) -> bool:
        """Hold it against the rules of the log."""
        self.seen[cell.pk, said.effective_on] = said.address
        try:
            _row(said, cell, self.reader).clean(asked=self.asked[said.effective_on])
        except ValidationError as refusal:
            self._refuse(said, " ".join(refusal.messages))
            return False
        return True

    def _refuse(self, said: Said, message: str) -> None:
        self.report.refused.append(Fault(self.report.sheet, said.address, message))

    def _item(self, place: str, found: list[tuple[Said, Progress]]) -> Item:
        shown = [self._difference(said, cell) for said, cell in found]
        state = State.CHANGED if any(one.before for one in shown) else State.NEW
        return Item(f"sted-{_code(found)}", "", place, state, shown)

    def _difference(self, said: Said, cell: Progress) -> Difference:
        now = self.held.get(cell.pk)
        before = words_of(now["status"], now["signal"]) + f" ({_day(now['effective_on'])})" if now else ""
        day = f", {said.effective_on:%d.%m.%Y}" if self.report.is_long else ""
        after = "\n".join(filter(None, [words_of(said.status, said.signal), said.note, said.internal_note]))
        return Difference(f"{said.recommendation}{day}", before, after)

    def _recording(self, said: Said, cell: Progress) -> Recording:
        return Recording(
            cell,
            said.status,
            said.effective_on,
            said.signal,
            said.expected_on,
            said.note,
            said.internal_note,
            seen=self.newest.get(cell.pk),
        )


def _save(recordings: dict[str, list[Recording]], items: Sequence[Item], *, by: Any) -> list[StatusUpdate]:
    chosen = [one for item in items for one in recordings[item.id]]
    return record_many(chosen, by=by, origin=Origin.SPREADSHEET)


def _cells(said: Iterable[Said]) -> dict[tuple[int, int | None], Progress]:
    """The cells that the file speaks of, by recommendation and municipality."""
    wanted = {(one.recommendation.pk, one.municipality.pk if one.municipality else None) for one in said}
    rows = Progress.objects.filter(recommendation__in={recommendation for recommendation, _ in wanted})
    rows = rows.select_related("recommendation", "municipality")
    return {key: cell for cell in rows if (key := (cell.recommendation_id, cell.municipality_id)) in wanted}


def _rows_of_those_days(cells: Iterable[Progress], days: set[date]) -> dict[tuple[int, date], list[Any]]:
    """What the log has of the same days already, by cell and day."""
    rows = StatusUpdate.objects.filter(progress__in=[cell.pk for cell in cells], effective_on__in=days)
    found: dict[tuple[int, date], list[Any]] = defaultdict(list)
    for row in rows.with_corrected():
        found[row.progress_id, row.effective_on].append(row)
    return found


def _held(cells: Iterable[Progress], as_of: date) -> dict[int, Any]:
    """What holds for each cell on the day."""
    rows = Progress.objects.filter(pk__in=[cell.pk for cell in cells]).with_answer(as_of=as_of)
    return dict(rows.values_list("pk", "answer"))


def _same(said: Said, row: StatusUpdate, *, whole: bool) -> bool:
    """Whether the log says so already; the long form also says the notes."""
    names = ("status", "signal", *(("expected_on", "note", "internal_note") if whole else ()))
    return all(as_text(getattr(said, name)) == as_text(getattr(row, name)) for name in names)


def _row(said: Said, cell: Progress, by: Any) -> StatusUpdate:
    names = ("status", "signal", "expected_on", "note", "internal_note", "effective_on")
    return cell.row_of(by, **{name: getattr(said, name) for name in names})


def _place(said: Said) -> str:
    return said.municipality.authority_name if said.municipality else NATIONAL


def _code(found: list[tuple[Said, Progress]]) -> int:
    municipality = found[0][0].municipality
    return municipality.code if municipality else 0


def _day(text: Any) -> str:
    return ".".join(reversed(str(text).split("-")))
