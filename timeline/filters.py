from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat

from stakeholders.models import Actor
from stakeholders.words import Joined, holding

from .models import Commitment, Event, Kind, Source, Standing

# What the plain timeline leaves out, so that its lines can be seen.
PARTS, PLANNED, ANALYSES, EVERYTHING = "dele", "planlagt", "analyser", "alt"
SHOW = [
    (PARTS, "Også dele af aftaler"),
    (PLANNED, "Også planlagte milepæle"),
    (ANALYSES, "Også analyser"),
    (EVERYTHING, "Alt"),
]
RECOMMENDATIONS = 26


def choice(label: str, every: str, *, pick: str = "Vælg fra listen.", **options: Any) -> Any:
    """A choice from a list; with a ``queryset``, from rows. What is not on the list gets a message.

    Args:
        every: what the empty choice says. ``pick``: what somebody is asked who chose something else.
    """
    kind = django_filters.ModelChoiceFilter if "queryset" in options else django_filters.ChoiceFilter
    return kind(label=label, empty_label=every, error_messages={"invalid_choice": f"{label}: {pick}"}, **options)


class TextFilter(django_filters.FilterSet):
    """Filters with a free text. Every word must be in one of ``texts``, which may be columns or expressions."""

    texts: tuple[Any, ...] = ()
    number = ""

    q = django_filters.CharFilter(
        label="Søg", method="search", max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )

    def search(self, queryset: Any, name: str, text: str) -> Any:
        return holding(queryset, text, *self.texts, number=self.number)


def said_in_commitments() -> Subquery:
    """What the commitments of an event say, as one text."""
    rows = Commitment.objects.filter(event=OuterRef("pk")).order_by().values("event")
    said = Concat("what", Value(" / "), "who", Value(" / "), "amount_text")
    return Subquery(rows.annotate(said=StringAgg(said, " / ")).values("said"))


class EventFilter(TextFilter):
    texts = ("title", "description", "conflicts", Joined("other_names"), said_in_commitments())

    vis = choice("Vis", "De store linjer", choices=SHOW, method="leave_as_is")
    art = choice("Type", "Alle typer", pick="Vælg en type fra listen.", field_name="kind", choices=Kind.choices)
    aktoer = choice(
        "Aktør",
        "Alle aktører",
        pick="Vælg en aktør fra listen.",
        field_name="actors",
        to_field_name="slug",
        queryset=Actor.objects.all(),
    )
    anbefaling = choice(
        "Anbefaling",
        f"Alle {RECOMMENDATIONS}",
        pick=f"Vælg et nummer fra 1 til {RECOMMENDATIONS}.",
        field_name="related__recommendation__slug",
        choices=lambda: recommendation_choices(),
    )
    stand = choice("Stand", "Alle", field_name="standing", choices=Standing.choices)
    kilde = choice(
        "Kilde",
        "Alle fem",
        pick="Vælg en kilde fra listen.",
        field_name="citations__source",
        to_field_name="slug",
        queryset=Source.objects.all(),
    )

    class Meta:
        model = Event
        fields = ("vis", "art", "aktoer", "anbefaling", "stand", "kilde", "q")

    def leave_as_is(self, queryset: Any, name: str, value: str) -> Any:
        """``vis`` says how much of what is found is drawn: ``leaves_out``."""
        return queryset

    @property
    def narrows(self) -> bool:
        """Whether anything but ``vis`` is chosen."""
        return any(self.data.get(name) for name in self.filters if name != "vis")

    def leaves_out(self, event: Event) -> bool:
        """Whether the plain timeline leaves the event out. A search shows all it finds, unless ``vis`` is chosen."""
        show = self.data.get("vis") or (EVERYTHING if self.narrows else "")
        if show == EVERYTHING:
            return False
        return (
            (event.parent_id is not None and show != PARTS)
            or (event.standing == Standing.PLANNED and show != PLANNED)
            or (event.kind == Kind.ANALYSIS and show != ANALYSES)
        )


def recommendation_choices() -> list[tuple[str, str]]:
    """All numbers, with the short name where an event has to do with the recommendation. One query."""
    names = ("related__recommendation__slug", "related__recommendation__short_name")
    known = dict(Event.objects.filter(related__isnull=False).order_by().values_list(*names).distinct())
    numbers = range(1, RECOMMENDATIONS + 1)
    return [
        (str(number), f"{number}. {known[str(number)]}" if str(number) in known else str(number)) for number in numbers
    ]
