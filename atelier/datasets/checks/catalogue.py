"""The catalogue of built-in checks: each has a name, a sentence, a severity, and finds the rows at fault."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal

import duckdb

from atelier.declarations import TOTAL, Dataset, FieldDeclaration, Reference, Table, column_of
from atelier.language import Text
from atelier.theme import Theme

Severity = Literal["error", "warning", "off"]
Stage = Literal["declared", "compiled", "figures", "previous"]
"""What a check reads: the declaration alone, what the SQL returned, the typed figures, and those published before."""

SHOWN = 3
"""Examples given of the rows a check finds."""

WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = tomllib.loads(
    (Path(__file__).parent / "words.toml").read_text("utf-8")
)


@dataclass(frozen=True)
class Finding:
    """What a check found wrong in one place.

    Attributes:
        where: Column, code list or indicator concerned.
        count: Rows, keys or codes at fault, as the check's sentence says.
        examples: A few of them, in words.
        values: What the sentence names besides the count.
        severity: Where the severity of the catalogue would be too harsh or too mild.
    """

    where: str
    count: int
    examples: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    severity: Severity | None = None


@dataclass(frozen=True)
class Subject:
    """A table being checked.

    Attributes:
        name: ``datasets/loans``.
        table: Its declaration.
        theme: The theme it belongs to.
        connection: Connection that holds ``compiled``, then ``figures``; ``previous`` for the figures in place; and
            each table compiled before it, under its identifier: ``libraries``.
        relations: Names of the relations at hand.
        raw_columns: Columns of the raw table, and those of the raw table the figures in place come from, where known.
        failures: What could not be done, by name of the check that tells so.
    """

    name: str
    table: Table
    theme: Theme
    connection: duckdb.DuckDBPyConnection
    relations: frozenset[str] = frozenset()
    raw_columns: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    failures: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def key(self) -> list[str]:
        """Columns of the key."""
        return list(self.table.key)

    @cached_property
    def time(self) -> FieldDeclaration | None:
        """The column of time, if there is one."""
        return next(iter(self.of_role("time")), None)

    @cached_property
    def measures(self) -> list[FieldDeclaration]:
        """The measures."""
        return self.of_role("measure")

    @cached_property
    def additive(self) -> list[str]:
        """Measures that may be added: neither shares, nor values published as they are, such as medians."""
        stem = self.name.removeprefix("datasets/")
        published = {one.value for one in self.theme.indicators.values() if one.dataset == stem and one.value}
        units = self.theme.card.units
        return [one.name for one in self.measures if one.name not in published and units[str(one.unit)].kind != "share"]

    @cached_property
    def margins(self) -> list[FieldDeclaration]:
        """Dimensions that hold ``_T`` rows."""
        return [one for one in self.of_role("dimension") if one.total]

    @cached_property
    def parted(self) -> list[FieldDeclaration]:
        """Those of them whose members the dataset declares: sex, level. Institutions are series of their own."""
        return [one for one in self.margins if one.members]

    @cached_property
    def entity(self) -> list[str]:
        """Columns of the key that tell one breakdown from another: a year and an institution."""
        parted = {one.name for one in self.parted}
        return [name for name in self.key if name not in parted]

    @cached_property
    def whole(self) -> str:
        """SQL condition that holds for the totals of each entity."""
        return " AND ".join(f"{one.name} = '{TOTAL}'" for one in self.parted) or "true"

    @cached_property
    def top(self) -> str:
        """SQL condition that holds for the rows that add up to the whole dataset, each thing counted once."""
        return " AND ".join(f"{one.name} = '{TOTAL}'" for one in self.margins) or "true"

    @cached_property
    def pointers(self) -> list[tuple[FieldDeclaration, Reference]]:
        """Columns that hold the codes of a reference that is at hand, and that reference."""
        return [
            (one, self.theme.references[one.reference])
            for one in self.table.fields
            if one.reference and (f"references/{one.reference}" in self.relations or self.is_own(one))
        ]

    @cached_property
    def links(self) -> list[str]:
        """Columns of a reference that hold another of its own codes: a successor, the member's own code."""
        if not isinstance(self.table, Reference):
            return []
        return [column for column in (self.table.successor, self.table.same_as) if column]

    def is_own(self, column: FieldDeclaration) -> bool:
        """Return whether a column holds codes of this very table."""
        return self.name == f"references/{column.reference}"

    def codes_of(self, column: FieldDeclaration) -> str:
        """Return the relation that holds the codes a column points to."""
        return "figures" if self.is_own(column) else column_of(str(column.reference))

    def of_role(self, role: str) -> list[FieldDeclaration]:
        """Return the columns that play a role."""
        return [one for one in self.table.fields if one.role == role]

    def tolerance(self, check: str, where: str) -> float:
        """Return the tolerance of a check for a column of this table: the theme's, or the catalogue's."""
        for one in self.table.adjustments:
            if one.check == check and one.tolerance is not None and (not one.fields or where in one.fields):
                return one.tolerance
        return ENTERED[check].tolerance or 0.0

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        return self.connection.execute(sql).fetchall()

    def find(
        self, sql: str, where: str, values: Mapping[str, object] | None = None, severity: Severity | None = None
    ) -> Iterator[Finding]:
        """Yield a finding when a query returns rows, those it returns first as examples."""
        count = int(str(self.rows(f"SELECT count(*) FROM ({sql})")[0][0]))
        if count:
            found = self.connection.execute(sql)
            names = [column[0] for column in found.description or ()]
            examples = tuple(_told(names, row) for row in found.fetchmany(SHOWN))
            yield Finding(where, count, examples, values or {}, severity)


