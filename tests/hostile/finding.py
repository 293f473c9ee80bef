"""What can be sent to: addresses from the URL configuration, parameters from the code, forms from the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import django_filters
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

PACKAGES = ("flere_haender", "stakeholders", "timeline", "initiatives")
READ_BY_A_VIEW = re.compile(r'(?:GET|params|data|query)(?:\.get|\.getlist)?[\[(]"(\w+)"')
ADMIN = ["q", "p", "o", "all", "e", "_popup", "_to_field", "_changelist_filters", "id__gt", "pk__in", "app_label"]
PART = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every address as it is written in the URL configuration: ``kommuner/<int:code>/``."""
    for pattern in (resolver or get_resolver()).url_patterns:
        text = str(pattern.pattern)
        if not isinstance(pattern.pattern, RoutePattern):
            text = text.lstrip("^").rstrip("$").replace("\\.", ".")
        if isinstance(pattern, URLPattern):
            yield before + text
        else:
            yield from routes(pattern, before + text)


def filled(route: str, part: object) -> str:
    """The address with ``part(converter)`` in each of its places."""
    return "/" + PART.sub(lambda found: part(found[1] or "str"), route)


def parameters() -> list[str]:
    """The names of all that the views, the forms and the filters read from an address."""
    names = set(ADMIN)
    for package in PACKAGES:
        for file in (settings.BASE_DIR / package).rglob("*.py"):
            names.update(READ_BY_A_VIEW.findall(file.read_text()))
    kinds = [django_filters.FilterSet]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
        names.update(kind.base_filters)
    return sorted(names)


@dataclass
class Form:
    """A form as a page has it: where it goes, and what it would send if nobody touched it."""

    url: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys([name for name, _ in self.fields] + self.files))


class Page(HTMLParser):
    """The forms of a page, the parameters in its links, and scripts that came from outside."""

    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.linked: set[tuple[str, str]] = set()
        self._form: Form | None = None
        self._name = ""
        self._options: list[str] = []
        self._text: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        for link in (said.get("href"), said.get("hx-get")):
            if link:
                where = urlsplit(urljoin(self.url, link))
                if not where.netloc:
                    self.linked.update((where.path, name) for name, _ in parse_qsl(where.query, True))
        if tag == "form":
            self._form = Form(urljoin(self.url, said.get("action", "")), said.get("method", "get").upper())
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, said)

    def _field(self, tag: str, said: dict[str, str]) -> None:
        assert self._form is not None
        name, kind = said.get("name", ""), said.get("type", "text")
        if tag in ("select", "textarea"):
            self._name, self._options = name, []
            self._text = [] if tag == "textarea" else None
        elif tag == "option":
            self._options.append(said.get("value", ""))
        elif tag in ("input", "button") and name:
            if kind == "file":
                self._form.files.append(name)
            elif kind not in ("checkbox", "radio") or "checked" in said or name not in self._form.names:
                self._form.fields.append((name, said.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in ("select", "textarea") and self._form is not None and self._name:
            value = "".join(self._text) if self._text is not None else next(filter(None, self._options), "")
            self._form.fields.append((self._name, value))
            self._text, self._name = None, ""
