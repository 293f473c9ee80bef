"""A file that somebody has uploaded: its rows, until they are confirmed or too old. Never the file itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from flere_haender.access import may_record
from stakeholders.models import Municipality

if TYPE_CHECKING:
    from stakeholders.models import User

KEPT_FOR = timedelta(days=7)


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: Any) -> UploadQuerySet:
        """One's own, while they last."""
        return self.filter(uploaded_by=user.pk, expires_at__gt=timezone.now())

    def expired(self) -> UploadQuerySet:
        return self.filter(expires_at__lte=timezone.now())


class Upload(models.Model):
    """What was read in a file, for the one who uploaded it to look through and confirm.

    ``confirmed`` holds what has been confirmed: for each key of a form the number of things that it saved.
    """

    key = models.UUIDField("nøgle", primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("art", max_length=20)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="kommune"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="uploadet af"
    )
    uploaded_at = models.DateTimeField("uploadet")
    expires_at = models.DateTimeField("udløber")
    file_name = models.CharField("fil", max_length=200)
    rows = models.JSONField("rækker")
    confirmed = models.JSONField("bekræftet", default=dict)

    objects: ClassVar[Any] = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "upload"
        verbose_name_plural = "uploads"
        ordering = ("-uploaded_at",)
        constraints = (
            models.CheckConstraint(name="upload_expires_later", condition=Q(expires_at__gt=F("uploaded_at"))),
        )
        # Upload.objects.expired, every minute.
        indexes = (models.Index(fields=["expires_at"], name="upload_expiry"),)

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("upload", args=[self.key])

    @classmethod
    def keep(
        cls,
        rows: Any,
        *,
        kind: str,
        by: User,
        municipality: Municipality | None,
        file_name: str,
        may: Callable[[Any, int | None], bool] = may_record,
        kept_for: timedelta = KEPT_FOR,
    ) -> Upload:
        """Keep what was read, until it is too old.

        Args:
            may: who may, of this kind: as it is registered.
            kept_for: a week, unless there are names in it.

        Raises:
            PermissionDenied: ``by`` may not write for the municipality (None is KL itself).
        """
        if not may(by, municipality.pk if municipality else None):
            raise PermissionDenied
        now = timezone.now()
        name = "".join(letter for letter in file_name if letter.isprintable())[-200:] or "regneark"
        return cls.objects.create(
            kind=kind,
            municipality=municipality,
            uploaded_by=by,
            uploaded_at=now,
            expires_at=now + kept_for,
            file_name=name,
            rows=rows,
        )

    def note(self, **more: Any) -> None:
        """Keep more of what the owner says about the rows."""
        self.rows = {**self.rows, **more}
        self.save(update_fields=["rows"])

    def be_confirmed(self, key: uuid.UUID, count: int) -> None:
        """Remember that a form has been carried out, and how many things it saved."""
        self.confirmed = {**self.confirmed, str(key): count}
        self.save(update_fields=["confirmed"])
