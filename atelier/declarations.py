"""What a theme author may write: the models of a theme's TOML files.

One model per kind of file. An unknown key, a missing one or a wrong type is a mistake that ``theme.read_theme``
reports with file and key. Names follow Frictionless Table Schema for fields and SDMX for statuses and totals.
"""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from atelier.language import Text

TOTAL = "_T"
"""SDMX's code for the total of a dimension: a row that speaks of all its members together."""

RAW = "raw"
"""Relation that a table's SQL reads its source from."""

RESERVED_RELATIONS = frozenset({RAW, "compiled", "figures", "previous"})

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Column = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
FieldType = Literal["string", "integer", "number", "boolean", "date"]


def column_of(identifier: str) -> str:
    """Return the column that stores a dimension: ``institution-type`` is stored in ``institution_type``."""
    return identifier.replace("-", "_")


class Declaration(BaseModel):
    """Base of all models: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Unit(Declaration):
    """A unit of measure and the way it is written.

    Attributes:
        label: Plural noun put on axes and tables ("étudiants", "students"; "%").
        singular: The noun for one, where the unit is a noun.
        kind: ``count`` (a number of things), ``share`` (a ratio in 0..1 shown in per cent) or ``number``.
        decimals: Digits after the decimal sign.
        gender: Grammatical gender of the French noun, ``m`` or ``f``.
        signed: Whether values may be negative, as a balance is: a large change is then no sign of another scope.
        scale: How many of the figures' own unit make one of this unit, where readers are told less than every digit:
            1 000 000 for amounts in euros told in millions. Data tables and files keep the figures' own unit.
        exact: Plural noun of the figures' own unit ("euros"), where there is a scale.
    """

    label: Text
    singular: Text | None = None
    kind: Literal["count", "share", "number"]
    decimals: int = Field(default=0, ge=0, le=6)
    gender: Literal["m", "f"] = "m"
    signed: bool = False
    scale: float = Field(default=1.0, gt=0)
    exact: Text | None = None

    @model_validator(mode="after")
    def _exact_where_scaled(self) -> Self:
        if (self.scale != 1) != (self.exact is not None):
            raise ValueError("scale and exact go together: the number, and the noun of the figures' own unit")
        if self.exact is not None and self.kind != "number":
            raise ValueError(f"a {self.kind} has no scale: only a unit of kind 'number' has")
        return self

    @property
    def own(self) -> "Unit":
        """The figures' own unit, in which data tables and files are written: this one where it has no scale."""
        if self.exact is None:
            return self
        return Unit(label=self.exact, kind=self.kind, gender=self.gender, signed=self.signed)

    def shown(self, value: float) -> float:
        """Return the number that is written for a value: 58.8 for a share of 0.588, 17.5 for 17 500 000 in millions."""
        return 100 * value if self.kind == "share" else value / self.scale


class Disclosure(Declaration):
    """Thresholds on the base of a cell: the count itself, or the denominator of a ratio.

    Attributes:
        hide_under: A base from 1 to ``hide_under - 1`` hides the cell.
        flag_under: A base under it, and shown, is flagged as a small number.
        secondary: Whether cells that would give a hidden one away are hidden too.
        reason: Why not, when they are not: that the source itself publishes them in clear, for instance.
    """

    hide_under: int = Field(default=5, ge=0)
    flag_under: int = Field(default=20, ge=0)
    secondary: bool = True
    reason: Text | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if not self.secondary and self.reason is None:
            raise ValueError("hidden cells could be computed from totals without it: give the reason")
        return self


class Licence(Declaration):
    """The licence figures are published under."""

    name: str
    url: str


class Source(Declaration):
    """Where a raw table comes from.

    Attributes:
        connector: How it is fetched; ``file`` reads from the raw data folder, then from the project's folder.
        path: File name or path.
        dataset_id: Identifier of the table at its producer's.
        page: Address of the page that describes it.
    """

    connector: Literal["file"]
    path: str
    dataset_id: str
    page: str


class Constraints(Declaration):
    """Table Schema constraints that a field may carry."""

    required: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None


class Member(Declaration):
    """One code of a dimension.

    Attributes:
        code: The code stored in the table and used in addresses.
        label: The words shown.
        short: Shorter words for axes and narrow screens.
    """

    code: str
    label: Text
    short: Text | None = None


