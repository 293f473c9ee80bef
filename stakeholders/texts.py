"""Texts that KL can change: those of e-mails, and help on the pages. The standard texts stand in the code.

A text is plain: paragraphs with an empty line between them, and placeholders in braces. A paragraph with a placeholder
that has nothing to say is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

PLACEHOLDER = re.compile(r"\{(\w+)\}")
PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


class Link(NamedTuple):
    """An address, and what it is called where it need not be read."""

    label: str
    url: str

    def __str__(self) -> str:
        return self.url

    def __html__(self) -> str:
        return format_html('<a href="{}">{}</a>', self.url, self.label)


class Lines(tuple[tuple[Link, str], ...]):
    """Some links, each with a sentence after it."""

    def __str__(self) -> str:
        return "\n\n".join(f"{link.label}{rest}\n{link}" for link, rest in self)

    def __html__(self) -> str:
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}{}</li>", self))


Values = Mapping[str, Any]


@dataclass(frozen=True)
class Text:
    """One text.

    Attributes:
        title: where it is read.
        body: the standard.
        subject: of an e-mail; empty for what is on a page.
        examples: what each placeholder can say.
        required: the placeholders without which the text has no purpose.
    """

    slug: str
    title: str
    body: str
    subject: str = ""
    examples: Values = field(default_factory=dict)
    required: tuple[str, ...] = ()

    @property
    def is_mail(self) -> bool:
        return bool(self.subject)

    @property
    def placeholders(self) -> str:
        return ", ".join(f"{{{name}}}" for name in self.examples)

    def check(self, *, subject: str, body: str) -> None:
        """Raises ValidationError, by field, in Danish, when the text cannot be used."""
        errors = {"body": self._faults(body)}
        errors["body"] += [f"Teksten skal have {{{name}}}." for name in self.required if f"{{{name}}}" not in body]
        if not body.strip():
            errors["body"] = ["Skriv en tekst."]
        if self.is_mail:
            errors["subject"] = self._faults(subject) or [] if subject.strip() else ["Skriv et emne."]
        if found := {name: said for name, said in errors.items() if said}:
            raise ValidationError(found)

    def _faults(self, typed: str) -> list[str]:
        known = f" Brug: {self.placeholders}." if self.examples else " Her er ingen."
        unknown = [name for name in dict.fromkeys(PLACEHOLDER.findall(typed)) if name not in self.examples]
        faults = [f"Pladsholderen {{{name}}} findes ikke her.{known}" for name in unknown]
        if re.search(r"[{}]", PLACEHOLDER.sub("", typed)):
            faults.append(f"En tuborgklamme står alene. De bruges kun om pladsholdere.{known}")
        return faults


_texts: dict[str, Text] = {}


def register(text: Text) -> Text:
    _texts[text.slug] = text
    return text


def known_texts() -> dict[str, Text]:
    """All of them by slug, e-mails last."""
    return dict(sorted(_texts.items(), key=lambda item: (item[1].is_mail, item[1].title)))


def as_plain(body: str, values: Values) -> str:
    """The text with what its placeholders say."""
    return "\n\n".join(_filled(paragraph, values, str) for paragraph in _paragraphs(body, values))


def as_html(body: str, values: Values) -> SafeString:
    """The text as paragraphs; what is typed is escaped."""
    filled = [mark_safe(_filled(paragraph, values, _escaped)) for paragraph in _paragraphs(body, values)]
    return mark_safe("".join(part if part.startswith("<ul>") else f"<p>{part}</p>" for part in filled))


def as_line(body: str, values: Values) -> SafeString:
    """The text as one paragraph, for a place that is one already."""
    filled = [_filled(paragraph, values, _escaped) for paragraph in _paragraphs(body, values)]
    return mark_safe("<br>".join(filled))


def _paragraphs(body: str, values: Values) -> Iterator[str]:
    for paragraph in PARAGRAPHS.split(body.replace("\r\n", "\n").strip()):
        if all(str(values.get(name, "")) for name in PLACEHOLDER.findall(paragraph)):
            yield paragraph


def _escaped(value: Any) -> str:
    return value.__html__() if hasattr(value, "__html__") else format_html("{}", value).replace("\n", "<br>")


def _filled(paragraph: str, values: Values, say: Any) -> str:
    parts = PLACEHOLDER.split(paragraph)  # text, name, text, name, text
    return "".join(say(values[part] if place % 2 else part) for place, part in enumerate(parts))
