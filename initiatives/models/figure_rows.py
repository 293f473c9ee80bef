"""What was read in a file with figures, and how it compares with the figures that are there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from django.db import connection, models

from stakeholders.models import Municipality

from .figure_import import LONGEST_LABEL, FigureImport
from .municipality_figure import DECIMALS, DIGITS, MunicipalityFigure

SHOWN = 100  # of each sort


class Outcome(models.IntegerChoices):
    """What a row came to when it was read."""

    FIGURE = 1, "Et tal"
    NOTHING = 2, "Ingen oplysning"
    LEFT_OUT = 3, "Udeladt"
    REFUSED = 4, "Afvist"


class FigureRow(models.Model):
    """A figure as it was read, or why there is none. Forgotten when the import is over.

    Written many at a time, and only here; so the database does not look up what each of them points to.
    """

    source = models.ForeignKey(
        FigureImport, on_delete=models.CASCADE, related_name="rows", db_constraint=False, verbose_name="indlæsning"
    )
    number = models.PositiveIntegerField("række")
    address = models.CharField("celle", max_length=12)
    place = models.CharField("sted, som det står", max_length=100)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="kommune",
    )
    year = models.PositiveSmallIntegerField("år", null=True)
    label = models.CharField("navn i filen", max_length=LONGEST_LABEL)
    value = models.DecimalField("tal", max_digits=DIGITS, decimal_places=DECIMALS, null=True)
    outcome = models.PositiveSmallIntegerField("resultat", choices=Outcome.choices)
    message = models.CharField("hvorfor", max_length=200)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = "læst række"
        verbose_name_plural = "læste rækker"
        ordering = ("source_id", "number", "id")

    def __str__(self) -> str:
        return f"{self.source}, {self.address}"


class Staged(NamedTuple):
    """A row as it is copied to ``FigureRow``."""

    number: int
    address: str
    place: str
    municipality_id: int | None
    year: int | None
    label: str
    value: Decimal | None
    outcome: int
    message: str = ""


COPY = f"""
COPY {FigureRow._meta.db_table} (source_id, {", ".join(Staged._fields)})
FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (address, place, label, message))
"""


def add_rows(source: FigureImport, rows: Iterable[Staged]) -> None:
    """Keep what was read, all at once."""
    file = io.StringIO()
    csv.writer(file).writerows((source.pk, *row) for row in rows)
    file.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(COPY, file)


# What is read beside what holds. The same figure twice counts once; two that contradict each other are refused.
COMPARED = f"""
WITH chosen AS (
    SELECT * FROM unnest(%(labels)s::text[], %(indicators)s::bigint[]) AS named (label, indicator_id)
), held AS (
    SELECT DISTINCT ON (indicator_id, municipality_id, year) indicator_id, municipality_id, year, value
    FROM {MunicipalityFigure._meta.db_table} figure JOIN {FigureImport._meta.db_table} source ON source.id = source_id
    WHERE indicator_id = ANY(%(indicators)s::bigint[]) AND withdrawn_at IS NULL
    ORDER BY indicator_id, municipality_id, year, figure.id DESC
), typed AS (
    SELECT id, number, address, indicator_id, municipality_id, year, value,
        row_number() OVER (same ORDER BY id) AS turn, min(value) OVER same <> max(value) OVER same AS disagrees
    FROM {FigureRow._meta.db_table} JOIN chosen USING (label)
    WHERE source_id = %(source)s AND outcome = {Outcome.FIGURE.value}
    WINDOW same AS (PARTITION BY indicator_id, municipality_id, year)
), compared AS (
    SELECT typed.*, held.value AS before,
        CASE WHEN disagrees THEN 'disagrees' WHEN turn > 1 THEN 'repeated' WHEN held.value IS NULL THEN 'new'
             WHEN held.value = typed.value THEN 'same' ELSE 'changed' END AS state
    FROM typed LEFT JOIN held USING (indicator_id, municipality_id, year)
)
"""
LOOK = f"""{COMPARED}
SELECT state, count, number, address, indicator_id, municipality_id, year, before, value FROM (
    SELECT *, count(*) OVER sort AS count, row_number() OVER (sort ORDER BY id) AS place
    FROM compared WINDOW sort AS (PARTITION BY state)
) AS counted WHERE place <= {SHOWN} ORDER BY state, place
"""
ADD = f"""{COMPARED}, added AS (
    INSERT INTO {MunicipalityFigure._meta.db_table} (indicator_id, municipality_id, year, value, source_id)
    SELECT indicator_id, municipality_id, year, value, %(source)s FROM compared
    WHERE state = ANY(%(groups)s) ORDER BY id RETURNING indicator_id
)
SELECT state, count(*) FROM compared GROUP BY state
"""


def _arguments(source: FigureImport) -> dict[str, Any]:
    named = {label: pk for label, pk in source.indicators.items() if pk}
    return {
        "source": source.pk,
        "labels": list(named),
        "indicators": list(named.values()),
        "groups": list(source.groups),
    }


def add_figures(source: FigureImport) -> dict[str, int]:
    """Write the groups that were chosen, and count all of them. The caller holds the lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '32MB'")  # so that 100,000 figures are sorted in memory
        cursor.execute(ADD, _arguments(source))
        return dict(cursor.fetchall())


class Compared(NamedTuple):
    """A figure of the file beside the one that holds now."""

    number: int
    address: str
    indicator_id: int
    municipality_id: int
    year: int
    before: Decimal | None
    value: Decimal


@dataclass
class Comparison:
    """What saving would do now.

    Args:
        counts: how many there are of each sort: ``new``, ``changed``, ``same``, ``repeated``, ``disagrees``.
        rows: the first of each.
    """

    counts: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[Compared]] = field(default_factory=dict)


def compare(source: FigureImport) -> Comparison:
    """One query, however many rows there are."""
    found = Comparison()
    with connection.cursor() as cursor:
        cursor.execute(LOOK, _arguments(source))
        for state, count, *row in cursor.fetchall():
            found.counts[state] = count
            found.rows.setdefault(state, []).append(Compared(*row))
    return found
