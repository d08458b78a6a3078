"""A tile map: one square per territory, all of one size, filled by class as a map is."""

from atelier.figures.palette import EMPTY, INK, PAPER, text_over
from atelier.figures.phrases import say
from atelier.figures.specification import Figure, Mark
from atelier.figures.svg.canvas import SMALL, rule, tag, text, text_width, title
from atelier.figures.svg.drawing import Drawing, size_for, told
from atelier.figures.svg.maps import far_tiles, hatch, map_legend, mark_fill
from atelier.figures.svg.scales import NARROW
from atelier.figures.territories import Tile

_LARGEST = 64.0
_SMALLEST_TEXT = 9.0


def draw_tiles(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return a tile map."""
    del height
    shapes = figure.territories
    if shapes is None:
        raise ValueError("a tile map without tiles: build_figure gives them.")
    size, narrow = size_for(width), width < NARROW
    legend_width = 0.0 if narrow else min(210.0, 0.28 * width)
    columns = 1 + max(tile.column for tile in shapes.tiles.values())
    rows = 1 + max(tile.row for tile in shapes.tiles.values())
    side = min(_LARGEST, (width - legend_width - 4) / columns)
    marks = {mark.key: mark for mark in figure.series[0].marks}
    placed = sorted(shapes.tiles.items(), key=lambda item: _stands_out(marks.get(item[0])))
    body = [hatch(name)]
    for code, tile in placed:
        body += _square(figure, tile, marks.get(code), side, name)
    y = rows * side + 12
    legend, legend_height = map_legend(figure, size, marks, name)
    if narrow:
        body.append(tag("g", *legend, transform=f"translate(0 {y:.1f})"))
        y += legend_height + 10
    else:
        body.append(tag("g", *legend, transform=f"translate({width - legend_width + 10:.1f} 30)"))
        y = max(y, legend_height + 40)
    far, far_height = far_tiles(
        figure, [mark for mark in figure.series[0].marks if mark.key not in shapes.tiles], width, name
    )
    body.append(tag("g", *(far or [""]), transform=f"translate(0 {y:.1f})"))
    return Drawing(tuple(body), y + far_height)


def _square(figure: Figure, tile: Tile, mark: Mark | None, side: float, name: str) -> list[str]:
    x, y = 1 + tile.column * side, 1 + tile.row * side
    fill = mark_fill(figure, mark, name)
    words = say("mark.no_figure", figure.language) if mark is None else told(figure, figure.series[0], mark)
    bold = mark is not None and mark.highlighted
    withheld = mark is not None and mark.value is None
    color = INK if withheld or fill == EMPTY else text_over(fill)
    look: dict[str, object] = {"stroke": INK, "stroke_width": 2.5} if bold else {"stroke": PAPER, "stroke_width": 1.5}
    box = {"x": x, "y": y, "width": side - 1, "height": side - 1}
    body = [tag("rect", title(words), **box, fill=fill, **look)]
    value = "" if mark is None else _value(figure, mark)
    size = min(SMALL, max(_SMALLEST_TEXT, side * 0.3))
    both = bool(value) and side >= 3.2 * size and text_width(value, size) <= side - 2
    middle = x + (side - 1) / 2
    up = y + side * (0.4 if both else 0.5) + size * (0.2 if both else 0.35)
    body.append(text(middle, up, tile.letters, size=size, anchor="middle", fill=color, bold=bold, halo=withheld))
    if both:
        body.append(text(middle, y + side * 0.82, value, size=size, anchor="middle", fill=color, bold=bold))
    if mark is not None and mark.is_forecast:
        body.append(rule(x + 4, y + side - 5, x + side - 5, y + side - 5, color, dash="3 2"))
    return body


def _value(figure: Figure, mark: Mark) -> str:
    return mark.text if mark.value is None else figure.table.format(mark.value, mark.status, with_unit=False)


def _stands_out(mark: Mark | None) -> bool:
    return mark is not None and mark.highlighted
