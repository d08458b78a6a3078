"""Heat table: two dimensions crossed, each cell coloured by its value, which is written in it."""

from collections.abc import Mapping
from dataclasses import replace

from atelier.errors import QuestionError
from atelier.figures.layout import Layout, count_series
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.territories import Territories
from atelier.indicators.table import Dimension, StatTable

COLUMNS, ROWS = 24, 40
_ABSENT = "O"


def require_heat(table: StatTable, layout: Layout, territories: Mapping[str, Territories]) -> None:
    """Refuse a table that does not cross two dimensions, or whose cells could not be read."""
    del territories
    if layout.x is None or len(layout.series) != 1:
        raise QuestionError("a heat table crosses two dimensions: break the table down by two, or draw bars.")
    columns, rows = count_series(table, (layout.x,)), count_series(table, layout.series)
    if columns > COLUMNS:
        raise QuestionError(f"{columns} columns cannot be read: keep {COLUMNS} codes of {layout.x.id} or fewer.")
    if rows > ROWS:
        raise QuestionError(f"{rows} rows cannot be read: keep {ROWS} codes of {layout.series[0].id} or fewer.")


def finish_heat(figure: Figure, layout: Layout) -> Figure:
    """Return the figure with a series per row, in order of meaning, each with a mark for every column."""
    if layout.x is None:
        return figure
    keys = _in_order({mark.key for one in figure.series for mark in one.marks}, layout.x)
    labels = {mark.key: mark.label for one in figure.series for mark in one.marks}
    rows = [_filled(figure, one, keys, labels) for one in figure.series]
    (down,) = layout.series
    if down.kind in ("time", "ordinal"):
        order = _in_order({one.key for one in rows}, down)
        rows.sort(key=lambda one: order.index(one.key))
    else:
        # The latest year ranks rows; elsewhere the first column does.
        leading = len(keys) - 1 if layout.x.kind == "time" else 0
        rows.sort(key=lambda one: _rank(one.marks[leading]))
    return replace(figure, series=tuple(rows))


def _filled(figure: Figure, series: Series, keys: list[str], labels: dict[str, str]) -> Series:
    """Return a row with a mark for every column; one that the source has no row for is told as missing."""
    marks = {mark.key: mark for mark in series.marks}
    letter = figure.table.format(None, _ABSENT)
    return replace(series, marks=tuple(marks.get(key) or Mark(key, labels[key], None, _ABSENT, letter) for key in keys))


def _in_order(keys: set[str], dimension: Dimension) -> list[str]:
    members = list(dimension.members)
    if dimension.kind == "time":
        return sorted(keys, key=int)
    return sorted(keys, key=lambda key: (members.index(key) if key in members else len(members), key))


def _rank(mark: Mark) -> float:
    return float("inf") if mark.value is None else -mark.value
