"""Checks of structure: the raw table, the SQL, columns, types, keys, blanks, ranges, forms."""

from collections.abc import Iterator

from atelier.datasets.checks.catalogue import Finding, Subject, Tolerance, built_in, is_reference, listed, quoted
from atelier.datasets.schema import SQL_TYPES
from atelier.declarations import Reference


def _was_compiled(subject: Subject) -> bool:
    return "raw" in subject.relations or bool(subject.failures)


@built_in("source-found", stage="declared", applies=_was_compiled, fixed=True)
def find_source_lost(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield why the raw table could not be had."""
    yield from _failure(subject, "source-found")


@built_in("sql-runs", stage="declared", applies=_was_compiled, fixed=True, blames="sql")
def find_sql_failing(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield why the SQL did not run."""
    yield from _failure(subject, "sql-runs")


@built_in("source-columns", "warning", stage="declared", applies=lambda subject: subject.raw_columns is not None)
def find_source_changed(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the columns that the raw table lost or gained since the figures in place were made."""
    now, before = subject.raw_columns or ((), ())
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    if gone or new:
        examples = [f"− {name}" for name in gone] + [f"+ {name}" for name in new]
        yield Finding("source", len(examples), tuple(examples), {"gone": len(gone), "new": len(new)})


@built_in("columns", stage="compiled", fixed=True, blames="sql")
def find_columns_missing(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the declared columns that the SQL does not return."""
    missing = [one.name for one in subject.table.fields if one.name not in _columns(subject)]
    if missing:
        yield Finding("fields", len(missing), tuple(missing))


@built_in("undeclared-columns", "warning", stage="compiled")
def find_columns_undeclared(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the columns that the SQL returns and nobody declared: they are left out."""
    declared = {one.name for one in subject.table.fields}
    extra = [name for name in _columns(subject) if name not in declared]
    if extra:
        yield Finding("fields", len(extra), tuple(extra))


@built_in("types", stage="compiled", fixed=True)
def find_types_wrong(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield, for each column, the values that are not of its type; a fraction is no integer."""
    for one in subject.table.fields:
        if one.name not in _columns(subject):
            continue
        wrong = f"TRY_CAST({one.name} AS {SQL_TYPES[one.type]}) IS NULL"
        if one.type == "integer":
            wrong = f"({wrong} OR TRY_CAST({one.name} AS DOUBLE) <> TRY_CAST({one.name} AS BIGINT))"
        query = f"SELECT {one.name} FROM compiled WHERE {one.name} IS NOT NULL AND {wrong}"
        yield from subject.find(query, one.name, {"type": one.type})


@built_in("not-empty", stage="compiled", fixed=True, blames="sql")
def find_nothing(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield a table that has no row."""
    if not subject.rows("SELECT 1 FROM compiled LIMIT 1"):
        yield Finding("", 0)


@built_in("key-unique", fixed=True)
def find_keys_doubled(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the keys that stand on several rows."""
    key = listed(subject.key)
    yield from subject.find(f"SELECT {key} FROM figures GROUP BY {key} HAVING count(*) > 1 ORDER BY ALL", "key")


@built_in("required")
def find_blanks(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the columns that must be filled and are not: keys, codes and labels, and those declared so."""
    needed = set(subject.key)
    if isinstance(subject.table, Reference):
        needed |= {subject.table.code, subject.table.label}
    for one in subject.table.fields:
        if one.constraints.required or one.name in needed:
            blank = f"{one.name} IS NULL" + (f" OR trim({one.name}) = ''" if one.type == "string" else "")
            yield from subject.find(_rows(subject, one.name, blank), one.name)


@built_in("unique", applies=lambda subject: any(one.constraints.unique for one in subject.table.fields))
def find_values_repeated(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the values that a unique column repeats; those of a key of one column are told by ``key-unique``."""
    for one in subject.table.fields:
        if one.constraints.unique and subject.key != [one.name]:
            query = (
                f"SELECT {one.name} FROM figures WHERE {one.name} IS NOT NULL GROUP BY 1 HAVING count(*) > 1 ORDER BY 1"
            )
            yield from subject.find(query, one.name)


@built_in("range")
def find_values_out_of_range(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the values under the minimum or over the maximum of their column."""
    for one in subject.table.fields:
        low, high = one.constraints.minimum, one.constraints.maximum
        if low is not None:
            yield from subject.find(_rows(subject, one.name, f"{one.name} < {low}"), one.name, {"bound": f"< {low:g}"})
        if high is not None:
            yield from subject.find(
                _rows(subject, one.name, f"{one.name} > {high}"), one.name, {"bound": f"> {high:g}"}
            )


@built_in("pattern", applies=lambda subject: any(one.constraints.pattern for one in subject.table.fields))
def find_forms_wrong(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the values that are not of their column's form."""
    for one in subject.table.fields:
        if one.constraints.pattern is not None:
            wrong = f"NOT regexp_full_match({one.name}, {quoted(one.constraints.pattern)})"
            yield from subject.find(_rows(subject, one.name, wrong), one.name, {"pattern": one.constraints.pattern})


@built_in("negative-counts", applies=lambda subject: bool(subject.measures))
def find_counts_negative(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the counts under zero, where the column sets no minimum of its own."""
    units = subject.theme.card.units
    for one in subject.measures:
        unit = units[str(one.unit)]
        if unit.kind == "count" and not unit.signed and one.constraints.minimum is None:
            yield from subject.find(_rows(subject, one.name, f"{one.name} < 0"), one.name)


@built_in("labels-unique", "warning", applies=is_reference)
def find_labels_shared(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the labels that several living codes share: a reader could not tell them apart."""
    table = subject.table
    if isinstance(table, Reference):
        # Another number of the same member rightly bears its label.
        living = " AND ".join(f"{column} IS NULL" for column in subject.links) or "true"
        codes = f"string_agg({table.code}, ' ' ORDER BY {table.code}) AS codes"
        shared = f"GROUP BY {table.label} HAVING count(DISTINCT {table.code}) > 1"
        query = f"SELECT {table.label}, {codes} FROM figures WHERE {living} {shared} ORDER BY 1"
        yield from subject.find(query, table.label)


_NOT_UTF8 = "'[\u00c3\u00c2][\u0080-\u00bf]|\u00e2\u20ac|\ufffd|[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]'"


@built_in("text-spaces", "warning")
def find_spaces(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the texts with spaces before, after or doubled: two spellings of one code or label."""
    yield from _find_texts(subject, "regexp_matches({0}, '^\\s|\\s$|\\s\\s')")


@built_in("text-encoding", "warning")
def find_mojibake(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the texts that were decoded wrongly, hold control characters, or are not in Unicode's form NFC."""
    yield from _find_texts(subject, f"nfc_normalize({{0}}) <> {{0}} OR regexp_matches({{0}}, {_NOT_UTF8})")


def _find_texts(subject: Subject, wrong: str) -> Iterator[Finding]:
    for one in subject.table.fields:
        if one.type == "string":
            condition = wrong.format(one.name)
            yield from subject.find(
                f"SELECT DISTINCT concat('«', {one.name}, '»') AS text FROM figures WHERE {condition} ORDER BY 1",
                one.name,
            )


def _rows(subject: Subject, column: str, condition: str) -> str:
    """Return the query of the rows where a condition on a column holds, with their key."""
    shown = listed([*(name for name in subject.key if name != column), column])
    return f"SELECT {shown} FROM figures WHERE {condition} ORDER BY ALL"


def _columns(subject: Subject) -> list[str]:
    return [str(row[0]) for row in subject.rows("DESCRIBE compiled")]


def _failure(subject: Subject, name: str) -> Iterator[Finding]:
    if name in subject.failures:
        yield Finding("", 1, (), {"reason": subject.failures[name]})
