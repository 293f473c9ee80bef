"""What this database is, and what has been loaded into it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Installation(models.Model):
    """What this database is. One row: whether it holds demo data is set once, and never unset."""

    is_demo_database = models.BooleanField("demodata", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "installation"
        constraints = (models.CheckConstraint(name="installation_is_one_row", condition=Q(pk=1)),)

    def __str__(self) -> str:
        return "Demodatabase" if self.is_demo_database else "Database"

    @classmethod
    def is_demo(cls) -> bool:
        return cls.objects.filter(is_demo_database=True).exists()

    @classmethod
    def become_demo(cls) -> None:
        cls.objects.update_or_create(pk=1, defaults={"is_demo_database": True})


class LoadedFixture(models.Model):
    """What a reference row's fixture said when it was last loaded, so that a user's own edit is left alone."""

    name = models.CharField("række", max_length=120, unique=True)
    digest = models.CharField("aftryk", max_length=64)

    class Meta:
        verbose_name = "indlæst referencerække"
        verbose_name_plural = "indlæste referencerækker"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
