"""The registry of what search finds. What is not here, search cannot find."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from flere_haender.days import today
from stakeholders.models import Municipality
from stakeholders.words import Joined
from timeline.filters import said_in_commitments
from timeline.models import Event, Source
from timeline.when import either_year

from .models import SHORT_PLAN, Case, Indicator, ListItem, LocalAction, Programme, Recommendation, Term
from .search import Finder, Hit


def everybody(queryset: QuerySet[Any]) -> Any:
    """Rows that are public, whoever asks."""
    return lambda user: queryset.all()


def _recommendations(user: Any) -> QuerySet[Any]:
    return Recommendation.objects.with_text(as_of=today())


def _recommendation(row: Any) -> Hit:
    plan = row.focus_area.theme.plan
    where = "" if plan.slug == SHORT_PLAN else f" · {plan.title}"
    about = f"{'Udgået anbefaling' if row.retired else 'Anbefaling'} {row.number}{where} · {row.focus_area.theme}"
    return Hit(row.title, row.get_absolute_url(), about, row.summary or "")


def _event(row: Event) -> Hit:
    years = f"{row.year} eller {row.end_year}" if either_year(row) else row.year
    year = f", {years}" if row.year and row.precision != "unknown" else ""
    return Hit(row.title, row.get_absolute_url(), f"{row.get_kind_display()}{year}", row.description)


def _indicator(row: Indicator) -> Hit:
    about = " · ".join(part for part in (row.get_topic_display(), row.group) if part)
    return Hit(row.name, row.get_absolute_url(), about, row.definition)


def _names(model: Any, field: str, here: str) -> Subquery:
    """The names of the municipalities that a row is tied to."""
    rows = getattr(model, field).through.objects.filter(**{here: OuterRef("pk")}).order_by().values(here)
    return Subquery(rows.annotate(said=StringAgg("municipality__name", " / ")).values("said"))


def _case(row: Case) -> Hit:
    names = [municipality.name for municipality in row.municipalities.all()]
    about = " · ".join(part for part in (", ".join(names) or row.where, row.get_evidence_display()) if part)
    return Hit(row.title, row.get_absolute_url(), about, row.what)


def _programme(row: Programme) -> Hit:
    about = " · ".join(part for part in (row.period, row.participants_text) if part)
    return Hit(row.title, f"{reverse('cases')}#program-{row.slug}", about, row.description)


def _term(row: Term) -> Hit:
    about = f"Også kaldt {', '.join(row.also)}" if row.also else ""
    return Hit(row.term, f"{reverse('glossary')}#{row.slug}", about, row.definition)


def _item(row: ListItem) -> Hit:
    return Hit(row.title, f"{reverse('lists')}#{row.list.slug}-{row.slug}", row.list.title, row.text)


def _municipality(row: Municipality) -> Hit:
    places = [str(place) for place in (row.kkr, row.region) if place]
    about = " · ".join([*places, *(["opdigtet"] if row.is_fictional else [])])
    return Hit(row.authority_name, row.get_absolute_url(), about)


def _action(row: LocalAction) -> Hit:
    return Hit(row.title, row.get_absolute_url(), f"{row.municipality.name} · {row.get_phase_display()}", row.what)


def _source(row: Source) -> Hit:
    about = ", ".join((row.publisher, row.published or "udateret"))
    return Hit(row.title, f"{reverse('sources')}#{row.slug}", about, row.about)


FINDERS: dict[str, Finder] = {
    finder.name: finder
    for finder in (
        Finder(
            "anbefalinger",
            "Anbefalinger",
            _recommendations,
            ("title",),
            ("overview_title", "short_name", "summary", "focus_area__title", "focus_area__theme__title"),
            _recommendation,
            number="number",
        ),
        Finder(
            "begivenheder",
            "Tidslinjen",
            everybody(Event.objects.all()),
            ("title", Joined("other_names")),
            ("description", "kind", "year", "conflicts", said_in_commitments()),
            _event,
        ),
        Finder(
            "indikatorer",
            "Nøgletal",
            everybody(Indicator.objects.all()),
            ("name",),
            ("definition", "group", "publisher"),
            _indicator,
        ),
        Finder(
            "cases",
            "Cases",
            everybody(Case.objects.published().prefetch_related("municipalities")),
            ("title", _names(Case, "municipalities", "case")),
            ("where", "problem", "what", "target_group", "results", Joined("mechanisms")),
            _case,
        ),
        Finder(
            "indsatser",
            "Lokale indsatser",
            lambda user: LocalAction.objects.visible_to(user).select_related("municipality"),
            ("title", "municipality__name"),
            ("what", "problem", "target_groups", "expected_effect", "seen_effect", "responsible_unit"),
            _action,
        ),
        Finder(
            "programmer",
            "Programmer",
            everybody(Programme.objects.all()),
            ("title", _names(Programme, "known", "programme")),
            ("description", "period", "participants_text"),
            _programme,
        ),
        Finder(
            "lister",
            "Lister i dokumenterne",
            everybody(ListItem.objects.select_related("list")),
            ("title",),
            ("text", "list__title"),
            _item,
        ),
        Finder(
            "ord",
            "Ordlisten",
            everybody(Term.objects.all()),
            ("term", Joined("also")),
            ("definition", "changed"),
            _term,
        ),
        Finder(
            "kommuner",
            "Kommuner",
            lambda user: Municipality.objects.placed(as_of=today()),
            ("name",),
            ("authority_name",),
            _municipality,
            number="code",
        ),
        Finder(
            "kilder",
            "Kilder",
            everybody(Source.objects.all()),
            ("title",),
            ("about", "publisher", "kind", "published"),
            _source,
        ),
    )
}
