"""Words: how texts are compared, what a user looks for, and the rows that hold it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Func, Q, QuerySet, TextField
from django.db.models.functions import Cast

from flere_haender.form_keys import whole_number

LONGEST = 100  # characters
MOST_WORDS = 8
SHORT = 2  # letters: so short a word only stands first in a word
LONG_STEM = 5  # letters: so long a stem may stand inside a word

DANISH = {"å": "aa", "æ": "ae", "ø": "oe"}
FOREIGN = ("éèêëáàâäíìîïóòôöúùûüçñ", "eeeeaaaaiiiioooouuuucn")


def fold(text: str) -> str:
    """Text as it is compared: small letters a-z and digits; å, æ and ø as aa, ae and oe; the rest are spaces."""
    return "".join(fold_letter(letter) for letter in unicodedata.normalize("NFC", text))


def plain(text: str) -> str:
    """Text folded, with one space between its words."""
    return " ".join(fold(text).split())


def fold_letter(letter: str) -> str:
    letter = letter.lower()
    if letter in DANISH:
        return DANISH[letter]
    plain = unicodedata.normalize("NFKD", letter)[:1]
    return plain if plain.isascii() and plain.isalnum() else " "


class Fold(Func):
    """``fold`` in the database, with a space at each end. It needs no collation that knows Danish."""

    output_field = TextField()

    def __init__(self, *parts: Any) -> None:
        super().__init__(*(Cast(part, TextField()) for part in parts))

    _upper = "".join(letter.upper() for letter in FOREIGN[0])
    _danish = "array_to_string(ARRAY[%(expressions)s], ' ')"
    for _letter, _letters in DANISH.items():
        _danish = f"replace(replace({_danish}, '{_letter}', '{_letters}'), '{_letter.upper()}', '{_letters}')"
    template = (
        f"(' ' || regexp_replace(translate(lower({_danish}), '{FOREIGN[0]}{_upper}', '{FOREIGN[1]}{FOREIGN[1]}'),"
        " '[^a-z0-9]+', ' ', 'g') || ' ')"
    )


class Joined(Func):
    """The texts of an array as one text."""

    function = "array_to_string"
    template = "%(function)s(%(expressions)s, ' / ')"
    output_field = TextField()


@dataclass(frozen=True)
class Word:
    """A word that is looked for, folded, and its Danish stem, which is empty for words such as "og"."""

    text: str
    stem: str = ""

    @property
    def inside(self) -> tuple[str, ...]:
        """What may stand anywhere in a word."""
        if len(self.text) <= SHORT:
            return ()
        return (self.text, self.stem) if len(self.stem) >= LONG_STEM and self.stem != self.text else (self.text,)

    @property
    def has_telling_stem(self) -> bool:
        """Whether the stem says what the word is about: that of "ledelse" is "led", as in "ledige"."""
        return len(self.stem) * 5 >= len(self.text) * 3


@dataclass(frozen=True)
class Query:
    """What a user looks for."""

    text: str
    words: tuple[Word, ...] = ()
    was_cut: bool = False

    @classmethod
    def of(cls, asked: str) -> Query:
        """Read what was typed, whatever it is; one query for the stems."""
        clean = " ".join(unicodedata.normalize("NFC", asked).replace("\x00", "").split())
        text = clean if len(clean) <= LONGEST else clean[: LONGEST + 1].rpartition(" ")[0] or clean[:LONGEST]
        typed = {folded: word for word in re.findall(r"\w+", text) for folded in fold(word).split()}
        words = _with_stems(dict(islice(typed.items(), MOST_WORDS)))
        telling = tuple(word for word in words if word.stem)
        return cls(text, telling or words, text != clean or len(typed) > MOST_WORDS)

    @property
    def phrase(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def letter(self) -> tuple[str, ...]:
        """The spellings of the one letter or digit that is all there is to look for."""
        letter, folded = self.text, self.phrase
        return (letter.lower(), letter.upper(), folded, folded.capitalize()) if len(letter) == 1 else ()

    @property
    def number(self) -> int | None:
        return whole_number(self.phrase, digits=5)

    def address(self, **more: str) -> str:
        return f"?{urlencode({'q': self.text, **more})}"


def _with_stems(typed: dict[str, str]) -> tuple[Word, ...]:
    """The words, folded, with their stems. ``typed`` holds each as it was typed: "på" says nothing, "paa" may."""
    if not typed:
        return ()
    stem = "CASE WHEN ts_lexize('danish_stem', lower(typed)) <> '{}' THEN ts_lexize('danish_stem', word) END"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT word, {stem} FROM unnest(%s, %s) AS given (word, typed)", [list(typed), list(typed.values())]
        )
        stems = {word: (lexemes or [""])[0] for word, lexemes in cursor.fetchall()}
    return tuple(Word(word, stems[word]) for word in typed)


def holding(queryset: QuerySet[Any], text: str, *columns: Any, number: str = "") -> QuerySet[Any]:
    """The rows where every word is found: as it stands, in another form, or as a part of a longer word.

    ``uddannelser`` finds ``sundhedsuddannelserne``, ``fuldtid`` finds ``fuldtidsstillinger``, ``aeldre`` finds
    ``ældre``. A text without a letter or a digit finds nothing. ``number`` is the field that a number names a row by.
    """
    words = Query.of(text).words
    found = queryset.annotate(searched=Fold(*columns)).annotate(forms=SearchVector("searched", config="danish"))
    for word in words:
        part = min(word.inside, key=len, default=f" {word.text}")
        answers = Q(searched__contains=part) | Q(forms=SearchQuery(word.text, config="danish"))
        if number and (said := whole_number(word.text, digits=4)) is not None:
            answers |= Q(**{number: said})
        found = found.filter(answers)
    return found if words else queryset.none()
