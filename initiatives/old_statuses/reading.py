"""What the kept rows of a spreadsheet say, and what could not be understood of them, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from initiatives.forms import EARLIEST, LATEST
from initiatives.intake.cells import as_day
from initiatives.intake.items import Fault
from initiatives.models import Recommendation
from initiatives.status import STATUS_LABELS, Signal, Status
from stakeholders.models import Municipality
from stakeholders.spellings import MunicipalityNames, is_larger_area

from .columns import Headings, Match, is_beside
from .taking import DAY, EXPECTED, INTERNAL, LONG, NOTE, NUMBER, PLACE, SIGNAL, STATUS
from .words import LEAVE_OUT, SIGNAL_OF, Meaning, StatusWords, bare, known_as

NATIONAL = "National status"  # instead of a municipality, as the log is exported
WITHDRAWN = "Trukket tilbage"
GONE = Meaning(WITHDRAWN)
# The sheet gives no reason, and the log wants one.
NOT_RELEVANT_NOTE = "Stod som ikke relevant i KL’s regneark. Begrundelsen stod der ikke."
NO_PLACE = "Der er ingen kommune, der hedder “{}”."
NO_RECOMMENDATION = "Der er ingen anbefaling, der hedder “{}”."
DAY_OUTSIDE = f"Datoen skal ligge mellem {EARLIEST.year} og {LATEST.year}: “{{}}”."
NO_DAY = "Skriv en dato som 31-05-2023 i stedet for “{}”."
NO_SIGNAL = "Skriv Grøn, Gul eller Rød i stedet for “{}”."


@dataclass(frozen=True)
class Said:
    """A status that the file says of a cell; none is a withdrawal, which only the log itself can have."""

    address: str
    municipality: Municipality | None
    recommendation: Recommendation
    status: str
    effective_on: date
    signal: str = ""
    expected_on: date | None = None
    note: str = ""
    internal_note: str = ""


@dataclass
class Heading:
    """A column of a wide sheet, and what it is about."""

    text: str
    address: str
    match: Match
    is_beside: bool
    cells: int = 0


@dataclass
class Word:
    """What stands in cells, and what it means."""

    text: str
    key: str
    meaning: Meaning
    addresses: list[str] = field(default_factory=list)

    @property
    def told(self) -> str:
        """What the user has said of it, among the choices."""
        return self.meaning.status or LEAVE_OUT

    @property
    def said(self) -> str:
        """What it was taken to mean."""
        meaning = self.meaning
        if not meaning.status:
            return "Udelades, som du har sagt"
        parts = [
            STATUS_LABELS.get(meaning.status, meaning.status),
            Signal(meaning.signal).label if meaning.signal else "",
        ]
        notes = [", som du har sagt"] * meaning.told + [" (farven udelades)"] * meaning.colour_left_out
        return ", ".join(filter(None, parts)) + "".join(notes)


@dataclass
class Reading:
    """All that the file says.

    Args:
        places: where a municipality was not recognised.
        faults: other cells that cannot be used.
        areas: rows that are sums or larger areas.
        empty: how many cells say nothing.
    """

    said: list[Said] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    words: dict[str, Word] = field(default_factory=dict)
    places: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    empty: int = 0

    def word(self, text: str, address: str, words: StatusWords) -> Meaning:
        """What a cell means; the word is counted."""
        key = known_as(text)
        if key not in self.words:
            self.words[key] = Word(text, key, words.meaning(text))
        self.words[key].addresses.append(address)
        return self.words[key].meaning

    @property
    def unknown_words(self) -> list[Word]:
        return [word for word in self.words.values() if word.meaning.why_not]

    @property
    def told_words(self) -> list[Word]:
        """What the user has said something of."""
        return [word for word in self.words.values() if word.meaning.told]

    @property
    def known_words(self) -> list[Word]:
        return [word for word in self.words.values() if word.meaning.status or word.meaning.told]

    @property
    def unknown_headings(self) -> list[Heading]:
        return [each for each in self.headings if each.cells and not each.match.recommendation and not each.is_beside]


def reading_of(kept: Mapping[str, Any]) -> Reading:
    """What an upload's rows say, as the database is now."""
    return LongForm(kept).reading if kept["layout"] == LONG else WideSheet(kept).reading


