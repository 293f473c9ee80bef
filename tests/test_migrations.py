"""No migration locks a table while people work, or breaks the version that still runs beside it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

OURS = ("stakeholders", "timeline", "initiatives")
# What the linter says of those that have landed, by what makes it bearable. A new migration does not come here
# unless its tables are as small: an index is made CONCURRENTLY, a column has a default in the database.
LANDED: dict[str, set[str]] = {}


def faults_of(app: str, name: str) -> set[str]:
    linter = MigrationLinter(no_output=True, analyser_string="postgresql")
    migration = linter.migration_loader.graph.nodes[app, name]
    errors, _, warnings = analyse_sql_statements(PostgresqlAnalyser, linter.get_sql(app, name), [])
    data_errors, _, data_warnings = linter.analyse_data_migration(migration)
    return {issue.code for issue in [*errors, *warnings, *data_errors, *data_warnings]}


@pytest.mark.django_db
def test_no_migration_locks() -> None:
    loader = MigrationLoader(connection)
    found = {f"{app}.{name}": faults_of(app, name) for app, name in sorted(loader.graph.nodes) if app in OURS}
    assert {name: codes for name, codes in found.items() if codes} == LANDED