class FieldDeclaration(Declaration):
    """One column of a dataset or reference: a Table Schema field with its role.

    Attributes:
        name: Column name.
        type: Table Schema type.
        role: ``time``, ``dimension``, ``measure``, ``status`` (SDMX status of the row's measures, where the source
            gives one), or ``attribute`` (a column nobody breaks figures down by).
        of: For a status, the one measure it tells of; all those of the row when it is not said.
        title: The words shown.
        reference: Reference whose codes the column holds.
        members: The codes of a dimension that no reference holds, in the order they are shown.
        total: Whether the column holds ``_T`` rows that speak of all members together.
        partition: Whether the members add up to the total.
        geo: Whether the members are territories that a map can show.
        ordered: Whether the members have an order of their own (levels, ages).
        unit: Unit of a measure.
        constraints: Table Schema constraints.
    """

    name: Column
    type: FieldType
    role: Literal["time", "dimension", "measure", "status", "attribute"]
    title: Text
    description: Text | None = None
    of: Column | None = None
    reference: Identifier | None = None
    members: tuple[Member, ...] = ()
    total: bool = False
    partition: bool = True
    geo: bool = False
    ordered: bool = False
    unit: Identifier | None = None
    constraints: Constraints = Constraints()

    @property
    def dimension(self) -> str:
        """Return the identifier readers use: ``degree_year`` is asked as ``degree-year``."""
        return self.name.replace("_", "-")


class Break(Declaration):
    """A break in series: values before and from ``year`` on are not comparable.

    Attributes:
        year: First year counted the new way.
        note: What changed.
        indicators: Indicators concerned; empty for all of the dataset.
    """

    year: int
    note: Text
    indicators: tuple[Identifier, ...] = ()


class Check(Declaration):
    """A named check: a SQL query that returns the rows at fault, none when all is well.

    Attributes:
        name: Short name shown in the report of checks.
        sql: Query over ``figures``, the table checked, and over the tables of the theme compiled before it, by their
            identifiers (references, then datasets in the order of their names): ``institutions``, ``enrolment``.
        message: What a row found means.
        severity: ``error`` blocks the build, ``warning`` does not.
    """

    name: Identifier
    sql: str
    message: Text
    severity: Literal["error", "warning"] = "error"


class Adjustment(Declaration):
    """A built-in check made stricter or looser for one table, and why.

    Attributes:
        check: Name of the built-in check; ``docs/checks.md`` lists them.
        fields: Columns concerned; all when empty.
        severity: ``off`` shows the check as set aside, with the reason.
        tolerance: Replaces the check's tolerance, in the unit the catalogue tells.
        reason: Why, for the report's reader.
    """

    check: Identifier
    fields: tuple[Column, ...] = ()
    severity: Literal["error", "warning", "off"] | None = None
    tolerance: float | None = Field(default=None, ge=0)
    reason: Text


