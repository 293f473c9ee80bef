"""The case bank: what the documents tell, and local actions that KL has published for others to learn from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from flere_haender.access import is_kl_consultant
from flere_haender.append_only import append_only
from flere_haender.days import today
from initiatives.phases import Visibility
from stakeholders.models import Municipality
from stakeholders.words import fold
from timeline.models import CarriedTheme, Citation

if TYPE_CHECKING:
    from stakeholders.models import User

    from .local_action import LocalAction
    from .plan import Recommendation

COMMENT_LIMIT = 2000
NOT_PROPOSED = "Kommunen foreslår ikke længere indsatsen som case."


class Evidence(models.TextChoices):
    """How sure it is that it works, in Rambøll's words."""

    EFFECTIVE = "effective", "Virksom indsats"
    PROMISING = "promising", "Perspektivrigt tiltag"
    INSPIRATION = "inspiration", "Inspirationsforslag"
    NOT_ASSESSED = "not_assessed", "Ikke vurderet"


class CaseState(models.TextChoices):
    DRAFT = "draft", "Kladde"
    PUBLISHED = "published", "Publiceret"
    WITHDRAWN = "withdrawn", "Trukket tilbage"


class CaseChangedSince(Exception):
    """Somebody has changed the case since the form was shown. ``newest`` is the case as it is now."""

    def __init__(self, newest: Case) -> None:
        super().__init__("changed since")
        self.newest = newest


class CaseQuerySet(models.QuerySet["Case"]):
    def published(self) -> CaseQuerySet:
        """What everybody sees: all that the documents tell, and what KL has published."""
        return self.filter(state=CaseState.PUBLISHED)

    def municipal(self) -> CaseQuerySet:
        """Those that were local actions, in whatever state."""
        return self.filter(from_action__isnull=False)

    def real(self) -> CaseQuerySet:
        """Without those of a demo database's invented municipality, which count nowhere."""
        return self.filter(Q(from_action=None) | Q(from_action__municipality__is_fictional=False))


