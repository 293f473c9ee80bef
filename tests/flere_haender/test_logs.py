"""What the log says of requests, errors and jobs, and that it says nothing of anybody."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from flere_haender import background
from flere_haender.logs import JsonFormatter, described
from stakeholders.models import Invitation, Municipality, User
from tests.factories import PASSWORD, make_user
from tests.service import served

Lines = Callable[[], list[dict[str, Any]]]
SECRET = "Hemmelig-Holgersen"


class Kept(logging.Handler):
    """What the console would have been given."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


@pytest.fixture
def log(settings: Any) -> Iterator[Kept]:
    settings.BEHIND_PROXY = True
    kept, root, ours = Kept(), logging.getLogger(), logging.getLogger("flere_haender")
    before, ours.level = ours.level, logging.INFO
    root.addHandler(kept)
    yield kept
    root.removeHandler(kept)
    ours.level = before


def test_a_request_is_one_line(log: Kept, as_user: Any, hr: User) -> None:
    given = "0123456789abcdef0123456789abcdef"
    response = as_user(hr).get("/kommuner/999/?q=x", headers={"X-Request-ID": given})
    [line] = [json.loads(each) for each in log.said]
    assert line.pop("ms") >= 0 and line.pop("time").endswith("+00:00")
    assert line == {
        **{"level": "info", "logger": "flere_haender.requests", "event": "request", "id": given, "method": "GET"},
        **{"route": "municipality", "status": 200, "role": "editor", "bytes": len(response.content)},
    }
    assert response["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "kort", "a" * 65, "hr@korsbaek.example-0123456", "abc\tdef" * 4])
def test_an_id_that_is_none_is_not_taken(log: Kept, gaest: Client, given: str) -> None:
    assert given != gaest.get("/sundhed/live", headers={"X-Request-ID": given})["X-Request-ID"]


def test_an_id_is_taken_from_a_proxy_alone(gaest: Client, settings: Any) -> None:
    settings.BEHIND_PROXY = False
    given = "0" * 32
    assert gaest.get("/sundhed/live", headers={"X-Request-ID": given})["X-Request-ID"] != given


@pytest.mark.urls("tests.hostile.planted")
def test_an_error_is_found_by_the_number_on_the_page(log: Kept, gaest: Client) -> None:
    gaest.raise_request_exception = False
    page = gaest.get("/plantet/tal/", {"n": SECRET}).content.decode()
    lines = [json.loads(each) for each in log.said]
    [fault] = [line for line in lines if "error" in line]
    assert fault["id"] in page and [line["id"] for line in lines] == [fault["id"]] * 2
    assert fault["error"] == "ValueError" and fault["at"][-1].endswith(" number")
    assert SECRET not in "".join(log.said)


def test_nobody_is_named(log: Kept, as_user: Any, hr: User, leder: User, korsbaek: Municipality) -> None:
    """People and secrets in addresses, questions, forms and headers; none of them comes into the log."""
    invited = Invitation.invite(f"{SECRET}@korsbaek.example", role="editor", municipality=korsbaek, by=leder)
    signed_in, visitor = as_user(hr), Client(raise_request_exception=False)
    headers = {"Referer": f"https://x.example/{SECRET}", "User-Agent": SECRET, "X-Request-ID": SECRET}
    visitor.post("/konto/login/", {"login": f"{SECRET}@x.example", "password": SECRET}, headers=headers)
    visitor.post("/konto/login/", {"login": hr.email, "password": PASSWORD})
    visitor.get(invited.path)
    visitor.get(f"/findes-ikke/{SECRET}/", {"q": SECRET}, headers=headers)
    visitor.get("/", headers={"Host": f"{SECRET}.example"})
    visitor.generic(SECRET.upper(), "/")
    Client(enforce_csrf_checks=True).post(f"/konto/login/?next=/{SECRET}", {}, headers=headers)
    signed_in.get("/soeg/", {"q": SECRET}, headers=headers)
    signed_in.get("/admin/", {"q": f"{SECRET}\0"})
    signed_in.post("/kommuner/999/anbefalinger/10/status/", {"status": "completed", "internal_note": SECRET})
    as_user(leder).post("/brugere/inviter/", {"email": f"{SECRET}@x.example", "name": SECRET, "role": "editor"})
    said = "\n".join(log.said)
    assert len(log.said) >= 11 and all(json.loads(each) for each in log.said)
    token = invited.path.split("/")[-2]
    people = [SECRET.lower(), hr.email, hr.name.lower(), leder.name.lower(), PASSWORD, token.lower()]
    assert [person for person in people if person in said.lower()] == []


def test_an_error_of_the_database_quotes_no_row(db: None) -> None:
    user = make_user()
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        User.objects.create(email=user.email)
    assert user.email in str(raised.value)
    said = described(raised.value)
    assert (said["error"], said["sqlstate"]) == ("IntegrityError < UniqueViolation", "23505")
    assert user.email not in json.dumps(said)


@pytest.mark.parametrize(
    ("name", "message", "args", "said"),
    [
        ("andre", "%s wrote %d to %s", (SECRET, 7, "x@y.example"), "… wrote 7 to …"),
        ("gunicorn.error", "Error handling request %s", ("/brugere/invitation/abc/",), "Error handling request …"),
        ("gunicorn.error", "Worker (pid:%s) was sent %s", (12, "sigterm"), "Worker (pid:12) was sent …"),
        ("initiatives.press", "%s (%s): %s", (5, "kommune-999", SECRET), "5 (kommune-999): …"),
        ("stakeholders.chores", "No mail server: %s", (OSError(SECRET),), "No mail server: OSError"),
        ("django_tasks", "%(id)s %(state)s", ({"id": SECRET, "state": "done"},), "… done"),
        ("andre", "%d rows", (SECRET,), "%d rows"),
        ("django.security.SuspiciousSession", SECRET, (), "django.security.SuspiciousSession"),
    ],
)
def test_a_message_keeps_numbers_and_our_own_codes(name: str, message: str, args: Any, said: str) -> None:
    record = logging.LogRecord(name, logging.ERROR, "", 0, message, args, None)
    assert json.loads(JsonFormatter().format(record))["event"] == said


def test_jobs_that_fail_or_take_their_time(log: Kept, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr(background, "_looks", {"breaks": fail, "is quick": lambda: None})
    background.look_after_all()
    lines = [json.loads(each) for each in log.said]
    assert [(line["job"], line["outcome"]) for line in lines if "job" in line] == [("breaks", "failed")]
    assert next(line["error"] for line in lines if "error" in line) == "ZeroDivisionError"
    assert SECRET not in "".join(log.said)


def test_gunicorn_writes_nothing_else(tmp_path: Any) -> None:
    """Every line of the real process is JSON, also of a request that fails, and none quotes an address."""
    with served(tmp_path) as service:
        failed = service.ask(f"/soeg/?q={SECRET}")
        service.ask(f"/static/{SECRET}")
        service.ask(f"/{SECRET}", Host=f"{SECRET}.example")
    assert failed.status == 500
    text = service.log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    number = failed.headers["X-Request-Id"]
    assert number in failed.body.decode()
    fault, request = (line for line in lines if line.get("id") == number)
    assert (fault["level"], request["level"], request["status"]) == ("error", "info", 500)
    assert fault["at"][0].startswith("initiatives/views/search.py:")  # ours, however deep below it broke
    assert SECRET not in text and "hemmelig" not in text
    assert any(line.get("route") == "live" for line in lines)
