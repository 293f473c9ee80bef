"""Search over everything public: what is asked for, how a row answers, and which answers best."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from stakeholders.words import Fold, Query, Word, fold_letter

SNIPPET = (70, 150)  # characters before and after the first hit


@dataclass(frozen=True)
class Hit:
    """A row that was found, as it is shown."""

    title: str
    url: str
    about: str = ""
    text: str = ""
    score: int = 0
    words: tuple[Word, ...] = ()

    @property
    def marked_title(self) -> SafeString:
        return marked(self.title, self.words)

    @property
    def marked_text(self) -> SafeString:
        """The part of the text around the first hit."""
        return marked(snippet(self.text, self.words), self.words)


@dataclass(frozen=True)
class Finder:
    """Something that search finds.

    Args:
        name: the word in the address; ``title`` is the heading.
        visible_to: the rows that a user may find. Search is public, so all of them are everybody's.
        names: what the row is called, which weighs most. ``texts``: what else it says.
        hit: how a row is shown.
        number: the field that a whole number names a row by.
    """

    name: str
    title: str
    visible_to: Callable[[Any], QuerySet[Any]]
    names: tuple[Any, ...]
    texts: tuple[Any, ...]
    hit: Callable[[Any], Hit]
    number: str = ""

    def find(self, query: Query, user: Any) -> list[Hit]:
        """What answers to every word, the best first."""
        if not query.words:
            return []
        rows = self.visible_to(user).annotate(
            folded_names=Fold(*self.names), folded_text=Fold(*self.names, *self.texts)
        )
        rows = rows.alias(
            name_words=SearchVector("folded_names", config="danish"),
            text_words=SearchVector("folded_text", config="danish"),
        )
        rows = rows.filter(self._answers(query)).annotate(**_stems_in_row(query))
        return sorted((self._shown(row, query) for row in rows), key=lambda hit: -hit.score)

    def _answers(self, query: Query) -> Q:
        if query.letter:
            answers = reduce(or_, (Q(**{f"{self.names[0]}__startswith": letter}) for letter in query.letter))
        else:
            answers = reduce(and_, (_answers_to(word) for word in query.words))
        if self.number and query.number is not None:
            answers |= Q(**{self.number: query.number})
        return answers

    def _shown(self, row: Any, query: Query) -> Hit:
        is_number = bool(self.number) and query.number == getattr(row, self.number)
        points = WHOLE_NUMBER if is_number else _score(row, query)
        return replace(self.hit(row), score=points, words=query.words)


def _stem(word: Word) -> SearchQuery:
    return SearchQuery(word.text, config="danish")


def _answers_to(word: Word) -> Q:
    """As a Danish word form, first in a word or, when it is long enough, anywhere in one."""
    if len(word.text) == 1:
        return Q(folded_text__contains=f" {word.text} ")
    places = word.inside or (f" {word.text}",)
    return reduce(or_, (Q(folded_text__contains=part) for part in places)) | Q(text_words=_stem(word))


def _stems_in_row(query: Query) -> dict[str, Any]:
    """Whether each word stands in some form in what a row is called, and in what it says."""
    return {
        f"{field}_{place}": ExpressionWrapper(Q(**{field: _stem(word)}), output_field=BooleanField())
        for place, word in enumerate(query.words)
        for field in ("name_words", "text_words")
    }


# How much an answer is worth.
WHOLE_NUMBER, WHOLE_NAME, NAME_STARTS, NAME_HOLDS = 60, 50, 30, 20


def _score(row: Any, query: Query) -> int:
    """In the name before in the text, a whole word before a part of one."""
    names: str = row.folded_names
    whole = _first_of(
        (names == f" {query.phrase} ", WHOLE_NAME),
        (names.startswith(f" {query.phrase} "), NAME_STARTS),
        (f" {query.phrase} " in names, NAME_HOLDS),
    )
    return whole + sum(_score_of(row, place, word) for place, word in enumerate(query.words))


def _score_of(row: Any, place: int, word: Word) -> int:
    names, text, is_telling = row.folded_names, row.folded_text, word.has_telling_stem
    return _first_of(
        (f" {word.text} " in names, 12),
        (is_telling and getattr(row, f"name_words_{place}"), 10),
        (f" {word.text}" in names, 8),
        (word.text in names, 6),
        (f" {word.text} " in text, 5),
        (is_telling and getattr(row, f"text_words_{place}"), 4),
        (f" {word.text}" in text, 3),
        (word.text in text, 2),
        (True, 1),
    )


def _first_of(*ranks: tuple[bool, int]) -> int:
    return next((points for holds, points in ranks if holds), 0)


@dataclass(frozen=True)
class Group:
    """What was found of one sort, the best first."""

    finder: Finder
    hits: list[Hit]

    @property
    def count(self) -> int:
        return len(self.hits)


def search(finders: Iterable[Finder], query: Query, user: Any) -> list[Group]:
    """What everything public holds of it; the group with the best answer first. One query a finder, or a few."""
    groups = [Group(finder, finder.find(query, user)) for finder in finders]
    return sorted((group for group in groups if group.hits), key=lambda group: -group.hits[0].score)


# What was found is marked in the text.


def _spans(text: str, words: Iterable[Word]) -> list[tuple[int, int]]:
    """Where the words stand in the text, in order, without overlap."""
    letters, places = [" "], [0]
    for place, letter in enumerate(text):
        for folded in fold_letter(letter):
            letters.append(folded)
            places.append(place)
    folded_text = "".join(letters)
    found = sorted(span for word in words for span in _spans_of(word, folded_text))
    spans: list[tuple[int, int]] = []
    for start, end in ((places[start], places[end - 1] + 1) for start, end in found):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _spans_of(word: Word, folded_text: str) -> Iterable[tuple[int, int]]:
    """A stem is marked to the end of its word."""
    patterns = [rf"(?<= ){word.text}", *word.inside[:1]]
    patterns += [rf"{stem}[a-z0-9]*" for stem in word.inside[1:]]
    return (match.span() for pattern in patterns for match in re.finditer(pattern, folded_text))


def marked(text: str, words: Iterable[Word]) -> SafeString:
    """The text, safe to show, with what was looked for in ``<mark>``."""
    text = unicodedata.normalize("NFC", text)
    parts, before = [], 0
    for start, end in _spans(text, words):
        parts.append((text[before:start], text[start:end]))
        before = end
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", parts), text[before:])


def snippet(text: str, words: Iterable[Word]) -> str:
    """The part of a text around the first hit, cut between words."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    spans = _spans(text, words)
    first = spans[0][0] if spans else 0
    start = text.rfind(" ", 0, first - SNIPPET[0]) + 1 if first > SNIPPET[0] else 0
    end = text.find(" ", first + SNIPPET[1])
    end = len(text) if end < 0 else end
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"
