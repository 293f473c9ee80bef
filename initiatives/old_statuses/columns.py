"""The headings of a wide sheet: which recommendation each column is about, by number or by title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from initiatives.models import Recommendation, RecommendationText
from stakeholders.words import plain

NUMBERED = re.compile(
    r"(?:(?:anbefaling|anbef|anb|initiativ|nummer|nr)[ .:]*)?0?(\d{1,3})(?!\d)[ .:)–-]*(.*)", re.I | re.S
)
TELLING = 6  # letters: when most of the words that are so long stand in both, two headings are about the same
BESIDE = {"kommune", "kommuner", "kommunenavn", "kommunekode", "kommunenr", "kommunenummer", "kode", "navn", "kkr"}
BESIDE |= {"region", "landsdel", "nr", "nummer", "cvr", "cvr nummer", "myndighed", "myndighedsnavn", "demodata"}

NUMBER, TITLE, BOTH = "nummer", "titel", "nummer og titel"
UNKNOWN = "Overskriften er hverken nummer eller titel på en anbefaling."
OTHER_TITLE = "Nummeret er anbefaling {}, men titlen er en anden."
TWICE = "En anden kolonne er også anbefaling {}."


@dataclass(frozen=True)
class Match:
    """Which recommendation a heading stands for: ``how`` it was found, or ``why_not``."""

    recommendation: Recommendation | None = None
    how: str = ""
    why_not: str = ""


class Headings:
    """The recommendations of the plan of a day, by what a heading may call them. Two queries."""

    def __init__(self, as_of: date) -> None:
        recommendations = list(Recommendation.objects.with_text(as_of=as_of).in_plan(as_of=as_of))
        self.by_number = {each.number: each for each in recommendations}
        self.by_slug = {each.slug: each for each in recommendations}
        self.names: dict[int, set[str]] = {each.pk: {plain(each.short_name)} for each in recommendations}
        for text in RecommendationText.objects.filter(recommendation__in=recommendations):
            self.names[text.recommendation_id] |= {plain(text.title), plain(text.overview_title)} - {""}
        self.by_name = {name: each for each in recommendations for name in self.names[each.pk]}

    def find(self, heading: str) -> Match:
        """The recommendation of one heading."""
        if found := self.by_name.get(plain(heading)):
            return Match(found, TITLE)
        if found := self.by_slug.get(heading.strip()):
            return Match(found, NUMBER)
        parts = NUMBERED.fullmatch(heading.strip())
        found = self.by_number.get(int(parts[1])) if parts else None
        if parts is None or found is None:
            return Match(why_not=UNKNOWN)
        title = plain(parts[2])
        if not title and parts[2].strip():  # such as 10 %
            return Match(why_not=UNKNOWN)
        if not title:
            return Match(found, NUMBER)
        if self._is_like(found, title):
            return Match(found, BOTH)
        return Match(why_not=OTHER_TITLE.format(found.number))

    def _is_like(self, found: Recommendation, title: str) -> bool:
        other = self.by_name.get(title)
        if other is not None:
            return other == found
        words = {word for name in self.names[found.pk] for word in name.split()}
        telling = {word for word in title.split() if len(word) >= TELLING}
        return len(words & telling) > len(telling) / 2

    def find_all(self, headings: Iterable[str]) -> list[Match]:
        """Of each heading; the second of two for the same recommendation is not understood."""
        taken: set[int] = set()
        found = []
        for match in map(self.find, headings):
            number = match.recommendation.number if match.recommendation else 0
            found.append(Match(why_not=TWICE.format(number)) if number and number in taken else match)
            taken.add(number)
        return found


def is_beside(heading: str) -> bool:
    """Whether a column is one of those that stand beside the municipalities and say nothing of statuses."""
    return plain(heading) in BESIDE or not plain(heading)
