"""Formulas: sums over a dataset, read from the card's SQL and held to what a ratio of sums allows.

A formula is made of ``sum(measure)``, optionally followed by ``filter (where dimension = 'member')``, and of
additions, subtractions and products by a number. A mean, a division or a subquery is refused: a rate is the ratio of
the card's numerator to its denominator, both sums, so the mean of rates cannot be written.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from atelier.declarations import Dataset, FieldDeclaration, Indicator
from atelier.errors import Problem, UnknownNameError
from atelier.theme import Theme

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Paren, exp.Neg)
_MEANS = (exp.Avg, exp.Median, exp.Div)


class FormulaError(ValueError):
    """A formula breaks the rules; ``faults`` says which, one sentence each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Formula:
    """A checked formula.

    Attributes:
        expression: Its syntax tree, in DuckDB's dialect.
        named: Columns that a filter of the formula names.
    """

    expression: exp.Expr
    named: frozenset[str]

    @property
    def columns(self) -> frozenset[str]:
        """Return every column of the formula, measures included."""
        return frozenset(column.name for column in self.expression.find_all(exp.Column))

    @property
    def measures(self) -> frozenset[str]:
        """Return the columns that it sums."""
        sums = self.expression.find_all(exp.Sum)
        return frozenset(column.name for one in sums for column in one.this.find_all(exp.Column))

    def render(self, condition: Callable[[frozenset[str]], Sequence[str]]) -> str:
        """Return the formula's SQL, each sum limited to the rows it speaks of.

        Args:
            condition: Given the columns that a sum's own filter names, returns further conditions for that sum.
        """
        tree = self.expression.copy()
        for total in list(tree.find_all(exp.Sum)):
            conditions = _conditions(total, condition)
            if conditions:
                limited = exp.Filter(this=total.copy(), expression=exp.Where(this=exp.and_(*conditions)))
                parent = total.parent
                replaced = parent if isinstance(parent, exp.Filter) else total
                if replaced is tree:
                    tree = limited
                else:
                    replaced.replace(limited)
        return tree.sql(dialect="duckdb")

    def render_gaps(self, condition: Callable[[frozenset[str]], Sequence[str]]) -> str:
        """Return SQL that counts the rows its sums speak of and where what they add is missing.

        Args:
            condition: See ``render``.
        """
        counts = []
        for total in self.expression.find_all(exp.Sum):
            missing = exp.Is(this=exp.Paren(this=total.this.copy()), expression=exp.Null())
            where = exp.and_(*_conditions(total, condition), missing).sql(dialect="duckdb")
            counts.append(f"count(*) FILTER (WHERE {where})")
        return " + ".join(counts)


def _conditions(total: exp.Sum, condition: Callable[[frozenset[str]], Sequence[str]]) -> list[exp.Expr]:
    """Return what limits the rows of a sum: its own filter, then further conditions."""
    parent = total.parent
    own = [parent.expression.this.copy()] if isinstance(parent, exp.Filter) else []
    named = frozenset(column.name for part in own for column in part.find_all(exp.Column))
    return own + [_parse(text).copy() for text in condition(named)]


@lru_cache(maxsize=1024)
def _parse(text: str) -> exp.Expr:
    """Return the tree of a text, the same for every question that holds it: copy it before you change it."""
    return sqlglot.parse_one(text, read="duckdb")


def read_formula(text: str, dataset: Dataset) -> Formula:
    """Return a formula checked against the dataset it sums.

    Raises:
        FormulaError: It cannot be parsed, is not made of sums, or names no such column or member.
    """
    try:
        tree = _parse(text)
    except SqlglotError as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise FormulaError([f"{text!r} cannot be parsed ({reason}): write sum(measure)."]) from error
    fields: dict[str, FieldDeclaration] = {}
    for field in dataset.fields:
        fields.setdefault(field.name, field)  # a name declared twice is told elsewhere: the first one holds
    faults = list(_faults_of_sums(tree, fields))
    if faults:
        raise FormulaError(faults)
    named = frozenset(column.name for where in tree.find_all(exp.Where) for column in where.this.find_all(exp.Column))
    return Formula(tree, named)


