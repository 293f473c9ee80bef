"""A file with figures, on its way: its columns are chosen, the worker reads it, it is looked through and saved."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from flere_haender.access import may_import_figures
from flere_haender.background import look_soon
from flere_haender.leases import Leased, claim

if TYPE_CHECKING:
    from stakeholders.models import User

FIGURES = "figures"  # what the worker calls it by
KEPT_FOR = timedelta(days=7)  # until it is saved
LEASE = timedelta(minutes=2)  # longer than between two signs of life
TRIES = 3  # when the work is broken off
LONGEST_LABEL = 300
LONGEST_REASON = 1000

BROKEN_OFF = "Arbejdet blev afbrudt flere gange. Intet er gemt."
CHANGED_SINCE = "Tallene er ændret af andre, siden du så dem igennem. Intet er gemt. Se dem igennem igen."
CHOSEN_ANEW = "Kolonnerne eller nøgletallene er valgt om, siden du så siden. Intet er gemt. Se det igennem igen."
MOVED_ON = "Indlæsningen er kommet videre, siden du hentede siden."
NO_GROUP = "Vælg, om de nye eller de ændrede tal skal gemmes."
NO_INDICATOR = "Vælg mindst ét nøgletal, og sig om hvert navn, hvad det er."
NO_ORIGIN = "Skriv, hvor tallene kommer fra."
NO_REASON = "Skriv, hvorfor tallene trækkes tilbage."
LONG_REASON = "Skriv højst 1.000 tegn."


class Step(models.TextChoices):
    COLUMNS = "columns", "Kolonnerne skal vælges"
    READING = "reading", "Læses"
    INDICATORS = "indicators", "Nøgletal skal vælges"
    LOOKING = "looking", "Skal ses igennem"
    SAVING = "saving", "Gemmes"
    SAVED = "saved", "Gemt"
    WITHDRAWN = "withdrawn", "Trukket tilbage"
    FAILED = "failed", "Kunne ikke læses"
    CANCELLED = "cancelled", "Annulleret"


WORKING = (Step.READING, Step.SAVING)  # the worker has it
READ = (Step.INDICATORS, Step.LOOKING)
KEPT = (Step.SAVED, Step.WITHDRAWN)  # for everybody, and for ever
OVER = (*KEPT, Step.CANCELLED)


class MovedOn(Exception):
    """It is at another step, so this cannot be done."""


class FiguresChanged(Exception):
    """Somebody has saved figures of the same indicators since they were shown."""


class ChosenAnew(Exception):
    """Columns or indicators have been chosen anew since they were shown: in another window."""


class FigureImportQuerySet(models.QuerySet["FigureImport"]):
    def visible_to(self, user: Any) -> FigureImportQuerySet:
        """What has been saved, and one's own; for those who may import."""
        if not may_import_figures(user):
            return self.none()
        return self.filter(Q(step__in=KEPT) | Q(uploaded_by=user.pk)).exclude(step=Step.CANCELLED)

    def light(self) -> FigureImportQuerySet:
        """Without the file."""
        return self.defer("content")

    def expired(self) -> FigureImportQuerySet:
        return self.exclude(step__in=KEPT).filter(expires_at__lte=timezone.now())

    def due(self) -> FigureImportQuerySet:
        """Those that wait for the worker, also those that a worker took and never finished."""
        free = Q(lease_until=None) | Q(lease_until__lte=timezone.now())
        return self.filter(free, step__in=WORKING)

    def claim(self) -> FigureImport | None:
        """Take the next one. Nobody else gets it before the lease is out. None: nothing is due."""
        found: FigureImport | None = claim(self.due().light().order_by("pk"), LEASE)
        return found

    def with_columns_like(self, headings: str) -> FigureImport | None:
        """The one saved last whose file had the same headings: its choices are offered again."""
        return self.filter(step=Step.SAVED, headings=headings).order_by("-saved_at").first()


