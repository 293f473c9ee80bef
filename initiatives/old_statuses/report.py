"""What was understood of a spreadsheet of statuses, and what was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from initiatives.intake.items import Fault
from initiatives.status import STATUS_LABELS, Signal, thousands

from .reading import Heading, Reading


@dataclass
class Report:
    """What was understood of a file and what was not, for the page and for the command.

    Args:
        not_asked: cells of recommendations that the municipalities were not asked about.
        taken: cells that have another answer of the same day already.
        same: how many answers stand in the log already.
    """

    reading: Reading
    sheet: str
    as_of: date
    is_long: bool = False
    others: Sequence[str] = ()
    untitled: int = 0
    new: int = 0
    same: int = 0
    not_asked: dict[str, int] = field(default_factory=dict)
    taken: list[Fault] = field(default_factory=list)
    refused: list[Fault] = field(default_factory=list)

    @property
    def is_understood(self) -> bool:
        """Whether there is nothing in the file that could not be read."""
        return not self.not_understood

    @property
    def unknown_cells(self) -> int:
        """How many cells say something that was not understood."""
        words = sum(len(word.addresses) for word in self.reading.unknown_words)
        return words + len(self.reading.faults) + len(self.refused)

    @property
    def matched(self) -> list[Heading]:
        return [each for each in self.reading.headings if each.match.recommendation]

    @property
    def left_out(self) -> list[str]:
        """What is understood and not recorded, and why."""
        found = [f"{_cells(self.reading.empty)} uden svar"] if self.reading.empty else []
        found += [f"{_answers(self.same)} står i loggen i forvejen"] if self.same else []
        found += [f"{name}: kommunerne var ikke spurgt ({_cells(n)})" for name, n in self.not_asked.items()]
        found += [f"{_cells(len(self.taken))} har allerede et andet svar den dag"] if self.taken else []
        found += [f"Rækken “{area}” er ikke en kommune" for area in self.reading.areas]
        found += [f"Kolonner uden overskrift: {self.untitled}"] if self.untitled else []
        return found

    def lines(self) -> Iterator[str]:
        """The whole report as text."""
        yield f"{self.heading}. Arket {self.sheet}, pr. {self.as_of:%d.%m.%Y}."
        for column in self.matched:
            yield f"Kolonne {column.address} “{column.text}”: {column.match.recommendation} ({column.match.how})"
        for word in self.reading.known_words:
            yield f"“{word.text}”: {word.said} ({_cells(len(word.addresses))})"
        yield from (f"Udeladt: {line}" for line in self.left_out)
        yield from (f"Udeladt: {fault.where}: {fault.message}" for fault in self.taken)
        yield from (f"Ikke læst: arket {sheet}" for sheet in self.others)
        yield from (f"IKKE FORSTÅET: {line}" for line in self.not_understood)

    @property
    def not_understood(self) -> list[str]:
        """All of it, cell by cell."""
        reading = self.reading
        words = [
            f"“{word.text[:80]}” ({', '.join(word.addresses)}): {word.meaning.why_not}"
            for word in reading.unknown_words
        ]
        columns = [f"Kolonne {one.address} “{one.text}”: {one.match.why_not}" for one in reading.unknown_headings]
        faults = (*reading.places, *reading.faults, *self.refused)
        return [*columns, *words, *(f"{fault.where}: {fault.message}" for fault in faults)]

    @property
    def heading(self) -> str:
        """The finding."""
        found = [_answers(self.new, new=True) if self.new else "Ingen ændringer"]
        found += [f"{_cells(self.unknown_cells)} er ikke forstået"] if self.unknown_cells else []
        found += [f"{_rows(len(self.reading.places))} uden kendt kommune"] if self.reading.places else []
        return ", ".join(found)


def words_of(status: str, signal: str) -> str:
    """An answer in words."""
    return f"{STATUS_LABELS[status]}, {Signal(signal).label.lower()}" if signal else STATUS_LABELS[status]


def _cells(count: int) -> str:
    return "1 celle" if count == 1 else f"{thousands(count)} celler"


def _rows(count: int) -> str:
    return "1 række" if count == 1 else f"{thousands(count)} rækker"


def _answers(count: int, *, new: bool = False) -> str:
    kind = ("nyt " if count == 1 else "nye ") if new else ""
    return f"{thousands(count)} {kind}svar"
