"""Demo data: invented accounts, an invented municipality, two years of invented statuses, and answers.

Loaded once into an empty database, which from then on says on every page that it is a demo. What is invented
stands in ``fixtures/demo.toml``; the rest follows from it, the same every time.
"""

from pathlib import Path
from typing import Any

from django.db import transaction

from initiatives.models import KeyAnswer, Progress, Recommendation, StatusUpdate
from stakeholders.models import Installation, Municipality, User
from stakeholders.reference import read_toml

from . import rounds
from .actions import add_actions
from .answers import insert_answers
from .cast import HR_KORSBAEK, add_korsbaek, add_users
from .history import insert
from .invented import invented_histories, last_sittings
from .scripted import korsbaek_histories, national_histories


class NotEmpty(Exception):
    """The database cannot become a demo. The message says why, in Danish."""


@transaction.atomic
def load_demo(folder: Path) -> int:
    """Make the database a demo. Returns how many statuses were written: 0 when it was a demo already.

    Raises:
        NotEmpty: the reference data are missing, or somebody uses the database already.
    """
    Installation.objects.get_or_create(pk=1)
    if Installation.objects.select_for_update().get(pk=1).is_demo_database:
        return 0
    _refuse_unless_empty()
    script = read_toml(folder / "demo.toml")
    add_korsbaek()
    Progress.objects.fill()
    users = add_users(script["users"])
    written = _write(script, users)
    add_actions(script["actions"], users)
    insert_answers(script, users)
    Installation.become_demo()
    return written


def _refuse_unless_empty() -> None:
    if not (Recommendation.objects.exists() and Municipality.objects.real().exists()):
        raise NotEmpty("Referencedata mangler. Kør først: manage.py load_reference")
    for queryset, what in (
        (User.objects.all(), "brugere"),
        (StatusUpdate.objects.all(), "statusnotater"),
        (KeyAnswer.objects.all(), "svar på spørgsmål"),
        (Municipality.objects.filter(is_fictional=True), "en opdigtet kommune"),
    ):
        if queryset.exists():
            raise NotEmpty(f"Databasen har allerede {what}. Demodata kan kun indlæses i en tom database.")


def _write(script: dict[str, Any], users: dict[str, User]) -> int:
    """The open round and all histories; what was handed in names its submission."""
    national = national_histories(script["national"], users)
    korsbaek = korsbaek_histories(script["korsbaek"], users, until=script["round"]["opens"])
    invented = invented_histories(script, users)
    found = rounds.add_round(script["round"])
    rounds.name_submissions(invented, rounds.hand_in(found, last_sittings(script, users), users))
    rounds.draft_for_korsbaek(found, korsbaek, script["korsbaek"], users[HR_KORSBAEK])
    rounds.begin(found, invented, script["round"]["begun"], users)
    return insert([*national, *invented, *korsbaek])
