"""A map of territories in classes of colour, with tiles for those far away and a legend of ranges."""

from atelier.figures.classes import class_rank
from atelier.figures.palette import AXIS, EMPTY, INK, PAPER, text_over
from atelier.figures.phrases import say
from atelier.figures.specification import Figure, Mark
from atelier.figures.svg.canvas import rule, tag, text, text_width, title, wrap
from atelier.figures.svg.drawing import Drawing, size_for
from atelier.figures.svg.scales import NARROW
from atelier.figures.territories import Territories

_TILE_TALL, _TILE_GAP = 52.0, 8.0
_SWATCH = 16.0
_ROOM = 12.0
"""Least distance in pixels from a territory's centre to its border for its value to be written there."""


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
    body = [_hatch(name), *_land(figure, shapes, marks, scale, name)]
    y = shapes.height * scale + 10
    legend, legend_height = _legend(figure, size, marks, name)
    if narrow:
        body.append(tag("g", *legend, transform=f"translate(0 {y:.1f})"))
        y += legend_height + 10
    else:
        start = width - legend_width + 10
        body.append(tag("g", *legend, transform=f"translate({start:.1f} 30)"))
        y = max(y, legend_height + 40)
    far = [mark for mark in figure.series[0].marks if mark.key not in shapes.shapes]
    tiles, y = _tiles(figure, far, width, y, size, name)
    return Drawing((*body, *tiles), y)


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
        if mark is None:
            label = figure.table.dimension(figure.x).label(code, figure.language)
            words = (
                say("mark.no_figure", figure.language)
                if label == code
                else f"{label} : {say('mark.no_figure', figure.language)}"
            )
        else:
            words = f"{mark.label} : {mark.text}"
        fill = mark_fill(figure, mark, name)
        look = {"fill": fill, "stroke": PAPER, "stroke_width": 1.0 / scale, "stroke_linejoin": "round"}
        areas.append(tag("path", title(words), d=shape.path, **look))
        if mark is None:
            continue
        if mark.highlighted:
            bold = {"stroke": INK, "stroke_width": 2.5 / scale, "stroke_linejoin": "round"}
            outlines.append(tag("path", d=shape.path, fill="none", **bold))
        if shape.room * scale >= _ROOM:
            x, y = shape.center
            words = mark.text if mark.value is None else _bare(figure, mark)
            color = INK if mark.value is None else text_over(fill)
            size = min(13.0, max(10.0, shape.room * scale * 0.5))
            if text_width(words, size) < 2.6 * shape.room * scale:
                at = (x * scale, y * scale + size * 0.35)
                values.append(
                    text(
                        *at,
                        words,
                        size=size,
                        anchor="middle",
                        fill=color,
                        bold=mark.highlighted,
                        halo=mark.value is None,
                    )
                )
    return [tag("g", *areas, *outlines, transform=f"scale({scale:.4f})"), *values]


def _bare(figure: Figure, mark: Mark) -> str:
    return figure.table.format(mark.value, mark.status, with_unit=False)


def _legend(figure: Figure, size: float, marks: dict[str, Mark], name: str) -> tuple[list[str], float]:
    rows = [(one.color, one.label) for one in reversed(figure.classes)]
    rows += [
        (f"url(#{name}-h)", words) for words in sorted({mark.text for mark in marks.values() if mark.value is None})
    ]
    shapes = figure.territories
    if shapes is not None and any(code not in marks for code in shapes.shapes):
        rows.append((EMPTY, say("mark.no_figure", figure.language)))
    body, y = [text(0.0, size, figure.y_title, size=size, bold=True)], size + 10
    for fill, words in rows:
        box = {"x": 0.0, "y": y, "width": _SWATCH * 1.6, "height": _SWATCH}
        body.append(tag("rect", **box, fill=fill, stroke=AXIS, stroke_width=0.5))
        body.append(text(_SWATCH * 1.6 + 8, y + _SWATCH / 2 + size * 0.35, words, size=size))
        y += _SWATCH + 5
    return body, y


def _tiles(figure: Figure, far: list[Mark], width: float, y: float, size: float, name: str) -> tuple[list[str], float]:
    """Return tiles for territories without a shape on the map, in rows, and where they end."""
    if not far:
        return [], y
    most = max(2, int((width + _TILE_GAP) // (104.0 + _TILE_GAP)))
    columns = min(len(far), most)
    rows = -(-len(far) // columns)
    columns = -(-len(far) // rows)
    wide = min(150.0, (width - _TILE_GAP * (columns - 1)) / columns)
    body = []
    for rank, mark in enumerate(far):
        left = rank % columns * (wide + _TILE_GAP)
        top = y + rank // columns * (_TILE_TALL + _TILE_GAP)
        fill = mark_fill(figure, mark, name)
        color = INK if mark.value is None else text_over(fill)
        edge = INK if mark.highlighted else AXIS
        box = {"x": left, "y": top, "width": wide, "height": _TILE_TALL}
        look = {"stroke": edge, "stroke_width": 2.5 if mark.highlighted else 0.5}
        body.append(tag("rect", title(f"{mark.label} : {mark.text}"), **box, fill=fill, **look))
        lines = wrap(mark.label, wide - 10, 11.0, lines=2)
        halo = mark.value is None
        body.append(text(left + 6, top + 14, lines, size=11.0, fill=color, halo=halo))
        body.append(text(left + 6, top + _TILE_TALL - 8, mark.text, size=size, fill=color, bold=True, halo=halo))
    return body, y + rows * (_TILE_TALL + _TILE_GAP)


def _hatch(name: str) -> str:
    lines = rule(0, 0, 0, 6, AXIS, width=2.0)
    ground = tag("rect", width=6, height=6, fill=PAPER)
    pattern = {"id": f"{name}-h", "width": 6, "height": 6, "patternUnits": "userSpaceOnUse"}
    return tag("defs", tag("pattern", ground, lines, patternTransform="rotate(45)", **pattern))
