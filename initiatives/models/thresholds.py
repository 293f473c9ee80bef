"""When KL and the municipalities are said to disagree: two percentages that KL can change from a day on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from flere_haender.access import is_kl_consultant
from flere_haender.days import today

from .log import LogEntry

if TYPE_CHECKING:
    from stakeholders.models import User

DISAGREE_ABOVE, ASSESSED_AT_LEAST = 25, 50  # per cent


def _per_cent(label: str, lowest: int, highest: int, **options: Any) -> Any:
    validators = [MinValueValidator(lowest), MaxValueValidator(highest)]
    return models.PositiveSmallIntegerField(label, validators=validators, **options)


class Thresholds(LogEntry):
    """A version of the two thresholds. As long as nobody has written one, the first of all holds.

    ``disagree_above``: the share of the municipalities that have assessed, above which the two voices are said to
    disagree. ``assessed_at_least``: the share of those that count which must have assessed. Both in per cent.
    """

    WITHDRAWN = Q(disagree_above=None)

    disagree_above = _per_cent(
        "forskel over",
        0,
        99,
        default=DISAGREE_ABOVE,
        help_text="Pct. af de kommuner, der har vurderet. Er flere end det uenige med KL, siger siden det.",
    )
    assessed_at_least = _per_cent(
        "vurderet af mindst",
        1,
        100,
        default=ASSESSED_AT_LEAST,
        help_text="Pct. af de kommuner, der tæller med. Har færre vurderet, siger siden intet om forskel.",
    )

    class Meta(LogEntry.Meta):
        abstract = False
        verbose_name = "grænser for forskel"
        verbose_name_plural = "grænser for forskel"
        constraints = (
            *LogEntry.Meta.constraints,
            models.CheckConstraint(
                name="thresholds_are_per_cent",
                condition=Q(disagree_above__range=(0, 99), assessed_at_least__range=(1, 100)),
            ),
        )

    def __str__(self) -> str:
        return f"Forskel over {self.disagree_above} pct., vurderet af mindst {self.assessed_at_least} pct."

    @classmethod
    def holding(cls, moment: Any) -> Thresholds:
        """Those that hold at a ``Moment``; one query."""
        row = cls.objects.standing(as_of=moment.as_of, known_at=moment.known_at).first()
        return row if row is not None else cls()

    @classmethod
    @transaction.atomic
    def set(
        cls, *, by: User, disagree_above: int, assessed_at_least: int, effective_on: date | None = None
    ) -> Thresholds:
        """Let other thresholds hold from a Danish day on; today when it is not given. What was said before stands.

        Raises:
            PermissionDenied: ``by`` is no consultant of KL's and no superuser.
            ValidationError: they are no percentages, or the day is later than today.
        """
        if not (is_kl_consultant(by) or by.is_superuser):
            raise PermissionDenied
        day = effective_on or today()
        if day > today():
            raise ValidationError({"effective_on": "Datoen kan ikke ligge efter i dag."})
        same_day = cls.objects.select_for_update(of=("self",)).standing(as_of=day).first()
        row = cls(
            disagree_above=disagree_above,
            assessed_at_least=assessed_at_least,
            effective_on=day,
            recorded_at=timezone.now(),
            recorded_by=by,
            corrects=same_day if same_day is not None and same_day.effective_on == day else None,
        )
        row.full_clean(exclude=("recorded_by", "recorded_for", "corrects", "key"))
        row.save(force_insert=True)
        return row
