"""Status rounds: a period in which KL asks all municipalities, what they type meanwhile, and what they hand in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Count, F, Func, Q, Value
from django.urls import reverse
from django.utils import timezone

from flere_haender.access import is_kl_consultant
from flere_haender.days import today
from stakeholders.models import Municipality

from .action_plan import ActionPlan
from .plan import Recommendation

if TYPE_CHECKING:
    from stakeholders.models import User


# So far ahead a deadline can lie.
FARTHEST = timedelta(days=2 * 365)


class State(models.TextChoices):
    """Where a municipality's answer to a round is. *Ikke begyndt* is the absence of drafts."""

    DRAFTING = "drafting", "I gang"
    WITH_LEADER = "with_leader", "Hos lederen"
    SUBMITTED = "submitted", "Indsendt"
    ACCEPTED = "accepted", "Godkendt"
    RETURNED = "returned", "Sendt tilbage"


EDITABLE = (State.DRAFTING, State.RETURNED)
HANDED_IN = (State.SUBMITTED, State.ACCEPTED)


class DateRange(Func):
    """In the database: the days from one to another, both included."""

    function = "daterange"
    output_field = DateRangeField()


class ReportingRoundQuerySet(models.QuerySet["ReportingRound"]):
    def opened(self) -> ReportingRoundQuerySet:
        return self.filter(opened_at__isnull=False)

    def open(self) -> ReportingRoundQuerySet:
        """At most one: rounds never overlap."""
        return self.opened().filter(closed_at=None)

    def with_progress(self) -> ReportingRoundQuerySet:
        """Annotate how many real municipalities there are in the round, and how many have handed in."""
        real = Q(participations__municipality__is_fictional=False)
        return self.annotate(
            asked_count=Count("participations", filter=real),
            handed_in_count=Count("participations", filter=real & Q(participations__state__in=HANDED_IN)),
        )


