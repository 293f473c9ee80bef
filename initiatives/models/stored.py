"""Reports that have been printed, kept for a while so that the same one is not printed again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

# Since it was last asked for; longer where an order still holds it.
KEPT_UNUSED = timedelta(hours=1)


class StoredReportQuerySet(models.QuerySet["StoredReport"]):
    def without_content(self) -> StoredReportQuerySet:
        return self.defer("content")

    def take(self, **digest: str) -> StoredReport | None:
        """The newest with this digest, so that it is not tidied away meanwhile. None: there is none."""
        found = self.without_content().filter(**digest).order_by("-made_at").first()
        if found is None or not self.filter(pk=found.pk).update(used_at=timezone.now()):
            return None
        return found

    def unused(self) -> StoredReportQuerySet:
        """Those that no order holds and that nobody has asked for lately."""
        from .orders import OrderedReport

        held = OrderedReport.objects.filter(file=OuterRef("pk"))
        return self.filter(~Exists(held), used_at__lt=timezone.now() - KEPT_UNUSED)


class StoredReport(models.Model):
    """A report as a PDF, and what it is known again by.

    Attributes:
        exact: the digest of all that is printed, and of what printed it.
        facts: the same, but for when one knew it (``initiatives.reports.sameness``).
        known_at: the last recording that the report rests on.
    """

    exact = models.CharField("aftryk", max_length=64, unique=True)
    facts = models.CharField("aftryk uden kendt dato", max_length=64)
    file_name = models.CharField("filnavn", max_length=400)
    as_of = models.DateField("status pr.")
    known_at = models.DateTimeField("som kendt", null=True)
    content = models.BinaryField("indhold")
    size = models.PositiveIntegerField("bytes")
    made_at = models.DateTimeField("lavet", default=timezone.now)
    used_at = models.DateTimeField("sidst brugt", default=timezone.now)

    objects: ClassVar[Any] = StoredReportQuerySet.as_manager()

    class Meta:
        verbose_name = "gemt rapport"
        verbose_name_plural = "gemte rapporter"
        indexes = (models.Index(fields=("facts",), name="storedreport_facts"),)  # for `take`, when a batch is printed

    def __str__(self) -> str:
        return self.file_name
