"""Named checks on a compiled code list: codes, dates and successions that cannot all be true."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from atelier.declarations import Reference
from atelier.errors import Problem

SHOWN = 3


@dataclass(frozen=True)
class ReferenceProblems:
    """What the checks of a reference found.

    Attributes:
        errors: They block the build.
        warnings: They do not.
    """

    errors: list[Problem]
    warnings: list[Problem]


def check_reference(table: Reference, file: str, connection: duckdb.DuckDBPyConnection) -> ReferenceProblems:
    """Return the problems of the relation ``figures``, each under the name of its check.

    A code may stand on several rows when dates keep them apart: one row for each version of it.

    Args:
        table: The declaration.
        file: Name shown in problems.
        connection: Connection that holds ``figures``.
    """
    checks: list[tuple[str, str, list[tuple[Any, ...]]]] = [
        ("duplicated-code", "codes stand on several rows that no date keeps apart", _duplicated(table, connection)),
        ("inverted-dates", "codes end before they begin", _inverted(table, connection)),
        ("overlapping-dates", "codes have versions whose dates overlap", _overlapping(table, connection)),
        ("orphan-successor", "codes name a successor that is not in the list", _orphans(table, connection)),
        ("cyclic-successors", "codes succeed to themselves in a circle", list(_cycles(table, connection))),
    ]
    early = "codes are counted under their successor before they end, or before it begins"
    return ReferenceProblems(
        errors=list(_problems(file, checks)),
        warnings=list(_problems(file, [("early-successor", early, _early(table, connection))])),
    )


def _problems(file: str, checks: Sequence[tuple[str, str, list[tuple[Any, ...]]]]) -> Iterator[Problem]:
    for name, message, rows in checks:
        if rows:
            shown = "; ".join(" ".join(map(str, row)) for row in rows[:SHOWN])
            rest = ", …" if len(rows) > SHOWN else ""
            yield Problem(file, f"checks.{name}", f"{len(rows)} {message}: {shown}{rest}.")


def _duplicated(table: Reference, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    apart = ", ".join([table.code, *([table.valid_from] if table.valid_from else [])])
    sql = f"SELECT {table.code} FROM figures GROUP BY {apart} HAVING count(*) > 1 ORDER BY 1"
    return connection.execute(sql).fetchall()


def _inverted(table: Reference, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    if not (table.valid_from and table.valid_to):
        return []
    sql = f"SELECT {table.code}, {table.valid_from}, {table.valid_to} FROM figures"
    return connection.execute(f"{sql} WHERE {table.valid_to} < {table.valid_from} ORDER BY 1").fetchall()


def _overlapping(table: Reference, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """A version that has no end, or that ends on or after the day the next one begins, overlaps it."""
    if not (table.valid_from and table.valid_to):
        return []
    sql = f"""
    SELECT code, begins, ends, next FROM (
      SELECT {table.code} AS code, {table.valid_from} AS begins, {table.valid_to} AS ends,
        lead({table.valid_from}) OVER (PARTITION BY {table.code} ORDER BY {table.valid_from} NULLS FIRST) AS next
      FROM figures
    ) WHERE next IS NOT NULL AND begins IS DISTINCT FROM next AND coalesce(ends >= next, true) ORDER BY ALL
    """
    return connection.execute(sql).fetchall()


def _links(table: Reference) -> list[str]:
    return [column for column in (table.successor, table.same_as) if column]


def _orphans(table: Reference, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for column in _links(table):
        known = f"SELECT {table.code} FROM figures"
        sql = f"SELECT {table.code}, {column} FROM figures WHERE {column} NOT IN ({known}) ORDER BY 1"
        found += connection.execute(sql).fetchall()
    return found


def _cycles(table: Reference, connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, ...]]:
    """Yield each circle once, from its smallest code."""
    following: dict[str, str] = {}
    for column in _links(table):
        rows = connection.execute(f"SELECT {table.code}, {column} FROM figures WHERE {column} IS NOT NULL").fetchall()
        following |= dict(rows)
    for start in sorted(following):
        path = [start]
        while path[-1] in following and following[path[-1]] not in path:
            path.append(following[path[-1]])
        if following.get(path[-1]) == start and start == min(path):
            yield (*path, start)


def _early(table: Reference, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """A dated succession must come after the code ends and not before its successor begins.

    Where successions are not dated, the successor itself must begin after the code ends: a code that is absorbed by
    one that was there already needs a date to be told from a mistake.
    """
    if not (table.successor and table.valid_to and table.valid_from):
        return []
    dated = table.succeeded_in
    wrong = f"code.{dated} <= code.{table.valid_to} OR code.{dated} < heir.{table.valid_from}"
    undated = f"heir.{table.valid_from} <= code.{table.valid_to}"
    sql = f"""
    SELECT DISTINCT code.{table.code}, code.{table.valid_to}, code.{table.successor}, heir.{table.valid_from}
    FROM figures AS code
    JOIN (
      SELECT {table.code}, min({table.valid_from}) AS {table.valid_from} FROM figures GROUP BY {table.code}
    ) AS heir ON heir.{table.code} = code.{table.successor}
    WHERE {wrong if dated else undated}
    ORDER BY ALL
    """
    return connection.execute(sql).fetchall()
