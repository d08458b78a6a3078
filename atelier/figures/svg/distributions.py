"""A distribution: a bar per class of value, the median and the highlighted ones marked across."""

from atelier.figures.palette import AXIS, INK, INK_SOFT
from atelier.figures.specification import Figure, Mark
from atelier.figures.svg.canvas import rule, tag, text, text_width, title, wrap
from atelier.figures.svg.drawing import Drawing, Frame, Plane, size_for, told, value_grid
from atelier.figures.svg.scales import NARROW, Scale, tick_texts, value_ticks

_FORESEEN = 0.45
"""Opacity of bars that count forecasts."""


def draw_distribution(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return bars that touch, one per class."""
    del name
    size, narrow = size_for(width), width < NARROW
    height = height or (300.0 if narrow else min(400.0, max(300.0, 0.46 * width)))
    marks = figure.series[0].marks
    places = _counts(marks)
    texts = [f"{place:.0f}" for place in places]
    row = size + 6
    top = size + 8 + row * len(figure.references) + size + 8
    bounds = [figure.classes[0].lower, *(one.upper for one in figure.classes)]
    words = tick_texts(bounds, figure.table)
    left = max(text_width(one, size) for one in texts) + 10
    frame = Frame(left, top, width - text_width(words[-1], size) / 2 - 2, height - 2 * size - 20)
    x = Scale(bounds[0], bounds[-1], frame.left, frame.right)
    plane = Plane(figure, frame, x, Scale(places[0], places[-1], frame.bottom, frame.top), size)
    body = [text(0.0, size, figure.y_title, size=size, fill=INK_SOFT)]
    body += value_grid(frame, plane.y, places, texts, size)
    body += [_bar(plane, rank) for rank in range(len(marks))]
    body += [_count(plane, rank) for rank, mark in enumerate(marks) if mark.value]
    body += _bounds(plane, bounds, words)
    axis = wrap(figure.x_title if figure.table.card.unit.kind != "share" else figure.subtitle, width, size, lines=1)
    body.append(text((frame.left + frame.right) / 2, height - 4, axis, size=size, anchor="middle", fill=INK_SOFT))
    for rank, (label, value) in enumerate(figure.references):
        body += _reference(plane, label, value, size + 8 + row * (rank + 1))
    return Drawing(tuple(body), height)


def _counts(marks: tuple[Mark, ...]) -> list[float]:
    """Return whole ticks for counts."""
    most = max(mark.value or 0.0 for mark in marks)
    places = value_ticks([most], 5, from_zero=True)
    return [place for place in places if place == int(place)] if most > 1 else [0.0, 1.0]


def _bar(plane: Plane, rank: int) -> str:
    figure, mark = plane.figure, plane.figure.series[0].marks[rank]
    one = figure.classes[rank]
    left, right, up = plane.x(one.lower), plane.x(one.upper), plane.y(mark.value or 0.0)
    foreseen = {"fill_opacity": _FORESEEN, "stroke": one.color, "stroke_dasharray": "3 2"} if mark.is_forecast else {}
    words = title(told(figure, figure.series[0], mark))
    box = {"x": left + 0.5, "y": up, "width": right - left - 1, "height": plane.frame.bottom - up}
    return tag("rect", words, **box, fill=one.color, **foreseen)


def _count(plane: Plane, rank: int) -> str:
    mark, one = plane.figure.series[0].marks[rank], plane.figure.classes[rank]
    across = (plane.x(one.lower) + plane.x(one.upper)) / 2
    up = plane.y(mark.value or 0.0) - 4
    return text(across, up, mark.text, size=plane.size, anchor="middle", bold=mark.highlighted, halo=True)


def _bounds(plane: Plane, bounds: list[float], words: list[str]) -> list[str]:
    room = max(text_width(one, plane.size) for one in words) + 10
    step = max(1, -int(-room // (plane.x(bounds[1]) - plane.x(bounds[0]))))
    body = [rule(plane.frame.left, plane.frame.bottom, plane.frame.right, plane.frame.bottom, AXIS)]
    for place, one in list(zip(bounds, words, strict=True))[::step]:
        across, down = plane.x(place), plane.frame.bottom
        body.append(rule(across, down, across, down + 4, AXIS))
        body.append(text(across, down + 7 + plane.size, one, size=plane.size, anchor="middle", fill=INK_SOFT))
    return body


def _reference(plane: Plane, label: str, value: float, baseline: float) -> list[str]:
    """Return a line across the bars, named above them on the side where there is room."""
    across, size = plane.x(value), plane.size
    right = plane.frame.right - across > across - plane.frame.left
    room = plane.frame.right - across if right else across
    told_value = plane.figure.table.format(value)
    words = (
        f"{wrap(label, room - text_width(told_value, size, bold=True) - 14, size, lines=1, bold=True)[0]} {told_value}"
    )
    start, anchor = (across + 6, None) if right else (across - 6, "end")
    return [
        rule(across, baseline - size + 2, across, plane.frame.bottom, INK, dash="2 2"),
        text(start, baseline, words, size=size, anchor=anchor, bold=True, halo=True),
    ]
