"""Bars on both sides of zero: each name is written above its bar, so that long names fit a phone."""

import bqplot

from atelier.figures import Figure
from atelier.figures.palette import AXIS, INK, PAPER, text_color
from atelier.figures.svg.diverging import bar_color
from atelier_widgets.charts.base import Chart, label, update

_ROW, _BAR = 48, 20
_CHARACTER = 7.8
_UNSURE = 0.45


class DivergingChart(Chart):
    """Horizontal bars from zero, to the right above it and to the left below."""

    kinds = ("diverging",)

    def __init__(self) -> None:
        super().__init__()
        self.names, self.values = bqplot.OrdinalScale(), bqplot.LinearScale()
        self.scales = {"x": self.values, "y": self.names}
        self.bars = bqplot.Bars(
            x=[],
            y=[],
            scales={"x": self.names, "y": self.values},
            orientation="horizontal",
            stroke=PAPER,
            enable_hover=False,
        )
        self.axis = bqplot.Lines(
            scales={"x": self.values, "y": bqplot.LinearScale(min=0.0, max=1.0)},
            y=[0.0, 1.0],
            x=[0.0, 0.0],
            colors=[AXIS],
            stroke_width=1.0,
            enable_hover=False,
        )
        self.labels = label(self.scales, colors=[INK], align="start")
        self.above = label(self.scales, align="start", x_offset=6, font_weight="bold")
        self.below = label(self.scales, align="end", x_offset=-6, font_weight="bold")
        self.rows = 0

    def can_draw(self, figure: Figure) -> bool:
        """Return whether it has as many bars: bqplot does not lay out again a drawing whose height changes."""
        return super().can_draw(figure) and self.rows in (0, len(figure.series[0].marks))

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        marks = figure.series[0].marks
        keys = [mark.key for mark in marks]
        self.rows = len(keys)
        values = [mark.value or 0.0 for mark in marks]
        low, high = min([*values, 0.0]), max([*values, 0.0])
        update(self.names, domain=keys[::-1])
        update(self.values, min=low, max=high if high > low else low + 1.0)
        colors = [bar_color(figure, mark) for mark in marks]
        sure = [_UNSURE if mark.status in ("P", "U") else 0.0 if mark.is_forecast else 1.0 for mark in marks]
        # A budget is an outline: bqplot has no dashes for bars.
        stroke = [color if mark.is_forecast else PAPER for mark, color in zip(marks, colors, strict=True)]
        padding = 1 - (_BAR - 2) / _ROW
        outline = (
            stroke[0] if len(set(stroke)) == 1 else colors[0] if any(mark.is_forecast for mark in marks) else PAPER
        )
        update(self.bars, x=keys, y=values, colors=colors, opacities=sure, padding=padding, stroke=outline)
        update(self.labels, x=[low] * len(keys), y=keys, text=[mark.label for mark in marks], y_offset=-_BAR // 2 - 9)
        for words, side in ((self.above, True), (self.below, False)):
            own = [mark for mark in marks if ((mark.value or 0.0) >= 0) is side]
            update(
                words,
                x=[mark.value or 0.0 for mark in own],
                y=[mark.key for mark in own],
                text=[mark.text for mark in own],
                colors=[text_color(bar_color(figure, mark)) for mark in own] or [INK],
                visible=bool(own),
            )
        left, right = (
            max((len(mark.text) for mark in marks if ((mark.value or 0.0) >= 0) is side), default=0)
            for side in (False, True)
        )
        margins = {"left": round(14 + _CHARACTER * left) if left else 4, "right": round(14 + _CHARACTER * right)}
        self.labels.x_offset = 4 - margins["left"]
        self.fit(_ROW * len(keys) + 8, top=4, bottom=4, **margins)
        self.show([self.axis, self.bars, self.labels, self.above, self.below], [])
