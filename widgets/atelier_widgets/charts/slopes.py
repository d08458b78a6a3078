"""Slopes between two states, with their values on both sides and their words on the right."""

import bqplot

from atelier.figures import Figure, Series
from atelier.figures.palette import GRID, INK, text_color
from atelier.figures.svg.canvas import spread, wrap
from atelier.figures.svg.slopes import labelled
from atelier_widgets.charts.axes import TICK_STYLE
from atelier_widgets.charts.base import Chart, Points, label, named, update

_CHARACTER = 7.6
_LINE_HEIGHT = 17.0
_TOP, _BOTTOM = 26, 12
_ROOM = 150.0
"""Room for words on the right, in pixels: what a phone can spare."""


class SlopeChart(Chart):
    """One straight line for each series."""

    kinds = ("slope",)

    def __init__(self) -> None:
        super().__init__()
        self.states, self.values = bqplot.LinearScale(min=0.0, max=1.0), bqplot.LinearScale()
        self.axis = bqplot.Axis(
            scale=self.states,
            side="top",
            grid_lines="solid",
            grid_color=GRID,
            color="transparent",
            tick_style=TICK_STYLE,
        )
        self.scales = {"x": self.states, "y": self.values}
        self.lines: list[bqplot.Lines] = []
        self.context, self.dots = Points(self.scales, size=20), Points(self.scales)
        self.starts = label(self.scales, align="end", x_offset=-10, font_weight="bold")
        self.ends = label(self.scales, align="start", x_offset=10, font_weight="bold")
        self.tall = 0

    def can_draw(self, figure: Figure) -> bool:
        """Return whether its height suits: bqplot does not lay out again a drawing whose height changes."""
        return super().can_draw(figure) and self.tall in (0, self._tall(figure))

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        self.tall = self._tall(figure)
        marks = [mark.value for one in figure.series for mark in one.marks if mark.value is not None]
        low, high = min(marks), max(marks)
        update(self.values, min=low, max=high if high > low else low + 1.0)
        states = {str(rank): mark.label for rank, mark in enumerate(figure.series[0].marks)}
        update(self.axis, tick_values=[0.0, 1.0], tick_labels=states)
        order = sorted(figure.series, key=lambda one: one.highlighted)
        self._draw_lines(figure, order)
        shown = [(one, rank, mark) for one in order for rank, mark in enumerate(one.marks) if mark.value is not None]
        about = labelled(figure)
        for dots, is_about in ((self.context, False), (self.dots, True)):
            own = [(one, rank, mark) for one, rank, mark in shown if (one in about) is is_about]
            spots = [(float(rank), mark.value or 0.0, one.color, mark) for one, rank, mark in own]
            dots.draw(spots, [f"{one.label}, {named(mark)}" for one, _, mark in own])
        left = self._write(figure, 0, self.starts)
        right = self._write(figure, 1, self.ends)
        self.fit(self.tall, top=_TOP, bottom=_BOTTOM, left=left, right=right)
        self.show([*self.lines, *self.context.marks, *self.dots.marks, self.starts, self.ends], [self.axis])

    def _tall(self, figure: Figure) -> int:
        return max(self.height, round(len(labelled(figure)) * _LINE_HEIGHT) + _TOP + _BOTTOM)

    def _draw_lines(self, figure: Figure, order: list[Series]) -> None:
        while len(self.lines) < len(order):
            self.lines.append(bqplot.Lines(scales=self.scales, x=[], y=[], enable_hover=False))
        about = labelled(figure)
        for line, one in zip(self.lines, order, strict=False):
            values = [mark.value for mark in one.marks]
            joined = not one.breaks and None not in values
            y = [value for value in values if value is not None] if joined else []
            width = 3.0 if one in about else 1.5
            update(line, x=[0.0, 1.0] if joined else [], y=y, colors=[one.color], stroke_width=width, visible=joined)
        for line in self.lines[len(order) :]:
            line.visible = False

    def _write(self, figure: Figure, side: int, words: bqplot.Label) -> int:
        """Write values, moved apart where they would overlap; return the room they take."""
        low, high = self.values.min, self.values.max
        plot = self.tall - _TOP - _BOTTOM
        seen = [one for one in labelled(figure) if one.marks[side].value is not None]
        seen.sort(key=lambda one: -(one.marks[side].value or 0.0))
        wanted = [plot * (high - (one.marks[side].value or 0.0)) / (high - low) for one in seen]
        centres = spread(wanted, [_LINE_HEIGHT] * len(seen), -_LINE_HEIGHT / 2, plot + _LINE_HEIGHT / 2)
        texts = [one.marks[side].text for one in seen]
        if side:
            room = [_ROOM - _CHARACTER * len(text) for text in texts]
            names = [wrap(one.label, wide, lines=1, bold=True)[0] for one, wide in zip(seen, room, strict=True)]
            texts = [f"{text} {name}" for text, name in zip(texts, names, strict=True)]
        update(
            words,
            x=[float(side)] * len(seen),
            y=[high - centre / plot * (high - low) for centre in centres],
            text=texts,
            colors=[text_color(one.color) for one in seen] or [INK],
        )
        return round(18 + _CHARACTER * max(map(len, texts), default=0))
