"""Parts of a whole: stacked columns over years, stacked bars otherwise, one colour per part."""

import bqplot

from atelier.figures import Figure
from atelier.figures.palette import GRID
from atelier_widgets.charts.axes import TICK_STYLE, ValueAxis, year_ticks
from atelier_widgets.charts.base import Chart, update


class StackChart(Chart):
    """Stacked columns from zero."""

    kinds = ("stack",)

    def __init__(self) -> None:
        super().__init__()
        self.keys, self.values = bqplot.OrdinalScale(), ValueAxis()
        self.axis = bqplot.Axis(scale=self.keys, grid_lines="none", color=GRID, tick_style=TICK_STYLE)
        self.bars = bqplot.Bars(
            x=[],
            y=[[]],
            scales={"x": self.keys, "y": self.values.scale},
            type="stacked",
            padding=0.12,
            enable_hover=False,
        )

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        values = [{mark.key: mark.value or 0.0 for mark in series.marks} for series in figure.series]
        keys = [mark.key for mark in max((series.marks for series in figure.series), key=len)]
        heights = [[part.get(key, 0.0) for key in keys] for part in values]
        tops = [sum(column) for column in zip(*heights, strict=True)]
        self.values.fit(figure, 0.0, max(tops, default=1.0))
        labels = {mark.key: mark.label for series in figure.series for mark in series.marks}
        if figure.x == "year":
            shown = {str(year) for year in year_ticks([int(key) for key in keys])}
            labels = {key: key if key in shown else " " for key in keys}
        update(self.keys, domain=keys)
        update(self.axis, tick_labels=labels)
        update(self.bars, x=keys, y=heights, colors=[series.color for series in figure.series])
        self.fit(self.height, top=14, bottom=30, left=self.values.margin, right=6)
        self.show([self.bars], [self.values.axis, self.axis])
