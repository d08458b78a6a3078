"""Checks of totals: parts that add up, parts within their whole, totals and margins that are there."""

from collections.abc import Iterator

from atelier.datasets.checks.catalogue import Finding, Subject, Tolerance, built_in, listed
from atelier.declarations import TOTAL, FieldDeclaration

_ROUNDING = 1e-9
"""Relative error of sums of floating numbers, not to be taken for a fault."""


def _has_margins(subject: Subject) -> bool:
    return bool(subject.margins)


@built_in("totals-equal-parts", applies=lambda s: any(one.partition for one in s.margins), tolerance=0.0)
def find_parts_not_adding_up(subject: Subject, tolerance: Tolerance) -> Iterator[Finding]:
    """Yield, for each dimension whose members partition the whole, the totals that are not the sum of their parts.

    Totals one part of which is blank are left to ``parts-within-total``.
    """
    for one in subject.margins:
        if one.partition:
            for measure in _parted(subject, one):
                apart = f"blank = 0 AND abs(parts - total) > {max(tolerance(one.name), _ROUNDING)} * abs(total)"
                yield from subject.find(_compared(subject, one, measure, apart), one.name, {"measure": measure})


@built_in("parts-within-total", applies=_has_margins, tolerance=0.0)
def find_parts_over_total(subject: Subject, tolerance: Tolerance) -> Iterator[Finding]:
    """Yield the parts larger than their total, which would give shares over 100 %.

    Complete partitions are left to ``totals-equal-parts``.
    """
    for one in subject.margins:
        for measure in _parted(subject, one):
            unsure = "blank > 0" if one.partition else "true"
            over = f"{unsure} AND total >= 0 AND largest > total * {1 + max(tolerance(one.name), _ROUNDING)}"
            yield from subject.find(_compared(subject, one, measure, over), one.name, {"measure": measure})


def _parted(subject: Subject, dimension: FieldDeclaration) -> list[str]:
    """Return the measures that add up and that the source gives by this dimension."""
    filled = [f"count({measure}) > 0" for measure in subject.additive]
    rows = subject.rows(f"SELECT {listed(filled)} FROM figures WHERE {dimension.name} <> '{TOTAL}'") if filled else []
    return [measure for measure, given in zip(subject.additive, rows[0] if rows else (), strict=True) if given]


def _compared(subject: Subject, dimension: FieldDeclaration, measure: str, condition: str) -> str:
    """Return the query that sets each total of a dimension beside its parts."""
    name = dimension.name
    others = [column for column in subject.key if column != name]
    return (
        f"SELECT {listed([*others, 'parts', 'total'])} FROM ("
        f"SELECT {''.join(f'{column}, ' for column in others)}"
        f"sum({measure}) FILTER ({name} <> '{TOTAL}') AS parts, "
        f"max({measure}) FILTER ({name} <> '{TOTAL}') AS largest, "
        f"any_value({measure}) FILTER ({name} = '{TOTAL}') AS total, "
        f"count(*) FILTER ({name} <> '{TOTAL}' AND {measure} IS NULL) AS blank "
        f"FROM figures GROUP BY {listed(others) or 'true'}"
        f") WHERE {condition} ORDER BY abs(parts - total) DESC, {listed([*others, 'parts'])}"
    )


@built_in("total-rows", applies=_has_margins)
def find_totals_missing(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the years, institutions and the like whose rows are all parts: the total row is not there."""
    gathered = [(subject.entity, subject.whole)]
    gathered += [
        ([name for name in subject.entity if name != one.name], f"{one.name} = '{TOTAL}'")
        for one in subject.margins
        if one.reference
    ]
    for entity, total in gathered:
        if entity:
            missing = f"count(*) FILTER ({total}) = 0"
            query = f"SELECT {listed(entity)} FROM figures GROUP BY {listed(entity)} HAVING {missing} ORDER BY ALL"
            yield from subject.find(query, listed(entity))


@built_in("missing-margins", "warning", applies=_has_margins, tolerance=0.0)
def find_margins_missing(subject: Subject, tolerance: Tolerance) -> Iterator[Finding]:
    """Yield, for each dimension, the years, institutions and the like that are not broken down by it as others are.

    Up to ``tolerance``, a share of them, may lack a dimension.
    """
    entity = listed(subject.entity)
    for one in subject.parted if entity else []:
        broken = f"count(*) FILTER ({one.name} <> '{TOTAL}')"
        query = f"SELECT {entity}, {broken} AS parts, count(*) OVER () AS counted FROM figures GROUP BY {entity}"
        lacking = f"SELECT {entity} FROM (SELECT *, count(*) FILTER (parts = 0) OVER () AS lacking FROM ({query})) "
        few = f"lacking < counted AND lacking > {tolerance(one.name)} * counted"
        yield from subject.find(f"{lacking} WHERE parts = 0 AND {few} ORDER BY ALL", one.name)
