"""A map of points: circles whose area is the value, over the outline of the territories."""

from math import sqrt

from atelier.figures.palette import ACCENT, AXIS, CONTEXT, EMPTY, INK, INK_SOFT, PAPER
from atelier.figures.specification import Figure, Mark
from atelier.figures.svg.canvas import rule, tag, text, text_width, title
from atelier.figures.svg.drawing import Drawing, size_for, told
from atelier.figures.svg.maps import place_tiles
from atelier.figures.svg.scales import NARROW
from atelier.figures.territories import Territories

LARGEST = 0.042
"""Radius of the largest circle, as a share of the map's width."""
NAMED = 3
"""Circles named when none is highlighted."""
_OPACITY, _QUIET = 0.62, 0.4


def draw_points(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return a map of points."""
    del height, name
    shapes = figure.territories
    if shapes is None:
        raise ValueError("a map of points without places: build_figure gives them.")
    size, narrow = size_for(width), width < NARROW
    legend_width = 0.0 if narrow else min(180.0, 0.24 * width)
    scale = min((width - legend_width) / shapes.width, 600.0 / shapes.height)
    largest = LARGEST * shapes.width * scale
    most = max((mark.value or 0.0 for mark in figure.series[0].marks), default=0.0) or 1.0
    look = {"fill": EMPTY, "stroke": PAPER, "stroke_width": 1.2 / scale, "stroke_linejoin": "round"}
    land = [tag("path", d=shape.path, **look) for shape in shapes.shapes.values()]
    body = [tag("g", *land, transform=f"scale({scale:.4f})")]
    placed = [mark for mark in figure.series[0].marks if mark.key in shapes.places]
    for mark in sorted(placed, key=lambda one: one.highlighted):
        x, y = (scale * side for side in shapes.places[mark.key])
        body.append(_circle(figure, mark, (x, y), radius(mark, most, largest)))
    body += _names(figure, shapes, placed, scale, width)
    y = shapes.height * scale + 10
    legend, legend_height = _legend(figure, most, largest, size)
    if narrow:
        body.append(tag("g", *legend, transform=f"translate(0 {y:.1f})"))
        y += legend_height + 10
    else:
        body.append(tag("g", *legend, transform=f"translate({width - legend_width + 10:.1f} 30)"))
    far = [mark for mark in figure.series[0].marks if mark.key not in shapes.places]
    tiles, tall = place_tiles(figure, far, width, lambda _: PAPER)
    body.append(tag("g", *(tiles or [""]), transform=f"translate(0 {y:.1f})"))
    return Drawing(tuple(body), y + tall)


def radius(mark: Mark, most: float, largest: float) -> float:
    """Return the radius of a circle whose area is to the largest one's as its value is to the highest."""
    return largest * sqrt((mark.value or 0.0) / most)


def named_marks(figure: Figure) -> list[Mark]:
    """Return the marks named beside their circle: those the figure is about, else the largest ones."""
    known = figure.territories.places if figure.territories else {}
    shown = [mark for mark in figure.series[0].marks if mark.key in known and mark.value is not None]
    return [mark for mark in shown if mark.highlighted] or shown[:NAMED]


def point_color(figure: Figure, mark: Mark) -> str:
    """Return the colour of a circle: grey when another is the one the figure is about."""
    about = any(one.highlighted for one in figure.series[0].marks)
    return CONTEXT if about and not mark.highlighted else ACCENT


def _circle(figure: Figure, mark: Mark, place: tuple[float, float], size: float) -> str:
    words, color = title(told(figure, figure.series[0], mark)), point_color(figure, mark)
    where = {"cx": float(place[0]), "cy": float(place[1])}
    if mark.value is None:
        return tag("circle", words, **where, r=4.0, fill=PAPER, stroke=AXIS, stroke_dasharray="2 2")
    if mark.status in ("F", "U"):
        return tag("circle", words, **where, r=size, fill=PAPER, fill_opacity=0.6, stroke=color, stroke_dasharray="3 2")
    opacity = _OPACITY if color == ACCENT else _QUIET
    return tag("circle", words, **where, r=size, fill=color, fill_opacity=opacity, stroke=PAPER, stroke_width=0.75)


def _names(figure: Figure, shapes: Territories, placed: list[Mark], scale: float, width: float) -> list[str]:
    size = size_for(width)
    most = max((mark.value or 0.0 for mark in figure.series[0].marks), default=0.0) or 1.0
    body: list[str] = []
    taken: list[float] = []
    for mark in named_marks(figure):
        if mark not in placed:
            continue
        x, y = (scale * side for side in shapes.places[mark.key])
        away = radius(mark, most, LARGEST * shapes.width * scale) + 4
        words = f"{mark.label} {mark.text}"
        room = text_width(words, size, bold=True)
        right = x + away + room <= width
        start = x + away if right else max(0.0, x - away - room)
        baseline = y + size * 0.35 if right or x - away - room >= 0 else y - away
        if any(abs(baseline - other) < size + 2 for other in taken) and not mark.highlighted:
            continue
        taken.append(baseline)
        body.append(text(start, baseline, words, size=size, bold=True, halo=True))
    return body


def _legend(figure: Figure, most: float, largest: float, size: float) -> tuple[list[str], float]:
    """Return two circles inside one another, for the highest value and a quarter of it."""
    base = size + 14 + 2 * largest
    body = [text(0.0, size, figure.y_title, size=size, bold=True)]
    for value in (most, most / 4):
        ray = largest * sqrt(value / most)
        body.append(tag("circle", cx=largest, cy=base - ray, r=ray, fill="none", stroke=INK_SOFT))
        up = base - 2 * ray
        body.append(rule(largest, up, 2 * largest + 8, up, INK_SOFT, width=0.75))
        body.append(text(2 * largest + 12, up + size * 0.35, figure.table.format(value), size=size, fill=INK))
    return body, base + 4
