"""Checks of code lists through time: codes, dates and successions that cannot all be true.

A code may stand on several rows when dates keep them apart: one row for each version of it.
"""

from collections.abc import Iterator
from typing import cast

from atelier.datasets.checks.catalogue import Finding, Subject, Tolerance, built_in, is_reference, listed
from atelier.declarations import Reference


def _list(subject: Subject) -> Reference:
    """Return the declaration of a code list, which each ``applies`` below has told it is."""
    return cast("Reference", subject.table)


def _has_versions(subject: Subject) -> bool:
    """Return whether the key lets a code stand on several rows; ``key-unique`` holds the other lists."""
    return is_reference(subject) and subject.key != [_list(subject).code]


def _has_dates(subject: Subject) -> bool:
    return is_reference(subject) and bool(_list(subject).valid_from and _list(subject).valid_to)


def _has_dated_successors(subject: Subject) -> bool:
    return _has_dates(subject) and bool(_list(subject).successor)


def _has_links(subject: Subject) -> bool:
    return bool(subject.links)


@built_in("duplicated-code", applies=_has_versions)
def find_codes_doubled(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the codes that stand on several rows that no date keeps apart."""
    table = _list(subject)
    apart = listed([table.code, *([table.valid_from] if table.valid_from else [])])
    query = f"SELECT {apart} FROM figures GROUP BY {apart} HAVING count(*) > 1 ORDER BY ALL"
    yield from subject.find(query, table.code)


@built_in("inverted-dates", applies=_has_dates)
def find_dates_inverted(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the codes that end before they begin."""
    table = _list(subject)
    dates = f"SELECT {table.code}, {table.valid_from}, {table.valid_to} FROM figures"
    yield from subject.find(f"{dates} WHERE {table.valid_to} < {table.valid_from} ORDER BY ALL", str(table.valid_to))


@built_in("overlapping-dates", applies=_has_dates)
def find_versions_overlapping(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the versions of a code that have no end, or end on or after the day the next one begins."""
    table = _list(subject)
    versions = (
        f"SELECT {table.code}, {table.valid_from} AS begins, {table.valid_to} AS ends, lead({table.valid_from}) "
        f"OVER (PARTITION BY {table.code} ORDER BY {table.valid_from} NULLS FIRST) AS next FROM figures"
    )
    wrong = "next IS NOT NULL AND begins IS DISTINCT FROM next AND coalesce(ends >= next, true)"
    yield from subject.find(f"SELECT * FROM ({versions}) WHERE {wrong} ORDER BY ALL", str(table.valid_to))


@built_in("orphan-successor", applies=_has_links)
def find_successors_absent(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the codes whose successor, or the member they are another number of, is not in the list."""
    table = _list(subject)
    for column in subject.links:
        known = f"SELECT {table.code} FROM figures"
        query = f"SELECT {table.code}, {column} FROM figures WHERE {column} NOT IN ({known}) ORDER BY ALL"
        yield from subject.find(query, column)


@built_in("cyclic-successors", applies=_has_links)
def find_successions_in_circles(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the circles of codes that succeed to themselves, each once, from its smallest code."""
    table = _list(subject)
    following: dict[object, object] = {}
    for column in subject.links:
        rows = subject.rows(f"SELECT {table.code}, {column} FROM figures WHERE {column} IS NOT NULL")
        following.update((code, heir) for code, heir in rows)
    circles = [path for start in sorted(following, key=str) if (path := _circle(following, start))]
    if circles:
        yield Finding(subject.links[0], len(circles), tuple(" → ".join(map(str, path)) for path in circles))


def _circle(following: dict[object, object], start: object) -> list[object]:
    """Return the way from a code back to itself, when it is the smallest on it; nothing otherwise."""
    path = [start]
    while (heir := following.get(path[-1])) is not None and heir not in path:
        path.append(heir)
    return [*path, start] if heir == start and start == min(path, key=str) else []


@built_in("early-successor", "warning", applies=_has_dated_successors)
def find_successions_early(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the codes counted under their successor before they end, or before it begins.

    Where successions are not dated, the successor itself must begin after the code ends: a code that is absorbed by
    one that was there already needs a date to be told from a mistake.
    """
    table = _list(subject)
    begins = f"SELECT {table.code}, min({table.valid_from}) AS begins FROM figures GROUP BY {table.code}"
    if table.succeeded_in:
        wrong = f"code.{table.succeeded_in} <= code.{table.valid_to} OR code.{table.succeeded_in} < heir.begins"
    else:
        wrong = f"heir.begins <= code.{table.valid_to}"
    query = (
        f"SELECT DISTINCT code.{table.code}, code.{table.valid_to}, code.{table.successor}, heir.begins "
        f"FROM figures AS code JOIN ({begins}) AS heir ON heir.{table.code} = code.{table.successor} "
        f"WHERE {wrong} ORDER BY ALL"
    )
    yield from subject.find(query, str(table.successor))
