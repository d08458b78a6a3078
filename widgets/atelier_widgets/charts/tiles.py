"""A tile map: the squares of the printed one, filled by class; a click chooses a territory."""

import bqplot

from atelier.figures import Figure, FigureKind, Territories
from atelier.figures.palette import INK, text_over
from atelier.figures.svg.canvas import text_width
from atelier_widgets.charts.base import PHONE, label, update
from atelier_widgets.charts.maps import MapChart, Points, class_of

_GAP = 0.03
_LETTERS = 12.0
_LINES = 2.8
"""Heights of letters that a square needs to hold its value too."""


class TileChart(MapChart):
    """One square per territory, with its letters."""

    kinds: tuple[FigureKind, ...] = ("tiles",)

    def __init__(self) -> None:
        super().__init__()
        self.letters, self.values = self._label(), self._label()

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        super().draw(figure)
        if figure.territories is None:
            return
        marks = {mark.key: mark for mark in figure.series[0].marks}
        values = {code: mark for code, mark in marks.items() if mark.value is not None}
        tiles = figure.territories.tiles
        colors = [text_over(class_of(values[code], figure).color) if code in values else INK for code in tiles]
        across = [tile.column + 0.5 for tile in tiles.values()]
        texts = {code: figure.table.format(mark.value, mark.status, with_unit=False) for code, mark in marks.items()}
        side = PHONE / (max(across) + 0.5)
        longest = max(text_width(texts.get(code, ""), _LETTERS) for code in tiles)
        roomy = side >= max(_LINES * _LETTERS, longest + 2)
        up = [tile.row + (0.34 if roomy and code in marks else 0.5) for code, tile in tiles.items()]
        update(self.letters, x=across, y=up, text=[tile.letters for tile in tiles.values()], colors=colors)
        update(
            self.values,
            x=across,
            y=[tile.row + 0.7 for tile in tiles.values()],
            text=[texts.get(code, "") if roomy else "" for code in tiles],
            colors=colors,
        )
        self.show([*self.areas.values(), self.chosen, self.codes, self.letters, self.values], [])

    def _label(self) -> bqplot.Label:
        return label(self.scales, colors=[INK], align="middle", default_size=_LETTERS, apply_clip=True)

    def outline(self, territories: Territories) -> dict[str, Points]:
        """Return a square for each territory."""
        return {code: _square(tile.column, tile.row) for code, tile in territories.tiles.items()}

    def box(self, territories: Territories) -> tuple[float, float]:
        """Return the columns and rows of the grid."""
        tiles = territories.tiles.values()
        return 1.0 + max(tile.column for tile in tiles), 1.0 + max(tile.row for tile in tiles)


def _square(column: int, row: int) -> Points:
    left, top, right, bottom = column + _GAP, row + _GAP, column + 1 - _GAP, row + 1 - _GAP
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
