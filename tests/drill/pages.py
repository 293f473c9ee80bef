"""What a browser knows of a form on a page: what it would send."""

from __future__ import annotations

from html.parser import HTMLParser

Fields = dict[str, list[str]]


class _Forms(HTMLParser):
    """Collects the fields of each form, as they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Fields] = []
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        name = given.get("name", "")
        if tag == "input" and name and self._is_sent(given):
            self._add(name, given.get("value", "on" if given.get("type") in ("checkbox", "radio") else ""))
        elif tag == "textarea":
            self.area = name
            self._add(name, "")
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given:
            self._add(self.select, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.forms[-1][self.area][-1] += data.removeprefix("\n")

    @staticmethod
    def _is_sent(given: dict[str, str]) -> bool:
        kind = given.get("type", "text")
        return kind not in ("submit", "button", "file") and (kind not in ("radio", "checkbox") or "checked" in given)

    def _add(self, name: str, value: str) -> None:
        if self.forms and name:
            self.forms[-1].setdefault(name, []).append(value)


def form_with(field: str, page: bytes) -> Fields:
    """The fields of the form that has this one. Raises LookupError when no form has."""
    reader = _Forms()
    reader.feed(page.decode())
    for fields in reader.forms:
        if field in fields:
            return fields
    raise LookupError(f"no form with {field}")
