"""A key figure: the latest value large, its change in words, and a small line with its first and last values."""

from atelier.figures.kinds.key import latest_mark
from atelier.figures.palette import AXIS, INK, INK_SOFT
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.svg.canvas import LEADING, SMALL, polyline, rule, tag, text, text_width, wrap
from atelier.figures.svg.drawing import Drawing, Frame, Plane, dot, size_for, told, touch
from atelier.figures.svg.lines import break_places, place, segments
from atelier.figures.svg.scales import NARROW, Scale, years_of

BIG = 40.0
_SPARK = 84.0
_WORDS = 0.44
"""Share of the width that words take beside the line."""


def draw_key(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return a key figure: words on the left and the line on the right, or under one another on a phone."""
    del height, name
    narrow = width < NARROW
    spark = figure.x != "" and len([mark for mark in figure.series[0].marks if mark.value is not None]) > 1
    room = width if narrow or not spark else _WORDS * width
    body, tall = _words(figure, room, size_for(width))
    if not spark:
        return Drawing(tuple(body), tall)
    left, top = (0.0, tall + 10) if narrow else (room + 12, 6.0)
    drawn = _spark(figure, Frame(left, top, width, top + _SPARK + 34))
    return Drawing((*body, *drawn), max(tall, top + _SPARK + 40))


def _words(figure: Figure, room: float, size: float) -> tuple[list[str], float]:
    value, unit, change = figure.headline or ("", "", "")
    shrunk = min(BIG, BIG * room / max(text_width(value, BIG, bold=True), 1.0))
    body = [text(0.0, BIG, value, size=shrunk, bold=True)]
    y = BIG + size + 10
    for words, color in ((unit, INK_SOFT), (change, INK)):
        if words:
            lines = wrap(words, room, size, lines=3)
            body.append(text(0.0, y, lines, size=size, fill=color))
            y += len(lines) * size * LEADING + 4
    return body, y


def _spark(figure: Figure, frame: Frame) -> list[str]:
    series = figure.series[0]
    years = years_of(figure)
    seen = [mark for mark in series.marks if mark.value is not None]
    first, last = seen[0], latest_mark(series)
    values = [mark.value for mark in seen if mark.value is not None]
    ends = [text_width(mark.text, SMALL, bold=True) / 2 + 2 for mark in (first, last)]
    x = Scale(years[0], years[-1], frame.left + max(ends[0], 16.0), frame.right - max(ends[1], 16.0))
    y = Scale(min(values), max(values), frame.bottom - SMALL - 24, frame.top + SMALL + 12)
    plane = Plane(figure, frame, x, y, SMALL)
    body = _breaks(plane, years)
    for run in segments(series):
        points = [place(mark, x, y) for mark in run]
        if len(points) > 1:
            dash = "4 3" if run[0].is_forecast else None
            line = {"stroke": series.color, "stroke_width": 2.0, "stroke_linejoin": "round", "stroke_dasharray": dash}
            body.append(tag("path", d=polyline(points), fill="none", **line))
    marked = [mark for mark in seen if mark in (first, last) or mark.status not in ("A", "B")]
    marked += [run[0] for run in segments(series) if len(run) == 1 and run[0] not in marked]
    body += [dot(*place(mark, x, y), mark, series.color) for mark in marked]
    body += _ends(plane, first, last)
    body += _withheld(plane, series)
    return body + [touch(*place(mark, x, y), told(figure, series, mark)) for mark in seen]


def _ends(plane: Plane, first: Mark, last: Mark) -> list[str]:
    body = []
    for mark in dict.fromkeys((first, last)):
        across, up = place(mark, plane.x, plane.y)
        body.append(text(across, up - 9, mark.text, size=SMALL, anchor="middle", bold=True, halo=True))
        body.append(text(across, plane.frame.bottom - 4, mark.label, size=SMALL, anchor="middle", fill=INK_SOFT))
    return body


def _withheld(plane: Plane, series: Series) -> list[str]:
    up = plane.frame.bottom - SMALL - 10
    return [
        text(plane.x(int(mark.key)), up, mark.text, size=10.0, anchor="middle", fill=INK_SOFT, halo=True)
        for mark in series.marks
        if mark.value is None
    ] + [
        text(*_above(plane, mark), f"[{mark.status}]", size=10.0, anchor="middle", fill=INK_SOFT, halo=True)
        for mark in series.marks
        if mark.is_forecast and mark.value is not None
    ]


def _above(plane: Plane, mark: Mark) -> tuple[float, float]:
    across, up = place(mark, plane.x, plane.y)
    return across, up - 8


def _breaks(plane: Plane, years: list[int]) -> list[str]:
    return [
        rule(across, plane.frame.top + 4, across, plane.frame.bottom - SMALL - 12, AXIS, dash="4 3")
        for across in break_places(plane.figure, plane.x, years)
    ]
