"""Two web servers and two workers on one database, behind a balancer: they are one site, also while they are killed.

A short form of `python -m tests.drill faults`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.drill.faults import Strike, bench
from tests.drill.machines import DATABASE, Machines, two_machines
from tests.drill.pages import form_with
from tests.drill.reckoning import reckon
from tests.drill.writers import ACKNOWLEDGED, Write
from tests.factories import PASSWORD, THISTED
from tests.mailserver import free_port
from tests.world import Visitor, until

ONE, OTHER = "web 1", "web 2"
LIST = b"E-mail;Rolle\r\nny@thisted.example;redakt\xc3\xb8r\r\n"


EMAIL = "leder@thisted.example"


def prepare() -> None:
    """A leader with a password. For ``manage.py shell``."""
    from flere_haender.access import Role
    from flere_haender.days import today
    from stakeholders.models import Membership, Municipality, User

    leader = User.objects.create_user(EMAIL, PASSWORD, name="Lis Dahl")
    place = Municipality.objects.get(code=THISTED)
    Membership.objects.create(user=leader, municipality=place, role=Role.LEADER, started_on=today())


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with two_machines(tmp_path_factory.mktemp("machines"), preparing=1) as (here, balancer):
        yield here
        assert min(balancer.taken.values()) > 0  # both had their share


def test_what_is_begun_at_one_goes_on_at_the_other(machines: Machines) -> None:
    machines.manage("shell", "-v0", "-c", f"from {__name__} import prepare; prepare()")
    leader = Visitor(machines.url(ONE))
    assert leader.get("/konto/login/") == 200
    assert leader.post("/konto/login/", login=EMAIL, password=PASSWORD) == 302
    leader.site = machines.url(OTHER)
    assert leader.get("/brugere/liste/") == 200  # the session
    assert leader.upload("/brugere/liste/", "liste.csv", LIST) == 302
    upload = leader.location
    leader.site = machines.url(ONE)
    assert leader.get(upload) == 200  # the file
    assert leader.post(upload, **form_with("valgt", leader.body)) == 302
    until(lambda: machines.mails.to("ny@thisted.example"))  # the work
    assert leader.get("/kommuner/787/rapport.pdf") in (200, 202)
    leader.site = machines.url(OTHER)
    until(lambda: leader.get("/kommuner/787/rapport.pdf") == 200)
    assert leader.body.startswith(b"%PDF")
    assert leader.post("/konto/logout/") == 302
    leader.site = machines.url(ONE)
    assert leader.get("/brugere/") == 302


def test_the_check_of_the_container_asks_the_web_server(machines: Machines) -> None:
    check = [sys.executable, "deploy/healthcheck.py"]

    def asked(bind: str) -> int:
        told = {**os.environ, "WEB_BIND": bind, "ALLOWED_HOSTS": "localhost"}
        return subprocess.run(check, cwd=settings.BASE_DIR, env=told, stderr=subprocess.DEVNULL).returncode

    assert asked(f"0.0.0.0:{machines.ports[ONE]}") == 0
    assert asked(f"0.0.0.0:{free_port()}") == 1


def test_nothing_is_lost_or_doubled_while_they_are_killed(machines: Machines) -> None:
    killed = [Strike(ONE), Strike("worker 1"), Strike(OTHER, one_process=True), Strike(DATABASE)]
    figures = bench(machines, [[each] for each in killed], seed=1)
    assert figures.wrong == []
    assert figures.injected == len(killed)
    assert figures.reckoning.answered[ACKNOWLEDGED] > 0 and figures.letters.queued > 0
    never_written = Write("status", "w0-0", ACKNOWLEDGED, sent=1)
    told_otherwise = reckon(machines, [never_written])
    assert told_otherwise.lost == ["status w0-0"] and told_otherwise.unasked  # it would have been seen
