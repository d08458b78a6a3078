"""One question, one SQL query: numerator and denominator as sums, for any breakdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from atelier.declarations import TOTAL, Dataset, Indicator, column_of
from atelier.indicators.breakdown import Breakdown
from atelier.indicators.definition import Formula, read_formula


@dataclass(frozen=True)
class Query:
    """A query ready to run.

    Attributes:
        sql: DuckDB SQL over the dataset's relation.
        shapes: For each sum, the columns with ``_T`` rows that it asks members of; the dataset must cross them.
    """

    sql: str
    shapes: frozenset[frozenset[str]]


@dataclass(frozen=True)
class _Range:
    """The rows one aggregate ranges over: its breakdown and filters."""

    by: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]

    def without(self, dimensions: Sequence[str]) -> "_Range":
        return _Range(
            tuple(name for name in self.by if name not in dimensions),
            {name: codes for name, codes in self.filters.items() if name not in dimensions},
        )


def build_query(
    relation: str, dataset: Dataset, indicator: Indicator, breakdown: Breakdown, base_year: str | None = None
) -> Query:
    """Return the query that answers a question: columns of the breakdown, then ``numerator`` and ``denominator``.

    A column with ``_T`` rows that is neither asked nor named by a sum's own filter is held to its total, so that
    nobody is counted twice.

    Args:
        relation: Relation of the dataset, with one column per dimension.
        dataset: Its declaration.
        indicator: The indicator.
        breakdown: The checked question.
        base_year: For an index, the year whose value is 100.
    """
    asked = _Range(breakdown.by, breakdown.filters)
    numerator = read_formula(indicator.numerator, dataset)
    shapes: set[frozenset[str]] = set()
    if indicator.base_year:
        base = _Range(asked.without(["year"]).by, {**asked.filters, "year": (str(base_year),)})
        denominator, over = numerator, base
    elif indicator.denominator is None:
        return Query(_select(relation, dataset, {"numerator": numerator}, asked, shapes), frozenset(shapes))
    else:
        denominator, over = read_formula(indicator.denominator, dataset), asked.without(indicator.share_of)
    if over == asked:
        both = {"numerator": numerator, "denominator": denominator}
        return Query(_select(relation, dataset, both, asked, shapes), frozenset(shapes))
    parts = _select(relation, dataset, {"numerator": numerator}, asked, shapes)
    wholes = _select(relation, dataset, {"denominator": denominator}, over, shapes)
    columns = ", ".join(f"parts.{column_of(name)}" for name in asked.by)
    join = " AND ".join(f"parts.{column_of(name)} = wholes.{column_of(name)}" for name in over.by) or "true"
    sql = (
        f"WITH parts AS (\n{parts}\n), wholes AS (\n{wholes}\n)\n"
        f"SELECT {columns}, parts.numerator, wholes.denominator\n"
        f"FROM parts LEFT JOIN wholes ON {join}\n"
        f"ORDER BY {columns}"
    )
    return Query(sql, frozenset(shapes))


def _select(
    relation: str, dataset: Dataset, formulas: Mapping[str, Formula], span: _Range, shapes: set[frozenset[str]]
) -> str:
    with_totals = [field.name for field in dataset.fields if field.total]
    asked = {column_of(name) for name in (*span.by, *span.filters)}
    named_by_all = frozenset.intersection(*(formula.named for formula in formulas.values()))

    def margin(column: str) -> str:
        return f"{column} {'<>' if column in asked else '='} '{TOTAL}'"

    def own_conditions(named: frozenset[str]) -> list[str]:
        shapes.add(frozenset(column for column in with_totals if column in asked or column in named))
        return [margin(column) for column in with_totals if column not in named and column not in common]

    # A column that no formula names is held to its total, or to its members, once for all in WHERE.
    named_by_any = frozenset.union(*(formula.named for formula in formulas.values()))
    common = [column for column in with_totals if column not in named_by_any]
    where = [margin(column) for column in common]
    where += [f"{column} <> '{TOTAL}'" for column in with_totals if column in named_by_all]
    for name, codes in span.filters.items():
        listed = ", ".join(_literal(name, code) for code in codes)
        where.append(f"{column_of(name)} IN ({listed})")
    columns = [column_of(name) for name in span.by]
    sums = [f"{formula.render(own_conditions)} AS {alias}" for alias, formula in formulas.items()]
    lines = [f"SELECT {', '.join([*columns, *sums])}", f"FROM {relation}"]
    if where:
        lines.append(f"WHERE {' AND '.join(where)}")
    if columns:
        lines += [f"GROUP BY {', '.join(columns)}", f"ORDER BY {', '.join(columns)}"]
    return "\n".join(lines)


def _literal(name: str, code: str) -> str:
    if name == "year":
        return str(int(code))
    escaped = code.replace("'", "''")
    return f"'{escaped}'"
