"""A heat table: a row per series, a cell per year or category, its value written in it."""

import bqplot

from atelier.figures import Figure, Mark
from atelier.figures.palette import EMPTY, INK, PAPER, text_over
from atelier.figures.svg.canvas import wrap
from atelier.figures.svg.heats import HEAD_LINES, cell_text, column_width
from atelier_widgets.charts.base import PHONE, TEXT_SIZE, Chart, label, named, rectangle, tooltip, update
from atelier_widgets.charts.maps import class_of

_ROW = 28
"""Height of a cell in pixels; the others below are in cells."""
_TALL, _LINE, _AIR = 1.72, 0.5, 0.4
"""A cell with the name above it, a line of the words of columns, and the room between blocks of columns."""
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
        blocks, each = _blocks(figure)
        heads = [wrap(mark.label, PHONE / each - 4, _LETTERS, lines=HEAD_LINES) for mark in figure.series[0].marks]
        self.shape = len(figure.series), len(heads)
        head = max(map(len, heads)) * _LINE + 0.2
        block = head + len(figure.series) * _TALL + _AIR
        cells = [
            (series, mark, float(rank % each), rank // each * block + head + (row + 1) * _TALL - 1)
            for row, series in enumerate(figure.series)
            for rank, mark in enumerate(series.marks)
        ]
        boxes = [rectangle(x + _EDGE, y + _EDGE, x + 1 - _EDGE, y + 1 - _EDGE) for *_, x, y in cells]
        colors = [_color(figure, mark) for _, mark, _, _ in cells]
        update(
            self.cells,
            x=[across for across, _ in boxes],
            y=[up for _, up in boxes],
            colors=[INK if mark.is_forecast else PAPER for _, mark, _, _ in cells],
            fill_colors=colors,
            fill_opacities=[1.0] * len(cells),
            labels=[f"{series.label}, {named(mark)}" for series, mark, _, _ in cells],
        )
        update(
            self.values,
            x=[x + 0.5 for *_, x, _ in cells],
            y=[y + 0.5 for *_, y in cells],
            text=[cell_text(figure, mark) for _, mark, _, _ in cells],
            colors=[text_over(color) for color in colors],
        )
        tops = [rank * block for rank in range(blocks)]
        names = [
            (top + head + row * _TALL + (_TALL - 1) / 2, one.label)
            for top in tops
            for row, one in enumerate(figure.series)
        ]
        update(self.names, x=[0.0] * len(names), y=[y for y, _ in names], text=[words for _, words in names])
        lines = [
            (rank % each + 0.5, tops[rank // each] + head - 0.2 - (len(words) - place - 0.5) * _LINE, line)
            for rank, words in enumerate(heads)
            for place, line in enumerate(words)
        ]
        update(self.heads, x=[x for x, *_ in lines], y=[y for _, y, _ in lines], text=[line for *_, line in lines])
        update(self.columns, min=0.0, max=float(each))
        update(self.rows, min=0.0, max=blocks * block)
        self.fit(round(blocks * block * _ROW) + 8, top=4, bottom=4, left=0, right=0)
        self.show([self.cells, self.values, self.names, self.heads], [])

    def _label(self, **options: object) -> bqplot.Label:
        size = TEXT_SIZE if options["align"] == "start" else _LETTERS
        return label(self.scales, **{"colors": [INK], "default_size": size, **options})


def _blocks(figure: Figure) -> tuple[int, int]:
    """Return in how many blocks columns stand, so that all fits a phone, and how many columns each has."""
    columns = len(figure.series[0].marks)
    blocks = -(-columns // max(1, int(PHONE // column_width(figure, _LETTERS))))
    return blocks, -(-columns // blocks)


def _color(figure: Figure, mark: Mark) -> str:
    return EMPTY if mark.value is None else class_of(mark, figure).color
