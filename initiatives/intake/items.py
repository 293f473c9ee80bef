"""What an uploaded file would change, thing by thing, as the database is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices

from .cells import as_text, fingerprint

LONG = 60  # characters: what is longer is shown on lines of its own


class State(TextChoices):
    """What choosing a thing would do."""

    NEW = "new", "Nye"
    CHANGED = "changed", "Ændrede"
    CONFLICT = "conflict", "Ændret af andre imens"
    REFUSED = "refused", "Afviste"
    SAME = "same", "Uændrede"


CAN_BE_CHOSEN = (State.NEW, State.CHANGED, State.CONFLICT)


@dataclass(frozen=True)
class Fault:
    """Why something is refused, and where: the sheet and the cell."""

    sheet: str
    address: str
    message: str

    @property
    def where(self) -> str:
        return f"Arket {self.sheet}, celle {self.address}" if self.address else f"Arket {self.sheet}"


@dataclass(frozen=True)
class Difference:
    """One cell: what is saved now, and what the file says."""

    label: str
    before: str
    after: str


@dataclass
class Item:
    """One thing that the file says something about.

    Args:
        id: known by it when it is chosen.
        save: writes it, through the verb that the form uses; raises what the verb raises.
        notices: what is worth knowing, though nothing is refused.
        is_ticked: whether it is chosen on the page.
    """

    id: str
    group: str
    title: str
    state: State
    differences: Sequence[Difference] = ()
    faults: Sequence[Fault] = ()
    notices: Sequence[str] = ()
    save: Callable[[], Any] = field(default=lambda: None, repr=False)
    is_ticked: bool = False

    @property
    def can_be_chosen(self) -> bool:
        return self.state in CAN_BE_CHOSEN

    @property
    def is_chosen(self) -> bool:
        """Before anybody has chosen: all that overwrites nothing that others have saved meanwhile."""
        return self.state in (State.NEW, State.CHANGED)

    @property
    def value(self) -> str:
        """What a form sends back: the thing, and what was shown of it."""
        shown = [self.state, *(text for one in self.differences for text in (one.label, one.before, one.after))]
        return f"{self.id}:{fingerprint(shown)}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The cells that say something else."""
    pairs = ((label, as_text(before.get(label)), as_text(value)) for label, value in after.items())
    return [Difference(label, _danish(old), _danish(new)) for label, old, new in pairs if old != new]


def _danish(text: str) -> str:
    """An ISO day as Danes write it."""
    parts = text.split("-")
    is_day = len(text) == 10 and [len(part) for part in parts] == [4, 2, 2] and all(p.isdecimal() for p in parts)
    return ".".join(reversed(parts)) if is_day else text


@dataclass
class Preview:
    """All of it, for one reader, in the order of the file.

    Args:
        faults: what could not be read at all.
        notices: about the whole file.
        untouched: how many rows stand as they did when the workbook was made.
        save_together: writes what is chosen, instead of each ``Item.save``.
        report: what a kind says of the file besides.
    """

    items: list[Item]
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    untouched: int = 0
    save_together: Callable[[Sequence[Item]], Any] | None = field(default=None, repr=False)
    report: Any = None

    def of(self, state: State) -> list[Item]:
        return [item for item in self.items if item.state == state]

    @property
    def can_be_chosen(self) -> list[Item]:
        return [item for item in self.items if item.can_be_chosen]

    @property
    def groups(self) -> list[tuple[State, list[Item]]]:
        """What can be chosen, by what choosing it would do."""
        return [(state, found) for state in CAN_BE_CHOSEN if (found := self.of(state))]

    @property
    def refused(self) -> list[Item]:
        return self.of(State.REFUSED)

    @property
    def unchanged(self) -> list[Item]:
        return self.of(State.SAME)

    @property
    def heading(self) -> str:
        """The finding."""
        if self.report is not None:
            return str(self.report.heading)
        counted = {state: len(self.of(state)) for state in State}
        words = (
            (State.NEW, "ny", "nye"),
            (State.CHANGED, "ændret", "ændrede"),
            (State.CONFLICT, "ændret af andre imens", "ændret af andre imens"),
            (State.REFUSED, "afvist", "afviste"),
        )
        parts = [f"{counted[state]} {one if counted[state] == 1 else more}" for state, one, more in words]
        said = [part for part, (state, *_) in zip(parts, words, strict=True) if counted[state]]
        return ", ".join(said) if said else "Ingen ændringer"
