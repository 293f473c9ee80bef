"""What a report can hold beside the statuses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .shape import Part, Table


@dataclass(frozen=True)
class ReportAction:
    place: str
    title: str
    phase: str
    numbers: tuple[str, ...]
    starts_on: date | None
    ends_on: date | None
    what: str


@dataclass(frozen=True)
class Actions(Part):
    """The shared local actions as they were on the day."""

    template = "reports/actions.html"
    content = "indsatser"
    is_placed = False
    rows: tuple[ReportAction, ...]

    @property
    def heading(self) -> str:
        count = len(self.rows)
        if not count:
            return "Ingen lokale indsatser er delt"
        return "1 lokal indsats er delt" if count == 1 else f"{count} lokale indsatser er delt"

    def sentences(self) -> Iterable[str]:
        if not self.rows:
            yield "Kun det, der er delt med kommunerne, kommer med i en rapport."

    def tables(self) -> Iterable[Table]:
        columns = ("Kommune", "Titel", "Fase", "Anbefalinger", "Start", "Slut", "Hvad der gøres")
        rows = tuple(
            (row.place, row.title, row.phase, ", ".join(row.numbers), row.starts_on, row.ends_on, row.what)
            for row in self.rows
        )
        yield Table("Lokale indsatser", columns, rows)


class PlacedActions(Actions):
    """Those of several municipalities."""

    is_placed = True


@dataclass(frozen=True)
class ReportAnswer:
    """What is answered to a key question; ``details`` are the parts of a distribution."""

    number: int
    question: str
    answer: str
    details: str = ""


@dataclass(frozen=True)
class Answers(Part):
    """The key questions with what is answered: by one municipality, or by all together."""

    template = "reports/answers.html"
    content = "svar"
    heading: str
    explanation: str
    rows: tuple[ReportAnswer, ...]

    def sentences(self) -> Iterable[str]:
        return (self.explanation,) if self.explanation else ()

    def tables(self) -> Iterable[Table]:
        rows = tuple((row.number, row.question, row.answer, row.details) for row in self.rows)
        yield Table("Nøglespørgsmål", ("Nr.", "Spørgsmål", "Svar", "Fordeling"), rows)


@dataclass(frozen=True)
class CasePiece:
    """One piece of the text for the agenda system, in paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True)
class CaseText(Part):
    """What a case officer pastes, a piece at a time."""

    template = "reports/case_text.html"
    content = "sag"
    heading = "Tekst til sagen"
    pieces: tuple[CasePiece, ...]

    def sections(self) -> Iterable[tuple[str, str]]:
        return ((piece.heading, piece.text) for piece in self.pieces)
