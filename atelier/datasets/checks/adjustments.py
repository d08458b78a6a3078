"""Mistakes in what a theme declares of checks and SQL, found before any table is read."""

from collections.abc import Iterator
from difflib import get_close_matches

import duckdb

from atelier.datasets.checks.run import CATALOGUE
from atelier.datasets.figures import connect
from atelier.declarations import Adjustment, Table
from atelier.errors import Problem
from atelier.theme import Theme


def check_tables(theme: Theme) -> list[Problem]:
    """Return the SQL that cannot be parsed or is not one query, and the adjustments that adjust nothing."""
    problems: list[Problem] = []
    with connect() as connection:
        for name, sql in theme.sql.items():
            problems += _check_sql(connection, f"{name}.sql", "", sql)
        for kind, tables in (("references", theme.references), ("datasets", theme.datasets)):
            for name, table in tables.items():
                file = f"{kind}/{name}.toml"
                for check in table.checks:
                    problems += _check_sql(connection, file, f"checks.{check.name}.sql", check.sql)
                    if check.name in CATALOGUE and CATALOGUE[check.name].fixed:
                        message = f"{check.name!r} is a built-in check that none may replace: choose another name."
                        problems.append(Problem(file, f"checks.{check.name}", message))
                for number, adjustment in enumerate(table.adjustments):
                    problems += _check_adjustment(file, f"adjustments.{number}", adjustment, table)
    return problems


def _check_sql(connection: duckdb.DuckDBPyConnection, file: str, key: str, sql: str) -> Iterator[Problem]:
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        yield Problem(file, key, f"its SQL cannot be parsed: {str(error).splitlines()[0]}. Correct it.")
        return
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        yield Problem(file, key, "write one query, a SELECT, and nothing else.")


def _check_adjustment(file: str, key: str, adjustment: Adjustment, table: Table) -> Iterator[Problem]:
    check = CATALOGUE.get(adjustment.check)
    if check is None:
        near = get_close_matches(adjustment.check, CATALOGUE, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "docs/checks.md lists them."
        yield Problem(file, f"{key}.check", f"unknown check {adjustment.check!r}: {hint}")
        return
    if check.fixed:
        yield Problem(file, f"{key}.check", f"{check.name!r} cannot be adjusted: nothing can be built without it.")
    if adjustment.severity is None and adjustment.tolerance is None:
        yield Problem(file, key, "adjusts nothing: give a severity or a tolerance.")
    if adjustment.tolerance is not None and check.tolerance is None:
        yield Problem(file, f"{key}.tolerance", f"{check.name!r} has no tolerance: remove it.")
    known = [column.name for column in table.fields]
    for name in adjustment.fields:
        if name not in known:
            yield Problem(file, f"{key}.fields", f"unknown column {name!r}: choose among {', '.join(known)}.")
