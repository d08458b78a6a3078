"""Ranked horizontal bars: each name is written above its bars, so that long names fit a phone."""

import bqplot

from atelier.figures import Figure, Series
from atelier.figures.palette import AXIS, CONTEXT, INK_SOFT, PAPER, text_color
from atelier.figures.svg.bars import reference_words
from atelier_widgets.charts.base import TEXT_SIZE, Chart, update

_BAR, _NAME = 20, 28
_CHARACTER = 7.8


class BarChart(Chart):
    """Horizontal bars from zero, one per series for each name."""

    kinds = ("bars",)

    def __init__(self) -> None:
        super().__init__()
        self.names, self.values = bqplot.OrdinalScale(), bqplot.LinearScale()
        self.scales = {"x": self.values, "y": self.names}
        self.bars = bqplot.Bars(
            x=[],
            y=[],
            scales={"x": self.names, "y": self.values},
            orientation="horizontal",
            type="grouped",
            stroke=PAPER,
            enable_hover=False,
        )
        self.labels = self._label(font_weight="normal", colors=[INK_SOFT])
        self.numbers: list[bqplot.Label] = []
        self.height_scale = bqplot.LinearScale(min=0.0, max=1.0)
        upright = {"x": self.values, "y": self.height_scale}
        self.rules = bqplot.Lines(
            x=[], y=[], scales=upright, colors=[AXIS], stroke_width=1.0, line_style="dashed", enable_hover=False
        )
        self.words = self._label(scales=upright, font_weight="normal", colors=[INK_SOFT], y_offset=-10)
        self.shape = (0, 0)

    def can_draw(self, figure: Figure) -> bool:
        """Return whether it has as many bars: bqplot does not lay out again a drawing whose height changes."""
        return super().can_draw(figure) and self.shape in ((0, 0), (len(figure.series[0].marks), len(figure.series)))

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        count = len(figure.series)
        keys = [mark.key for mark in figure.series[0].marks]
        self.shape = len(keys), count
        row = _NAME + _BAR * count
        lines = [value for _, value in figure.references]
        heights = [[mark.value or 0.0 for mark in series.marks] for series in figure.series]
        # bqplot's ordinal scale starts at the bottom, and forgets to be reversed when its domain changes.
        update(self.names, domain=keys[::-1])
        ends = [0.0, *lines, *(height for each in heights for height in each)]
        low = min(ends)
        update(self.values, min=low, max=max(ends) or 1.0)
        colors = _colors(figure.series[0]) if count == 1 else [series.color for series in figure.series]
        padding = 1 - (_BAR * count - 2) / row
        update(self.bars, x=keys, y=heights if count > 1 else heights[0], colors=colors, padding=padding)
        names = [mark.label for mark in figure.series[0].marks]
        update(self.labels, x=[low] * len(keys), y=keys, text=names, y_offset=-(_BAR * count // 2) - 9)
        self._write_numbers(figure, keys, heights)
        longest = max(len(mark.text) for series in figure.series for mark in series.marks)
        update(self.rules, x=[[value] * 2 for value in lines], y=[[0.0, 1.0]] * len(lines), visible=bool(lines))
        update(
            self.words, x=lines, y=[1.0] * len(lines), text=[reference_words(figure, *one) for one in figure.references]
        )
        top = 24 if lines else 4
        self.fit(row * len(keys) + 4 + top, top=top, bottom=4, left=0, right=round(14 + _CHARACTER * longest))
        self.show([self.bars, self.rules, self.labels, *self.numbers, self.words], [])

    def _write_numbers(self, figure: Figure, keys: list[str], heights: list[list[float]]) -> None:
        count = len(figure.series)
        while len(self.numbers) < count:
            self.numbers.append(self._label(font_weight="bold", x_offset=6))
        for rank, (label, series) in enumerate(zip(self.numbers, figure.series, strict=False)):
            place = round((rank - (count - 1) / 2) * _BAR)
            colors = [text_color(color) for color in (_colors(series) if count == 1 else [series.color])]
            texts = [mark.text for mark in series.marks]
            # The number of a bar that goes left of zero is written right of it.
            places = [max(0.0, height) for height in heights[rank]]
            update(label, x=places, y=keys, text=texts, colors=colors, y_offset=place, visible=True)
        for label in self.numbers[count:]:
            label.visible = False

    def _label(self, **options: object) -> bqplot.Label:
        return bqplot.Label(
            x=[],
            y=[],
            text=[],
            align="start",
            default_size=TEXT_SIZE + 1,
            enable_hover=False,
            apply_clip=False,
            **{"scales": self.scales, **options},
        )


def _colors(series: Series) -> list[str]:
    """Return a colour per bar: those the figure is about stand out, the others step back."""
    is_about_one = any(mark.highlighted for mark in series.marks)
    return [CONTEXT if is_about_one and not mark.highlighted else series.color for mark in series.marks]
