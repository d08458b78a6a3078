"""Formulas: sums over a dataset, read from the card's SQL and held to what a ratio of sums allows.

A formula is made of ``sum(measure)``, optionally followed by ``filter (where dimension = 'member')``, and of
additions, subtractions and products by a number. A mean, a division or a subquery is refused: a rate is the ratio of
the card's numerator to its denominator, both sums, so the mean of rates cannot be written.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

import sqlglot
from sqlglot import exp

from atelier.declarations import Dataset, FieldDeclaration, Indicator
from atelier.errors import Problem
from atelier.theme import Theme

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Paren, exp.Neg)
_MEANS = (exp.Avg, exp.Median, exp.Div)


class FormulaError(ValueError):
    """A formula breaks the rules; the message says which."""


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
    return own + [sqlglot.parse_one(text, read="duckdb") for text in condition(named)]


def read_formula(text: str, dataset: Dataset) -> Formula:
    """Return a formula checked against the dataset it sums.

    Raises:
        FormulaError: It cannot be parsed, is not made of sums, or names no such column or member.
    """
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except sqlglot.ParseError as error:
        raise FormulaError(f"{text!r} cannot be parsed ({str(error).splitlines()[0]}).") from error
    fields = {field.name: field for field in dataset.fields}
    _require_sums(tree, fields, text)
    named = frozenset(column.name for where in tree.find_all(exp.Where) for column in where.this.find_all(exp.Column))
    return Formula(tree, named)


def check_indicators(theme: Theme) -> list[Problem]:
    """Return the mistakes of every indicator's formulas and dimensions."""
    problems = []
    for name, indicator in theme.indicators.items():
        file, dataset = f"indicators/{name}.toml", theme.datasets[indicator.dataset]
        below = theme.datasets[indicator.denominator_dataset or indicator.dataset]
        for key, text, summed in (
            ("numerator", indicator.numerator, dataset),
            ("denominator", indicator.denominator, below),
        ):
            try:
                _ = text and read_formula(text, summed)
            except FormulaError as error:
                problems.append(Problem(file, key, str(error)))
        measures = [field.name for field in dataset.fields if field.role == "measure"]
        problems += [
            Problem(file, key, f"unknown measure {column!r}: choose among {', '.join(measures)}.")
            for key, column in (("value", indicator.value), ("base", indicator.base))
            if column and column not in measures
        ]
        problems += _check_shape(file, theme, indicator)
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


def _check_shape(file: str, theme: Theme, indicator: Indicator) -> list[Problem]:
    known = dimension_names(theme, theme.datasets[indicator.dataset])
    if indicator.denominator_dataset:
        below = dimension_names(theme, theme.datasets[indicator.denominator_dataset])
        known = [name for name in known if name in below]
    problems = [
        Problem(file, key, f"unknown dimension {dimension!r}: choose among {', '.join(known)}.")
        for key in ("dimensions", "share_of")
        for dimension in getattr(indicator, key)
        if dimension not in known
    ]
    problems += _check_respondent(file, theme, indicator)
    kind = theme.card.units[indicator.unit].kind
    if kind == "share":
        problems += [
            Problem(file, "thresholds", f"{threshold.value:g} is not a share: write 0.83 for 83 %.")
            for threshold in indicator.thresholds
            if not 0 <= threshold.value <= 1
        ]
    if kind == "share" and indicator.denominator is None and indicator.value is None:
        problems.append(Problem(file, "denominator", "missing: a share is the ratio of two sums."))
    if kind == "count" and indicator.denominator is not None:
        problems.append(Problem(file, "unit", "a count has no denominator: choose another unit or remove it."))
    if indicator.base_year and indicator.denominator is not None:
        problems.append(Problem(file, "denominator", "an index is its numerator over its first year: remove it."))
    return problems


def _check_respondent(file: str, theme: Theme, indicator: Indicator) -> list[Problem]:
    """Return what would set a numerator against a denominator of another perimeter."""
    respondent, other = theme.datasets[indicator.dataset].respondent, indicator.denominator_dataset
    problems = []
    if other and respondent is None:
        message = f"dataset {indicator.dataset!r} names no respondent to match the two datasets by: add it."
        problems.append(Problem(file, "denominator_dataset", message))
    elif other and not any(_same_codes(theme, indicator.dataset, other, str(respondent))):
        message = f"dataset {other!r} has no {respondent!r} with the same reference: the two cannot be matched."
        problems.append(Problem(file, "denominator_dataset", message))
    for key in ("share_of", "base_year"):
        if respondent and getattr(indicator, key):
            message = f"each {respondent} answers for itself, and may not at every year: not offered, remove it."
            problems.append(Problem(file, key, message))
    return problems


def _same_codes(theme: Theme, one: str, other: str, column: str) -> Iterator[bool]:
    wanted = theme.datasets[one].field(column).reference
    for field in theme.datasets[other].fields:
        yield field.name == column and field.reference == wanted


def _require_sums(node: exp.Expr, fields: dict[str, FieldDeclaration], text: str) -> None:
    if isinstance(node, _ARITHMETIC):
        for child in node.iter_expressions():
            _require_sums(child, fields, text)
    elif isinstance(node, exp.Filter):
        _require_sums(node.this, fields, text)
        _require_filter(node.expression.this, fields)
    elif isinstance(node, exp.Sum):
        _require_measures(node.this, fields)
    elif isinstance(node, _MEANS):
        _refuse(f"{node.sql()!r}: a rate is never averaged nor divided here: give its numerator and its denominator.")
    elif not (isinstance(node, exp.Literal) and not node.is_string):
        _refuse(f"{node.sql()!r} is not a sum: write sum(measure), with + - * between sums.")


def _require_measures(node: exp.Expr, fields: dict[str, FieldDeclaration]) -> None:
    for found in node.walk():
        if isinstance(found, exp.Column):
            measures = [name for name, field in fields.items() if field.role == "measure"]
            if found.name not in measures:
                _refuse(f"unknown measure {found.name!r}: choose among {', '.join(measures)}.")
        elif not isinstance(found, (*_ARITHMETIC, exp.Literal, exp.Identifier)):
            _refuse(f"{found.sql()!r} cannot stand inside sum(): use measures and + - *.")


def _require_filter(node: exp.Expr, fields: dict[str, FieldDeclaration]) -> None:
    for found in node.walk():
        if isinstance(found, exp.Column) and found.name not in fields:
            _refuse(f"unknown column {found.name!r} in a filter: choose among {', '.join(fields)}.")
    for comparison in node.find_all(exp.EQ, exp.NEQ, exp.In):
        if not isinstance(comparison.this, exp.Column):
            _refuse(f"{comparison.sql()!r}: write the column first.")
        members = [member.code for member in fields[comparison.this.name].members]
        literals = [value.this for value in comparison.find_all(exp.Literal)]
        for literal in literals if members else []:
            if literal not in members:
                _refuse(f"unknown {comparison.this.name} {literal!r}: choose among {', '.join(members)}.")


def _refuse(message: str) -> NoReturn:
    raise FormulaError(message)
