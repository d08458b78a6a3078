"""Checks between vintages: what new figures lose, gain or revise of those in place, told before they replace them."""

from collections.abc import Iterator

from atelier.datasets.checks.catalogue import Finding, Subject, Tolerance, built_in, is_dataset, listed
from atelier.declarations import FieldDeclaration


def _comparable(subject: Subject) -> bool:
    """Return whether both vintages have the key and the time that rows are compared by."""
    return "previous" in subject.relations and set(subject.key) <= set(_before(subject))


@built_in("vintage-columns", stage="previous", applies=lambda subject: "previous" in subject.relations)
def find_columns_gone(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the columns of the figures in place that the new ones do not have."""
    declared = {one.name for one in subject.table.fields}
    gone = [name for name in _before(subject) if name not in declared]
    if gone:
        yield Finding("fields", len(gone), tuple(gone))


@built_in("vintage-codes", stage="previous", applies=_comparable, tolerance=0.05)
def find_codes_gone(subject: Subject, tolerance: Tolerance) -> Iterator[Finding]:
    """Yield the years, institutions and other codes of the key that have vanished; an error past a share of them."""
    for name in subject.key:
        gone = f"SELECT DISTINCT {name} FROM previous WHERE {name} NOT IN (SELECT {name} FROM figures) ORDER BY 1"
        counted = subject.rows(f"SELECT count(DISTINCT {name}) FROM previous")[0][0]
        for finding in subject.find(gone, name, {"before": counted}):
            mild = finding.count <= tolerance(name) * int(str(counted))
            yield Finding(name, finding.count, finding.examples, finding.values, "warning" if mild else None)


@built_in("vintage-rows", "warning", stage="previous", applies=lambda s: _comparable(s) and is_dataset(s))
def find_rows_moved(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the rows gone, among codes that stay, and those added to years already published."""
    staying = " AND ".join(f"{name} IN (SELECT {name} FROM figures)" for name in subject.key)
    known = f"{subject.time.name} IN (SELECT {subject.time.name} FROM previous)" if subject.time else "true"
    key = listed(subject.key)
    gone = f"SELECT {key} FROM previous ANTI JOIN figures USING ({key}) WHERE {staying} ORDER BY ALL"
    new = f"SELECT {key} FROM figures ANTI JOIN previous USING ({key}) WHERE {known} ORDER BY ALL"
    yield from subject.find(gone, "−")
    yield from subject.find(new, "+")


def _has_totals(subject: Subject) -> bool:
    return _comparable(subject) and is_dataset(subject) and subject.time is not None


@built_in("vintage-totals", "warning", stage="previous", applies=_has_totals, tolerance=0.05)
def find_totals_revised(subject: Subject, tolerance: Tolerance) -> Iterator[Finding]:
    """Yield the years whose total is revised by more than a share of what was published."""
    for measure in _shared(subject, subject.additive):
        time = subject.time.name if subject.time else ""
        query = f"{_revised_years(subject, measure, tolerance(measure))} ORDER BY {time}"
        yield from subject.find(query, measure, {"share": f"{tolerance(measure):.0%}"})


@built_in("vintage-values", "warning", stage="previous", applies=_comparable)
def find_values_revised(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the values that are not those published, outside the years that ``vintage-totals`` tells."""
    told = [one for one in subject.table.fields if one.name not in subject.key and _is_compared(subject, one)]
    for one in told:
        if one.name not in _before(subject):
            continue
        key = listed([f"figures.{name}" for name in subject.key])
        query = (
            f"SELECT {key}, previous.{one.name} AS before, figures.{one.name} AS now FROM figures "
            f"JOIN previous USING ({listed(subject.key)}) WHERE figures.{one.name} IS DISTINCT FROM previous.{one.name}"
        )
        if one.name in subject.additive and subject.time is not None:
            heavily = subject.tolerance("vintage-totals", one.name)
            abrupt = f"SELECT {subject.time.name} FROM ({_revised_years(subject, one.name, heavily)})"
            query += f" AND figures.{subject.time.name} NOT IN ({abrupt})"
        size = "abs(now - before) DESC, " if one.type in ("integer", "number") else ""
        yield from subject.find(f"SELECT * FROM ({query}) ORDER BY {size}{listed(subject.key)}", one.name)


def _revised_years(subject: Subject, measure: str, tolerance: float) -> str:
    time = subject.time.name if subject.time else ""
    total = f"SELECT {time}, sum({measure}) AS {{0}} FROM {{1}} WHERE {subject.top} GROUP BY {time}"
    return (
        f"SELECT {time}, before, now FROM ({total.format('before', 'previous')}) "
        f"JOIN ({total.format('now', 'figures')}) USING ({time}) WHERE abs(now - before) > {tolerance} * abs(before)"
    )


def _is_compared(subject: Subject, column: FieldDeclaration) -> bool:
    return column.role in ("measure", "status") or not is_dataset(subject)


def _shared(subject: Subject, measures: list[str]) -> list[str]:
    return [name for name in measures if name in _before(subject)]


def _before(subject: Subject) -> list[str]:
    return [str(row[0]) for row in subject.rows("DESCRIBE previous")]
