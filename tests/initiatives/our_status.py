"""What the tests of *Vores status* share."""

from __future__ import annotations

from initiatives.models import Participation

PAGE = "/kommuner/999/status/"
BOX = f"{PAGE}10/"
HTMX = {"HX-Request": "true"}


def drafts(here: Participation) -> dict[int, str]:
    return dict(here.drafts.values_list("recommendation__number", "status"))
