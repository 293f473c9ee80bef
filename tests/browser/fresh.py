"""Municipalities of the demo that have not begun on the open round, each with people who can sign in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from playwright.sync_api import Page, expect

ASKED = 20


@dataclass(frozen=True)
class Fresh:
    """A municipality that answered everything last time and nothing yet; the people by e-mail."""

    code: int
    name: str
    editor: str
    colleague: str
    leader: str

    @property
    def path(self) -> str:
        return f"/kommuner/{self.code}/status/"


def missing(page: Page) -> list[int]:
    """The numbers of the recommendations that a fresh municipality has not answered: all. Waits for the page."""
    links = page.locator(".progress__missing span")
    expect(links).to_have_count(ASKED)
    return [int(text) for text in links.all_inner_texts()]


def prepare() -> None:
    """Give them people, let those that have only begun begin anew, and print all as JSON; last those that have handed
    in, for a round that comes after this one.

    For ``manage.py shell``: the tests have another database.
    """
    from django.contrib.auth.hashers import make_password

    from initiatives.demo.cast import JOINED_ON, PASSWORD
    from initiatives.models import Participation
    from stakeholders.models import Membership, User

    password = make_password(PASSWORD)
    found = []
    asked = Participation.objects.filter(round__closed_at=None, municipality__is_fictional=False)
    for here in sorted(asked, key=lambda here: here.state != "drafting"):
        if len(here.before()) < ASKED:
            continue
        if here.state == "drafting":
            here.drafts.all().delete()
        code = here.municipality.code
        people = {who: f"{who}@{code}.example" for who in ("editor", "colleague", "leader")}
        for who, email in people.items():
            role = "leader" if who == "leader" else "editor"
            user = User.objects.create(email=email, name=f"{who.title()} {code}", password=password)
            Membership.objects.create(user=user, municipality=here.municipality, role=role, started_on=JOINED_ON)
        found.append(asdict(Fresh(code, here.municipality.name, **people)))
    print(json.dumps(found))