class FigureImport(Leased, models.Model):
    """A file, what was chosen for it, and what became of it. The file itself is kept until this is over.

    ``columns`` is what ``initiatives.figure_files.columns.Columns`` is made of, ``labels`` each name of an indicator
    in the file with how many figures it has, ``indicators`` the indicator of each name (None: left out), ``counts``
    what was saved.
    """

    STATE = "step"

    key = models.UUIDField("nøgle", unique=True, default=uuid.uuid4)
    step = models.CharField("trin", max_length=10, choices=Step.choices, default=Step.COLUMNS)
    file_name = models.CharField("fil", max_length=200)
    content = models.BinaryField("indhold", null=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="uploadet af"
    )
    uploaded_at = models.DateTimeField("uploadet")
    expires_at = models.DateTimeField("udløber, hvis det ikke gemmes")
    headings = models.CharField("overskrifternes aftryk", max_length=64, blank=True, db_index=True)
    columns = models.JSONField("kolonner", default=dict)
    labels = models.JSONField("navne i filen", default=list)
    indicators = models.JSONField("nøgletal", default=dict)
    origin = models.CharField("hvor tallene kommer fra", max_length=200, blank=True)
    groups = models.JSONField("hvad der gemmes", default=list)
    seen = models.BigIntegerField("det nyeste tal, da det blev set", default=0)
    done = models.PositiveIntegerField("læste rækker", default=0)
    total = models.PositiveIntegerField("rækker", default=0)
    lease_until = models.DateTimeField("taget til", null=True)
    attempts = models.PositiveSmallIntegerField("forsøg", default=0)
    error = models.TextField("fejl", blank=True)
    saved_at = models.DateTimeField("gemt", null=True)
    counts = models.JSONField("antal", default=dict)
    withdrawn_at = models.DateTimeField("trukket tilbage", null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name="trukket tilbage af",
    )
    withdrawn_because = models.TextField("hvorfor", blank=True, default="", db_default="", max_length=LONGEST_REASON)

    objects: ClassVar[Any] = FigureImportQuerySet.as_manager()

    class Meta:
        verbose_name = "indlæsning af tal"
        verbose_name_plural = "indlæsninger af tal"
        ordering = ("-uploaded_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="figureimport_saved_has_its_time",
                condition=Q(step__in=KEPT, saved_at__isnull=False, content=None)
                | ~Q(step__in=KEPT) & Q(saved_at=None),
            ),
            models.CheckConstraint(
                name="figureimport_withdrawn_by_somebody",
                condition=Q(step=Step.WITHDRAWN, withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawn_because="")
                | ~Q(step=Step.WITHDRAWN) & Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because=""),
            ),
            models.CheckConstraint(
                name="figureimport_lease_while_working", condition=Q(lease_until=None) | Q(step__in=WORKING)
            ),
        )
        # `due`, which the worker asks every minute.
        indexes = (models.Index(fields=["id"], name="figureimport_waiting", condition=Q(step__in=WORKING)),)

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("figure_import", args=[self.key])

    @classmethod
    def receive(cls, content: bytes, *, file_name: str, by: User) -> FigureImport:
        """Keep a file whose columns are to be chosen. Raises PermissionDenied when ``by`` may not import."""
        if not may_import_figures(by):
            raise PermissionDenied
        now = timezone.now()
        name = "".join(letter for letter in file_name if letter.isprintable())[-200:] or "fil"
        return cls.objects.create(
            content=content, file_name=name, uploaded_by=by, uploaded_at=now, expires_at=now + KEPT_FOR
        )

    @transaction.atomic
    def choose_columns(self, columns: Mapping[str, Any], *, headings: str, by: User) -> None:
        """Have the file read with these columns, also when it has been read with others.

        Args:
            headings: the fingerprint by which the choices are offered again.

        Raises:
            PermissionDenied: it is somebody else's.
            MovedOn: it is being read, saved, or over.
        """
        locked = self._locked(by, Step.COLUMNS, *READ, Step.FAILED)
        locked._become(
            Step.READING, columns=dict(columns), headings=headings, attempts=0, done=0, total=0, error="", labels=[]
        )
        look_soon(FIGURES)

    @transaction.atomic
    def keep_indicators(self, indicators: Mapping[str, int | None], *, origin: str, by: User) -> None:
        """Keep what has been chosen so far, as ``choose_indicators`` has it. Raises PermissionDenied and MovedOn."""
        locked = self._locked(by, *READ)
        locked._become(Step.INDICATORS, indicators=locked._named(indicators), origin=origin.strip(), error="")

    @transaction.atomic
    def choose_indicators(self, indicators: Mapping[str, int | None], *, origin: str, by: User) -> None:
        """Say which indicator each name in the file stands for (None: leave it out), and where the figures are from.

        Raises:
            PermissionDenied, MovedOn: as ``choose_columns``.
            ValidationError: a name is not decided, all are left out, or it is not said where they are from.
        """
        locked = self._locked(by, *READ)
        chosen = locked._named(indicators)
        if not origin.strip():
            raise ValidationError({"origin": NO_ORIGIN})
        if len(chosen) < len(locked.labels) or not any(chosen.values()):
            raise ValidationError(NO_INDICATOR)
        locked._become(Step.LOOKING, indicators=chosen, origin=origin.strip(), error="")

    def _named(self, indicators: Mapping[str, int | None]) -> dict[str, int | None]:
        """The choices for the names that are in the file."""
        return {label: indicators[label] for label, _ in self.labels if label in indicators}

    @transaction.atomic
    def save_figures(self, groups: Collection[str], *, seen: int | None, choices: str, by: User) -> None:
        """Have the worker save the ``groups`` (``new``, ``changed``): all of it, or nothing.

        The same again while it is saved, or afterwards, does nothing.

        Args:
            seen: ``last_change`` when they were shown.
            choices: what was chosen when they were shown (``choices``).

        Raises:
            PermissionDenied, MovedOn: as ``choose_columns``.
            ValidationError: no group is chosen.
            ChosenAnew: columns or indicators have been chosen anew since.
            FiguresChanged: somebody has saved figures of these indicators since they were shown.
        """
        locked = self._locked(by, Step.LOOKING, Step.SAVING, Step.SAVED)
        if locked.step != Step.LOOKING:
            return
        wanted = [group for group in ("new", "changed") if group in groups]
        if not wanted:
            raise ValidationError(NO_GROUP)
        if choices != locked.choices:
            raise ChosenAnew
        if seen != last_change(locked.chosen):
            raise FiguresChanged
        locked._become(Step.SAVING, groups=wanted, seen=seen, attempts=0, error="")
        look_soon(FIGURES)

    @transaction.atomic
    def cancel(self, *, by: User) -> None:
        """Save nothing of it, and keep the file no longer. Raises PermissionDenied and MovedOn."""
        locked = self._locked(by, *(step for step in Step if step not in (*OVER, Step.SAVING)))
        locked.rows.all().delete()
        locked._become(Step.CANCELLED, content=None)

    @transaction.atomic
    def withdraw(self, reason: str, *, by: User) -> None:
        """Have its figures hold no longer, whoever saved them. Those before them hold again; the history stays.

        The same again does nothing.

        Raises:
            PermissionDenied: ``by`` may not import.
            MovedOn: it has not been saved.
            ValidationError: no reason, or a very long one.
        """
        found = self._locked(by, *KEPT, is_own=False)
        if found.step == Step.WITHDRAWN:
            return
        if not 0 < len(reason.strip()) <= LONGEST_REASON:
            raise ValidationError({"reason": LONG_REASON if reason.strip() else NO_REASON})
        found._lock_figures()
        found._become(Step.WITHDRAWN, withdrawn_at=timezone.now(), withdrawn_by=by, withdrawn_because=reason.strip())

    def _locked(self, by: User, *steps: Step, is_own: bool = True) -> FigureImport:
        """``is_own``: whether it must be ``by`` who has uploaded it."""
        found: FigureImport = FigureImport.objects.light().select_for_update().get(pk=self.pk)
        if (is_own and found.uploaded_by_id != by.pk) or not may_import_figures(by):
            raise PermissionDenied
        if found.step not in steps:
            raise MovedOn
        return found

    def advance(self, done: int, total: int) -> bool:
        """The worker's sign of life. False: somebody else has taken it, or it is cancelled."""
        return self._become(self.step, lease_until=timezone.now() + LEASE, done=done, total=total)

    def be_read(self, labels: Iterable[tuple[str, int]]) -> bool:
        """The worker has read it. False as ``advance``."""
        return self._become(Step.INDICATORS, labels=list(labels), attempts=0)

    def fail(self, error: str) -> None:
        """Nothing comes of it for now: other columns can be chosen, if it was being read.

        Args:
            error: why, in Danish, for the one who uploaded it.
        """
        self._become(Step.FAILED if self.step == Step.READING else Step.LOOKING, error=error)

    def let_go(self) -> None:
        """Another worker is to go on: this one has been told to stop."""
        self._become(self.step, attempts=self.attempts - 1)

    @transaction.atomic
    def carry_out(self) -> None:
        """The worker saves what was chosen: in one transaction, with one moment for all of it."""
        from .figure_rows import add_figures

        found = FigureImport.objects.light().select_for_update().get(pk=self.pk)
        if (found.step, found.lease_until) != (Step.SAVING, self.lease_until):
            return
        found._lock_figures()
        if last_change(found.chosen) != found.seen:
            found._become(Step.LOOKING, error=CHANGED_SINCE)
            return
        counts = add_figures(found)
        found.rows.all().delete()
        found._become(Step.SAVED, counts=counts, content=None, saved_at=timezone.now())

    def _lock_figures(self) -> None:
        """Nobody else saves or withdraws figures of the same indicators meanwhile."""
        from .background import Indicator

        list(Indicator.objects.select_for_update(no_key=True).filter(pk__in=self.chosen).order_by("pk"))

    @property
    def chosen(self) -> list[int]:
        """The ids of the indicators that the file has figures of."""
        return sorted({pk for pk in self.indicators.values() if pk})

    @property
    def reading(self) -> str:
        """By which columns it has been read, in short."""
        return _in_short(self.columns)

    @property
    def choices(self) -> str:
        """What has been chosen so far, in short."""
        return _in_short([self.columns, self.indicators])

    @property
    def saved_new(self) -> int:
        return self._saved("new")

    @property
    def saved_changed(self) -> int:
        return self._saved("changed")

    @property
    def saved_count(self) -> int:
        return self.saved_new + self.saved_changed

    def _saved(self, group: str) -> int:
        return int(self.counts.get(group, 0)) if group in self.groups else 0

    @property
    def is_working(self) -> bool:
        return self.step in WORKING

    @property
    def is_over(self) -> bool:
        return self.step in OVER


def _in_short(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def last_change(indicators: Collection[int]) -> int:
    """A number that grows whenever figures of these indicators are saved or withdrawn; 0 when there are none."""
    from .municipality_figure import MunicipalityFigure

    figures = MunicipalityFigure.objects.filter(indicator__in=indicators)
    of_them = Exists(figures.filter(source=OuterRef("pk")))
    withdrawn = FigureImport.objects.filter(of_them, step=Step.WITHDRAWN).count()
    return (figures.aggregate(newest=models.Max("id"))["newest"] or 0) + withdrawn
