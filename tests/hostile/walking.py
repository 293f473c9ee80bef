"""The walk: everything that can be sent to gets what nobody sends who means well, as everybody.

Each request is taken back, so nothing grows and the order does not matter. The same seed is the same walk.
"""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from itertools import chain, cycle, islice
from random import Random
from typing import Any
from urllib.parse import quote_from_bytes, urlencode, urlsplit

from django.conf import settings
from django.db import transaction
from django.test import Client

from . import values
from .finding import Form, Page, filled, parameters, routes

# What a stranger must never be told: how it broke, what it asked the database, where it lies.
INSIDES = re.compile(
    r'Traceback \(most recent|psycopg2|django\.db\.|site-packages|FROM "(?:stakeholders|initiatives|timeline)_'
    rf"|{re.escape(str(settings.BASE_DIR))}"
)
SCRIPT = re.compile(r"<(script|svg|img)\b[^>]*" + values.MARK + r"|<script>" + values.MARK, re.IGNORECASE)


@dataclass
class Finding:
    """What should not have been answered, and to what."""

    what: str
    role: str
    request: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.role} {self.request}\n    {self.detail}"


@dataclass
class Sent:
    """One request, as it goes to the client."""

    method: str
    path: str
    query: str = ""
    content_type: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [self.method, self.path[:300], self.query[:300], self.content_type[:80], repr(self.body[:600])]
        return " ".join([*parts, repr(self.headers)[:300] if self.headers else ""])


# What makes a request, and the path that it goes to.
Target = tuple[Callable[[], Sent], str]