class ReportingRound(models.Model):
    """A period in which KL asks every municipality for its status, with a deadline.

    It is *planned* until it is opened; what is asked is fixed when it opens. After ``due_on`` an answer is late,
    after ``closes_on`` there is none, unless KL gives a municipality a deadline of its own.
    """

    name = models.CharField("navn", max_length=80, unique=True, help_text="For eksempel: Efteråret 2026.")
    status_on = models.DateField("status pr.", help_text="Den dag, svarene gælder for.")
    opens_on = models.DateField("åbner")
    due_on = models.DateField("frist")
    closes_on = models.DateField(
        "lukker", help_text="Den sidste dag, der kan svares. Efter fristen er svaret forsinket."
    )
    plan = models.ForeignKey(
        ActionPlan,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rounds",
        verbose_name="handleplan",
        help_text="Tom: den plan, der gælder, den dag runden åbner.",
    )
    message = models.TextField("besked fra KL", blank=True, max_length=2000, help_text="Står øverst på Vores status.")
    opened_at = models.DateTimeField("åbnet", null=True, editable=False)
    closed_at = models.DateTimeField("lukket", null=True, editable=False)
    asked = models.ManyToManyField(Recommendation, related_name="rounds", editable=False, verbose_name="spurgt om")

    objects = ReportingRoundQuerySet.as_manager()

    # Of a queryset ``with_progress``.
    asked_count: int
    handed_in_count: int

    class Meta:
        verbose_name = "statusrunde"
        verbose_name_plural = "statusrunder"
        ordering = ("-opens_on",)
        constraints = (
            models.CheckConstraint(
                name="reportinground_days_in_order",
                condition=Q(opens_on__lte=F("due_on"), due_on__lte=F("closes_on"), status_on__lte=F("closes_on")),
                violation_error_message="Datoerne skal ligge i rækkefølge: åbner, frist, lukker. "
                "Status pr. kan ikke ligge efter den dag, runden lukker.",
            ),
            models.CheckConstraint(
                name="reportinground_closes_after_opening",
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
            ),
            ExclusionConstraint(
                name="reportinground_never_overlap",
                expressions=[(DateRange("opens_on", "closes_on", Value("[]")), RangeOperators.OVERLAPS)],
                violation_error_message="Runden overlapper en anden runde.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("round", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None

    @transaction.atomic
    def open(self, *, by: User | None) -> ReportingRound:
        """Ask every municipality what its recommendations are today. Opened before, it stays as it is.

        Args:
            by: KL's consultant; None is the day itself (``opens_on``).

        Raises:
            PermissionDenied: ``by`` is somebody else.
            ValidationError: the last day has passed.
        """
        if by is not None and not is_kl_consultant(by):
            raise PermissionDenied
        locked = ReportingRound.objects.select_for_update().get(pk=self.pk)
        if locked.opened_at is None:
            if locked.closes_on < today():
                raise ValidationError("Runden kan ikke åbnes: Den dag, den lukker, er gået.")
            locked.opened_at, locked.opens_on = timezone.now(), min(locked.opens_on, today())
            locked.full_clean(exclude=["name"])
            locked.save(update_fields=["opened_at", "opens_on"])
            plan = locked.plan.slug if locked.plan else ""
            locked.asked.set(Recommendation.objects.asked(as_of=today(), plan=plan))
            locked.participations.bulk_create(
                self.participations.model(round=locked, municipality=each) for each in Municipality.objects.all()
            )
            from initiatives.reminders import tell_of_opening  # which asks about rounds

            tell_of_opening(locked.participations.select_related("municipality"))
        self.refresh_from_db()
        return self

    @transaction.atomic
    def reschedule(self, *, by: User, **changes: Any) -> ReportingRound:
        """Change name, days or message. Once it is open its opening and its status date stay.

        Raises:
            PermissionDenied: ``by`` is not KL's consultant.
            ValidationError: the round is closed, or the days do not fit, by field, in Danish.
        """
        if not is_kl_consultant(by):
            raise PermissionDenied
        locked = ReportingRound.objects.select_for_update().get(pk=self.pk)
        if locked.closed_at is not None:
            raise ValidationError("Runden er lukket og kan ikke ændres.")
        fixed = ("opens_on", "status_on", "plan") if locked.is_open else ()
        for name, value in changes.items():
            if name not in fixed:
                setattr(locked, name, value)
        locked.full_clean()
        locked.save()
        return locked

    def clean(self) -> None:
        """Hold the days against one another. Raises ValidationError, by field, in Danish."""
        if None in (self.status_on, self.opens_on, self.due_on, self.closes_on):
            return  # said at the field
        errors = {}
        if self.due_on < self.opens_on:
            errors["due_on"] = "Fristen kan ikke ligge før den dag, runden åbner."
        if self.closes_on < self.due_on:
            errors["closes_on"] = "Runden kan ikke lukke før fristen."
        elif self.closes_on < today():
            errors["closes_on"] = "Runden kan ikke lukke før i dag."
        elif self.closes_on > today() + FARTHEST:
            errors["closes_on"] = "Runden kan højst lukke om to år."
        if self.status_on > self.closes_on:
            errors["status_on"] = "Status pr. kan ikke ligge efter den dag, runden lukker."
        others = ReportingRound.objects.exclude(pk=self.pk)
        if clash := others.filter(opens_on__lte=self.closes_on, closes_on__gte=self.opens_on).first():
            days = f"{clash.opens_on:%d.%m.%Y}-{clash.closes_on:%d.%m.%Y}"
            errors["opens_on"] = f"Runden overlapper “{clash.name}” ({days})."
        if errors:
            raise ValidationError(errors)

    @transaction.atomic
    def close(self, *, by: User | None) -> ReportingRound:
        """End it: what has not been handed in stays a draft, and counts as not handed in.

        Raises:
            PermissionDenied: ``by`` is neither KL's consultant nor the day itself (None).
        """
        if by is not None and not is_kl_consultant(by):
            raise PermissionDenied
        ReportingRound.objects.select_for_update().get(pk=self.pk)
        ReportingRound.objects.open().filter(pk=self.pk).update(closed_at=timezone.now())
        self.refresh_from_db()
        return self


def tend_rounds(*, on: date | None = None) -> None:
    """Open the rounds whose day has come, and close those whose last day has passed. The worker's, each minute."""
    day = on or today()
    for ended in ReportingRound.objects.open().filter(closes_on__lt=day):
        ended.close(by=None)
    for due in ReportingRound.objects.filter(opened_at=None, opens_on__lte=day, closes_on__gte=day):
        due.open(by=None)
