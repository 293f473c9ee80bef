"""What a municipality does about one or more recommendations: its local actions and their milestones."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from flere_haender.access import is_kl, is_member, may_record
from flere_haender.days import DANISH_TIME
from initiatives.phases import FINISHED, Involvement, Phase, Visibility
from stakeholders.models import KL, Municipality

from .action_parts import Milestone, MilestonePlan, MilestoneRow
from .background import ListItem
from .case import Case, Evidence
from .plan import Recommendation

if TYPE_CHECKING:
    from stakeholders.models import User

CHALLENGES, GRANTS = "challenges", "grants"  # the lists of the documents that an action chooses from
TEXT_LIMIT = 4000
NO_TITLE, NO_TEXT = "Skriv en titel.", "Skriv, hvad I gør."
MOST_LINKS = 10
ONLY_WEB = URLValidator(schemes=["http", "https"])


class ActionChangedSince(Exception):
    """Somebody has changed the action since the form was shown. ``newest`` is the action as it is now."""

    def __init__(self, newest: LocalAction) -> None:
        super().__init__("changed since")
        self.newest = newest


class LocalActionQuerySet(models.QuerySet["LocalAction"]):
    def visible_to(self, user: Any) -> LocalActionQuerySet:
        """What is shared is for members; drafts are for the own municipality and KL; nothing is public."""
        if not is_member(user):
            return self.none()
        return self if is_kl(user) else self.filter(~Q(visibility=Visibility.DRAFT) | Q(municipality=_home(user)))

    def shared(self) -> LocalActionQuerySet:
        """Shared with the municipalities, whether or not proposed as a case."""
        return self.exclude(visibility=Visibility.DRAFT)

    def unfinished(self) -> LocalActionQuerySet:
        return self.exclude(phase__in=FINISHED)

    def with_lateness(self, *, on: date) -> Any:
        """Annotate ``is_late``: unfinished on the Danish day ``on``, and its end or a milestone has passed."""
        waiting = Milestone.objects.filter(action=OuterRef("pk"), due_on__lt=on, done_on=None)
        late = ~Q(phase__in=FINISHED) & (Q(ends_on__lt=on) | Exists(waiting))
        return self.annotate(is_late=ExpressionWrapper(late, output_field=models.BooleanField()))

    def late(self, *, on: date) -> LocalActionQuerySet:
        found: LocalActionQuerySet = self.with_lateness(on=on).filter(is_late=True)
        return found

    def untouched_since(self, day: date) -> LocalActionQuerySet:
        """Unfinished, and neither changed nor confirmed on the Danish day ``day`` or later."""
        start = datetime(day.year, day.month, day.day, tzinfo=DANISH_TIME)
        return self.unfinished().filter(touched_at__lt=start)

    def with_followers(self) -> LocalActionQuerySet:
        """Annotate ``followers``: how many other municipalities share an action copied from it."""
        copies = LocalAction.objects.shared().filter(copied_from=OuterRef("pk"))
        copies = copies.exclude(municipality=OuterRef("municipality")).order_by()
        counted = copies.values("copied_from").annotate(n=Count("municipality", distinct=True)).values("n")
        return self.annotate(followers=Coalesce(Subquery(counted), 0))


def _home(user: Any) -> Municipality | None:
    home: Municipality | None = user.membership.municipality
    return home


class LocalAction(models.Model):
    """Something that a municipality does about one or more recommendations.

    Written through ``start``, ``change`` and ``confirm``; edited in place, with its history in
    ``edit_history``; never deleted.
    """

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="actions", verbose_name="kommune"
    )
    title = models.CharField("titel", max_length=200, error_messages={"blank": NO_TITLE})
    what = models.TextField("hvad der gøres", max_length=TEXT_LIMIT, error_messages={"blank": NO_TEXT})
    recommendations = models.ManyToManyField(
        Recommendation, related_name="actions", verbose_name="anbefalinger", through="ActionRecommendation"
    )
    phase = models.CharField("fase", max_length=12, choices=Phase.choices, default=Phase.IDEA)
    starts_on = models.DateField("start", null=True, blank=True)
    ends_on = models.DateField("slut", null=True, blank=True)
    responsible_unit = models.CharField("ansvarlig enhed", max_length=120, blank=True)
    visibility = models.CharField("synlighed", max_length=10, choices=Visibility.choices, default=Visibility.DRAFT)
    target_groups = models.CharField("målgrupper", max_length=300, blank=True)
    problem = models.TextField("problemet", max_length=TEXT_LIMIT, blank=True)
    challenge = models.ForeignKey(
        ListItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="udfordring",
        limit_choices_to={"list__slug": CHALLENGES},
    )
    builds_on = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="built_on_by",
        verbose_name="bygger på en indsats fra casebanken",
    )
    involvement = models.CharField("MED og TRIO", max_length=10, choices=Involvement.choices, blank=True)
    grants = models.ManyToManyField(
        ListItem,
        related_name="+",
        verbose_name="tilskud",
        blank=True,
        limit_choices_to={"list__slug": GRANTS},
        through="ActionGrant",
    )
    other_grants = models.CharField("andre tilskud", max_length=300, blank=True)
    expected_effect = models.TextField("forventet virkning", max_length=TEXT_LIMIT, blank=True)
    seen_effect = models.TextField("virkning indtil nu", max_length=TEXT_LIMIT, blank=True)
    links = ArrayField(
        models.URLField(max_length=500, validators=[ONLY_WEB]),
        verbose_name="links",
        size=MOST_LINKS,
        default=list,
        blank=True,
    )
    copied_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies", verbose_name="kopieret fra"
    )
    inspired_by = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="inspired", verbose_name="inspireret af"
    )
    version = models.PositiveIntegerField("version", default=0)
    key = models.UUIDField("nøgle", unique=True, default=uuid.uuid4)
    created_by = models.ForeignKey(
        "stakeholders.User", on_delete=models.PROTECT, related_name="+", verbose_name="oprettet af"
    )
    created_at = models.DateTimeField("oprettet")
    updated_by = models.ForeignKey(
        "stakeholders.User", on_delete=models.PROTECT, related_name="+", verbose_name="ændret af"
    )
    updated_at = models.DateTimeField("ændret")
    touched_at = models.DateTimeField("ændret eller bekræftet")
    written_for = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="skrevet for",
        help_text="Den kommune, som brugeren skrev for. Tom: KL på vegne af kommunen.",
    )

    objects: ClassVar[Any] = LocalActionQuerySet.as_manager()

    # Of a queryset ``with_lateness`` and ``with_followers``.
    is_late: bool
    followers: int

    class Meta:
        verbose_name = "lokal indsats"
        verbose_name_plural = "lokale indsatser"
        ordering = ("-updated_at", "-id")
        constraints = (
            models.CheckConstraint(name="localaction_phase_is_known", condition=Q(phase__in=Phase.values)),
            models.CheckConstraint(
                name="localaction_visibility_is_known", condition=Q(visibility__in=Visibility.values)
            ),
            models.CheckConstraint(
                name="localaction_involvement_is_known", condition=Q(involvement__in=["", *Involvement.values])
            ),
            models.CheckConstraint(name="localaction_says_what", condition=~Q(title="") & ~Q(what="")),
            models.CheckConstraint(
                name="localaction_ends_after_start",
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(name="localaction_one_origin", condition=Q(copied_from=None) | Q(inspired_by=None)),
            models.CheckConstraint(
                name="localaction_written_for_its_own",
                condition=Q(written_for=None) | Q(written_for=F("municipality")),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("action", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.visibility == Visibility.DRAFT

    @property
    def is_finished(self) -> bool:
        return self.phase in FINISHED

    @property
    def builds_on_effective(self) -> bool:
        """Whether it builds on an intervention that Rambøll calls effective."""
        return self.builds_on is not None and self.builds_on.evidence == Evidence.EFFECTIVE

    @property
    def organisation(self) -> str:
        """Who wrote last: the municipality, or "KL på vegne af Korsbæk Kommune"."""
        return self.municipality.authority_name if self.written_for_id else f"{KL} på vegne af {self.municipality}"

    @classmethod
    @transaction.atomic
    def start(
        cls,
        municipality: Municipality,
        *,
        by: User,
        recommendations: Iterable[Recommendation],
        grants: Iterable[ListItem] = (),
        milestones: Iterable[MilestoneRow] = (),
        key: uuid.UUID | None = None,
        at: datetime | None = None,
        origin: str = "",
        **content: Any,
    ) -> LocalAction:
        """Write down a new action.

        Args:
            by: who writes; the row keeps the organisation that they write for.
            key: of the form. The same key with the same content returns what it wrote, and writes nothing.
            at: for what is made up about the past.
            origin: an ``Origin``, when it was not typed in the form; it stands in the edit history.
            content: the fields by name, with ``copied_from`` or ``inspired_by`` for where it comes from.

        Raises:
            PermissionDenied: ``by`` may not write for the municipality.
            ValidationError: the rules refuse it, by field, in Danish.
        """
        _refuse_unless_writer(by, municipality.pk)
        # One at a time: the second of two that carry the same key finds the first.
        Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
        action = cls(municipality=municipality, key=key or uuid.uuid4(), created_by=by, **content)
        recommendations, grants = list(recommendations), list(grants)
        written = cls.objects.filter(key=action.key).first()
        if written is None:
            action.created_at = at or timezone.now()
            plan = action._planned(milestones)
            return action._write(by, recommendations, grants, plan, at=at, origin=origin)
        if written.municipality_id == municipality.pk and written._says(content, recommendations, grants):
            return written
        raise ValidationError("Indsatsen er allerede oprettet. Find den på listen, og ret den der.")

    @transaction.atomic
    def change(
        self,
        *,
        by: User,
        seen: int | None = None,
        recommendations: Iterable[Recommendation] | None = None,
        grants: Iterable[ListItem] | None = None,
        milestones: Iterable[MilestoneRow] = (),
        at: datetime | None = None,
        origin: str = "",
        **content: Any,
    ) -> LocalAction:
        """Change what the action says. What is not given stays; what says the same already writes nothing.

        Args:
            seen: the version that the form showed; None when nobody was shown a form.
            milestones: the rows that were typed; a milestone that no row names stays.
            origin: as in ``start``.

        Returns:
            The action as it is now.

        Raises:
            ActionChangedSince: somebody has changed it since ``seen``.
            PermissionDenied, ValidationError: as in ``start``.
        """
        action = self._locked(by)
        chosen = list(action.recommendations.all()) if recommendations is None else list(recommendations)
        used = list(action.grants.all()) if grants is None else list(grants)
        plan = action._planned(milestones)
        if not plan.changes and action._says(content, chosen, used):
            return action
        if seen is not None and seen != action.version:
            raise ActionChangedSince(action)
        for name, value in content.items():
            setattr(action, name, value)
        return action._write(by, chosen, used, plan, at=at, origin=origin)

    @transaction.atomic
    def confirm(self, *, by: User, at: datetime | None = None) -> LocalAction:
        """Say that the action still is as it is written: it counts as touched, and its content stays."""
        action = self._locked(by)
        action.touched_at = at or timezone.now()
        action.written_for = _home(by)
        with pghistory.context(user=by.pk):
            action.save(update_fields=["touched_at", "written_for"])
        return action

    def _locked(self, by: User) -> LocalAction:
        _refuse_unless_writer(by, self.municipality_id)
        locked: LocalAction = LocalAction.objects.select_for_update().get(pk=self.pk)
        return locked

    def _says(self, content: dict[str, Any], recommendations: list[Recommendation], grants: list[ListItem]) -> bool:
        return (
            all(getattr(self, name) == value for name, value in content.items())
            and set(self.recommendations.all()) == set(recommendations)
            and set(self.grants.all()) == set(grants)
        )

    def _planned(self, rows: Iterable[MilestoneRow]) -> MilestonePlan:
        return MilestonePlan.of(self, list(self.milestones.all()) if self.pk else [], rows)

    def _write(
        self,
        by: User,
        recommendations: list[Recommendation],
        grants: list[ListItem],
        milestones: MilestonePlan,
        *,
        at: datetime | None,
        origin: str = "",
    ) -> LocalAction:
        self.updated_at = self.touched_at = at or timezone.now()
        self.updated_by, self.written_for = by, _home(by)
        self.version += 1
        self._check(recommendations, milestones)
        with pghistory.context(user=by.pk, **({"origin": origin} if origin else {})):
            self.save()
            self.recommendations.set(recommendations)
            self.grants.set(grants)
            milestones.write()
        return self

    def _check(self, recommendations: list[Recommendation], milestones: MilestonePlan) -> None:
        errors: dict[str, Any] = {}
        try:
            self.full_clean(exclude=("created_by", "updated_by", "municipality", "written_for"), validate_unique=False)
        except ValidationError as refusal:
            errors = refusal.message_dict
        if not recommendations:
            errors["recommendations"] = ["Vælg mindst én anbefaling."]
        if milestones.faults:
            errors["milestones"] = milestones.faults
        if errors:
            raise ValidationError(errors)

    def clean(self) -> None:
        """The rules that one row can be held against.

        Raises:
            ValidationError: by field, in Danish.
        """
        errors: dict[str, str] = {}
        if self.title and not self.title.strip():
            errors["title"] = NO_TITLE
        if self.what and not self.what.strip():
            errors["what"] = NO_TEXT
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            errors["ends_on"] = "Slutdatoen kan ikke ligge før startdatoen."
        if self._state.adding and self.copied_from is not None and self.copied_from.is_draft:
            errors["copied_from"] = "Kun indsatser, der er delt, kan kopieres."
        if errors:
            raise ValidationError(errors)


def _refuse_unless_writer(user: User, municipality_id: int) -> None:
    if not may_record(user, municipality_id):
        raise PermissionDenied
