"""What a dataset is: a name, documented columns, and a function that gives its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from initiatives.models import SHORT_PLAN
from initiatives.models.plan import in_order
from initiatives.moment import Moment

Row = dict[str, Any]


class Kind(Enum):
    """What stands in a column; the value is its name on the page."""

    TEXT = "Tekst"
    NUMBER = "Tal"
    DAY = "Dato"
    TEXTS = "Liste af tekster"
    NUMBERS = "Liste af tal"


@dataclass(frozen=True)
class Column:
    name: str
    explanation: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Dataset:
    """A file that anybody may fetch.

    Args:
        rows: gives the rows as they stood at a moment, with the columns in their order. The number of
            queries does not depend on the number of rows. Nothing in them is personal or invented.
        holds_progress: whether the rows are somebody's answers, which a demo database has invented.
        parameters: what the address may ask for.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    rows: Callable[[Moment], Iterable[Row]]
    holds_progress: bool = False
    parameters: tuple[str, ...] = ()


def places(citations: Iterable[Any]) -> list[str]:
    """Where it stands: the document's own file name and the lines, such as "001_x.txt:12-15"."""
    return [f"{citation.source.file_name}:{citation.lines}" for citation in citations]


def numbers_of(thing: Any) -> list[int]:
    """The numbers of the recommendations of plan 2.0 that it has to do with; of a queryset that has fetched them."""
    related = (row.recommendation for row in thing.related.all())
    return sorted({one.number for one in related if one.plan_slug == SHORT_PLAN})


def others_of(thing: Any) -> list[str]:
    """What the recommendations of other plans are known by."""
    return in_order({row.recommendation for row in thing.related.all() if row.recommendation.plan_slug != SHORT_PLAN})


SOURCES = Column(
    "kilder",
    "Hvor det står: dokumentets filnavn, kolon og linjerne i filen, fx 001_44d1df0466a8c77e.txt:534-545.",
    Kind.TEXTS,
)
RELATED = Column("anbefalinger", "Numre på de anbefalinger i handleplan 2.0, det hænger sammen med.", Kind.NUMBERS)
