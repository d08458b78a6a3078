"""A heat table: a row per series, a cell per year or category, its value written in it."""

import bqplot

from atelier.figures import Figure, Mark
from atelier.figures.palette import EMPTY, INK, PAPER, text_over
from atelier.figures.svg.heats import cell_text
from atelier_widgets.charts.base import TEXT_SIZE, Chart, named, rectangle, tooltip, update
from atelier_widgets.charts.maps import class_of

_ROW = 28
_NAME = 20
_LETTERS = 11.0
_EDGE = 0.02


class HeatChart(Chart):
    """Cells in rows; each row's name stands above it, so that long names fit a phone."""

    kinds = ("heat",)

    def __init__(self) -> None:
        super().__init__()
        self.columns, self.rows = bqplot.LinearScale(), bqplot.LinearScale(reverse=True)
        self.scales = {"x": self.columns, "y": self.rows}
        self.cells = bqplot.Lines(
            x=[],
            y=[],
            scales=self.scales,
            colors=[PAPER],
            stroke_width=1.0,
            fill="inside",
            enable_hover=False,
            tooltip=tooltip(),
        )
        self.values = self._label(align="middle", font_weight="normal")
        self.names = self._label(align="start", font_weight="bold")
        self.heads = self._label(align="middle", font_weight="normal")
        self.shape = (0, 0)

    def can_draw(self, figure: Figure) -> bool:
        """Return whether it has as many cells: bqplot does not lay out again a drawing whose height changes."""
        shape = len(figure.series), len(figure.series[0].marks)
        return super().can_draw(figure) and self.shape in ((0, 0), shape)

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        tall = 1.0 + _NAME / _ROW
        heads = [mark.label for mark in figure.series[0].marks]
        self.shape = len(figure.series), len(heads)
        cells = [
            (mark, column, (row + 1) * tall - 1)
            for row, series in enumerate(figure.series)
            for column, mark in enumerate(series.marks)
        ]
        boxes = [rectangle(x + _EDGE, y + _EDGE, x + 1 - _EDGE, y + 1 - _EDGE) for _, x, y in cells]
        prefixes = [series.label for series in figure.series for _ in series.marks]
        colors = [_color(figure, mark) for mark, _, _ in cells]
        update(
            self.cells,
            x=[across for across, _ in boxes],
            y=[up for _, up in boxes],
            colors=[INK if mark.is_forecast else PAPER for mark, _, _ in cells],
            fill_colors=colors,
            fill_opacities=[1.0] * len(cells),
            labels=[f"{prefix}, {named(mark)}" for prefix, (mark, _, _) in zip(prefixes, cells, strict=True)],
        )
        update(
            self.values,
            x=[x + 0.5 for _, x, _ in cells],
            y=[y + 0.5 for _, _, y in cells],
            text=[cell_text(figure, mark) for mark, _, _ in cells],
            colors=[text_over(color) for color in colors],
        )
        update(
            self.names,
            x=[0.0] * len(figure.series),
            y=[row * tall + _NAME / _ROW / 2 for row in range(len(figure.series))],
            text=[series.label for series in figure.series],
        )
        update(self.heads, x=[rank + 0.5 for rank in range(len(heads))], y=[-0.3] * len(heads), text=heads)
        update(self.columns, min=0.0, max=float(len(heads)))
        update(self.rows, min=-0.6, max=len(figure.series) * tall)
        self.fit(round((len(figure.series) * tall + 0.6) * _ROW) + 8, top=4, bottom=4, left=0, right=0)
        self.show([self.cells, self.values, self.names, self.heads], [])

    def _label(self, **options: object) -> bqplot.Label:
        return bqplot.Label(
            x=[],
            y=[],
            text=[],
            scales=self.scales,
            colors=[INK],
            default_size=TEXT_SIZE if options["align"] == "start" else _LETTERS,
            enable_hover=False,
            apply_clip=False,
            **options,
        )


def _color(figure: Figure, mark: Mark) -> str:
    return EMPTY if mark.value is None else class_of(mark, figure).color
