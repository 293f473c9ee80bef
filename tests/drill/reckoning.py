"""What the database holds, against what people were answered: nothing lost, doubled or half there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.world import World

from .writers import ACKNOWLEDGED, REFUSED, Write

# Per kind of write: the marks that are there, how often, and whether all that belongs to each is there.
THERE = {
    "status": """
        SELECT note, count(*), bool_and(internal_note = note AND recorded_for_id IS NOT NULL)
        FROM initiatives_statusupdate GROUP BY note""",
    "answers": """
        SELECT a.note, count(*) FILTER (WHERE q.slug = 'strategi-link'),
               bool_and(q.slug <> 'strategi-link' OR a.value #>> '{}' = 'https://x.example/' || a.note)
               AND count(*) FILTER (WHERE q.slug = 'strategi-dato') = 1
        FROM initiatives_keyanswer a JOIN initiatives_question q ON q.id = a.question_id GROUP BY a.note""",
    "action": """
        SELECT a.title, count(*), bool_and(
               (SELECT array_agg(m.title::text ORDER BY m.id) FROM initiatives_milestone m WHERE m.action_id = a.id)
               = ARRAY[a.title || ' 0', a.title || ' 1']
               AND (SELECT count(*) FROM initiatives_actionrecommendation r WHERE r.action_id = a.id) = 3)
        FROM initiatives_localaction a GROUP BY a.title""",
    "invitation": """
        SELECT split_part(u.email, '@', 1), count(DISTINCT u.id),
               count(DISTINCT i.id) = 1 AND count(DISTINCT m.id) = 1
        FROM stakeholders_user u LEFT JOIN stakeholders_invitation i ON i.user_id = u.id
        LEFT JOIN stakeholders_message m ON m.recipient_id = u.id
        WHERE u.email LIKE '%@drill.example' GROUP BY u.email""",
}


@dataclass
class Reckoning:
    """What came of all writes; the marks of those with which something is wrong."""

    answered: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    sent_again: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    refused_and_there: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)


def reckon(world: World, writes: Iterable[Write]) -> Reckoning:
    """Hold all that was sent against the rows that are there."""
    found, known = Reckoning(), set()
    there = {kind: {mark: rest for mark, *rest in world.ask(sql)} for kind, sql in THERE.items()}
    for write in writes:
        count, whole = there[write.kind].get(write.mark, (0, True))
        known.add((write.kind, write.mark))
        found.answered[write.answer] += 1
        found.kinds[write.kind] += write.answer == ACKNOWLEDGED
        found.sent_again += write.sent > 1
        for wrong, list_ in (
            (write.answer == ACKNOWLEDGED and not count, found.lost),
            (count > 1, found.doubled),
            (not whole, found.half),
            (write.answer == REFUSED and count, found.refused_and_there),
        ):
            if wrong:
                list_.append(f"{write.kind} {write.mark}")
    marks = {name.rpartition("-")[0] for _, name in known}
    for kind, rows in there.items():
        ours = (mark for mark in rows if mark.rpartition("-")[0] in marks)
        found.unasked += [f"{kind} {mark}" for mark in ours if (kind, mark) not in known]
    return found


@dataclass(frozen=True)
class Letters:
    """What became of the e-mails: how many were to be sent, were not, and went more than once."""

    queued: int
    missing: int
    again: int
    strange: int


def letters(world: World) -> Letters:
    """What the mail server has accepted, against the outbox. Each e-mail is known by its Message-ID."""
    sent = Counter(str(mail["Message-ID"]) for mail in world.mails.accepted)
    rows = world.ask(
        "SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || '.' || id, state \
        FROM stakeholders_message"
    )
    ids = {f"<{name}@": state for name, state in rows}
    known = {name: state for name in sent for start, state in ids.items() if name.startswith(start)}
    missing = sum(state == "sent" for state in ids.values()) - len(known)
    not_sent = sum(state != "sent" for state in ids.values())
    return Letters(len(rows), missing + not_sent, sum(sent.values()) - len(sent), len(sent.keys() - known.keys()))


def rules_that_broke(world: World) -> dict[str, Any]:
    """Ask the product itself, in a process of its own: ``check_rules``."""
    found: dict[str, Any] = json.loads(
        world.manage("shell", "-v0", "-c", f"from {__name__} import check_rules; check_rules()")
    )
    return found


MOMENTS = 12


def check_rules() -> None:
    """Print in how many answers the log was held against its rule, word by word, and where it broke it."""
    from flere_haender.days import today
    from initiatives.models import Progress, StatusUpdate
    from initiatives.status import NOT_ASSESSED
    from tests.initiatives.test_as_of import Written, obviously_right

    rows = list(StatusUpdate.objects.order_by("pk"))
    by_cell: dict[int, list[Written]] = {}
    broken = []
    for row in rows:
        one = Written(row.pk, row.effective_on, row.recorded_at, row.corrects_id, row.status)
        by_cell.setdefault(row.progress_id, []).append(one)
    moments = [row.recorded_at for row in rows[:: max(1, len(rows) // MOMENTS)]]
    cells = Progress.objects.filter(pk__in=by_cell)
    for known_at in moments:
        for cell in cells.with_status(as_of=today(), known_at=known_at):
            right = obviously_right(by_cell[cell.pk], today(), known_at) or NOT_ASSESSED
            if cell.status != right:
                broken.append(f"{cell.pk} {known_at}: {cell.status}, not {right}")
    print(json.dumps({"checked": len(moments) * len(by_cell), "broken": broken}))