class Case(models.Model):
    """An example for others to learn from.

    Those of the documents are reference data and always published. One with ``from_action`` is KL's edited copy of
    a local action: written through ``edit``, ``publish``, ``send_back`` and ``withdraw``, with its history in
    ``edit_history``; never deleted.
    """

    slug = models.SlugField("kode", max_length=80, unique=True)
    title = models.CharField("titel", max_length=200)
    municipalities = models.ManyToManyField(Municipality, related_name="cases", verbose_name="kommuner", blank=True)
    where = models.CharField("hvor", max_length=160, blank=True, help_text="Når det ikke er en kommune.")
    problem = models.TextField("problem", blank=True)
    what = models.TextField("hvad der blev gjort")
    target_group = models.TextField("målgruppe", blank=True)
    evidence = models.CharField("evidens", max_length=12, choices=Evidence.choices)
    mechanisms = ArrayField(models.CharField(max_length=120), verbose_name="virkemidler", default=list, blank=True)
    results = models.TextField("resultater", blank=True)
    carried_theme = models.CharField("tema fra 2018", max_length=20, choices=CarriedTheme.choices, blank=True)
    citations = models.ManyToManyField(Citation, related_name="cases", verbose_name="kilder")
    from_action = models.OneToOneField(
        "initiatives.LocalAction",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="case",
        verbose_name="lokal indsats",
    )
    state = models.CharField("tilstand", max_length=10, choices=CaseState.choices, default=CaseState.PUBLISHED)
    published_on = models.DateField("publiceret", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="publiceret af",
    )
    withdrawn_on = models.DateField("trukket tilbage", null=True, blank=True)
    version = models.PositiveIntegerField("version", default=0)
    copied_version = models.PositiveIntegerField("skrevet ud fra indsatsens version", default=0)

    objects: ClassVar[Any] = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "case"
        verbose_name_plural = "cases"
        ordering = ("title",)
        constraints = (
            models.CheckConstraint(name="case_state_is_known", condition=Q(state__in=CaseState.values)),
            models.CheckConstraint(
                name="case_of_the_documents_is_published",
                condition=Q(from_action__isnull=False) | Q(state=CaseState.PUBLISHED),
            ),
            models.CheckConstraint(
                name="case_published_says_when_and_by_whom",
                condition=Q(from_action=None)
                | Q(state=CaseState.DRAFT)
                | Q(published_on__isnull=False, published_by__isnull=False),
            ),
            models.CheckConstraint(
                name="case_withdrawn_says_when",
                condition=Q(state=CaseState.WITHDRAWN, withdrawn_on__isnull=False)
                | ~Q(state=CaseState.WITHDRAWN) & Q(withdrawn_on=None),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("case", args=[self.slug])

    @property
    def is_published(self) -> bool:
        return self.state == CaseState.PUBLISHED

    @property
    def is_withdrawn(self) -> bool:
        """It has been public; a polite page stays behind."""
        return self.state == CaseState.WITHDRAWN

    @classmethod
    def of(cls, action: LocalAction) -> Case:
        """KL's copy of a local action; before there is one, an unsaved one that says what the action says."""
        found: Case | None = cls.objects.filter(from_action=action).first()
        return found or cls.begun_from(action)

    @classmethod
    def begun_from(cls, action: LocalAction) -> Case:
        """What the action says, in the words of a case; not saved."""
        return cls(
            title=action.title,
            problem=action.problem,
            what=action.what,
            target_group=action.target_groups,
            results=action.seen_effect,
            evidence=Evidence.NOT_ASSESSED,
            state=CaseState.DRAFT,
            from_action=action,
        )

    # ------------------------------------------------------------- KL's verbs

    @classmethod
    @transaction.atomic
    def edit(
        cls,
        action: LocalAction,
        *,
        by: User,
        seen: int | None = None,
        recommendations: Iterable[Recommendation],
        **content: Any,
    ) -> Case:
        """Write KL's copy of a proposed action, or change it; one that is published is changed for everybody.

        Args:
            seen: the version that the form showed, 0 when there was none; None when nobody was shown a form.

        Raises:
            PermissionDenied: ``by`` is not KL's consultant.
            CaseChangedSince: somebody has changed it since ``seen``.
            ValidationError: the municipality does not propose it, or the rules refuse it, by field, in Danish.
        """
        action = _locked(action, by)
        case, chosen = cls.of(action), list(recommendations)
        if not case.is_published:
            _refuse_unless_proposed(action)
        if case.pk and case._says(content, chosen):
            return case
        if seen is not None and seen != case.version:
            raise CaseChangedSince(case)
        for name, value in content.items():
            setattr(case, name, value)
        return case._write(action, chosen, by)

    def _says(self, content: dict[str, Any], recommendations: list[Recommendation]) -> bool:
        same = all(getattr(self, name) == value for name, value in content.items())
        return same and set(self.related.values_list("recommendation", flat=True)) == {r.pk for r in recommendations}

    def _write(self, action: LocalAction, recommendations: list[Recommendation], by: User) -> Case:
        from .background import Related

        if not recommendations:
            raise ValidationError({"recommendations": "Vælg mindst én anbefaling."})
        if not self.slug:
            self.slug = f"{slugify(fold(f'{action.municipality.name} {self.title}'))[:60].strip('-')}-{action.pk}"
        self.version += 1
        self.copied_version = action.version
        self.clean_fields(exclude=["published_by", "from_action"])
        with pghistory.context(user=by.pk):
            self.save()
            self.municipalities.set([action.municipality])
            self.related.exclude(recommendation__in=recommendations).delete()
            for recommendation in recommendations:
                basis = {"basis": Related.Basis.OURS}
                Related.objects.get_or_create(case=self, recommendation=recommendation, defaults=basis)
        return self

    @transaction.atomic
    def publish(self, *, by: User, seen: int | None = None) -> Case:
        """Show it to everybody. Published already, it stays as it is.

        Raises:
            PermissionDenied, CaseChangedSince: as in ``edit``.
            ValidationError: the municipality does not propose it any more.
        """
        assert self.from_action is not None
        action = _locked(self.from_action, by)
        case: Case = Case.objects.get(pk=self.pk)
        if case.is_published:
            return case
        _refuse_unless_proposed(action)
        if seen is not None and seen != case.version:
            raise CaseChangedSince(case)
        case.state, case.published_on, case.published_by = CaseState.PUBLISHED, today(), by
        case._moved(action, CaseDecision.Kind.PUBLISHED, by)
        return case

    @classmethod
    @transaction.atomic
    def send_back(cls, action: LocalAction, *, by: User, comment: str) -> None:
        """Return a proposal to the municipality: its action is shared as before, and the comment is kept.

        Raises:
            PermissionDenied: ``by`` is not KL's consultant.
            ValidationError: it is not proposed, it is published, or the comment is empty or too long.
        """
        action = _locked(action, by)
        _refuse_unless_proposed(action)
        if cls.of(action).is_published:
            raise ValidationError("Casen er publiceret. Træk den tilbage i stedet.")
        _decide(action, CaseDecision.Kind.RETURNED, by, _checked(comment))
        action.change(by=by, visibility=Visibility.SHARED)

    @transaction.atomic
    def withdraw(self, *, by: User, comment: str) -> Case:
        """Take it away from everybody; its address says so politely. The municipality reads why.

        Raises:
            PermissionDenied: ``by`` is not KL's consultant.
            ValidationError: it is not published, or the comment is empty or too long.
        """
        if self.from_action is None:
            raise ValidationError("Casen står i kilderne og kan ikke trækkes tilbage.")
        action = _locked(self.from_action, by)
        case: Case = Case.objects.get(pk=self.pk)
        if not case.is_published:
            raise ValidationError("Casen er ikke publiceret.")
        comment = _checked(comment)
        case.state, case.withdrawn_on = CaseState.WITHDRAWN, today()
        case._moved(action, CaseDecision.Kind.WITHDRAWN, by, comment)
        if action.visibility == Visibility.PROPOSED:
            action.change(by=by, visibility=Visibility.SHARED)
        return case

    def _moved(self, action: LocalAction, kind: CaseDecision.Kind, by: User, comment: str = "") -> None:
        if self.is_published:
            self.withdrawn_on = None
        self.version += 1
        with pghistory.context(user=by.pk):
            self.save()
        _decide(action, kind, by, comment)


class CaseDecision(models.Model):
    """What KL has said to a proposal. It is never changed."""

    class Kind(models.TextChoices):
        RETURNED = "returned", "Sendt tilbage"
        PUBLISHED = "published", "Publiceret som case"
        WITHDRAWN = "withdrawn", "Casen er trukket tilbage"

    action = models.ForeignKey(
        "initiatives.LocalAction",
        on_delete=models.PROTECT,
        related_name="case_decisions",
        verbose_name="lokal indsats",
    )
    kind = models.CharField("afgørelse", max_length=10, choices=Kind.choices)
    made_at = models.DateTimeField("tidspunkt")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="af"
    )
    comment = models.TextField("kommentar", blank=True, max_length=COMMENT_LIMIT)

    class Meta:
        verbose_name = "afgørelse om en case"
        verbose_name_plural = "afgørelser om cases"
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(name="casedecision_says_why", condition=Q(kind="published") | ~Q(comment="")),
        )
        triggers = (append_only,)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.action}"


def _locked(action: LocalAction, by: User) -> LocalAction:
    if not is_kl_consultant(by):
        raise PermissionDenied
    rows = type(action)._default_manager.select_for_update(of=("self",)).select_related("municipality")
    return rows.get(pk=action.pk)


def _refuse_unless_proposed(action: LocalAction) -> None:
    if action.visibility != Visibility.PROPOSED:
        raise ValidationError(NOT_PROPOSED)


def _checked(comment: str) -> str:
    comment = comment.replace("\x00", "").strip()
    if not comment:
        raise ValidationError({"comment": "Skriv, hvorfor. Kommunen læser det."})
    if len(comment) > COMMENT_LIMIT:
        raise ValidationError({"comment": f"Teksten er for lang. Skriv højst {COMMENT_LIMIT} tegn."})
    return comment


def _decide(action: LocalAction, kind: CaseDecision.Kind, by: User, comment: str) -> None:
    decision = CaseDecision.objects.create(
        action=action, kind=kind, made_at=timezone.now(), made_by=by, comment=comment
    )
    from initiatives.reminders import tell_of_case  # which asks about cases

    tell_of_case(decision)
