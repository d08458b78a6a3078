"""Dots against the band of their peers: one row for each category, its words above it."""

from typing import Any

import bqplot

from atelier.figures import Figure
from atelier.figures.palette import BAND, BAND_CORE, INK, text_color
from atelier.figures.svg.dots import axis_values, row_label
from atelier_widgets.charts.axes import ValueAxis
from atelier_widgets.charts.base import NOT_A_NUMBER, Chart, Points, label, named, update

_ROW = 58
_BAND = 14.0
_TICK = 0.15
"""Half the height of a median's tick, as a share of a row."""


class DotsChart(Chart):
    """Bands, medians and dots along one axis of values."""

    kinds = ("dots",)

    def __init__(self) -> None:
        super().__init__()
        self.values, self.rows = ValueAxis(side="bottom"), bqplot.LinearScale()
        self.scales = {"x": self.values.scale, "y": self.rows}
        self.light, self.dark = (self._line([color], _BAND) for color in (BAND, BAND_CORE))
        self.middle = self._line([INK], 2.0)
        self.dots = Points(self.scales)
        self.names = label(self.scales, colors=[INK], align="start", y_offset=-26)
        self.numbers = label(self.scales, align="middle", y_offset=-17, font_weight="bold")
        self.count = 0

    def can_draw(self, figure: Figure) -> bool:
        """Return whether it has as many rows: bqplot does not lay out again a drawing whose height changes."""
        return super().can_draw(figure) and self.count in (0, len(figure.bands))

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        bands = figure.bands
        self.count = len(bands)
        place = {band.key: float(-rank) for rank, band in enumerate(bands)}
        values = axis_values(figure)
        low = self.values.fit(figure, min(values), max(values))[0]
        update(self.rows, min=0.5 - len(bands), max=0.7)
        self._segments(self.light, [((band.low, band.high), (place[band.key],) * 2) for band in bands])
        core = [((band.lower, band.upper), (place[band.key],) * 2) for band in bands if band.lower is not None]
        self._segments(self.dark, core)
        ticks = [((band.middle,) * 2, (place[band.key] - _TICK, place[band.key] + _TICK)) for band in bands]
        self._segments(self.middle, ticks)
        shown = [(one, mark) for one in figure.series for mark in one.marks if mark.value is not None]
        spots = [(mark.value or 0.0, place[mark.key], one.color, mark) for one, mark in shown if mark.key in place]
        words = [named(mark) if len(figure.series) == 1 else f"{one.label}, {named(mark)}" for one, mark in shown]
        self.dots.draw(spots, words)
        row_names = [_row_words(figure, band.key) for band in bands] if figure.x else []
        update(self.names, x=[low] * len(row_names), y=list(place.values())[: len(row_names)], text=row_names)
        self._write(figure, place, low)
        margin = self.values.margin // 2
        self.fit(_ROW * len(bands) + 40, top=4, bottom=30, left=margin, right=margin)
        marks = [self.light, self.dark, self.middle, *self.dots.marks, self.names, self.numbers]
        self.show(marks, [self.values.axis])

    def _write(self, figure: Figure, place: dict[str, float], low: float) -> None:
        """Write the values of a single series; several dots in a row are told by their colour, and by pointing."""
        told = [(one, mark) for one in figure.series for mark in one.marks if mark.key in place]
        if figure.x:
            told = [(one, mark) for one, mark in told if mark.value is not None]
        if len(figure.series) > 1:
            told = [(one, mark) for one, mark in told if mark.value is None]
        update(
            self.numbers,
            x=[low if mark.value is None else mark.value for _, mark in told],
            y=[place[mark.key] for _, mark in told],
            text=[mark.text for _, mark in told],
            colors=[text_color(one.color) for one, _ in told] or [INK],
        )

    def _line(self, colors: list[str], width: float) -> bqplot.Lines:
        return bqplot.Lines(scales=self.scales, x=[], y=[], colors=colors, stroke_width=width, enable_hover=False)

    def _segments(self, line: bqplot.Lines, ends: list[tuple[tuple[Any, Any], tuple[float, float]]]) -> None:
        """Draw separate segments as one line with gaps; none at its end, where bqplot puts the words of a line."""
        x = [value for across, _ in ends for value in (*across, NOT_A_NUMBER)][:-1]
        y = [value for _, up in ends for value in (*up, NOT_A_NUMBER)][:-1]
        update(line, x=x, y=y, visible=bool(ends))


def _row_words(figure: Figure, key: str) -> str:
    """Return the words over a row, with the letters of the dots that it lacks."""
    letters = [
        f"{one.label} {mark.text}"
        for one in figure.series
        for mark in one.marks
        if mark.key == key and mark.value is None
    ]
    return " · ".join([row_label(figure, key), *letters])
