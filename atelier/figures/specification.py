"""A figure as data: everything a drawing needs, words included, computed once for every way of drawing it.

A figure cannot exist without title, unit, Lecture, Champ, Source, alternative text and data table: the constructor
refuses it. Drawings (static SVG, bqplot) read marks and never compute a number, so they cannot disagree.
"""

from dataclasses import dataclass
from typing import Literal

from atelier.errors import QuestionError
from atelier.figures.classes import ValueClass
from atelier.figures.territories import Territories
from atelier.indicators.table import StatTable
from atelier.language import Language

FigureKind = Literal[
    "line",
    "bars",
    "stack",
    "map",
    "multiples",
    "distribution",
    "heat",
    "points",
    "tiles",
    "key",
    "diverging",
    "dots",
    "slope",
    "scatter",
]


@dataclass(frozen=True)
class Mark:
    """One value to draw.

    Attributes:
        key: Code on the figure's main axis: a year for a line, a category for bars, a territory for a map, the rank of
            a class for a distribution.
        label: Words for ``key``.
        value: The value, None when hidden or missing. A share lies in 0..1.
        status: SDMX status code.
        text: The value as a reader sees it, flag in brackets included.
        highlighted: Whether the figure is about this one.
        across: Value along the horizontal axis, for a point between two measures.
        detail: What a pointer is told instead of ``text``, where the drawing shows more than one value.
    """

    key: str
    label: str
    value: float | None
    status: str
    text: str
    highlighted: bool = False
    across: float | None = None
    detail: str = ""

    @property
    def is_forecast(self) -> bool:
        """Whether it was foreseen rather than observed: it is never joined to, nor compared with, what was."""
        return self.status == "F"


@dataclass(frozen=True)
class Series:
    """Marks that belong together: a line, a colour of a stack, a panel of small multiples.

    Attributes:
        key: Code of the series, empty when there is only one.
        label: Words for it, shown beside its last mark.
        color: Hexadecimal colour, safe for colour-blind readers in the order given.
        marks: Marks in the order they are drawn.
        highlighted: Whether the figure is about this one; the others are context.
        breaks: Keys before which the line is cut: a break in series, or a missing value.
    """

    key: str
    label: str
    color: str
    marks: tuple[Mark, ...]
    highlighted: bool = False
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Band:
    """Where the values of a group lie: what a dot is set against.

    Attributes:
        key: Code of the row, as in the marks it goes with.
        count: Values in the group.
        low: Lowest.
        lower: First quartile, None in a group too small for quartiles.
        middle: Median.
        upper: Third quartile, None as ``lower``.
        high: Highest.
        texts: The five as a reader sees them, in that order; an empty text for none.
    """

    key: str
    count: int
    low: float
    lower: float | None
    middle: float
    upper: float | None
    high: float
    texts: tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Grid:
    """The data table of a figure that shows more than the cells of one stat table: gaps, bands, two measures.

    Attributes:
        head: Words of each column, that of the row headers first.
        rows: Rows of texts, the header of the row first.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A chart specification made from a stat table.

    Attributes:
        kind: ``line`` (time series), ``bars`` (ranked), ``stack`` (shares of a whole), ``map`` (territories),
            ``multiples`` (one small line per series, same scale), ``distribution`` (how many lie in each class of
            value), ``heat`` (a table whose cells are coloured), ``points`` (circles on a map), ``tiles`` (a square per
            territory), ``key`` (one value large, its change, a small line), ``diverging`` (gaps on both sides of zero),
            ``dots`` (against the band of their peers), ``slope`` (two states joined) or ``scatter`` (two measures).
        title: What is seen, one line.
        subtitle: The measure and its unit.
        lecture: The reading sentence, which starts from one mark and states its number.
        scope: The "Champ".
        source: Producer, dataset, vintage.
        alt: Alternative text: kind, subject, and what stands out, with computed numbers.
        notes: What must be known: breaks, hidden cells, small numbers.
        series: What is drawn.
        x_title: Words for the main axis.
        y_title: Words for values, with the unit.
        from_zero: Whether the value axis starts from zero; always so for bars, stacks and gaps.
        references: Reference lines across values: label and value ("base 100").
        table: The stat table behind it.
        language: Language of its words.
        x: Dimension of the main axis, whose codes are the marks' keys; empty when the table has a single cell.
        breaks: Years a break in series begins, each with the words written beside its rule.
        classes: Classes of values, from low to high, with their words: the colours of a map or of a heat table, the
            bars of a distribution.
        territories: Shapes, tiles or points of a map.
        headline: What a key figure writes large: the value, its unit and year, its change.
        grid: Its data table, where the cells of ``table`` are not all that is drawn.
        against: The other stat table drawn: the second measure of a scatter, or the whole that gaps are told from.
        bands: Peers of each row of a dot plot.
        guides: Vertical reference lines of a scatter: label and value on the horizontal axis.
        quadrants: Words of the corners of a scatter, clockwise from the top right; empty for none.
        named: Keys of the points of a scatter to write beside them, the most telling first.
    """

    kind: FigureKind
    title: str
    subtitle: str
    lecture: str
    scope: str
    source: str
    alt: str
    notes: tuple[str, ...]
    series: tuple[Series, ...]
    x_title: str
    y_title: str
    from_zero: bool
    table: StatTable
    language: Language
    references: tuple[tuple[str, float], ...] = ()
    x: str = ""
    breaks: tuple[tuple[str, str], ...] = ()
    classes: tuple[ValueClass, ...] = ()
    territories: Territories | None = None
    headline: tuple[str, str, str] | None = None
    grid: Grid | None = None
    against: StatTable | None = None
    bands: tuple[Band, ...] = ()
    guides: tuple[tuple[str, float], ...] = ()
    quadrants: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[StatTable, ...]:
        """The tables its files hold: both measures of a scatter, else the one behind it."""
        return (self.table, self.against) if self.kind == "scatter" and self.against is not None else (self.table,)

    def __post_init__(self) -> None:
        """Refuse a figure that a reader could not understand or check."""
        for name in ("title", "subtitle", "lecture", "scope", "source", "alt", "y_title"):
            if not getattr(self, name).strip():
                raise QuestionError(f"a figure needs its {name}: give it in the indicator's card or the call.")
        if not self.series or not any(series.marks for series in self.series):
            raise QuestionError("a figure needs at least one cell: widen the filters.")
        if self.kind in ("bars", "stack", "distribution", "diverging") and not self.from_zero:
            raise QuestionError(f"{self.kind} start from zero: draw a line to zoom in.")
