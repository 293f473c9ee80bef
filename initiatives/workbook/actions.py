"""The sheet *Lokale indsatser*: a row for each local action, and empty ones for new."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from initiatives.action_forms import ActionForm
from initiatives.intake.items import Fault, Item, State, differences
from initiatives.intake.writing import Column, Input, Known, Sheet, stamp
from initiatives.models import Case, CaseState, ListItem, LocalAction, Origin, Recommendation
from initiatives.models.local_action import CHALLENGES, GRANTS
from initiatives.models.plan import in_order
from initiatives.phases import Involvement, Phase, Visibility
from stakeholders.models import Municipality

from .typed import BETWEEN, UNKNOWN_KEY, Typed, chosen, parts

ACTION_SHEET = "Lokale indsatser"
SPARE = 50  # empty rows for new ones
MOST_CHANGED = 100
TOO_MANY = f"Højst {MOST_CHANGED} indsatser kan ændres på én gang. Tag resten bagefter."
# The columns, by the field of the form.
FIELDS = {
    "title": "Indsats",
    "what": "Hvad I gør",
    "recommendations": "Anbefalinger",
    "phase": "Fase",
    "starts_on": "Start",
    "ends_on": "Slut",
    "responsible_unit": "Ansvarlig enhed",
    "visibility": "Hvem kan se den",
    "problem": "Problemet",
    "challenge": "Udfordring",
    "target_groups": "Målgrupper",
    "builds_on": "Bygger på",
    "expected_effect": "Forventet virkning",
    "seen_effect": "Virkning indtil nu",
    "involvement": "MED og TRIO",
    "grants": "Tilskud",
    "other_grants": "Andre tilskud",
    "links": "Links",
}
LONG_TEXTS = ("what", "problem", "expected_effect", "seen_effect")
LABELS: dict[str, dict[str, str]] = {
    "phase": {label: value for value, label in Phase.choices},
    "visibility": {label: value for value, label in Visibility.choices},
    "involvement": {label: value for value, label in Involvement.choices},
}
HELP = {
    "title": "Navnet på indsatsen. Skriv nye indsatser i de tomme rækker nederst.",
    "recommendations": f"Numrene, med {BETWEEN} imellem, for eksempel 10 {BETWEEN} 26.",
    "starts_on": "Skriv den som 31-05-2026.",
    "ends_on": "Skriv den som 31-05-2026.",
    "grants": f"Et eller flere, med {BETWEEN} imellem. De findes i arket Læs mig.",
    "links": "En adresse pr. linje.",
}


class Choices:
    """What a row chooses from: the label of each, and what it stands for."""

    @cached_property
    def recommendations(self) -> dict[str, Recommendation]:
        return {one.slug: one for one in Recommendation.objects.all()}

    @cached_property
    def lists(self) -> dict[str, dict[str, int]]:
        cases = Case.objects.filter(state=CaseState.PUBLISHED).order_by("title").values_list("title", "slug", "pk")
        often = Counter(title for title, _, _ in cases)
        return {
            "challenge": _labels(CHALLENGES),
            "grants": _labels(GRANTS),
            "builds_on": {f"{title} ({slug})" if often[title] > 1 else title: pk for title, slug, pk in cases},
        }

    def label(self, name: str, pk: int | None, otherwise: Any) -> str:
        found = next((label for label, value in self.lists[name].items() if value == pk), None)
        return found or str(otherwise or "")

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(self._column(name, heading) for name, heading in FIELDS.items())

    def _column(self, name: str, heading: str) -> Column:
        help_text = HELP.get(name, "")
        if name in LABELS:
            return Column(heading, Input.CHOICE, 16, tuple(LABELS[name]), help_text)
        if name in ("challenge", "builds_on"):
            return Column(heading, Input.CHOICE, 30, tuple(self.lists[name]), help_text)
        if name in ("starts_on", "ends_on"):
            return Column(heading, Input.DATE, 13, help=help_text)
        return Column(heading, Input.TEXT, 50 if name in LONG_TEXTS else 28, help=help_text)


def _labels(slug: str) -> dict[str, int]:
    return {str(item): item.pk for item in ListItem.objects.filter(list__slug=slug)}


def known_actions(municipality: Municipality) -> list[LocalAction]:
    rows = LocalAction.objects.filter(municipality=municipality).order_by("pk")
    found = rows.select_related("challenge", "builds_on").prefetch_related("recommendations", "grants")
    return list(found)


def sheet(municipality: Municipality) -> Sheet:
    choices = Choices()
    rows = [Known(str(action.pk), cells_of(action, choices)) for action in known_actions(municipality)]
    return Sheet(ACTION_SHEET, choices.columns, rows, spare=SPARE, frozen=1)


def cells_of(action: LocalAction, choices: Choices) -> dict[str, Any]:
    """What an action says, as the cells of its row."""
    related = {"recommendations": action.recommendations.all(), "grants": action.grants.all()}
    return _cells({name: getattr(action, name) for name in FIELDS if name not in related} | related, choices)


def _cells(said: Mapping[str, Any], choices: Choices) -> dict[str, Any]:
    between = f" {BETWEEN} "
    cells = {
        "recommendations": between.join(in_order(said["recommendations"])),
        "grants": between.join(sorted(choices.label("grants", grant.pk, grant) for grant in said["grants"])),
        "links": "\n".join(said["links"]),
        **{name: choices.label(name, said[name].pk if said[name] else None, said[name]) for name in ONE_OF_A_LIST},
        **{name: _label(name, said[name]) for name in LABELS},
    }
    return {heading: cells.get(name, said[name]) for name, heading in FIELDS.items()}


ONE_OF_A_LIST = ("challenge", "builds_on")


def _label(name: str, value: str) -> str:
    return next((label for label, one in LABELS[name].items() if one == value), "")


def items(upload_of: uuid.UUID, municipality: Municipality, rows: Iterable[Typed], *, by: Any) -> list[Item]:
    """What the rows would change.

    Args:
        upload_of: what the workbook is known by: a new row keeps its key, however often the same workbook comes in.
    """
    touched = [row for row in rows if row.says_anything]
    actions = known_actions(municipality) if touched else []
    known: dict[str, LocalAction] = {str(action.pk): action for action in actions}
    made = {str(action.key): action for action in actions}
    choices, found = Choices(), []
    first: dict[str, int] = {}
    for row in touched:
        key = uuid.uuid5(upload_of, row.text("Indsats").casefold() or str(row.number))
        same = row.key or str(key)
        action = known.get(row.key) if row.key else made.get(same)
        incoming = Incoming(municipality, row, action, choices, by, key)
        if row.key and action is None:
            found.append(incoming.refused([row.fault(None, UNKNOWN_KEY)]))
        elif same in first:
            found.append(incoming.refused([row.fault("Indsats", f"Indsatsen står også i række {first[same]}.")]))
        elif len(found) >= MOST_CHANGED:
            found.append(incoming.refused([row.fault(None, TOO_MANY)]))
        else:
            found.append(incoming.item)
        first.setdefault(same, row.number)
    return found


@dataclass
class Incoming:
    """What came back about one action; ``action`` is None for a new one."""

    municipality: Municipality
    row: Typed
    action: LocalAction | None
    choices: Choices
    by: Any
    key: uuid.UUID

    def refused(self, faults: list[Fault]) -> Item:
        return Item(self._id, ACTION_SHEET, self._title, State.REFUSED, faults=faults)

    @property
    def _id(self) -> str:
        return f"indsats-{self.row.number}"

    @property
    def _title(self) -> str:
        return self.row.text("Indsats") or (self.action.title if self.action else f"Række {self.row.number}")

    @property
    def item(self) -> Item:
        content, faults = self.read()
        if faults:
            return self.refused(faults)
        before = cells_of(self.action, self.choices) if self.action else {}
        found = Item(self._id, ACTION_SHEET, self._title, State.SAME)
        found.differences = differences(before, _cells(content, self.choices))
        if not found.differences:
            return found
        if self.action is None:
            found.state = State.NEW
            found.save = partial(
                LocalAction.start, self.municipality, by=self.by, key=self.key, origin=Origin.WORKBOOK, **content
            )
            return found
        # What was new in this workbook, and has been saved from it, has no fingerprint to compare with.
        is_old = not self.row.base or self.row.is_older_than(self.choices.columns, before)
        found.state = State.CONFLICT if is_old else State.CHANGED
        seen = self.action.version
        found.save = partial(self.action.change, by=self.by, seen=seen, origin=Origin.WORKBOOK, **content)
        return found

    def read(self) -> tuple[dict[str, Any], list[Fault]]:
        """What the row says, as the verbs of ``LocalAction`` take it, and what is wrong with it."""
        if self.row.faults:
            return {}, self.row.faults
        typed, faults = self._typed()
        if faults:
            return {}, faults
        form = ActionForm(typed, **({"instance": copy(self.action)} if self.action else {}))
        form.is_valid()
        faults = [self.row.fault(FIELDS.get(name), str(text)) for name, texts in form.errors.items() for text in texts]
        if faults:
            return {}, faults
        content = {name: form.cleaned_data[name] for name in FIELDS}
        return content | {name: list(content[name]) for name in ("recommendations", "grants")}, []

    def _typed(self) -> tuple[dict[str, Any], list[Fault]]:
        """What is typed, as the form takes it: labels turned into what they stand for."""
        typed: dict[str, Any] = {name: self.row.text(heading) for name, heading in FIELDS.items()}
        for name, labels in LABELS.items():
            typed[name] = chosen(typed[name], labels)
        if not self.row.key:
            typed["phase"] = typed["phase"] or Phase.IDEA
            typed["visibility"] = typed["visibility"] or Visibility.DRAFT
        faults: list[Fault] = []
        numbers = {slug: one.pk for slug, one in self.choices.recommendations.items()}
        asked = _separated(typed["recommendations"])
        typed["recommendations"] = self._several("recommendations", asked, numbers, faults)
        typed["grants"] = self._several("grants", parts(typed["grants"]), self._kept("grants"), faults)
        for name in ONE_OF_A_LIST:
            found = self._several(name, [typed[name]] if typed[name] else [], self._kept(name), faults)
            typed[name] = found[0] if found else ""
        return typed, faults

    def _kept(self, name: str) -> dict[str, int]:
        """The list, with what the action has chosen already, also when it is no longer offered."""
        if self.action is None:
            return self.choices.lists[name]
        held = self.action.grants.all() if name == "grants" else [getattr(self.action, name)]
        return {self.choices.label(name, one.pk, one): one.pk for one in held if one} | self.choices.lists[name]

    def _several(self, name: str, texts: list[str], labels: dict[str, int], faults: list[Fault]) -> list[int]:
        found = [chosen(text, labels) for text in texts]
        for one in found:
            if isinstance(one, str):
                faults.append(self.row.fault(FIELDS[name], f"“{one[:80]}” findes ikke på listen."))
        return found


def _separated(text: str) -> list[str]:
    """Numbers of recommendations, however they are kept apart."""
    return text.replace(BETWEEN, " ").replace(",", " ").replace(";", " ").split()


def stamps(municipality: Municipality) -> dict[str, str]:
    """The fingerprint of each action as it is now, by the key of its row."""
    choices = Choices()
    columns = choices.columns
    return {str(action.pk): stamp(columns, cells_of(action, choices)) for action in known_actions(municipality)}
