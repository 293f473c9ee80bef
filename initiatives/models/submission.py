"""What a municipality has handed in to a round, and what has been decided about it. Neither is ever changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from flere_haender.append_only import append_only
from stakeholders.models import KL, Municipality

COMMENT_LIMIT = 2000


class Submission(models.Model):
    """One handing-in: who, when, and the number of it. Its answers stand in the log and name it."""

    participation = models.ForeignKey(
        "initiatives.Participation", on_delete=models.PROTECT, related_name="submissions", verbose_name="deltagelse"
    )
    number = models.PositiveSmallIntegerField("nummer")
    submitted_at = models.DateTimeField("indsendt")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="indsendt af"
    )
    submitted_for = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="skrev for"
    )

    class Meta:
        verbose_name = "indberetning"
        verbose_name_plural = "indberetninger"
        ordering = ("participation", "-number")
        constraints = (models.UniqueConstraint(name="submission_numbered", fields=("participation", "number")),)
        triggers = (append_only,)

    def __str__(self) -> str:
        return f"{self.participation}, nr. {self.number}"

    @property
    def organisation(self) -> str:
        """Who handed in: the municipality, or "KL på vegne af Korsbæk Kommune"."""
        return str(self.submitted_for) if self.submitted_for else f"{KL} på vegne af {self.participation.municipality}"

    def answers(self) -> dict[int, Any]:
        """The row of the log that is the answer to each recommendation, by its id.

        A later handing-in writes only what it changes; the rest are the rows of the earlier ones.
        """
        from .status_update import StatusUpdate

        rows = StatusUpdate.objects.filter(
            submission__participation=self.participation_id, submission__number__lte=self.number
        ).select_related("progress", "submission")
        return {row.progress.recommendation_id: row for row in rows.order_by("submission__number")}


class Decision(models.Model):
    """What KL, or the municipality's leader, has said to a municipality's answer. It is never changed."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", "Godkendt"
        ACCEPTANCE_UNDONE = "acceptance_undone", "Godkendelse fortrudt"
        RETURNED = "returned", "Sendt tilbage"
        REOPENED = "reopened", "Genåbnet"
        EXTENDED = "extended", "Ny frist"
        SENT_TO_LEADER = "sent_to_leader", "Sendt til lederen"
        TAKEN_BACK = "taken_back", "Tilbage hos redaktøren"
        REMINDED = "reminded", "Påmindet af KL"

    NEEDS_COMMENT = (Kind.ACCEPTANCE_UNDONE, Kind.RETURNED)

    participation = models.ForeignKey(
        "initiatives.Participation", on_delete=models.PROTECT, related_name="decisions", verbose_name="deltagelse"
    )
    kind = models.CharField("afgørelse", max_length=20, choices=Kind.choices)
    made_at = models.DateTimeField("tidspunkt")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="af"
    )
    comment = models.TextField("kommentar", blank=True, max_length=COMMENT_LIMIT)
    due_on = models.DateField("ny frist", null=True)
    key = models.UUIDField("nøgle", null=True, editable=False)

    class Meta:
        verbose_name = "afgørelse"
        verbose_name_plural = "afgørelser"
        ordering = ("-made_at", "-id")
        constraints = (
            models.UniqueConstraint(name="decision_once_per_key", fields=("participation", "key")),
            models.CheckConstraint(
                name="decision_says_why",
                condition=~Q(kind__in=("acceptance_undone", "returned")) | ~Q(comment=""),
            ),
        )
        triggers = (append_only,)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.participation}"
