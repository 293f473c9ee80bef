"""Two years of made-up answers from the municipalities that exist.

Where everyone ends is given by ``spread`` in ``fixtures/demo.toml``. Each municipality has a pace of its own,
which decides who ends where; the way there is walked backwards from the end. All chance comes from seeds made
of numbers and codes, so the same file gives the same answers, on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from flere_haender.days import DANISH_TIME, danish_day
from initiatives.models import Progress
from initiatives.status import UNDER_WAY, Signal, Status
from stakeholders.models import Municipality, User

from .cast import DEMO_USER, HR_THISTED, KONSULENT, THISTED
from .history import History

SEED = "flere-haender"
LAST_DAY = date(2026, 11, 20)

LADDER = (Status.NOT_STARTED, Status.PLANNED, Status.IN_PROGRESS, Status.COMPLETED)
# The order of the numbers in `spread`: first along the ladder from the top, then beside it.
SPREAD_ORDER = (*reversed(LADDER), Status.ON_HOLD, Status.NOT_RELEVANT)

# How often, as shares of 1.
JOINS_IN_ROUND = (0.62, 0.82, 0.94, 1.0)  # has begun to answer by the first, second… round
SKIPS_ROUND = 0.1
SKIPS_CELL = 0.06
STAYED = {Status.COMPLETED: 0.6, Status.IN_PROGRESS: 0.6, Status.PLANNED: 0.62, Status.ON_HOLD: 0.45}
RESUMED = 0.04  # was on hold in the round before
TOLD_ANEW = 0.3  # the same status with other words or another signal, instead of a confirmation
BETWEEN_ROUNDS = 0.12
RECORDED_LATE = 0.22
MISTAKEN = 0.011
MISTAKEN_TWICE = 0.18
IN_ERROR = 0.0025
HAS_NOTE = 0.28
HAS_INTERNAL_NOTE = 0.04
HAS_EXPECTED = 0.45


@dataclass(frozen=True)
class Place:
    """A municipality as the demo makes it up: how fast it is, and who answered when."""

    code: int
    pace: float
    sittings: tuple[tuple[datetime, User], ...]


def invented_histories(script: dict[str, Any], users: dict[str, User]) -> list[History]:
    """The histories of the municipalities that exist, on the recommendations they are asked about."""
    places = places_of(script, users)
    cells = Progress.objects.of_municipalities().counting(as_of=LAST_DAY)
    cells = cells.select_related("recommendation", "municipality")
    ends = {int(number): _ends(number, spread, places) for number, spread in script["spread"].items()}
    return [
        _Teller(cell, places[cell.municipality.code], script).tell(ends[cell.recommendation.number])
        for cell in cells
        if cell.municipality is not None and cell.municipality.code in places
    ]


# ---------------------------------------------------------------- who answers when


def last_sittings(script: dict[str, Any], users: dict[str, User]) -> dict[int, tuple[datetime, User]]:
    """Who handed in to the last round, when and by whom, by the municipality's code."""
    opens = script["rounds"][-1]["first"]
    last = {code: place.sittings[-1] for code, place in places_of(script, users).items()}
    return {code: sitting for code, sitting in last.items() if danish_day(sitting[0]) >= opens}


def places_of(script: dict[str, Any], users: dict[str, User]) -> dict[int, Place]:
    """Every municipality that has ever answered, by its code."""
    codes = Municipality.objects.real().exclude(code__in=script["never_answered"]).values_list("code", flat=True)
    paces = {code: Random(f"{SEED}/pace/{code}").gauss(0, 1) for code in sorted(codes)}
    eager = sorted(paces, key=lambda code: -(paces[code] + Random(f"{SEED}/last/{code}").gauss(0, 1.5)))
    in_last = set(eager[: script["answered_last_round"]])
    return {
        code: Place(code, pace, tuple(_sittings(code, script["rounds"], users, answers_last=code in in_last)))
        for code, pace in paces.items()
    }


