"""Databases beside the one of the tests, on the same server, for processes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlencode

import psycopg2
from django.db import connection


def url_of(name: str) -> str:
    """Where a database on the server is, as ``DATABASE_URL`` says it."""
    return f"postgres:///{name}?{urlencode(_login())}"


def run(*statements: str) -> None:
    """Outside all of the databases, each statement by itself."""
    with closing(psycopg2.connect(dbname="postgres", **_login())) as server:
        server.autocommit = True
        for statement in statements:
            server.cursor().execute(statement)


@contextmanager
def database(name: str, *, like: str = "template1") -> Iterator[str]:
    """A new database, and nothing of it afterwards. Gives its address.

    Args:
        like: the database that it begins as a copy of; nobody may use that meanwhile.
    """
    away = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    run(away, f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    try:
        yield url_of(name)
    finally:
        run(away)


def _login() -> dict[str, Any]:
    ours = ("dbname", "client_encoding", "cursor_factory", "options")  # each process says them itself
    given = connection.get_connection_params()
    return {key: given[key] for key in given if key not in ours}