Tolerance = Callable[[str], float]
"""The tolerance of a check, given the column concerned."""

Search = Callable[[Subject, Tolerance], Iterator[Finding]]


@dataclass(frozen=True)
class BuiltIn:
    """A built-in check.

    Attributes:
        name: What reports, adjustments and fixtures call it.
        severity: ``error`` blocks the publication, ``warning`` does not.
        stage: What it reads.
        search: Finds what is wrong, given the tolerance of each column.
        applies: Whether it has something to say of a table.
        tolerance: Default tolerance; None for a check that has none.
        fixed: Whether a theme may not adjust it: nothing could be built otherwise.
        blames: Kind of file its problems are told of.
    """

    name: str
    severity: Severity
    stage: Stage
    search: Search = field(repr=False)
    applies: Callable[[Subject], bool] = field(repr=False)
    tolerance: float | None = None
    fixed: bool = False
    blames: Literal["toml", "sql"] = "toml"

    @property
    def verifies(self) -> Text:
        """What holds when the check passes."""
        return Text(**WORDS[self.name]["verifies"])

    @property
    def advice(self) -> Text:
        """What to do when it does not."""
        return Text(**WORDS[self.name]["advice"])

    def fault(self, finding: Finding) -> Text:
        """Return the sentence that tells a finding."""
        told = {"count": finding.count, "where": finding.where, **finding.values}
        return Text(**WORDS[self.name]["fault"]).format(told)


ENTERED: dict[str, BuiltIn] = {}
"""Every built-in check entered by the modules loaded so far."""


def built_in(
    name: str,
    severity: Severity = "error",
    *,
    stage: Stage = "figures",
    applies: Callable[[Subject], bool] = lambda _: True,
    tolerance: float | None = None,
    fixed: bool = False,
    blames: Literal["toml", "sql"] = "toml",
) -> Callable[[Search], Search]:
    """Enter a check in the catalogue; see ``BuiltIn`` for the arguments."""

    def enter(search: Search) -> Search:
        ENTERED[name] = BuiltIn(name, severity, stage, search, applies, tolerance, fixed, blames)
        return search

    return enter


def is_dataset(subject: Subject) -> bool:
    """Return whether a table is a dataset."""
    return isinstance(subject.table, Dataset)


def is_reference(subject: Subject) -> bool:
    """Return whether a table is a reference."""
    return isinstance(subject.table, Reference)


def quoted(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def listed(names: list[str]) -> str:
    """Return columns as SQL lists them."""
    return ", ".join(names)


def written(value: object) -> str:
    """Return a value as a report shows it: no more than two decimals, no exponent."""
    if isinstance(value, (float, Decimal)):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)


def _told(names: list[str], values: tuple[object, ...]) -> str:
    """Return a row in words, without the dimensions it does not break down."""
    return ", ".join(f"{name} {written(value)}" for name, value in zip(names, values, strict=True) if value != TOTAL)
