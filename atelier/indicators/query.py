"""One question, one SQL query: numerator and denominator as sums, or a value published as it is, for any breakdown."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from atelier.declarations import TOTAL, Dataset, Indicator, column_of
from atelier.indicators.breakdown import Breakdown
from atelier.indicators.definition import Formula, read_formula
from atelier.theme import Theme


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
class Span:
    """The rows one aggregate ranges over.

    Attributes:
        by: Dimensions it is broken down by.
        filters: Codes kept, by dimension.
    """

    by: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]

    @property
    def named(self) -> tuple[str, ...]:
        """Every dimension it names, in its breakdown or in a filter."""
        return (*self.by, *self.filters)

    def without(self, dimensions: Sequence[str]) -> "Span":
        """Return the same rows, whatever their codes of these dimensions."""
        return Span(
            tuple(name for name in self.by if name not in dimensions),
            {name: codes for name, codes in self.filters.items() if name not in dimensions},
        )


@dataclass(frozen=True)
class Relation:
    """A dataset to query.

    Attributes:
        name: Relation in DuckDB, with one column per dimension.
        dataset: Its declaration.
        carried: Columns that a dimension's reference brings, by dimension: the region of an institution.
    """

    name: str
    dataset: Dataset
    carried: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def asked(self, dimensions: Iterable[str]) -> set[str]:
        """Return the columns a question asks members of; asking for a region asks for the institutions in it."""
        named = {column_of(name) for name in dimensions}
        return named | {column for column, brought in self.carried.items() if named.intersection(brought)}


def carried_columns(theme: Theme, dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """Return the columns that each dimension's reference brings, by dimension; see ``Relation``."""
    return {
        one.name: tuple(attribute.column for attribute in theme.references[one.reference].dimensions)
        for one in dataset.fields
        if one.role == "dimension" and one.reference
    }


def code_column(column: str) -> str:
    """Return the column that keeps the code a row was published under, before any merger."""
    return f"{column}_code"


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
    asked = Span(breakdown.by, breakdown.filters)
    shapes: set[frozenset[str]] = set()
    if indicator.value is not None:
        return Query(_select_published(above, indicator, asked, shapes), frozenset(shapes))
    numerator = read_formula(str(indicator.numerator), above.dataset)
    if indicator.base_year:
        return Query(_select_index(above, numerator, asked, shapes, str(base_year)), frozenset(shapes))
    if indicator.denominator is None:
        return Query(select_sums(above, {"numerator": numerator}, asked, shapes), frozenset(shapes))
    denominator, over = read_formula(indicator.denominator, below.dataset), asked.without(indicator.share_of)
    if over == asked and above == below and not indicator.denominator_shift:
        both = {"numerator": numerator, "denominator": denominator}
        return Query(select_sums(above, both, asked, shapes), frozenset(shapes))
    parts = select_sums(above, {"numerator": numerator}, asked, shapes)
    wholes = select_sums(below, {"denominator": denominator}, over, shapes, shift=indicator.denominator_shift)
    told = bool(statuses_of(above.dataset, numerator.columns))
    return Query(_join(parts, wholes, asked.by, over.by, told=told), frozenset(shapes))


def _select_index(relation: Relation, formula: Formula, span: Span, shapes: set[frozenset[str]], base: str) -> str:
    """Return SQL that sets each sum beside that of the base year, one of those asked: rows are read once."""
    parts = select_sums(relation, {"numerator": formula}, span, shapes)
    over = span.without(["year"]).by
    columns = ", ".join([*map(column_of, over), "numerator AS denominator"])
    wholes = f"SELECT {columns} FROM parts WHERE year = {_literal('year', base)}"
    return _join(parts, wholes, span.by, over, told=bool(statuses_of(relation.dataset, formula.columns)))


def _join(parts: str, wholes: str, by: Sequence[str], over: Sequence[str], *, told: bool) -> str:
    """Return SQL that sets each part beside its whole; a part without a whole is kept."""
    columns = [f"parts.{column_of(name)}" for name in by]
    join = " AND ".join(f"parts.{column_of(name)} = wholes.{column_of(name)}" for name in over) or "true"
    source = ["parts.source"] if told else []
    sql = (
        f"WITH parts AS (\n{parts}\n), wholes AS (\n{wholes}\n)\n"
        f"SELECT {', '.join([*columns, 'parts.numerator', 'wholes.denominator', *source])}\n"
        f"FROM parts LEFT JOIN wholes ON {join}"
    )
    return sql + (f"\nORDER BY {', '.join(columns)}" if columns else "")


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
    asked = Span(breakdown.by, breakdown.filters)
    numerator = indicator.numerator or f"sum({indicator.base})"
    parts = [(above, numerator, asked, 0)]
    if indicator.base_year:
        base = Span(asked.without(["year"]).by, {**asked.filters, "year": (str(base_year),)})
        parts.append((above, numerator, base, 0))
    elif indicator.denominator:
        over = asked.without(indicator.share_of)
        parts.append((below, indicator.denominator, over, indicator.denominator_shift))
    queries = []
    for relation, text, span, shift in parts:
        formulas = {"change": read_formula(text, relation.dataset)}
        shapes: set[frozenset[str]] = set()
        sql = select_sums(relation, formulas, Span((*span.by, key), span.filters), shapes, shift=shift)
        columns = ", ".join(column_of(name) for name in span.by) or "true AS shown"
        queries.append(Query(f"SELECT DISTINCT {columns} FROM ({sql}) WHERE abs(change) > 1e-6", frozenset(shapes)))
    return tuple(queries)


