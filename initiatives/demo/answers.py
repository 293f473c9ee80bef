"""Made-up answers to the key questions: most municipalities' by chance from fixed seeds, Korsbæk's written out."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from flere_haender.access import is_kl
from flere_haender.days import DANISH_TIME, danish_day
from initiatives.kinds import NONE_OF_THEM, Kind
from initiatives.models import KeyAnswer, Question
from stakeholders.models import Municipality, User

from .cast import HR_KORSBAEK, KORSBAEK
from .history import NAMESPACE
from .invented import SEED, places_of

# How often a municipality answered otherwise, or not so well, in an earlier round.
CHANGED = 0.18


def insert_answers(script: dict[str, Any], users: dict[str, User]) -> int:
    """Write all answers, first what was said first. Returns how many."""
    questions = {question.slug: question for question in Question.objects.select_related("asked_if")}
    rows = [*_invented(script, users, questions), *_korsbaek(script["korsbaek_answers"], users, questions)]
    KeyAnswer.objects.bulk_create([row for row in rows if row.corrects is None], batch_size=1000)
    KeyAnswer.objects.bulk_create([row for row in rows if row.corrects is not None], batch_size=1000)
    return len(rows)


def _row(
    question: Question, municipality: Municipality, value: Any, *, at: datetime, by: User, **content: Any
) -> KeyAnswer:
    content.setdefault("effective_on", danish_day(at))
    return KeyAnswer(
        question=question,
        municipality=municipality,
        value=value,
        recorded_at=at,
        recorded_by=by,
        recorded_for=None if is_kl(by) else municipality,
        on_behalf_of=municipality if is_kl(by) else None,
        key=uuid.uuid5(NAMESPACE, f"{question.slug}/{municipality.code}/{at.isoformat()}"),
        **content,
    )


def _invented(script: dict[str, Any], users: dict[str, User], questions: dict[str, Question]) -> Iterator[KeyAnswer]:
    real = {municipality.code: municipality for municipality in Municipality.objects.real()}
    for code, place in places_of(script, users).items():
        values: dict[str, Any] = {}
        for number, (slug, how) in enumerate(script["key_answers"].items()):
            question, rng = questions[slug], Random(f"{SEED}/question/{slug}/{code}")
            if rng.random() > how["answered"] or not question.applies(values):
                continue
            values[slug] = _value(question, how, rng, code)
            *earlier, (at, by) = place.sittings
            late = timedelta(minutes=45 + number)
            if earlier and rng.random() < CHANGED:
                first, who = rng.choice(earlier)
                before = _value(question, how, rng, code)
                if not _is_later_than(before, first):
                    yield _row(question, real[code], before, at=first + late, by=who)
            if not _is_later_than(values[slug], at):
                yield _row(question, real[code], values[slug], at=at + late, by=by)


def _is_later_than(value: Any, at: datetime) -> bool:
    """Whether the value is a date after it was told."""
    return isinstance(value, str) and value[:2] == "20" and value > danish_day(at).isoformat()


def _value(question: Question, how: dict[str, Any], rng: Random, code: int) -> Any:
    weights = how.get("weights", {})
    if question.kind == Kind.YES_NO:
        return rng.choices([True, False], weights=(weights["ja"], weights["nej"]))[0]
    if question.kind == Kind.CHOICE:
        return rng.choices(list(weights), weights=list(weights.values()))[0]
    if question.kind == Kind.CHOICES:
        chosen = {option for option, share in weights.items() if rng.random() < share}
        return [option for option in question.labels if option in chosen] or [NONE_OF_THEM]
    if question.kind == Kind.NUMBER:
        return round(rng.triangular(how["low"], how["high"], how["low"] + (how["high"] - how["low"]) / 4))
    if question.kind == Kind.DATE:
        return _day(how["first"], how["last"], rng).isoformat()
    return f"https://www.kommune-{code}.example/{question.slug}"


def _day(first: date, last: date, rng: Random) -> date:
    """More often late than early."""
    days = (last - first).days
    return first + timedelta(days=round(rng.triangular(0, days, days * 0.8)))


def _korsbaek(
    lines: list[dict[str, Any]], users: dict[str, User], questions: dict[str, Question]
) -> Iterator[KeyAnswer]:
    """Korsbæk's answers; see the head of the section in ``fixtures/demo.toml``."""
    korsbaek = Municipality.objects.get(code=KORSBAEK)
    for line in lines:
        before: KeyAnswer | None = None
        for row in line["rows"]:
            content = {name: row[name] for name in ("note",) if name in row}
            if "from" in row:
                content["effective_on"] = row["from"]
            if row.get("corrects"):
                content["corrects"] = before
            at, by = row["at"].replace(tzinfo=DANISH_TIME), users[row.get("by", HR_KORSBAEK)]
            before = _row(questions[line["question"]], korsbaek, row.get("value"), at=at, by=by, **content)
            yield before
