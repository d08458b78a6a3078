"""One value per year, read from a stat table, and the stretch of it whose years compare with one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from atelier.figures.phrases import year_of
from atelier.indicators.table import Dimension, StatTable
from atelier.telling import Sizes

WITHOUT_VALUE = "QOM"
FORECAST = "F"


@dataclass(frozen=True)
class Point:
    """What one cell says.

    Attributes:
        year: Its year; None where the table has none.
        value: Its value; None where it is hidden, missing or does not apply.
        status: Its status.
        base: The denominator behind it, where there is one.
    """

    year: int | None
    value: float | None
    status: str
    base: float | None


@dataclass(frozen=True)
class Known:
    """A point with a year and a value."""

    year: int
    value: float
    status: str
    base: float | None


@dataclass(frozen=True)
class Cut:
    """What keeps the years before it from being compared with those after.

    Attributes:
        kind: A break in series, years without a figure, a jump too large to be growth, or such a jump of the
            denominator, the scope of a ratio.
        years: Year of the break, or years without a figure.
        before: The point before it.
        after: The point after it.
    """

    kind: Literal["break", "gap", "jump", "scope"]
    years: tuple[int, ...]
    before: Known
    after: Known


@dataclass(frozen=True)
class Stretch:
    """The latest years that compare with one another.

    Attributes:
        points: At least one, in order.
        cut: What stands before the first of them; None where the series begins there.
    """

    points: tuple[Known, ...]
    cut: Cut | None


def split_time(table: StatTable) -> tuple[Dimension | None, tuple[Dimension, ...]]:
    """Return the time dimension a table is broken down by, and the other ones that have more than one code."""
    time = next((one for one in table.dimensions if one.kind == "time"), None)
    others = [one for one in table.dimensions if one.kind != "time" and len(table.cells[one.column].unique()) > 1]
    return time, tuple(others)


def read_points(table: StatTable) -> tuple[Point, ...]:
    """Return the cells of a table that holds one per year, or only one, in the order of years."""
    time, _ = split_time(table)
    years = table.cells[time.column].tolist() if time else [year_of(table)] * len(table.cells)
    rows = zip(years, *(table.cells[name] for name in ("value", "status", "denominator")), strict=True)
    points = [
        Point(None if year is None else int(year), shown(value, status), status, shown(base, status))
        for year, value, status, base in rows
    ]
    return tuple(sorted(points, key=lambda point: point.year or 0))


def observed(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the points without forecasts, which do not compare with what was observed; all where none was."""
    return tuple(point for point in points if point.status != FORECAST) or tuple(points)


def shown(value: float | None, status: str) -> float | None:
    """Return a value that may be told, None otherwise, whatever the cell holds."""
    return None if status in WITHOUT_VALUE or value is None or pd.isna(value) else float(value)


def find_stretch(table: StatTable, points: Sequence[Point]) -> Stretch | None:
    """Return the years that compare with the latest one; None where no year has a value."""
    known = [
        Known(one.year, one.value, one.status, one.base)
        for one in points
        if one.year is not None and one.value is not None
    ]
    for place in range(len(known) - 1, 0, -1):
        cut = _cut(table, known[place - 1], known[place])
        if cut:
            return Stretch(tuple(known[place:]), cut)
    return Stretch(tuple(known), None) if known else None


def _cut(table: StatTable, before: Known, after: Known) -> Cut | None:
    breaks = [note.year for note in table.notes if note.kind == "break"]
    if None in breaks:
        return Cut("break", (), before, after)
    dated = [year for year in breaks if year is not None and before.year < year <= after.year]
    dated += [after.year] if after.status == "B" else []
    if dated:
        return Cut("break", (max(dated),), before, after)
    missing = tuple(year for year in range(before.year + 1, after.year) if _is_asked(table, year))
    if missing:
        return Cut("gap", missing, before, after)
    if after.year - before.year > 1:
        return None
    if _is_jump(table, before.value, after.value):
        return Cut("jump", (), before, after)
    is_other = (
        before.base is not None and after.base is not None and _is_leap(table.telling.sizes, before.base, after.base)
    )
    return Cut("scope", (), before, after) if is_other else None


def _is_asked(table: StatTable, year: int) -> bool:
    kept = [table.filters[one.id] for one in table.filter_dimensions if one.kind == "time"]
    return not kept or str(year) in kept[0]


def _is_jump(table: StatTable, before: float, after: float) -> bool:
    kind, sizes = table.card.unit.kind, table.telling.sizes
    if table.card.unit.signed:
        return False
    if kind == "share":
        return abs(after - before) > sizes.jump_of_share
    if kind == "count":
        return _is_leap(sizes, before, after)
    return abs(after - before) > sizes.jump * abs(before)


def _is_leap(sizes: Sizes, before: float, after: float) -> bool:
    return max(before, after) >= sizes.small and abs(after - before) > sizes.jump * before
