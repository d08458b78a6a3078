"""A distribution: a bar per class of value, the median and the highlighted ones marked across."""

import bqplot

from atelier.figures import Figure
from atelier.figures.palette import GRID, INK, INK_SOFT, PAPER
from atelier.figures.svg.canvas import text_width, wrap
from atelier.figures.svg.scales import tick_texts
from atelier_widgets.charts.axes import TICK_STYLE, tick_key
from atelier_widgets.charts.base import TEXT_SIZE, Chart, named, rectangle, tooltip, update

_FORESEEN = 0.45
_LINE = 19
"""Height in pixels of the words of a line across, above the bars."""
_FEW = 7
"""Most bounds written along the axis."""
_PHONE = 320
"""Width of a drawing on a phone."""


def _fitted(figure: Figure, label: str, value: float) -> str:
    """Return a name and its value, the name cut short where it would leave the drawing on a phone."""
    low, high = figure.classes[0].lower, figure.classes[-1].upper
    share = (value - low) / (high - low)
    told = figure.table.format(value)
    room = _PHONE * max(share, 1 - share) - text_width(told, TEXT_SIZE, bold=True)
    return f"{wrap(label, room, TEXT_SIZE, lines=1, bold=True)[0]} {told}"


class DistributionChart(Chart):
    """Bars that touch, one per class."""

    kinds = ("distribution",)

    def __init__(self) -> None:
        super().__init__()
        self.values, self.counts = bqplot.LinearScale(), bqplot.LinearScale(min=0.0)
        self.scales = {"x": self.values, "y": self.counts}
        self.axis = bqplot.Axis(scale=self.values, side="bottom", grid_lines="none", color=GRID, tick_style=TICK_STYLE)
        self.bars = bqplot.Lines(
            x=[],
            y=[],
            scales=self.scales,
            colors=[PAPER],
            stroke_width=1.0,
            fill="inside",
            enable_hover=False,
            tooltip=tooltip(),
        )
        self.rules = bqplot.Lines(
            x=[], y=[], scales=self.scales, colors=[INK], stroke_width=1.5, line_style="dashed", enable_hover=False
        )
        self.numbers = self._label(align="middle", font_weight="normal", colors=[INK_SOFT])
        self.left = self._label(align="start", font_weight="bold", colors=[INK])
        self.right = self._label(align="end", font_weight="bold", colors=[INK])

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        classes, marks = figure.classes, figure.series[0].marks
        heights = [mark.value or 0.0 for mark in marks]
        rows = len(figure.references)
        room = self.height - 30
        most = max(heights) * room / (room - _LINE * (rows + 1.2))
        boxes = [rectangle(one.lower, height, one.upper, 0.0) for one, height in zip(classes, heights, strict=True)]
        update(
            self.bars,
            x=[across for across, _ in boxes],
            y=[up for _, up in boxes],
            colors=[PAPER] * len(boxes),
            fill_colors=[one.color for one in classes],
            fill_opacities=[_FORESEEN if mark.is_forecast else 1.0 for mark in marks],
            labels=[named(mark) for mark in marks],
        )
        middles = [(one.lower + one.upper) / 2 for one in classes]
        update(self.numbers, x=middles, y=heights, text=[mark.text if mark.value else "" for mark in marks])
        self._draw_references(figure, most)
        self._draw_axis(figure)
        update(self.values, min=classes[0].lower, max=classes[-1].upper)
        update(self.counts, min=0.0, max=most)
        self.fit(self.height, top=4, bottom=30, left=22, right=22)
        self.show([self.bars, self.rules, self.numbers, self.left, self.right], [self.axis])

    def _draw_references(self, figure: Figure, most: float) -> None:
        step = most * _LINE / (self.height - 34)
        middle = (figure.classes[0].lower + figure.classes[-1].upper) / 2
        lines = [(label, value, most - (rank + 0.6) * step) for rank, (label, value) in enumerate(figure.references)]
        update(self.rules, x=[[value, value] for _, value, _ in lines], y=[[0.0, top] for *_, top in lines])
        self.rules.colors = [INK] * len(lines)
        for words, shown in (
            (self.left, [line for line in lines if line[1] <= middle]),
            (self.right, [line for line in lines if line[1] > middle]),
        ):
            update(
                words,
                x=[value for _, value, _ in shown],
                y=[top for *_, top in shown],
                text=[_fitted(figure, label, value) for label, value, _ in shown],
            )

    def _draw_axis(self, figure: Figure) -> None:
        bounds = [figure.classes[0].lower, *(one.upper for one in figure.classes)]
        texts = dict(zip(bounds, tick_texts(bounds, figure.table), strict=True))
        step = -(-len(bounds) // _FEW)
        shown = bounds[::step]
        update(self.axis, tick_values=shown, tick_labels={tick_key(one): texts[one] for one in shown})

    def _label(self, **options: object) -> bqplot.Label:
        return bqplot.Label(
            x=[],
            y=[],
            text=[],
            scales=self.scales,
            default_size=TEXT_SIZE,
            x_offset={"start": 5, "end": -5}.get(str(options["align"]), 0),
            y_offset=-8 if options["align"] == "middle" else 0,
            enable_hover=False,
            apply_clip=False,
            **options,
        )
