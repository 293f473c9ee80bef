"""One report of an order, on its way through the worker."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from flere_haender.leases import Leased, claim

from .issued import IssuedReport
from .stored import StoredReport

if TYPE_CHECKING:
    from .orders import ReportOrder

LONGEST = 90  # seconds that a report may take to print
LEASE = timedelta(seconds=LONGEST + 30)
TRIES = 3  # when the printing is broken off


class Stage(models.TextChoices):
    WAITING = "waiting", "Venter"
    MAKING = "making", "Laves nu"
    DONE = "done", "Færdig"
    FAILED = "failed", "Kunne ikke laves"


class OrderedReportQuerySet(models.QuerySet["OrderedReport"]):
    def open(self) -> OrderedReportQuerySet:
        """Those that are still to be printed."""
        return self.filter(stage__in=(Stage.WAITING, Stage.MAKING), order__cancelled_at=None)

    def being_made(self) -> OrderedReportQuerySet:
        return self.filter(stage=Stage.MAKING, lease_until__gt=timezone.now())

    def due(self) -> OrderedReportQuerySet:
        """Those to print now, also those that a printer took and never finished."""
        now = timezone.now()
        return self.open().filter(Q(stage=Stage.WAITING) | Q(lease_until__lte=now))

    def claim(self) -> OrderedReport | None:
        """Take the next one. Nobody else gets it before the lease is out. None: nothing is due."""
        due = self.due().select_related("order__ordered_by").order_by("order__purpose", "pk")
        found: OrderedReport | None = claim(due, LEASE, state=Stage.MAKING)
        return found


class OrderedReport(Leased, models.Model):
    """A report that is to be printed, what came of it, and why nothing did."""

    STATE = "stage"

    order = models.ForeignKey(
        "initiatives.ReportOrder", on_delete=models.CASCADE, related_name="reports", verbose_name="bestilling"
    )
    query = models.TextField("valg")
    name = models.CharField("om", max_length=400)
    stage = models.CharField("stade", max_length=10, choices=Stage.choices, default=Stage.WAITING)
    lease_until = models.DateTimeField("taget til", null=True)
    attempts = models.PositiveSmallIntegerField("forsøg", default=0)
    error = models.TextField("fejl", blank=True)
    file = models.ForeignKey(
        StoredReport, on_delete=models.PROTECT, null=True, related_name="ordered", verbose_name="fil"
    )
    is_reused = models.BooleanField("genbrugt", default=False)

    objects: ClassVar[Any] = OrderedReportQuerySet.as_manager()

    class Meta:
        verbose_name = "bestilt rapport"
        verbose_name_plural = "bestilte rapporter"
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                name="orderedreport_making_has_a_lease",
                condition=Q(stage=Stage.MAKING, lease_until__isnull=False)
                | ~Q(stage=Stage.MAKING) & Q(lease_until=None),
            ),
        )
        # For `due`, which every printer asks.
        indexes = (
            models.Index(F("id"), name="orderedreport_open", condition=Q(stage__in=(Stage.WAITING, Stage.MAKING))),
        )

    def __str__(self) -> str:
        return self.name

    def be_done(self, file: StoredReport | None = None, *, is_reused: bool = False, issued: Any = None) -> None:
        """It is printed: kept in ``file``, or ``issued``."""
        self._end(Stage.DONE, file=file, is_reused=is_reused, issued=issued)

    def fail(self, error: str) -> None:
        """Nothing comes of it.

        Args:
            error: why, in Danish, for the one who ordered it.
        """
        self._end(Stage.FAILED, error=error)

    def let_go(self) -> None:
        """Somebody else is to print it: this printer has been told to stop."""
        self._become(Stage.WAITING, attempts=self.attempts - 1)

    @transaction.atomic
    def _end(self, stage: Stage, *, issued: IssuedReport | None = None, **fields: Any) -> None:
        order: ReportOrder | None = type(self.order).objects.select_for_update().filter(pk=self.order_id).first()
        if order is None or not self._become(stage, **fields):
            return
        if issued is not None:
            order.issued = issued
            order.save(update_fields=["issued"])
        order.finish()
