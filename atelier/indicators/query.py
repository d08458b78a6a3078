"""One question, one SQL query: numerator and denominator as sums, or a value published as it is, for any breakdown."""

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


@dataclass(frozen=True)
class Relation:
    """A dataset to query.

    Attributes:
        name: Relation in DuckDB, with one column per dimension.
        dataset: Its declaration.
    """

    name: str
    dataset: Dataset


def build_query(
    above: Relation, below: Relation, indicator: Indicator, breakdown: Breakdown, base_year: str | None = None
) -> Query:
    """Return the query that answers a question: columns of the breakdown, then ``numerator`` and ``denominator``.

    A column with ``_T`` rows that is neither asked nor named by a sum's own filter is held to its total, so that
    nobody is counted twice. A source that gives statuses adds a column ``source``.

    Args:
        above: Where the numerator, or the published value, is.
        below: Where the denominator is, most often the same.
        indicator: The indicator.
        breakdown: The checked question.
        base_year: For an index, the year whose value is 100.
    """
    asked = _Range(breakdown.by, breakdown.filters)
    shapes: set[frozenset[str]] = set()
    if indicator.value is not None:
        return Query(_select_published(above, indicator, asked, shapes), frozenset(shapes))
    numerator = read_formula(str(indicator.numerator), above.dataset)
    if indicator.base_year:
        base = _Range(asked.without(["year"]).by, {**asked.filters, "year": (str(base_year),)})
        denominator, over = numerator, base
    elif indicator.denominator is None:
        return Query(_select(above, {"numerator": numerator}, asked, shapes), frozenset(shapes))
    else:
        denominator, over = read_formula(indicator.denominator, below.dataset), asked.without(indicator.share_of)
    if over == asked and above == below and not indicator.denominator_shift:
        both = {"numerator": numerator, "denominator": denominator}
        return Query(_select(above, both, asked, shapes), frozenset(shapes))
    parts = _select(above, {"numerator": numerator}, asked, shapes)
    wholes = _select(below, {"denominator": denominator}, over, shapes, shift=indicator.denominator_shift)
    columns = [f"parts.{column_of(name)}" for name in asked.by]
    join = " AND ".join(f"parts.{column_of(name)} = wholes.{column_of(name)}" for name in over.by) or "true"
    source = ["parts.source"] if _status_of(above.dataset) else []
    sql = (
        f"WITH parts AS (\n{parts}\n), wholes AS (\n{wholes}\n)\n"
        f"SELECT {', '.join([*columns, 'parts.numerator', 'wholes.denominator', *source])}\n"
        f"FROM parts LEFT JOIN wholes ON {join}"
    )
    return Query(sql + (f"\nORDER BY {', '.join(columns)}" if columns else ""), frozenset(shapes))


def build_parts(
    above: Relation, below: Relation, indicator: Indicator, breakdown: Breakdown, *, base_year: str | None, key: str
) -> tuple[Query, ...]:
    """Return the sums behind an answer, each as a query of its own: the numerator, then the denominator.

    For relations that hold changes of the figures, each change with its number in the column ``key``. Each query gives
    the columns of the breakdown where a change shows, without repeats; the base stands for a value published as it is.

    Args:
        above: Changes of the numerator's dataset.
        below: Changes of the denominator's.
        indicator: The indicator.
        breakdown: The checked question.
        base_year: For an index, the year whose value is 100.
        key: Column that tells changes apart.
    """
    asked = _Range(breakdown.by, breakdown.filters)
    numerator = indicator.numerator or f"sum({indicator.base})"
    parts = [(above, numerator, asked, 0)]
    if indicator.base_year:
        base = _Range(asked.without(["year"]).by, {**asked.filters, "year": (str(base_year),)})
        parts.append((above, numerator, base, 0))
    elif indicator.denominator:
        over = asked.without(indicator.share_of)
        parts.append((below, indicator.denominator, over, indicator.denominator_shift))
    queries = []
    for relation, text, span, shift in parts:
        formulas = {"change": read_formula(text, relation.dataset)}
        shapes: set[frozenset[str]] = set()
        sql = _select(relation, formulas, _Range((*span.by, key), span.filters), shapes, shift=shift)
        columns = ", ".join(column_of(name) for name in span.by) or "true AS shown"
        queries.append(Query(f"SELECT DISTINCT {columns} FROM ({sql}) WHERE abs(change) > 1e-6", frozenset(shapes)))
    return tuple(queries)


