"""The municipalities as others write them: by code or by name, in any spelling that is in use."""

from __future__ import annotations

import re
from functools import lru_cache

from .models import Municipality
from .words import plain

CODE = re.compile(r"0?(\d{3})(?:[.,]0+)?")
CODE_BESIDE_NAME = re.compile(r"\(?\b0?(\d{3})\b\)?")
LONGEST = 100  # characters: no name is longer
AUTHORITY = re.compile(r" (?:regions)?kommunes?$| kom$")
# Names that are not the municipality's own, folded: without the genitive, in English, and from before 2008.
OTHER_NAMES = {
    "nordfyn": 480,
    "vesthimmerland": 820,
    "copenhagen": 101,
    "broenderslev dronninglund": 810,
    "frederiksvaerk hundested": 260,
}
# What stands among the municipalities without being one. Christiansø belongs to none.
LARGER = re.compile(
    r"(?:hele )?(?:landet|danmark)|i ?alt|total|alle(?: kommuner)?|kommuner i ?alt|landsgennemsnit(?:tet)?|gennemsnit"
    r"|region(?:en)? .+|.+ region|landsdel .+|kkr .+|provins .+|byen koebenhavn|christiansoe|uoplyst(?: kommune)?"
    r"|uden for danmark|udlandet"
)
LARGER_CODES = {"0", "00", "000", "0000", "411", "1081", "1082", "1083", "1084", "1085"}


class MunicipalityNames:
    """Finds municipalities by what others call them. Reads them all once; make one for each piece of work."""

    def __init__(self) -> None:
        municipalities = list(Municipality.objects.all())
        self.by_code: dict[int, Municipality] = {each.code: each for each in municipalities}
        self.by_name: dict[str, Municipality] = {
            spelling: each
            for each in municipalities
            for name in _names(each.name) + _names(each.authority_name)
            for spelling in (name, f"{name.removesuffix('s')}s")  # in the genitive: Bornholms
        }
        self.by_name |= {name: self.by_code[code] for name, code in OTHER_NAMES.items() if code in self.by_code}
        self._cached = lru_cache(maxsize=2_000)(self._find)

    def find(self, text: str) -> Municipality | None:
        """The municipality that ``text`` stands for; None when it is none, or when its code and name are not of one.

        Such as ``101``, ``0101``, ``101,0``, ``Århus``, ``AARHUS KOMMUNE``, ``Københavns``, ``Lyngby-Tårbæk``,
        ``Høje Taastrup``, ``751 Aarhus`` and ``Aarhus (751)``.
        """
        return self._cached(text) if len(text) <= LONGEST else None

    def _find(self, text: str) -> Municipality | None:
        text = text.strip()
        if only_code := CODE.fullmatch(text):
            return self.by_code.get(int(only_code[1]))
        code = CODE_BESIDE_NAME.search(text)
        name = CODE_BESIDE_NAME.sub(" ", text, count=1) if code else text
        found = next((self.by_name[each] for each in _names(name) if each in self.by_name), None)
        return None if code and found and found.code != int(code[1]) else found


def _names(text: str) -> list[str]:
    """A name as it is compared: with and without the word for authority."""
    name = plain(text)
    return [name, AUTHORITY.sub("", name)]


def is_larger_area(text: str) -> bool:
    """Whether ``text`` names what stands beside the municipalities in a table: the country, a region, the sum."""
    text = text.strip()[: LONGEST + 1]
    return text in LARGER_CODES or LARGER.fullmatch(re.sub(r"^\d{1,4} ", "", plain(text))) is not None