def _select_published(relation: Relation, indicator: Indicator, span: Span, shapes: set[frozenset[str]]) -> str:
    """Return SQL for a measure published as it is, with the numbers of rows and of published codes behind each cell."""
    with_totals = [field.name for field in relation.dataset.fields if field.total]
    asked = relation.asked(span.named)
    shapes.add(frozenset(column for column in with_totals if column in asked))
    base = [f"sum({indicator.base}) AS base"] if indicator.base else []
    codes = ", ".join(code_column(column) for column in relation.carried) or "0"
    behind = ["count(*) AS rows_behind", f"count(DISTINCT ({codes})) AS codes_behind"]
    sums = [f"any_value({indicator.value}) AS numerator", *base, *behind]
    conditions = [_margin(column, asked) for column in with_totals]
    return _write(relation, sums, conditions, span, measures={str(indicator.value)})


def select_sums(
    relation: Relation,
    formulas: Mapping[str, Formula],
    span: Span,
    shapes: set[frozenset[str]],
    *,
    shift: int = 0,
    also_by: Mapping[str, str] | None = None,
) -> str:
    """Return SQL that sums formulas over a relation.

    Args:
        relation: The dataset.
        formulas: By the name of their column.
        span: Rows and breakdown.
        shapes: Gets the columns with ``_T`` rows that each sum asks members of.
        shift: Years to move forward, to those the sums are set against.
        also_by: Expressions to break down by too, by the name of their column; a column ``gaps`` then counts the rows
            whose measure is missing.
    """
    with_totals = [field.name for field in relation.dataset.fields if field.total]
    asked = relation.asked(span.named)
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
    if also_by:
        sums.append(" + ".join(formula.render_gaps(own_conditions) for formula in formulas.values()) + " AS gaps")
    measures = frozenset.union(*(formula.columns for formula in formulas.values()))
    return _write(relation, sums, conditions, span, measures=measures, shift=shift, also_by=also_by or {})


def _write(
    relation: Relation,
    sums: list[str],
    conditions: list[str],
    span: Span,
    *,
    measures: Collection[str],
    shift: int = 0,
    also_by: Mapping[str, str] | None = None,
) -> str:
    """Return ``SELECT … FROM … WHERE … GROUP BY …``; a shift moves years forward to those they are set against."""
    year = f"year - ({shift})" if shift else "year"
    columns = [column_of(name) for name in span.by]
    statuses = ", ".join(statuses_of(relation.dataset, measures))
    told = [f"string_agg(DISTINCT concat({statuses}), '') AS source"] if statuses else []
    selected = [f"{year} AS year" if shift and column == "year" else column for column in columns]
    selected += [f"{expression} AS {name}" for name, expression in (also_by or {}).items()]
    for name, codes in span.filters.items():
        listed = ", ".join(_literal(name, code) for code in codes)
        conditions.append(f"{year if name == 'year' else column_of(name)} IN ({listed})")
    lines = [f"SELECT {', '.join([*selected, *sums, *told])}", f"FROM {relation.name}"]
    if conditions:
        lines.append(f"WHERE {' AND '.join(conditions)}")
    grouped = [year if column == "year" else column for column in columns] + list((also_by or {}).values())
    if grouped:
        lines.append(f"GROUP BY {', '.join(grouped)}")
    return "\n".join(lines)


def _margin(column: str, asked: set[str]) -> str:
    return f"{column} {'<>' if column in asked else '='} '{TOTAL}'"


def statuses_of(dataset: Dataset, measures: Collection[str]) -> list[str]:
    """Return the status columns that tell of some of the measures, none where the source gives no status."""
    statuses = [field for field in dataset.fields if field.role == "status"]
    return [status.name for status in statuses if status.of is None or status.of in measures]


def _literal(name: str, code: str) -> str:
    if name == "year":
        return str(int(code))
    escaped = code.replace("'", "''")
    return f"'{escaped}'"
