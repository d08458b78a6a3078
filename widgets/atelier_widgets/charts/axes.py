"""Axes: where ticks stand and how they are written, in French or English number form."""

import math
from collections.abc import Sequence

import bqplot

from atelier.figures import Figure
from atelier.figures.palette import GRID, INK_SOFT
from atelier.indicators import StatTable
from atelier.indicators.table import format_value
from atelier_widgets.charts.base import update

_STEPS = (1, 2, 2.5, 5, 10)
_CHARACTER = 7.5
_DECIMALS = 4
TICK_STYLE = {"fill": INK_SOFT, "font-size": "13px"}


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return about ``count`` round numbers, evenly spaced, from ``low`` or just under it to ``high`` or just over."""
    if not high > low:
        low, high = low - (abs(low) / 10 or 1), high + (abs(high) / 10 or 1)
    rough = (high - low) / max(count - 1, 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in _STEPS if size * factor >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(rank * step, 10) for rank in range(first, last + 1)]


def year_ticks(years: Sequence[int], count: int = 5) -> list[int]:
    """Return at most ``count`` years, evenly spaced, the last one always among them."""
    step = max(1, math.ceil((len(years) - 1) / max(count - 1, 1)))
    return [year for year in years if (years[-1] - year) % step == 0]


def tick_text(table: StatTable, value: float, values: Sequence[float]) -> str:
    """Return a tick as the table's language writes it, with the decimals the spacing needs."""
    unit = table.card.unit
    step = unit.shown(values[1] - values[0]) if len(values) > 1 else 1.0
    decimals = next((places for places in range(_DECIMALS) if round(step, places) == round(step, _DECIMALS)), _DECIMALS)
    return format_value(value, unit.model_copy(update={"decimals": decimals}), table.language)


def tick_key(value: float) -> str:
    """Return a number as JavaScript writes it, the key of a tick's label."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


class ValueAxis:
    """The axis of values: quiet grid lines and a number at each."""

    def __init__(self, *, side: str = "left") -> None:
        self.scale = bqplot.LinearScale()
        self.axis = bqplot.Axis(
            scale=self.scale,
            orientation="vertical" if side == "left" else "horizontal",
            side=side,
            grid_lines="solid",
            grid_color=GRID,
            color="transparent",
            tick_style=TICK_STYLE,
        )
        self.margin = 0

    def fit(self, figure: Figure, low: float, high: float, *, table: StatTable | None = None) -> list[float]:
        """Make room for values from ``low`` to ``high`` and return the ticks, written as those of ``table``."""
        values = ticks(0.0 if figure.from_zero else low, high)
        labels = {tick_key(value): tick_text(table or figure.table, value, values) for value in values}
        update(self.scale, min=values[0], max=values[-1])
        update(self.axis, tick_values=values, tick_labels=labels)
        self.margin = round(12 + _CHARACTER * max(map(len, labels.values())))
        return values


class YearAxis:
    """The axis of years."""

    def __init__(self) -> None:
        self.scale = bqplot.LinearScale()
        self.axis = bqplot.Axis(scale=self.scale, side="bottom", grid_lines="none", color=GRID, tick_style=TICK_STYLE)

    def fit(self, years: Sequence[int]) -> None:
        """Make room for ``years``."""
        shown = year_ticks(years)
        room = 0.4 if len(years) > 1 else 1.0
        update(self.scale, min=float(years[0] - room), max=float(years[-1] + room))
        labels = {str(year): str(year) for year in shown}
        update(self.axis, tick_values=[float(year) for year in shown], tick_labels=labels)
