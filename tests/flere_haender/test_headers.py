"""Every security header and cookie flag, on every kind of answer."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.conf import settings as product
from django.http import HttpResponse
from django.test import Client

from flere_haender.headers import PERMISSIONS
from stakeholders.models import User
from tests.factories import PASSWORD, finish, make_issued, make_zip
from tests.service import Service, served

ALWAYS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FROM_SETTINGS = ("SECURE_", "SESSION_COOKIE_", "CSRF_COOKIE_", "MESSAGE_")
Clients = Callable[[str], Client]


@pytest.fixture
def tls(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of a service behind TLS."""
    monkeypatch.setenv("HTTPS", "1")
    for name, value in runpy.run_path(str(product.BASE_DIR / "flere_haender/settings.py")).items():
        if name.startswith(FROM_SETTINGS):
            setattr(settings, name, value)


@pytest.fixture
def clients(tls: None, as_user: Any, hr: User, konsulent: User) -> Clients:
    people = {"gaest": None, "hr": hr, "konsulent": konsulent}

    def sign_in(who: str) -> Client:
        client = as_user(people[who])
        client.raise_request_exception = False
        client.defaults["wsgi.url_scheme"] = "https"
        return client

    return sign_in


def held(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of the headers that every answer has; what a policy says may come in any order."""
    found = {name: headers.get(name, "is missing") for name in ALWAYS}
    policy = found["Content-Security-Policy"].split("; ")
    return found | {"Content-Security-Policy": "; ".join(sorted(policy))}


EXPECTED = held(ALWAYS)


def check(response: HttpResponse) -> None:
    assert held(response.headers) == EXPECTED
    assert re.fullmatch("[0-9a-f]{32}", response["X-Request-ID"])
    for name, cookie in response.cookies.items():
        assert name.startswith("__Host-") and cookie["secure"] and cookie["httponly"]
        assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax")


PRIVATE, OPEN = "private, no-store", "no-cache"
NEVER = "max-age=0, no-cache, no-store, must-revalidate, private"
# status, who asks, for what, how long may it be kept
ANSWERS = [
    (200, "gaest", "/", OPEN),
    (200, "hr", "/", PRIVATE),
    (200, "hr", "/min-side/", PRIVATE),
    (301, "gaest", "/kommuner", OPEN),
    (302, "gaest", "/matrix/", OPEN),
    (302, "gaest", "/was", OPEN),
    (400, "hr", "/admin/?q=%00", OPEN),  # before anybody has asked who it is
    (400, "hr", "/data/status.json?pr=x", "no-store"),
    (403, "hr", "/kommuner/787/indsatser/ny/", PRIVATE),
    (403, "hr", "/admin/", PRIVATE),
    (404, "gaest", "/findes-ikke/", OPEN),
    (404, "hr", "/kommuner/1/", PRIVATE),
    (405, "hr", "/rapporter/udsted/", PRIVATE),
    (200, "hr", "/indsatser/?format=csv", PRIVATE),
    (200, "hr", "/matrix/?format=xlsx", PRIVATE),
    (200, "hr", "/rapporter/rapport.docx", PRIVATE),
    (200, "gaest", "/rapporter/rapport.xlsx", PRIVATE),
    (202, "gaest", "/rapporter/rapport.pdf", OPEN),
    (200, "hr", "/kommuner/999/regneark/hent/", PRIVATE),
    (200, "hr", "/kommuner/999/arkiv/hent/", PRIVATE),
    (200, "gaest", "/aktivitet/atom.xml", OPEN),
    (200, "gaest", "/data/status.json", "public, max-age=300"),
    (200, "gaest", "/data/status.csv", "public, max-age=300"),
    (200, "gaest", "/sundhed/live", NEVER),
    (200, "gaest", "/sundhed/klar", NEVER),
    (200, "gaest", "/.well-known/security.txt", OPEN),
    (200, "konsulent", "/admin/", NEVER),
    (200, "konsulent", "/admin/jsi18n/", PRIVATE),
    (200, "konsulent", "/admin/initiatives/question/", NEVER),
    (200, "konsulent", "/admin/initiatives/question/import/", NEVER),
    (200, "konsulent", "/admin/initiatives/question/export/", NEVER),
    (302, "konsulent", "/admin/initiatives/question/process_import/", NEVER),
    (200, "gaest", "/konto/login/", NEVER),
    (200, "gaest", "/konto/adgangskode/glemt/", PRIVATE),
    (200, "hr", "/konto/adgangskode/", PRIVATE),
]


@pytest.mark.parametrize(("status", "who", "path", "kept"), ANSWERS, ids=lambda value: str(value))
def test_what_is_asked_for(clients: Clients, status: int, who: str, path: str, kept: str) -> None:
    client = clients(who)
    for method in [client.get] if status == 403 else [client.get, client.head]:  # forms take no HEAD
        response = method(path, secure=True)
        assert (response.status_code, response.get("Cache-Control")) == (status, kept)
        check(response)


def test_files_that_are_kept(clients: Clients, hr: User, konsulent: User, korsbaek: Any) -> None:
    issued, many = make_issued("kommune:999", by=hr), finish(make_zip([korsbaek], by=konsulent))
    for path in (f"/rapporter/udstedte/{issued.pk}.pdf", f"/rapporter/bestillinger/{many.key}.zip"):
        response = clients("konsulent").get(path, secure=True)
        assert response.status_code == 200 and response["Cache-Control"].startswith("private, no-")
        check(response)


def test_what_is_sent(clients: Clients) -> None:
    hr, path = clients("hr"), "/kommuner/999/anbefalinger/10/status/"
    refused = hr.post(path, {}, secure=True)
    saved = hr.post(path, {"status": "completed", "seen": ""}, secure=True)
    part = hr.post(path, {"status": "x"}, secure=True, headers={"HX-Request": "true"})
    signed_out = clients("gaest").post(path, {}, secure=True, headers={"HX-Request": "true"})
    too_much = hr.post(path, {str(number): "" for number in range(4100)}, secure=True)
    strict = Client(enforce_csrf_checks=True).post("/konto/login/", {}, secure=True)
    answers = [refused, saved, part, signed_out, too_much, strict]
    assert [answer.status_code for answer in answers] == [422, 302, 422, 401, 400, 403]
    for answer in answers:
        assert "no-store" in answer["Cache-Control"]
        check(answer)


def test_what_is_over_http_or_for_another_host(clients: Clients) -> None:
    for options, status in (({}, 301), ({"secure": True, "headers": {"Host": "hostile.example"}}, 400)):
        client = Client()
        response = client.get("/", **options)
        assert response.status_code == status
        expected = EXPECTED if status == 400 else EXPECTED | {"Strict-Transport-Security": "is missing"}
        assert held(response.headers) == expected  # over http a browser heeds none


def test_cookies_of_a_sign_in(clients: Clients, hr: User) -> None:
    client = Client()
    page = client.get("/konto/login/", secure=True)
    assert [*page.cookies] == ["__Host-csrftoken"]
    response = client.post("/konto/login/", {"login": hr.email, "password": PASSWORD}, secure=True)
    assert response.status_code == 302 and "__Host-flere_haender_session" in response.cookies
    check(page)
    check(response)


def test_too_many_attempts(clients: Clients, settings: Any, hr: User) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client, wrong = clients("gaest"), {"login": hr.email, "password": "forkert"}
    answers = [client.post("/konto/login/", wrong, secure=True) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    for answer in answers:
        assert "no-store" in answer["Cache-Control"]
        check(answer)


@pytest.mark.urls("tests.hostile.planted")
def test_a_fault(clients: Clients) -> None:
    response = clients("hr").get("/plantet/tal/?n=x", secure=True)
    assert response.status_code == 500 and response["X-Request-ID"] in response.content.decode()
    check(response)


def test_open_data_that_one_has_already(clients: Clients) -> None:
    client = clients("gaest")
    tag = client.get("/data/status.json", secure=True)["ETag"]
    response = client.get("/data/status.json", secure=True, headers={"If-None-Match": tag})
    assert response.status_code == 304
    check(response)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with served(tmp_path_factory.mktemp("service")) as running:
        yield running


def test_static_files_and_faults_through_gunicorn(service: Service) -> None:
    built = json.loads((product.STATIC_ROOT / "staticfiles.json").read_text())["paths"]
    css = f"/static/{built['site.css']}"
    tagged = service.ask(css).headers
    later = {"If_Modified_Since": tagged["Last-Modified"]}
    answers = {
        **{"file": service.ask(css), "packed": service.ask(css, Accept_Encoding="gzip")},
        **{"head": service.ask(css, "HEAD"), "unchanged": service.ask(css, **later)},
        **{"part": service.ask(css, Range="bytes=0-9"), "no such part": service.ask(css, Range="bytes=9999999-")},
        **{
            "posted to": service.ask(css, "POST"),
            "fault": service.ask("/"),
            "not ready": service.ask("/sundhed/klar"),
        },
        "another host": service.ask("/", Host="hostile.example"),
    }
    assert {name: answer.status for name, answer in answers.items()} == {
        **{"file": 200, "packed": 200, "head": 200, "unchanged": 304, "part": 206, "no such part": 416},
        **{"posted to": 405, "fault": 500, "not ready": 503, "another host": 400},
    }
    for name, answer in answers.items():
        assert (name, held(answer.headers)) == (name, EXPECTED)
    for name in ("file", "packed", "head", "unchanged", "part"):
        assert answers[name].headers["Cache-Control"] == "max-age=315360000, public, immutable"
