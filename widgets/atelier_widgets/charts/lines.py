"""Time series: one line per series, cut at breaks and at missing values, the last value written at its end."""

import bqplot

from atelier.figures import Figure, Mark, Series
from atelier.figures.palette import AXIS, PAPER, text_color
from atelier_widgets.charts.axes import ValueAxis, YearAxis
from atelier_widgets.charts.base import Chart, label, named, number, path, tooltip, update

_STRONG, _QUIET = 3.0, 2.0
_CHARACTER = 7.6
_LINE_HEIGHT = 16
_USUAL_WIDTH = 420
_FLAGGED = ("U", "P", "F")


class LineChart(Chart):
    """Lines over years."""

    kinds = ("line", "multiples")

    def __init__(self) -> None:
        super().__init__()
        self.years, self.values = YearAxis(), ValueAxis()
        self.scales = {"x": self.years.scale, "y": self.values.scale}
        self.lines: list[bqplot.Lines] = []
        self.rules = bqplot.Lines(
            scales=self.scales, colors=[AXIS], stroke_width=1.0, line_style="dashed", enable_hover=False
        )
        self.points = self._scatter(fill=True)
        self.flagged = self._scatter(fill=False)
        self.ends = self._label(align="start", x_offset=8, font_weight="bold")
        self.words = self._label(align="start", x_offset=5, y_offset=8, font_weight="normal")

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        marks = [mark for series in figure.series for mark in series.marks]
        years = sorted({int(mark.key) for mark in marks})
        drawn = [mark.value for mark in marks if mark.value is not None]
        lines = [value for _, value in figure.references]
        ticks = self.values.fit(figure, min(drawn + lines, default=0.0), max(drawn + lines, default=1.0))
        self.years.fit(years)
        self._draw_lines(figure)
        self._draw_points(figure)
        self._draw_rules(figure, years, ticks)
        longest = self._draw_ends(figure, ticks[-1] - ticks[0])
        self.fit(self.height, top=14, bottom=30, left=self.values.margin, right=longest)
        self.show(
            [self.rules, *self.lines, self.points, self.flagged, self.ends, self.words],
            [self.values.axis, self.years.axis],
        )

    def _draw_lines(self, figure: Figure) -> None:
        while len(self.lines) < len(figure.series):
            self.lines.append(bqplot.Lines(scales=self.scales, enable_hover=False))
        for line, series in zip(self.lines, _background_first(figure), strict=False):
            x, y = path(series)
            width = _STRONG if series.highlighted or len(figure.series) == 1 else _QUIET
            update(line, x=x, y=y, colors=[series.color], stroke_width=width, visible=True)
        for line in self.lines[len(figure.series) :]:
            line.visible = False

    def _draw_points(self, figure: Figure) -> None:
        for scatter, is_flagged in ((self.points, False), (self.flagged, True)):
            shown = [
                (series, mark)
                for series in _background_first(figure)
                for mark in series.marks
                if mark.value is not None and (mark.status in _FLAGGED) is is_flagged
            ]
            prefix = {series.key: f"{series.label}, " if len(figure.series) > 1 else "" for series in figure.series}
            update(
                scatter,
                x=[float(mark.key) for _, mark in shown],
                y=[number(mark) for _, mark in shown],
                names=[prefix[series.key] + named(mark) for series, mark in shown],
                colors=[series.color for series, _ in shown] or [AXIS],
            )

    def _draw_rules(self, figure: Figure, years: list[int], ticks: list[float]) -> None:
        across = [([years[0] - 0.4, years[-1] + 0.4], [value, value]) for _, value in figure.references]
        upright = [([int(year) - 0.5] * 2, [ticks[0], ticks[-1]]) for year, _ in figure.breaks]
        rules = [*across, *upright]
        update(self.rules, x=[x for x, _ in rules], y=[y for _, y in rules], visible=bool(rules))
        room = (years[-1] - years[0] + 1) * _CHARACTER / _USUAL_WIDTH
        at: list[tuple[float, float, str]] = []
        for year, words in figure.breaks:
            # Breaks of years that follow one another share the words of the first.
            if not at or int(year) - 0.5 > at[-1][0] + room * len(at[-1][2]):
                at.append((float(int(year) - 0.5), ticks[-1], words))
        at += [(years[0] - 0.4, value, words) for words, value in figure.references]
        update(self.words, x=[x for x, _, _ in at], y=[y for _, y, _ in at], text=[words for *_, words in at])

    def _draw_ends(self, figure: Figure, span: float) -> int:
        """Write the last value of each line, moved apart where they would overlap; return the room they take."""
        ends = [(series, mark) for series in figure.series if (mark := _last(series)) is not None]
        ends.sort(key=lambda end: number(end[1]))
        gap = span * _LINE_HEIGHT / (self.height - 44)
        places: list[float] = []
        for _, mark in ends:
            places.append(max(number(mark), places[-1] + gap) if places else number(mark))
        update(
            self.ends,
            x=[float(mark.key) for _, mark in ends],
            y=places,
            text=[mark.text for _, mark in ends],
            colors=[text_color(series.color) for series, _ in ends] or [AXIS],
        )
        return round(14 + _CHARACTER * max((len(mark.text) for _, mark in ends), default=0))

    def _scatter(self, *, fill: bool) -> bqplot.Scatter:
        return bqplot.Scatter(
            x=[],
            y=[],
            scales=self.scales,
            default_size=24 if fill else 44,
            stroke=None if fill else PAPER,
            stroke_width=1.0,
            fill=True,
            marker="circle" if fill else "diamond",
            display_names=False,
            enable_hover=False,
            tooltip=tooltip(),
        )

    def _label(self, **options: object) -> bqplot.Label:
        return label(self.scales, **options)


def _background_first(figure: Figure) -> list[Series]:
    return sorted(figure.series, key=lambda series: series.highlighted)


def _last(series: Series) -> Mark | None:
    return next((mark for mark in reversed(series.marks) if mark.value is not None), None)
