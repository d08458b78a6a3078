"""Sums over those that answered: a figure absent is missing, not zero, and both terms of a ratio have one perimeter.

In accounts or returns each respondent answers for itself. Three rules follow; each is one line of the query:

1. A respondent whose figure is missing, wholly or in one of its parts (an institution merged since, for which one of
   those it replaced gave no figure), has no figure: a partial sum is never passed off as its total.
2. A sum or a ratio over several respondents is taken over those that have every term of it; the others are counted.
3. Where the denominator comes from another dataset, a respondent must be whole in both: each code on one side has kin
   on the other, itself or one that replaced it or that it replaced. A code that adds nothing needs none.
"""

from collections.abc import Mapping

from atelier.declarations import Indicator, column_of
from atelier.indicators.breakdown import Breakdown
from atelier.indicators.definition import Formula, read_formula
from atelier.indicators.query import Query, Relation, Span, code_column, select_sums, statuses_of
from atelier.references import UNMATCHED


def build_respondent_query(
    above: Relation, below: Relation, indicator: Indicator, breakdown: Breakdown, kin: str | None
) -> Query:
    """Return the query that answers a question on a dataset of respondents.

    Its columns are those of ``query.build_query``, then ``respondents``, how many stand behind each cell, and
    ``absent``, how many of them are left out.

    Args:
        above: Where the numerator is, a dataset that declares a respondent.
        below: Where the denominator is.
        indicator: The indicator; not one published as it is.
        breakdown: The checked question.
        kin: Relation of the pairs of codes of which one replaced the other; None for institutions as they were.
    """
    span, shapes = Span(breakdown.by, breakdown.filters), set[frozenset[str]]()
    numerator = read_formula(str(indicator.numerator), above.dataset)
    denominator = read_formula(indicator.denominator, below.dataset) if indicator.denominator else None
    respondent = str(above.dataset.respondent)
    code = code_column(respondent)
    also_by = {"respondent": f"CASE WHEN {respondent} = '{UNMATCHED}' THEN {code} ELSE {respondent} END"}
    source = (
        ", string_agg(DISTINCT source, '') FILTER (WHERE complete) AS source"
        if statuses_of(above.dataset, numerator.columns)
        else ""
    )
    columns = [column_of(name) for name in span.by]
    listed = ", ".join(columns)
    is_matched = denominator is not None and (above != below or indicator.denominator_shift != 0)
    formulas = {"numerator": numerator} | ({"denominator": denominator} if denominator else {})
    if is_matched:
        sql = _match(
            above,
            below,
            formulas,
            span=span,
            shapes=shapes,
            shift=indicator.denominator_shift,
            also_by=also_by | {"code": code},
            kin=kin,
        )
    else:
        sums = select_sums(above, formulas, span, shapes, also_by=also_by)
        given = " AND ".join(f"{name} IS NOT NULL" for name in formulas)
        sql = f"WITH sums AS (\n{sums}\n), respondents AS (\nSELECT *, gaps = 0 AND {given} AS complete FROM sums\n)\n"
    sums = ", ".join(f"sum({name}) FILTER (WHERE complete) AS {name}" for name in formulas)
    sql += f"SELECT {', '.join([*columns, sums])}{source},\n"
    sql += "count(*) AS respondents, count(*) FILTER (WHERE NOT complete) AS absent\nFROM respondents"
    sql += f"\nGROUP BY {listed}" if columns else ""
    if is_matched:
        sql += "\nHAVING sum(asked) > 0"  # the other dataset alone makes no cell
    return Query(sql + (f"\nORDER BY {listed}" if columns else ""), frozenset(shapes))


def _match(
    above: Relation,
    below: Relation,
    formulas: Mapping[str, Formula],
    *,
    span: Span,
    shapes: set[frozenset[str]],
    shift: int,
    also_by: Mapping[str, str],
    kin: str | None,
) -> str:
    """Return SQL that gives one row per respondent of either dataset, and whether both know the whole of it."""
    parts, wholes = (
        select_sums(relation, {name: formulas[name]}, span, shapes, shift=moved, also_by=also_by)
        for name, relation, moved in (("numerator", above, 0), ("denominator", below, shift))
    )
    columns = [column_of(name) for name in span.by]
    # A code is kin to itself. Only plain equalities stand under EXISTS: Spark takes nothing else there.
    pairs = "SELECT code, code AS kin FROM parts" + (f" UNION SELECT code, kin FROM {kin}" if kin else "")
    together = " AND ".join(
        [
            *(f"wholes.{column} = parts.{column}" for column in columns),
            "pairs.code = parts.code",
            "pairs.kin = wholes.code",
        ]
    )
    listed = ", ".join([*columns, "respondent"])
    source = "source" if statuses_of(above.dataset, formulas["numerator"].columns) else "NULL AS source"
    return f"""WITH parts AS (
{parts}
), wholes AS (
{wholes}
), pairs AS (
{pairs}
), sides AS (
SELECT {listed}, numerator, NULL AS denominator, gaps, {source}, 1 AS asked,
coalesce(numerator = 0, false) OR EXISTS (SELECT 1 FROM wholes, pairs WHERE {together}) AS paired
FROM parts
UNION ALL
SELECT {listed}, NULL, denominator, gaps, NULL, 0,
coalesce(denominator = 0, false) OR EXISTS (SELECT 1 FROM parts, pairs WHERE {together})
FROM wholes
), respondents AS (
SELECT {listed}, sum(numerator) AS numerator, sum(denominator) AS denominator, string_agg(source, '') AS source,
max(asked) AS asked,
sum(gaps) = 0 AND bool_and(paired) AND sum(numerator) IS NOT NULL AND sum(denominator) IS NOT NULL AS complete
FROM sides
GROUP BY {listed}
)
"""
