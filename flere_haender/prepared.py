"""Queries that are made once: for an as-of query Django needs longer to write the SQL than PostgreSQL to answer it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache, wraps
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connections
from django.db.models import BigIntegerField, DateField, DateTimeField, Field, QuerySet, Value

Build = Callable[..., "QuerySet[Any]"]

# What of the arguments goes along with each question; all else (None, a code, a flag) is part of the query's shape.
# The order matters: a datetime is a date too.
FIELDS: tuple[tuple[type, Field[Any, Any]], ...] = (
    (datetime, DateTimeField()),
    (date, DateField()),
    (int, BigIntegerField()),
    (list, ArrayField(BigIntegerField())),
)


IDS = "(SELECT unnest(%s::bigint[]))"


class Parameter(Value):
    """Stands in the SQL for the argument that ``value`` names; a list of ids is what something is ``__in``."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return IDS if isinstance(self.output_field, ArrayField) else "%s", [self]


def prepared(build: Build) -> Callable[..., list[Any]]:
    """Write the SQL of a queryset once for each shape of its arguments, and ask it with their values.

    Args:
        build: makes the queryset from keyword arguments. It may pass a day, a moment and a number on to a filter, but
            not look at it: it gets a ``Parameter`` in its place. It may look at all else, which must be
            hashable, and asks the database for nothing.

    Returns:
        A function of the same arguments that asks the database and returns the rows as a list.
    """

    @lru_cache(maxsize=64)
    def shaped(**shape: Any) -> _Query:
        return _Query(build(**shape))

    @wraps(build)
    def ask(**arguments: Any) -> list[Any]:
        return shaped(**{name: _stand_in(name, value) for name, value in arguments.items()}).ask(arguments)

    return ask


def _stand_in(name: str, value: Any) -> Any:
    """A parameter for what goes along; anything else as it is."""
    if isinstance(value, bool):
        return value
    return next((_parameter(name, field) for kind, field in FIELDS if isinstance(value, kind)), value)


@cache
def _parameter(name: str, field: Field[Any, Any]) -> Parameter:
    return Parameter(name, output_field=field)


class _Query:
    """A queryset with its SQL. Shared by the threads of a process, so nothing in it changes."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        self.rows = rows
        self.compiler = rows.query.get_compiler(using=rows.db)
        sql, self.parameters = self.compiler.as_sql()
        # The same to Django, but PostgreSQL joins what is in a subquery, and looks up each of an array in the index.
        self.sql = sql.replace(f"IN {IDS}", "= ANY(%s::bigint[])")

    def ask(self, values: dict[str, Any]) -> list[Any]:
        given = tuple(values[one.value] if isinstance(one, Parameter) else one for one in self.parameters)
        compiler = copy.copy(self.compiler)
        compiler.connection = connections[self.rows.db]  # of this thread
        compiler.as_sql = lambda *args, **kwargs: (self.sql, given)
        rows = self.rows.all()
        rows.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]  # of this copy alone
        return list(rows)
