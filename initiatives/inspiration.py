"""What a municipality can borrow: local actions that others share, and published cases, in one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.text import Truncator

from .action_filters import InspirationFilter, in_kkr, numbers_of
from .background_filters import CaseFilter
from .exporting import Column, each
from .models import Case, LocalAction, Related
from .models.plan import in_order
from .phases import Visibility

ACTION, CASE = "Lokal indsats", "Case"


@dataclass(frozen=True)
class Idea:
    """A local action or a case, as the list shows it."""

    kind: str
    title: str
    url: str
    where: str
    numbers: list[str]
    phase: str
    what: str
    problem: str
    followers: int
    updated_at: datetime | None

    def get_absolute_url(self) -> str:
        return self.url


def ideas(chosen: InspirationFilter) -> Iterator[Idea]:
    """Local actions, the last changed first, and then cases; nothing when a choice cannot be used."""
    if chosen.is_valid():
        actions = chosen.qs.with_followers().select_related("municipality").prefetch_related("recommendations")
        yield from map(_of_action, each(actions))
        yield from map(_of_case, _cases(chosen))


def shared_with(reader: Any) -> Any:
    """The local actions that are shared, for those who may see them."""
    return LocalAction.objects.visible_to(reader).shared()


def _of_action(action: Any) -> Idea:
    return Idea(
        ACTION,
        action.title,
        action.get_absolute_url(),
        action.municipality.marked_name,
        numbers_of(action),
        action.get_phase_display(),
        action.what,
        action.problem,
        action.followers,
        action.updated_at,
    )


def _cases(chosen: InspirationFilter) -> Iterator[Any]:
    """The cases that answer to the same choices. A case has no phase.

    No document ties a case to a challenge; both are tied to recommendations, and so a case is found through them.
    """
    given = chosen.form.cleaned_data
    if given["fase"]:
        return iter(())
    data = {name: chosen.data.get(name, "") for name in ("anbefaling", "q")}
    cases: QuerySet[Case] = CaseFilter(data, queryset=Case.objects.published()).qs
    if given["kkr"]:
        cases = cases.filter(municipalities__in=in_kkr(given["kkr"]))
    if given["udfordring"]:
        shared = Related.objects.filter(item=given["udfordring"]).values("recommendation")
        cases = cases.filter(related__recommendation__in=shared)
    shared_by = Count("inspired__municipality", filter=~Q(inspired__visibility=Visibility.DRAFT), distinct=True)
    found = Case.objects.filter(pk__in=cases.values("pk")).annotate(followers=shared_by)
    return each(found.prefetch_related("municipalities", "related__recommendation"))


def _of_case(case: Any) -> Idea:
    names = [municipality.name for municipality in case.municipalities.all()]
    return Idea(
        CASE,
        case.title,
        case.get_absolute_url(),
        ", ".join(names) or case.where,
        in_order({related.recommendation for related in case.related.all()}),
        "",
        case.what,
        case.problem,
        case.followers,
        None,
    )


def followers_of(case: Case) -> int:
    """How many municipalities share a local action that was inspired by the case."""
    shared = LocalAction.objects.shared().filter(inspired_by=case)
    found: dict[str, int] = shared.aggregate(n=Count("municipality", distinct=True))
    return found["n"]


def _brief(text: str) -> str:
    return Truncator(" ".join(text.split())).words(24)


def followed(count: int) -> str:
    """Such as "3 kommuner har ladet sig inspirere"; nothing when there is none."""
    who = "1 kommune" if count == 1 else f"{count} kommuner"
    return f"{who} har ladet sig inspirere" if count else ""


COLUMNS = (
    Column("Titel", lambda idea: idea.title, about=lambda idea: _brief(idea.what)),
    Column("Hvor", lambda idea: idea.where, about=lambda idea: followed(idea.followers)),
    Column("Type", lambda idea: idea.kind),
    Column("Anbefalinger", lambda idea: idea.numbers),
    Column("Fase", lambda idea: idea.phase),
    Column("Hvad der gøres", lambda idea: idea.what, only_in_file=True),
    Column("Problemet", lambda idea: idea.problem, only_in_file=True),
    Column("Senest ændret", lambda idea: idea.updated_at),
)
