"""The texts that KL has changed. What has no row here is as it stands in the code (``stakeholders.texts``)."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from flere_haender.access import is_kl_consultant
from flere_haender.append_only import edit_history
from stakeholders.texts import Text, known_texts

from .users import User

LONGEST = 5000


class TextChangedSince(Exception):
    """Somebody has changed the text since it was shown."""


class EditableText(models.Model):
    """A text that KL has changed; without a row the standard text holds."""

    slug = models.SlugField("tekst", unique=True)
    subject = models.CharField("emne", max_length=200, blank=True)
    body = models.TextField("tekst", max_length=LONGEST)
    changed_at = models.DateTimeField("ændret")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="af"
    )

    class Meta:
        verbose_name = "tekst"
        verbose_name_plural = "tekster i e-mails og hjælp"
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug

    @classmethod
    def holding(cls, text: Text) -> tuple[str, str]:
        """The subject and the body that hold now."""
        row = cls.objects.filter(slug=text.slug).first()
        return (row.subject, row.body) if row else (text.subject, text.body)

    @staticmethod
    def version_of(slug: str) -> int:
        """Rises with every change; 0 for what has always been the standard text."""
        return EditableTextEvent.objects.filter(slug=slug).count()

    @classmethod
    @transaction.atomic
    def change(cls, slug: str, *, by: User, body: str, subject: str = "", seen: int | None = None) -> None:
        """Let a text say something else; the standard text when it says that again.

        Args:
            seen: the ``version_of`` that was shown; None when nobody was shown one.

        Raises:
            PermissionDenied: ``by`` is not KL's consultant.
            TextChangedSince: it has another version by now.
            ValidationError: a placeholder is unknown or missing, by field, in Danish.
        """
        if not is_kl_consultant(by):
            raise PermissionDenied
        text = known_texts()[slug]
        subject, body = (given.replace("\x00", "").replace("\r\n", "\n").strip() for given in (subject, body))
        text.check(subject=subject, body=body)
        if len(body) > LONGEST:
            raise ValidationError({"body": f"Teksten er for lang. Skriv højst {LONGEST} tegn."})
        # One at a time: the second of two finds what the first wrote.
        User.objects.select_for_update(no_key=True).order_by("pk").first()
        row = EditableText.objects.filter(slug=slug).first()
        if (row.subject, row.body) == (subject, body) if row else (text.subject, text.body) == (subject, body):
            return
        if seen not in (None, EditableText.version_of(slug)):
            raise TextChangedSince
        with pghistory.context(user=by.pk):
            if (text.subject, text.body) == (subject, body):
                EditableText.objects.filter(slug=slug).delete()
                return
            row = row or EditableText(slug=slug)
            row.subject, row.body = subject, body
            row.changed_at, row.changed_by = timezone.now(), by
            row.full_clean()
            row.save()


EditableTextEvent = edit_history(EditableText, "{0.slug} {0.pgh_created_at}", exclude=["changed_at", "changed_by"])