def _sittings(
    code: int, rounds: list[dict[str, Any]], users: dict[str, User], *, answers_last: bool
) -> Iterator[tuple[datetime, User]]:
    """When the municipality sat down to answer, and who did it."""
    rng = Random(f"{SEED}/sittings/{code}")
    joined = rng.random()
    joined_in = next(index for index, share in enumerate(JOINS_IN_ROUND) if joined <= share)
    for index, around in enumerate(rounds):
        by_kl = code in around.get("on_behalf_of", ())
        is_last = index == len(rounds) - 1
        has_joined = index == joined_in or (index > joined_in and rng.random() > SKIPS_ROUND)
        at = _working_hour(rng, around["first"], around["last"])
        if by_kl or (answers_last if is_last else has_joined):
            yield at, users[KONSULENT] if by_kl else users[HR_THISTED if code == THISTED else DEMO_USER]


def _working_hour(rng: Random, first: date, last: date) -> datetime:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    day = rng.choice([day for day in days if day.weekday() < 5])
    return datetime.combine(day, time(rng.randint(8, 14), rng.randint(0, 59)), tzinfo=DANISH_TIME)


def _after(at: datetime, rng: Random) -> datetime:
    """Some days later, on a working day; later the same day where the demo ends before that."""
    later = at + timedelta(days=rng.randint(1, 10), minutes=rng.randint(-50, 50))
    later += timedelta(days=max(0, 7 - later.weekday()) if later.weekday() > 4 else 0)
    return later if later.date() <= LAST_DAY else at + timedelta(minutes=rng.randint(20, 90))


# ---------------------------------------------------------------- where it ends, and the way there


def _ends(number: str, spread: list[int], places: dict[int, Place]) -> dict[int, Status]:
    """With which status each municipality ends: the fast ones farthest, some beside the ladder."""
    rng = Random(f"{SEED}/ends/{number}")
    codes = sorted(places)
    rng.shuffle(codes)
    statuses = [status for status, count in zip(SPREAD_ORDER, spread, strict=True) for _ in range(count)]
    beside = [status for status in statuses if status not in LADDER]
    along = sorted(codes[len(beside) :], key=lambda code: -(places[code].pace + rng.gauss(0, 1.1)))
    return dict(zip([*along, *codes[: len(beside)]], statuses, strict=True))


def _path(end: Status, length: int, rng: Random) -> list[Status]:
    """The statuses of ``length`` rounds, the last of which is ``end``."""
    path = [end]
    while len(path) < length:
        path.append(_before(path[-1], rng))
    return path[::-1]


def _before(status: Status, rng: Random) -> Status:
    """What the status may have been a round earlier."""
    if status in UNDER_WAY and rng.random() < RESUMED:
        return Status.ON_HOLD
    if status == Status.NOT_STARTED or rng.random() < STAYED.get(status, 0.8):
        return status
    if status == Status.ON_HOLD:
        return rng.choice(UNDER_WAY)
    return LADDER[LADDER.index(status) - 1] if status in LADDER else Status.NOT_STARTED


# ---------------------------------------------------------------- what is said