class Walk:
    """Goes everywhere, as everybody.

    Args: clients by role; ``secrets``: for each role what it must not be told; ``seed``: which walk it is;
    ``within``: where all addresses begin.
    """

    def __init__(
        self, clients: dict[str, Client], secrets: dict[str, list[str]], *, seed: int, within: str = "/"
    ) -> None:
        self.clients, self.secrets, self.chance, self.within = clients, secrets, Random(seed), within
        self.cookies = {role: client.cookies.output(header="", sep=";").strip() for role, client in clients.items()}
        self.findings: list[Finding] = []
        self.told: dict[str, str] = {}
        self.plain, self.by_role, self.by_status = 0, Counter[str](), Counter[int]()
        self.forms: dict[tuple[str, str, tuple[str, ...]], Form] = {}
        self.linked: dict[str, set[str]] = {}
        self.pages: list[str] = []

    # -- finding what there is ----------------------------------------------------------------------------------

    def read(self, addresses: list[str], role: str) -> None:
        """Get each page as it is meant to be got, and learn its forms and parameters."""
        for url in addresses:
            response, text = self._send(role, Sent("GET", url))
            self.plain += 1
            self.told[role] = self.told.get(role, "") + text
            if url not in self.pages:
                self.pages.append(url)
            if response.status_code < 400 and "html" in response.get("Content-Type", ""):
                page = Page(url, text)
                for form in page.forms:
                    self.forms.setdefault((form.url, form.method, tuple(form.names)), form)
                for path, name in page.linked:
                    self.linked.setdefault(path, set()).add(name)

    def targets(self) -> Iterator[Target]:
        """Endless: every way in equally often, the product's own addresses twice as often as the admin's."""
        everywhere, forms = parameters(), [*self.forms.values()]
        paths = [urlsplit(url).path for url in self.pages]
        queries = [(urlsplit(form.url).path, name) for form in forms if form.method == "GET" for name in form.names]
        queries += [(path, name) for path, names in self.linked.items() for name in sorted(names)]
        queries += [(path, name) for path in paths for name in self.chance.sample(everywhere, 2)]
        kinds: list[list[Target]] = [
            [self._in_query(*each) for each in dict.fromkeys(queries)],
            [self._in_field(form, name) for form in forms if form.method == "POST" for name in form.names],
            [self._in_path(route) for route in dict.fromkeys(routes()) if filled(route, str) != "/" + route],
            [self._in_body(path) for path in paths],
            [self._in_headers(path) for path in paths],
        ]
        ways = []
        for kind, often in zip(kinds, (2, 3, 1, 1, 1), strict=True):
            kind = [target for target in kind if target[1].startswith(self.within)]
            self.chance.shuffle(kind)
            ours = cycle([target for target in kind if not target[1].startswith("/admin/")])
            theirs = cycle([target for target in kind if target[1].startswith("/admin/")] or kind)
            ways += [chain.from_iterable(zip(ours, ours, theirs, strict=False))] * often if kind else []
        return chain.from_iterable(zip(*ways, strict=False))

    # -- the ways in --------------------------------------------------------------------------------------------

    def _in_query(self, path: str, name: str) -> Target:
        def make() -> Sent:
            chosen = [(name.encode(), values.a_text(self.chance, long=False))]
            others = sorted(self.linked.get(path, ()))
            for other in self.chance.sample(others, min(len(others), self.chance.randrange(3))):
                chosen.append((other.encode(), values.a_text(self.chance, long=False)))
            if self.chance.random() < 0.3:
                chosen.append((name.encode() + self.chance.choice([b"", b"[]", b"[x]"]), b"1"))
            self.chance.shuffle(chosen)
            return Sent("GET", path, self._encoded(chosen))

        return make, path

    def _encoded(self, chosen: list[tuple[bytes, bytes]]) -> str:
        """Percent-encoded, and now and then as raw as a client can send it."""
        raw = self.chance.random() < 0.1
        quoted = [
            (quote_from_bytes(name), quote_from_bytes(text, safe="%&=+" if raw else "")) for name, text in chosen
        ]
        return "&".join(f"{name}={text}" for name, text in quoted)

    def _in_field(self, form: Form, name: str) -> Target:
        def make() -> Sent:
            hostile = {name, *(each for each in form.names if self.chance.random() < 0.1)}
            said = [(each, value.encode()) for each, value in form.fields if each not in hostile]
            said += [(each, values.a_text(self.chance)) for each in sorted(hostile) if each not in form.files]
            if self.chance.random() < 0.2:  # twice, or not at all
                said += [(name, values.a_text(self.chance))] if self.chance.random() < 0.5 else []
                said = said if self.chance.random() < 0.5 else [each for each in said if each[0] != name]
            where = urlsplit(form.url)
            content_type, body = self._body(said, form.files)
            headers = {"HTTP_HX_REQUEST": "true"} if self.chance.random() < 0.15 else {}
            return Sent("POST", where.path, where.query, content_type, body, headers)

        return make, urlsplit(form.url).path

    def _body(self, said: list[tuple[str, bytes]], files: list[str]) -> tuple[str, bytes]:
        if not files:
            return "application/x-www-form-urlencoded", urlencode(said).encode()
        parts = [(f'name="{name}"', "", text) for name, text in said]
        for name in files:
            file_name, kind, content = self.chance.choice(values.FILES)
            parts.append((f'name="{name}"; filename="{file_name}"', f"Content-Type: {kind}\r\n", content))
        body = b"".join(
            f"--grense\r\nContent-Disposition: form-data; {head}\r\n{kind}\r\n".encode() + content + b"\r\n"
            for head, kind, content in parts
        )
        return "multipart/form-data; boundary=grense", body + b"--grense--\r\n"

    def _in_path(self, route: str) -> Target:
        def part(converter: str) -> str:
            return quote_from_bytes(values.a_part(self.chance, converter), safe="/%" if converter == "path" else "")

        return lambda: Sent(self.chance.choice(["GET", "GET", "POST"]), filled(route, part)), "/" + route

    def _in_body(self, path: str) -> Target:
        def make() -> Sent:
            content_type, body = self.chance.choice(values.BODIES)
            return Sent(self.chance.choice(["POST", "POST", *values.METHODS]), path, "", content_type, body)

        return make, path

    def _in_headers(self, path: str) -> Target:
        def make() -> Sent:
            headers = {**self.chance.choice(values.HEADERS), **self.chance.choice(values.HEADERS)}
            return Sent(self.chance.choice(["GET", "GET", "POST", "HEAD"]), path, headers=headers)

        return make, path

    # -- walking ------------------------------------------------------------------------------------------------

    def go(self, requests: int) -> None:
        """Send so many hostile requests. Most of what is for the admin goes as those who come in there."""
        everybody = [*self.clients]
        insiders = [role for role in everybody if role in ("konsulent", "superuser")]
        for make, path in islice(self.targets(), requests):
            inside = path.startswith("/admin/") and self.chance.random() < 0.75
            role = self.chance.choice(insiders if inside else everybody)
            self._send(role, make())
            self.by_role[role] += 1

    def _send(self, role: str, sent: Sent) -> tuple[Any, str]:
        """Ask in a transaction that is taken back, and look at the answer."""
        client = self.clients[role]
        client.cookies = SimpleCookie(self.cookies[role])
        headers = {"CONTENT_TYPE": sent.content_type, **sent.headers, "QUERY_STRING": sent.query}
        with transaction.atomic():
            response = client.generic(sent.method, sent.path, sent.body, **headers)
            content = b"".join(response) if getattr(response, "streaming", False) else response.content
            transaction.set_rollback(True)
        self.by_status[response.status_code] += 1
        text = content.decode(errors="replace")
        self._judge(role, sent, response, text)
        return response, text

    def _judge(self, role: str, sent: Sent, response: Any, text: str) -> None:
        kind, location = response.get("Content-Type", ""), response.get("Location", "")
        if response.status_code >= 500:
            raised = getattr(response, "exc_info", None)
            self._found("fault", role, sent, where_it_broke(raised[1]) if raised else f"{response.status_code}")
        if found := INSIDES.search(text):
            self._found("insides", role, sent, text[max(0, found.start() - 100) : found.end() + 100])
        if ("html" in kind or "xml" in kind) and (found := SCRIPT.search(text)):
            self._found("script", role, sent, text[max(0, found.start() - 100) : found.end() + 100])
        if values.MARK in text and "html" in kind and (script := scripts_in(text)):
            self._found("script", role, sent, script)
        if location and (location.startswith(("//", "/\\")) or urlsplit(location).netloc not in ("", "testserver")):
            self._found("led astray", role, sent, location)
        if "hostile" in response.cookies or "\n" in str(response.headers.values()):
            self._found("header", role, sent, str(response.headers))
        for secret in self.secrets.get(role, ()):
            if secret in text and secret.encode() not in sent.body:
                self._found("leak", role, sent, f"{secret}: {text[max(0, text.find(secret) - 200) :][:300]}")

    def _found(self, what: str, role: str, sent: Sent, detail: str) -> None:
        self.findings.append(Finding(what, role, str(sent), detail))

    def summary(self) -> str:
        kinds = Counter(finding.what for finding in self.findings)
        leaks = sum(kinds.values()) - kinds["fault"]
        return "\n".join(
            [
                f"{sum(self.by_role.values())} hostile requests, {self.plain} plain ones;"
                f" faults (5xx): {kinds['fault']}, leaks: {leaks}",
                "by role: " + ", ".join(f"{role} {number}" for role, number in self.by_role.items()),
                "by status: " + ", ".join(f"{status}: {n}" for status, n in sorted(self.by_status.items())),
            ]
        )


def scripts_in(text: str) -> str:
    """The first thing of ours in the page that a browser would run, or nothing."""
    found: list[str] = []

    class Looking(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            for name, value in attrs:
                runs = name.startswith("on") or (value or "").strip().lower().startswith("javascript:")
                if runs and values.MARK in (value or "") and name != "value":
                    found.append(f"<{tag} {name}={value}>")

        def handle_data(self, data: str) -> None:
            if self.cdata_elem == "script" and values.MARK in data:
                found.append(f"<script>{data}")

    Looking().feed(text)
    return next(iter(found), "")


def where_it_broke(error: BaseException) -> str:
    """The error, where it was raised, and the last place in our own code before that."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if each.filename.startswith(str(settings.BASE_DIR))]
    places = [f"{each.filename}:{each.lineno} {each.name}" for each in (*ours[-1:], frames[-1])]
    return f"{type(error).__name__}: {str(error)[:300]} at {' < '.join(reversed(places))}"