def check_indicators(theme: Theme) -> list[Problem]:
    """Return the mistakes of every indicator's formulas, unit and dimensions, as far as its dataset can be read."""
    problems: list[Problem] = []
    for name, indicator in theme.indicators.items():
        file, dataset = f"indicators/{name}.toml", theme.datasets.get(indicator.dataset)
        problems += _check_formula_keys(file, indicator)
        if dataset is None:
            continue
        below = theme.datasets.get(indicator.denominator_dataset or indicator.dataset)
        problems += _check_formula(file, "numerator", indicator.numerator, dataset)
        if below is not None:
            problems += _check_formula(file, "denominator", indicator.denominator, below)
        measures = [field.name for field in dataset.fields if field.role == "measure"]
        problems += [
            Problem(file, key, f"unknown measure {column!r}: choose among {', '.join(measures)}.")
            for key, column in (("value", indicator.value), ("base", indicator.base))
            if column and column not in measures
        ]
        problems += _check_dimensions(file, theme, indicator)
        problems += _check_unit(file, theme, indicator)
        problems += _check_respondent(file, theme, indicator)
    return problems


def dimension_names(theme: Theme, dataset: Dataset) -> list[str]:
    """Return the identifiers of a dataset's dimensions: its own columns, then those of the references they point to."""
    names = []
    for field in dataset.fields:
        if field.role in ("time", "dimension"):
            names.append(field.dimension)
            if field.reference:
                names += [dimension.dimension for dimension in theme.references[field.reference].dimensions]
    return names


def _check_formula_keys(file: str, indicator: Indicator) -> Iterator[Problem]:
    if indicator.numerator is None and indicator.value is None:
        yield Problem(file, "numerator", "missing: give a numerator (a sum) or a value (a measure published as it is).")
    if indicator.numerator is not None and indicator.value is not None:
        yield Problem(file, "value", "a numerator is given too: keep one of them.")
    if indicator.value is None and indicator.base is not None:
        yield Problem(file, "base", "only a value published as it is has a base: remove it.")
    for key in ("denominator", "share_of", "base_year"):
        if indicator.value and getattr(indicator, key):
            yield Problem(file, key, "a value published as it is has no denominator, share nor base year: remove it.")
    for key in ("denominator_dataset", "denominator_shift", "share_of"):
        if indicator.denominator is None and indicator.value is None and getattr(indicator, key):
            yield Problem(file, key, "there is no denominator: add one, or remove this key.")
    if indicator.base_year and indicator.denominator is not None:
        yield Problem(file, "denominator", "an index is its numerator over its first year: remove it.")


def _check_formula(file: str, key: str, text: str | None, dataset: Dataset) -> Iterator[Problem]:
    if text is not None:
        try:
            read_formula(text, dataset)
        except FormulaError as error:
            yield from (Problem(file, key, fault) for fault in error.faults)


def _check_dimensions(file: str, theme: Theme, indicator: Indicator) -> Iterator[Problem]:
    datasets = [theme.datasets.get(name) for name in (indicator.dataset, indicator.denominator_dataset) if name]
    if any(dataset is None or not _is_known_whole(theme, dataset) for dataset in datasets):
        return
    known = dimension_names(theme, theme.datasets[indicator.dataset])
    if indicator.denominator_dataset:
        below = dimension_names(theme, theme.datasets[indicator.denominator_dataset])
        known = [name for name in known if name in below]
    for key in ("dimensions", "share_of"):
        for dimension in getattr(indicator, key):
            if dimension not in known:
                yield Problem(file, key, str(UnknownNameError("dimension", dimension, known)))
            elif key == "share_of" and indicator.dimensions and dimension not in indicator.dimensions:
                yield Problem(file, key, f"{dimension!r} is not among the indicator's dimensions: add it there.")


def _is_known_whole(theme: Theme, dataset: Dataset) -> bool:
    shown = [field for field in dataset.fields if field.role in ("time", "dimension") and field.reference]
    return all(field.reference in theme.references for field in shown)


