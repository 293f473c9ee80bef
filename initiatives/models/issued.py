"""Reports that have been issued: the bytes as they were printed, never changed and never made again."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pgtrigger
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models, transaction
from django.db.models import F, Func, Max, Q
from django.urls import reverse
from django.utils import timezone

from flere_haender.access import is_member, may_issue
from flere_haender.days import danish_day
from flere_haender.form_keys import FORM_USED
from stakeholders.models import Municipality, organisation_of

from .log import LogEntry

if TYPE_CHECKING:
    from initiatives.reports.choice import Choice
    from stakeholders.models import User


class FactsChanged(Exception):
    """The report says something else than when it was shown."""


class Sha256(Func):
    """In the database: the SHA-256 of bytes, as text."""

    template = "encode(sha256(%(expressions)s), 'hex')"
    output_field = models.CharField()


class IssuedReportQuerySet(models.QuerySet["IssuedReport"]):
    def visible_to(self, user: Any) -> IssuedReportQuerySet:
        """As the report itself: public facts for everybody, the rest for members."""
        return self if is_member(user) else self.filter(is_public=True)

    def without_content(self) -> IssuedReportQuerySet:
        """Without the bytes, for lists."""
        return self.defer("content").select_related("issued_for", "municipality")


class IssuedReport(models.Model):
    """A report as it was issued: its bytes, what it was made of, and who issued it for whom.

    Written by ``issue`` alone. Free text on the front, names too, stays as it was printed.
    """

    year = models.PositiveSmallIntegerField("år")
    number = models.PositiveIntegerField("nummer")
    about = models.CharField("om", max_length=72, help_text="Som i adressen: kkr:sjaelland.")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="om kommunen"
    )
    is_public = models.BooleanField("offentlig")
    subject_name = models.CharField("emne", max_length=300)
    title = models.CharField("overskrift", max_length=300)
    parameters = models.JSONField("valg")
    as_of = models.DateField("status pr.")
    known_at = models.DateTimeField("som kendt")
    since = models.DateField("ændringer siden", null=True)
    compared_with = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="sammenlignet med"
    )
    fingerprint = models.CharField("fingeraftryk", max_length=16)
    content = models.BinaryField("indhold")
    sha256 = models.CharField("SHA-256", max_length=64)
    issued_at = models.DateTimeField("udstedt")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="udstedt af"
    )
    issued_for = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="udstedt for",
        help_text="Den kommune, som brugeren skrev for. Tom: KL.",
    )
    key = models.UUIDField("nøgle", unique=True, default=uuid.uuid4)

    objects: ClassVar[Any] = IssuedReportQuerySet.as_manager()

    class Meta:
        verbose_name = "udstedt rapport"
        verbose_name_plural = "udstedte rapporter"
        ordering = ("-year", "-number")
        constraints = (
            models.UniqueConstraint(name="issuedreport_numbered", fields=("year", "number")),
            models.CheckConstraint(name="issuedreport_bytes_are_theirs", condition=Q(sha256=Sha256(F("content")))),
            models.CheckConstraint(
                name="issuedreport_of_a_municipality_is_not_public",
                condition=Q(municipality=None) | Q(is_public=False),
            ),
            models.CheckConstraint(
                name="issuedreport_by_its_own_or_kl",
                condition=Q(issued_for=None) | Q(issued_for=F("municipality")),
            ),
        )
        triggers: ClassVar[tuple[pgtrigger.Trigger, ...]] = LogEntry.Meta.triggers

    def __str__(self) -> str:
        return f"Rapport {self.label}"

    def get_absolute_url(self) -> str:
        return reverse("issued_report", args=[self.pk])

    @property
    def label(self) -> str:
        """Its number: ``3/2026``."""
        return f"{self.number}/{self.year}"

    @property
    def organisation(self) -> str:
        return organisation_of(self.issued_for)

    @property
    def file_name(self) -> str:
        return f"Statusrapport {self.year}-{self.number} {self.subject_name} {self.as_of.isoformat()}.pdf"

    @staticmethod
    def check_issuing(choice: Choice, *, by: User) -> None:
        """Raises PermissionDenied or ValidationError when ``issue`` would."""
        if not (may_issue(by, choice.municipality) and choice.may_be_read_by(by)):
            raise PermissionDenied
        if choice.errors:
            raise ValidationError(list(choice.errors))

    @classmethod
    @transaction.atomic
    def issue(
        cls, choice: Choice, *, by: User, seen: str = "", key: uuid.UUID | None = None, at: datetime | None = None
    ) -> IssuedReport:
        """Print the report and keep it for ever, under the next number of the year.

        Args:
            choice: which report. It is known at the moment of issuing, unless it says otherwise.
            seen: the fingerprint of what was shown; empty for a caller that shows nobody anything.
            key: of the form. The same key with the same choices returns the report that it issued.
            at: when it was ordered; now when it is None.

        Raises:
            PermissionDenied: ``by`` may not issue it, or not read it.
            ValidationError: the choices are none, or the key was used for other choices, in Danish.
            FactsChanged: the report says something else than what was ``seen``.
        """
        from initiatives.reports import as_pdf, issued_front  # which asks about models

        cls.check_issuing(choice, by=by)
        with connection.cursor() as cursor:  # one at a time, so that the numbers have no gaps
            cursor.execute(f'LOCK TABLE "{cls._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE')
        asked = choice.parameters
        if key is not None and (written := cls.objects.filter(key=key).first()):
            if (written.parameters, written.issued_by_id) != (asked, by.pk):
                raise ValidationError(FORM_USED)
            return written
        at = at or timezone.now()
        choice = choice.known_by(at)
        year, membership = danish_day(at).year, by.membership
        assert membership is not None  # may_issue
        report = choice.report()
        if seen and report.fingerprint != seen:
            raise FactsChanged
        last = cls.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
        new = cls(
            year=year,
            number=last + 1,
            about=choice.about,
            municipality=choice.municipality,
            is_public=choice.is_public,
            subject_name=report.subject_name,
            title=report.title,
            parameters=asked,
            as_of=report.as_of,
            known_at=choice.brief.moment.known_at or at,
            since=report.since,
            compared_with_id=choice.brief.compared.pk if choice.brief.compared else None,
            fingerprint=report.fingerprint,
            issued_at=at,
            issued_by=by,
            issued_for=membership.municipality,
            key=key or uuid.uuid4(),
        )
        new.content = as_pdf(issued_front(report, new))
        new.sha256 = hashlib.sha256(new.content).hexdigest()
        new.save(force_insert=True)
        return new