class _Teller:
    """Makes up the history of one cell."""

    def __init__(self, cell: Progress, place: Place, script: dict[str, Any]) -> None:
        self.number = str(cell.recommendation.number)
        self.rng = Random(f"{SEED}/cell/{self.number}/{place.code}")
        self.history = History(cell)
        self.place = place
        self.notes = script["notes"]
        # From the open round on, all answers of a municipality are recorded at the moment of handing in.
        self.handed_in_from = script["rounds"][-1]["first"]

    def tell(self, ends: dict[int, Status]) -> History:
        """Answer in each round until the status with which the municipality ends."""
        *earlier, last = self.place.sittings
        sittings = [sitting for sitting in earlier if not self._chance(SKIPS_CELL)] + [last]
        minutes = timedelta(minutes=2 * int(self.number), seconds=self.rng.randint(0, 59))
        for (at, by), status in zip(sittings, _path(ends[self.place.code], len(sittings), self.rng), strict=True):
            self._answer(status, at if danish_day(at) >= self.handed_in_from else at + minutes, by)
        return self.history

    def _answer(self, status: Status, at: datetime, by: User) -> None:
        current = self.history.current
        if current is None:
            self._record(status, at, by)
        elif current.status != status and self._chance(BETWEEN_ROUNDS):
            self._record(status, at - timedelta(days=7 * self.rng.randint(6, 15)), by)
            self.history.confirm(at=at, by=by)
        elif current.status != status or self._tells_anew(at):
            self._record(status, at, by)
        else:
            self.history.confirm(at=at, by=by)
        if self._chance(IN_ERROR):
            self._record_in_error(at, by)

    def _tells_anew(self, at: datetime) -> bool:
        """Whether to say the same status in new words: after a correction, or when the work has moved."""
        current = self.history.current
        if current is None or current.corrects is not None:
            return True
        is_late = current.expected_on is not None and current.expected_on < danish_day(at)
        return current.status in UNDER_WAY and self._chance(0.7 if is_late else TOLD_ANEW)

    def _record(self, status: Status, at: datetime, by: User) -> None:
        """Say a status; now and then a wrong one first, which is corrected some days later."""
        if not self._chance(MISTAKEN):
            self.history.say(status, at=at, by=by, **self._content(status, at, by))
            return
        wrong = self._another(status)
        self.history.say(wrong, at=at, by=by, **self._content(wrong, at, by))
        if self._chance(MISTAKEN_TWICE):
            at = self._correct(self._another(status), at, by)
        self._correct(status, at, by)

    def _correct(self, status: Status, at: datetime, by: User) -> datetime:
        later = _after(at, self.rng)
        content = self._content(status, later, by) | {"note": self._pick("all", "correction")}
        del content["effective_on"]
        self.history.correct(status, at=later, by=by, **content)
        return later

    def _record_in_error(self, at: datetime, by: User) -> None:
        """Something that is withdrawn again."""
        current = self.history.current
        again = _after(at, self.rng)
        if current is None or danish_day(again) == danish_day(at):
            return
        wrong = self._another(Status(current.status))
        self.history.say(wrong, at=again, by=by, **self._content(wrong, again, by))
        self.history.correct("", at=_after(again, self.rng), by=by, note=self._pick("all", "withdrawal"))

    def _another(self, status: Status) -> Status:
        """A status that one could choose by mistake: a neighbour on the ladder."""
        if status not in LADDER:
            return self.rng.choice(UNDER_WAY)
        index = LADDER.index(status)
        return self.rng.choice([*LADDER[max(index - 1, 0) : index], *LADDER[index + 1 : index + 2]])

    def _content(self, status: Status, at: datetime, by: User) -> dict[str, Any]:
        signal = self._signal() if status in UNDER_WAY else ""
        return {
            "effective_on": self._effective_on(at),
            "signal": signal,
            "expected_on": self._expected_on(at) if status in UNDER_WAY and self._chance(HAS_EXPECTED) else None,
            "note": self._note(status, signal, by),
            "internal_note": self._pick("all", "internal") if self._chance(HAS_INTERNAL_NOTE) else "",
        }

    def _effective_on(self, at: datetime) -> date:
        """Mostly the same day; for a late recording an earlier one, but after what held before."""
        day = danish_day(at)
        current = self.history.current
        if not self._chance(RECORDED_LATE):
            return day
        early = day - timedelta(days=self.rng.randint(7, 80))
        return max(early, current.effective_on + timedelta(days=1)) if current else early

    def _expected_on(self, at: datetime) -> date:
        months = at.year * 12 + at.month - 1 + self.rng.randint(4, 18)
        return date(months // 12, months % 12 + 1, 1)

    def _signal(self) -> str:
        trouble = 2.0 if self.place.pace < -0.5 else 0.6 if self.place.pace > 0.8 else 1.0
        signals = ("", Signal.GREEN, Signal.YELLOW, Signal.RED)
        return self.rng.choices(signals, weights=(9, 68, 17 * trouble, 5 * trouble))[0]

    def _note(self, status: Status, signal: str, by: User) -> str:
        if by.email == KONSULENT:
            return self._pick("all", "on_behalf_of")
        if signal == Signal.RED or (signal == Signal.YELLOW and self._chance(0.75)):
            return self._pick(self.number, signal)
        if status == Status.NOT_RELEVANT or self._chance(HAS_NOTE):
            return self._pick(self.number, status)
        return ""

    def _pick(self, section: str, kind: str) -> str:
        """A note from the recommendation's own list, or else from the one for all."""
        return self.rng.choice(self.notes[section].get(kind) or self.notes["all"][kind])

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share
