"""A round is answered, handed in, returned, corrected and accepted, while the server, the worker, the database or the
mail server is killed (`kill -9`) at each point: real processes, on a database server of their own.

What was answered with 302 is there; a handing-in is whole or not at all, and sending it again gives one; e-mails go
once, but one whose worker died between the mail server's yes and our commit may go again with the same Message-ID.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings

from flere_haender.days import today
from tests.world import PATIENCE, Visitor, World, until, world_in

CODES = {"server": 147, "worker": 157, "database": 201, "mail server": 250}
KL = "konsulent@kl.example"


def prepare() -> None:
    """An open round, and an editor in each municipality. Prints their sessions. For ``manage.py shell``."""
    from django.test import Client

    from flere_haender.access import Role
    from initiatives.models import Progress
    from stakeholders.models import Membership, Municipality, User
    from tests.factories import make_round

    Progress.objects.fill()
    sessions = {}
    for code in (None, *CODES.values()):
        municipality = Municipality.objects.get(code=code) if code else None
        user = User.objects.create(email=f"hr@{code}.example" if code else KL, name=f"Person {code}", password="!")
        role = Role.EDITOR if code else Role.KL_CONSULTANT
        Membership.objects.create(user=user, municipality=municipality, role=role, started_on=today())
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        sessions[user.email] = client.cookies[settings.SESSION_COOKIE_NAME].value
    make_round()
    print(json.dumps(sessions))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("kills"), variables={"REQUIRE_MFA": "0"}) as here:
        here.manage("prepare_database")
        here.sessions = json.loads(here.manage("shell", "-v0", "-c", f"from {__name__} import prepare; prepare()"))
        here.start("worker")
        here.start("server")
        yield here


def all_sent(world: World) -> bool:
    return world.number("SELECT count(*) FROM stakeholders_message WHERE state <> 'sent'") == 0


@pytest.mark.parametrize("victim", CODES)
def test_killed_at_each_point_of_the_story(world: World, victim: str) -> None:
    code, to = CODES[victim], f"hr@{CODES[victim]}.example"
    editor = Visitor(world.site, world.sessions[to])
    consultant = Visitor(world.site, world.sessions[KL])
    page = f"/kommuner/{code}/status/"
    of_here = f"participation_id IN (SELECT p.id FROM initiatives_participation p JOIN stakeholders_municipality m \
        ON m.id = p.municipality_id WHERE m.code = {code})"
    until(lambda: all_sent(world))  # that the round is open

    def drafts() -> dict[int, str]:
        rows = world.ask(
            "SELECT r.number, d.note FROM initiatives_draftanswer d JOIN initiatives_recommendation r "
            f"ON r.id = d.recommendation_id WHERE {of_here} AND d.is_complete"
        )
        return dict(rows)

    def submissions() -> list[int]:
        """How many rows of the log each handing-in has written."""
        rows = world.ask(
            "SELECT s.number, count(u.id) FROM initiatives_submission s LEFT JOIN initiatives_statusupdate u "
            f"ON u.submission_id = s.id WHERE {of_here} GROUP BY s.number ORDER BY s.number"
        )
        return [count for _, count in rows]

    def decisions(kind: str) -> int:
        return world.number(f"SELECT count(*) FROM initiatives_decision WHERE kind = '{kind}' AND {of_here}")

    asked = [
        number
        for (number,) in world.ask(
            "SELECT r.number FROM initiatives_recommendation r JOIN initiatives_reportinground_asked a "
            "ON a.recommendation_id = r.id ORDER BY 1"
        )
    ]
    typed = {
        f"{n}-{name}": value
        for n in asked
        for name, value in (("seen", "0"), ("status", "planned"), ("note", f"Svar {n}"))
    }

    # the answers
    answered = world.killed_during(
        victim, "initiatives_draftanswer", lambda: editor.post(page, **typed, gem="alle"), rows=8
    )
    kept = drafts()
    assert kept.items() <= {n: f"Svar {n}" for n in asked}.items()
    assert len(kept) == len(asked) if answered == 302 else len(kept) >= 7  # each is saved by itself
    assert editor.post(page, **typed, gem="alle") == 302
    world.killed_after(victim)
    assert drafts() == {n: f"Svar {n}" for n in asked}

    # the handing-in
    answered = world.killed_during(victim, "initiatives_statusupdate", lambda: editor.post(f"{page}indsend/"), rows=8)
    assert submissions() == ([len(asked)] if answered == 302 else [])
    assert victim not in ("server", "database") or answered != 302
    for _ in range(2):
        assert editor.post(f"{page}indsend/") == 302
        assert submissions() == [len(asked)]
    world.killed_after(victim)
    assert submissions() == [len(asked)]

    # the return
    back = {"action": "return", "comment": "Ret svar 1.", "due_on": f"{today() + timedelta(days=7)}"}
    answered = world.killed_during(
        victim, "initiatives_decision", lambda: consultant.post(f"{page}afgoerelse/", **back), rows=1
    )
    assert decisions("returned") == (1 if answered == 302 else 0)
    assert consultant.post(f"{page}afgoerelse/", **back) == (422 if answered == 302 else 302)
    assert decisions("returned") == 1
    until(lambda: all_sent(world))

    # the correction, handed in again; then the receipt, and a kill while its e-mail is accepted
    one = asked[0]
    assert editor.post(page, **typed | {f"{one}-seen": "1", f"{one}-note": "Rettet."}, gem=one) == 302
    world.killed_after(victim)
    assert drafts()[one] == "Rettet."
    assert editor.post(f"{page}indsend/") == 302
    assert submissions() == [len(asked), 1]

    accepted, tried = len(world.mails.accepted), world.mails.tried
    if victim == "mail server":
        world.mails.data = "die"
    else:
        world.mails.when_accepted = lambda: world.kill(victim)
    assert consultant.post(f"{page}afgoerelse/", action="accept") == 302
    until(lambda: len(world.mails.accepted) > accepted or (victim == "mail server" and world.mails.tried > tried))
    if victim == "mail server":
        world.kill(victim)
        until(lambda: world.number("SELECT count(*) FROM stakeholders_message WHERE error <> ''"))
    world.mails.when_accepted, world.mails.data = lambda: None, "250 OK"
    if victim in ("worker", "mail server"):  # what waits is due now rather than in some minutes
        world.processes["worker"].kill()
        world.processes["worker"].wait(PATIENCE)
        world.ask("UPDATE stakeholders_message SET lease_until = now() WHERE state = 'sending'")
        world.ask("UPDATE stakeholders_message SET due_at = now() WHERE state = 'queued'")
        world.start("worker")
    if victim != "worker":
        world.start(victim)
    until(lambda: all_sent(world))
    assert decisions("accepted") == 1
    subjects = [mail["Subject"].partition(": ")[2].partition(": ")[2] for mail in world.mails.to(to)]
    told = ["runden er åben", "KL har sendt jeres svar tilbage", "KL har godkendt jeres svar"]
    again = [told[-1]] if victim == "worker" else []  # killed between the server's yes and our commit
    assert subjects == told + again
    ids = Counter(mail["Message-ID"] for mail in world.mails.to(to))
    assert sorted(ids.values()) == [1, 1, 2 if again else 1]