def _select_published(relation: Relation, indicator: Indicator, span: _Range, shapes: set[frozenset[str]]) -> str:
    """Return SQL for a measure published as it is, with the number of rows that stand behind each cell."""
    dataset = relation.dataset
    with_totals = [field.name for field in dataset.fields if field.total]
    asked = {column_of(name) for name in (*span.by, *span.filters)}
    shapes.add(frozenset(column for column in with_totals if column in asked))
    base = [f"sum({indicator.base}) AS base"] if indicator.base else []
    sums = [f"any_value({indicator.value}) AS numerator", *base, "count(*) AS rows_behind"]
    conditions = [_margin(column, asked) for column in with_totals]
    return _write(relation, sums, conditions, span)


def _select(
    relation: Relation,
    formulas: Mapping[str, Formula],
    span: _Range,
    shapes: set[frozenset[str]],
    *,
    shift: int = 0,
) -> str:
    with_totals = [field.name for field in relation.dataset.fields if field.total]
    asked = {column_of(name) for name in (*span.by, *span.filters)}
    named_by_all = frozenset.intersection(*(formula.named for formula in formulas.values()))
    named_by_any = frozenset.union(*(formula.named for formula in formulas.values()))
    # A column that no formula names is held to its total, or to its members, once for all in WHERE.
    common = [column for column in with_totals if column not in named_by_any]

    def own_conditions(named: frozenset[str]) -> list[str]:
        shapes.add(frozenset(column for column in with_totals if column in asked or column in named))
        return [_margin(column, asked) for column in with_totals if column not in named and column not in common]

    conditions = [_margin(column, asked) for column in common]
    conditions += [f"{column} <> '{TOTAL}'" for column in with_totals if column in named_by_all]
    sums = [f"{formula.render(own_conditions)} AS {alias}" for alias, formula in formulas.items()]
    return _write(relation, sums, conditions, span, shift=shift)


def _write(relation: Relation, sums: list[str], conditions: list[str], span: _Range, *, shift: int = 0) -> str:
    """Return ``SELECT … FROM … WHERE … GROUP BY …``; a shift moves years forward to those they are set against."""
    year = f"year - ({shift})" if shift else "year"
    columns = [column_of(name) for name in span.by]
    status = _status_of(relation.dataset)
    told = [f"string_agg(DISTINCT {status}, '') AS source"] if status else []
    selected = [f"{year} AS year" if shift and column == "year" else column for column in columns]
    for name, codes in span.filters.items():
        listed = ", ".join(_literal(name, code) for code in codes)
        conditions.append(f"{year if name == 'year' else column_of(name)} IN ({listed})")
    lines = [f"SELECT {', '.join([*selected, *sums, *told])}", f"FROM {relation.name}"]
    if conditions:
        lines.append(f"WHERE {' AND '.join(conditions)}")
    if columns:
        grouped = [year if column == "year" else column for column in columns]
        lines.append(f"GROUP BY {', '.join(grouped)}")
    return "\n".join(lines)


def _margin(column: str, asked: set[str]) -> str:
    return f"{column} {'<>' if column in asked else '='} '{TOTAL}'"


def _status_of(dataset: Dataset) -> str | None:
    return next((field.name for field in dataset.fields if field.role == "status"), None)


def _literal(name: str, code: str) -> str:
    if name == "year":
        return str(int(code))
    escaped = code.replace("'", "''")
    return f"'{escaped}'"
