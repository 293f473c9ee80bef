"""What belongs to a local action: its recommendations, its grants and its milestones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from flere_haender.days import today

from .background import ListItem
from .plan import Recommendation

if TYPE_CHECKING:
    from .local_action import LocalAction


class ActionRecommendation(models.Model):
    """That an action is about a recommendation."""

    action = models.ForeignKey("initiatives.LocalAction", on_delete=models.PROTECT, verbose_name="indsats")
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, verbose_name="anbefaling")

    class Meta:
        verbose_name = "indsatsens anbefaling"
        verbose_name_plural = "indsatsens anbefalinger"
        constraints = (models.UniqueConstraint(name="actionrecommendation_once", fields=("action", "recommendation")),)

    def __str__(self) -> str:
        return str(self.recommendation)


class ActionGrant(models.Model):
    """That an action uses a grant of the documents' list."""

    action = models.ForeignKey("initiatives.LocalAction", on_delete=models.PROTECT, verbose_name="indsats")
    grant = models.ForeignKey(ListItem, on_delete=models.PROTECT, related_name="+", verbose_name="tilskud")

    class Meta:
        verbose_name = "indsatsens tilskud"
        verbose_name_plural = "indsatsens tilskud"
        constraints = (models.UniqueConstraint(name="actiongrant_once", fields=("action", "grant")),)

    def __str__(self) -> str:
        return str(self.grant)


class Milestone(models.Model):
    """A day by which something should be reached; ``done_on`` is the day on which it was."""

    action = models.ForeignKey(
        "initiatives.LocalAction", on_delete=models.PROTECT, related_name="milestones", verbose_name="indsats"
    )
    title = models.CharField("milepæl", max_length=200)
    due_on = models.DateField("dato")
    done_on = models.DateField("nået", null=True, blank=True)

    class Meta:
        verbose_name = "milepæl"
        verbose_name_plural = "milepæle"
        ordering = ("due_on", "id")
        constraints = (
            models.CheckConstraint(name="milestone_has_a_title", condition=~Q(title="")),
            # At the end of the transaction: two milestones may change places.
            models.UniqueConstraint(
                name="milestone_one_of_a_name_a_day",
                fields=("action", "title", "due_on"),
                deferrable=models.Deferrable.DEFERRED,
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.due_on:%d.%m.%Y})"

    @property
    def is_late(self) -> bool:
        return self.done_on is None and self.due_on < today()


@dataclass(frozen=True)
class MilestoneRow:
    """A milestone as it was typed; with ``pk`` one that the action has, if it still has it."""

    title: str
    due_on: date
    done_on: date | None = None
    pk: int | None = None
    removed: bool = False


@dataclass(frozen=True)
class MilestonePlan:
    """What the typed rows do to an action's milestones."""

    saved: list[Milestone]
    removed: list[Milestone]
    faults: list[str]

    @classmethod
    def of(cls, action: LocalAction, existing: list[Milestone], rows: Iterable[MilestoneRow]) -> MilestonePlan:
        """A row finds its milestone by ``pk``, or by name and day, so that a form sent twice adds nothing twice."""
        by_pk = {milestone.pk: milestone for milestone in existing}
        by_name = {(milestone.title, milestone.due_on): milestone for milestone in existing}
        final, saved, removed = dict(by_pk), [], []
        for place, row in enumerate(rows):
            milestone = by_pk.get(row.pk or 0) or by_name.get((row.title, row.due_on)) or Milestone(action=action)
            if row.removed:
                removed += [milestone] if final.pop(milestone.pk, None) else []
                continue
            says = (row.title, row.due_on, row.done_on)
            if milestone.pk is None or says != (milestone.title, milestone.due_on, milestone.done_on):
                milestone.title, milestone.due_on, milestone.done_on = says
                saved.append(milestone)
            final[milestone.pk or -1 - place] = milestone
        return cls(saved, removed, list(_faults(final.values())))

    @property
    def changes(self) -> bool:
        return bool(self.saved or self.removed)

    def write(self) -> None:
        for milestone in self.removed:
            milestone.delete()
        for milestone in self.saved:
            milestone.save()


def _faults(milestones: Collection[Milestone]) -> Iterator[str]:
    names = Counter((milestone.title, milestone.due_on) for milestone in milestones)
    if any(not title.strip() for title, _ in names):
        yield "Skriv, hvad hver milepæl er."
    if any(count > 1 for count in names.values()):
        yield "To milepæle hedder det samme på samme dag. Ret den ene."
    if any(milestone.done_on and milestone.done_on > today() for milestone in milestones):
        yield "En milepæl kan ikke være nået efter i dag."
