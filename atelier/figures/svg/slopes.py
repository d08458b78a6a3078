"""Slopes between two states, with their words and values on both sides."""

from collections.abc import Sequence

from atelier.figures.palette import AXIS, INK, INK_SOFT, text_color
from atelier.figures.specification import Figure, Series
from atelier.figures.svg.canvas import LEADING, rule, spread, text, text_width, wrap
from atelier.figures.svg.drawing import Drawing, Frame, Plane, dot, size_for, told, touch
from atelier.figures.svg.scales import NARROW, Scale, seen_values

_LABEL_SHARE = 0.34


def draw_slopes(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return one slope for each series; those highlighted are labelled, or all when none is."""
    del name
    size, narrow = size_for(width), width < NARROW
    named = labelled(figure)
    room = (0.42 if narrow else _LABEL_SHARE) * width
    ends = {
        one.key: (
            [one.marks[0].text] if narrow else _label(one, 0, room, size),
            _label(one, 1, room, size),
        )
        for one in named
    }
    left, right = (
        max((text_width(line, size, bold=True) for pair in ends.values() for line in pair[side]), default=0.0) + 14
        for side in (0, 1)
    )
    needed = max((sum(len(ends[one.key][side]) * size * LEADING + 3 for one in named) for side in (0, 1)), default=0.0)
    height = max(height or (300.0 if narrow else 360.0), needed + 60)
    frame = Frame(left, size + 22, width - right, height - 26)
    values = seen_values(figure)
    x = Scale(0, 1, frame.left, frame.right)
    y = Scale(min(values), max(values), frame.bottom, frame.top)
    plane = Plane(figure, frame, x, y, size)
    body = []
    for place, mark in enumerate(figure.series[0].marks):
        body.append(rule(x(place), frame.top - 8, x(place), frame.bottom + 8, AXIS))
        anchor = ("end", None)[place] if narrow else "middle"
        body.append(text(x(place), size, mark.label, size=size, anchor=anchor, fill=INK, bold=True))
    for one in sorted(figure.series, key=lambda series: series.highlighted):
        body += _slope(plane, one)
    for side in (0, 1):
        body += _labels(plane, named, [ends[one.key][side] for one in named], side)
    return Drawing((*body, *_touches(plane)), height)


def labelled(figure: Figure) -> list[Series]:
    """Return the series whose words are written: those highlighted, or all when none is."""
    chosen = [one for one in figure.series if one.highlighted]
    return chosen or list(figure.series)


def _label(series: Series, side: int, room: float, size: float) -> list[str]:
    value = series.marks[side].text
    lines = wrap(series.label, room, size, lines=2, bold=True)
    joined = f"{lines[-1]} {value}"
    return [*lines[:-1], joined] if text_width(joined, size, bold=True) <= room else [*lines, value]


def _slope(plane: Plane, series: Series) -> list[str]:
    context = series not in labelled(plane.figure)
    spots = [
        (plane.x(place), plane.y(mark.value), mark) for place, mark in enumerate(series.marks) if mark.value is not None
    ]
    body = []
    if len(spots) > 1 and not series.breaks:
        (x1, y1, _), (x2, y2, _) = spots
        body.append(rule(x1, y1, x2, y2, series.color, width=1.25 if context else 2.5))
    radius = 2.5 if context else 4.0
    return body + [dot(across, up, mark, series.color, radius) for across, up, mark in spots]


def _labels(plane: Plane, named: Sequence[Series], texts: Sequence[list[str]], side: int) -> list[str]:
    size, sign = plane.size, 1 if side else -1
    edge = plane.x(side) + sign * 12
    placed = [
        (plane.y(one.marks[side].value or 0.0), lines, one)
        for one, lines in zip(named, texts, strict=True)
        if one.marks[side].value is not None
    ]
    placed.sort(key=lambda item: item[0])
    heights = [len(lines) * size * LEADING + 3 for _, lines, _ in placed]
    low, high = plane.frame.top - size, plane.frame.bottom + size + 8
    withheld = [(one, lines) for one, lines in zip(named, texts, strict=True) if one.marks[side].value is None]
    under = sum(len(lines) * size * LEADING + 3 for _, lines in withheld)
    centres = spread([up for up, _, _ in placed], heights, low, max(high - under, low + sum(heights)))
    body, anchor = [], None if side else "end"
    for (up, lines, one), centre in zip(placed, centres, strict=True):
        if abs(centre - up) > size * 0.6:
            body.append(rule(plane.x(side) + sign * 5, up, edge - sign * 2, centre, one.color, width=0.75))
        baseline = centre - (len(lines) - 1) * size * LEADING / 2 + size * 0.35
        body.append(text(edge, baseline, lines, size=size, anchor=anchor, fill=text_color(one.color), bold=True))
    down = high - under + size
    for _, lines in withheld:
        body.append(text(edge, down, lines, size=size, anchor=anchor, fill=INK_SOFT))
        down += len(lines) * size * LEADING + 3
    return body


def _touches(plane: Plane) -> list[str]:
    return [
        touch(plane.x(place), plane.y(mark.value), told(plane.figure, one, mark))
        for one in labelled(plane.figure)
        for place, mark in enumerate(one.marks)
        if mark.value is not None
    ]
