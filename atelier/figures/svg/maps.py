"""A map of territories in classes of colour, with tiles for those far away and a legend of ranges."""

from collections.abc import Callable, Iterable

from atelier.figures.classes import class_rank
from atelier.figures.palette import AXIS, EMPTY, INK, PAPER, text_over
from atelier.figures.phrases import say
from atelier.figures.specification import Figure, Mark
from atelier.figures.svg.canvas import rule, tag, text, text_width, title, wrap
from atelier.figures.svg.drawing import Drawing, size_for, told
from atelier.figures.svg.scales import NARROW
from atelier.figures.territories import Shape, Territories

_TILE_WIDE, _TILE_TALL, _TILE_GAP = 104.0, 52.0, 8.0
_SWATCH = 16.0
_ROOM = 12.0
"""Least distance in pixels from a territory's centre to its border for its value to be written there."""
_OVERHANG = 2.6
"""Widest words that a territory holds, in times that distance."""


def draw_map(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return a map."""
    del height
    shapes = figure.territories
    if shapes is None:
        raise ValueError("a map without shapes: build_figure gives them.")
    size, narrow = size_for(width), width < NARROW
    legend_width = 0.0 if narrow else min(210.0, 0.28 * width)
    scale = min((width - legend_width) / shapes.width, 600.0 / shapes.height)
    marks = {mark.key: mark for mark in figure.series[0].marks}
    body = [hatch(name), *_land(figure, shapes, marks, scale, name)]
    y = shapes.height * scale + 10
    legend, legend_height = map_legend(figure, size, marks, name)
    if narrow:
        body.append(tag("g", *legend, transform=f"translate(0 {y:.1f})"))
        y += legend_height + 10
    else:
        start = width - legend_width + 10
        body.append(tag("g", *legend, transform=f"translate({start:.1f} 30)"))
        y = max(y, legend_height + 40)
    far = [mark for mark in figure.series[0].marks if mark.key not in shapes.shapes]
    tiles, tiles_height = far_tiles(figure, far, width, name)
    body.append(tag("g", *(tiles or [""]), transform=f"translate(0 {y:.1f})"))
    return Drawing(tuple(body), y + tiles_height)


def mark_fill(figure: Figure, mark: Mark | None, name: str) -> str:
    """Return the fill of a territory: its class, hatching when its value is withheld, a ground when it has none."""
    if mark is None:
        return EMPTY
    if mark.value is None:
        return f"url(#{name}-h)"
    bounds = [figure.classes[0].lower, *(one.upper for one in figure.classes)]
    return figure.classes[class_rank(mark.value, bounds)].color


def _land(figure: Figure, shapes: Territories, marks: dict[str, Mark], scale: float, name: str) -> list[str]:
    areas, outlines, values = [], [], []
    for code, shape in shapes.shapes.items():
        mark = marks.get(code)
        words = say("mark.no_figure", figure.language) if mark is None else told(figure, figure.series[0], mark)
        look = {"stroke": PAPER, "stroke_width": 1.0 / scale, "stroke_linejoin": "round"}
        areas.append(tag("path", title(words), d=shape.path, fill=mark_fill(figure, mark, name), **look))
        if mark is not None and mark.highlighted:
            bold = {"stroke": INK, "stroke_width": 2.5 / scale, "stroke_linejoin": "round"}
            outlines.append(tag("path", d=shape.path, fill="none", **bold))
        if mark is not None:
            values += _written(figure, mark, shape, scale, name)
    return [tag("g", *areas, *outlines, transform=f"scale({scale:.4f})"), *values]


def _written(figure: Figure, mark: Mark, shape: Shape, scale: float, name: str) -> list[str]:
    """Return a territory's value where there is room for it; otherwise the pointer and the table tell it."""
    room = shape.room * scale
    size = min(13.0, max(10.0, room * 0.5))
    withheld = mark.value is None
    words = mark.text if withheld else figure.table.format(mark.value, mark.status, with_unit=False)
    if room < _ROOM or text_width(words, size) > _OVERHANG * room:
        return []
    color = INK if withheld else text_over(mark_fill(figure, mark, name))
    x, y = shape.center[0] * scale, shape.center[1] * scale + size * 0.35
    return [text(x, y, words, size=size, anchor="middle", fill=color, bold=mark.highlighted, halo=withheld)]


def legend_rows(figure: Figure, marks: Iterable[Mark], name: str) -> list[tuple[str, str]]:
    """Return fill and words of each class, from low to high, then of each letter that stands for no value."""
    letters = sorted({mark.text for mark in marks if mark.value is None})
    return [(one.color, one.label) for one in figure.classes] + [(f"url(#{name}-h)", words) for words in letters]


def map_legend(figure: Figure, size: float, marks: dict[str, Mark], name: str) -> tuple[list[str], float]:
    """Return the title of values and the colours of classes, from high to low, and the height they take."""
    rows = legend_rows(figure, marks.values(), name)
    rows = rows[: len(figure.classes)][::-1] + rows[len(figure.classes) :]
    shapes = figure.territories
    drawn = () if shapes is None else shapes.tiles if figure.kind == "tiles" else shapes.shapes
    if any(code not in marks for code in drawn):
        rows.append((EMPTY, say("mark.no_figure", figure.language)))
    body, y = [text(0.0, size, figure.y_title, size=size, bold=True)], size + 10
    for fill, words in rows:
        box = {"x": 0.0, "y": y, "width": _SWATCH * 1.6, "height": _SWATCH}
        body.append(tag("rect", **box, fill=fill, stroke=AXIS, stroke_width=0.5))
        body.append(text(_SWATCH * 1.6 + 8, y + _SWATCH / 2 + size * 0.35, words, size=size))
        y += _SWATCH + 5
    return body, y


def far_tiles(figure: Figure, far: list[Mark], width: float, name: str) -> tuple[list[str], float]:
    """Return tiles for territories without a shape on the map, filled by class, and the height they take."""
    return place_tiles(figure, far, width, lambda mark: mark_fill(figure, mark, name))


def place_tiles(
    figure: Figure, far: list[Mark], width: float, fill_of: Callable[[Mark], str]
) -> tuple[list[str], float]:
    """Return tiles that tell name and value, in rows, and the height they take."""
    if not far:
        return [], 0.0
    rows = -(-len(far) // max(2, int((width + _TILE_GAP) // (_TILE_WIDE + _TILE_GAP))))
    columns = -(-len(far) // rows)
    wide = min(1.5 * _TILE_WIDE, (width - _TILE_GAP * (columns - 1)) / columns)
    body = []
    for rank, mark in enumerate(far):
        left, top = rank % columns * (wide + _TILE_GAP), rank // columns * (_TILE_TALL + _TILE_GAP)
        fill, withheld = fill_of(mark), mark.value is None
        color = INK if withheld else text_over(fill)
        look = {"stroke": INK if mark.highlighted else AXIS, "stroke_width": 2.5 if mark.highlighted else 0.5}
        box = {"x": left, "y": top, "width": wide, "height": _TILE_TALL}
        body.append(tag("rect", title(told(figure, figure.series[0], mark)), **box, fill=fill, **look))
        lines = wrap(mark.label, wide - 10, 11.0, lines=2)
        body.append(text(left + 6, top + 14, lines, size=11.0, fill=color, halo=withheld))
        at = (left + 6, top + _TILE_TALL - 8)
        body.append(text(*at, mark.text, size=size_for(width), fill=color, bold=True, halo=withheld))
    return body, rows * (_TILE_TALL + _TILE_GAP)


def hatch(name: str) -> str:
    """Return the definition of the hatching that stands for a withheld value."""
    lines = rule(0, 0, 0, 6, AXIS, width=2.0)
    ground = tag("rect", width=6, height=6, fill=PAPER)
    pattern = {"id": f"{name}-h", "width": 6, "height": 6, "patternUnits": "userSpaceOnUse"}
    return tag("defs", tag("pattern", ground, lines, patternTransform="rotate(45)", **pattern))
