"""Orders of reports: one as a PDF, one to be issued, or many as a ZIP. The worker prints them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Count, F, Q, Sum
from django.urls import reverse
from django.utils import timezone

from flere_haender.access import is_kl, is_member, may_order_reports
from flere_haender.background import look_soon
from flere_haender.form_keys import FORM_USED
from stakeholders.models import Message, User

from .issued import FactsChanged, IssuedReport
from .ordered import OrderedReport, Stage
from .stored import StoredReport

if TYPE_CHECKING:
    from initiatives.reports.choice import Choice
    from stakeholders.models import Municipality

PRESS = "press"  # what the worker calls it by
READY = "reports_ready"  # the letter
SECONDS_WITHOUT_WORKER = 15
# How many may wait at once: of one user, and of all visitors together.
WAITING_OF_USER, WAITING_OF_VISITORS, WAITING_ZIPS = 5, 20, 3


class TooManyOrders(Exception):
    """So many reports are waiting that the user gets no more at once."""

    said = "Der laves allerede flere rapporter. Vent, til de er færdige, og prøv igen."


class Purpose(models.IntegerChoices):
    """In the order in which they are printed: somebody waits for the first two."""

    PDF = 1, "Hent som PDF"
    ISSUE = 2, "Udsted"
    ZIP = 3, "Mange på én gang"


KEPT = {Purpose.PDF: timedelta(hours=1), Purpose.ISSUE: timedelta(days=7), Purpose.ZIP: timedelta(days=7)}


class ReportOrderQuerySet(models.QuerySet["ReportOrder"]):
    def visible_to(self, user: Any) -> ReportOrderQuerySet:
        """A PDF for those who may read the report; the others for the one who ordered them."""
        shown = Q(purpose=Purpose.PDF, is_public=True)
        if is_member(user):
            own = Q(ordered_by=user.pk) if is_kl(user) else Q(ordered_by=user.pk) & ~Q(purpose=Purpose.ZIP)
            shown |= Q(purpose=Purpose.PDF) | own
        return self.filter(shown)

    def open(self) -> ReportOrderQuerySet:
        return self.filter(finished_at=None, cancelled_at=None)

    def zips_of(self, user: Any) -> ReportOrderQuerySet:
        return self.visible_to(user).filter(purpose=Purpose.ZIP)

    def counted(self) -> ReportOrderQuerySet:
        """With how many of its reports are ``done`` and ``failed``, and how many bytes there are."""
        return self.annotate(
            total=Count("reports"),
            done=Count("reports", filter=Q(reports__stage=Stage.DONE)),
            failed=Count("reports", filter=Q(reports__stage=Stage.FAILED)),
            size=Sum("reports__file__size", default=0),
        )

    def expired(self) -> ReportOrderQuerySet:
        return self.filter(expires_at__lte=timezone.now())


class ReportOrder(models.Model):
    """What somebody has ordered, until it expires. Its reports are ``reports``."""

    key = models.UUIDField("nøgle", unique=True, default=uuid.uuid4)
    purpose = models.PositiveSmallIntegerField("formål", choices=Purpose.choices)
    title = models.CharField("hvad", max_length=400)
    query = models.TextField("valg", help_text="Som i adressen på rapporten.")
    is_public = models.BooleanField("offentlig")
    digest = models.CharField("aftryk", max_length=64, blank=True, help_text="Kun for en PDF: den, der blev bedt om.")
    seen = models.CharField("set", max_length=64, blank=True, help_text="Fingeraftrykket af det, der udstedes.")
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="bestilt af"
    )
    ordered_at = models.DateTimeField("bestilt", default=timezone.now)
    finished_at = models.DateTimeField("færdig", null=True)
    cancelled_at = models.DateTimeField("annulleret", null=True)
    expires_at = models.DateTimeField("slettes")
    issued = models.ForeignKey(
        IssuedReport, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="udstedt som"
    )

    objects: ClassVar[Any] = ReportOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "bestilling af rapporter"
        verbose_name_plural = "bestillinger af rapporter"
        ordering = ("-ordered_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                name="reportorder_the_same_is_printed_once",
                fields=("digest",),
                condition=Q(finished_at=None) & ~Q(digest=""),
            ),
            models.CheckConstraint(
                name="reportorder_somebody_ordered_it", condition=Q(purpose=Purpose.PDF) | Q(ordered_by__isnull=False)
            ),
            models.CheckConstraint(
                name="reportorder_is_finished_or_cancelled", condition=Q(finished_at=None) | Q(cancelled_at=None)
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("report_order", args=[self.key])

    @classmethod
    def show(cls, choice: Choice, *, by: Any, title: str, digest: str) -> ReportOrder:
        """Have a report printed. Whoever asks for the same one meanwhile waits for the same order.

        Args:
            by: a user, or nobody.
            digest: of all that is printed (``initiatives.reports.sameness.digests``).

        Raises:
            PermissionDenied: ``by`` may not read it.
            TooManyOrders: too many are waiting.
        """
        if not choice.may_be_read_by(by):
            raise PermissionDenied
        if found := cls.objects.open().filter(digest=digest).first():
            return found
        user = by if by.is_authenticated else None
        waiting = cls.objects.open().filter(ordered_by=user).exclude(purpose=Purpose.ZIP).count()
        if waiting >= (WAITING_OF_USER if user else WAITING_OF_VISITORS):
            raise TooManyOrders
        try:
            return cls._order(Purpose.PDF, [choice], by=user, title=title, digest=digest)
        except IntegrityError:  # somebody asked for it at the same moment
            return cls.objects.get(digest=digest, finished_at=None)

    @classmethod
    def issue(cls, choice: Choice, *, by: User, seen: str, key: uuid.UUID) -> ReportOrder:
        """Have a report issued, as it is known now. The arguments and errors are those of ``IssuedReport.issue``.

        Raises TooManyOrders too.
        """
        IssuedReport.check_issuing(choice, by=by)
        if found := cls.objects.filter(key=key).first():
            if (found.purpose, found.ordered_by_id, found.query) != (Purpose.ISSUE, by.pk, choice.query):
                raise ValidationError(FORM_USED)
            return found
        if cls.objects.open().filter(ordered_by=by).exclude(purpose=Purpose.ZIP).count() >= WAITING_OF_USER:
            raise TooManyOrders
        report = choice.report()
        if seen and report.fingerprint != seen:
            raise FactsChanged
        return cls._once(Purpose.ISSUE, [choice], by=by, title=report.subject_name, seen=seen, key=key)

    @classmethod
    def of_many(
        cls, choice: Choice, places: Iterable[Municipality], *, by: User, title: str, key: uuid.UUID
    ) -> ReportOrder:
        """Have the report of each municipality printed, all for one ZIP.

        Args:
            choice: of any report; its moment, contents and front are those of all.
            key: of the form. The same key returns the order that it made.

        Raises:
            PermissionDenied: ``by`` may not order.
            ValidationError: the choices are none, or there is no municipality, in Danish.
            TooManyOrders: too many are waiting.
        """
        if not may_order_reports(by):
            raise PermissionDenied
        if choice.errors:
            raise ValidationError(list(choice.errors))
        if found := cls.objects.zips_of(by).filter(key=key).first():
            return found
        if cls.objects.zips_of(by).open().count() >= WAITING_ZIPS:
            raise TooManyOrders
        choices = [choice.about_place(place) for place in places]
        if not choices:
            raise ValidationError("Der er ingen kommuner den dag.")
        return cls._once(Purpose.ZIP, choices, by=by, title=title, key=key)

    @classmethod
    def _once(cls, purpose: Purpose, choices: list[Choice], *, by: User, key: uuid.UUID, **said: Any) -> ReportOrder:
        try:
            return cls._order(purpose, choices, by=by, key=key, **said)
        except IntegrityError:  # the form was sent twice at the same moment, or it is not theirs
            found = cls.objects.filter(key=key, ordered_by=by, purpose=purpose).first()
            if found is None:
                raise ValidationError(FORM_USED) from None
            return found

    @classmethod
    @transaction.atomic
    def _order(cls, purpose: Purpose, choices: list[Choice], *, by: User | None, **said: Any) -> ReportOrder:
        query, public = choices[0].query, all(choice.is_public for choice in choices)
        expires_at = timezone.now() + KEPT[purpose]
        new = cls.objects.create(
            purpose=purpose, query=query, is_public=public, ordered_by=by, expires_at=expires_at, **said
        )
        OrderedReport.objects.bulk_create(
            OrderedReport(order=new, query=choice.query, name=str(choice.subject or new.title)) for choice in choices
        )
        look_soon(PRESS)
        return new

    def cancel(self) -> bool:
        """Print no more of it. False when it was finished already."""
        now = timezone.now()
        known = ReportOrder.objects.filter(pk=self.pk, finished_at=None, cancelled_at=None)
        return bool(known.update(cancelled_at=now, digest=""))

    def finish(self) -> None:
        """It is finished when all its reports are; then the one who ordered a ZIP gets an e-mail.

        The caller has locked it.
        """
        if self.finished_at or self.cancelled_at or self.reports.open().exists():
            return
        self.finished_at = timezone.now()
        self.expires_at = self.finished_at + KEPT[Purpose(self.purpose)]
        self.save(update_fields=["finished_at", "expires_at"])
        if self.purpose == Purpose.ZIP:
            assert self.ordered_by is not None  # reportorder_somebody_ordered_it
            Message.queue(READY, to=self.ordered_by, about={"order": self.pk}, key=f"{READY}:{self.key}")

    def wait(self, seconds: float) -> ReportOrder:
        """The order as it is when it is over, but at the latest after so many seconds."""
        deadline = time.monotonic() + seconds
        while not self.is_over and time.monotonic() < deadline:
            time.sleep(0.1)
            self.refresh_from_db(fields=["finished_at", "cancelled_at", "issued"])
        return self

    @property
    def is_zip(self) -> bool:
        return self.purpose == Purpose.ZIP

    @property
    def is_over(self) -> bool:
        return self.finished_at is not None or self.cancelled_at is not None

    @property
    def only_file(self) -> StoredReport | None:
        """The report that somebody wants to see, when it is there."""
        return StoredReport.objects.filter(ordered__order=self).first()

    @property
    def is_stuck(self) -> bool:
        """Whether nobody prints it, nor anything else: the worker is not there."""
        if self.is_over or timezone.now() < self.ordered_at + timedelta(seconds=SECONDS_WITHOUT_WORKER):
            return False
        return not OrderedReport.objects.being_made().exists()

    @property
    def phase(self) -> str:
        """``waiting``, ``stuck``, ``making``, ``cancelled``, ``failed`` (nothing came of it) or ``done``."""
        if self.cancelled_at:
            return "cancelled"
        if self.finished_at:
            return "done" if self.reports.filter(stage=Stage.DONE).exists() else "failed"
        if self.is_stuck:
            return "stuck"
        return "making" if self.reports.exclude(stage=Stage.WAITING).exists() else "waiting"

    def ahead(self) -> int:
        """How many reports are printed before its first one."""
        first = self.reports.order_by("pk").values("pk")[:1]
        before = Q(order__purpose__lt=self.purpose) | Q(order__purpose=F("order__purpose"), pk__lt=first)
        return OrderedReport.objects.open().filter(before, order__purpose__lte=self.purpose).count()
