"""Which dimension goes where: the choice of chart from a table's dimensions, and refusals that say what to do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import get_args

import pandas as pd

from atelier.errors import QuestionError, UnknownNameError
from atelier.figures.palette import CATEGORICAL
from atelier.figures.specification import FigureKind
from atelier.figures.territories import Territories
from atelier.indicators.table import Dimension, StatTable

LINES = 6
"""More lines than this in one frame cannot be told apart: small multiples take over."""
GROUPED = 3
"""Most bars side by side for one category."""
ORDERED_PARTS = 9
"""Most parts of a stack whose parts have an order, and so a ramp of one colour."""
ROUNDING = 1e-9
OVER_TIME = ("line", "multiples", "key")
"""Kinds whose marks are years, joined in order."""
WHOLE = ("map", "tiles", "points", "heat", "distribution", "key")
"""Kinds that show every cell: none is left out to keep a ranking short."""


@dataclass(frozen=True)
class Layout:
    """Where each dimension of a table goes.

    Attributes:
        kind: Kind of figure.
        x: Dimension of the main axis; None when the table has nothing to lay along it.
        series: Dimensions whose combinations make the series.
        fixed: Dimensions asked for that hold a single code: told in words, not drawn.
    """

    kind: FigureKind
    x: Dimension | None
    series: tuple[Dimension, ...]
    fixed: tuple[Dimension, ...]


def choose_layout(
    table: StatTable,
    kind: FigureKind | None,
    *,
    x: str | None,
    series: str | None,
    highlighted: bool,
    territories: Mapping[str, Territories],
) -> Layout:
    """Return the layout of a figure.

    With no kind asked: shares of a whole make a stack; time makes a line, or small multiples when lines are many;
    territories whose shapes are known make a map; anything else makes bars.

    Args:
        table: The table.
        kind: Kind asked, None to choose.
        x: Dimension of the main axis, None to choose.
        series: Dimension of the series, None to choose.
        highlighted: Whether some codes are highlighted: the others are then context, and lines may be many.
        territories: Shapes by dimension.

    Raises:
        QuestionError: The table cannot be drawn that way; the message says what to ask instead.
        UnknownNameError: A dimension or kind that does not exist.
    """
    if kind is not None and kind not in get_args(FigureKind):
        raise UnknownNameError("kind of figure", kind, get_args(FigureKind))
    named = [_dimension(table, name) for name in (x, series) if name is not None]
    varying = [one for one in table.dimensions if count_series(table, (one,)) > 1 or one in named]
    fixed = tuple(one for one in table.dimensions if one not in varying)
    parts = parts_of_whole(table)
    main = _dimension(table, x) if x is not None else None
    if main is None:
        main = _main_axis(table, kind, varying, None if series is None else _dimension(table, series), parts)
    rest = tuple(one for one in varying if one != main)
    if series is not None and _dimension(table, series) not in rest:
        raise QuestionError(f"{series!r} is on the main axis already: name another dimension for the series.")
    layout = Layout(kind or "bars", main, rest, fixed)
    if kind is None:
        chosen = _choose(table, layout, parts, highlighted=highlighted, maps=territories)
        layout = replace(layout, kind=chosen)
    _require_fit(table, layout, parts, territories)
    return layout


def count_series(table: StatTable, series: tuple[Dimension, ...]) -> int:
    """Return how many series the combinations of these dimensions make."""
    return len(table.cells[[one.column for one in series]].drop_duplicates()) if series else 1


def parts_of_whole(table: StatTable) -> Dimension | None:
    """Return the dimension whose members are shares of one whole, as the cells themselves tell; None if there is none.

    Members are parts of a whole when the denominator is the same for all of them, and the visible numerators never
    exceed it and reach it wherever no cell is hidden.
    """
    if table.card.unit.kind != "share":
        return None
    for dimension in table.dimensions:
        if dimension.kind == "time" or not dimension.partition or count_series(table, (dimension,)) == 1:
            continue
        others = [one.column for one in table.dimensions if one != dimension]
        groups = [group for _, group in table.cells.groupby(others, sort=False)] if others else [table.cells]
        whole = [_is_whole(group) for group in groups]
        if True in whole and False not in whole:
            return dimension
    return None


def _is_whole(group: pd.DataFrame) -> bool | None:
    """Return whether the cells of a group are parts of one whole; None when too few are visible to tell."""
    seen = group.dropna(subset=["value"])
    if seen.empty:
        return None
    whole = seen["denominator"].max()
    if seen["denominator"].min() != whole or seen["numerator"].sum() > whole * (1 + ROUNDING):
        return False
    if len(seen) == len(group):
        return bool(seen["numerator"].sum() >= whole * (1 - ROUNDING))
    return None


def _dimension(table: StatTable, name: str) -> Dimension:
    try:
        return table.dimension(name)
    except KeyError:
        raise UnknownNameError("dimension of the table", name, [one.id for one in table.dimensions]) from None


def _main_axis(
    table: StatTable,
    kind: FigureKind | None,
    varying: list[Dimension],
    series: Dimension | None,
    parts: Dimension | None,
) -> Dimension | None:
    free = [one for one in varying if one != series]
    if kind in ("map", "tiles"):
        return next((one for one in free if one.kind == "geo"), None)
    if kind in ("points", "distribution"):
        free = [one for one in free if one.kind != "time"]
    if kind == "key":
        return next((one for one in free if one.kind == "time"), None)
    if kind == "heat" and all(one.kind != "time" for one in free):
        # Few columns and many rows are read, and fit a phone.
        return min(free, key=lambda one: table.cells[one.column].nunique(), default=None)
    if kind == "stack" and parts is None and series is None:
        parts = next((one for one in reversed(varying) if one.kind != "time"), None)
    if kind == "stack" or (kind is None and parts is not None and _fits_stack(table, parts)):
        free = [one for one in free if one != parts]
    for one in free:
        if one.kind == "time":
            return one
    return max(free, key=lambda one: table.cells[one.column].nunique(), default=None)


def _choose(
    table: StatTable, asked: Layout, parts: Dimension | None, *, highlighted: bool, maps: Collection[str]
) -> FigureKind:
    main, rest = asked.x, asked.series
    if parts is not None and rest == (parts,) and _fits_stack(table, parts):
        return "stack"
    if main is not None and main.kind == "time":
        return "line" if highlighted or count_series(table, rest) <= LINES else "multiples"
    if main is not None and main.kind == "geo" and not rest and main.id in maps:
        return "map"
    return "bars"


def _fits_stack(table: StatTable, parts: Dimension) -> bool:
    most = ORDERED_PARTS if parts.kind == "ordinal" else len(CATEGORICAL)
    return int(table.cells[parts.column].nunique()) <= most


def _require_fit(
    table: StatTable, layout: Layout, parts: Dimension | None, territories: Mapping[str, Territories]
) -> None:
    main, count = layout.x, count_series(table, layout.series)
    over_time = main is not None and main.kind == "time"
    if layout.kind in ("line", "multiples") and not over_time:
        raise QuestionError(
            f"a {layout.kind} follows time: break the table down by time over several years, or draw bars."
        )
    if layout.kind == "multiples" and count == 1:
        raise QuestionError("small multiples need several series: break down by another dimension, or draw a line.")
    if layout.kind == "map":
        _require_map(layout, territories)
    if layout.kind == "stack":
        _require_stack(table, layout, parts)
    if layout.kind == "bars" and count > GROUPED:
        others = ", ".join(one.id for one in layout.series)
        advice = "draw a line or multiples" if over_time else f"keep fewer codes of {others}"
        raise QuestionError(f"{count} bars side by side cannot be read: {advice}.")


def _require_map(layout: Layout, territories: Mapping[str, Territories]) -> None:
    if layout.x is None or layout.x.kind != "geo":
        raise QuestionError("a map needs a territory: break the table down by one, such as a region.")
    if layout.series:
        others = ", ".join(one.id for one in layout.series)
        raise QuestionError(f"a map shows one value for each territory: keep a single code of {others}.")
    if layout.x.id not in territories:
        raise QuestionError(f"no shapes are known for {layout.x.id!r}: draw bars, or add them to the theme.")


def _require_stack(table: StatTable, layout: Layout, parts: Dimension | None) -> None:
    if len(layout.series) != 1:
        raise QuestionError("a stack shows the parts of a whole: break down by one dimension besides its axis.")
    (split,) = layout.series
    additive = table.card.unit.kind == "count" and split.partition and split.kind != "time"
    if split != parts and not additive:
        raise QuestionError(f"{split.id!r} does not split a whole into parts that add up: draw bars or lines.")
    if not _fits_stack(table, split):
        count = count_series(table, layout.series)
        raise QuestionError(f"a stack of {count} parts cannot be read: keep fewer of {split.id}, or draw bars.")