class WideSheet:
    """Municipalities down, recommendations across."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self.sheet: str = kept["sheet"]
        self.as_of = date.fromisoformat(kept["as_of"])
        self.words = StatusWords(kept["words"])
        self.names = MunicipalityNames()
        matches = Headings(self.as_of).find_all(text for _, _, text, _ in kept["columns"])
        self.columns = {
            str(place): Heading(text, address, match, is_beside(text))
            for (place, address, text, _), match in zip(kept["columns"], matches, strict=True)
        }
        self.reading = Reading(headings=list(self.columns.values()))
        self.begun = False
        for number, place, cells in kept["rows"]:
            self._read(number, place, cells)

    def _read(self, number: int, place: list[str], cells: Mapping[str, list[str]]) -> None:
        _, text, fault = place
        municipality = None if fault else self.names.find(text)
        if municipality is None:
            self._lost(number, place, cells)
            return
        self.begun = True
        for column, (at, said, broken) in cells.items():
            heading = self.columns.get(column)
            if heading is None or (heading.is_beside and not heading.match.recommendation):
                continue
            heading.cells += 1
            if heading.match.recommendation is not None:
                self._cell(Fault(self.sheet, at, broken), said, municipality, heading.match.recommendation)
        self.reading.empty += sum(
            1 for key, heading in self.columns.items() if heading.match.recommendation and key not in cells
        )

    def _lost(self, number: int, place: list[str], cells: Mapping[str, list[str]]) -> None:
        """A row without a municipality: more headings, a sum, or somebody we do not know."""
        address, text, fault = place
        if is_larger_area(text):
            self.reading.areas.append(text)
        elif cells and (self.begun or text):
            message = fault or (NO_PLACE.format(text[:60]) if text else f"Række {number} har ingen kommune.")
            self.reading.places.append(Fault(self.sheet, address, message))

    def _cell(self, where: Fault, text: str, municipality: Municipality, recommendation: Recommendation) -> None:
        if where.message:
            self.reading.faults.append(where)
            return
        meaning = self.reading.word(text, where.address, self.words)
        if meaning.is_empty:
            self.reading.empty += 1
        elif meaning.status:
            note = NOT_RELEVANT_NOTE if meaning.status == Status.NOT_RELEVANT else ""
            self.reading.said.append(
                Said(
                    where.address, municipality, recommendation, meaning.status, self.as_of, meaning.signal, note=note
                )
            )


class LongForm:
    """A row for each status."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self.sheet: str = kept["sheet"]
        self.as_of = date.fromisoformat(kept["as_of"])
        self.words = StatusWords(kept["words"])
        self.names = MunicipalityNames()
        self.headings: dict[date, Headings] = {}
        self.by_slug = Recommendation.objects.in_bulk(field_name="slug")
        self.reading = Reading()
        for _, cells in kept["rows"]:
            self._read(cells)

    def _read(self, cells: Mapping[str, list[str]]) -> None:
        broken = [Fault(self.sheet, address, fault) for address, _, fault in cells.values() if fault]
        if broken:
            self.reading.faults += broken
            return
        self.cells = cells
        before = len(self.reading.faults) + len(self.reading.places)
        municipality, day, meaning = self._place(), self._day(DAY) or self.as_of, self._meaning()
        recommendation, signal, expected_on = self._recommendation(day), self._signal(), self._day(EXPECTED)
        self.reading.empty += meaning.is_empty
        is_right = len(self.reading.faults) + len(self.reading.places) == before
        if is_right and recommendation and not meaning.is_empty and not meaning.why_not:
            status = "" if meaning == GONE else meaning.status
            self.reading.said.append(
                Said(
                    self._at(STATUS),
                    municipality,
                    recommendation,
                    status,
                    day,
                    signal or meaning.signal,
                    expected_on,
                    self._text(NOTE),
                    self._text(INTERNAL),
                )
            )

    def _text(self, column: str) -> str:
        return self.cells[column][1] if column in self.cells else ""

    def _at(self, column: str) -> str:
        return self.cells[column][0]

    def _fault(self, column: str, message: str) -> None:
        self.reading.faults.append(Fault(self.sheet, self._at(column), message.format(self._text(column)[:60])))

    def _place(self) -> Municipality | None:
        """The municipality; None is the national line, unless there is a fault."""
        text = self._text(PLACE)
        found = self.names.find(text)
        if found is None and bare(text) != bare(NATIONAL):
            self.reading.places.append(Fault(self.sheet, self._at(PLACE), NO_PLACE.format(text[:60])))
        return found

    def _recommendation(self, day: date) -> Recommendation | None:
        text = self._text(NUMBER)
        found = self.by_slug.get(text)
        if found is None:
            self.headings[day] = self.headings.get(day) or Headings(day)
            found = self.headings[day].find(text).recommendation
        if found is None:
            self._fault(NUMBER, NO_RECOMMENDATION)
        return found

    def _meaning(self) -> Meaning:
        if bare(self._text(STATUS)) == bare(WITHDRAWN):
            return GONE
        return self.reading.word(self._text(STATUS), self._at(STATUS), self.words)

    def _signal(self) -> str:
        text = self._text(SIGNAL)
        signal = SIGNAL_OF.get(bare(text), "")
        if text and not signal:
            self._fault(SIGNAL, NO_SIGNAL)
        return signal

    def _day(self, column: str) -> date | None:
        text = self._text(column)
        day = as_day(text)
        if day is not None and not EARLIEST <= day <= LATEST:
            self._fault(column, DAY_OUTSIDE)
        elif text and day is None:
            self._fault(column, NO_DAY)
        return day
