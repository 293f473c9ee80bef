"""WHEN, and from where: the documents that everything rests on."""

from django.db import models


class Source(models.Model):
    """One of the documents, and how people cite it."""

    slug = models.SlugField("kode", max_length=60, unique=True)
    title = models.CharField("titel", max_length=200)
    publisher = models.CharField("udgiver", max_length=120)
    published = models.CharField(
        "udgivet", max_length=40, blank=True, help_text="Som kilden selv skriver. Tom: udateret."
    )
    kind = models.CharField("slags", max_length=60)
    file_name = models.CharField("filens eget navn", max_length=120)

    class Meta:
        verbose_name = "kilde"
        verbose_name_plural = "kilder"
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.title
