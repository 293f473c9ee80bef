"""The vocabulary of status: what a piece of work can be, and how many stand where. It belongs to the domain."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import TextChoices


class Status(TextChoices):
    """Where the work stands, in the order of the life of the work (the order of the form)."""

    NOT_STARTED = "not_started", "Ikke igangsat"
    PLANNED = "planned", "Planlagt"
    IN_PROGRESS = "in_progress", "I gang"
    COMPLETED = "completed", "Gennemført"
    ON_HOLD = "on_hold", "Sat i bero"
    NOT_RELEVANT = "not_relevant", "Ikke relevant"


class Signal(TextChoices):
    """How it goes; only for work that is planned or in progress."""

    GREEN = "green", "Grøn"
    YELLOW = "yellow", "Gul"
    RED = "red", "Rød"


# The absence of an answer. Never stored.
NOT_ASSESSED = "not_assessed"

UNDER_WAY = (Status.PLANNED, Status.IN_PROGRESS)

# The order of bars, legends and tables; "Ikke relevant" comes last and is never in a bar.
BAR_ORDER: tuple[str, ...] = (
    Status.COMPLETED,
    Status.IN_PROGRESS,
    Status.PLANNED,
    Status.NOT_STARTED,
    Status.ON_HOLD,
    NOT_ASSESSED,
)
DISPLAY_ORDER: tuple[str, ...] = (*BAR_ORDER, Status.NOT_RELEVANT)

STATUS_LABELS: dict[str, str] = {**dict(Status.choices), NOT_ASSESSED: "Ikke vurderet"}
SIGNAL_MEANINGS: dict[str, str] = {
    Signal.GREEN: "Grøn: efter planen",
    Signal.YELLOW: "Gul: udfordret",
    Signal.RED: "Rød: kritisk",
}

# The names of their signs, for style sheets.
MARKS: dict[str, str] = {
    Status.COMPLETED: "done",
    Status.IN_PROGRESS: "act",
    Status.PLANNED: "plan",
    Status.NOT_STARTED: "none",
    Status.ON_HOLD: "hold",
    Status.NOT_RELEVANT: "na",
    NOT_ASSESSED: "unk",
}


def thousands(number: int) -> str:
    """``1918`` as ``1.918``."""
    return f"{number:,}".replace(",", ".")


def share(part: int, whole: int) -> str:
    """A percentage with its numbers, such as "45 pct. (9 af 20)"; "–" when there is nothing to have a share of."""
    if not whole:
        return "–"
    numbers = f"{thousands(part)} af {thousands(whole)}"
    return f"{round(100 * part / whole)} pct. ({numbers})"


@dataclass(frozen=True)
class Segment:
    """One part of a spread bar; ``x`` and ``width`` are per cent of the bar."""

    status: str
    count: int
    x: float
    width: float

    @property
    def label(self) -> str:
        return STATUS_LABELS[self.status]

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Spread:
    """How many cells have each status. A status that nobody has counts 0."""

    counts: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, statuses: Iterable[str | None]) -> "Spread":
        """Count statuses; ``None`` or an empty text is *Ikke vurderet*."""
        counter = Counter(status or NOT_ASSESSED for status in statuses)
        return cls(tuple((status, counter[status]) for status in DISPLAY_ORDER))

    def __getitem__(self, status: str) -> int:
        return self._by_status[status]

    @cached_property
    def _by_status(self) -> dict[str, int]:
        return dict(self.counts)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self.counts)

    @cached_property
    def counting(self) -> int:
        """The denominator: all but *Ikke relevant*; *Ikke vurderet* stays in it."""
        return sum(count for status, count in self.counts if status != Status.NOT_RELEVANT)

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)

    @property
    def completed(self) -> int:
        return self[Status.COMPLETED]

    @property
    def in_progress(self) -> int:
        return self[Status.IN_PROGRESS]

    @property
    def not_relevant(self) -> int:
        return self[Status.NOT_RELEVANT]

    @property
    def assessed(self) -> int:
        """Cells with an answer that counts: neither *Ikke vurderet* nor *Ikke relevant*."""
        return self.counting - self[NOT_ASSESSED]

    @property
    def answered(self) -> int:
        """Cells with any answer; *Ikke relevant* is an answer."""
        return self.total - self[NOT_ASSESSED]

    @property
    def completed_of_counting(self) -> str:
        """Such as "582 af 1.918"."""
        return f"{thousands(self.completed)} af {thousands(self.counting)}"

    @property
    def share_completed(self) -> str:
        """The share completed with its numbers, such as "45 pct. (9 af 20)"; "–" when nothing counts."""
        return share(self.completed, self.counting)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The parts of the bar that are not empty, left to right."""
        segments, before = [], 0
        for status in BAR_ORDER:
            if count := self[status]:
                segments.append(Segment(status, count, 100 * before / self.counting, 100 * count / self.counting))
                before += count
        return tuple(segments)

    @property
    def spoken(self) -> str:
        """All numbers in a sentence, for those who hear the bar."""
        parts = [f"{STATUS_LABELS[status]} {thousands(count)}" for status, count in self.counts if count]
        return ", ".join(parts) if parts else "Ingen svar"
