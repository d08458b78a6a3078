"""Table Schema on DuckDB: the types a compiled table gets and the constraints its rows must hold."""

from collections.abc import Iterator

import duckdb

from atelier.declarations import TOTAL, Dataset, FieldDeclaration, Table
from atelier.errors import Problem

SQL_TYPES = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
SHOWN_ROWS = 3


def typed_select(table: Table, compiled: str) -> str:
    """Return SQL that casts each declared column to its Table Schema type, in the order declared.

    Args:
        table: The declaration.
        compiled: Name of the relation the theme's SQL made; every column may be text.
    """
    columns = ", ".join(f"CAST({field.name} AS {SQL_TYPES[field.type]}) AS {field.name}" for field in table.fields)
    return f"SELECT {columns} FROM {compiled} ORDER BY {', '.join(table.key)}"


def check_schema(
    table: Table, file: str, connection: duckdb.DuckDBPyConnection, codes: dict[str, set[str]]
) -> list[Problem]:
    """Return the problems of the relation ``figures``: key, required, unique, range, pattern, codes.

    Args:
        table: The declaration.
        file: Name shown in problems.
        connection: Connection that holds ``figures``.
        codes: Known codes of each reference.
    """
    problems = []
    for name, condition, message in _rules(table, codes):
        rows = connection.execute(f"SELECT * FROM figures WHERE {condition} LIMIT {SHOWN_ROWS}").fetchall()
        if rows:
            count = connection.execute(f"SELECT count(*) FROM figures WHERE {condition}").fetchone()
            problems.append(Problem(file, name, f"{message} in {count[0] if count else 0} rows, such as {rows[0]}."))
    key = ", ".join(table.key)
    doubled = connection.execute(f"SELECT {key} FROM figures GROUP BY {key} HAVING count(*) > 1").fetchall()
    if doubled:
        problems.append(Problem(file, "key", f"{len(doubled)} keys stand on several rows, such as {doubled[0]}."))
    if connection.execute("SELECT count(*) FROM figures").fetchone() == (0,):
        problems.append(Problem(file, "", "the SQL returns no row."))
    return problems


def find_unmatched(
    table: Table, file: str, connection: duckdb.DuckDBPyConnection, codes: dict[str, set[str]]
) -> list[Problem]:
    """Return one problem for each dimension of ``figures`` that holds codes its reference does not know.

    Such rows are kept and counted as not matched: the problem tells how many rows and what they weigh.
    """
    measure = next((field.name for field in table.fields if field.role == "measure"), "0")
    problems = []
    for field in table.fields:
        if field.role == "dimension" and field.reference in codes:
            known = ", ".join(map(_quoted, sorted(codes[str(field.reference)] | {TOTAL})))
            query = f"FROM figures WHERE {field.name} NOT IN ({known})"
            listed = [
                code for (code,) in connection.execute(f"SELECT DISTINCT {field.name} {query} ORDER BY 1").fetchall()
            ]
            if listed:
                rows, weight = connection.execute(f"SELECT count(*), coalesce(sum({measure}), 0) {query}").fetchall()[0]
                shown = ", ".join(map(str, listed[:SHOWN_ROWS]))
                message = (
                    f"{len(listed)} codes unknown to reference {field.reference!r} ({shown}…): "
                    f"{rows} rows, {measure} {weight:g}, counted as not matched."
                )
                problems.append(Problem(file, field.name, message))
    return problems


def _rules(table: Table, codes: dict[str, set[str]]) -> Iterator[tuple[str, str, str]]:
    for field in table.fields:
        constraints, name = field.constraints, field.name
        if constraints.required:
            yield name, f"{name} IS NULL", "no value"
        if constraints.unique:
            yield name, f"{name} IN (SELECT {name} FROM figures GROUP BY {name} HAVING count(*) > 1)", "repeated value"
        if constraints.minimum is not None:
            yield name, f"{name} < {constraints.minimum}", f"value under {constraints.minimum:g}"
        if constraints.maximum is not None:
            yield name, f"{name} > {constraints.maximum}", f"value over {constraints.maximum:g}"
        if constraints.pattern is not None:
            yield name, f"NOT regexp_full_match({name}, {_quoted(constraints.pattern)})", "value of another form"
        allowed = _allowed_codes(table, field, codes)
        if allowed:
            listed = ", ".join(map(_quoted, sorted(allowed)))
            yield name, f"{name} NOT IN ({listed})", "unknown code"


def _allowed_codes(table: Table, field: FieldDeclaration, codes: dict[str, set[str]]) -> set[str]:
    declared = {member.code for member in field.members}
    if field.reference and isinstance(table, Dataset):
        return set()
    allowed = set(codes.get(field.reference, set())) if field.reference else declared
    if allowed and field.total:
        allowed.add(TOTAL)
    return allowed


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