def _check_unit(file: str, theme: Theme, indicator: Indicator) -> Iterator[Problem]:
    unit = theme.card.units.get(indicator.unit)
    if unit is None:
        return
    if unit.kind == "share" and indicator.denominator is None and indicator.value is None:
        yield Problem(file, "denominator", "missing: a share is the ratio of two sums.")
    if unit.kind == "count" and indicator.denominator is not None:
        yield Problem(file, "unit", "a count has no denominator: choose another unit or remove it.")
    if unit.kind == "share":
        for threshold in indicator.thresholds:
            if not 0 <= threshold.value <= 1:
                yield Problem(file, "thresholds", f"{threshold.value:g} is not a share: write 0.83 for 83 %.")
    if unit.kind != "number" and indicator.base_year:
        yield Problem(file, "unit", f"an index is no {unit.kind}: choose a unit of kind 'number'.")


def _check_respondent(file: str, theme: Theme, indicator: Indicator) -> Iterator[Problem]:
    """Yield what would set a numerator against a denominator of another perimeter."""
    respondent, other = theme.datasets[indicator.dataset].respondent, indicator.denominator_dataset
    if other in theme.datasets:
        if respondent is None:
            message = f"dataset {indicator.dataset!r} names no respondent to match the two datasets by: add it."
            yield Problem(file, "denominator_dataset", message)
        elif not _references(theme, indicator.dataset, respondent) & _references(theme, str(other), respondent):
            message = f"dataset {other!r} has no {respondent!r} with the same reference: the two cannot be matched."
            yield Problem(file, "denominator_dataset", message)
    for key in ("share_of", "base_year"):
        if respondent and getattr(indicator, key):
            message = f"each {respondent} answers for itself, and may not at every year: not offered, remove it."
            yield Problem(file, key, message)


def _references(theme: Theme, dataset: str, column: str) -> set[str | None]:
    return {field.reference for field in theme.datasets[dataset].fields if field.name == column}


def _faults_of_sums(node: exp.Expr, fields: dict[str, FieldDeclaration]) -> Iterator[str]:
    if isinstance(node, _ARITHMETIC):
        for child in node.iter_expressions():
            yield from _faults_of_sums(child, fields)
    elif isinstance(node, exp.Filter):
        yield from _faults_of_sums(node.this, fields)
        yield from _faults_of_filter(node.expression.this, fields)
    elif isinstance(node, exp.Sum):
        yield from _faults_of_summed(node.this, fields)
    elif isinstance(node, _MEANS):
        yield f"{node.sql()!r}: a rate is never averaged nor divided here: give its numerator and its denominator."
    elif not (isinstance(node, exp.Literal) and not node.is_string):
        yield f"{node.sql()!r} is not a sum: write sum(measure), with + - * between sums."


def _faults_of_summed(node: exp.Expr, fields: dict[str, FieldDeclaration]) -> Iterator[str]:
    measures = [name for name, field in fields.items() if field.role == "measure"]
    for found in node.walk():
        if isinstance(found, exp.Column):
            if found.name not in measures:
                yield f"unknown measure {found.name!r}: choose among {', '.join(measures)}."
        elif not isinstance(found, (*_ARITHMETIC, exp.Literal, exp.Identifier)):
            yield f"{found.sql()!r} cannot stand inside sum(): use measures and + - *."
            return


def _faults_of_filter(node: exp.Expr, fields: dict[str, FieldDeclaration]) -> Iterator[str]:
    for found in node.find_all(exp.Query, exp.AggFunc, exp.Window):
        yield f"{found.sql()!r} cannot stand in a filter: compare columns with members."
        return
    for found in node.find_all(exp.Column):
        if found.name not in fields:
            yield f"unknown column {found.name!r} in a filter: choose among {', '.join(fields)}."
    for comparison in node.find_all(exp.EQ, exp.NEQ, exp.In):
        if not isinstance(comparison.this, exp.Column):
            yield f"{comparison.sql()!r}: write the column first."
        elif comparison.this.name in fields:
            members = [member.code for member in fields[comparison.this.name].members]
            for literal in [value.this for value in comparison.find_all(exp.Literal)] if members else []:
                if literal not in members:
                    yield f"unknown {comparison.this.name} {literal!r}: choose among {', '.join(members)}."
