"""The words that people write for a status, in any spelling, and the colours beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from initiatives.status import UNDER_WAY, Signal, Status
from stakeholders.words import plain

# What a user can say of a word instead of a status: that it is none, and that nothing is to be said of it.
LEAVE_OUT, AS_IT_STANDS = "leave_out", "as_it_stands"
LONGEST = 100  # characters: what is longer is a text, not a word

WORDS = {
    Status.NOT_STARTED: (
        *("Ikke igangsat", "Ikke startet", "Ikke påbegyndt", "Ikke begyndt", "Ikke i gang", "Ikke igang"),
        *("Ikke opstartet", "Ikke iværksat", "Endnu ikke startet", "Endnu ikke igangsat", "Endnu ikke i gang"),
        *("Ej startet", "Ej igangsat", "Ej påbegyndt"),
    ),
    Status.PLANNED: ("Planlagt", "Planlægges", "Under planlægning", "Opstart planlagt", "Er planlagt"),
    Status.IN_PROGRESS: (
        *("I gang", "Igang", "Er i gang", "Igangsat", "Sat i gang", "Igangværende", "Startet", "Opstartet"),
        *("Påbegyndt", "Begyndt", "Iværksat", "I proces", "Undervejs", "Pågår", "Under implementering"),
        *("Under udførelse", "Under udarbejdelse", "Delvist", "Delvis", "Delvist gennemført", "Delvis gennemført"),
        *("Delvist i gang", "Delvist igangsat", "Delvist færdig", "Delvist implementeret", "Delvist afsluttet"),
    ),
    Status.COMPLETED: (
        *("Gennemført", "Færdig", "Færdigt", "Afsluttet", "Udført", "Fuldført", "Implementeret", "Realiseret"),
        *("Helt gennemført", "Fuldt gennemført", "Fuldt implementeret", "Færdiggjort", "Er gennemført"),
    ),
    Status.ON_HOLD: (
        *("Sat i bero", "I bero", "Stillet i bero", "På pause", "Sat på pause", "Pause", "Pauset"),
        *("På hold", "Sat på hold", "On hold", "Midlertidigt stoppet"),
    ),
    Status.NOT_RELEVANT: ("Ikke relevant", "Ikke relevante", "Irrelevant", "Ej relevant"),
}
NO_ANSWER = (
    *("Ikke vurderet", "Ubesvaret", "Ikke besvaret", "Intet svar", "Ikke svaret", "Ikke oplyst", "Uoplyst"),
    *("Ikke udfyldt", "Tom", "Blank"),
)
COLOURS = {
    Signal.GREEN: ("grøn", "grønt", "grønne"),
    Signal.YELLOW: ("gul", "gult", "gule"),
    Signal.RED: ("rød", "rødt", "røde"),
}


def bare(text: str) -> str:
    """Text as words are compared: ``Gennemført``, ``gennemfoert`` and ``GENNEMFORT `` are the same."""
    found = plain(text)
    for danish, letter in (("aa", "a"), ("ae", "a"), ("oe", "o")):
        found = found.replace(danish, letter)
    return found


def known_as(text: str) -> str:
    """What a word is known by. Strokes alone are as empty as nothing; a tick or a question mark is not."""
    return bare(text) or "".join(text.split()).strip("-–—_.,/")


STATUS_OF = {bare(word): status for status, words in WORDS.items() for word in words}
SIGNAL_OF = {bare(word): signal for signal, words in COLOURS.items() for word in words}
EMPTY = {"", *map(bare, NO_ANSWER)}


@dataclass(frozen=True)
class Meaning:
    """What a cell says: a status and perhaps a signal, or nothing at all.

    Args:
        why_not: why it is not understood, in Danish.
        told: whether the user has said what it means.
        colour_left_out: whether there was a colour beside a status that has no signal.
    """

    status: str = ""
    signal: str = ""
    why_not: str = ""
    told: bool = False
    colour_left_out: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.status and not self.why_not


UNKNOWN = "Ordet kendes ikke."
ONLY_COLOUR = "En farve siger, hvordan det går, men ikke, hvor arbejdet står."
TWO_COLOURS = "Der står to farver."
TOO_LONG = "Det er en længere tekst, ikke et ord for en status."


class StatusWords:
    """Understands cells; what the user has said of a word (by ``known_as``) comes before what is known."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self.told = told

    def meaning(self, text: str) -> Meaning:
        """What a cell with this text says."""
        words = bare(text).split()
        signals = {SIGNAL_OF[word] for word in words if word in SIGNAL_OF}
        signal = min(signals) if len(signals) == 1 else ""
        if (said := self.told.get(known_as(text))) is not None:
            return Meaning(told=True) if said == LEAVE_OUT else _with(said, signal, told=True)
        if known_as(text) in EMPTY:
            return Meaning()
        if len(text) > LONGEST:
            return Meaning(why_not=TOO_LONG)
        if len(signals) > 1:
            return Meaning(why_not=TWO_COLOURS)
        rest = " ".join(word for word in words if word not in SIGNAL_OF)
        if rest in STATUS_OF:
            return _with(STATUS_OF[rest], signal)
        return Meaning(why_not=ONLY_COLOUR if signal and not rest else UNKNOWN)


def _with(status: str, signal: str, *, told: bool = False) -> Meaning:
    """A signal is kept where the status has one."""
    if signal and status not in UNDER_WAY:
        return Meaning(status, told=told, colour_left_out=True)
    return Meaning(status, signal, told=told)