class Table(Declaration):
    """What a dataset and a reference share: where it comes from and what its columns are.

    Attributes:
        source: The raw table, or the main one of several: the relation ``raw`` of the SQL.
        sources: Further raw tables, by the relation that SQL reads: ``[sources.catalogue]`` is read ``FROM catalogue``.
    """

    title: Text
    description: Text
    producer: Text
    licence: Licence
    vintage: str
    source: Source
    fields: tuple[FieldDeclaration, ...]
    key: tuple[Column, ...]
    checks: tuple[Check, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    sources: dict[Column, Source] = {}

    @property
    def relations(self) -> dict[str, Source]:
        """Return each raw table by the name that SQL reads it under: ``raw`` for ``source``, then ``sources``."""
        return {RAW: self.source, **self.sources}

    @field_validator("sources")
    @classmethod
    def _free_names(cls, sources: dict[str, Source]) -> dict[str, Source]:
        for name in RESERVED_RELATIONS & set(sources):
            raise ValueError(f"the build keeps the name {name!r} for itself: choose another")
        return sources

    def field(self, name: str) -> FieldDeclaration:
        """Return the field called ``name``; KeyError if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


class Dataset(Table):
    """A tidy, long table of figures.

    Attributes:
        scope: What the figures cover, the "Champ" of its figures.
        respondent: Dimension whose codes each answer for themselves (accounts, returns): a figure absent is missing,
            not zero, so that sums tell how many lack it and ratios are taken over those that have both of their terms.
        sql: Set by the reader: the text of the SQL file of the same name.
        provisional: Years whose figures may still be revised.
        breaks: Breaks in series.
        missing: Notes for years and dimensions that the source does not fill.
        limits: What a reader must know before using the figures.
    """

    scope: Text
    respondent: Column | None = None
    disclosure: Disclosure | None = None
    provisional: tuple[int, ...] = ()
    breaks: tuple[Break, ...] = ()
    limits: tuple[Text, ...] = ()


class AttributeDimension(Declaration):
    """A column of a reference that figures may be broken down by: the region of an institution.

    Attributes:
        column: Column of the reference.
        title: The words shown.
        reference: Reference whose codes the column holds, or
        members: the codes themselves.
        kind: ``geo`` for a territory that a map can show.
    """

    column: Column
    title: Text
    reference: Identifier | None = None
    members: tuple[Member, ...] = ()
    kind: Literal["nominal", "geo"] = "nominal"

    @property
    def dimension(self) -> str:
        """Return the identifier readers use."""
        return self.column.replace("_", "-")


class Reference(Table):
    """A code list: institutions, regions.

    Attributes:
        code: Column of the code.
        label: Column of the label in French, and
        label_en: in English, the same by default.
        successor: Column that holds the code that replaced this one, empty while it lives.
        succeeded_in: Column of the first year whose figures are counted under the successor.
        same_as: Column that holds, for a code that is only another number of a member, the member's own code.
        valid_from: Column of the first year, or day, a code is valid; empty when that is not known.
        valid_to: Column of the last one, empty while it lives.
        searched: Columns that a search looks into, besides the code and the labels: identifiers, acronyms.
        dimensions: Columns that figures may be broken down by.
        unknown_label: What a code with no label is called.
    """

    code: Column
    label: Column
    label_en: Column | None = None
    successor: Column | None = None
    succeeded_in: Column | None = None
    same_as: Column | None = None
    valid_from: Column | None = None
    valid_to: Column | None = None
    searched: tuple[Column, ...] = ()
    dimensions: tuple[AttributeDimension, ...] = ()


class Threshold(Declaration):
    """A value that an indicator is set against, from a text that anyone can read.

    Attributes:
        value: In the indicator's unit; a share lies in 0..1.
        label: What it is and where it comes from.
        kind: ``floor`` (a lower value is a warning), ``ceiling`` (a higher one is) or ``reference`` (neither).
    """

    value: float
    label: Text
    kind: Literal["floor", "ceiling", "reference"]


class Indicator(Declaration):
    """An indicator's card and formula.

    Attributes:
        numerator: Sum over the dataset, as SQL: ``sum(students) filter (where sex = 'women')``.
        value: Instead of a numerator, a measure published as it is, such as a median: it is never added nor averaged,
            and asking for a breakdown that would need it is an error.
        base: For a published value, the measure that counts the people behind it, on which disclosure is decided.
        denominator: The same for a ratio. A ratio is always a ratio of sums: the mean of ratios cannot be written.
        denominator_dataset: Dataset of the denominator, where it is another one.
        denominator_shift: Years from a numerator to its denominator: -1 sets the accounts of 2022 against the autumn
            of 2021.
        share_of: Dimensions the denominator ignores, so that each member gets its share of the whole; one of them
            must be asked for.
        base_year: True for an index: the denominator is the numerator at the first year asked, the value is times 100.
        dimensions: Dimensions it may be asked for; all those of the dataset when empty.
        direction: Whether a higher value is ``better``, ``worse`` or ``neutral``.
        thresholds: Values it is set against.
        scope: What it covers, where it differs from the dataset's.
    """

    dataset: Identifier
    label: Text
    short: Text
    definition: Text
    calculation: Text
    interpretation: Text
    limits: Text
    unit: Identifier
    numerator: str | None = None
    value: Column | None = None
    base: Column | None = None
    denominator: str | None = None
    denominator_dataset: Identifier | None = None
    denominator_shift: int = 0
    share_of: tuple[Identifier, ...] = ()
    base_year: bool = False
    dimensions: tuple[Identifier, ...] = ()
    direction: Literal["better", "worse", "neutral"] = "neutral"
    thresholds: tuple[Threshold, ...] = ()
    scope: Text | None = None
    related: tuple[Identifier, ...] = ()

    @property
    def is_ratio(self) -> bool:
        """Whether a denominator stands behind each value."""
        return self.denominator is not None or self.base_year


class Term(Declaration):
    """A word of the glossary."""

    term: Text
    definition: Text
    forms: dict[str, Any] = {}


class Correction(Declaration):
    """A published figure that was wrong, and what was done: told in the reports it touches, on a page and in a feed.

    Attributes:
        date: When it was corrected.
        title: What it is about, in a few words.
        what: What was wrong and what is right.
        why: How it came about.
        indicators: Indicators whose published values changed.
    """

    date: dt.date
    title: Text
    what: Text
    why: Text
    indicators: tuple[str, ...] = Field(min_length=1)


class ThemeFile(Declaration):
    """``theme.toml``.

    Attributes:
        title: Name of the theme.
        description: One sentence for the front page.
        publisher: Who publishes this site, shown in footers; never a brand.
        contact: Where to write.
        units: Units, by identifier.
        disclosure: Rule applied where a dataset sets none.
        whole: Name of the whole territory ("France").
    """

    title: Text
    description: Text
    publisher: Text
    contact: str
    whole: Text
    units: dict[Identifier, Unit]
    disclosure: Disclosure = Disclosure()
