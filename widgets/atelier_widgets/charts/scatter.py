"""A scatter of two measures, with their medians and the words of the points that matter."""

import bqplot

from atelier.figures import Figure
from atelier.figures.palette import INK, INK_SOFT, text_color
from atelier.figures.svg.canvas import NORMAL
from atelier.figures.svg.drawing import Frame, Plane
from atelier.figures.svg.scales import Scale
from atelier.figures.svg.scatter import place_words
from atelier_widgets.charts.axes import ValueAxis
from atelier_widgets.charts.base import NOT_A_NUMBER, Chart, Points, label, named, update

_PHONE = 300.0
"""Width of the plot that words are placed for: what is free of overlaps there is so on wider screens."""
_TOP, _BOTTOM = 24, 30


class ScatterChart(Chart):
    """Points between two axes of values."""

    kinds = ("scatter",)
    height = 420

    def __init__(self) -> None:
        super().__init__()
        self.along, self.up = ValueAxis(side="bottom"), ValueAxis()
        self.scales = {"x": self.along.scale, "y": self.up.scale}
        self.medians = bqplot.Lines(
            scales=self.scales, x=[], y=[], colors=[INK], stroke_width=1.0, line_style="dashed", enable_hover=False
        )
        self.context, self.dots = Points(self.scales, size=28, opacity=0.55), Points(self.scales, size=100)
        self.starts = label(self.scales, align="start", x_offset=9)
        self.ends = label(self.scales, align="end", x_offset=-9)
        self.upward = label(self.scales, align="end", y_offset=-7, colors=[INK])
        self.across = label(self.scales, align="middle", y_offset=-7, colors=[INK])

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        marks = [(one, mark) for one in figure.series for mark in one.marks]
        up, along = [mark.value or 0.0 for _, mark in marks], [mark.across or 0.0 for _, mark in marks]
        ups = self.up.fit(figure, min(up), max(up))
        alongs = self.along.fit(figure, min(along), max(along), table=figure.against)
        (_, high), (_, middle) = figure.references[0], figure.guides[0]
        update(
            self.medians,
            x=[alongs[0], alongs[-1], NOT_A_NUMBER, middle, middle],
            y=[high, high, NOT_A_NUMBER, ups[0], ups[-1]],
        )
        for dots, highlighted in ((self.context, False), (self.dots, True)):
            own = [(one, mark) for one, mark in marks if one.highlighted is highlighted]
            spots = [(mark.across or 0.0, mark.value or 0.0, one.color, mark) for one, mark in own]
            dots.draw(spots, [named(mark) for _, mark in own])
        plot = self.height - _TOP - _BOTTOM
        x = Scale(alongs[0], alongs[-1], 0.0, _PHONE)
        y = Scale(ups[0], ups[-1], float(plot), 0.0)
        written = place_words(Plane(figure, Frame(0.0, 0.0, _PHONE, float(plot)), x, y, NORMAL))
        for words, anchor in ((self.starts, None), (self.ends, "end")):
            beside = [one for one in written if one.anchor == anchor]
            update(
                words,
                x=[one.mark.across or 0.0 for one in beside],
                y=[ups[0] + (plot - one.baseline + 0.35 * NORMAL) / plot * (ups[-1] - ups[0]) for one in beside],
                text=[one.words for one in beside],
                colors=[text_color(one.series.color) if one.series.highlighted else INK_SOFT for one in beside]
                or [INK],
            )
        update(self.upward, x=[alongs[-1]], y=[high], text=[figure.references[0][0]])
        update(self.across, x=[middle], y=[ups[-1]], text=[figure.guides[0][0]])
        self.fit(self.height, top=_TOP, bottom=_BOTTOM, left=self.up.margin, right=self.along.margin // 2)
        shown = [self.medians, *self.context.marks, *self.dots.marks, self.starts, self.ends, self.upward, self.across]
        self.show(shown, [self.up.axis, self.along.axis])
