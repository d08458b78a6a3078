"""Checks of codes: members, totals, references, dates of validity, statuses."""

from collections.abc import Iterator

from atelier.datasets.checks.catalogue import (
    Finding,
    Subject,
    Tolerance,
    built_in,
    is_dataset,
    is_reference,
    listed,
    quoted,
    written,
)
from atelier.declarations import TOTAL, Dataset, FieldDeclaration

STATUSES = "ABDEFGHIJKLMNOPQSUVW"
"""Codes of SDMX's list of observation statuses (CL_OBS_STATUS 2.2)."""

EXPLAINS_BLANK = "HJKLMNOQS"
"""Those that may stand beside a blank: not collected, not significant, suppressed, counted elsewhere…"""


@built_in("member-codes", applies=lambda subject: any(one.members for one in subject.table.fields))
def find_members_unknown(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the codes that are not among the declared members of their dimension."""
    for one in subject.table.fields:
        if one.members:
            known = listed([quoted(code) for code in [*(member.code for member in one.members), TOTAL]])
            yield from subject.find(_codes(one.name, f"{one.name} NOT IN ({known})"), one.name)


@built_in("undeclared-totals")
def find_totals_undeclared(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the dimensions that hold totals without saying so: they would be counted with their parts."""
    for one in subject.of_role("dimension"):
        if not one.total:
            yield from subject.find(f"SELECT {listed(subject.key)} FROM figures WHERE {one.name} = '{TOTAL}'", one.name)


@built_in("linked-codes", applies=lambda subject: is_reference(subject) and bool(subject.pointers))
def find_links_broken(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield, in a reference, the codes that the reference they point to does not hold: a lost region or parent.

    Successors are left to ``orphan-successor``.
    """
    for one, pointed in subject.pointers:
        if one.name in subject.links:
            continue
        known = f"(SELECT {pointed.code} FROM {subject.codes_of(one)})"
        query = f"SELECT {listed(subject.key)}, {one.name} FROM figures WHERE {one.name} NOT IN {known} ORDER BY ALL"
        yield from subject.find(query, one.name, {"reference": one.reference})


@built_in("matched-codes", "warning", applies=lambda subject: is_dataset(subject) and bool(subject.pointers))
def find_codes_unmatched(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield, in a dataset, the codes no reference knows, the rows that hold them and what they weigh."""
    for one, pointed in subject.pointers:
        known = f"(SELECT {pointed.code} FROM {subject.codes_of(one)})"
        unmatched = f"{one.name} <> '{TOTAL}' AND {one.name} NOT IN {known}"
        yield from subject.find(
            _codes(one.name, unmatched), one.name, {"reference": one.reference} | _weight(subject, unmatched)
        )


def _has_dates(subject: Subject) -> bool:
    return subject.time is not None and any(one.valid_from or one.valid_to for _, one in subject.pointers)


@built_in("dated-codes", "warning", applies=_has_dates)
def find_codes_out_of_date(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the codes used in a year when their reference says they were not valid yet, or no longer."""
    time = subject.time
    for one, pointed in subject.pointers:
        if time is None or not (pointed.valid_from or pointed.valid_to):
            continue
        year = _year(time, f"figures.{time.name}")
        valid = [f"dated.{pointed.code} = figures.{one.name}"]
        for column, sign in ((pointed.valid_from, "<="), (pointed.valid_to, ">=")):
            if column:
                bound = _year(pointed.field(column), f"dated.{column}")
                valid.append(f"({bound} IS NULL OR {bound} {sign} {year})")
        source = subject.codes_of(one)
        wrong = (
            f"{one.name} IN (SELECT {pointed.code} FROM {source}) "
            f"AND NOT EXISTS (SELECT 1 FROM {source} AS dated WHERE {' AND '.join(valid)})"
        )
        query = f"SELECT DISTINCT {time.name}, {one.name} FROM figures WHERE {wrong} ORDER BY ALL"
        yield from subject.find(query, one.name, {"reference": one.reference} | _weight(subject, wrong))


@built_in("status-codes", applies=lambda subject: bool(subject.of_role("status")))
def find_statuses_unknown(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the statuses that are not of SDMX's list."""
    for one in subject.of_role("status"):
        known = listed([quoted(code) for code in STATUSES])
        yield from subject.find(_codes(one.name, f"{one.name} NOT IN ({known})"), one.name)


def _may_lack(subject: Subject) -> bool:
    # Where each respondent answers for itself, the dataset says that a figure absent is missing.
    return isinstance(subject.table, Dataset) and subject.table.respondent is None


@built_in("blanks-have-status", applies=_may_lack)
def find_blanks_unexplained(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the blanks that no status explains, among rows of a breakdown that the measure does fill.

    An error where the measure has a column of statuses of its own; elsewhere readers are told "missing", and the
    check only warns.
    """
    shape = [f"({one.name} = '{TOTAL}')" for one in subject.margins] or ["true"]
    for one in subject.measures:
        if one.constraints.required:
            continue
        told = [status for status in subject.of_role("status") if status.of in (None, one.name)]
        codes = listed([quoted(code) for code in EXPLAINS_BLANK])
        explained = [f"coalesce({status.name}, 'A') IN ({codes})" for status in told]
        own = any(status.of for status in told)
        blank = " AND ".join([f"{one.name} IS NULL", *(f"NOT ({condition})" for condition in explained)])
        query = (
            f"SELECT {listed(subject.key)} FROM "
            f"(SELECT *, count({one.name}) OVER (PARTITION BY {listed(shape)}) AS filled FROM figures) "
            f"WHERE filled > 0 AND {blank} ORDER BY ALL"
        )
        yield from subject.find(query, one.name, severity=None if own else "warning")


def _codes(column: str, condition: str) -> str:
    return f"SELECT DISTINCT {column} FROM figures WHERE {condition} ORDER BY 1"


def _weight(subject: Subject, condition: str) -> dict[str, object]:
    """Return how many rows a condition holds for, and what the first measure that adds up weighs in their totals."""
    measure = next(iter(subject.additive), None)
    weighed = f"coalesce(sum({measure or 0}) FILTER ({subject.whole}), 0)"
    rows, weight = subject.rows(f"SELECT count(*), {weighed} FROM figures WHERE {condition}")[0]
    return {"rows": rows, "measure": measure or "", "weight": written(weight)}


def _year(column: FieldDeclaration, expression: str) -> str:
    """Return the SQL of the year of a date, or of a year written as a number or a text."""
    if column.type == "date":
        return f"year({expression})"
    return f"TRY_CAST(left(CAST({expression} AS VARCHAR), 4) AS INTEGER)"
