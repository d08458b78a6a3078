"""A key figure: the latest value large, its change in words, and a small line."""

import bqplot

from atelier.figures import Figure
from atelier.figures.kinds.key import latest_mark
from atelier.figures.palette import AXIS, INK, INK_SOFT, PAPER
from atelier.figures.svg.keyfigures import BIG
from atelier.figures.svg.lines import segments
from atelier_widgets.charts.base import TEXT_SIZE, Chart, named, number, path, tooltip, update

_TOP = 96
"""Height in pixels of the words above the line."""
_HIGH = 70
"""Height in pixels of the line."""
_MARGIN = 26
"""Room in pixels for half of the words at an end of the line."""


class KeyChart(Chart):
    """Words over a small line."""

    kinds = ("key",)
    height = 230

    def __init__(self) -> None:
        super().__init__()
        self.years, self.values = bqplot.LinearScale(), bqplot.LinearScale()
        self.scales = {"x": self.years, "y": self.values}
        self.line = bqplot.Lines(x=[], y=[], scales=self.scales, stroke_width=2.0, enable_hover=False)
        self.rules = bqplot.Lines(
            x=[], y=[], scales=self.scales, colors=[AXIS], stroke_width=1.0, line_style="dashed", enable_hover=False
        )
        self.points = self._scatter(marker="circle", default_size=32)
        self.flagged = self._scatter(marker="diamond", default_size=48)
        box = {"x": bqplot.LinearScale(min=0.0, max=1.0), "y": bqplot.LinearScale(min=0.0, max=1.0)}
        self.value = self._label(box, BIG, font_weight="bold", align="start", colors=[INK])
        self.words = self._label(box, TEXT_SIZE + 1, font_weight="normal", align="start", colors=[INK_SOFT])
        self.ends = self._label(self.scales, TEXT_SIZE, font_weight="bold", align="middle", colors=[INK], y_offset=-12)
        self.dates = self._label(self.scales, TEXT_SIZE, font_weight="normal", align="middle", colors=[INK_SOFT])

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        value, unit, change = figure.headline or ("", "", "")
        series = figure.series[0]
        seen = [mark for mark in series.marks if mark.value is not None]
        is_line = bool(figure.x) and len(seen) > 1
        margin = _MARGIN if is_line else 2
        update(self.value, x=[0.0], y=[1.0], text=[value], x_offset=-margin, y_offset=28)
        update(
            self.words,
            x=[0.0, 0.0],
            y=[1.0, 1.0 - 20 / self.height],
            text=[unit, change],
            x_offset=-margin,
            y_offset=62,
        )
        marks: list[bqplot.Mark] = [self.value, self.words]
        if is_line:
            self._draw_line(figure)
            marks += [self.rules, self.line, self.points, self.flagged, self.ends, self.dates]
        self.fit(self.height if is_line else _TOP, top=2, bottom=2, left=margin, right=margin + 4)
        self.show(marks, [])

    def _draw_line(self, figure: Figure) -> None:
        series = figure.series[0]
        seen = [mark for mark in series.marks if mark.value is not None]
        low, high = min(map(number, seen)), max(map(number, seen))
        unit = (high - low or abs(high) or 1.0) / _HIGH
        floor, ceiling = low - 34 * unit, high + (_TOP + 26) * unit
        update(self.values, min=floor, max=ceiling)
        years = [int(mark.key) for mark in series.marks]
        update(self.years, min=float(min(years)), max=float(max(years)))
        across, up = path(series)
        update(self.line, x=across, y=up, colors=[series.color])
        first, last = seen[0], latest_mark(series)
        alone = [run[0] for run in segments(series) if len(run) == 1]
        for scatter, flagged in ((self.points, False), (self.flagged, True)):
            shown = [mark for mark in seen if (mark.status not in ("A", "B")) is flagged]
            update(
                scatter,
                x=[float(mark.key) for mark in shown],
                y=[number(mark) for mark in shown],
                names=[named(mark) for mark in shown],
                colors=[series.color],
                opacities=[1.0 if flagged or mark in (first, last, *alone) else 0.0 for mark in shown] or [1.0],
            )
        ends = list(dict.fromkeys((first, last)))
        update(
            self.ends,
            x=[float(mark.key) for mark in ends],
            y=[number(mark) for mark in ends],
            text=[mark.text for mark in ends],
        )
        update(
            self.dates,
            x=[float(mark.key) for mark in ends],
            y=[floor + 8 * unit] * len(ends),
            text=[mark.label for mark in ends],
        )
        places = [int(year) - 0.5 for year, _ in figure.breaks]
        update(
            self.rules,
            x=[[place, place] for place in places],
            y=[[low - 8 * unit, high + 8 * unit] for _ in places],
            visible=bool(places),
        )

    def _scatter(self, **options: object) -> bqplot.Scatter:
        return bqplot.Scatter(
            x=[],
            y=[],
            scales=self.scales,
            stroke=PAPER,
            stroke_width=1.0,
            display_names=False,
            enable_hover=False,
            tooltip=tooltip(),
            **options,
        )

    def _label(self, scales: dict[str, bqplot.Scale], size: float, **options: object) -> bqplot.Label:
        return bqplot.Label(
            x=[], y=[], text=[], scales=scales, default_size=size, enable_hover=False, apply_clip=False, **options
        )
